//! From the consumer's queue to the producer: which record goes, which waits, which stops its lane.

use std::time::Duration;

use rdkafka::consumer::Consumer;
use rdkafka::types::RDKafkaErrorCode;

use super::lane::{ClosedSpan, RecordLane, SentFacts, record_facts};
use super::{RecordTransport, SEEK_MAX};
use crate::engine::ports::{Allowance, Altered, Features, LaneId, StopCause, TransportEvent};
use crate::engine::{Fault, FaultKind, Side};
use crate::kafka::connection_problem;
use crate::kafka::fault_map;
use crate::kafka::ffi::assignment;
use crate::kafka::ffi::records::{HeaderFacts, PartitionKey, Record, Writer};
use crate::model::{Judgement, Span, TargetLimits};

/// Records read at once, so that a pump ends in bounded time.
const READ_MAX: u64 = 10_000;
/// Records read at once at least, so that large ones do not cost a call each.
const READ_MIN: u64 = 16;

/// What is left of an allowance.
pub(super) struct Left {
    records: u64,
    bytes: u64,
    now_ms: i64,
}

impl Left {
    fn of(allowance: Allowance) -> Self {
        Self { records: allowance.records, bytes: allowance.bytes, now_ms: allowance.now_ms }
    }

    fn is_spent(&self) -> bool {
        self.records == 0 || self.bytes == 0
    }

    fn spend(&mut self, bytes: u64) {
        self.records = self.records.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes + Span::RECORD_OVERHEAD_BYTES);
    }
}

/// What became of a record that was to be sent.
enum Sent {
    /// It is in flight, or its lane stops before it.
    Done,
    /// It has to wait for those of its lane that are in flight.
    Wait(Record),
}

impl RecordTransport {
    pub(super) fn move_records(&mut self, allowance: Allowance, events: &mut Vec<TransportEvent>) {
        let mut left = Left::of(allowance);
        if left.is_spent() {
            self.collect(allowance.wait, events);
            return;
        }
        self.collect(Duration::ZERO, events);
        self.send_held(&mut left, events);
        if self.backlog.is_empty() && !left.is_spent() {
            let count = (left.bytes / (self.mean_record_bytes + Span::RECORD_OVERHEAD_BYTES))
                .clamp(READ_MIN, READ_MAX)
                .min(left.records);
            if let Some(queue) = &mut self.queue {
                queue.read(allowance.wait, usize::try_from(count).unwrap_or(usize::MAX), &mut self.backlog);
            }
        }
        self.send_backlog(&mut left, events);
        self.close_spans(events);
        self.collect(Duration::ZERO, events);
    }

    fn send_backlog(&mut self, left: &mut Left, events: &mut Vec<TransportEvent>) {
        let mut current: Option<(PartitionKey, LaneId)> = None;
        while !left.is_spent() {
            let Some(record) = self.backlog.pop_front() else { return };
            let key = record.key();
            let id = match current {
                Some((known, id)) if known == key => id,
                _ => match self.by_source.get(&key) {
                    Some(id) => {
                        current = Some((key, *id));
                        *id
                    }
                    // Of a lane that was given up in the meantime.
                    None => continue,
                },
            };
            self.take(id, record, left, events);
        }
    }

