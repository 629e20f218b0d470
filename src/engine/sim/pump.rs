//! One call of the transport's `pump`: news of the group, acknowledgements, stops, seeks, reading, commits, troubles.

use std::collections::BTreeSet;

use super::kafka::{Kafka, Sent, WriterLane};
use super::log::{ClusterState, Log, Record};
use super::random::Random;
use super::transport::{fatal, unreachable};
use crate::engine::fault::{Fault, FaultKind, Side};
use crate::engine::ports::{Allowance, Altered, BrokerNews, BrokerState, LaneId, StopCause, TransportEvent};
use crate::model::{Judgement, RecordFacts, Span};

/// How long a trouble stays unmentioned after it was mentioned.
const TROUBLE_INTERVAL_MS: u128 = 500;

pub(super) fn pump(kafka: &mut Kafka, id: u32, allowance: Allowance, events: &mut Vec<TransportEvent>) {
    if !kafka.source.is_unreachable {
        let all = kafka.source.partitions();
        let event = kafka.group.next_event(id, &all);
        if let (Some(TransportEvent::Revoked { lost: true, .. }), Some(writer)) = (&event, kafka.writers.get_mut(&id)) {
            writer.fenced_commits = writer.commits.len();
        }
        events.extend(event);
    }
    let lanes: Vec<LaneId> = kafka.writers.get(&id).map(|w| w.lanes.keys().copied().collect()).unwrap_or_default();
    for lane in &lanes {
        settle(kafka, id, *lane, events);
    }
    let mut left = allowance;
    let first = kafka.random.below(lanes.len());
    for index in 0..lanes.len() {
        read(kafka, id, lanes[(first + index) % lanes.len()], &mut left, events);
    }
    let answering = kafka.answering;
    if kafka.random.chance(answering)
        && let Some((positions, result)) = kafka.answer_commit(id)
    {
        events.push(TransportEvent::Committed { positions, result });
    }
    report_trouble(kafka, id, events);
    report_brokers(kafka, id, events);
}

fn report_brokers(kafka: &mut Kafka, id: u32, events: &mut Vec<TransportEvent>) {
    let away = |side, cluster: &ClusterState| -> BTreeSet<(Side, i32)> {
        cluster.down.iter().map(|broker| (side, *broker)).collect()
    };
    let down = &away(Side::Source, &kafka.source) | &away(Side::Target, &kafka.target);
    let Some(writer) = kafka.writers.get_mut(&id) else { return };
    let lost = down.difference(&writer.missed).map(|broker| (broker, BrokerState::Down { detail: "simulated".into() }));
    let found = writer.missed.difference(&down).map(|broker| (broker, BrokerState::Up));
    events.extend(lost.chain(found).map(|((side, broker), state)| {
        let address = format!("broker-{broker}:9092");
        TransportEvent::Broker(BrokerNews { side: *side, broker: *broker, address, state })
    }));
    writer.missed = down;
}

fn report_trouble(kafka: &mut Kafka, id: u32, events: &mut Vec<TransportEvent>) {
    let (now, source, target) = (kafka.now, kafka.source.is_unreachable, kafka.target.is_unreachable);
    let Some(writer) = kafka.writers.get_mut(&id) else { return };
    if writer.is_broken {
        writer.is_broken = false;
        writer.has_failed = true;
        events.push(TransportEvent::Trouble(fatal()));
    }
    if writer.troubled_at.is_some_and(|at| (now - at).as_millis() < TROUBLE_INTERVAL_MS) {
        return;
    }
    for (is_unreachable, side) in [(source, Side::Source), (target, Side::Target)] {
        if is_unreachable {
            writer.troubled_at = Some(now);
            events.push(TransportEvent::Trouble(unreachable(side)));
        }
    }
}

/// Acknowledges what has landed, then says why the lane stopped, then seeks.
fn settle(kafka: &mut Kafka, id: u32, lane_id: LaneId, events: &mut Vec<TransportEvent>) {
    let Kafka { random, writers, target, .. } = kafka;
    let Some(lane) = writers.get_mut(&id).and_then(|writer| writer.lanes.get_mut(&lane_id)) else { return };
    let landed = lane.in_flight.iter().take_while(|sent| sent.has_landed).count();
    // Acknowledgements arrive after what they acknowledge has landed, and not all at once.
    let is_cut_off = target.is_unreachable || !target.is_led(&lane.target);
    let heard = if is_cut_off { 0 } else { landed - random.below(landed + 1) };
    if heard > 0 {
        let last = lane.in_flight[heard - 1];
        lane.in_flight.drain(..heard);
        if lane.seek.is_none() {
            let (records, next) = (heard as u64, last.offset + 1);
            events.push(TransportEvent::Settled { lane: lane_id, records, next, target_next: None });
        }
    }
    if lane.in_flight.is_empty()
        && let Some((at, cause)) = lane.stop.take()
    {
        lane.needs_seek = true;
        lane.must_look |= matches!(&cause, StopCause::Rejected { fault, .. } if fault.kind == FaultKind::UnknownTopic);
        events.push(TransportEvent::Stopped { lane: lane_id, at, cause });
    }
    if lane.in_flight.is_empty()
        && lane.strays.is_empty()
        && let Some((offset, alone_before)) = lane.seek.take()
    {
        lane.next = offset;
        lane.alone_before = alone_before;
        lane.needs_seek = false;
        lane.told_end = None;
        if std::mem::take(&mut lane.must_look) {
            lane.source_id = kafka.source.id(&lane.source.topic);
            lane.target_id = target.id(&lane.target.topic);
        }
    }
}

