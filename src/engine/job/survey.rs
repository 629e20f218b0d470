//! A look at both clusters: what the flow would do with every topic, without doing it. `kmirror check` shows just this.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::fault::{Fault, FaultKind, Side};
use crate::engine::ports::{Cluster, ClusterFacts, Committed, NewTopic, TopicConfig, TopicFacts};
use crate::engine::progress::{ProgressNote, take_marks_out};
use crate::engine::reason::BlockedReason;
use crate::engine::spec::FlowSpec;
use crate::engine::version::VersionFinding;
use crate::model::{Plan, TargetLimits, TopicName, TopicPartition};

/// What a look at both clusters found.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// Who the source is.
    pub source: ClusterFacts,
    /// Who the target is.
    pub target: ClusterFacts,
    /// What the selection and the rename policy say.
    pub plan: Plan,
    /// Every included topic.
    pub topics: BTreeMap<TopicName, SurveyedTopic>,
    /// The flow's progress.
    pub progress: BTreeMap<TopicPartition, Committed>,
    /// Whether the flow has begun: it has progress, or has left topics alone before it had any.
    pub has_begun: bool,
}

impl Survey {
    /// What there is to know of the clusters' versions.
    pub fn findings(&self) -> impl Iterator<Item = &VersionFinding> {
        [&self.source, &self.target].into_iter().filter_map(|facts| facts.finding.as_ref())
    }

    /// What the configuration says of the clusters' versions, and cannot be true: the flow must not start.
    pub fn contradictions(&self) -> impl Iterator<Item = &VersionFinding> {
        self.findings().filter(|finding| finding.is_contradiction())
    }
}

/// One included topic.
#[derive(Clone, Debug)]
pub struct SurveyedTopic {
    /// The source topic.
    pub source: TopicFacts,
    /// The target topic's name.
    pub target: TopicName,
    /// The target topic, when it exists.
    pub target_facts: Option<TopicFacts>,
    /// The source topic's configuration, when it could be read.
    pub source_config: Option<TopicConfig>,
    /// What the target topic accepts, when it exists and could be asked.
    pub limits: TargetLimits,
    /// What has to be done before the topic can be mirrored, or why it cannot be.
    pub action: Result<Action, BlockedReason>,
}

/// What has to be done to a target topic before it can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    Nothing,
    /// It is to be created.
    Create(NewTopic),
    /// It is to be grown to so many partitions.
    Grow(i32),
}

/// Topics that were mirrored before (in this run, or by the progress), and those an operator allowed to be made again.
#[derive(Clone, Copy, Debug)]
pub(super) struct History<'a> {
    pub(super) known: &'a BTreeSet<TopicName>,
    pub(super) may_recreate: &'a BTreeSet<TopicName>,
}

/// Looks at both clusters for a flow that is not running.
///
/// # Errors
/// When one of the clusters cannot be asked.
pub fn survey(spec: &FlowSpec, source: &dyn Cluster, target: &dyn Cluster) -> Result<Survey, Fault> {
    let none = BTreeSet::new();
    survey_with(spec, source, target, History { known: &none, may_recreate: &none })
}

