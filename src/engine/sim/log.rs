//! What the brokers hold: topics with their logs.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::ports::TopicFacts;
use crate::model::{Operation, TopicName, TopicPartition, VersionRange};

/// One cluster's topics.
#[derive(Debug, Default)]
pub(super) struct ClusterState {
    pub(super) is_unreachable: bool,
    /// Percent of calls that fail.
    pub(super) failing: u32,
    /// Whether no partition has a leader to ask for its offsets.
    pub(super) is_leaderless: bool,
    /// Whether it sends no record, and says nothing about it.
    pub(super) is_mute: bool,
    /// Brokers that are away. Partition `n` is led by broker `1 + n % 3` while that one is not in `moved`.
    pub(super) down: BTreeSet<i32>,
    /// Brokers whose partitions broker 9 has taken over.
    pub(super) moved: BTreeSet<i32>,
    pub(super) version: Option<VersionRange>,
    /// Whether it refuses to create topics.
    pub(super) refuses_topics: bool,
    /// Topics that may not be created.
    pub(super) forbidden: BTreeSet<TopicName>,
    /// What a client is told that it may not do with the group, and with the cluster.
    pub(super) denied: (BTreeSet<Operation>, BTreeSet<Operation>),
    /// Topics that are not shown.
    pub(super) hidden: BTreeSet<TopicName>,
    /// Whether nobody is told what is allowed with the cluster.
    pub(super) hides_itself: bool,
    /// Whether nobody is told what is allowed at all.
    pub(super) tells_no_rights: bool,
    pub(super) topics: BTreeMap<TopicName, TopicLogs>,
    last_id: u32,
}

/// One topic, in one of its lives.
#[derive(Debug)]
pub(super) struct TopicLogs {
    pub(super) id: u32,
    pub(super) partitions: Vec<Log>,
    pub(super) configs: BTreeMap<String, String>,
    /// Whether writes are refused.
    pub(super) is_forbidden: bool,
    /// What a client is told that it may not do.
    pub(super) denied: BTreeSet<Operation>,
}

/// One partition's log. Offsets without a record are holes: compaction, control records.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) records: BTreeMap<i64, Record>,
}

/// One record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    pub(super) bytes: u64,
    pub(super) has_key: bool,
    pub(super) size: Size,
}

/// How the target takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    Normal,
    /// Too large together with others, fine alone.
    TooLargeInBatch,
    /// Too large even alone.
    TooLarge,
}

impl Record {
    pub(super) const PLAIN: Self = Self { bytes: 10, has_key: true, size: Size::Normal };
}

impl ClusterState {
    pub(super) fn create(&mut self, name: &TopicName, partitions: i32) {
        self.last_id += 1;
        let topic = TopicLogs {
            id: self.last_id,
            partitions: vec![Log::default(); usize::try_from(partitions).unwrap_or(0)],
            configs: BTreeMap::new(),
            is_forbidden: false,
            denied: BTreeSet::new(),
        };
        self.topics.insert(name.clone(), topic);
    }

    pub(super) fn log(&self, partition: &TopicPartition) -> Option<&Log> {
        self.topics.get(&partition.topic)?.partitions.get(usize::try_from(partition.partition).ok()?)
    }

    pub(super) fn log_mut(&mut self, partition: &TopicPartition) -> Option<&mut Log> {
        self.topics.get_mut(&partition.topic)?.partitions.get_mut(usize::try_from(partition.partition).ok()?)
    }

    pub(super) fn leader(&self, partition: i32) -> i32 {
        let leader = 1 + partition % 3;
        if self.moved.contains(&leader) { 9 } else { leader }
    }

    /// Whether the partition's leader is there.
    pub(super) fn is_led(&self, partition: &TopicPartition) -> bool {
        !self.down.contains(&self.leader(partition.partition))
    }

    pub(super) fn id(&self, topic: &TopicName) -> Option<u32> {
        self.topics.get(topic).map(|topic| topic.id)
    }

    pub(super) fn partitions(&self) -> Vec<TopicPartition> {
        self.topics
            .iter()
            .flat_map(|(name, topic)| {
                (0..topic.partitions.len()).map(|index| TopicPartition::new(name.clone(), index as i32))
            })
            .collect()
    }

    pub(super) fn facts(&self) -> Vec<TopicFacts> {
        let facts = |(name, topic): (&TopicName, &TopicLogs)| TopicFacts {
            name: name.clone(),
            partitions: topic.partitions.len() as i32,
            replication_factor: 1,
            in_sync_replicas_min: 1,
            leaderless: 0,
            id: Some(format!("id-{}", topic.id)),
            fault: None,
        };
        self.topics.iter().map(facts).collect()
    }
}

impl Log {
    /// Writes a record after `holes` offsets that hold none. Returns its offset.
    pub(super) fn append(&mut self, record: Record, holes: i64) -> i64 {
        let offset = self.end + holes;
        self.records.insert(offset, record);
        self.end = offset + 1;
        offset
    }

    /// Retention deletes everything before `start`.
    pub(super) fn delete_before(&mut self, start: i64) {
        self.start = start.clamp(self.start, self.end);
        self.records = self.records.split_off(&self.start);
    }
}
