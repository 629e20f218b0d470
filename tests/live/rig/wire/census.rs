//! What a log really holds: formats, codecs, framings and holes, so that no test runs on data of another kind than it
//! says.
//!
//! ```text
//! v0 none | v0 gzip absolute | v0 lz4 kafka-checksum absolute | v1 snappy bare relative | v1 gzip relative holes
//! v2 snappy xerial | v2 lz4 frame-checksum | v2 zstd transactional | v2 none control | v2 gzip holes
//! ```

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use bytes::{Buf as _, Bytes};

use super::batch::{self, HEADER_BYTES};
use super::client::Client;
use super::codec::{Codec, Lz4Header, is_xerial};
use super::fetch::{Isolation, take};
use super::legacy::{self, Format};
use super::offsets::Position;
use crate::rig::record::Record;

impl Client {
    /// Every kind of entry in a partition, see the module.
    pub(crate) fn census(&self, topic: &str, partition: i32) -> Result<BTreeSet<String>> {
        let isolation = Isolation::ReadUncommitted;
        let mut position = self.offset(topic, partition, Position::Earliest, isolation)?;
        let end = self.offset(topic, partition, Position::Latest, isolation)?;
        let mut kinds = BTreeSet::new();
        while position < end {
            let data = self.retry("a fetch", || self.fetch(topic, partition, position, isolation))?;
            let (mut set, start) = (data.records.unwrap_or_default(), position);
            loop {
                let entry = set.clone();
                let Some(batch) = take(&mut set)? else { break };
                kinds.insert(kind(&entry)?);
                position = position.max(batch.next_offset);
            }
            ensure!(position > start, "read {topic}/{partition}: no progress at offset {position}");
        }
        Ok(kinds)
    }

    /// Which message formats (0, 1, 2) a partition is kept in.
    pub(crate) fn formats(&self, topic: &str, partition: i32) -> Result<BTreeSet<u8>> {
        let kinds = self.census(topic, partition)?;
        Ok(kinds.iter().filter_map(|kind| kind.as_bytes().get(1).map(|digit| digit - b'0')).collect())
    }
}

/// The kind of the whole entry that `set` begins with.
fn kind(set: &Bytes) -> Result<String> {
    let words = match batch::magic(set) {
        Some(2) => batch_words(set.clone())?,
        _ => entry_words(set.clone())?,
    };
    Ok(words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "))
}

fn entry_words(mut set: Bytes) -> Result<Vec<&'static str>> {
    let Some(entry) = legacy::take_entry(&mut set)? else { return Ok(Vec::new()) };
    let format = if entry.format == Format::V0 { "v0" } else { "v1" };
    if entry.codec == Codec::None {
        return Ok(vec![format, name(entry.codec)]);
    }
    let packed = entry.record.value.clone().unwrap_or_default();
    let inner = legacy::unwrap(&entry)?;
    Ok(vec![format, name(entry.codec), framing(entry.codec, &packed)?, counting(&entry, &inner)?, holes(&inner)])
}

/// Whether the offsets inside a compressed entry are those of the log or count from its own beginning. At the start of
/// a log both are the same.
fn counting(wrapper: &legacy::Entry, inner: &[Record]) -> Result<&'static str> {
    let raw = legacy::inner_offsets(wrapper)?;
    let is_start = wrapper.record.offset < i64::try_from(inner.len())?;
    Ok(match raw.last() {
        _ if is_start => "",
        Some(last) if *last == wrapper.record.offset => "absolute",
        _ => "relative",
    })
}

fn holes(records: &[Record]) -> &'static str {
    let is_dense = records.windows(2).all(|pair| pair[1].offset == pair[0].offset + 1);
    if is_dense { "" } else { "holes" }
}

fn batch_words(mut set: Bytes) -> Result<Vec<&'static str>> {
    ensure!(set.len() >= HEADER_BYTES, "a batch cut short");
    let packed = set.slice(HEADER_BYTES..);
    set.advance(21);
    let attributes = set.get_i16();
    let last_delta = set.get_i32();
    set.advance(HEADER_BYTES - 21 - 2 - 4 - 4);
    let count = set.get_i32();
    let codec = Codec::from_attributes(attributes)?;
    let flag = |bit: i16, word| if attributes & bit == 0 { "" } else { word };
    let holes = if count == last_delta + 1 { "" } else { "holes" };
    let transactional = flag(batch::TRANSACTIONAL, "transactional");
    Ok(vec!["v2", name(codec), framing(codec, &packed)?, transactional, flag(batch::CONTROL, "control"), holes])
}

fn name(codec: Codec) -> &'static str {
    match codec {
        Codec::None => "none",
        Codec::Gzip => "gzip",
        Codec::Snappy => "snappy",
        Codec::Lz4 => "lz4",
        Codec::Zstd => "zstd",
    }
}

fn framing(codec: Codec, packed: &[u8]) -> Result<&'static str> {
    Ok(match codec {
        Codec::Snappy if is_xerial(packed) => "xerial",
        Codec::Snappy => "bare",
        Codec::Lz4 => match Lz4Header::of(packed)? {
            Lz4Header::Frame => "frame-checksum",
            Lz4Header::Kafka => "kafka-checksum",
        },
        Codec::None | Codec::Gzip | Codec::Zstd => "",
    })
}