pub(super) fn survey_with(
    spec: &FlowSpec,
    source: &dyn Cluster,
    target: &dyn Cluster,
    history: History<'_>,
) -> Result<Survey, Fault> {
    let source_facts = source.facts()?;
    let target_facts = target.facts()?;
    let source_topics = source.topics()?;
    let mut target_topics: BTreeMap<TopicName, TopicFacts> =
        target.topics()?.into_iter().map(|topic| (topic.name.clone(), topic)).collect();
    let plan = Plan::new(
        &spec.config.selection,
        &spec.config.rename,
        source_topics.iter().map(|topic| topic.name.clone()),
        is_same_cluster(spec, &source_facts, &target_facts),
    )
    .beside(&spec.config.neighbours, &spec.config.selection);
    let included: Vec<(&TopicFacts, &TopicName)> =
        source_topics.iter().filter_map(|topic| plan.mirrored.get(&topic.name).map(|target| (topic, target))).collect();
    let mut progress =
        source.committed(&spec.config.group, &partitions_of(included.iter().map(|(topic, _)| *topic)))?;
    let has_begun = !progress.is_empty();
    take_marks_out(&mut progress);
    // A first start writes down where topics begin that have no target yet: such a one was never written.
    let is_written = |note: &ProgressNote| !note.is_without_target;
    let notes: Vec<(&TopicName, ProgressNote)> = progress
        .iter()
        .map(|(partition, committed)| (&partition.topic, ProgressNote::parse(&committed.metadata)))
        .collect();
    let written: BTreeSet<&TopicName> =
        notes.iter().filter(|(_, note)| is_written(note)).map(|(topic, _)| *topic).collect();
    let noted: BTreeSet<&TopicName> =
        notes.iter().filter(|(_, note)| is_written(note) && note.is_ours()).map(|(topic, _)| *topic).collect();
    // In the order of partitions: the last of a topic is its highest.
    let n_begun: BTreeMap<&TopicName, i32> =
        progress.keys().map(|partition| (&partition.topic, partition.partition + 1)).collect();
    let source_configs =
        configs(source, source_facts.features.describe_configs, included.iter().map(|(topic, _)| &topic.name))?;
    let existing = included.iter().map(|(_, target)| *target).filter(|target| target_topics.contains_key(*target));
    let target_configs = configs(target, target_facts.features.describe_configs, existing)?;
    let mut topics = BTreeMap::new();
    for (topic, target_name) in included {
        let is_known = history.known.contains(&topic.name);
        let was_mirrored = is_known || written.contains(&topic.name);
        let source_config = source_configs.get(&topic.name).cloned();
        let found = target_topics.remove(target_name);
        let action = judge(
            spec,
            &target_facts,
            topic,
            target_name,
            found.as_ref(),
            source_config.as_ref(),
            Past {
                was_mirrored,
                had_target: is_known || noted.contains(&topic.name),
                n_begun: n_begun.get(&topic.name).copied().unwrap_or(0),
                may_recreate: history.may_recreate.contains(&topic.name),
            },
        );
        let limits = target_configs.get(target_name).map(limits_of).unwrap_or_default();
        let surveyed = SurveyedTopic {
            source: topic.clone(),
            target: target_name.clone(),
            target_facts: found,
            source_config,
            limits,
            action,
        };
        topics.insert(topic.name.clone(), surveyed);
    }
    Ok(Survey { source: source_facts, target: target_facts, plan, topics, progress, has_begun })
}

/// What the target topic's configuration allows.
pub(super) fn limits_of(config: &TopicConfig) -> TargetLimits {
    let number = |name: &str| config.values.get(name).and_then(|value| value.parse::<i64>().ok());
    let is = |name: &str, wanted: &str| {
        config.values.get(name).is_some_and(|value| value.split(',').any(|part| part.trim() == wanted))
    };
    // Both bounds replaced message.timestamp.difference.max.ms, which meant either direction.
    let both = number("message.timestamp.difference.max.ms");
    let bound = |name: &str| number(name).or(both).filter(|ms| *ms != i64::MAX);
    TargetLimits {
        message_bytes_max: number("max.message.bytes").and_then(|bytes| u64::try_from(bytes).ok()),
        timestamp_before_ms_max: bound("message.timestamp.before.max.ms"),
        timestamp_after_ms_max: bound("message.timestamp.after.max.ms"),
        stamps_records: is("message.timestamp.type", "LogAppendTime"),
        compacts: is("cleanup.policy", "compact"),
        in_sync_replicas_min: number("min.insync.replicas").and_then(|count| i32::try_from(count).ok()),
        retention_ms: if is("cleanup.policy", "delete") { number("retention.ms").filter(|ms| *ms >= 0) } else { None },
    }
}

/// All partitions of these topics.
pub(super) fn partitions_of<'a>(topics: impl IntoIterator<Item = &'a TopicFacts>) -> Vec<TopicPartition> {
    topics
        .into_iter()
        .flat_map(|topic| (0..topic.partitions).map(|partition| TopicPartition::new(topic.name.clone(), partition)))
        .collect()
}

/// As many replicas as the source topic has, as far as the target has brokers for them.
pub(super) fn replicas(source: &TopicFacts, n_brokers: usize) -> i32 {
    source.replication_factor.clamp(1, i32::try_from(n_brokers).unwrap_or(i32::MAX).max(1))
}

fn is_same_cluster(spec: &FlowSpec, source: &ClusterFacts, target: &ClusterFacts) -> bool {
    spec.config.source == spec.config.target || (source.cluster_id.is_some() && source.cluster_id == target.cluster_id)
}

