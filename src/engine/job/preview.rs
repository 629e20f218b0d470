//! A look ahead: where every partition of a flow that is not running would begin, what would block it, and what the
//! target would do to its records. Only reads, by the same rules the flow goes by when it runs.

use std::collections::{BTreeMap, BTreeSet};

use super::ReadyTopic;
use super::doubt::{Ages, Doubt, flow_doubts, limit_doubts, record_doubts};
use super::other_flow::Search;
use super::position;
use super::resolve::{ask, resolve, unread_by_group};
use super::rights::{self, FoundRights};
use super::survey::{Action, Survey, SurveyedTopic, limits_of, partitions_of, survey};
use crate::config::{NewTopics, TargetNotEmpty};
use crate::engine::fault::Fault;
use crate::engine::ports::{Cluster, OffsetQuery, TopicConfig};
use crate::engine::progress::ProgressNote;
use crate::engine::reason::{BlockedReason, OtherFlow};
use crate::engine::spec::FlowSpec;
use crate::model::{GroupName, StartPosition, TargetLimits, TopicName, TopicPartition};

/// What a flow would do if it were started now.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// What a look at both clusters found.
    pub survey: Survey,
    /// Whether the flow has no progress at all, so that it would begin at its start position.
    pub is_first_start: bool,
    /// Included topics that would be left alone, because they are new and the flow ignores new ones.
    pub ignored: BTreeSet<TopicName>,
    /// Included topics that would be held back until an operator decides, because they are new and the flow asks.
    pub held_back: BTreeSet<TopicName>,
    /// Every partition of the topics that would be mirrored.
    pub lanes: BTreeMap<TopicPartition, LanePreview>,
    /// What the target would do to a topic's records.
    pub doubts: BTreeMap<TopicName, Vec<Doubt>>,
    /// What concerns all topics.
    pub flow_doubts: Vec<Doubt>,
    /// What kmirror's user may not do, as far as the clusters tell.
    pub rights: FoundRights,
}

/// Where one partition would begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LanePreview {
    /// By which rule.
    pub begin: Begin,
    /// At which offset; `None` when it cannot be known now.
    pub position: Option<i64>,
    /// Start of the source's log.
    pub low: Option<i64>,
    /// End of the source's log.
    pub end: Option<i64>,
    /// Why it would not begin.
    pub blocked: Option<BlockedReason>,
}

/// By which rule a partition's first position is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begin {
    /// The flow's progress.
    Progress,
    /// The flow's start position, at its first start.
    Start(StartPosition),
    /// The beginning: the partition is newer than the flow.
    Beginning,
}

impl LanePreview {
    /// Offsets from the position to the end: about so many records are to be copied.
    pub fn records(&self) -> Option<u64> {
        let from = self.position?.max(self.low?);
        u64::try_from(self.end?.saturating_sub(from)).ok().or(Some(0))
    }
}

/// Looks ahead for a flow that is not running. Nothing is created, written or committed.
///
/// # Errors
/// When one of the clusters cannot be asked.
pub fn preview(spec: &FlowSpec, source: &dyn Cluster, target: &dyn Cluster, now_ms: i64) -> Result<Preview, Fault> {
    let survey = survey(spec, source, target)?;
    let with_progress: BTreeSet<TopicName> = survey.progress.keys().map(|partition| partition.topic.clone()).collect();
    let is_first_start = !survey.has_begun;
    let is_new = |name: &&TopicName| !is_first_start && !with_progress.contains(*name);
    let new: BTreeSet<TopicName> = survey.topics.keys().filter(is_new).cloned().collect();
    let (ignored, held_back) = match spec.config.new_topics {
        NewTopics::Mirror => (BTreeSet::new(), BTreeSet::new()),
        NewTopics::Ask => (BTreeSet::new(), new),
        NewTopics::Ignore => (new, BTreeSet::new()),
    };
    let is_mirrored = |name: &TopicName| !ignored.contains(name) && !held_back.contains(name);
    let mirrored: Vec<&SurveyedTopic> =
        survey.topics.values().filter(|topic| topic.action.is_ok() && is_mirrored(&topic.source.name)).collect();
    let at_work = if is_first_start { groups_at_work(spec, source)? } else { BTreeMap::new() };
    let view = View { spec, source, target, now_ms, is_first_start, survey: &survey, at_work: &at_work };
    let lanes = view.lanes(&mirrored)?;
    let defaults = view.target_defaults(survey.target.features.describe_configs);
    let mut doubts = view.doubts(&mirrored, &lanes, defaults.as_ref());
    doubts.retain(|_, doubts| !doubts.is_empty());
    let rights = rights::look(spec, &survey, source, target);
    let mut flow_doubts = flow_doubts(spec, &survey, &rights, defaults.is_some());
    flow_doubts.extend(at_work.into_iter().map(|(group, members)| Doubt::GroupActive { group, members }));
    Ok(Preview { is_first_start, ignored, held_back, lanes, doubts, flow_doubts, rights, survey })
}

