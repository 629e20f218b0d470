//! Looking at the topics of a cluster: what is asked for, and what comes back.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::{BrowseRequest, ClusterName, FlowName, SelectionVerdict, TopicName};

/// A question about topics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TopicJob {
    /// Start and end of the partitions' logs of some topics.
    Measure {
        /// The topics, with their numbers of partitions.
        topics: Vec<(TopicName, i32)>,
        /// How many of the cluster's topics are known already, of how many.
        progress: (usize, usize),
    },
    /// The settings of some topics.
    Settings {
        /// The topics.
        topics: Vec<TopicName>,
        /// How many of the cluster's topics are known already, of how many.
        progress: (usize, usize),
    },
    /// Who leads the partitions of a topic, and what there is of the topics it is mirrored to.
    Describe {
        /// The topic.
        topic: TopicName,
        /// Its targets: cluster and topic.
        targets: Vec<(ClusterName, TopicName)>,
    },
    /// How large the records of a topic are.
    Sample {
        /// The topic.
        topic: TopicName,
        /// The partition to look at.
        partition: i32,
    },
    /// Records of a topic.
    Browse(BrowseRequest),
}

/// What a [`TopicJob`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TopicJobKey {
    /// [`TopicJob::Measure`].
    Measure,
    /// [`TopicJob::Settings`].
    Settings,
    /// [`TopicJob::Describe`].
    Describe,
    /// [`TopicJob::Sample`].
    Sample,
    /// [`TopicJob::Browse`].
    Browse,
}

impl TopicJob {
    /// What it is about.
    pub fn key(&self) -> TopicJobKey {
        match self {
            Self::Measure { .. } => TopicJobKey::Measure,
            Self::Settings { .. } => TopicJobKey::Settings,
            Self::Describe { .. } => TopicJobKey::Describe,
            Self::Sample { .. } => TopicJobKey::Sample,
            Self::Browse(_) => TopicJobKey::Browse,
        }
    }

    /// What it does, for the tasks drawer.
    pub fn describe(&self, cluster: &ClusterName) -> String {
        match self {
            Self::Measure { topics, progress: (known, all) } => {
                format!("ask the ends of {} topics of {cluster} ({known} of {all} known)", topics.len())
            }
            Self::Settings { topics, progress: (known, all) } => {
                format!("read the settings of {} topics of {cluster} ({known} of {all} known)", topics.len())
            }
            Self::Describe { topic, .. } => format!("describe {topic} of {cluster}"),
            Self::Sample { topic, .. } => format!("see how large the records of {topic} are"),
            Self::Browse(request) => format!("read records of {} of {cluster}", request.topic),
        }
    }
}

/// The topics of a cluster, at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClusterTopics {
    /// By name, internal ones included.
    pub topics: Vec<ListedTopic>,
}

/// One topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedTopic {
    /// Its name, as the broker has it: escaped only where it is drawn.
    pub name: TopicName,
    /// Its partitions.
    pub partitions: i32,
    /// Replicas of its first partition.
    pub replication_factor: i32,
    /// In-sync replicas of the partition that has the fewest.
    pub in_sync_replicas_min: i32,
    /// Partitions nobody leads.
    pub leaderless: i32,
    /// Whether it belongs to Kafka or to a tool.
    pub is_internal: bool,
    /// What the flows that read this cluster do with it, by flow.
    pub verdicts: Arc<[FlowVerdict]>,
    /// Why it cannot be described.
    pub fault: Option<String>,
}

/// What a flow does with a topic of its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowVerdict {
    /// The flow.
    pub flow: FlowName,
    /// Where it copies to.
    pub target_cluster: ClusterName,
    /// What its selection says.
    pub verdict: SelectionVerdict,
    /// The pattern that decided; empty when none did.
    pub pattern: String,
    /// What the topic is called on the target, or why it cannot be renamed; of selected topics only.
    pub target: Option<Result<TopicName, String>>,
    /// Why it is not mirrored, in words.
    pub why_not: Option<String>,
}

impl FlowVerdict {
    /// The target topic, when the flow mirrors the topic.
    pub fn target_topic(&self) -> Option<&TopicName> {
        self.target.as_ref()?.as_ref().ok()
    }
}

/// Start and end of the log of each partition of some topics; `None` for those that could not be asked.
pub type TopicLogs = BTreeMap<TopicName, Vec<Option<(i64, i64)>>>;

/// What could be read of the settings of some topics.
pub type TopicsSettings = BTreeMap<TopicName, Result<TopicSettings, String>>;

/// The settings of a topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicSettings {
    /// `cleanup.policy`.
    pub policy: Option<String>,
    /// `retention.ms`; -1 for no limit.
    pub retention_ms: Option<i64>,
    /// `retention.bytes` of a partition; -1 for no limit.
    pub retention_bytes: Option<i64>,
    /// `min.insync.replicas`.
    pub in_sync_min: Option<i32>,
    /// What is set on the topic itself: name and value.
    pub overrides: Vec<(String, String)>,
}

impl TopicSettings {
    /// Whether the log may have holes where older records of a key were.
    pub fn is_compacted(&self) -> bool {
        self.policy.as_ref().is_none_or(|policy| policy.contains("compact"))
    }
}

/// What there is to know about one topic beside its numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicDetail {
    /// Its partitions, by number.
    pub partitions: Vec<ListedPartition>,
    /// What there is of its targets, in the order they were asked for.
    pub targets: Vec<(ClusterName, TopicName, TargetState)>,
}

/// One partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedPartition {
    /// Its number.
    pub partition: i32,
    /// The broker that leads it.
    pub leader: Option<i32>,
    /// Replicas.
    pub replicas: i32,
    /// Those in sync.
    pub in_sync_replicas: i32,
}

/// A target topic as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetState {
    /// It is there, with so many partitions.
    Exists(usize),
    /// It is not there.
    Missing,
    /// It cannot be told, for this reason.
    Unknown(String),
}

/// How large records are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordSample {
    /// Records that were looked at.
    pub records: u64,
    /// Their keys, values and headers.
    pub size_bytes: u64,
    /// Offsets between the first and the last of them, both included: more than records where the log has holes.
    pub offsets: u64,
}
