//! The administrative side of one cluster.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::types::RDKafkaErrorCode;

use super::connection::Connection;
use super::fault_map;
use super::ffi::metadata::{Metadata, Topics, metadata};
use super::ffi::{Client, Patience, Refused, admin, groups, offsets};
use super::probe::{Probed, probe};
use super::settings::ClusterSettings;
use crate::engine::ports::{
    Cluster, ClusterFacts, Committed, Features, NewTopic, OffsetQuery, TopicConfig, TopicFacts,
};
use crate::engine::{Fault, FaultKind, Side};
use crate::model::{GroupName, TopicName, TopicPartition};

/// How long an answer may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// Between attempts at something that moves.
const RETRY_AFTER: Duration = Duration::from_millis(100);
/// Topics in one request: their answers stay well below a response's size limit.
const TOPICS_PER_REQUEST: usize = 500;

/// A cluster to be asked. Connects at the first question, and anew after one that found no way in.
pub(super) struct ClusterClient {
    settings: ClusterSettings,
    /// What the cluster is to who asks: its faults say so.
    side: Side,
    timeout: Duration,
    connection: Mutex<Option<Arc<Connection>>>,
    /// Locked while asking, so that two who want to know ask once.
    probed: Mutex<Option<Probed>>,
}

impl fmt::Debug for ClusterClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClusterClient").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl ClusterClient {
    pub(super) fn new(settings: ClusterSettings, side: Side) -> Self {
        Self { settings, side, timeout: REQUEST_TIMEOUT, connection: Mutex::default(), probed: Mutex::default() }
    }

    pub(super) fn settings(&self) -> &ClusterSettings {
        &self.settings
    }

    /// The brokers' version, if they were asked.
    pub(super) fn version(&self) -> Option<String> {
        lock(&self.probed).as_ref().map(|probed| probed.version.clone())
    }

    fn probed(&self) -> Result<Probed, Fault> {
        let mut known = lock(&self.probed);
        if let Some(probed) = &*known {
            return Ok(probed.clone());
        }
        let probed = probe(&self.settings, self.side)?;
        *known = Some(probed.clone());
        Ok(probed)
    }

    /// Refuses at once what librdkafka would only report as a timeout: it waits for a broker that has the API.
    fn require(&self, has: impl Fn(&Features) -> bool, operation: &str, missing: &str) -> Result<(), Fault> {
        let probed = self.probed()?;
        if has(&probed.features) {
            return Ok(());
        }
        let detail = format!("brokers ({}) do not support {missing}", probed.version);
        Err(Fault::new(FaultKind::Unsupported, self.side, operation, detail))
    }

    fn connection(&self) -> Result<Arc<Connection>, Fault> {
        let mut connection = lock(&self.connection);
        if let Some(open) = &*connection {
            return Ok(Arc::clone(open));
        }
        let opened = Arc::new(Connection::open(&self.settings, self.side)?);
        *connection = Some(Arc::clone(&opened));
        Ok(opened)
    }

    /// Makes a request, again while what it needs is moving.
    fn ask<T>(
        &self,
        operation: &str,
        request: impl Fn(&Client, Patience<'_>) -> Result<T, Refused>,
    ) -> Result<T, Fault> {
        let connection = self.connection()?;
        // Nothing gets better by waiting when credentials or certificates are refused.
        let is_hopeless = || connection.faults().last_problem().is_some_and(|problem| is_refused(problem.kind));
        let patience = Patience { deadline: Instant::now() + self.timeout, give_up: &is_hopeless };
        loop {
            match request(connection.client(), patience) {
                Ok(answer) => {
                    connection.faults().forget_problem();
                    return Ok(answer);
                }
                Err(refused) if is_moving(fault_map::kind(refused.code)) && !patience.is_over() => {
                    thread::sleep(RETRY_AFTER.min(patience.left()));
                }
                Err(refused) => return Err(self.explain(operation, refused, &connection)),
            }
        }
    }

    /// The fault for a refused request, with the cause when no broker could be asked.
    fn explain(&self, operation: &str, refused: Refused, connection: &Connection) -> Fault {
        let fault = fault_map::fault(refused.code, self.side, operation, refused.text);
        if fault.kind != FaultKind::Unreachable {
            return fault;
        }
        // Whoever comes back may be another version.
        *lock(&self.probed) = None;
        let Some(problem) = connection.faults().last_problem() else {
            return Fault { detail: format!("no answer within {} s", self.timeout.as_secs()), ..fault };
        };
        if is_refused(problem.kind) {
            // The next question reads the credentials again.
            *lock(&self.connection) = None;
        }
        Fault { operation: operation.to_owned(), ..problem }
    }

    /// The ids of topics, where the brokers have them. A topic without an id is no problem, so neither is a failure.
    fn topic_ids(&self, names: &[TopicName], broker: Option<i32>) -> BTreeMap<TopicName, String> {
        let mut ids = BTreeMap::new();
        if !self.probed().is_ok_and(|probed| probed.topic_ids) {
            return ids;
        }
        for names in names.chunks(TOPICS_PER_REQUEST) {
            match self.ask("read topic ids", |client, patience| admin::topic_ids(client, names, broker, patience)) {
                Ok(found) => ids.extend(found),
                Err(fault) => {
                    tracing::debug!(%fault, "topics are listed without ids");
                    break;
                }
            }
        }
        ids
    }

    /// Waits until `topic` has `partitions` partitions, each with a leader.
    fn wait_for_partitions(&self, operation: &str, topic: &TopicName, partitions: i32) -> Result<(), Fault> {
        let deadline = Instant::now() + self.timeout;
        loop {
            let found = self.ask(operation, |client, patience| metadata(client, Topics::One(topic), patience))?;
            if count_led(&found, topic) >= partitions {
                return Ok(());
            }
            if Instant::now() >= deadline {
                let detail = format!("done, but its {partitions} partitions have no leaders yet");
                return Err(Fault::new(FaultKind::LeaderUnavailable, self.side, operation, detail));
            }
            thread::sleep(RETRY_AFTER);
        }
    }

    /// Why no offset can be had of `partitions`: they do not exist, or none of them has a leader.
    fn without_leader(&self, operation: &str, partitions: &[TopicPartition]) -> Result<OffsetAnswer, Fault> {
        let known = self.ask(operation, |client, patience| metadata(client, Topics::All, patience))?;
        let fault_for = |partition: &TopicPartition| {
            if has(&known, partition) {
                Fault::new(FaultKind::LeaderUnavailable, self.side, operation, format!("{partition} has no leader"))
            } else {
                Fault::new(FaultKind::UnknownTopic, self.side, operation, format!("{partition} does not exist"))
            }
        };
        Ok(partitions.iter().map(|partition| (partition.clone(), Err(fault_for(partition)))).collect())
    }

    fn list_offsets(&self, partitions: &[TopicPartition], query: OffsetQuery) -> Result<OffsetAnswer, Fault> {
        let operation = "read offsets";
        if partitions.is_empty() {
            return Ok(BTreeMap::new());
        }
        // librdkafka waits in vain for a topic that a broker before 0.10 does not have.
        if self.settings.version.unasked().is_some() {
            let known = self.ask(operation, |client, patience| metadata(client, Topics::All, patience))?;
            let (known, missing): (Vec<_>, Vec<_>) = partitions.iter().cloned().partition(|one| has(&known, one));
            if !missing.is_empty() {
                let mut answer = self.without_leader(operation, &missing)?;
                answer.extend(self.list_offsets(&known, query)?);
                return Ok(answer);
            }
        }
        let answer =
            self.ask(operation, |client, patience| match offsets::list_offsets(client, partitions, query, patience) {
                // No partition has a leader: librdkafka does not say why.
                Err(refused) if refused.code == RDKafkaErrorCode::NoEnt => Ok(None),
                answer => answer.map(Some),
            })?;
        let Some(answer) = answer else { return self.without_leader(operation, partitions) };
        let answer = answer.into_iter().map(|(partition, result)| {
            let result = result.map_err(|refused| partition_fault(self.side, operation, &partition, refused));
            (partition, result)
        });
        Ok(answer.collect())
    }
}

