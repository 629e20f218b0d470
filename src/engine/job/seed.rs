//! The first start of a flow: writes down where every partition begins, before the first record is copied.
//!
//! Two things rest on it. A crash before the first commit resumes at the same positions (MirrorMaker 1 lost records
//! there). And once a group has any progress, a partition without progress is known to be new, so that it is mirrored
//! from its beginning whatever the flow's start says.

use std::collections::{BTreeMap, BTreeSet};

use super::resolve::{resolve, unread_by_group};
use super::{JobContext, Prepared, prepare};
use crate::config::TargetNotEmpty;
use crate::engine::event::EventKind;
use crate::engine::fault::{Fault, FaultKind, Side};
use crate::engine::ports::Committed;
use crate::engine::reason::{BlockedReason, Hindrance, WaitingReason};
use crate::model::{StartPosition, TopicName, TopicPartition};

/// The start positions, as they are written, each with its partitions.
type ByStart = BTreeMap<String, (StartPosition, Vec<TopicPartition>)>;

/// The ends of target partitions.
type TargetEnds = BTreeMap<TopicPartition, i64>;

/// Adds to `positions` where the flow begins in the partitions that are not among them. `target_ends` are the ends of
/// their target partitions. Adds none, and the reason to `prepared`, where something stands in the way of a start.
pub(super) fn seed(
    context: &JobContext,
    prepared: &mut Prepared,
    target_ends: &TargetEnds,
    positions: &mut BTreeMap<TopicPartition, Committed>,
) -> Result<(), Fault> {
    let mut by_start = ByStart::new();
    for partition in prepare::partitions(prepared) {
        if positions.contains_key(&partition) || prepared.others.contains_key(&partition) {
            continue;
        }
        let start = context.spec.config.start_of(&partition);
        by_start.entry(start.to_string()).or_insert_with(|| (start.clone(), Vec::new())).1.push(partition);
    }
    prepared.hindrance = group_in_the_way(context, prepared, target_ends, &by_start)?;
    if prepared.hindrance.is_some() {
        return Ok(());
    }
    for (text, (start, partitions)) in by_start {
        let held_back = partitions_to_decide_on(context, prepared, target_ends, &start, &partitions)?;
        let offsets = resolve(context.source.as_ref(), &partitions, &start, context.now_ms)?;
        // Left out now, it would be taken for a new partition later, and begin at its beginning whatever the start
        // says.
        if let Some(missing) = partitions.iter().find(|partition| !offsets.contains_key(*partition)) {
            let operation = format!("find where `{missing}` begins");
            return Err(Fault::new(
                FaultKind::LeaderUnavailable,
                Side::Source,
                operation,
                "its leader does not answer",
            ));
        }
        let begun: Vec<_> = offsets.into_iter().filter(|(partition, _)| !held_back.contains(partition)).collect();
        if !begun.is_empty() {
            prepared.events.push(EventKind::Started { partitions: begun.len() as u64, start: text });
        }
        for (partition, offset) in begun {
            let Some((ready, _)) = prepared.topics.get(&partition.topic) else { continue };
            let note = ready.note(&context.spec.name);
            let note = if ready.target_partitions == 0 { note.without_target() } else { note };
            let note = if start == StartPosition::Earliest { note.untouched_earliest() } else { note };
            positions.insert(partition, Committed { offset, leader_epoch: None, metadata: note.to_metadata() });
        }
    }
    Ok(())
}

/// Writes them down, all at once: a crash in between must not make those that are missing look like new partitions.
///
/// # Errors
/// [`FaultKind::MembershipLost`] when another instance of the flow has joined the group.
pub(super) fn commit_all(
    context: &JobContext,
    prepared: &mut Prepared,
    positions: BTreeMap<TopicPartition, Committed>,
) -> Result<(), Fault> {
    if positions.is_empty() {
        return Ok(());
    }
    let group = &context.spec.config.group;
    match context.source.commit(group, &positions) {
        Err(fault) if fault.kind == FaultKind::TopicAuthorization => commit_by_topic(context, prepared, positions),
        result => result,
    }
}

