//! A snapshot with something of everything, for tests.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use crate::engine::ports::Altered;
use crate::engine::{
    BlockedReason, DelaySnapshot, EventKind, Fault, FaultKind, FlowSnapshot, FlowState, Histogram, LaneSnapshot,
    LaneState, MovedPosition, OtherFlow, Side, Snapshot, TimeUse, TopicSnapshot, TopicState, Totals, WaitingReason,
};
use crate::model::{Refusal, TopicPartition, VersionRange};

/// 2026-03-04T05:06:07Z.
pub(crate) const AT_MS: i64 = 1_772_600_767_000;

pub(crate) fn too_large() -> BlockedReason {
    BlockedReason::RecordTooLarge { offset: 4711, size_bytes: 2_000_000, limit_bytes: 1_048_588 }
}

pub(crate) fn partition_count() -> BlockedReason {
    BlockedReason::PartitionCount { target_topic: "eu.payments".into(), source_partitions: 12, target_partitions: 6 }
}

pub(crate) fn unreachable() -> WaitingReason {
    WaitingReason::BrokerUnreachable { side: Side::Target, detail: "connection refused".into() }
}

/// Two flows: `eu-to-us` runs with a blocked lane and a blocked topic, `audit` waits for its target.
pub(crate) fn snapshot() -> Snapshot {
    Snapshot { at_ms: AT_MS, flows: vec![running().into(), waiting().into()] }
}

/// `snapshot()` with nothing wrong and nothing left.
pub(crate) fn caught_up() -> Snapshot {
    let mut flow = running();
    flow.state = FlowState::CaughtUp;
    flow.topics.truncate(1);
    flow.topics[0].lanes[1] = lane(1, LaneState::CaughtUp);
    (flow.lag_records, flow.lag_ms, flow.eta_seconds) = (Some(0), Some(0), Some(0));
    (flow.records_per_second, flow.bytes_per_second, flow.in_flight_bytes) = (0.0, 0.0, 0);
    Snapshot { at_ms: AT_MS, flows: vec![flow.into()] }
}

/// A flow of a snapshot, to be changed.
pub(crate) fn flow_mut(snapshot: &mut Snapshot, index: usize) -> &mut FlowSnapshot {
    Arc::make_mut(&mut snapshot.flows[index])
}

pub(crate) fn running() -> FlowSnapshot {
    let mut delivery_latency = Histogram::default();
    [3.0, 40.0, 40_000.0].iter().for_each(|ms| delivery_latency.observe(*ms));
    let altered = Altered { timestamp_zero: 2, ..Altered::default() };
    FlowSnapshot {
        flow: "eu-to-us".into(),
        source: "eu".into(),
        target: "us".into(),
        group: "kmirror.eu-to-us".into(),
        state: FlowState::Running,
        totals: Totals { records: 1_234_567, bytes: 1_300_000_000, skipped: 1, altered, rewinds: 3 },
        records_per_second: 48_210.0,
        bytes_per_second: 48_300_000.0,
        lag_records: Some(1_240_000),
        lag_bytes: Some(1_270_000_000),
        unseen_lanes: 0,
        lag_ms: Some(200_000),
        eta_seconds: Some(310),
        delay: DelaySnapshot { p50_ms: Some(410), p99_ms: Some(3_900) },
        time_use: TimeUse { moving: 0.2, target: 0.7, cap: 0.0, source: 0.1 },
        in_flight_bytes: 4_194_304,
        topics: vec![
            TopicSnapshot {
                source: "orders".into(),
                target: "eu.orders".into(),
                partitions: 2,
                state: TopicState::Mirroring,
                lanes: vec![lane(0, LaneState::Copying), lane(1, LaneState::Blocked { why: too_large() })],
            },
            TopicSnapshot {
                source: "payments".into(),
                target: "eu.payments".into(),
                partitions: 12,
                state: TopicState::Blocked { why: partition_count() },
                lanes: Vec::new(),
            },
        ],
        commits: 17,
        commit_failures: 1,
        faults: 5,
        delivery_latency,
    }
}

fn waiting() -> FlowSnapshot {
    FlowSnapshot {
        flow: "audit".into(),
        group: "kmirror.audit".into(),
        state: FlowState::Waiting { why: unreachable() },
        totals: Totals::default(),
        records_per_second: 0.0,
        bytes_per_second: 0.0,
        lag_records: Some(900),
        lag_bytes: None,
        unseen_lanes: 0,
        lag_ms: None,
        eta_seconds: None,
        in_flight_bytes: 0,
        topics: Vec::new(),
        commits: 0,
        commit_failures: 0,
        faults: 1,
        delivery_latency: Histogram::default(),
        ..running()
    }
}

