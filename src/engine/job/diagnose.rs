//! What happened to a position that cannot be read or written any more.

use super::position::check;
use super::resolve::ask;
use super::{Diagnosis, JobContext, ReadyTopic};
use crate::engine::fault::{Fault, FaultKind, Side};
use crate::engine::ports::OffsetQuery;
use crate::engine::progress::ProgressNote;
use crate::engine::reason::BlockedReason;
use crate::model::TopicName;

/// The reason to block the lane with, or `None` when it can go on where it is.
pub(super) fn diagnose(context: &JobContext, diagnosis: &Diagnosis) -> Result<Option<BlockedReason>, Fault> {
    match diagnosis.fault.side {
        Side::Source => diagnose_source(context, diagnosis),
        Side::Target => diagnose_target(context, diagnosis),
    }
}

fn diagnose_source(context: &JobContext, diagnosis: &Diagnosis) -> Result<Option<BlockedReason>, Fault> {
    let Diagnosis { partition, position, topic, fault, note, .. } = diagnosis;
    let position = *position;
    let Some(found) = find(context.source.topics()?, &partition.topic) else {
        return Ok(Some(BlockedReason::SourceTopicGone { topic: partition.topic.clone() }));
    };
    let asked = std::slice::from_ref(partition);
    let low = ask(context.source.as_ref(), asked, OffsetQuery::Earliest)?.remove(partition);
    let end = ask(context.source.as_ref(), asked, OffsetQuery::Latest)?.remove(partition);
    let now = ReadyTopic { source_id: found.id, target_id: None, ..topic.clone() };
    if let Some(why) = check(&ProgressNote::parse(note), position, &now, low, end) {
        return Ok(Some(why));
    }
    if fault.kind == FaultKind::LogTruncated {
        return Ok(Some(BlockedReason::LogTruncated { position, detail: fault.detail.clone() }));
    }
    Ok(None)
}

fn diagnose_target(context: &JobContext, diagnosis: &Diagnosis) -> Result<Option<BlockedReason>, Fault> {
    let Diagnosis { partition, position, topic, note, .. } = diagnosis;
    let Some(found) = find(context.target.topics()?, &topic.target) else {
        return Ok(Some(BlockedReason::TargetTopicMissing {
            target_topic: topic.target.clone(),
            partitions: topic.partitions,
            replication_factor: None,
            detail: "it was deleted while the flow was writing to it".into(),
        }));
    };
    let now = ReadyTopic { source_id: None, target_id: found.id, ..topic.clone() };
    if let Some(why) = now.recreation(&ProgressNote::parse(note), *position) {
        return Ok(Some(why));
    }
    if found.partitions <= partition.partition {
        return Ok(Some(BlockedReason::PartitionCount {
            target_topic: topic.target.clone(),
            source_partitions: topic.partitions,
            target_partitions: found.partitions,
        }));
    }
    Ok(None)
}

fn find(topics: Vec<crate::engine::ports::TopicFacts>, name: &TopicName) -> Option<crate::engine::ports::TopicFacts> {
    topics.into_iter().find(|topic| topic.name == *name)
}