    /// Deals with one record of a lane, or with news of its partition.
    fn take(&mut self, id: LaneId, record: Record, left: &mut Left, events: &mut Vec<TransportEvent>) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        if !lane.takes_records() {
            return;
        }
        if let Some(code) = record.code() {
            self.note_news(id, &record, code, events);
            return;
        }
        // What comes before the position was read before a seek took effect, or is read again after one.
        if record.offset() < lane.expected() {
            return;
        }
        if !lane.confirm(record.offset()) {
            self.fetch(id);
            return;
        }
        lane.end = None;
        if !lane.held.is_empty() {
            lane.hold(record);
        } else if let Sent::Wait(record) =
            send(lane, &self.writer, &self.spec.target_features, self.batch_bytes_max, record, left, events)
        {
            lane.hold(record);
        } else {
            self.mean_record_bytes = (self.mean_record_bytes * 15 + lane.last_bytes) / 16;
        }
        let is_full = lane.held_bytes > RecordLane::HELD_BYTES_MAX;
        let is_stopping = lane.stop.is_some();
        if is_full || is_stopping {
            // What was held back at the limit will be read again, once those before it are through.
            self.stop_reading(id);
        }
    }

    /// Sends what lanes held back, as far as it can go now.
    fn send_held(&mut self, left: &mut Left, events: &mut Vec<TransportEvent>) {
        let ids: Vec<LaneId> = self.lanes.values().filter(|lane| !lane.held.is_empty()).map(|lane| lane.id).collect();
        for id in ids {
            let Some(lane) = self.lanes.get_mut(&id) else { continue };
            while !left.is_spent() && lane.stop.is_none() {
                let Some(record) = lane.take_held() else { break };
                let sent =
                    send(lane, &self.writer, &self.spec.target_features, self.batch_bytes_max, record, left, events);
                if let Sent::Wait(record) = sent {
                    lane.hold_again(record);
                    break;
                }
            }
            if lane.held.is_empty() {
                if let Some(end) = lane.end.take() {
                    reach_end(lane, end, events);
                }
                // It stopped reading because it held too much.
                self.start_reading(id);
            }
        }
    }

    fn note_news(&mut self, id: LaneId, record: &Record, code: RDKafkaErrorCode, events: &mut Vec<TransportEvent>) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        if code == RDKafkaErrorCode::PartitionEOF {
            let end = record.offset();
            if !lane.confirm(end) {
                self.fetch(id);
            } else if lane.held.is_empty() {
                reach_end(lane, end, events)
            } else {
                lane.end = Some(end)
            }
            return;
        }
        let operation = format!("read `{}`", lane.source);
        let fault = connection_problem::fault(code, &record.text(), Side::Source, &operation);
        let at = lane.next;
        lane.stop_at(at, StopCause::Unreadable(fault));
        self.stop_reading(id);
    }

    fn close_spans(&mut self, events: &mut Vec<TransportEvent>) {
        for lane in self.lanes.values_mut() {
            if let Some(closed) = lane.close_span() {
                events.push(taken(lane.id, closed));
            }
        }
    }

    /// Tells the consumer to fetch no more of a lane.
    pub(super) fn stop_reading(&mut self, id: LaneId) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        if !lane.is_wanted || lane.seek_to.is_some() || lane.stop.is_some() || lane.is_broken {
            lane.drop_held();
        }
        if !std::mem::replace(&mut lane.is_reading, false) {
            return;
        }
        if let Some(consumer) = &self.consumer
            && let Err(refused) = assignment::pause(consumer.client(), &lane.source)
        {
            // It goes on fetching what is then thrown away; nothing is lost by it.
            tracing::debug!(partition = %lane.source, "pause: {}", refused.text);
        }
    }

    /// Tells the consumer to fetch a lane again, as soon as that is right.
    pub(super) fn start_reading(&mut self, id: LaneId) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        if lane.is_reading || !lane.is_wanted || lane.stop.is_some() || !lane.held.is_empty() {
            return;
        }
        // A target partition belongs to one lane at a time: an earlier one may still have records under way to it.
        if self.by_target.get(&lane.target_key()) != Some(&id) {
            return;
        }
        if let Some(offset) = lane.seek_to {
            if lane.in_flight > 0 {
                return;
            }
            lane.seek_to = None;
            lane.is_broken = false;
            lane.next = offset;
            lane.end = None;
        }
        if lane.is_broken {
            return;
        }
        lane.expect_anew();
        self.fetch(id);
    }

    /// Has the consumer fetch a lane from its next offset on.
    fn fetch(&mut self, id: LaneId) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        let Some(consumer) = &self.consumer else { return };
        // What was read before lies behind the next offset, and would be taken for what follows it.
        let key = lane.source_key();
        self.backlog.retain(|record| record.key() != key);
        match assignment::resume_at(consumer.client(), &lane.source, lane.next, SEEK_MAX) {
            Ok(()) => lane.is_reading = true,
            Err(refused) => {
                lane.is_reading = false;
                let operation = format!("seek in `{}`", lane.source);
                let fault = fault_map::fault(refused.code, Side::Source, operation, refused.text);
                // The position is committed, so a new consumer begins there.
                self.faults.push(Fault { kind: FaultKind::ClientFatal, ..fault });
            }
        }
    }
}