type OffsetAnswer = BTreeMap<TopicPartition, Result<i64, Fault>>;

impl Cluster for ClusterClient {
    fn facts(&self) -> Result<ClusterFacts, Fault> {
        let features = self.probed()?.features;
        let found = self.ask("list the brokers", |client, patience| metadata(client, Topics::None, patience))?;
        Ok(ClusterFacts { cluster_id: self.connection()?.cluster_id(), brokers: found.brokers, features })
    }

    fn topics(&self) -> Result<Vec<TopicFacts>, Fault> {
        let found = self.ask("list the topics", |client, patience| metadata(client, Topics::All, patience))?;
        let names: Vec<TopicName> =
            found.topics.iter().filter(|topic| topic.refused.is_none()).map(|topic| topic.name.clone()).collect();
        let mut ids = self.topic_ids(&names, found.answered_by);
        let topics = found.topics.into_iter().map(|topic| TopicFacts {
            partitions: i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX),
            replication_factor: topic.partitions.iter().find(|first| first.id == 0).map_or(0, |first| first.replicas),
            in_sync_replicas_min: topic.partitions.iter().map(|part| part.in_sync_replicas).min().unwrap_or(0),
            leaderless: i32::try_from(topic.partitions.iter().filter(|part| part.leader < 0).count())
                .unwrap_or(i32::MAX),
            id: ids.remove(&topic.name),
            fault: topic.refused.map(|refused| {
                fault_map::fault(refused.code, self.side, format!("describe topic `{}`", topic.name), refused.text)
            }),
            name: topic.name,
        });
        Ok(topics.collect())
    }

    fn topic_configs(&self, topics: &[TopicName]) -> Result<BTreeMap<TopicName, Result<TopicConfig, Fault>>, Fault> {
        let operation = "read topic configurations";
        self.require(|features| features.describe_configs, operation, "reading configurations")?;
        let mut configs = BTreeMap::new();
        for names in topics.chunks(TOPICS_PER_REQUEST) {
            let found = self.ask(operation, |client, patience| admin::describe_configs(client, names, patience))?;
            configs.extend(found.into_iter().map(|(topic, result)| {
                let operation = || format!("read the configuration of topic `{topic}`");
                let result =
                    result.map_err(|refused| fault_map::fault(refused.code, self.side, operation(), refused.text));
                (topic, result)
            }));
        }
        Ok(configs)
    }

    fn create_topic(&self, topic: &NewTopic) -> Result<(), Fault> {
        let operation = format!("create topic `{}`", topic.name);
        self.require(|features| features.create_topics, &operation, "creating topics")?;
        self.ask(&operation, |client, patience| admin::create_topic(client, topic, patience))?;
        self.wait_for_partitions(&operation, &topic.name, topic.partitions.max(1))
    }

    fn add_partitions(&self, topic: &TopicName, partitions: i32) -> Result<(), Fault> {
        let operation = format!("grow topic `{topic}` to {partitions} partitions");
        self.require(|features| features.create_partitions, &operation, "adding partitions")?;
        self.ask(&operation, |client, patience| admin::add_partitions(client, topic, partitions, patience))?;
        self.wait_for_partitions(&operation, topic, partitions)
    }

    fn offsets(&self, partitions: &[TopicPartition], query: OffsetQuery) -> Result<OffsetAnswer, Fault> {
        let mut answer = self.list_offsets(partitions, query)?;
        if !matches!(query, OffsetQuery::AtTime(_)) {
            return Ok(answer);
        }
        // Where no record is that late, the end is meant.
        let late = answer.iter().filter(|(_, offset)| matches!(offset, Ok(offset) if *offset < 0));
        let late: Vec<TopicPartition> = late.map(|(partition, _)| partition.clone()).collect();
        if !late.is_empty() {
            answer.extend(self.list_offsets(&late, OffsetQuery::Latest)?);
        }
        Ok(answer)
    }

    fn committed(
        &self,
        group: &GroupName,
        partitions: &[TopicPartition],
    ) -> Result<BTreeMap<TopicPartition, Committed>, Fault> {
        let operation = format!("read the positions of group `{group}`");
        if partitions.is_empty() {
            return Ok(BTreeMap::new());
        }
        let answer =
            self.ask(&operation, |client, patience| whole(offsets::committed(client, group, partitions, patience)?))?;
        let mut positions = BTreeMap::new();
        for (partition, result) in answer {
            let position = result.map_err(|refused| partition_fault(self.side, &operation, &partition, refused))?;
            if position.offset >= 0 {
                positions.insert(partition, position);
            }
        }
        Ok(positions)
    }

    fn members(&self, group: &GroupName) -> Result<Vec<String>, Fault> {
        let operation = format!("ask who is in group `{group}`");
        self.ask(&operation, |client, patience| groups::members(client, group, patience))
    }

    fn commit(&self, group: &GroupName, positions: &BTreeMap<TopicPartition, Committed>) -> Result<(), Fault> {
        let operation = format!("commit to group `{group}`");
        if positions.is_empty() {
            return Ok(());
        }
        let answer = self
            .ask(&operation, |client, patience| whole(offsets::commit(client, group, positions.iter(), patience)?))?;
        for (partition, result) in answer {
            result.map_err(|refused| partition_fault(self.side, &operation, &partition, refused))?;
        }
        Ok(())
    }
}

