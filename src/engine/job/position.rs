//! Where assigned partitions begin: their progress, checked against what the source still holds.

use std::collections::BTreeMap;

use super::other_flow::Search;
use super::resolve::{ask, ask_all, resolve};
use super::{DecidedChoice, Decision, JobContext, ReadyTopic, prepare};
use crate::config::TargetNotEmpty;
use crate::engine::event::EventKind;
use crate::engine::fault::{Fault, FaultKind, Side};
use crate::engine::ports::{Committed, OffsetQuery};
use crate::engine::progress::{ProgressNote, take_marks_out};
use crate::engine::reason::{BlockedReason, OtherFlow};
use crate::engine::shard::Positioned;
use crate::model::{TopicName, TopicPartition};

/// What the clusters say about the partitions in question.
struct Findings {
    progress: BTreeMap<TopicPartition, Committed>,
    lows: BTreeMap<TopicPartition, i64>,
    ends: BTreeMap<TopicPartition, i64>,
    target_ends: BTreeMap<TopicPartition, i64>,
}

/// What the flow knows and wants of the partitions in question.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) topics: &'a BTreeMap<TopicName, ReadyTopic>,
    pub(super) decisions: &'a [Decision],
    /// Partitions that were held back when the flow was started, and for whom.
    pub(super) others: &'a BTreeMap<TopicPartition, OtherFlow>,
}

pub(super) fn position(
    context: &JobContext,
    partitions: &[TopicPartition],
    Asked { topics, decisions, others }: Asked<'_>,
    events: &mut Vec<EventKind>,
) -> Result<Vec<Positioned>, Fault> {
    let mut progress = context.source.committed(&context.spec.config.group, partitions)?;
    take_marks_out(&mut progress);
    let mut findings = Findings {
        progress,
        lows: ask(context.source.as_ref(), partitions, OffsetQuery::Earliest)?,
        ends: ask(context.source.as_ref(), partitions, OffsetQuery::Latest)?,
        target_ends: ask(context.target.as_ref(), &targets_of(partitions, topics), OffsetQuery::Latest)?,
    };
    look_closer(context, partitions, topics, &mut findings)?;
    let others = name_writers(context, topics, &findings, others)?;
    let mut positioned = Vec::new();
    for partition in partitions {
        let Some(topic) = topics.get(&partition.topic) else {
            positioned.push(not_selected(partition));
            continue;
        };
        let mut found = place(context, partition, topic, &findings, others.get(partition));
        match grow_target(context, partition, topic) {
            Ok(grown) => events.extend(grown),
            Err(why) => found.blocked = Some(why),
        }
        decide(context, decisions, &mut found)?;
        positioned.push(found);
    }
    Ok(positioned)
}

/// A partition without progress begins at what its logs are now, so these have to be known: an unknown end of the
/// target would pass for an empty one, and what was copied before would be copied again.
fn look_closer(
    context: &JobContext,
    partitions: &[TopicPartition],
    topics: &BTreeMap<TopicName, ReadyTopic>,
    findings: &mut Findings,
) -> Result<(), Fault> {
    let is_new = |partition: &&TopicPartition| !findings.progress.contains_key(*partition);
    let new: Vec<TopicPartition> = partitions.iter().filter(is_new).cloned().collect();
    findings.lows.extend(ask_all(context.source.as_ref(), &new, OffsetQuery::Earliest)?);
    findings.target_ends.extend(ask_all(context.target.as_ref(), &targets_of(&new, topics), OffsetQuery::Latest)?);
    Ok(())
}

/// Who wrote the targets of partitions without progress: what was found at the start, and of the others what is found
/// now.
fn name_writers(
    context: &JobContext,
    topics: &BTreeMap<TopicName, ReadyTopic>,
    findings: &Findings,
    known: &BTreeMap<TopicPartition, OtherFlow>,
) -> Result<BTreeMap<TopicPartition, OtherFlow>, Fault> {
    let mut others = known.clone();
    let is_unnamed =
        |partition: &&TopicPartition| !findings.progress.contains_key(*partition) && !known.contains_key(*partition);
    let unnamed: Vec<TopicPartition> = findings.lows.keys().filter(is_unnamed).cloned().collect();
    if !unnamed.is_empty() {
        let target = context.target.facts()?;
        let search = Search { spec: &context.spec, source: context.source.as_ref(), target: &target };
        others.extend(search.find_writers(&unnamed, topics, &findings.target_ends)?);
    }
    Ok(others)
}

/// The target partitions there are.
fn targets_of(partitions: &[TopicPartition], topics: &BTreeMap<TopicName, ReadyTopic>) -> Vec<TopicPartition> {
    partitions.iter().filter_map(|partition| topics.get(&partition.topic)?.target_of(partition)).collect()
}

