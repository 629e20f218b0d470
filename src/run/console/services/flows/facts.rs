//! What both clusters tell of their topics, gathered once and kept: lists anew when they are asked for, logs and
//! settings of the topics that matter.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::super::ConsoleServices;
use super::super::topics::sample;
use super::rights::{KnownRights, Wanted};
use crate::engine::ports::{Cluster, OffsetQuery, TopicConfig, TopicFacts};
use crate::engine::{Fault, FaultKind};
use crate::model::{BrowseFrom, BrowseRequest, ClusterName, GroupName, TopicName, TopicPartition};
use crate::preview::{DeniedRights, FlowFacts, LogFact, SettingFact, TopicFact, TopicTable};
use crate::tui::JobError;

/// Sooner after each other, two looks tell no rate.
const RATE_MIN: Duration = Duration::from_secs(2);
/// Topics whose records are looked at in one job: each is read from its end.
const SAMPLES_MAX: usize = 4;
/// Records that are looked at of each.
const SAMPLE_RECORDS: usize = 100;

/// What was found so far, by cluster.
#[derive(Default)]
pub(in crate::run::console) struct FactsCache(Mutex<HashMap<ClusterName, Kept>>);

#[derive(Default)]
pub(super) struct Kept {
    cluster_id: Option<String>,
    topics: Vec<TopicFacts>,
    measured: HashMap<TopicName, Measured>,
    pub(super) rights: KnownRights,
}

#[derive(Clone, Default)]
struct Measured {
    settings: Option<SettingFact>,
    log: Option<LogFact>,
    /// When the ends were asked last, and their sum.
    end: Option<(Instant, i64)>,
}

impl FactsCache {
    /// What is under the lock is whole at any time.
    pub(super) fn lock(&self) -> MutexGuard<'_, HashMap<ClusterName, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn table(&self) -> TopicTable {
        let fact = |topic: &TopicFacts| {
            let measured = self.measured.get(&topic.name).cloned().unwrap_or_default();
            TopicFact {
                name: topic.name.clone(),
                partitions: topic.partitions,
                replication_factor: topic.replication_factor,
                settings: measured.settings,
                log: measured.log,
                fault: topic.fault.as_ref().map(|fault| fault.detail.clone()),
            }
        };
        TopicTable::new(self.topics.iter().map(fact).collect())
    }
}

impl ConsoleServices {
    /// The topics of both clusters, asked anew.
    pub(super) fn facts_of(&self, source: &ClusterName, target: &ClusterName) -> Result<Arc<FlowFacts>, JobError> {
        self.list(source)?;
        let listed = if source == target { Ok(()) } else { self.list(target) };
        Ok(self.known_facts(source, target, listed.map_err(|error| error.message)))
    }

    fn list(&self, cluster: &ClusterName) -> Result<(), JobError> {
        let (facts, topics) = self.ask(cluster, |cluster| Ok((cluster.facts()?, cluster.topics()?)))?;
        let mut cache = self.facts.lock();
        let kept = cache.entry(cluster.clone()).or_default();
        kept.cluster_id = facts.cluster_id;
        kept.topics = topics;
        Ok(())
    }

    fn known_facts(&self, source: &ClusterName, target: &ClusterName, listed: Result<(), String>) -> Arc<FlowFacts> {
        let cache = self.facts.lock();
        let table = |cluster: &ClusterName| Arc::new(cache.get(cluster).map(Kept::table).unwrap_or_default());
        let id = |cluster: &ClusterName| cache.get(cluster).and_then(|kept| kept.cluster_id.clone());
        let is_same_cluster = source == target || (id(source).is_some() && id(source) == id(target));
        Arc::new(FlowFacts {
            source: table(source),
            target: listed.map(|()| table(target)),
            is_same_cluster,
            denied: Arc::new(DeniedRights {
                source: cache.get(source).map(|kept| kept.rights.of_topics()).unwrap_or_default(),
                target: cache.get(target).map(|kept| kept.rights.of_topics()).unwrap_or_default(),
                groups: cache.get(source).map(|kept| kept.rights.groups()).unwrap_or_default(),
            }),
        })
    }

    /// Logs and settings of source topics, and the settings of their targets. A target that does not answer leaves its
    /// settings unknown.
    pub(super) fn measure_topics(
        &self,
        source: &ClusterName,
        target: &ClusterName,
        topics: &[(TopicName, Option<TopicName>)],
        group: &GroupName,
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<Arc<FlowFacts>, JobError> {
        let sources: Vec<(TopicName, i32)> = self.partitions_of(source, topics.iter().map(|(topic, _)| topic));
        let names: Vec<TopicName> = sources.iter().map(|(topic, _)| topic.clone()).collect();
        let logs = self.ask(source, |cluster| logs(cluster, &sources))?;
        let found = self.ask(source, |cluster| settings(cluster, &names))?;
        self.keep(source, &logs, found);
        let targets = self.partitions_of(target, topics.iter().filter_map(|(_, target)| target.as_ref()));
        let targets: Vec<TopicName> = targets.into_iter().map(|(topic, _)| topic).collect();
        if is_wanted()
            && let Ok(found) = self.ask(target, |cluster| settings(cluster, &targets))
        {
            self.keep(target, &BTreeMap::new(), found);
        }
        if is_wanted() {
            self.ask_rights(source, &Wanted { topics: names, missing: Vec::new(), group: Some(group.clone()) });
        }
        if is_wanted() {
            let there: BTreeSet<&TopicName> = targets.iter().collect();
            let missing = topics.iter().filter_map(|(_, target)| target.as_ref());
            let missing = missing.filter(|topic| !there.contains(topic)).cloned().collect();
            self.ask_rights(target, &Wanted { topics: targets, missing, group: None });
        }
        self.sample_sizes(source, &logs, is_wanted);
        Ok(self.known_facts(source, target, Ok(())))
    }

    /// Of these topics, the ones the cluster has.
    fn partitions_of<'a>(
        &self,
        cluster: &ClusterName,
        topics: impl Iterator<Item = &'a TopicName>,
    ) -> Vec<(TopicName, i32)> {
        let cache = self.facts.lock();
        let Some(kept) = cache.get(cluster) else { return Vec::new() };
        let known: HashMap<&TopicName, i32> = kept.topics.iter().map(|topic| (&topic.name, topic.partitions)).collect();
        topics.filter_map(|topic| Some((topic.clone(), *known.get(topic)?))).collect()
    }

