//! The state of the mirror as others see it: one immutable snapshot, published again and again.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ports::Altered;
use super::reason::{BlockedReason, WaitingReason};
use super::time_use::TimeUse;
use crate::model::{ClusterName, FlowName, GroupName, TopicName};

/// Everything there is to see, at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Wall clock, ms since 1970.
    pub at_ms: i64,
    /// The flows, by name. Shared: a flow that has nothing new is not copied.
    pub flows: Vec<Arc<FlowSnapshot>>,
}

/// One flow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlowSnapshot {
    /// Its name.
    pub flow: FlowName,
    /// Where records come from.
    pub source: ClusterName,
    /// Where records go to.
    pub target: ClusterName,
    /// Its group on the source.
    pub group: GroupName,
    /// Its state.
    pub state: FlowState,
    /// What its lanes have moved since the flow was started.
    pub totals: Totals,
    /// Records per second on the target, smoothed over some seconds.
    pub records_per_second: f64,
    /// Bytes per second on the target, smoothed over some seconds.
    pub bytes_per_second: f64,
    /// Records between the positions and the ends of the logs, over the lanes of this instance that have heard of both;
    /// `None` while none has.
    pub lag_records: Option<u64>,
    /// Estimate of the same in bytes, from the mean size of the records copied; `None` before there is one.
    pub lag_bytes: Option<u64>,
    /// Lanes whose lag is in neither, for it is not known: they wait for the source, or are still to begin.
    pub unseen_lanes: u64,
    /// Age of the newest copied record of the lane that is furthest behind, ms; 0 when caught up, `None` while no lag
    /// is known.
    pub lag_ms: Option<u64>,
    /// Seconds until the lag of every lane is gone at its present rate, net of what arrives: that of the slowest lane.
    /// `None` when the lag of one does not shrink, or none is known. Lanes that are held or blocked do not count.
    pub eta_seconds: Option<u64>,
    /// Age of records when the target acknowledged them, over the last seconds, ms.
    pub delay: DelaySnapshot,
    /// What the shards spend their time with.
    pub time_use: TimeUse,
    /// Bytes taken from the source and not acknowledged by the target.
    pub in_flight_bytes: u64,
    /// Topics the selection matches, whatever their state.
    pub topics: Vec<TopicSnapshot>,
    /// Commits of progress the group has taken.
    pub commits: u64,
    /// Commits that failed.
    pub commit_failures: u64,
    /// Faults met, of all kinds.
    pub faults: u64,
    /// Time from reading a span to its acknowledgement.
    pub delivery_latency: Histogram,
}

/// Age of records on arrival.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelaySnapshot {
    /// Half of the records were not older, ms.
    pub p50_ms: Option<u64>,
    /// 99 of 100 records were not older, ms.
    pub p99_ms: Option<u64>,
}

/// How far a flow is from the ends that the logs had when it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completion {
    /// Lanes of this instance have not reached them.
    Open,
    /// The lanes of this instance have, but it does not own every partition.
    Partial,
    /// All have.
    Complete,
    /// All have that can: the others are blocked.
    Blocked,
}

/// One topic of a flow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TopicSnapshot {
    /// The source topic.
    pub source: TopicName,
    /// The target topic.
    pub target: TopicName,
    /// Partitions on the source.
    pub partitions: i32,
    /// Its state.
    pub state: TopicState,
    /// The lanes this instance owns.
    pub lanes: Vec<LaneSnapshot>,
}

/// One lane: a source partition this instance mirrors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LaneSnapshot {
    /// The partition.
    pub partition: i32,
    /// The shard that owns it.
    pub shard: u32,
    /// Its state.
    pub state: LaneState,
    /// The next offset to be settled: everything before it is on the target.
    pub position: i64,
    /// The position the group has.
    pub committed: Option<i64>,
    /// Start of the source's log.
    pub log_start: Option<i64>,
    /// End of the source's log.
    pub high_watermark: Option<i64>,
    /// Records between position and high watermark: an upper bound where the log has holes.
    pub lag_records: Option<u64>,
    /// Timestamp of the newest settled record, ms since 1970.
    pub newest_ms: Option<i64>,
    /// Age of the record settled last when the target acknowledged it, ms; `None` for records without a timestamp.
    pub delay_ms: Option<u64>,
    /// One past the offset that the record settled last has on the target.
    pub target_next: Option<i64>,
    /// Records per second, smoothed over some seconds.
    pub records_per_second: f64,
    /// Seconds until its lag is gone at the present rate, net of what arrives; `None` when it does not shrink.
    pub eta_seconds: Option<u64>,
    /// Whether the end of the log, as it was when the lane was attached, has been reached.
    pub has_reached_goal: bool,
    /// What it has moved since it was attached.
    pub totals: Totals,
}

/// Counts since a beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Records acknowledged by the target.
    pub records: u64,
    /// Their key, value and header bytes.
    pub bytes: u64,
    /// Records left out at an operator's word.
    pub skipped: u64,
    /// Records that could not be carried exactly.
    pub altered: Altered,
    /// Times a lane went back to send records again.
    pub rewinds: u64,
}

impl std::ops::AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.records += other.records;
        self.bytes += other.bytes;
        self.skipped += other.skipped;
        self.altered += other.altered;
        self.rewinds += other.rewinds;
    }
}

