//! What the flow tells a shard, and what the shard tells the flow.

use std::time::Duration;

use crate::engine::budget::Budget;
use crate::engine::command::Scope;
use crate::engine::fault::Fault;
use crate::engine::job::ReadyTopic;
use crate::engine::ports::BrokerNews;
use crate::engine::reason::{BlockedReason, WaitingReason};
use crate::engine::state::{Histogram, LaneSnapshot};
use crate::engine::time_use::TimeUse;
use crate::model::{Delays, TargetLimits, TopicName, TopicPartition};

/// An order to a shard.
#[derive(Clone, Debug)]
pub(in crate::engine) enum ShardCommand {
    /// Mirror exactly these source topics.
    Subscribe(Vec<TopicName>),
    /// The positions of assigned partitions.
    Attach { assignment: u32, lanes: Vec<Positioned> },
    /// Hold exactly the lanes these scopes mean, and let the others go on.
    SetPaused(Vec<Scope>),
    /// Let blocked lanes try again where they are.
    Retry { scope: Scope, only_healing: bool },
    /// Both clusters have answered a refresh.
    BothReached,
    /// Let a lane go on at another position. The note goes with its commits from now on.
    Reposition { partition: TopicPartition, position: i64, note: String },
    /// Let a lane go on at another position, whatever it does: what is in flight is waited for first. Answered by
    /// `Moved` or `NotMoved`.
    Move { partition: TopicPartition, position: i64, note: String },
    /// Leave out the record the lane is blocked at.
    Skip { partition: TopicPartition, offset: i64 },
    /// A diagnosis: the lane must not go on.
    Block { partition: TopicPartition, why: BlockedReason },
    /// A topic is another than before, on the source or on the target: its lanes must not go on with the old one's
    /// positions.
    CheckTopic { topic: TopicName, ready: ReadyTopic },
    /// A diagnosis: the lane may go on where it is.
    Resume { partition: TopicPartition },
    /// Why the target acknowledges nothing.
    ShowStall { why: WaitingReason },
    /// What a source topic's target accepts has changed.
    SetLimits { topic: TopicName, limits: TargetLimits },
    /// How fast the shard may be, and how often it commits, from now on.
    SetPace { commit_interval: Duration, budget: Budget },
    /// Stop reading, wait for what is in flight until `deadline`, commit, leave the group.
    Drain { deadline: Duration },
}

/// A partition with the position to begin at, or the reason why it must not begin.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Positioned {
    pub(in crate::engine) source: TopicPartition,
    pub(in crate::engine) target: TopicPartition,
    pub(in crate::engine) limits: TargetLimits,
    pub(in crate::engine) position: i64,
    pub(in crate::engine) leader_epoch: Option<i32>,
    pub(in crate::engine) note: String,
    /// End of the source's log now.
    pub(in crate::engine) goal: i64,
    /// Whether the group has the position already.
    pub(in crate::engine) is_stored: bool,
    pub(in crate::engine) is_paused: bool,
    pub(in crate::engine) blocked: Option<BlockedReason>,
}

/// What happened in a shard.
#[derive(Clone, Debug)]
pub(in crate::engine) enum ShardReport {
    /// The group gave it partitions; it waits for [`ShardCommand::Attach`] with the same number.
    Assigned { assignment: u32, partitions: Vec<TopicPartition> },
    /// It gave up partitions.
    Released { partitions: Vec<TopicPartition>, lost: bool },
    /// A lane cannot read on for a reason that has to be looked up.
    Diagnose { partition: TopicPartition, position: i64, note: String, fault: Fault },
    /// A lane is blocked.
    Blocked { partition: TopicPartition, why: BlockedReason },
    /// A lane is not blocked any more.
    Unblocked { partition: TopicPartition },
    /// A lane went back.
    Rewound { partition: TopicPartition, from: i64, to: i64, cause: String },
    /// A lane went on elsewhere at an operator's word.
    Repositioned { partition: TopicPartition, from: i64, to: i64 },
    /// A lane was moved, and the group has its new position.
    Moved { partition: TopicPartition, from: i64, to: i64 },
    /// A lane was not moved.
    NotMoved { partition: TopicPartition, why: String },
    /// A record was left out at an operator's word.
    Skipped { partition: TopicPartition, offset: i64 },
    /// An order could not be carried out.
    Refused { command: String, reason: String },
    /// The group took a commit.
    Committed,
    /// The group did not take a commit.
    CommitFailed(Fault),
    /// A problem that concerns no single lane.
    Trouble(Fault),
    /// A broker went away, or is back.
    Broker(BrokerNews),
    /// Records are in flight and none is acknowledged, though nobody reports a trouble.
    Stalled { partition: TopicPartition },
    /// Where all lanes stand.
    Sample(ShardSample),
    /// The shard has left the group and closed its clients.
    Ended { fault: Option<Fault>, unsettled_records: u64 },
}

/// Where all lanes of a shard stand.
#[derive(Clone, Debug)]
pub(in crate::engine) struct ShardSample {
    pub(in crate::engine) lanes: Vec<(TopicPartition, LaneSnapshot)>,
    /// Partitions that were assigned and have no lane yet: their positions are being looked for.
    pub(in crate::engine) pending: usize,
    pub(in crate::engine) in_flight_bytes: u64,
    /// Deliveries since the last sample.
    pub(in crate::engine) latency: Histogram,
    /// Ages of the records on arrival since the last sample.
    pub(in crate::engine) delays: Delays,
    pub(in crate::engine) time_use: TimeUse,
    pub(in crate::engine) trouble: Option<WaitingReason>,
}
