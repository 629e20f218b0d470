//! What happened, in the order it happened.

use serde::{Deserialize, Serialize};

use super::fault::{Fault, Side};
use super::state::{FlowState, LaneState, TopicState};
use crate::model::{FlowName, GroupName, TopicName, TopicPartition, VersionRange};

/// An event with its time and flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Wall clock, ms since 1970.
    pub at_ms: i64,
    /// The flow it belongs to.
    pub flow: FlowName,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum EventKind {
    /// The flow's state changed.
    FlowState {
        /// The new state.
        state: FlowState,
    },
    /// A topic's state changed.
    TopicState {
        /// The source topic.
        topic: TopicName,
        /// The new state.
        state: TopicState,
    },
    /// A lane's state changed to or from one that needs attention.
    LaneState {
        /// The source partition.
        partition: TopicPartition,
        /// The new state.
        state: LaneState,
    },
    /// What the clusters' brokers are, as far as it can be told: at the start, and when it has changed.
    Versions {
        /// The source's.
        source: Option<VersionRange>,
        /// The target's.
        target: Option<VersionRange>,
    },
    /// A topic was created on the target.
    TopicCreated {
        /// The target topic.
        topic: TopicName,
        /// Its partitions.
        partitions: i32,
    },
    /// A topic was grown on the target.
    PartitionsAdded {
        /// The target topic.
        topic: TopicName,
        /// Its partitions now.
        partitions: i32,
    },
    /// Partitions without progress begin here; committed before their first record is copied.
    Started {
        /// How many partitions.
        partitions: u64,
        /// The start position, as configured.
        start: String,
    },
    /// The flow goes on where another one has stopped.
    Adopted {
        /// The other flow's group, which is left as it is.
        group: GroupName,
        /// How many partitions.
        partitions: u64,
    },
    /// The group gave partitions to this instance.
    Assigned {
        /// The partitions.
        partitions: Vec<TopicPartition>,
    },
    /// The group took partitions from this instance.
    Revoked {
        /// The partitions.
        partitions: Vec<TopicPartition>,
        /// Whether they were lost before they could be given up in order.
        lost: bool,
    },
    /// A lane goes back: records after `to` are sent again.
    Rewound {
        /// The source partition.
        partition: TopicPartition,
        /// Records before this offset were read.
        from: i64,
        /// The position it goes on from.
        to: i64,
        /// Why.
        cause: String,
    },
    /// An operator let a lane go on elsewhere.
    Repositioned {
        /// The source partition.
        partition: TopicPartition,
        /// The position before.
        from: i64,
        /// The position now. Records between, if `to` is greater, were given up.
        to: i64,
    },
    /// An operator set positions, and the flow's group has them.
    PositionsSet {
        /// Which, and where they were before.
        positions: Vec<MovedPosition>,
    },
    /// An operator had a record left out.
    RecordSkipped {
        /// The source partition.
        partition: TopicPartition,
        /// The record's offset.
        offset: i64,
    },
    /// Progress could not be committed; it is tried again.
    CommitFailed {
        /// The problem.
        fault: Fault,
    },
    /// A cluster has a problem that passes by itself.
    Trouble {
        /// The problem.
        fault: Fault,
    },
    /// A broker that leads partitions of the flow went away while others of its cluster answer.
    BrokerDown {
        /// Which cluster.
        side: Side,
        /// The broker's id.
        broker: i32,
        /// Its address, `host:port`.
        address: String,
        /// The client's words.
        detail: String,
        /// How many partitions wait for it.
        partitions: u64,
    },
    /// A broker that was away is back.
    BrokerUp {
        /// Which cluster.
        side: Side,
        /// The broker's id.
        broker: i32,
        /// Its address, `host:port`.
        address: String,
    },
    /// A command could not be carried out.
    Refused {
        /// The command, in words.
        command: String,
        /// Why.
        reason: String,
    },
    /// Something an operator should know: a setting of the target that will bite, a topic that is ignored.
    Notice {
        /// What.
        text: String,
    },
}

/// A position that was set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedPosition {
    /// The source partition.
    #[serde(flatten)]
    pub partition: TopicPartition,
    /// The position before; `None` where there was no progress.
    pub from: Option<i64>,
    /// The position now.
    pub to: i64,
}