fn place(
    context: &JobContext,
    partition: &TopicPartition,
    topic: &ReadyTopic,
    findings: &Findings,
    other: Option<&OtherFlow>,
) -> Positioned {
    let target = TopicPartition::new(topic.target.clone(), partition.partition);
    let low = findings.lows.get(partition).copied();
    let end = findings.ends.get(partition).copied();
    let mut placed = Positioned {
        source: partition.clone(),
        limits: topic.limits.clone(),
        position: low.unwrap_or(0),
        leader_epoch: None,
        note: topic.note(&context.spec.name).to_metadata(),
        goal: end.unwrap_or(0),
        is_stored: false,
        is_paused: false,
        blocked: None,
        target: target.clone(),
    };
    let Some(progress) = findings.progress.get(partition) else {
        // The flow has started before, so a partition without progress is new: it is mirrored from its beginning.
        // Unless its target holds records, which nobody but this flow should have written.
        let target_end = findings.target_ends.get(&target).copied().unwrap_or(0);
        if context.spec.config.target_not_empty == TargetNotEmpty::Block {
            placed.blocked = written_before(target_end, other);
        }
        return placed;
    };
    let stored = ProgressNote::parse(&progress.metadata);
    placed.position = progress.offset;
    placed.leader_epoch = progress.leader_epoch;
    placed.is_stored = true;
    if is_forgiven(&stored, progress.offset, topic, low, findings.target_ends.get(&target).copied()) {
        // Nothing was copied yet and `earliest` means what is there now: no promise is broken.
        placed.position = low.unwrap_or(progress.offset);
        placed.is_stored = false;
        return placed;
    }
    placed.blocked = check(&stored, progress.offset, topic, low, end);
    placed
}

/// Why a partition without progress must not begin, if it must not.
pub(super) fn written_before(target_end: i64, other: Option<&OtherFlow>) -> Option<BlockedReason> {
    match other {
        Some(by) => Some(BlockedReason::WrittenByOtherFlow { target_end, by: by.clone() }),
        None => (target_end > 0).then_some(BlockedReason::ProgressMissing { target_end }),
    }
}

/// Whether a first start at `earliest` may begin where the source's log begins now.
///
/// Only while the target is empty: what was copied last may not be committed, when the instance was killed before its
/// first commit. And not in another topic of the same name, which [`check`] finds.
pub(super) fn is_forgiven(
    stored: &ProgressNote,
    position: i64,
    topic: &ReadyTopic,
    low: Option<i64>,
    target_end: Option<i64>,
) -> bool {
    stored.is_untouched_earliest
        && target_end == Some(0)
        && topic.recreation(stored, position).is_none()
        && low.is_some_and(|low| position < low)
}

/// Why a stored position cannot be used, if it cannot.
pub(super) fn check(
    stored: &ProgressNote,
    position: i64,
    topic: &ReadyTopic,
    low: Option<i64>,
    end: Option<i64>,
) -> Option<BlockedReason> {
    if let Some(why) = topic.recreation(stored, position) {
        return Some(why);
    }
    let (low, end) = (low?, end?);
    if position < low {
        return Some(BlockedReason::RetentionOvertook { lost_from: position, lost_to: low });
    }
    // The end a read_committed reader sees never lies before a position it has reached.
    (position > end).then_some(BlockedReason::OffsetOutOfRange { position, low, high: end })
}

/// The group may notice an added partition before the flow's refresh does: its target partition is made here then.
fn grow_target(
    context: &JobContext,
    partition: &TopicPartition,
    topic: &ReadyTopic,
) -> Result<Option<EventKind>, BlockedReason> {
    if partition.partition < topic.target_partitions {
        return Ok(None);
    }
    let partitions = partition.partition + 1;
    let too_few = || BlockedReason::PartitionCount {
        target_topic: topic.target.clone(),
        source_partitions: partitions.max(topic.partitions),
        target_partitions: topic.target_partitions,
    };
    if !context.spec.config.topics.grow_partitions {
        return Err(too_few());
    }
    let wanted = partitions.max(topic.partitions);
    match prepare::grow(context, &topic.target, wanted) {
        Ok(grown) => Ok(Some(grown)),
        Err(fault) if fault.kind == FaultKind::TopicAuthorization => Err(BlockedReason::TopicAuthorization {
            side: Side::Target,
            topic: topic.target.clone(),
            operation: "alter".into(),
        }),
        // It may have been grown since we looked; a count that is still too small shows at the refresh.
        Err(_) => match context.target.topics() {
            Ok(topics)
                if topics.iter().any(|found| found.name == topic.target && found.partitions > partition.partition) =>
            {
                Ok(None)
            }
            _ => Err(too_few()),
        },
    }
}

/// Applies what an operator decided beforehand to a lane that would be blocked.
fn decide(context: &JobContext, decisions: &[Decision], placed: &mut Positioned) -> Result<(), Fault> {
    let is_open = placed.blocked.as_ref().is_some_and(|why| why.choices().contains(&crate::engine::Choice::ResumeAt));
    if !is_open {
        return Ok(());
    }
    for Decision { scope, choice } in decisions {
        let DecidedChoice::ResumeAt(at) = choice else { continue };
        if !scope.covers(&placed.source.topic, placed.source.partition) {
            continue;
        }
        let asked = std::slice::from_ref(&placed.source);
        let offsets = resolve(context.source.as_ref(), asked, at, context.now_ms)?;
        if let Some(offset) = offsets.get(&placed.source) {
            placed.position = *offset;
            placed.leader_epoch = None;
            placed.is_stored = false;
            placed.blocked = None;
            // Not marked as untouched, not even at `earliest`: the lane's note goes with every commit, so the mark
            // would stay when records were copied, and forgive the next loss to retention in silence.
        }
    }
    Ok(())
}

/// The group may still hand out partitions of a topic that was just unsubscribed.
fn not_selected(partition: &TopicPartition) -> Positioned {
    let fault = Fault::new(
        FaultKind::UnknownTopic,
        Side::Source,
        format!("mirror `{partition}`"),
        "the flow does not mirror this topic",
    );
    Positioned {
        source: partition.clone(),
        target: partition.clone(),
        limits: crate::model::TargetLimits::default(),
        position: 0,
        leader_epoch: None,
        note: String::new(),
        goal: 0,
        is_stored: true,
        is_paused: false,
        blocked: Some(BlockedReason::Fault { fault }),
    }
}