pub(crate) fn lane(partition: i32, state: LaneState) -> LaneSnapshot {
    let has_reached_goal = state == LaneState::CaughtUp;
    LaneSnapshot {
        partition,
        shard: 0,
        state,
        position: 4711,
        committed: Some(4700),
        log_start: Some(100),
        high_watermark: Some(6000),
        lag_records: Some(1289),
        newest_ms: Some(AT_MS - 200_000),
        delay_ms: Some(3_900),
        target_next: Some(5_011),
        records_per_second: 1_200.0,
        eta_seconds: Some(310),
        has_reached_goal,
        totals: Totals { records: 4600, bytes: 4_600_000, ..Totals::default() },
    }
}

/// One of every kind of event, and the states of flows, topics and lanes that are told.
pub(crate) fn event_kinds() -> Vec<EventKind> {
    let lane = || TopicPartition::new("orders", 1);
    let lanes = || vec![TopicPartition::new("orders", 0), lane()];
    let fault = || Fault::new(FaultKind::Unreachable, Side::Source, "commit progress", "timed out");
    let refused = "include of `eu-to-us` and `us-to-eu` feed each other";
    let rejected =
        WaitingReason::CredentialsRejected { side: Side::Target, detail: "SASL authentication failed".into() };
    vec![
        EventKind::FlowState { state: FlowState::Starting },
        EventKind::FlowState { state: FlowState::Waiting { why: rejected } },
        EventKind::FlowState { state: FlowState::Blocked { why: too_large() } },
        EventKind::FlowState { state: FlowState::Refused { why: refused.into() } },
        EventKind::TopicState { topic: "orders".into(), state: TopicState::Mirroring },
        EventKind::TopicState { topic: "payments".into(), state: TopicState::Blocked { why: partition_count() } },
        EventKind::TopicState { topic: "late".into(), state: TopicState::Ignored },
        EventKind::LaneState { partition: lane(), state: LaneState::Blocked { why: too_large() } },
        EventKind::LaneState { partition: lane(), state: LaneState::Waiting { why: WaitingReason::NotEnoughReplicas } },
        EventKind::Versions { source: Some(VersionRange::new(&[2, 4], &[2, 6])), target: Some(VersionRange::since(4)) },
        EventKind::TopicCreated { topic: "eu.orders".into(), partitions: 1 },
        EventKind::PartitionsAdded { topic: "eu.orders".into(), partitions: 2 },
        EventKind::Started { partitions: 2, start: "earliest".into() },
        EventKind::Adopted { group: "kmirror.old".into(), partitions: 2 },
        EventKind::Assigned { partitions: lanes() },
        EventKind::Revoked { partitions: lanes(), lost: false },
        EventKind::Revoked { partitions: lanes(), lost: true },
        EventKind::Rewound { partition: lane(), from: 900, to: 800, cause: "producer replaced".into() },
        EventKind::Repositioned { partition: lane(), from: 100, to: 250 },
        EventKind::Repositioned { partition: lane(), from: 250, to: 0 },
        EventKind::PositionsSet {
            positions: vec![
                MovedPosition { partition: TopicPartition::new("orders", 0), from: None, to: 0 },
                MovedPosition { partition: lane(), from: Some(100), to: 250 },
            ],
        },
        EventKind::RecordSkipped { partition: lane(), offset: 4711 },
        EventKind::CommitFailed { fault: fault() },
        EventKind::Trouble { fault: fault() },
        EventKind::BrokerDown {
            side: Side::Source,
            broker: 2,
            address: "kafka-a2:9092".into(),
            detail: "Connection refused".into(),
            partitions: 8,
        },
        EventKind::BrokerUp { side: Side::Source, broker: 2, address: "kafka-a2:9092".into() },
        EventKind::Refused { command: "skip the record at 12".into(), reason: "orders/1 is not blocked there".into() },
        EventKind::Notice { text: "retention of eu.orders is shorter than the oldest record".into() },
    ]
}