/// A group's coordinator that moves refuses each partition alike: then the request as a whole is to be made again.
fn whole<T>(answer: offsets::PerPartition<T>) -> Result<offsets::PerPartition<T>, Refused> {
    let moving = answer.iter().find_map(|(_, result)| match result {
        Err(refused) if is_moving(fault_map::kind(refused.code)) => Some(refused.clone()),
        _ => None,
    });
    moving.map_or(Ok(answer), Err)
}

fn partition_fault(side: Side, operation: &str, partition: &TopicPartition, refused: Refused) -> Fault {
    let fault = fault_map::fault(refused.code, side, operation, refused.text);
    Fault { detail: format!("{partition}: {}", fault.detail), ..fault }
}

fn has(known: &Metadata, wanted: &TopicPartition) -> bool {
    known.topics.iter().filter(|topic| topic.name == wanted.topic).any(|topic| {
        // Compared one by one, for a broker may leave out those it knows nothing of.
        topic.partitions.iter().any(|partition| partition.id == wanted.partition)
    })
}

/// Partitions of `topic` that have a leader.
fn count_led(found: &Metadata, topic: &TopicName) -> i32 {
    let led = found
        .topics
        .iter()
        .filter(|found| found.name == *topic)
        .flat_map(|found| &found.partitions)
        .filter(|partition| partition.leader >= 0);
    i32::try_from(led.count()).unwrap_or(i32::MAX)
}

fn is_refused(kind: FaultKind) -> bool {
    matches!(kind, FaultKind::Authentication | FaultKind::Tls)
}

fn is_moving(kind: FaultKind) -> bool {
    matches!(kind, FaultKind::CoordinatorUnavailable | FaultKind::LeaderUnavailable)
}

/// What is under these locks is whole at any time.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "cluster_tests.rs"]
mod tests;
