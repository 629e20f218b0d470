//! What happened to a position that cannot be read or written any more.

use super::position::check;
use super::resolve::ask;
use super::{JobContext, ReadyTopic};
use crate::engine::fault::{Fault, FaultKind, Side};
use crate::engine::ports::OffsetQuery;
use crate::engine::progress::ProgressNote;
use crate::engine::reason::BlockedReason;
use crate::model::{TopicName, TopicPartition};

/// The reason to block the lane with, or `None` when it can go on where it is.
pub(super) fn diagnose(
    context: &JobContext,
    partition: &TopicPartition,
    position: i64,
    topic: &ReadyTopic,
    fault: &Fault,
) -> Result<Option<BlockedReason>, Fault> {
    match fault.side {
        Side::Source => diagnose_source(context, partition, position, topic, fault),
        Side::Target => diagnose_target(context, partition, position, topic),
    }
}

fn diagnose_source(
    context: &JobContext,
    partition: &TopicPartition,
    position: i64,
    topic: &ReadyTopic,
    fault: &Fault,
) -> Result<Option<BlockedReason>, Fault> {
    let Some(found) = find(context.source.topics()?, &partition.topic) else {
        return Ok(Some(BlockedReason::SourceTopicGone { topic: partition.topic.clone() }));
    };
    let asked = std::slice::from_ref(partition);
    let low = ask(context.source.as_ref(), asked, OffsetQuery::Earliest)?.remove(partition);
    let end = ask(context.source.as_ref(), asked, OffsetQuery::Latest)?.remove(partition);
    let then = ProgressNote::new(topic.source_id.clone(), None);
    let now = ReadyTopic { source_id: found.id, target_id: None, ..topic.clone() };
    if let Some(why) = check(&then, position, &now, low, end) {
        return Ok(Some(why));
    }
    if fault.kind == FaultKind::LogTruncated {
        return Ok(Some(BlockedReason::LogTruncated { position, detail: fault.detail.clone() }));
    }
    Ok(None)
}

fn diagnose_target(
    context: &JobContext,
    partition: &TopicPartition,
    position: i64,
    topic: &ReadyTopic,
) -> Result<Option<BlockedReason>, Fault> {
    let Some(found) = find(context.target.topics()?, &topic.target) else {
        return Ok(Some(BlockedReason::TargetTopicMissing {
            target_topic: topic.target.clone(),
            partitions: topic.partitions,
            detail: "it was deleted while the flow was writing to it".into(),
        }));
    };
    if found.id.is_some() && topic.target_id.is_some() && found.id != topic.target_id {
        return Ok(Some(BlockedReason::TargetTopicRecreated { target_topic: topic.target.clone(), position }));
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