/// Every reason for being blocked.
pub(crate) fn blocked_reasons() -> Vec<BlockedReason> {
    let fault = |kind| Fault::new(kind, Side::Target, "write to `eu.orders`", "broken");
    vec![
        BlockedReason::RecordTooLarge { offset: 4711, size_bytes: 2_000_000, limit_bytes: 1_048_588 },
        BlockedReason::RecordRefused {
            offset: 4711,
            refusal: Refusal::TimestampTooOld { timestamp_ms: 1, before_ms_max: 1000 },
        },
        BlockedReason::RecordRefused {
            offset: 4711,
            refusal: Refusal::TimestampTooNew { timestamp_ms: 9, after_ms_max: 1000 },
        },
        BlockedReason::RecordRefused { offset: 4711, refusal: Refusal::KeyMissing },
        BlockedReason::Rejected { offset: 4711, fault: fault(FaultKind::InvalidRecord) },
        BlockedReason::TopicAuthorization { side: Side::Target, topic: "eu.orders".into(), operation: "write".into() },
        BlockedReason::GroupAuthorization { group: "kmirror.eu-to-us".into() },
        BlockedReason::PartitionCount { target_topic: "eu.orders".into(), source_partitions: 12, target_partitions: 6 },
        BlockedReason::TargetTopicMissing {
            target_topic: "eu.orders".into(),
            partitions: 12,
            replication_factor: Some(3),
            detail: "policy".into(),
        },
        BlockedReason::NewTopic,
        BlockedReason::ProgressMissing { target_end: 900 },
        BlockedReason::WrittenByOtherFlow { target_end: 900, by: other_flow() },
        BlockedReason::RetentionOvertook { lost_from: 100, lost_to: 250 },
        BlockedReason::TopicRecreated { old_id: "a".into(), new_id: "b".into(), position: 7 },
        BlockedReason::SourceTopicGone { topic: "orders".into() },
        BlockedReason::OffsetOutOfRange { position: 900, low: 0, high: 50 },
        BlockedReason::LogTruncated { position: 900, detail: "epoch".into() },
        BlockedReason::CorruptBatch { offset: 4711, detail: "crc".into() },
        BlockedReason::Unsupported { side: Side::Target, detail: "zstd".into() },
        BlockedReason::Fault { fault: fault(FaultKind::Other) },
    ]
}

pub(crate) fn other_flow() -> OtherFlow {
    let (group, flow) = ("kmirror.old".into(), Some("old".into()));
    OtherFlow { group, flow, position: 850, is_active: false, is_certain: true }
}

/// Every reason for waiting.
pub(crate) fn waiting_reasons() -> Vec<WaitingReason> {
    let side = Side::Source;
    vec![
        unreachable(),
        leader_unreachable(),
        WaitingReason::CredentialsRejected { side, detail: "no".into() },
        WaitingReason::NotEnoughReplicas,
        WaitingReason::LeaderUnavailable { side },
        WaitingReason::GroupActive { group: "mirrormaker".into(), members: vec!["mm-0 on 10.0.0.7".into()] },
        WaitingReason::OpenTransaction,
        WaitingReason::NoProgress { side },
        WaitingReason::Throttled { side },
        WaitingReason::Fault { fault: Fault::new(FaultKind::CoordinatorUnavailable, side, "join", "loading") },
    ]
}

/// One broker of the source is away.
pub(crate) fn leader_unreachable() -> WaitingReason {
    let (address, detail) = ("kafka-a2:9092".into(), "Connect to kafka-a2:9092 failed: Connection refused".into());
    WaitingReason::LeaderUnreachable { side: Side::Source, broker: 2, address, detail }
}

/// How many kinds of events there are.
pub(crate) const N_EVENT_KINDS: usize = 20;

/// A number for each kind: a new kind does not compile here until it has one, and so a line in the tests.
pub(crate) fn event_index(kind: &EventKind) -> usize {
    match kind {
        EventKind::FlowState { .. } => 0,
        EventKind::TopicState { .. } => 1,
        EventKind::LaneState { .. } => 2,
        EventKind::TopicCreated { .. } => 3,
        EventKind::PartitionsAdded { .. } => 4,
        EventKind::Started { .. } => 5,
        EventKind::Assigned { .. } => 6,
        EventKind::Revoked { .. } => 7,
        EventKind::Rewound { .. } => 8,
        EventKind::Repositioned { .. } => 9,
        EventKind::RecordSkipped { .. } => 10,
        EventKind::CommitFailed { .. } => 11,
        EventKind::Trouble { .. } => 12,
        EventKind::Refused { .. } => 13,
        EventKind::Notice { .. } => 14,
        EventKind::Adopted { .. } => 15,
        EventKind::Versions { .. } => 16,
        EventKind::PositionsSet { .. } => 17,
        EventKind::BrokerDown { .. } => 18,
        EventKind::BrokerUp { .. } => 19,
    }
}

/// A place to write to, and to read from what was written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Paper(Arc<Mutex<Vec<u8>>>);

impl Paper {
    /// What was written since the last time.
    pub(crate) fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().expect("lock"))).expect("utf-8")
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("lock").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