fn read(kafka: &mut Kafka, id: u32, lane_id: LaneId, left: &mut Allowance, events: &mut Vec<TransportEvent>) {
    if left.records == 0 || left.bytes == 0 || kafka.source.is_unreachable {
        return;
    }
    let is_owner = |kafka: &Kafka, source| kafka.group.owns(id, source);
    let Some(lane) = kafka.writers.get(&id).and_then(|writer| writer.lanes.get(&lane_id)) else { return };
    if !lane.is_reading() {
        return;
    }
    let source = lane.source.clone();
    if kafka.source.is_mute || !kafka.source.is_led(&source) {
        return;
    }
    let owns = is_owner(kafka, &source);
    let Kafka { random, writers, source: cluster, ledger, violations, .. } = kafka;
    let Some(lane) = writers.get_mut(&id).and_then(|writer| writer.lanes.get_mut(&lane_id)) else { return };
    let log = cluster.log(&source).filter(|_| cluster.id(&source.topic) == lane.source_id);
    if let Some(kind) = unreadable(lane, log) {
        if lane.in_flight.is_empty() {
            lane.needs_seek = true;
            lane.must_look = true;
            let fault = Fault::new(kind, Side::Source, format!("read `{source}`"), "simulated");
            let cause = StopCause::Unreadable(fault);
            events.push(TransportEvent::Stopped { lane: lane_id, at: lane.next, cause });
        }
        return;
    }
    let Some(log) = log else { return };
    let batch = batch(lane, log, left, random);
    if let Err(at) = batch {
        if let (true, StopAt::Refused(offset, refusal)) = (lane.in_flight.is_empty(), at) {
            lane.needs_seek = true;
            let cause = StopCause::Refused(refusal);
            events.push(TransportEvent::Stopped { lane: lane_id, at: offset, cause });
        }
        return;
    }
    let Ok(records) = batch else { return };
    let Some((last, _, _)) = records.last() else {
        if lane.told_end != Some(log.end) {
            lane.told_end = Some(log.end);
            lane.next = log.end;
            events.push(TransportEvent::EndReached { lane: lane_id, end: log.end });
        }
        return;
    };
    let next = last + 1 + random.between(0, holes_behind(log, *last).min(2));
    let bytes = records.iter().map(|(_, record, _)| record.bytes).sum();
    let span = Span { first: lane.next, next, records: records.len() as u64, bytes };
    if owns
        && ledger.account(&source).source_id == lane.source_id.unwrap_or(0)
        && let Err(violation) = ledger.account(&source).take(span.first)
    {
        violations.push(format!("{source}: {violation}"));
    }
    lane.next = next;
    left.records = left.records.saturating_sub(span.records);
    left.bytes = left.bytes.saturating_sub(span.in_flight_bytes());
    let source_id = lane.source_id;
    lane.in_flight.extend(records.iter().map(|(offset, record, is_alone)| Sent {
        source_id,
        offset: *offset,
        record: *record,
        has_landed: false,
        is_alone: *is_alone,
    }));
    let (timestamp_ms, leader_epoch, altered) = (None, Some(1), Altered::default());
    events.push(TransportEvent::Taken { lane: lane_id, span, timestamp_ms, leader_epoch, altered });
}

fn unreadable(lane: &WriterLane, log: Option<&Log>) -> Option<FaultKind> {
    match log {
        None => Some(FaultKind::UnknownTopic),
        Some(log) if lane.next < log.start || lane.next > log.end => Some(FaultKind::OffsetOutOfRange),
        Some(_) => None,
    }
}

fn holes_behind(log: &Log, offset: i64) -> i64 {
    let next = log.records.range(offset + 1..).next().map_or(log.end, |(offset, _)| *offset);
    next - offset - 1
}

enum StopAt {
    /// What is in flight has to be acknowledged first.
    Later,
    Refused(i64, crate::model::Refusal),
}

/// The next records of the lane, each with whether it is sent alone.
fn batch(
    lane: &WriterLane,
    log: &Log,
    left: &Allowance,
    random: &mut Random,
) -> Result<Vec<(i64, Record, bool)>, StopAt> {
    let wanted = (1 + random.below(6)).min(usize::try_from(left.records).unwrap_or(usize::MAX));
    let mut found: Vec<(i64, Record, bool)> = Vec::new();
    let mut bytes = 0;
    for (offset, record) in log.records.range(lane.next..).take(wanted) {
        let facts = RecordFacts { batch_bytes: record.bytes, timestamp_ms: None, has_key: record.has_key };
        let judgement = lane.limits.judge(facts, left.now_ms);
        let is_alone = *offset < lane.alone_before || judgement == Judgement::SendAlone;
        match judgement {
            Judgement::Refuse(refusal) if found.is_empty() => return Err(StopAt::Refused(*offset, refusal)),
            Judgement::Refuse(_) => break,
            Judgement::Send | Judgement::SendAlone if is_alone => {
                if !found.is_empty() {
                    break;
                }
                return if lane.in_flight.is_empty() { Ok(vec![(*offset, *record, true)]) } else { Err(StopAt::Later) };
            }
            Judgement::Send | Judgement::SendAlone => {
                found.push((*offset, *record, false));
                bytes += record.bytes + Span::RECORD_OVERHEAD_BYTES;
                if bytes >= left.bytes {
                    break;
                }
            }
        }
    }
    // The one sent alone has to be acknowledged before the next.
    if lane.in_flight.front().is_some_and(|sent| sent.is_alone) && !found.is_empty() {
        return Err(StopAt::Later);
    }
    Ok(found)
}
