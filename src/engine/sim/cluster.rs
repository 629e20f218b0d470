//! The administrative side of a cluster that exists in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use super::kafka::Kafka;
use super::log::ClusterState;
use crate::engine::fault::{Fault, FaultKind, Side};
use crate::engine::ports::{
    AskedRights, Cluster, ClusterFacts, Committed, Leaders, NewTopic, OffsetQuery, Rights, TopicConfig, TopicFacts,
};
use crate::model::{GroupName, Operation, TopicName, TopicPartition};

pub(super) type Shared = Arc<Mutex<Kafka>>;

pub(super) struct FakeCluster {
    pub(super) kafka: Shared,
    pub(super) side: Side,
}

pub(super) fn lock(kafka: &Shared) -> MutexGuard<'_, Kafka> {
    kafka.lock().expect("the simulation has one thread")
}

impl FakeCluster {
    fn call(&self, operation: &str) -> Result<MutexGuard<'_, Kafka>, Fault> {
        let mut kafka = lock(&self.kafka);
        let failing = kafka.cluster(self.side).failing;
        if kafka.cluster(self.side).is_unreachable || kafka.random.chance(failing) {
            return Err(self.fault(FaultKind::Unreachable, operation));
        }
        Ok(kafka)
    }

    /// The answer to something that has been done is lost now and then.
    fn answer(&self, mut kafka: MutexGuard<'_, Kafka>, operation: &str) -> Result<(), Fault> {
        let failing = kafka.cluster(self.side).failing;
        if kafka.random.chance(failing) { Err(self.fault(FaultKind::Unreachable, operation)) } else { Ok(()) }
    }

    fn fault(&self, kind: FaultKind, operation: &str) -> Fault {
        Fault::new(kind, self.side, operation, "simulated")
    }
}

impl Cluster for FakeCluster {
    fn facts(&self) -> Result<ClusterFacts, Fault> {
        let version = self.call("ask who the cluster is")?.cluster(self.side).version.clone();
        let cluster_id = Some(self.side.to_string());
        Ok(ClusterFacts { cluster_id, version, ..ClusterFacts::default() })
    }

    fn topics(&self) -> Result<Vec<TopicFacts>, Fault> {
        let mut kafka = self.call("list topics")?;
        Ok(kafka.cluster(self.side).facts())
    }

    fn leaders(&self, topics: &BTreeSet<TopicName>) -> Result<Leaders, Fault> {
        let mut kafka = self.call("see who leads")?;
        let cluster = kafka.cluster(self.side);
        let leaders = |name: &TopicName| {
            let partitions = 0..i32::try_from(cluster.topics.get(name)?.partitions.len()).ok()?;
            Some((name.clone(), partitions.map(|partition| Some(cluster.leader(partition))).collect()))
        };
        Ok(topics.iter().filter_map(leaders).collect())
    }

    fn topic_configs(&self, topics: &[TopicName]) -> Result<BTreeMap<TopicName, Result<TopicConfig, Fault>>, Fault> {
        let mut kafka = self.call("read configurations")?;
        let cluster = kafka.cluster(self.side);
        let config = |name: &TopicName| {
            let topic = cluster.topics.get(name)?;
            let overrides = topic.configs.keys().cloned().collect();
            Some((name.clone(), Ok(TopicConfig { values: topic.configs.clone(), overrides })))
        };
        Ok(topics.iter().filter_map(config).collect())
    }

    fn create_topic(&self, topic: &NewTopic) -> Result<(), Fault> {
        let mut kafka = self.call("create topic")?;
        if kafka.cluster(self.side).topics.contains_key(&topic.name) {
            return Err(self.fault(FaultKind::TopicExists, "create topic"));
        }
        if kafka.cluster(self.side).refuses_topics {
            return Err(self.fault(FaultKind::Other, "create topic"));
        }
        kafka.cluster(self.side).create(&topic.name, topic.partitions);
        self.answer(kafka, "create topic")
    }

    fn add_partitions(&self, topic: &TopicName, partitions: i32) -> Result<(), Fault> {
        let mut kafka = self.call("add partitions")?;
        let Some(found) = kafka.cluster(self.side).topics.get_mut(topic) else {
            return Err(self.fault(FaultKind::UnknownTopic, "add partitions"));
        };
        let wanted = usize::try_from(partitions).unwrap_or(0);
        if wanted <= found.partitions.len() {
            return Err(self.fault(FaultKind::Other, "add partitions"));
        }
        found.partitions.resize(wanted, super::log::Log::default());
        self.answer(kafka, "add partitions")
    }