/// A topic that may not be read is not seeded; the others do not wait for it.
fn commit_by_topic(
    context: &JobContext,
    prepared: &mut Prepared,
    positions: BTreeMap<TopicPartition, Committed>,
) -> Result<(), Fault> {
    let mut by_topic: BTreeMap<TopicName, BTreeMap<TopicPartition, Committed>> = BTreeMap::new();
    for (partition, committed) in positions {
        by_topic.entry(partition.topic.clone()).or_default().insert(partition, committed);
    }
    for (topic, positions) in by_topic {
        match context.source.commit(&context.spec.config.group, &positions) {
            Err(fault) if fault.kind == FaultKind::TopicAuthorization => {
                if let Some((_, blocked)) = prepared.topics.get_mut(&topic) {
                    let (side, operation) = (Side::Source, "read".into());
                    *blocked = Some(BlockedReason::TopicAuthorization { side, topic, operation });
                }
            }
            result => result?,
        }
    }
    Ok(())
}

/// A group to take over from that stands in the way of a start.
///
/// While it is at work its positions lie behind what it wrote, and what it writes from now on would be copied once
/// more. One that reads the source for another purpose may go on: where the target holds nothing, it is no mirror's;
/// and `append` is an operator's word that doubles do no harm.
fn group_in_the_way(
    context: &JobContext,
    prepared: &mut Prepared,
    target_ends: &TargetEnds,
    by_start: &ByStart,
) -> Result<Option<Hindrance>, Fault> {
    let mut notices = Vec::new();
    for (start, partitions) in by_start.values() {
        let StartPosition::Group(group) = start else { continue };
        // For its positions first: who may not ask for it sees no members either.
        let members = match context.source.committed(group, partitions).and_then(|_| context.source.members(group)) {
            Err(fault) if fault.kind == FaultKind::GroupAuthorization => {
                return Ok(Some(Hindrance::Blocked(BlockedReason::GroupAuthorization { group: group.clone() })));
            }
            answer => answer?,
        };
        if members.is_empty() {
            continue;
        }
        let is_tolerated = context.spec.config.target_not_empty == TargetNotEmpty::Append;
        if !is_tolerated && !written_before(prepared, target_ends, partitions.iter().cloned()).is_empty() {
            return Ok(Some(Hindrance::Waiting(WaitingReason::GroupActive { group: group.clone(), members })));
        }
        let text = format!(
            "group `{group}` goes on reading ({}): if it writes to the same target, records are there twice",
            members.join(", ")
        );
        notices.push(EventKind::Notice { text });
    }
    prepared.events.extend(notices);
    Ok(None)
}

/// Partitions that might be copied twice, so that an operator decides: their target partitions hold records, and it is
/// not known how far these go.
fn partitions_to_decide_on(
    context: &JobContext,
    prepared: &Prepared,
    target_ends: &TargetEnds,
    start: &StartPosition,
    partitions: &[TopicPartition],
) -> Result<BTreeSet<TopicPartition>, Fault> {
    if context.spec.config.target_not_empty == TargetNotEmpty::Append {
        return Ok(BTreeSet::new());
    }
    if matches!(start, StartPosition::Group(_)) {
        // Taking over from another group means going on behind what it wrote, where it has been.
        let unread = unread_by_group(context.source.as_ref(), partitions, start)?;
        return Ok(written_before(prepared, target_ends, unread));
    }
    Ok(written_before(prepared, target_ends, partitions.iter().cloned()))
}

/// Those whose target partition holds records; `target_ends` are the ends of their target partitions.
fn written_before(
    prepared: &Prepared,
    target_ends: &TargetEnds,
    partitions: impl IntoIterator<Item = TopicPartition>,
) -> BTreeSet<TopicPartition> {
    let is_written = |partition: &TopicPartition| {
        let target = prepared.topics.get(&partition.topic).and_then(|(ready, _)| ready.target_of(partition));
        target.and_then(|target| target_ends.get(&target)).is_some_and(|end| *end > 0)
    };
    partitions.into_iter().filter(is_written).collect()
}
