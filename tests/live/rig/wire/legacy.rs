//! Message sets, formats v0 and v1, and the requests that carry them: what brokers before 0.11 keep and take.
//!
//! ```text
//! entry    offset i64 | size i32 | crc u32 of all that follows | magic i8 | attributes i8 | time i64 (v1) | key |
//! value wrapper  an entry whose value is a compressed set; in v1 the offsets inside count from 0 and the wrapper has
//! the last's
//! ```

use anyhow::{Context as _, Result, ensure};
use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};

use super::batch::{Batch, LOG_APPEND_TIME, ReadBatch};
use super::codec::{Codec, Lz4Header};
use crate::rig::record::Record;

/// A message format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Format {
    /// No timestamps, no headers. Before 0.10.
    V0 = 0,
    /// Timestamps, no headers. 0.10.
    V1 = 1,
    /// Record batches. Since 0.11.
    #[default]
    V2 = 2,
}

/// The bytes of a batch in format v0 or v1. Headers, and in v0 timestamps, are lost.
pub(super) fn encode(batch: &Batch, format: Format) -> Result<Bytes> {
    let mut set = BytesMut::new();
    for (offset, record) in (0_i64..).zip(&batch.records) {
        put_entry(&mut set, format, offset, Codec::None, record)?;
    }
    if batch.codec == Codec::None {
        return Ok(set.freeze());
    }
    let packed = batch.compress(&set)?;
    let packed = if batch.codec == Codec::Lz4 { lz4_header(format).apply(packed)? } else { packed };
    let timestamp = batch.records.iter().map(|record| record.timestamp).max().unwrap_or(-1);
    let wrapper = Record { timestamp, value: Some(packed.into()), ..Record::default() };
    let mut entry = BytesMut::new();
    put_entry(&mut entry, format, i64::try_from(batch.records.len())? - 1, batch.codec, &wrapper)?;
    Ok(entry.freeze())
}

/// Takes one whole entry off the front of `set`, with every record in it; none when the rest is cut short.
pub(super) fn take(set: &mut Bytes) -> Result<Option<ReadBatch>> {
    let Some(entry) = take_entry(set)? else { return Ok(None) };
    let next_offset = entry.record.offset + 1;
    let records = if entry.codec == Codec::None { vec![entry.record] } else { unwrap(&entry)? };
    Ok(Some(ReadBatch { next_offset, producer_id: -1, is_transactional: false, control: None, records }))
}

/// The body of a Produce request v1 or v2 with one batch.
pub(super) fn produce_body(topic: &str, partition: i32, set: &[u8], timeout_ms: i32) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    body.put_i16(-1);
    body.put_i32(timeout_ms);
    put_partition(&mut body, topic, partition)?;
    body.put_i32(i32::try_from(set.len())?);
    body.put_slice(set);
    Ok(body)
}

/// The body of a Fetch request v1 or v2 for one partition.
pub(super) fn fetch_body(topic: &str, partition: i32, offset: i64, bytes_max: i32) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    body.put_i32(-1);
    body.put_i32(200);
    body.put_i32(1);
    put_partition(&mut body, topic, partition)?;
    body.put_i64(offset);
    body.put_i32(bytes_max);
    Ok(body)
}

/// Skips to what an answer says about the one partition it is about: after its topic and number.
pub(super) fn skip_to_partition(answer: &mut Bytes, topic: &str) -> Result<()> {
    let skip = 4 + 2 + topic.len() + 4 + 4;
    ensure!(answer.len() >= skip + 2, "an answer of {} bytes", answer.len());
    answer.advance(skip);
    Ok(())
}

fn put_partition(body: &mut Vec<u8>, topic: &str, partition: i32) -> Result<()> {
    body.put_i32(1);
    body.put_i16(i16::try_from(topic.len())?);
    body.put_slice(topic.as_bytes());
    body.put_i32(1);
    body.put_i32(partition);
    Ok(())
}

/// One entry of a set; its value is a set itself if it is compressed.
pub(super) struct Entry {
    pub(super) format: Format,
    pub(super) codec: Codec,
    /// The broker has put its own time in place of the records' (LogAppendTime).
    is_stamped: bool,
    pub(super) record: Record,
}

