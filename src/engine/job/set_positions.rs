//! Setting positions at an operator's word: checked here once more, whoever resolved them.
//!
//! A position that was set is a decision. It goes to the group with the note every commit has, so the next start takes
//! it for the flow's own progress: no target that holds records, no missing progress and no retention makes a question
//! of it. In a group without any progress all other partitions are begun in the same commit, as the first start would:
//! left out now, they would pass for new ones from then on, and begin at their beginning whatever the flow's start is.

use std::collections::{BTreeMap, BTreeSet};

use super::edit::check_bounds;
use super::other_flow::Search;
use super::resolve::{PresentTopics, ask_all};
use super::survey::{Survey, survey};
use super::{JobContext, Prepared, ReadyTopic, Resolved, prepare, seed};
use crate::engine::event::{EventKind, MovedPosition};
use crate::engine::fault::{Fault, FaultKind};
use crate::engine::ports::{Committed, OffsetQuery};
use crate::engine::reason::Hindrance;
use crate::model::{EditRefusal, TopicName, TopicPartition};

type Positions = BTreeMap<TopicPartition, i64>;

/// Reasons that are told in full; of more, the number.
const REASONS_MAX: usize = 3;

/// Positions that lanes may be set to.
#[derive(Debug)]
pub(in crate::engine) struct CheckedPositions {
    pub(in crate::engine) positions: BTreeMap<TopicPartition, Resolved>,
    /// Who is in the group.
    pub(in crate::engine) members: Vec<String>,
}

/// Why positions are not set.
enum Refusal {
    Fault(Fault),
    /// In words.
    Words(String),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Refusal> for String {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Fault(fault) => fault.to_string(),
            Refusal::Words(words) => words,
        }
    }
}

/// Checks positions for the lanes of a flow that runs.
pub(super) fn check(
    context: &JobContext,
    positions: Positions,
    topics: &BTreeMap<TopicName, ReadyTopic>,
) -> Result<CheckedPositions, String> {
    Ok(check_for_lanes(context, positions, topics)?)
}

fn check_for_lanes(
    context: &JobContext,
    positions: Positions,
    topics: &BTreeMap<TopicName, ReadyTopic>,
) -> Result<CheckedPositions, Refusal> {
    let known = |partition: &TopicPartition| {
        topics.get(&partition.topic).is_some_and(|topic| (0..topic.partitions).contains(&partition.partition))
    };
    // The ids before the offsets, as for every position: see `resolve_with_notes`.
    let present = PresentTopics::ask(context)?;
    check_logs(context, &positions, known)?;
    let members = members(context)?;
    let noted = |(partition, position): (TopicPartition, i64)| {
        let note = present.note(context, topics.get(&partition.topic)?, &partition.topic);
        Some((partition, Resolved { position, note }))
    };
    Ok(CheckedPositions { positions: positions.into_iter().filter_map(noted).collect(), members })
}

/// Whether all positions lie within logs that the flow mirrors.
fn check_logs(
    context: &JobContext,
    positions: &Positions,
    is_known: impl Fn(&TopicPartition) -> bool,
) -> Result<(), Refusal> {
    let partitions: Vec<TopicPartition> = positions.keys().filter(|partition| is_known(partition)).cloned().collect();
    let lows = ask_all(context.source.as_ref(), &partitions, OffsetQuery::Earliest)?;
    let highs = ask_all(context.source.as_ref(), &partitions, OffsetQuery::Latest)?;
    let judge = |partition: &TopicPartition, position: i64| {
        if !is_known(partition) {
            return Err(EditRefusal::NotSelected);
        }
        match (lows.get(partition), highs.get(partition)) {
            (Some(low), Some(high)) => check_bounds(position, *low, *high),
            _ => Err(EditRefusal::Unknown("the source does not tell where its log begins and ends".into())),
        }
    };
    let refused = positions
        .iter()
        .filter_map(|(partition, position)| judge(partition, *position).err().map(|why| format!("{partition}: {why}")));
    let refused: Vec<String> = refused.collect();
    if refused.is_empty() { Ok(()) } else { Err(Refusal::Words(told(&refused))) }
}

/// The first reasons, and how many more there are.
pub(in crate::engine) fn told(reasons: &[String]) -> String {
    let shown = reasons.iter().take(REASONS_MAX).cloned().collect::<Vec<_>>().join("; ");
    match reasons.len().saturating_sub(REASONS_MAX) {
        0 => shown,
        more => format!("{shown}; and {more} more"),
    }
}

