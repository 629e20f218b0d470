//! A run of source offsets on its way to the target.

use serde::{Deserialize, Serialize};

/// The half-open range `[first, next)` of one source partition, with what it holds.
///
/// Spans follow each other without overlap. `next - first` may exceed `records`: compaction and transaction markers
/// leave holes in a log, and a hole belongs to the span that steps over it. A span of no records is such a step alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Where the span begins: the position of the lane before it.
    pub first: i64,
    /// Where the next span begins.
    pub next: i64,
    /// Records in the span that must be acknowledged by the target.
    pub records: u64,
    /// Key, value and header bytes of those records.
    pub bytes: u64,
}

impl Span {
    /// What a record in flight takes beside its bytes, counted generously: two message structs of librdkafka's, some
    /// 200 bytes each, less what small records save in buffers. Without it, records of 100 bytes would hold three times
    /// the memory that a flow may use.
    pub const RECORD_OVERHEAD_BYTES: u64 = 256;

    /// What the span counts against the bytes that may be in flight.
    pub fn in_flight_bytes(&self) -> u64 {
        self.bytes + self.records * Self::RECORD_OVERHEAD_BYTES
    }

    /// A span that carries nothing: offsets which hold no record for us, or which an operator chose to leave out.
    pub fn empty(first: i64, next: i64) -> Self {
        Self { first, next, records: 0, bytes: 0 }
    }
}