    fn keep(
        &self,
        cluster: &ClusterName,
        logs: &BTreeMap<TopicName, (u64, i64)>,
        settings: BTreeMap<TopicName, SettingFact>,
    ) {
        let mut cache = self.facts.lock();
        let kept = cache.entry(cluster.clone()).or_default();
        let now = Instant::now();
        for (topic, (records_max, end)) in logs {
            let measured = kept.measured.entry(topic.clone()).or_default();
            let before = measured.log.unwrap_or_default();
            let elapsed = measured.end.map(|(at, end)| (now.duration_since(at), end));
            let rate = match elapsed {
                Some((elapsed, before)) if elapsed >= RATE_MIN => {
                    let written = u64::try_from(end - before).unwrap_or(0);
                    Some((written as f64 / elapsed.as_secs_f64()).round() as u64)
                }
                _ => before.records_per_second,
            };
            if elapsed.is_none_or(|(elapsed, _)| elapsed >= RATE_MIN) {
                measured.end = Some((now, *end));
            }
            measured.log = Some(LogFact { records_max: *records_max, records_per_second: rate, ..before });
        }
        for (topic, settings) in settings {
            kept.measured.entry(topic).or_default().settings = Some(settings);
        }
    }

    /// How large the records of a few topics are, of those where that is not known: the fullest first.
    fn sample_sizes(
        &self,
        cluster: &ClusterName,
        logs: &BTreeMap<TopicName, (u64, i64)>,
        is_wanted: &dyn Fn() -> bool,
    ) {
        let is_sampled = |topic: &TopicName| {
            let cache = self.facts.lock();
            let measured = cache.get(cluster).and_then(|kept| kept.measured.get(topic));
            measured.and_then(|measured| measured.log).is_some_and(|log| log.record_bytes.is_some())
        };
        let mut fullest: Vec<(&TopicName, u64)> = logs.iter().map(|(topic, (records, _))| (topic, *records)).collect();
        fullest.retain(|(topic, records)| *records > 0 && !is_sampled(topic));
        fullest.sort_by_key(|(_, records)| std::cmp::Reverse(*records));
        for (topic, _) in fullest.into_iter().take(SAMPLES_MAX).take_while(|_| is_wanted()) {
            let request = BrowseRequest {
                topic: topic.clone(),
                partition: None,
                from: BrowseFrom::Newest,
                records_max: SAMPLE_RECORDS,
            };
            // Known later, or not at all: an estimate is no reason to fail.
            let Ok(page) = self.browse(cluster, &request) else { continue };
            let sample = sample(&page);
            let Some(size) = sample.size_bytes.checked_div(sample.records) else { continue };
            let mut cache = self.facts.lock();
            let measured = cache.get_mut(cluster).and_then(|kept| kept.measured.get_mut(topic));
            if let Some(log) = measured.and_then(|measured| measured.log.as_mut()) {
                log.record_bytes = Some(size);
            }
        }
    }
}

/// Records at most, and the sum of the ends, of each topic that could be asked in full.
fn logs(cluster: &dyn Cluster, topics: &[(TopicName, i32)]) -> Result<BTreeMap<TopicName, (u64, i64)>, Fault> {
    let of = |topic: &TopicName, count: i32| {
        (0..count).map(|partition| TopicPartition::new(topic.clone(), partition)).collect::<Vec<_>>()
    };
    let partitions: Vec<TopicPartition> = topics.iter().flat_map(|(topic, count)| of(topic, *count)).collect();
    let lows = cluster.offsets(&partitions, OffsetQuery::Earliest)?;
    let highs = cluster.offsets(&partitions, OffsetQuery::Latest)?;
    let sum = |topic: &TopicName, count: i32| {
        of(topic, count).iter().try_fold((0, 0), |(records, ends), partition| {
            let (low, high) = (lows.get(partition)?.as_ref().ok()?, highs.get(partition)?.as_ref().ok()?);
            Some((records + u64::try_from(high - low).unwrap_or(0), ends + high))
        })
    };
    Ok(topics.iter().filter_map(|(topic, count)| Some((topic.clone(), sum(topic, *count)?))).collect())
}

/// The settings that can be read. Brokers that do not tell them are no failure.
fn settings(cluster: &dyn Cluster, topics: &[TopicName]) -> Result<BTreeMap<TopicName, SettingFact>, Fault> {
    if topics.is_empty() {
        return Ok(BTreeMap::new());
    }
    match cluster.topic_configs(topics) {
        Ok(configs) => {
            Ok(configs.into_iter().filter_map(|(topic, found)| Some((topic, setting(&found.ok()?)))).collect())
        }
        Err(fault) if fault.kind == FaultKind::Unsupported => Ok(BTreeMap::new()),
        Err(fault) => Err(fault),
    }
}

fn setting(config: &TopicConfig) -> SettingFact {
    SettingFact {
        cleanup_policy: config.values.get("cleanup.policy").cloned(),
        max_message_bytes: config.values.get("max.message.bytes").and_then(|value| value.parse().ok()),
    }
}
