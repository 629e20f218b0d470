//! The administrative side of one cluster.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::types::RDKafkaErrorCode;

use super::api_table::Capabilities;
use super::connection::Connection;
use super::fault_map;
use super::ffi::metadata::{Metadata, Partition, Topics, metadata};
use super::ffi::{Client, Patience, Refused, admin, groups, offsets};
use super::look::Look;
use super::offsets_topic::{self, OFFSETS_TOPIC};
use super::rights;
use super::settings::ClusterSettings;
use crate::engine::ports::{
    AskedRights, Cluster, ClusterFacts, Committed, Features, Leaders, NewTopic, OffsetQuery, PartitionFacts, Rights,
    TopicConfig, TopicFacts,
};
use crate::engine::{Fault, FaultKind, Side};
use crate::model::{GroupName, KafkaVersion, TopicName, TopicPartition};

/// How long an answer may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// Between attempts at something that moves.
const RETRY_AFTER: Duration = Duration::from_millis(100);
/// Topics in one request: their answers stay well below a response's size limit.
pub(super) const TOPICS_PER_REQUEST: usize = 500;

/// A cluster to be asked. Connects at the first question, and anew after one that found no way in.
pub(super) struct ClusterClient {
    look: Arc<Look>,
    /// What the cluster is to who asks: its faults say so.
    side: Side,
    timeout: Duration,
    connection: Mutex<Option<Arc<Connection>>>,
}

impl fmt::Debug for ClusterClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClusterClient").field("look", &self.look).finish_non_exhaustive()
    }
}

impl ClusterClient {
    pub(super) fn new(look: Arc<Look>, side: Side) -> Self {
        Self { look, side, timeout: REQUEST_TIMEOUT, connection: Mutex::default() }
    }

    pub(super) fn side(&self) -> Side {
        self.side
    }

    /// Who leads and holds each partition of a topic, by number.
    pub(super) fn partitions(&self, topic: &TopicName) -> Result<Vec<PartitionFacts>, Fault> {
        let operation = format!("describe topic `{topic}`");
        let found = self.ask(&operation, |client, patience| metadata(client, Topics::One(topic), patience))?;
        let Some(found) = found.topics.into_iter().find(|found| found.name == *topic) else {
            return Err(Fault::new(FaultKind::UnknownTopic, self.side, operation, "the cluster does not have it"));
        };
        if let Some(refused) = found.refused {
            return Err(fault_map::fault(refused.code, self.side, operation, refused.text));
        }
        let mut partitions: Vec<PartitionFacts> = found
            .partitions
            .iter()
            .map(|partition| PartitionFacts {
                id: partition.id,
                leader: (partition.leader >= 0).then_some(partition.leader),
                replicas: partition.replicas,
                in_sync_replicas: partition.in_sync_replicas,
            })
            .collect();
        partitions.sort_by_key(|partition| partition.id);
        Ok(partitions)
    }

    /// What clients of the cluster are to be configured with.
    pub(super) fn settings(&self) -> Result<ClusterSettings, Fault> {
        self.look.settings(self.side)
    }

    /// Brokers that are taken for silent ones may be upgraded under way, and would go on leaving out what they have
    /// learned since. Each of them is started again for that, which breaks the connection.
    fn doubt_silence(&self) {
        let open = lock(&self.connection).clone();
        if let Some(open) = open
            && open.version().is_some_and(KafkaVersion::is_untold)
            && open.faults().last_problem().is_some()
        {
            self.look.doubt();
        }
    }

    /// Refuses at once what librdkafka would only report as a timeout: it waits for a broker that has the API.
    fn require(&self, has: impl Fn(&Features) -> bool, operation: &str, missing: &str) -> Result<(), Fault> {
        let found = self.look.capabilities(self.side)?;
        if has(&found.features) {
            return Ok(());
        }
        let detail = format!("brokers ({}) do not support {missing}", found.version);
        Err(Fault::new(FaultKind::Unsupported, self.side, operation, detail))
    }

    fn connection(&self) -> Result<Arc<Connection>, Fault> {
        let settings = self.settings()?;
        let mut connection = lock(&self.connection);
        // Brokers that were replaced by others may not understand it any more.
        if let Some(open) = connection.as_ref().filter(|open| open.version() == settings.version.as_ref()) {
            return Ok(Arc::clone(open));
        }
        let opened = Arc::new(Connection::open(&settings, self.side)?);
        *connection = Some(Arc::clone(&opened));
        Ok(opened)
    }

