//! Record batches, format v2, written and read without help.
//!
//! ```text
//! base_offset i64 | length i32 | leader_epoch i32 | magic i8 = 2 | crc u32c of all that follows
//! attributes i16 | last_delta i32 | base_time i64 | max_time i64 | producer i64 | epoch i16 | sequence i32 | count i32
//! records, compressed as one: size | attributes i8 | time delta | offset delta | key | value | headers   (varints)
//! ```

use anyhow::{Context as _, Result, bail, ensure};
use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};

use super::codec::{self, Codec};
use super::legacy::Format;
use super::varint;
use crate::rig::record::{Header, Record};

/// Who writes a batch, for idempotence and transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Producer {
    /// From InitProducerId.
    pub(crate) id: i64,
    /// From InitProducerId.
    pub(crate) epoch: i16,
    /// Of the batch's first record in its partition.
    pub(crate) sequence: i32,
    /// The batch belongs to a transaction.
    pub(crate) is_transactional: bool,
}

/// Records to write together.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Batch {
    /// How they are compressed.
    pub(crate) codec: Codec,
    /// At least one.
    pub(crate) records: Vec<Record>,
    /// None: a plain producer.
    pub(crate) producer: Option<Producer>,
    /// Snappy without xerial's framing, as clients other than Java write it.
    pub(super) is_bare: bool,
}

impl Batch {
    /// A batch of a plain producer.
    pub(crate) fn new(codec: Codec, records: Vec<Record>) -> Self {
        Self { codec, records, producer: None, is_bare: false }
    }

    /// A batch in bare snappy.
    pub(crate) fn bare_snappy(records: Vec<Record>) -> Self {
        Self { is_bare: true, ..Self::new(Codec::Snappy, records) }
    }

    pub(super) fn compress(&self, plain: &[u8]) -> Result<Vec<u8>> {
        if self.is_bare { codec::compress_bare_snappy(plain) } else { self.codec.compress(plain) }
    }

    /// The bytes a broker takes.
    pub(crate) fn encode(&self) -> Result<Bytes> {
        let count = i32::try_from(self.records.len())?;
        let base_time = self.records.first().context("encode an empty batch")?.timestamp;
        let max_time = self.records.iter().map(|record| record.timestamp).max().unwrap_or(base_time);
        let mut plain = BytesMut::new();
        for (delta, record) in (0_i64..).zip(&self.records) {
            put_record(&mut plain, record, delta, base_time);
        }
        let packed = self.compress(&plain)?;
        let producer = self.producer.unwrap_or(Producer { id: -1, epoch: -1, sequence: -1, is_transactional: false });

        let mut body = BytesMut::with_capacity(packed.len() + HEADER_BYTES);
        body.put_i16(self.codec as i16 | if producer.is_transactional { TRANSACTIONAL } else { 0 });
        body.put_i32(count - 1);
        body.put_i64(base_time);
        body.put_i64(max_time);
        body.put_i64(producer.id);
        body.put_i16(producer.epoch);
        body.put_i32(producer.sequence);
        body.put_i32(count);
        body.extend_from_slice(&packed);

        let mut batch = BytesMut::with_capacity(body.len() + HEADER_BYTES);
        batch.put_i64(0);
        batch.put_i32(i32::try_from(body.len() + 9)?);
        batch.put_i32(-1);
        batch.put_i8(2);
        batch.put_u32(crc32c::crc32c(&body));
        batch.extend_from_slice(&body);
        Ok(batch.freeze())
    }
}

/// A batch as a broker serves it.
#[derive(Clone, Debug)]
pub(super) struct ReadBatch {
    /// Offset after its last, whether or not a record is left there.
    pub(super) next_offset: i64,
    /// Its producer, -1 for a plain one.
    pub(super) producer_id: i64,
    /// Part of a transaction.
    pub(super) is_transactional: bool,
    /// For control batches: is it an abort marker.
    pub(super) control: Option<Marker>,
    /// Its records with their absolute offsets; none for a control batch.
    pub(super) records: Vec<Record>,
}

/// What a control batch says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marker {
    /// The transaction is aborted.
    Abort,
    /// The transaction is committed.
    Commit,
    /// Something else (leader changes, snapshots).
    Other,
}

/// The magic of the entry `set` begins with; none when it is cut before that.
pub(super) fn magic(set: &Bytes) -> Option<u8> {
    set.get(16).copied()
}

/// Takes one whole batch off the front of `set`; none when the rest is cut short, as fetch answers may be.
pub(super) fn take(set: &mut Bytes) -> Result<Option<ReadBatch>> {
    if set.len() < 12 {
        return Ok(None);
    }
    let mut head = set.slice(..12);
    let base_offset = head.get_i64();
    let length = usize::try_from(head.get_i32()).context("negative batch length")?;
    if set.len() < 12 + length {
        return Ok(None);
    }
    let mut batch = set.split_to(12 + length);
    batch.advance(16);
    ensure!(length + 12 >= HEADER_BYTES, "a batch of {length} bytes at offset {base_offset}");
    let magic = batch.get_u8();
    ensure!(magic == 2, "message format v{magic} at offset {base_offset}");
    let crc = batch.get_u32();
    ensure!(crc == crc32c::crc32c(&batch), "wrong checksum of the batch at offset {base_offset}");
    decode_body(batch, base_offset).map(Some).with_context(|| format!("decode the batch at offset {base_offset}"))
}