/// Configurations that could be read. A topic whose configuration is forbidden is mirrored with what can be known.
fn configs<'a>(
    cluster: &dyn Cluster,
    is_supported: bool,
    topics: impl Iterator<Item = &'a TopicName>,
) -> Result<BTreeMap<TopicName, TopicConfig>, Fault> {
    let topics: Vec<TopicName> = topics.cloned().collect();
    if !is_supported || topics.is_empty() {
        return Ok(BTreeMap::new());
    }
    let answers = cluster.topic_configs(&topics)?;
    Ok(answers.into_iter().filter_map(|(topic, answer)| Some((topic, answer.ok()?))).collect())
}

/// What is known of a topic's past in this flow.
#[derive(Clone, Copy)]
struct Past {
    /// It has progress, or was mirrored in this run.
    was_mirrored: bool,
    /// Its target topic was there: progress that an operator set by hand before the first start does not say so.
    had_target: bool,
    /// Its partitions below this number have progress, or some of them.
    n_begun: i32,
    may_recreate: bool,
}

fn judge(
    spec: &FlowSpec,
    target: &ClusterFacts,
    topic: &TopicFacts,
    target_name: &TopicName,
    found: Option<&TopicFacts>,
    source_config: Option<&TopicConfig>,
    past: Past,
) -> Result<Action, BlockedReason> {
    if let Some(fault) = &topic.fault {
        return Err(describe_reason(fault, &topic.name));
    }
    let Some(found) = found else {
        return judge_missing(spec, target, topic, target_name, source_config, past).map(Action::Create);
    };
    if let Some(fault) = &found.fault {
        return Err(describe_reason(fault, target_name));
    }
    if found.partitions >= topic.partitions {
        return Ok(Action::Nothing);
    }
    // A topic this flow has mirrored grew at the source; any other one is not ours to change. One that was too small
    // from the first has progress beyond its end: where the flow would have begun.
    let is_ours = past.was_mirrored && past.n_begun <= found.partitions;
    if spec.config.topics.grow_partitions && is_ours && target.features.create_partitions {
        return Ok(Action::Grow(topic.partitions));
    }
    Err(BlockedReason::PartitionCount {
        target_topic: target_name.clone(),
        source_partitions: topic.partitions,
        target_partitions: found.partitions,
    })
}

fn judge_missing(
    spec: &FlowSpec,
    target: &ClusterFacts,
    topic: &TopicFacts,
    target_name: &TopicName,
    source_config: Option<&TopicConfig>,
    past: Past,
) -> Result<NewTopic, BlockedReason> {
    let detail = if past.had_target && !past.may_recreate {
        Some("it was mirrored before and has been deleted, so creating it anew would hide what is missing")
    } else if !spec.config.topics.create {
        Some("its creation is switched off (topics.create = false)")
    } else if !target.features.create_topics {
        Some("the target's version cannot create topics over the protocol")
    } else {
        None
    };
    match detail {
        Some(detail) => Err(BlockedReason::TargetTopicMissing {
            target_topic: target_name.clone(),
            partitions: topic.partitions,
            replication_factor: Some(replicas(topic, target.brokers.len())),
            detail: detail.into(),
        }),
        None => Ok(NewTopic {
            name: target_name.clone(),
            partitions: topic.partitions,
            replication_factor: match spec.config.topics.replication_factor {
                // "As many as usual" can only be said from 2.4 on.
                ..0 if target.version.as_ref().is_some_and(|version| version.lowest().is_before(&[2, 4])) => {
                    replicas(topic, target.brokers.len())
                }
                configured => configured,
            },
            configs: copied_configs(spec, source_config),
        }),
    }
}

/// The source topic's own settings, without those that are excluded.
fn copied_configs(spec: &FlowSpec, source_config: Option<&TopicConfig>) -> BTreeMap<String, String> {
    let Some(config) = source_config.filter(|_| spec.config.topics.copy_configs) else { return BTreeMap::new() };
    config
        .overrides
        .iter()
        .filter(|name| !spec.config.topics.configs_exclude.is_excluded(name))
        .filter_map(|name| Some((name.clone(), config.values.get(name)?.clone())))
        .collect()
}

/// Why a topic that the cluster lists cannot be described.
fn describe_reason(fault: &Fault, topic: &TopicName) -> BlockedReason {
    match (fault.kind, fault.side) {
        (FaultKind::TopicAuthorization, side) => {
            BlockedReason::TopicAuthorization { side, topic: topic.clone(), operation: "describe".into() }
        }
        (FaultKind::UnknownTopic, Side::Source) => BlockedReason::SourceTopicGone { topic: topic.clone() },
        _ => BlockedReason::Fault { fault: fault.clone() },
    }
}
