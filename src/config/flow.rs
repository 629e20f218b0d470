//! One flow, as used.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::{
    ClusterName, GroupName, NamePattern, Neighbour, RenamePolicy, Selection, StartPosition, TopicName, TopicPartition,
};

/// What the groups of flows begin with that name none: `kmirror.<flow>`.
pub const GROUP_PREFIX: &str = "kmirror.";

/// One source -> target replication. Everything is set: what the file leaves out has its default here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowConfig {
    /// Where records come from; names an entry of `Config::clusters`.
    pub source: ClusterName,
    /// Where they go; names an entry of `Config::clusters`.
    pub target: ClusterName,
    /// Which topics are mirrored.
    pub selection: Selection,
    /// What they are called on the target.
    pub rename: RenamePolicy,
    /// Where to begin in a partition without progress.
    pub start: StartPosition,
    /// Exceptions from `start`, each for one topic or one of its partitions.
    pub start_overrides: Vec<StartOverride>,
    /// Whether topics that appear while the flow runs are mirrored.
    pub new_topics: NewTopics,
    /// How target topics are made and kept like their sources.
    pub topics: TopicOptions,
    /// How often the source is asked for new topics and partitions.
    pub refresh_interval: Duration,
    /// How often progress is committed; about as much is copied again after a crash.
    pub commit_interval: Duration,
    /// What the flow may use.
    pub limits: Limits,
    /// The consumer group on the source that carries the progress.
    pub group: GroupName,
    /// Which protocol the group is joined with.
    pub group_protocol: GroupProtocol,
    /// How long the group waits for a silent instance before it gives its partitions to others; `None` leaves it to
    /// kmirror, by the source's version.
    pub session_timeout: Option<Duration>,
    /// How many shards of this instance share the flow's partitions, 1 to 64.
    pub shards: u16,
    /// What to do about a partition without progress whose target partition already holds records.
    pub target_not_empty: TargetNotEmpty,
    /// Whether the flow runs when kmirror starts, or waits to be told.
    pub autostart: bool,
    /// The other flows of the file that deal with the same clusters, and run when kmirror does.
    pub neighbours: Vec<Neighbour>,
    /// Those that do too, and wait to be started: they do no harm until somebody does.
    pub idle_neighbours: Vec<Neighbour>,
}

impl FlowConfig {
    /// Where to begin in `partition` if it has no progress: the most specific override, else `start`.
    pub fn start_of(&self, partition: &TopicPartition) -> &StartPosition {
        let of_topic = || self.start_overrides.iter().filter(|entry| entry.topic == partition.topic);
        of_topic()
            .find(|entry| entry.partition == Some(partition.partition))
            .or_else(|| of_topic().find(|entry| entry.partition.is_none()))
            .map_or(&self.start, |entry| &entry.start)
    }

    /// What of `new` a flow that runs by this cannot take under way, in words.
    pub fn changes_that_need_restart(&self, new: &Self) -> Vec<String> {
        let changes = [
            ("its source", self.source != new.source),
            ("its target", self.target != new.target),
            ("its group", self.group != new.group),
            ("group_protocol", self.group_protocol != new.group_protocol),
            ("session_timeout", self.session_timeout != new.session_timeout),
            ("shards", self.shards != new.shards),
            ("limits.in_flight_bytes", self.limits.in_flight_bytes != new.limits.in_flight_bytes),
        ];
        changes.into_iter().filter(|(_, is_changed)| *is_changed).map(|(what, _)| what.to_owned()).collect()
    }

    /// Every start position there is.
    pub fn starts(&self) -> impl Iterator<Item = &StartPosition> {
        std::iter::once(&self.start).chain(self.start_overrides.iter().map(|entry| &entry.start))
    }
}

/// An exception from a flow's `start`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartOverride {
    /// The source topic.
    pub topic: TopicName,
    /// Its partition; `None` means all that have no override of their own.
    pub partition: Option<i32>,
    /// Where to begin.
    pub start: StartPosition,
}

/// How target topics are made and kept like their sources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicOptions {
    /// Whether missing target topics are created. If not, their lanes are blocked until somebody does.
    pub create: bool,
    /// Replicas of created topics; -1 leaves it to the target's default.
    pub replication_factor: i32,
    /// Whether created topics get the source topic's own settings.
    pub copy_configs: bool,
    /// Which of them they do not get.
    pub configs_exclude: ConfigsExclude,
    /// Whether partitions added at the source are added at the target.
    pub grow_partitions: bool,
}

/// Names of topic settings that are not copied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConfigsExclude(pub(super) Vec<NamePattern>);

impl ConfigsExclude {
    /// Whether the setting `name` is left to the target.
    pub fn is_excluded(&self, name: &str) -> bool {
        // Backtracking patterns, the only ones that may give up, are refused when the file is read.
        self.0.iter().any(|pattern| pattern.is_match(name).unwrap_or(true))
    }

    /// The patterns as written.
    pub fn patterns(&self) -> &[NamePattern] {
        &self.0
    }
}

/// What a flow may use. A rate of `None` is unlimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes read and not yet acknowledged, per flow and instance.
    pub in_flight_bytes: u64,
    /// Records per second, per flow and instance.
    pub records_per_second: Option<u64>,
    /// Bytes per second, per flow and instance.
    pub bytes_per_second: Option<u64>,
}

/// What to do about topics that appear while the flow runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NewTopics {
    /// Mirror those that are selected, from their beginning.
    Mirror,
    /// Hold them back, as blocked, until an operator says whether they are to be mirrored.
    Ask,
    /// Leave them alone.
    Ignore,
}

/// How a group is joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupProtocol {
    /// KIP-848's where the source offers it, else the classic one.
    Auto,
    /// The one every broker since 0.9 has.
    Classic,
    /// KIP-848's, of brokers since 4.0.
    Consumer,
}

/// What to do about a partition without progress whose target partition already holds records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetNotEmpty {
    /// Block its lane: it may have been mirrored before, and would be doubled.
    Block,
    /// Write behind what is there.
    Append,
}