struct View<'a> {
    spec: &'a FlowSpec,
    source: &'a dyn Cluster,
    target: &'a dyn Cluster,
    now_ms: i64,
    is_first_start: bool,
    survey: &'a Survey,
    /// Groups to take over from that still have members.
    at_work: &'a BTreeMap<GroupName, Vec<String>>,
}

impl View<'_> {
    fn lanes(&self, mirrored: &[&SurveyedTopic]) -> Result<BTreeMap<TopicPartition, LanePreview>, Fault> {
        let partitions = partitions_of(mirrored.iter().map(|topic| &topic.source));
        let lows = ask(self.source, &partitions, OffsetQuery::Earliest)?;
        let ends = ask(self.source, &partitions, OffsetQuery::Latest)?;
        let (starts, unread) = self.starts(&partitions)?;
        let written = partitions_of(mirrored.iter().filter_map(|topic| topic.target_facts.as_ref()));
        let target_ends = ask(self.target, &written, OffsetQuery::Latest)?;
        let others = self.others(mirrored, &partitions, &target_ends)?;
        let mut lanes = BTreeMap::new();
        for topic in mirrored {
            for partition in partitions_of([&topic.source]) {
                let target = TopicPartition::new(topic.target.clone(), partition.partition);
                let exists = topic.target_facts.as_ref().is_some_and(|facts| partition.partition < facts.partitions);
                let logs = Logs {
                    low: lows.get(&partition).copied(),
                    end: ends.get(&partition).copied(),
                    target_end: if exists { target_ends.get(&target).copied() } else { Some(0) },
                };
                let start = Start {
                    at: starts.get(&partition).copied(),
                    is_unread: unread.contains(&partition),
                    other: others.get(&partition),
                };
                lanes.insert(partition.clone(), self.lane(&partition, topic, &logs, start));
            }
        }
        Ok(lanes)
    }

    /// Who has copied partitions without progress before, by the rule of a start.
    fn others(
        &self,
        mirrored: &[&SurveyedTopic],
        partitions: &[TopicPartition],
        target_ends: &BTreeMap<TopicPartition, i64>,
    ) -> Result<BTreeMap<TopicPartition, OtherFlow>, Fault> {
        let topics = mirrored.iter().map(|topic| (topic.source.name.clone(), self.ready(topic))).collect();
        let is_new = |partition: &&TopicPartition| !self.survey.progress.contains_key(*partition);
        let new: Vec<TopicPartition> = partitions.iter().filter(is_new).cloned().collect();
        let search = Search { spec: self.spec, source: self.source, target: &self.survey.target };
        search.find_writers(&new, &topics, target_ends)
    }

    /// What the start positions mean, for a first start; and where they mean nothing, see [`unread_by_group`].
    fn starts(
        &self,
        partitions: &[TopicPartition],
    ) -> Result<(BTreeMap<TopicPartition, i64>, BTreeSet<TopicPartition>), Fault> {
        if !self.is_first_start {
            return Ok((BTreeMap::new(), BTreeSet::new()));
        }
        let mut by_start: BTreeMap<String, (&StartPosition, Vec<TopicPartition>)> = BTreeMap::new();
        for partition in partitions {
            let start = self.spec.config.start_of(partition);
            by_start.entry(start.to_string()).or_insert_with(|| (start, Vec::new())).1.push(partition.clone());
        }
        let (mut offsets, mut unread) = (BTreeMap::new(), BTreeSet::new());
        for (start, partitions) in by_start.values() {
            offsets.extend(resolve(self.source, partitions, start, self.now_ms)?);
            // One at work commits until it is stopped, and the flow waits for that.
            if !matches!(start, StartPosition::Group(group) if self.at_work.contains_key(group)) {
                unread.extend(unread_by_group(self.source, partitions, start)?);
            }
        }
        Ok((offsets, unread))
    }

    fn lane(&self, partition: &TopicPartition, topic: &SurveyedTopic, logs: &Logs, start: Start<'_>) -> LanePreview {
        let Logs { low, end, target_end } = *logs;
        let lane = |begin, position, blocked| LanePreview { begin, position, low, end, blocked };
        let topic = self.ready(topic);
        if let Some(progress) = self.survey.progress.get(partition) {
            let note = ProgressNote::parse(&progress.metadata);
            if position::is_forgiven(&note, progress.offset, &topic, low, target_end) {
                return lane(Begin::Progress, low, None);
            }
            let blocked = position::check(&note, progress.offset, &topic, low, end);
            return lane(Begin::Progress, Some(progress.offset), blocked);
        }
        let (begin, position) = if self.is_first_start {
            (Begin::Start(self.spec.config.start_of(partition).clone()), start.at)
        } else {
            (Begin::Beginning, low)
        };
        // Taking over from another group means going on behind what it wrote, where it has been.
        let takes_over = matches!(begin, Begin::Start(StartPosition::Group(_))) && !start.is_unread;
        let is_held = !takes_over && self.spec.config.target_not_empty == TargetNotEmpty::Block;
        let written = target_end.filter(|_| is_held).and_then(|end| position::written_before(end, start.other));
        let blocked = match written {
            Some(why) => Some(why),
            // A log may lose its beginning between two questions: that is no promise broken.
            _ if begin == Begin::Start(StartPosition::Earliest) => None,
            _ => position.and_then(|at| position::check(&ProgressNote::default(), at, &topic, low, end)),
        };
        lane(begin, position, blocked)
    }

    fn ready(&self, topic: &SurveyedTopic) -> ReadyTopic {
        ReadyTopic::of(topic, &self.survey.target)
    }

    /// What the target's brokers give a topic that sets nothing itself, read off topics that are there: there is no
    /// need for a right on the brokers' own settings. `None` when it cannot be known.
    fn target_defaults(&self, is_supported: bool) -> Option<TopicConfig> {
        /// More than one, for each topic hides the defaults of what it sets itself.
        const ASKED_MAX: usize = 8;
        if !is_supported {
            return None;
        }
        let topics = self.target.topics().ok()?;
        let asked: Vec<TopicName> =
            topics.into_iter().filter(|topic| topic.fault.is_none()).map(|topic| topic.name).take(ASKED_MAX).collect();
        if asked.is_empty() {
            return None;
        }
        let mut defaults = TopicConfig::default();
        for config in self.target.topic_configs(&asked).ok()?.into_values().flatten() {
            let inherited = config.values.into_iter().filter(|(name, _)| !config.overrides.contains(name));
            defaults.values.extend(inherited);
        }
        (!defaults.values.is_empty()).then_some(defaults)
    }

    fn doubts(
        &self,
        mirrored: &[&SurveyedTopic],
        lanes: &BTreeMap<TopicPartition, LanePreview>,
        defaults: Option<&TopicConfig>,
    ) -> BTreeMap<TopicName, Vec<Doubt>> {
        let limits: Vec<(&SurveyedTopic, Option<TargetLimits>)> =
            mirrored.iter().map(|topic| (*topic, expected_limits(topic, defaults))).collect();
        let ages = self.ages(&limits);
        let mut doubts = BTreeMap::new();
        for (topic, limits) in &limits {
            let Some(limits) = limits else { continue };
            let lanes: BTreeMap<&TopicPartition, &LanePreview> =
                lanes.iter().filter(|(partition, _)| partition.topic == topic.source.name).collect();
            let mut found = limit_doubts(topic.source_config.as_ref().map(limits_of).as_ref(), limits);
            found.extend(record_doubts(limits, &lanes, &ages, self.now_ms));
            doubts.insert(topic.source.name.clone(), found);
        }
        doubts
    }

    /// The offsets at all the times the limits speak of. Each time is asked once, for all partitions it concerns.
    /// What cannot be asked (brokers before 0.10.1) stays unknown.
    fn ages(&self, limits: &[(&SurveyedTopic, Option<TargetLimits>)]) -> Ages {
        let mut asked: BTreeMap<i64, Vec<TopicPartition>> = BTreeMap::new();
        for (topic, limits) in limits {
            for time in limits.iter().flat_map(|limits| Ages::times(limits, self.now_ms)) {
                asked.entry(time).or_default().extend(partitions_of([&topic.source]));
            }
        }
        let mut ages = Ages::default();
        for (time, partitions) in asked {
            match ask(self.source, &partitions, OffsetQuery::AtTime(time)) {
                Ok(offsets) => ages.insert(time, offsets),
                Err(fault) => tracing::debug!(%fault, "ages stay unknown"),
            }
        }
        ages
    }
}

