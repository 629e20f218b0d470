//! The first start of a flow: writes down where every partition begins, before the first record is copied.
//!
//! Two things rest on it. A crash before the first commit resumes at the same positions (MirrorMaker 1 lost records
//! there). And once a group has any progress, a partition without progress is known to be new, so that it is mirrored
//! from its beginning whatever the flow's start says.

use std::collections::BTreeMap;

use super::resolve::resolve;
use super::{JobContext, Prepared, prepare};
use crate::config::TargetNotEmpty;
use crate::engine::event::EventKind;
use crate::engine::fault::{Fault, FaultKind, Side};
use crate::engine::ports::Committed;
use crate::engine::reason::BlockedReason;
use crate::model::{StartPosition, TopicName, TopicPartition};

/// Adds to `positions` where the flow begins in the partitions that are not among them. `target_ends` are the ends of
/// their target partitions.
pub(super) fn seed(
    context: &JobContext,
    prepared: &mut Prepared,
    target_ends: &BTreeMap<TopicPartition, i64>,
    positions: &mut BTreeMap<TopicPartition, Committed>,
) -> Result<(), Fault> {
    let mut by_start: BTreeMap<String, (StartPosition, Vec<TopicPartition>)> = BTreeMap::new();
    for partition in prepare::partitions(prepared) {
        if positions.contains_key(&partition) || prepared.others.contains_key(&partition) {
            continue;
        }
        let start = context.spec.config.start_of(&partition);
        by_start.entry(start.to_string()).or_insert_with(|| (start.clone(), Vec::new())).1.push(partition);
    }
    for (text, (start, partitions)) in by_start {
        // Taking over from another group means going on behind what it wrote.
        let takes_over = matches!(start, StartPosition::Group(_));
        let may_append = takes_over || context.spec.config.target_not_empty == TargetNotEmpty::Append;
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
        // Beginning where the target holds records might copy them twice: an operator decides.
        let is_empty = |partition: &TopicPartition| {
            let target = prepared.topics.get(&partition.topic).and_then(|(ready, _)| ready.target_of(partition));
            target.and_then(|target| target_ends.get(&target)).is_none_or(|end| *end == 0)
        };
        let begun: Vec<_> = offsets.into_iter().filter(|(partition, _)| may_append || is_empty(partition)).collect();
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
