//! What both clusters have told, as far as a flow's preview needs it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::{GroupName, Operation, TopicName};

/// What is known of a flow's two clusters at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowFacts {
    /// The source's topics.
    pub source: Arc<TopicTable>,
    /// The target's topics, or why they are not known.
    pub target: Result<Arc<TopicTable>, String>,
    /// Whether both are one cluster.
    pub is_same_cluster: bool,
    /// What kmirror's user may not do.
    pub denied: Arc<DeniedRights>,
}

/// What is surely not allowed. What is not known, or not asked yet, is not listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeniedRights {
    /// With topics of the source.
    pub source: BTreeMap<TopicName, BTreeSet<Operation>>,
    /// With topics of the target, those that do not exist included.
    pub target: BTreeMap<TopicName, BTreeSet<Operation>>,
    /// Groups of the source that may not be used.
    pub groups: BTreeSet<GroupName>,
}

/// The topics of a cluster, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicTable(Vec<TopicFact>);

impl TopicTable {
    /// A table of these.
    pub fn new(mut topics: Vec<TopicFact>) -> Self {
        topics.sort_by(|one, other| one.name.cmp(&other.name));
        topics.dedup_by(|one, other| one.name == other.name);
        Self(topics)
    }

    /// All of them, in order.
    pub fn topics(&self) -> &[TopicFact] {
        &self.0
    }

    /// One of them.
    pub fn get(&self, name: &TopicName) -> Option<&TopicFact> {
        self.0.binary_search_by(|topic| topic.name.cmp(name)).ok().and_then(|index| self.0.get(index))
    }
}

/// One topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicFact {
    /// Its name.
    pub name: TopicName,
    /// Its partitions.
    pub partitions: i32,
    /// Its replicas.
    pub replication_factor: i32,
    /// How it is set; `None` while that is not known.
    pub settings: Option<SettingFact>,
    /// What it holds; `None` while that is not known.
    pub log: Option<LogFact>,
    /// Why it cannot be described.
    pub fault: Option<String>,
}

/// How a topic is set, as far as it matters to a copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingFact {
    /// `cleanup.policy`.
    pub cleanup_policy: Option<String>,
    /// `max.message.bytes`.
    pub max_message_bytes: Option<u64>,
}

/// What a topic holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogFact {
    /// Records at most: the distance from start to end over all partitions.
    pub records_max: u64,
    /// How large a record is, about.
    pub record_bytes: Option<u64>,
    /// What is written to it; `None` until it was looked at twice.
    pub records_per_second: Option<u64>,
}