/// Sends one record of a lane, or finds out why it cannot be sent now.
fn send(
    lane: &mut RecordLane,
    writer: &Writer,
    target: &Features,
    batch_bytes_max: u64,
    record: Record,
    left: &mut Left,
    events: &mut Vec<TransportEvent>,
) -> Sent {
    let offset = record.offset();
    let headers = match record.headers() {
        Ok(headers) => headers,
        Err(code) => {
            let operation = format!("decode the headers of `{}` at offset {offset}", lane.source);
            let detail = fault_map::describe(code);
            let fault = Fault::new(FaultKind::CorruptBatch, Side::Source, operation, detail);
            lane.stop_at(offset, StopCause::Unreadable(fault));
            return Sent::Done;
        }
    };
    let bytes = record.body_bytes() + headers.bytes;
    let judged = judge(&lane.limits, &record, bytes, headers, left.now_ms);
    let is_alone = judged == Judgement::SendAlone || offset < lane.alone_before;
    match judged {
        Judgement::Refuse(refusal) => {
            lane.stop_at(offset, StopCause::Refused(refusal));
            return Sent::Done;
        }
        Judgement::Send | Judgement::SendAlone => {}
    }
    let is_over = lane.in_flight_bytes + bytes > lane.in_flight_bytes_max(batch_bytes_max);
    if lane.in_flight > 0 && (is_alone || lane.is_alone || is_over) {
        return Sent::Wait(record);
    }
    let (facts, timestamp_ms) = sent_facts(&record, bytes, headers, target);
    let leader_epoch = record.leader_epoch();
    match writer.send(&lane.target_topic, lane.target.partition, timestamp_ms, headers.count > 0, record) {
        Ok(()) => {
            left.spend(bytes);
            lane.is_alone = is_alone;
            lane.last_bytes = bytes;
            if let Some(closed) = lane.note_sent(offset, &facts, leader_epoch) {
                events.push(taken(lane.id, closed));
            }
            Sent::Done
        }
        Err((RDKafkaErrorCode::QueueFull, record)) => Sent::Wait(record),
        Err((code, record)) => {
            let operation = format!("write to `{}`", lane.target);
            let fault = fault_map::fault(code, Side::Target, operation, fault_map::describe(code));
            let record = record_facts(&record, bytes, headers.count);
            lane.stop_at(offset, StopCause::Rejected { fault, record });
            Sent::Done
        }
    }
}

fn judge(limits: &TargetLimits, record: &Record, bytes: u64, headers: HeaderFacts, now_ms: i64) -> Judgement {
    limits.judge(record_facts(record, bytes, headers.count), now_ms)
}

/// What is accounted for a record, and the timestamp to write.
fn sent_facts(record: &Record, bytes: u64, headers: HeaderFacts, target: &Features) -> (SentFacts, i64) {
    let timestamp_ms = record.timestamp_ms();
    let mut altered = Altered::default();
    if timestamp_ms == 0 && target.timestamps {
        altered.timestamp_zero = 1;
    }
    if headers.count > 0 && !target.headers {
        altered.headers_dropped = 1;
    }
    if timestamp_ms >= 0 && !target.timestamps {
        altered.timestamps_dropped = 1;
    }
    // librdkafka takes 0 for "now"; 1 is the nearest it can write.
    let written_ms = if timestamp_ms == 0 { 1 } else { timestamp_ms };
    (SentFacts { bytes, timestamp_ms, altered }, written_ms)
}

/// Everything up to `end` was read.
fn reach_end(lane: &mut RecordLane, end: i64, events: &mut Vec<TransportEvent>) {
    if let Some(closed) = lane.close_span() {
        events.push(taken(lane.id, closed));
    }
    lane.next = lane.next.max(end);
    events.push(TransportEvent::EndReached { lane: lane.id, end: lane.next });
}

pub(super) fn taken(lane: LaneId, closed: ClosedSpan) -> TransportEvent {
    TransportEvent::Taken {
        lane,
        span: closed.span,
        timestamp_ms: closed.timestamp_ms,
        leader_epoch: closed.leader_epoch,
        altered: closed.altered,
    }
}
