//! A lane as the record transport keeps it: where it reads, what it has in flight, and why it does not read.

use std::collections::VecDeque;

use crate::engine::ports::{Altered, Attachment, LaneId, StopCause, TransportEvent};
use crate::kafka::ffi::records::{PartitionKey, Record, TopicHandle};
use crate::model::{RecordFacts, Span, TargetLimits, TopicPartition};

/// Spans end here at the latest, so that memory is given back while a long run of one partition is acknowledged.
const SPAN_BYTES_MAX: u64 = 256 * 1024;

/// One partition on its way.
pub(super) struct RecordLane {
    pub(super) id: LaneId,
    pub(super) source: TopicPartition,
    pub(super) target: TopicPartition,
    /// Keeps the source's topic object alive, by whose address records are told apart.
    pub(super) source_topic: TopicHandle,
    pub(super) target_topic: TopicHandle,
    pub(super) limits: TargetLimits,
    /// The next offset to take.
    pub(super) next: i64,
    /// Records before this offset are sent alone.
    pub(super) alone_before: i64,
    /// Whether the engine wants the lane to read.
    pub(super) is_wanted: bool,
    /// Whether the consumer fetches it.
    pub(super) is_reading: bool,
    /// Where to go on once nothing is in flight any more.
    pub(super) seek_to: Option<i64>,
    /// Why the lane stops once nothing is in flight any more.
    pub(super) stop: Option<(i64, StopCause)>,
    /// A record was rejected: what is still in flight behind it does not count.
    pub(super) is_broken: bool,
    /// Taken from the consumer, but they have to wait for those in flight.
    pub(super) held: VecDeque<Record>,
    pub(super) held_bytes: u64,
    /// The end of the log, seen while records were held back.
    pub(super) end: Option<i64>,
    /// Size of the record sent last.
    pub(super) last_bytes: u64,
    pub(super) in_flight: u64,
    pub(super) in_flight_bytes: u64,
    /// Sizes of the records in flight, oldest first.
    in_flight_sizes: VecDeque<u64>,
    /// A record is in flight that must be alone.
    pub(super) is_alone: bool,
    /// How sure it is that what comes next from the consumer is what follows on the source.
    continuity: Continuity,
    open: Option<OpenSpan>,
    acked: Option<Acked>,
}

/// See [`RecordLane::confirm`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Continuity {
    /// Nothing has arrived since the last seek.
    Expected,
    /// A hole arrived, and is asked for again.
    Doubted,
    /// It is.
    Sure,
}

/// A span that still grows.
struct OpenSpan {
    span: Span,
    timestamp_ms: i64,
    leader_epoch: Option<i32>,
    altered: Altered,
}

/// Acknowledgements that were not reported yet.
#[derive(Clone, Copy)]
struct Acked {
    records: u64,
    next: i64,
    target_next: Option<i64>,
}

/// A span to be reported.
pub(super) struct ClosedSpan {
    pub(super) span: Span,
    pub(super) timestamp_ms: Option<i64>,
    pub(super) leader_epoch: Option<i32>,
    pub(super) altered: Altered,
}

impl RecordLane {
    /// Bytes a lane may hold back before it stops reading.
    pub(super) const HELD_BYTES_MAX: u64 = 4 * 1024 * 1024;

    pub(super) fn new(attachment: &Attachment, source_topic: TopicHandle, target_topic: TopicHandle) -> Self {
        Self {
            id: attachment.lane,
            source: attachment.source.clone(),
            target: attachment.target.clone(),
            source_topic,
            target_topic,
            limits: attachment.limits.clone(),
            next: attachment.position,
            alone_before: 0,
            is_wanted: attachment.reading,
            is_reading: attachment.reading,
            seek_to: None,
            stop: None,
            is_broken: false,
            held: VecDeque::new(),
            held_bytes: 0,
            end: None,
            last_bytes: 0,
            in_flight: 0,
            in_flight_bytes: 0,
            in_flight_sizes: VecDeque::new(),
            is_alone: false,
            continuity: Continuity::Expected,
            open: None,
            acked: None,
        }
    }

    pub(super) fn source_key(&self) -> PartitionKey {
        self.source_topic.key(self.source.partition)
    }

    pub(super) fn target_key(&self) -> PartitionKey {
        self.target_topic.key(self.target.partition)
    }

    /// The consumer is about to fetch from another offset.
    pub(super) fn expect_anew(&mut self) {
        self.continuity = Continuity::Expected;
    }

    /// Whether what arrived at `offset`, a record or the end of the log, may be what follows the lane's next offset.
    ///
    /// A log has holes, so a first arrival beyond the next offset may be right. It may also mean that the consumer
    /// fetched from elsewhere, for whatever reason: records would be skipped without a word. So the first hole after
    /// each seek is asked for a second time.
    pub(super) fn confirm(&mut self, offset: i64) -> bool {
        let is_doubtful = self.continuity == Continuity::Expected && offset > self.expected();
        self.continuity = if is_doubtful { Continuity::Doubted } else { Continuity::Sure };
        !is_doubtful
    }

    /// Whether a record that arrives now is wanted.
    pub(super) fn takes_records(&self) -> bool {
        self.is_reading && self.stop.is_none() && !self.is_broken && self.seek_to.is_none()
    }

