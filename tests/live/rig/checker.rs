//! The verdict on a copy: every record of the target is mapped to one of the source, in one pass over a partition.
//!
//! Invariants I1-I6: nothing missing, order kept, gap-free with rewinds only, rewinds bounded, bytes equal, nothing
//! foreign. A record of the target is, in this order of preference:
//!
//! ```text
//!   the next of a running rewind │ the next expected │ a late one (was jumped over) │ the start of a rewind
//!   │ one further on (a gap opens) │ like the next expected but altered │ foreign
//! ```
//!
//! Equal records (null key, null value, same time) make a rewind's start ambiguous: every start that fits is followed
//! until one remains, so that no rewind is counted twice.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::record::Record;
use super::verdict::{Alterations, Verdict};

/// Compares one partition: `source` as a committed reader finds it, `target` in order.
pub(crate) fn check(source: &[Record], target: &[Record], allowed: Alterations) -> Verdict {
    let expected: Vec<Record> = source.iter().map(|record| allowed.apply(record)).collect();
    let mut index: HashMap<u64, Vec<usize>> = HashMap::new();
    for (place, record) in expected.iter().enumerate() {
        index.entry(digest(record)).or_default().push(place);
    }
    let altered = source.iter().zip(&expected).filter(|(before, after)| before != after).count();
    let mut verdict = Verdict { source: source.len(), target: target.len(), altered, ..Verdict::default() };
    for kind in source.iter().flat_map(|record| allowed.counted(record)) {
        *verdict.counted.entry(kind).or_default() += 1;
    }
    let seen = vec![false; expected.len()];
    let mut mapping = Mapping { expected, index, seen, next: 0, rewind: Vec::new(), rewind_length: 0, verdict };
    for record in target {
        mapping.map(&allowed.apply(record));
    }
    mapping.finish(source)
}

struct Mapping {
    /// The source's records after the allowed alterations.
    expected: Vec<Record>,
    /// Places in `expected` by content.
    index: HashMap<u64, Vec<usize>>,
    /// Which of `expected` the target has.
    seen: Vec<bool>,
    /// After the furthest place seen.
    next: usize,
    /// While in a rewind: the places the last record may be at.
    rewind: Vec<usize>,
    rewind_length: usize,
    verdict: Verdict,
}

impl Mapping {
    fn map(&mut self, record: &Record) {
        if self.continues_rewind(record) {
            return;
        }
        self.rewind.clear();
        if self.expected.get(self.next) == Some(record) {
            self.advance_to(self.next);
            return;
        }
        let places = self.places(record);
        if let Some(late) = places.iter().copied().find(|place| *place < self.next && !self.seen[*place]) {
            self.seen[late] = true;
            self.verdict.out_of_order += 1;
            self.offend("out of order", record);
        } else if places.iter().any(|place| *place < self.next) {
            self.rewind = places.into_iter().filter(|place| *place < self.next).collect();
            self.rewind_length = 0;
            self.verdict.rewinds += 1;
            self.repeat();
        } else if let Some(ahead) = places.first().copied() {
            self.verdict.gaps += 1;
            self.offend("after a gap", record);
            self.advance_to(ahead);
        } else {
            self.map_unknown(record);
        }
    }

    /// A record whose exact content the source does not have.
    fn map_unknown(&mut self, record: &Record) {
        let fields = self.expected.get(self.next).map(|expected| differences(expected, record));
        match fields {
            Some(fields) if !fields.is_empty() => {
                self.verdict.mismatched += 1;
                for field in &fields {
                    *self.verdict.mismatched_fields.entry(field).or_default() += 1;
                }
                self.offend(&format!("altered {}", fields.join(", ")), record);
                self.advance_to(self.next);
            }
            _ => {
                self.verdict.foreign += 1;
                self.offend("foreign", record);
            }
        }
    }

    fn continues_rewind(&mut self, record: &Record) -> bool {
        let following: Vec<usize> = self
            .rewind
            .iter()
            .map(|place| place + 1)
            .filter(|place| *place < self.next && self.expected[*place] == *record)
            .collect();
        if following.is_empty() {
            return false;
        }
        self.rewind = following;
        self.repeat();
        true
    }

    fn repeat(&mut self) {
        self.rewind_length += 1;
        self.verdict.repeated += 1;
        self.verdict.longest_rewind = self.verdict.longest_rewind.max(self.rewind_length);
    }

    fn advance_to(&mut self, place: usize) {
        self.seen[place] = true;
        self.next = place + 1;
    }

    /// Where the source has exactly this content, in order.
    fn places(&self, record: &Record) -> Vec<usize> {
        let same_digest = self.index.get(&digest(record)).into_iter().flatten().copied();
        same_digest.filter(|place| self.expected[*place] == *record).collect()
    }

    fn offend(&mut self, what: &str, record: &Record) {
        self.verdict.offend(what, record);
    }

    fn finish(mut self, source: &[Record]) -> Verdict {
        self.verdict.missing = self.seen.iter().filter(|seen| !**seen).count();
        self.verdict.contiguous = self.seen.iter().take_while(|seen| **seen).count();
        let missing: Vec<usize> = (0..self.seen.len()).filter(|place| !self.seen[*place]).take(5).collect();
        for place in missing {
            self.verdict.offend("missing", &source[place]);
        }
        self.verdict
    }
}

/// The fields in which `found` differs from `expected`, if enough else is equal to say that it is the same record.
fn differences(expected: &Record, found: &Record) -> Vec<&'static str> {
    // Equal nulls and equal empty lists say nothing; every other equality does.
    let tells = |bytes: &Option<bytes::Bytes>| bytes.as_ref().is_some_and(|bytes| !bytes.is_empty());
    let fields = [
        ("timestamp", expected.timestamp == found.timestamp, expected.timestamp > 1),
        ("key", expected.key == found.key, tells(&expected.key)),
        ("value", expected.value == found.value, tells(&expected.value)),
        ("headers", expected.headers == found.headers, !expected.headers.is_empty()),
    ];
    if !fields.iter().any(|(_, is_equal, tells)| *is_equal && *tells) {
        return Vec::new();
    }
    fields.iter().filter(|(_, is_equal, _)| !is_equal).map(|(name, ..)| *name).collect()
}

fn digest(record: &Record) -> u64 {
    let mut hasher = DefaultHasher::new();
    (record.timestamp, &record.key, &record.value, &record.headers).hash(&mut hasher);
    hasher.finish()
}