    /// Makes a request, again while what it needs is moving, and anew when the connection has fallen silent.
    pub(super) fn ask<T>(
        &self,
        operation: &str,
        request: impl Fn(&Client, Patience<'_>) -> Result<T, Refused>,
    ) -> Result<T, Fault> {
        let deadline = Instant::now() + self.timeout;
        loop {
            let connection = self.connection()?;
            // Nothing gets better by waiting when credentials or certificates are refused.
            let is_hopeless = || connection.faults().last_problem().is_some_and(|problem| is_refused(problem.kind));
            let patience = Patience { deadline, give_up: &is_hopeless };
            let attempt_end = deadline.min(Instant::now() + self.attempt_max(&connection));
            match request(connection.client(), Patience { deadline: attempt_end, ..patience }) {
                Ok(answer) => {
                    connection.faults().forget_problem();
                    return Ok(answer);
                }
                Err(refused) if is_moving(fault_map::kind(refused.code)) && !patience.is_over() => {
                    if refused.code == RDKafkaErrorCode::NotCoordinator {
                        // librdkafka goes on asking the broker it has in mind: a new client looks the group up.
                        self.close();
                    }
                    thread::sleep(RETRY_AFTER.min(patience.left()));
                }
                Err(refused) => {
                    let is_silent = is_silent(&refused, &connection);
                    if is_silent {
                        self.close();
                    }
                    if !is_silent || patience.is_over() {
                        return Err(self.explain(operation, refused, &connection));
                    }
                }
            }
        }
    }

    /// How long to wait for an answer before the way there is doubted. Brokers of 0.9 may have forgotten the connection
    /// (see [`age`](super::age)), and are asked again on another.
    fn attempt_max(&self, connection: &Connection) -> Duration {
        if connection.version().is_some_and(KafkaVersion::is_untold) { self.timeout / 2 } else { self.timeout }
    }

    /// The next question opens a new connection.
    fn close(&self) {
        *lock(&self.connection) = None;
    }

    /// The fault for a refused request, with the cause when no broker could be asked.
    fn explain(&self, operation: &str, refused: Refused, connection: &Connection) -> Fault {
        let fault = fault_map::fault(refused.code, self.side, operation, refused.text);
        if fault.kind != FaultKind::Unreachable {
            return fault;
        }
        self.look.doubt();
        let Some(problem) = connection.faults().last_problem() else {
            return Fault { detail: format!("no answer within {} s", self.timeout.as_secs()), ..fault };
        };
        if is_refused(problem.kind) {
            // The next question reads the credentials again.
            self.close();
        }
        Fault { operation: operation.to_owned(), ..problem }
    }

    /// The ids of topics, where the brokers have them. A topic without an id is no problem, so neither is a failure.
    fn topic_ids(&self, names: &[TopicName], broker: Option<i32>) -> BTreeMap<TopicName, String> {
        let mut ids = BTreeMap::new();
        if !self.look.capabilities(self.side).is_ok_and(|found| found.topic_ids) {
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

    /// `default.replication.factor` of the brokers. Those that cannot be asked (before 0.11) have to be told.
    fn default_replication_factor(&self, operation: &str) -> Result<i32, Fault> {
        const NAME: &str = "default.replication.factor";
        let missing = "telling their default: set `replication_factor` in the flow's `topics`";
        self.require(|features| features.describe_configs, operation, missing)?;
        let brokers = self.ask(operation, |client, patience| metadata(client, Topics::None, patience))?.brokers;
        let asked = format!("read {NAME}");
        let unknown = || {
            Fault::new(
                FaultKind::Unsupported,
                self.side,
                &asked,
                "it is not told: set `replication_factor` in the flow's `topics`",
            )
        };
        let broker = brokers.first().ok_or_else(unknown)?.id;
        let config = self.ask(&asked, |client, patience| admin::broker_config(client, broker, patience))?;
        config.get(NAME).and_then(|factor| factor.parse().ok()).ok_or_else(unknown)
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

    /// The groups without members that a broker does not list any more. Without the right to read them there are none.
    fn groups_of_offsets_topic(&self) -> Result<BTreeSet<GroupName>, Fault> {
        let topic = TopicName::from(OFFSETS_TOPIC);
        let known = self.ask("list the groups", |client, patience| metadata(client, Topics::All, patience))?;
        let found = known.topics.iter().filter(|found| found.name == topic).flat_map(|found| &found.partitions);
        let partitions: Vec<TopicPartition> = found.map(|found| TopicPartition::new(topic.clone(), found.id)).collect();
        let (lows, ends) = (
            self.list_offsets(&partitions, OffsetQuery::Earliest)?,
            self.list_offsets(&partitions, OffsetQuery::Latest)?,
        );
        let ranges = partitions.into_iter().filter_map(|partition| {
            let known = |answer: &OffsetAnswer| answer.get(&partition)?.as_ref().ok().copied();
            let (low, end) = (known(&lows)?, known(&ends)?);
            Some((partition, low, end))
        });
        match offsets_topic::groups(&self.settings()?, self.side, ranges.collect()) {
            Err(fault) if fault.kind == FaultKind::TopicAuthorization => Ok(BTreeSet::new()),
            result => result,
        }
    }

    fn list_offsets(&self, partitions: &[TopicPartition], query: OffsetQuery) -> Result<OffsetAnswer, Fault> {
        let operation = "read offsets";
        if partitions.is_empty() {
            return Ok(BTreeMap::new());
        }
        // librdkafka waits in vain for a topic that a broker before 0.10 does not have.
        if self.settings()?.is_untold() {
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
        self.doubt_silence();
        let Capabilities { features, version, .. } = self.look.capabilities(self.side)?;
        let found = self.ask("list the brokers", |client, patience| metadata(client, Topics::None, patience))?;
        Ok(ClusterFacts {
            cluster_id: self.connection()?.cluster_id(),
            brokers: found.brokers,
            features,
            finding: self.look.finding(&version),
            version: Some(version),
        })
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

    fn leaders(&self, topics: &BTreeSet<TopicName>) -> Result<Leaders, Fault> {
        let asked = match topics.first() {
            Some(only) if topics.len() == 1 => Topics::One(only),
            _ => Topics::All,
        };
        let found = self.ask("see who leads the partitions", |client, patience| metadata(client, asked, patience))?;
        let topics = found.topics.into_iter().filter(|topic| topic.refused.is_none() && topics.contains(&topic.name));
        Ok(topics.map(|topic| (topic.name, leaders_of(&topic.partitions))).collect())
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
        let create =
            |topic: &NewTopic| self.ask(&operation, |client, patience| admin::create_topic(client, topic, patience));
        match create(topic) {
            // Before 2.4 brokers could not be told to use their default.
            Err(fault) if fault.kind == FaultKind::Unsupported && topic.replication_factor < 0 => {
                create(&NewTopic {
                    replication_factor: self.default_replication_factor(&operation)?,
                    ..topic.clone()
                })?;
            }
            result => result?,
        }
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

    fn groups(&self) -> Result<Vec<GroupName>, Fault> {
        let (names, refused) = self.ask("list the groups", groups::list)?;
        if let Some(refused) = refused {
            // Its groups are led by another broker soon; those of the others are known now.
            tracing::debug!(?refused, "a broker did not list its groups");
        }
        // 0.10.1, which came with creating topics over the protocol, is the first that lists groups without members.
        if self.look.capabilities(self.side)?.features.create_topics {
            return Ok(names);
        }
        let mut groups = self.groups_of_offsets_topic()?;
        groups.extend(names);
        Ok(groups.into_iter().collect())
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
        let operation = format!("see who is in group `{group}`");
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

    fn rights(&self, asked: &AskedRights) -> Result<Rights, Fault> {
        if !self.look.capabilities(self.side)?.rights {
            return Ok(Rights::default());
        }
        rights::look(self, asked)
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

/// The leaders, each at its partition's place.
fn leaders_of(partitions: &[Partition]) -> Vec<Option<i32>> {
    let places = partitions.iter().filter_map(|partition| usize::try_from(partition.id).ok());
    let mut leaders = vec![None; places.clone().max().map_or(0, |last| last + 1)];
    for (place, partition) in places.zip(partitions) {
        leaders[place] = (partition.leader >= 0).then_some(partition.leader);
    }
    leaders
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

/// Nothing came, and nothing is known to stand in the way: somebody has forgotten the connection.
fn is_silent(refused: &Refused, connection: &Connection) -> bool {
    fault_map::kind(refused.code) == FaultKind::Unreachable && connection.faults().last_problem().is_none()
}

/// What is under these locks is whole at any time.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "cluster_tests.rs"]
mod tests;