    fn offsets(
        &self,
        partitions: &[TopicPartition],
        query: OffsetQuery,
    ) -> Result<BTreeMap<TopicPartition, Result<i64, Fault>>, Fault> {
        let mut kafka = self.call("read offsets")?;
        let failing = kafka.cluster(self.side).failing;
        let mut answers = BTreeMap::new();
        for partition in partitions {
            let cluster = kafka.cluster(self.side);
            let is_leaderless = cluster.is_leaderless || !cluster.is_led(partition);
            let is_leaderless = is_leaderless || kafka.random.chance(failing);
            let answer = match kafka.cluster(self.side).log(partition) {
                None => Err(self.fault(FaultKind::UnknownTopic, "read offsets")),
                Some(_) if is_leaderless => Err(self.fault(FaultKind::LeaderUnavailable, "read offsets")),
                Some(log) => Ok(match query {
                    OffsetQuery::Earliest => log.start,
                    OffsetQuery::Latest | OffsetQuery::AtTime(_) => log.end,
                }),
            };
            answers.insert(partition.clone(), answer);
        }
        Ok(answers)
    }

    fn groups(&self) -> Result<Vec<GroupName>, Fault> {
        let kafka = self.call("list groups")?;
        Ok(kafka.others.keys().cloned().chain([own_group()]).collect())
    }

    fn members(&self, group: &GroupName) -> Result<Vec<String>, Fault> {
        let kafka = self.call("describe group")?;
        Ok(match kafka.others.get(group) {
            Some(other) => other.members.clone(),
            None if *group == own_group() => kafka.group.members.keys().map(|id| format!("kmirror-{id}")).collect(),
            None => Vec::new(),
        })
    }

    fn committed(
        &self,
        group: &GroupName,
        partitions: &[TopicPartition],
    ) -> Result<BTreeMap<TopicPartition, Committed>, Fault> {
        let kafka = self.call("read progress")?;
        let committed = match kafka.others.get(group) {
            Some(other) => &other.committed,
            None if *group == own_group() => &kafka.group.committed,
            None => return Ok(BTreeMap::new()),
        };
        Ok(partitions.iter().filter_map(|wanted| Some((wanted.clone(), committed.get(wanted)?.clone()))).collect())
    }

    fn commit(&self, group: &GroupName, positions: &BTreeMap<TopicPartition, Committed>) -> Result<(), Fault> {
        let mut kafka = self.call("commit")?;
        if *group != own_group() {
            kafka.violations.push(format!("contract: a flow commits to `{group}`, which is not its own"));
        }
        if !kafka.group.members.is_empty() {
            return Err(self.fault(FaultKind::MembershipLost, "commit"));
        }
        for (partition, committed) in positions {
            let account = kafka.ledger.account(partition);
            if account.ordered.take_if(|ordered| *ordered == committed.offset).is_some() {
                account.announce(Some(committed.offset));
                account.may_jump = true;
            }
            kafka.store(partition, committed.clone());
        }
        self.answer(kafka, "commit")
    }

    fn rights(&self, asked: &AskedRights) -> Result<Rights, Fault> {
        let mut kafka = self.call("ask for rights")?;
        let cluster = kafka.cluster(self.side);
        if cluster.tells_no_rights {
            return Ok(Rights::default());
        }
        let denied = |name: &TopicName| {
            let mut denied = cluster.topics.get(name).map(|topic| topic.denied.clone()).unwrap_or_default();
            if cluster.hidden.contains(name) {
                denied.extend(Operation::HIDDEN);
            }
            if asked.created.contains(name) && cluster.forbidden.contains(name) {
                denied.insert(Operation::Create);
            }
            Some((name.clone(), denied)).filter(|(_, denied)| !denied.is_empty())
        };
        let topics = asked.topics.iter().filter_map(denied).collect();
        let (group, of_cluster) = cluster.denied.clone();
        Ok(Rights { is_told: true, topics, group, cluster: Some(of_cluster).filter(|_| !cluster.hides_itself) })
    }
}

/// The group of flow `f`.
pub(super) fn own_group() -> GroupName {
    "kmirror.f".into()
}

impl Kafka {
    pub(super) fn cluster(&mut self, side: Side) -> &mut ClusterState {
        match side {
            Side::Source => &mut self.source,
            Side::Target => &mut self.target,
        }
    }
}
