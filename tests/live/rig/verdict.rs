//! What the checker found.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::AddAssign;

use anyhow::{Result, bail};
use bytes::Bytes;

use super::record::Record;
use super::wire::Format;

/// What a copy may change. Everything else must arrive byte for byte.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Alterations {
    /// Timestamp 0 arrives as 1, for librdkafka takes 0 for "now"; in format v1 as none, for it reads 0 as that.
    pub(crate) zero_timestamp: bool,
    /// A header name ends at its first NUL, as where headers go through C strings.
    pub(crate) nul_in_header_name: bool,
    /// Timestamps are not compared: the target's format has none, or it stamps what it is given.
    pub(crate) timestamps: bool,
    /// Headers are not compared: the target's format has none.
    pub(crate) headers: bool,
}

impl Alterations {
    /// None at all.
    pub(crate) const NONE: Self =
        Self { zero_timestamp: false, nul_in_header_name: false, timestamps: false, headers: false };

    /// What the record lane alters. Names of headers arrive whole: detached headers carry their lengths.
    pub(crate) const RECORD_LANE: Self = Self { zero_timestamp: true, ..Self::NONE };

    /// The record as it may arrive.
    pub(crate) fn apply(self, record: &Record) -> Record {
        let mut record = record.clone();
        if self.timestamps {
            record.timestamp = -1;
        } else if self.zero_timestamp && record.timestamp == 0 {
            record.timestamp = if record.format == Format::V1 { -1 } else { 1 };
        }
        if self.headers {
            record.headers.clear();
        } else if self.nul_in_header_name {
            for (name, _) in &mut record.headers {
                let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
                name.truncate(end);
            }
        }
        record
    }

    /// What of it kmirror counts, by the names of its counters.
    pub(crate) fn counted(self, record: &Record) -> impl Iterator<Item = &'static str> {
        let is_zero = record.timestamp == 0 && record.format != Format::V1;
        let kinds = [
            (self.zero_timestamp && !self.timestamps && is_zero, "timestamp_zero"),
            (self.headers && !record.headers.is_empty(), "headers_dropped"),
            (self.timestamps && (record.timestamp > 0 || is_zero), "timestamps_dropped"),
        ];
        kinds.into_iter().filter_map(|(is_altered, kind)| is_altered.then_some(kind))
    }
}

/// Counts of one partition, or of many added up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Verdict {
    /// Records the source has.
    pub(crate) source: usize,
    /// Records the target has.
    pub(crate) target: usize,
    /// Records of the source the target has not (I1).
    pub(crate) missing: usize,
    /// Records of the target the source has not (I6).
    pub(crate) foreign: usize,
    /// Records that arrived after a later one had (I2).
    pub(crate) out_of_order: usize,
    /// Times the target jumped ahead (I3).
    pub(crate) gaps: usize,
    /// Times the target began to repeat itself (I4).
    pub(crate) rewinds: usize,
    /// Records in the longest of them.
    pub(crate) longest_rewind: usize,
    /// Records in all of them.
    pub(crate) repeated: usize,
    /// Records that are the expected ones but differ (I5).
    pub(crate) mismatched: usize,
    /// In which field, and how often.
    pub(crate) mismatched_fields: BTreeMap<&'static str, usize>,
    /// Records of the source that the allowed alterations change.
    pub(crate) altered: usize,
    /// What kmirror must have counted of it, by the names of its counters; kinds that did not occur are left out.
    pub(crate) counted: BTreeMap<&'static str, usize>,
    /// How many records from the start of the source are there without a hole (I7); of one partition only.
    pub(crate) contiguous: usize,
    /// The first few that are wrong, in words.
    pub(crate) offenders: Vec<String>,
}

impl Verdict {
    /// I1-I3, I5, I6: complete, in order, identical, nothing foreign; repeats are allowed.
    pub(crate) fn is_faithful(&self) -> bool {
        self.missing == 0 && self.foreign == 0 && self.out_of_order == 0 && self.gaps == 0 && self.mismatched == 0
    }

    /// Fails unless the copy is faithful and nothing is there twice.
    pub(crate) fn require_exact(&self) -> Result<()> {
        self.require_rewinds(0, 0)
    }

    /// Fails unless the copy is faithful with at most `rewinds` rewinds, none longer than `longest` records.
    pub(crate) fn require_rewinds(&self, rewinds: usize, longest: usize) -> Result<()> {
        if self.source == 0 {
            bail!("nothing was compared: {self}");
        }
        if !self.is_faithful() || self.rewinds > rewinds || self.longest_rewind > longest {
            bail!("the copy is wrong: {self}\n  {}", self.offenders.join("\n  "));
        }
        Ok(())
    }

    /// Remembers one of the first few offenders.
    pub(crate) fn offend(&mut self, what: &str, record: &Record) {
        if self.offenders.len() < OFFENDERS_MAX {
            self.offenders.push(format!("{what}: {}", describe(record)));
        }
    }
}

impl AddAssign for Verdict {
    fn add_assign(&mut self, other: Self) {
        self.source += other.source;
        self.target += other.target;
        self.missing += other.missing;
        self.foreign += other.foreign;
        self.out_of_order += other.out_of_order;
        self.gaps += other.gaps;
        self.rewinds += other.rewinds;
        self.longest_rewind = self.longest_rewind.max(other.longest_rewind);
        self.repeated += other.repeated;
        self.mismatched += other.mismatched;
        for (field, count) in other.mismatched_fields {
            *self.mismatched_fields.entry(field).or_default() += count;
        }
        self.altered += other.altered;
        for (kind, count) in other.counted {
            *self.counted.entry(kind).or_default() += count;
        }
        self.contiguous = 0;
        self.offenders.extend(other.offenders);
        self.offenders.truncate(OFFENDERS_MAX);
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "records={} target={} missing={} foreign={} order={} gaps={} rewinds={} longest={} repeated={} mismatched={}",
            self.source,
            self.target,
            self.missing,
            self.foreign,
            self.out_of_order,
            self.gaps,
            self.rewinds,
            self.longest_rewind,
            self.repeated,
            self.mismatched,
        )?;
        for (field, count) in &self.mismatched_fields {
            write!(f, " {field}={count}")?;
        }
        write!(f, " altered={}", self.altered)
    }
}

fn describe(record: &Record) -> String {
    let headers: Vec<String> =
        record.headers.iter().map(|(name, value)| format!("{}={}", brief(Some(name)), brief(value.as_ref()))).collect();
    format!(
        "offset {} time {} key {} value {} headers [{}]",
        record.offset,
        record.timestamp,
        brief(record.key.as_ref()),
        brief(record.value.as_ref()),
        headers.join(" ")
    )
}

/// The beginning of some bytes, printable, with their length.
fn brief(bytes: Option<&Bytes>) -> String {
    match bytes {
        None => "null".to_owned(),
        Some(bytes) if bytes.len() <= 24 => format!("\"{}\"", bytes.escape_ascii()),
        Some(bytes) => format!("\"{}\"..({} bytes)", bytes[..24].escape_ascii(), bytes.len()),
    }
}

const OFFENDERS_MAX: usize = 5;
