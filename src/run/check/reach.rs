//! Who can be reached: each cluster is waited for once, however many flows use it.

use std::collections::BTreeMap;

use crate::engine::ports::{Cluster, ClusterFacts, Committed, Kafka, NewTopic, OffsetQuery, TopicConfig, TopicFacts};
use crate::engine::{Fault, Side};
use crate::kafka::KafkaClusters;
use crate::model::{ClusterName, GroupName, TopicName, TopicPartition};

/// Remembers which clusters answered.
pub(super) struct Reach<'a> {
    kafka: &'a KafkaClusters,
    known: BTreeMap<(ClusterName, Side), Result<ClusterFacts, Fault>>,
}

impl<'a> Reach<'a> {
    pub(super) fn new(kafka: &'a KafkaClusters) -> Self {
        Self { kafka, known: BTreeMap::new() }
    }

    pub(super) fn facts(&mut self, cluster: &ClusterName, side: Side) -> Result<ClusterFacts, Fault> {
        let ask = || self.kafka.cluster(cluster, side).and_then(|client| client.facts());
        self.known.entry((cluster.clone(), side)).or_insert_with(ask).clone()
    }
}

/// A source whose groups may not be asked: nothing is known of any progress.
pub(super) struct WithoutGroup<'a>(pub(super) &'a dyn Cluster);

impl Cluster for WithoutGroup<'_> {
    fn facts(&self) -> Result<ClusterFacts, Fault> {
        self.0.facts()
    }

    fn topics(&self) -> Result<Vec<TopicFacts>, Fault> {
        self.0.topics()
    }

    fn topic_configs(&self, topics: &[TopicName]) -> Result<BTreeMap<TopicName, Result<TopicConfig, Fault>>, Fault> {
        self.0.topic_configs(topics)
    }

    fn create_topic(&self, topic: &NewTopic) -> Result<(), Fault> {
        self.0.create_topic(topic)
    }

    fn add_partitions(&self, topic: &TopicName, partitions: i32) -> Result<(), Fault> {
        self.0.add_partitions(topic, partitions)
    }

    fn offsets(
        &self,
        partitions: &[TopicPartition],
        query: OffsetQuery,
    ) -> Result<BTreeMap<TopicPartition, Result<i64, Fault>>, Fault> {
        self.0.offsets(partitions, query)
    }

    fn committed(
        &self,
        _group: &GroupName,
        _partitions: &[TopicPartition],
    ) -> Result<BTreeMap<TopicPartition, Committed>, Fault> {
        Ok(BTreeMap::new())
    }

    fn commit(&self, group: &GroupName, positions: &BTreeMap<TopicPartition, Committed>) -> Result<(), Fault> {
        self.0.commit(group, positions)
    }
}