/// Groups to take over from that still have members, with these.
fn groups_at_work(spec: &FlowSpec, source: &dyn Cluster) -> Result<BTreeMap<GroupName, Vec<String>>, Fault> {
    let starts = spec.config.start_overrides.iter().map(|entry| &entry.start).chain([&spec.config.start]);
    let mut at_work = BTreeMap::new();
    for start in starts {
        let StartPosition::Group(group) = start else { continue };
        let members = source.members(group)?;
        if !members.is_empty() {
            at_work.insert(group.clone(), members);
        }
    }
    Ok(at_work)
}

/// What is known of a partition without progress.
#[derive(Clone, Copy)]
struct Start<'a> {
    /// Where the flow's start position is, at a first start.
    at: Option<i64>,
    /// That says nothing, see [`unread_by_group`].
    is_unread: bool,
    /// Who has copied it before.
    other: Option<&'a OtherFlow>,
}

/// The bounds of a partition's logs, as far as they could be asked.
struct Logs {
    low: Option<i64>,
    end: Option<i64>,
    target_end: Option<i64>,
}

/// The limits the target topic has, or would have once it is created.
fn expected_limits(topic: &SurveyedTopic, defaults: Option<&TopicConfig>) -> Option<TargetLimits> {
    let Ok(Action::Create(new)) = &topic.action else { return Some(topic.limits.clone()) };
    let mut config = defaults.cloned().unwrap_or_default();
    // What every broker has unless it is told otherwise: without it `retention.ms` would not count.
    config.values.entry("cleanup.policy".into()).or_insert_with(|| "delete".into());
    config.values.extend(new.configs.clone());
    Some(limits_of(&config))
}
