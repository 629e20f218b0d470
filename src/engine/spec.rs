//! What a flow is to do: the engine's view of `[flows.NAME]`.

use std::time::Duration;

use super::ports::GroupProtocol;
use crate::model::{
    ClusterName, FlowName, GroupName, NamePattern, RenamePolicy, Selection, StartPosition, TopicName, TopicPartition,
};

/// One source -> target replication, with its selection and policies.
#[derive(Clone, Debug)]
pub struct FlowSpec {
    /// Its name.
    pub name: FlowName,
    /// Where records come from.
    pub source: ClusterName,
    /// Where records go to.
    pub target: ClusterName,
    /// Which topics.
    pub selection: Selection,
    /// What they are called on the target.
    pub rename: RenamePolicy,
    /// Where partitions without progress begin, when the flow starts for the first time.
    pub start: StartPosition,
    /// Exceptions to `start`, the more exact one first.
    pub start_overrides: Vec<StartOverride>,
    /// How target topics are made.
    pub topics: TopicPolicy,
    /// How often topics are looked at again.
    pub refresh_interval: Duration,
    /// How often progress is committed.
    pub commit_interval: Duration,
    /// Bytes in flight, over all shards of this instance.
    pub in_flight_bytes_max: u64,
    /// Cap on records per second on this instance.
    pub records_per_second_max: Option<u64>,
    /// Cap on bytes per second on this instance.
    pub bytes_per_second_max: Option<u64>,
    /// What becomes of topics that appear after the flow's first start.
    pub new_topics: NewTopics,
    /// The flow's group on the source.
    pub group: GroupName,
    /// How the group is joined; by what the source offers when absent.
    pub group_protocol: Option<GroupProtocol>,
    /// How long the group waits for a silent member.
    pub session_timeout: Option<Duration>,
    /// Shards on this instance.
    pub shards: u32,
    /// What to do when a partition without progress has a target partition that holds records.
    pub target_not_empty: TargetNotEmpty,
    /// Whether to start with the engine.
    pub is_autostarted: bool,
}

/// An exception to a flow's start position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartOverride {
    /// The source topic.
    pub topic: TopicName,
    /// One partition of it; all when absent.
    pub partition: Option<i32>,
    /// Where it begins.
    pub start: StartPosition,
}

/// How target topics are made.
#[derive(Clone, Debug)]
pub struct TopicPolicy {
    /// Create those that are missing.
    pub create: bool,
    /// Replicas of a created topic, -1 for the broker's default.
    pub replication_factor: i32,
    /// Copy the source topic's own settings to a created topic.
    pub copy_configs: bool,
    /// Settings that are not copied.
    pub configs_exclude: Vec<NamePattern>,
    /// Add partitions when the source has more.
    pub grow_partitions: bool,
}

/// What becomes of topics that appear after the flow's first start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewTopics {
    /// They are mirrored from their beginning.
    Mirror,
    /// They are left alone.
    Ignore,
}

/// What to do when a partition without progress has a target partition that holds records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetNotEmpty {
    /// Block the lane: progress was lost, or another flow wrote there.
    Block,
    /// Write behind what is there.
    Append,
}

impl FlowSpec {
    /// Where a partition without progress begins at the flow's first start.
    pub fn start_of(&self, partition: &TopicPartition) -> &StartPosition {
        let of_topic = || self.start_overrides.iter().filter(|exception| exception.topic == partition.topic);
        of_topic()
            .find(|exception| exception.partition == Some(partition.partition))
            .or_else(|| of_topic().find(|exception| exception.partition.is_none()))
            .map_or(&self.start, |exception| &exception.start)
    }
}