/// What a flow is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum FlowState {
    /// Looking at both clusters, preparing topics, reading progress.
    Starting,
    /// In the group, but no partition is assigned yet.
    Joining,
    /// Copying.
    Running,
    /// Every lane has read all there is.
    CaughtUp,
    /// Held up by something that passes by itself.
    Waiting {
        /// By what.
        why: WaitingReason,
    },
    /// Nothing can be copied until an operator decides: every lane or topic is blocked.
    Blocked {
        /// One of the reasons.
        why: BlockedReason,
    },
    /// Held by an operator.
    Paused,
    /// Stopping: waiting for what is in flight.
    Draining,
    /// Not running.
    Stopped,
    /// Not started because it would do harm.
    Refused {
        /// Why, and what to change.
        why: String,
    },
}

impl FlowState {
    /// Whether the flow runs, or is on the way to or from it: what it shows is what is, not what was when it still ran.
    pub fn is_up(&self) -> bool {
        !matches!(self, Self::Stopped | Self::Refused { .. })
    }
}

/// What a topic of a flow is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum TopicState {
    /// Its partitions are mirrored.
    Mirroring,
    /// Not mirrored until something is put right.
    Blocked {
        /// What.
        why: BlockedReason,
    },
    /// Appeared after the start, and new topics are to be ignored.
    Ignored,
}

/// What a lane is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum LaneState {
    /// Finding the position to begin at, and committing it when it is new.
    Starting,
    /// Copying.
    Copying,
    /// Has read all there is.
    CaughtUp,
    /// Held up by something that passes by itself.
    Waiting {
        /// By what.
        why: WaitingReason,
    },
    /// Writes nothing until an operator decides.
    Blocked {
        /// Why.
        why: BlockedReason,
    },
    /// Held by an operator.
    Paused,
    /// Being given up: waiting for what is in flight.
    Draining,
}

/// How often a duration fell below each bound, as Prometheus counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// Counts per bucket, the last for what exceeds every bound.
    pub counts: [u64; Histogram::BOUNDS_MS.len() + 1],
    /// Sum of all durations, ms.
    pub sum_ms: f64,
}

impl Histogram {
    /// Upper bounds of the buckets, ms.
    pub const BOUNDS_MS: [u64; 10] = [5, 10, 25, 50, 100, 250, 500, 1_000, 5_000, 30_000];

    /// Counts one duration.
    pub fn observe(&mut self, duration_ms: f64) {
        let bucket = Self::BOUNDS_MS.iter().position(|bound| duration_ms <= *bound as f64);
        self.counts[bucket.unwrap_or(Self::BOUNDS_MS.len())] += 1;
        self.sum_ms += duration_ms;
    }

    /// Adds what another has counted.
    pub fn merge(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.sum_ms += other.sum_ms;
    }

    /// How many durations were counted.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: [0; Self::BOUNDS_MS.len() + 1], sum_ms: 0.0 }
    }
}

impl Snapshot {
    /// The flow of this name.
    pub fn flow(&self, name: &FlowName) -> Option<&FlowSnapshot> {
        self.flows.iter().find(|flow| flow.flow == *name).map(Arc::as_ref)
    }
}

impl LaneSnapshot {
    /// Whether nothing is heard of its source's log, so that its lag is not known.
    pub fn is_unseen(&self) -> bool {
        self.lag_records.is_none() && matches!(&self.state, LaneState::Waiting { why } if why.hides_source())
    }
}

impl FlowSnapshot {
    /// How far the flow is from the ends that the logs had when it began.
    pub fn completion(&self) -> Completion {
        match &self.state {
            FlowState::Starting | FlowState::Joining => return Completion::Open,
            // It has not even been given a partition.
            FlowState::Waiting { .. } if self.topics.iter().all(|topic| topic.lanes.is_empty()) => {
                return Completion::Open;
            }
            FlowState::Refused { .. } => return Completion::Blocked,
            _ => {}
        }
        let mirrored = || self.topics.iter().filter(|topic| topic.state == TopicState::Mirroring);
        let lanes = || mirrored().flat_map(|topic| &topic.lanes);
        if lanes().any(|lane| !lane.has_reached_goal && !matches!(lane.state, LaneState::Blocked { .. })) {
            return Completion::Open;
        }
        let is_blocked = self.blocked_lanes().next().is_some() || self.blocked_topics().next().is_some();
        let partitions: usize = mirrored().map(|topic| usize::try_from(topic.partitions).unwrap_or(0)).sum();
        let has_all_lanes = lanes().count() >= partitions;
        match (has_all_lanes, is_blocked) {
            (true, false) => Completion::Complete,
            (true, true) => Completion::Blocked,
            // The others belong to other instances, or are on their way here.
            (false, _) => Completion::Partial,
        }
    }

    /// Every lane that is blocked, with its topic.
    pub fn blocked_lanes(&self) -> impl Iterator<Item = (&TopicSnapshot, &LaneSnapshot, &BlockedReason)> {
        self.topics.iter().flat_map(|topic| {
            topic.lanes.iter().filter_map(move |lane| match &lane.state {
                LaneState::Blocked { why } => Some((topic, lane, why)),
                _ => None,
            })
        })
    }

    /// Every topic that is blocked as a whole.
    pub fn blocked_topics(&self) -> impl Iterator<Item = (&TopicSnapshot, &BlockedReason)> {
        self.topics.iter().filter_map(|topic| match &topic.state {
            TopicState::Blocked { why } => Some((topic, why)),
            _ => None,
        })
    }
}