    /// The next offset to read: behind what is held back. Lower ones were read before.
    pub(super) fn expected(&self) -> i64 {
        self.held.back().map_or(self.next, |record| record.offset() + 1).max(self.next)
    }

    /// Notes that a record was handed to the producer. Returns the span that ends by it, if one does.
    pub(super) fn note_sent(
        &mut self,
        offset: i64,
        facts: &SentFacts,
        leader_epoch: Option<i32>,
    ) -> Option<ClosedSpan> {
        let ends = |open: &OpenSpan| open.span.bytes >= SPAN_BYTES_MAX || open.leader_epoch != leader_epoch;
        let closed = if self.open.as_ref().is_some_and(ends) { self.close_span() } else { None };
        let first = self.next;
        self.next = offset + 1;
        self.in_flight += 1;
        self.in_flight_bytes += facts.bytes;
        self.in_flight_sizes.push_back(facts.bytes);
        let open = self.open.get_or_insert_with(|| OpenSpan {
            span: Span::empty(first, first),
            timestamp_ms: -1,
            leader_epoch,
            altered: Altered::default(),
        });
        open.span.next = self.next;
        open.span.records += 1;
        open.span.bytes += facts.bytes;
        open.timestamp_ms = facts.timestamp_ms;
        open.altered += facts.altered;
        closed
    }

    /// Ends the span that still grows.
    pub(super) fn close_span(&mut self) -> Option<ClosedSpan> {
        self.open.take().map(|open| ClosedSpan {
            span: open.span,
            timestamp_ms: (open.timestamp_ms >= 0).then_some(open.timestamp_ms),
            leader_epoch: open.leader_epoch,
            altered: open.altered,
        })
    }

    /// Notes that a record came back, delivered or not. Delivered ones come back in order; of a lane that broke the
    /// others may not, and only their sum counts.
    pub(super) fn note_returned(&mut self) {
        self.in_flight -= 1;
        self.in_flight_bytes -= self.in_flight_sizes.pop_front().unwrap_or(0);
        if self.in_flight == 0 {
            self.is_alone = false;
        }
    }

    /// Notes that the oldest record in flight is on the target, at this offset there (-1: not told).
    pub(super) fn note_acked(&mut self, offset: i64, target_offset: i64) {
        let acked = self.acked.get_or_insert(Acked { records: 0, next: offset, target_next: None });
        acked.records += 1;
        acked.next = offset + 1;
        acked.target_next = (target_offset >= 0).then_some(target_offset + 1);
    }

    /// The acknowledgements since the last call.
    pub(super) fn take_acked(&mut self) -> Option<TransportEvent> {
        let Acked { records, next, target_next } = self.acked.take()?;
        Some(TransportEvent::Settled { lane: self.id, records, next, target_next })
    }

    /// Holds back a record, behind those held already.
    pub(super) fn hold(&mut self, record: Record) {
        self.held_bytes += record.body_bytes();
        self.held.push_back(record);
    }

    /// Holds back a record again that was taken to be sent.
    pub(super) fn hold_again(&mut self, record: Record) {
        self.held_bytes += record.body_bytes();
        self.held.push_front(record);
    }

    /// The oldest record that was held back.
    pub(super) fn take_held(&mut self) -> Option<Record> {
        let record = self.held.pop_front()?;
        self.held_bytes -= record.body_bytes();
        Some(record)
    }

    /// Forgets what was held back: it will be read again.
    pub(super) fn drop_held(&mut self) {
        self.held.clear();
        self.held_bytes = 0;
    }

    /// The lane stops before `offset`, as soon as nothing is in flight any more.
    pub(super) fn stop_at(&mut self, offset: i64, cause: StopCause) {
        self.stop = Some((offset, cause));
        self.drop_held();
    }

    /// The lane broke: a record in flight was rejected.
    pub(super) fn break_off(&mut self) {
        self.is_broken = true;
        self.stop = None;
        self.drop_held();
        self.open = None;
    }

    /// The most that may be in flight for the lane, so that no batch can exceed what the target topic takes. A batch
    /// holds at most what is in flight, and at most `batch_bytes_max`.
    pub(super) fn in_flight_bytes_max(&self, batch_bytes_max: u64) -> u64 {
        let limit = self.limits.batch_bytes_max();
        if limit > batch_bytes_max.saturating_add(BATCH_OVERHEAD_BYTES) {
            u64::MAX
        } else {
            limit.saturating_sub(BATCH_OVERHEAD_BYTES)
        }
    }
}

/// Header of a batch, and of a record within it, at most; rounded up.
pub(super) const BATCH_OVERHEAD_BYTES: u64 = 128;

/// What is accounted for a record.
#[derive(Clone, Copy, Debug)]
pub(super) struct SentFacts {
    /// Key, value and header bytes.
    pub(super) bytes: u64,
    /// The timestamp as it was on the source; -1 for none.
    pub(super) timestamp_ms: i64,
    pub(super) altered: Altered,
}

/// What a record is, as the judgement needs it.
pub(super) fn record_facts(record: &Record, bytes: u64, header_count: usize) -> RecordFacts {
    let timestamp_ms = record.timestamp_ms();
    RecordFacts {
        batch_bytes: bytes + BATCH_OVERHEAD_BYTES + 10 * header_count as u64,
        timestamp_ms: (timestamp_ms >= 0).then_some(timestamp_ms),
        has_key: record.has_key(),
    }
}