/// Sets positions of the group of a flow that does not run. Returns what happened.
pub(super) fn commit(context: &JobContext, positions: &Positions) -> Result<Vec<EventKind>, String> {
    Ok(commit_to_group(context, positions)?)
}

fn commit_to_group(context: &JobContext, positions: &Positions) -> Result<Vec<EventKind>, Refusal> {
    let group = &context.spec.config.group;
    let members = members(context)?;
    if !members.is_empty() {
        return Err(Refusal::Words(in_use(context, &members)));
    }
    let survey = survey(&context.spec, context.source.as_ref(), context.target.as_ref())?;
    let mut prepared = prepared(&survey);
    let known: BTreeSet<TopicPartition> = prepare::partitions(&prepared).into_iter().collect();
    check_logs(context, positions, |partition| known.contains(partition))?;
    let mut commits = BTreeMap::new();
    for (partition, offset) in positions {
        let Some((ready, _)) = prepared.topics.get(&partition.topic) else { continue };
        let note = ready.note(&context.spec.name);
        let note = if ready.target_partitions == 0 { note.without_target() } else { note };
        let committed = Committed { offset: *offset, leader_epoch: None, metadata: note.to_metadata() };
        commits.insert(partition.clone(), committed);
    }
    if !survey.has_begun {
        begin_others(context, &survey, &mut prepared, &mut commits)?;
    }
    context.source.commit(group, &commits).map_err(|fault| refused_commit(context, fault))?;
    let moved = positions.iter().map(|(partition, to)| MovedPosition {
        partition: partition.clone(),
        from: survey.progress.get(partition).map(|committed| committed.offset),
        to: *to,
    });
    let mut events = std::mem::take(&mut prepared.events);
    events.push(EventKind::PositionsSet { positions: moved.collect() });
    Ok(events)
}

/// What a start would take of a survey, without touching the target.
fn prepared(survey: &Survey) -> Prepared {
    let ready = survey.topics.iter().map(|(name, topic)| {
        (name.clone(), (ReadyTopic::of(topic, &survey.target), topic.action.as_ref().err().cloned()))
    });
    Prepared { topics: ready.collect(), ..Prepared::default() }
}

/// Adds where the partitions that are not set begin, as the first start would.
fn begin_others(
    context: &JobContext,
    survey: &Survey,
    prepared: &mut Prepared,
    commits: &mut BTreeMap<TopicPartition, Committed>,
) -> Result<(), Refusal> {
    let topics: BTreeMap<TopicName, ReadyTopic> =
        prepared.topics.iter().map(|(name, (ready, _))| (name.clone(), ready.clone())).collect();
    let mut others = prepare::partitions(prepared);
    others.retain(|partition| !commits.contains_key(partition));
    let targets: Vec<TopicPartition> =
        others.iter().filter_map(|partition| topics.get(&partition.topic)?.target_of(partition)).collect();
    let (source, target) = (context.source.as_ref(), context.target.as_ref());
    let target_ends = ask_all(target, &targets, OffsetQuery::Latest)?;
    let search = Search { spec: &context.spec, source, target: &survey.target };
    prepared.others = search.find_writers(&others, &topics, &target_ends)?;
    seed::seed(context, prepared, &target_ends, commits)?;
    match prepared.hindrance.take() {
        Some(Hindrance::Waiting(why)) => Err(Refusal::Words(format!("the flow would not start: {why}"))),
        Some(Hindrance::Blocked(why)) => Err(Refusal::Words(format!("the flow would not start: {why}"))),
        None => Ok(()),
    }
}

/// Who is in the group. Brokers that cannot tell refuse a commit to a group that is in use all the same.
fn members(context: &JobContext) -> Result<Vec<String>, Fault> {
    match context.source.members(&context.spec.config.group) {
        Err(fault) if fault.kind == FaultKind::Unsupported => Ok(Vec::new()),
        answer => answer,
    }
}

fn refused_commit(context: &JobContext, fault: Fault) -> Refusal {
    if fault.kind != FaultKind::MembershipLost {
        return Refusal::Fault(fault);
    }
    // Somebody has joined since we looked.
    match context.source.members(&context.spec.config.group) {
        Ok(members) if !members.is_empty() => Refusal::Words(in_use(context, &members)),
        _ => Refusal::Fault(fault),
    }
}

fn in_use(context: &JobContext, members: &[String]) -> String {
    let group = &context.spec.config.group;
    format!("group `{group}` is in use by {}: stop it first", members.join(", "))
}