fn decode_body(mut body: Bytes, base_offset: i64) -> Result<ReadBatch> {
    let attributes = body.get_i16();
    let last_delta = body.get_i32();
    let base_time = body.get_i64();
    let max_time = body.get_i64();
    let producer_id = body.get_i64();
    body.advance(2 + 4);
    let count = body.get_i32();
    let codec = Codec::from_attributes(attributes)?;
    let mut plain = if codec == Codec::None { body } else { codec.decompress(&body)?.into() };

    let mut batch = ReadBatch {
        next_offset: base_offset + i64::from(last_delta) + 1,
        producer_id,
        is_transactional: attributes & TRANSACTIONAL != 0,
        control: None,
        records: Vec::new(),
    };
    for _ in 0..count {
        let mut record = get_record(&mut plain, base_offset, base_time)?;
        if attributes & LOG_APPEND_TIME != 0 {
            record.timestamp = max_time;
        }
        batch.records.push(record);
    }
    ensure!(plain.is_empty(), "{} bytes after the last record", plain.len());
    if attributes & CONTROL != 0 {
        batch.control = Some(marker(batch.records.first())?);
        batch.records.clear();
    }
    Ok(batch)
}

fn marker(record: Option<&Record>) -> Result<Marker> {
    let Some(key) = record.and_then(|record| record.key.as_ref()).filter(|key| key.len() >= 4) else {
        bail!("a control batch without a key");
    };
    Ok(match key.slice(2..4).get_i16() {
        0 => Marker::Abort,
        1 => Marker::Commit,
        _ => Marker::Other,
    })
}

fn put_record(buffer: &mut BytesMut, record: &Record, delta: i64, base_time: i64) {
    // A length is at most isize::MAX: the cast cannot wrap.
    let length = |bytes: Option<&Bytes>| bytes.map_or(-1, |bytes| bytes.len() as i64);
    let sized = |bytes: Option<&Bytes>| varint::size(length(bytes)) + bytes.map_or(0, Bytes::len);
    let time_delta = record.timestamp.wrapping_sub(base_time);
    let headers: usize = record.headers.iter().map(|(name, value)| sized(Some(name)) + sized(value.as_ref())).sum();
    let size = 1
        + varint::size(time_delta)
        + varint::size(delta)
        + sized(record.key.as_ref())
        + sized(record.value.as_ref())
        + varint::size(record.headers.len() as i64)
        + headers;
    let put = |bytes: Option<&Bytes>, buffer: &mut BytesMut| {
        varint::put(buffer, length(bytes));
        buffer.extend_from_slice(bytes.map_or(&[], |bytes| bytes));
    };
    varint::put(buffer, size as i64);
    buffer.put_i8(0);
    varint::put(buffer, time_delta);
    varint::put(buffer, delta);
    put(record.key.as_ref(), buffer);
    put(record.value.as_ref(), buffer);
    varint::put(buffer, record.headers.len() as i64);
    for (name, value) in &record.headers {
        put(Some(name), buffer);
        put(value.as_ref(), buffer);
    }
}

fn get_record(buffer: &mut Bytes, base_offset: i64, base_time: i64) -> Result<Record> {
    let size = usize::try_from(varint::get(buffer)?).context("negative record size")?;
    ensure!(size <= buffer.len(), "a record cut short");
    let mut bytes = buffer.split_to(size);
    ensure!(!bytes.is_empty(), "an empty record");
    bytes.advance(1);
    let timestamp = base_time.wrapping_add(varint::get(&mut bytes)?);
    let offset = base_offset + varint::get(&mut bytes)?;
    let key = get_bytes(&mut bytes)?;
    let value = get_bytes(&mut bytes)?;
    let count = varint::get(&mut bytes)?;
    let mut headers: Vec<Header> = Vec::new();
    for _ in 0..count {
        let name = get_bytes(&mut bytes)?.context("a null header name")?;
        headers.push((name, get_bytes(&mut bytes)?));
    }
    ensure!(bytes.is_empty(), "{} bytes after the last header", bytes.len());
    Ok(Record { offset, timestamp, key, value, headers, format: Format::V2 })
}

fn get_bytes(buffer: &mut Bytes) -> Result<Option<Bytes>> {
    let length = varint::get(buffer)?;
    if length < 0 {
        return Ok(None);
    }
    let length = usize::try_from(length)?;
    ensure!(length <= buffer.len(), "a field cut short");
    Ok(Some(buffer.split_to(length)))
}

/// Everything before the records.
pub(super) const HEADER_BYTES: usize = 61;
pub(super) const LOG_APPEND_TIME: i16 = 1 << 3;
pub(super) const TRANSACTIONAL: i16 = 1 << 4;
pub(super) const CONTROL: i16 = 1 << 5;
