//! Who can be reached: each cluster is asked once, however many flows use it.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use crate::config::FlowConfig;
use crate::engine::ports::{
    AskedRights, Cluster, ClusterFacts, Committed, Kafka, Leaders, NewTopic, OffsetQuery, Rights, TopicConfig,
    TopicFacts,
};
use crate::engine::{Fault, FaultKind, Side};
use crate::kafka::KafkaClusters;
use crate::model::{ClusterName, GroupName, TopicName, TopicPartition};
use crate::report::Versions;

/// Which clusters answered. All are asked at once: a check takes no longer than the slowest of them.
pub(super) struct Reach(BTreeMap<(ClusterName, Side), Result<ClusterFacts, Fault>>);

impl Reach {
    pub(super) fn ask(kafka: &KafkaClusters, wanted: &BTreeSet<(ClusterName, Side)>) -> Self {
        let ask = |cluster: &ClusterName, side| kafka.cluster(cluster, side).and_then(|client| client.facts());
        thread::scope(|scope| {
            let asked: Vec<_> = wanted
                .iter()
                .map(|(cluster, side)| (cluster, *side, scope.spawn(move || ask(cluster, *side))))
                .collect();
            let answers = asked.into_iter().map(|(cluster, side, answer)| {
                let lost = || Fault::new(FaultKind::Invariant, side, "ask the cluster", "the thread panicked");
                ((cluster.clone(), side), answer.join().unwrap_or_else(|_| Err(lost())))
            });
            Self(answers.collect())
        })
    }

    /// What a flow's clusters are, where they answered.
    pub(super) fn versions(&self, flow: &FlowConfig) -> Versions {
        let version = |cluster, side| self.facts(cluster, side).ok().and_then(|facts| facts.version.clone());
        Versions { source: version(&flow.source, Side::Source), target: version(&flow.target, Side::Target) }
    }

    pub(super) fn facts(&self, cluster: &ClusterName, side: Side) -> Result<&ClusterFacts, Fault> {
        let unasked = || Err(Fault::new(FaultKind::Invariant, side, "ask the cluster", "it is not known"));
        self.0.get(&(cluster.clone(), side)).map_or_else(unasked, |answer| answer.as_ref().map_err(Clone::clone))
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

    fn leaders(&self, topics: &BTreeSet<TopicName>) -> Result<Leaders, Fault> {
        self.0.leaders(topics)
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

    fn groups(&self) -> Result<Vec<GroupName>, Fault> {
        self.0.groups()
    }

    fn committed(
        &self,
        _group: &GroupName,
        _partitions: &[TopicPartition],
    ) -> Result<BTreeMap<TopicPartition, Committed>, Fault> {
        Ok(BTreeMap::new())
    }

    fn members(&self, group: &GroupName) -> Result<Vec<String>, Fault> {
        self.0.members(group)
    }

    fn commit(&self, group: &GroupName, positions: &BTreeMap<TopicPartition, Committed>) -> Result<(), Fault> {
        self.0.commit(group, positions)
    }

    fn rights(&self, asked: &AskedRights) -> Result<Rights, Fault> {
        // What is missing with the group is told already.
        self.0.rights(&AskedRights { group: None, ..asked.clone() })
    }
}