/// The records inside a compressed entry, with absolute offsets.
pub(super) fn unwrap(wrapper: &Entry) -> Result<Vec<Record>> {
    let mut records = unpack(wrapper)?;
    if wrapper.is_stamped {
        // Nothing inside was touched: the wrapper's time counts for all.
        for record in &mut records {
            record.timestamp = wrapper.record.timestamp;
        }
    }
    let last = records.last().context("an empty compressed entry")?.offset;
    if wrapper.format == Format::V1 {
        for record in &mut records {
            record.offset += wrapper.record.offset - last;
        }
    }
    Ok(records)
}

/// The offsets inside a compressed entry as they are written.
pub(super) fn inner_offsets(wrapper: &Entry) -> Result<Vec<i64>> {
    Ok(unpack(wrapper)?.into_iter().map(|record| record.offset).collect())
}

fn unpack(wrapper: &Entry) -> Result<Vec<Record>> {
    let packed = wrapper.record.value.as_ref().context("a compressed entry without a value")?;
    let plain = if wrapper.codec == Codec::Lz4 {
        wrapper.codec.decompress(&Lz4Header::Frame.apply(packed.to_vec())?)?
    } else {
        wrapper.codec.decompress(packed)?
    };
    let mut inner = Bytes::from(plain);
    let mut records = Vec::new();
    while let Some(entry) = take_entry(&mut inner)? {
        records.push(entry.record);
    }
    ensure!(inner.is_empty(), "{} bytes after the last entry", inner.len());
    Ok(records)
}

pub(super) fn take_entry(set: &mut Bytes) -> Result<Option<Entry>> {
    if set.len() < 12 {
        return Ok(None);
    }
    let mut head = set.slice(..12);
    let offset = head.get_i64();
    let size = usize::try_from(head.get_i32()).context("negative entry size")?;
    if set.len() < 12 + size {
        return Ok(None);
    }
    let mut entry = set.split_to(12 + size);
    entry.advance(12);
    ensure!(entry.len() >= 14, "an entry of {size} bytes at offset {offset}");
    let crc = entry.get_u32();
    ensure!(crc == crc32(&entry), "wrong checksum of the entry at offset {offset}");
    let format = if entry.get_u8() == 0 { Format::V0 } else { Format::V1 };
    let attributes = i16::from(entry.get_u8());
    let (codec, is_stamped) = (Codec::from_attributes(attributes)?, attributes & LOG_APPEND_TIME != 0);
    let timestamp = if format == Format::V1 { entry.get_i64() } else { -1 };
    let key = get_bytes(&mut entry)?;
    let value = get_bytes(&mut entry)?;
    Ok(Some(Entry {
        format,
        codec,
        is_stamped,
        record: Record { offset, timestamp, key, value, headers: Vec::new(), format },
    }))
}

fn put_entry(set: &mut BytesMut, format: Format, offset: i64, codec: Codec, record: &Record) -> Result<()> {
    let mut body = BytesMut::new();
    body.put_u8(format as u8);
    body.put_u8(codec as u8);
    if format == Format::V1 {
        body.put_i64(record.timestamp);
    }
    for bytes in [&record.key, &record.value] {
        match bytes {
            None => body.put_i32(-1),
            Some(bytes) => {
                body.put_i32(i32::try_from(bytes.len())?);
                body.put_slice(bytes);
            }
        }
    }
    set.put_i64(offset);
    set.put_i32(i32::try_from(body.len() + 4)?);
    set.put_u32(crc32(&body));
    set.put_slice(&body);
    Ok(())
}

fn get_bytes(entry: &mut Bytes) -> Result<Option<Bytes>> {
    ensure!(entry.len() >= 4, "a field cut short");
    let length = entry.get_i32();
    if length < 0 {
        return Ok(None);
    }
    let length = usize::try_from(length)?;
    ensure!(length <= entry.len(), "a field cut short");
    Ok(Some(entry.split_to(length)))
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

fn lz4_header(format: Format) -> Lz4Header {
    if format == Format::V0 { Lz4Header::Kafka } else { Lz4Header::Frame }
}
