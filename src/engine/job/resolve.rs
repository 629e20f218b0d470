//! From a start position, as an operator writes it, to offsets.

use std::collections::{BTreeMap, BTreeSet};

use super::{JobContext, ReadyTopic, Resolved};
use crate::engine::fault::{Fault, Verdict};
use crate::engine::ports::{Cluster, OffsetQuery};
use crate::model::{StartPosition, TopicName, TopicPartition};

type Offsets = BTreeMap<TopicPartition, i64>;

/// The offset `at` means in each partition. Partitions that cannot be asked are absent.
pub(super) fn resolve(
    source: &dyn Cluster,
    partitions: &[TopicPartition],
    at: &StartPosition,
    now_ms: i64,
) -> Result<Offsets, Fault> {
    match at {
        StartPosition::Earliest => ask(source, partitions, OffsetQuery::Earliest),
        StartPosition::Latest => ask(source, partitions, OffsetQuery::Latest),
        StartPosition::Timestamp { ms } => ask(source, partitions, OffsetQuery::AtTime(*ms)),
        StartPosition::Ago { ms } => ask(source, partitions, OffsetQuery::AtTime(now_ms.saturating_sub(*ms))),
        StartPosition::Offset(offset) => Ok(partitions.iter().map(|partition| (partition.clone(), *offset)).collect()),
        StartPosition::Last(count) => {
            let lows = ask(source, partitions, OffsetQuery::Earliest)?;
            let mut ends = ask(source, partitions, OffsetQuery::Latest)?;
            for (partition, end) in &mut ends {
                let low = lows.get(partition).copied().unwrap_or(0);
                *end = end.saturating_sub(i64::try_from(*count).unwrap_or(i64::MAX)).max(low);
            }
            Ok(ends)
        }
        StartPosition::Group(group) => {
            // A partition that group never read is new to it: it begins at its beginning, so nothing is lost.
            let mut offsets = ask(source, partitions, OffsetQuery::Earliest)?;
            for (partition, committed) in source.committed(group, partitions)? {
                offsets.insert(partition, committed.offset);
            }
            Ok(offsets)
        }
    }
}

/// The partitions where `at` is another group's position, that group has none, and there are records it could have
/// read: nothing tells whether these are on the target.
pub(super) fn unread_by_group(
    source: &dyn Cluster,
    partitions: &[TopicPartition],
    at: &StartPosition,
) -> Result<BTreeSet<TopicPartition>, Fault> {
    let StartPosition::Group(group) = at else { return Ok(BTreeSet::new()) };
    let committed = source.committed(group, partitions)?;
    let unread: Vec<TopicPartition> =
        partitions.iter().filter(|partition| !committed.contains_key(*partition)).cloned().collect();
    let lows = ask_all(source, &unread, OffsetQuery::Earliest)?;
    let ends = ask_all(source, &unread, OffsetQuery::Latest)?;
    Ok(unread.into_iter().filter(|partition| lows.get(partition) < ends.get(partition)).collect())
}

/// As [`resolve`], each offset with the note of the topics it belongs to: those there are now.
///
/// What the flow knows of them (`topics`) is as old as its last refresh, and a lane hears of a new creation before
/// that: it is blocked by its own diagnosis, its operator answers, and with what the flow knows its position would be
/// committed in the name of the old topic. It would copy the new one until the refresh, which would block it again.
///
/// The ids are asked for before the offsets. When a topic is created again in between, the note tells of the older one,
/// and the lane is blocked. The other way round, an offset in the older one would pass for one in the new.
pub(super) fn resolve_with_notes(
    context: &JobContext,
    partitions: &[TopicPartition],
    topics: &BTreeMap<TopicName, ReadyTopic>,
    at: &StartPosition,
) -> Result<BTreeMap<TopicPartition, Resolved>, Fault> {
    let present = PresentTopics::ask(context)?;
    let offsets = resolve(context.source.as_ref(), partitions, at, context.now_ms)?;
    let noted = |(partition, position): (TopicPartition, i64)| {
        let note = present.note(context, topics.get(&partition.topic)?, &partition.topic);
        Some((partition, Resolved { position, note }))
    };
    Ok(offsets.into_iter().filter_map(noted).collect())
}

/// The ids that the topics have now.
pub(super) struct PresentTopics {
    source: BTreeMap<TopicName, Option<String>>,
    target: BTreeMap<TopicName, Option<String>>,
}

impl PresentTopics {
    pub(super) fn ask(context: &JobContext) -> Result<Self, Fault> {
        Ok(Self { source: ids(context.source.as_ref())?, target: ids(context.target.as_ref())? })
    }

    /// The note for a position in the topics there are now, of which the flow knows `topic`.
    pub(super) fn note(&self, context: &JobContext, topic: &ReadyTopic, name: &TopicName) -> String {
        // One that is missing at the moment may come back as another: its position is the old one's.
        let source_id = self.source.get(name).unwrap_or(&topic.source_id).clone();
        let target_id = self.target.get(&topic.target).unwrap_or(&topic.target_id).clone();
        let topic = ReadyTopic { source_id, target_id, ..topic.clone() };
        topic.note(&context.spec.name).to_metadata()
    }
}

/// The ids of a cluster's topics, where it has ids.
fn ids(cluster: &dyn Cluster) -> Result<BTreeMap<TopicName, Option<String>>, Fault> {
    Ok(cluster.topics()?.into_iter().map(|topic| (topic.name, topic.id)).collect())
}

/// Offsets of the partitions that could be asked.
pub(super) fn ask(cluster: &dyn Cluster, partitions: &[TopicPartition], query: OffsetQuery) -> Result<Offsets, Fault> {
    if partitions.is_empty() {
        return Ok(Offsets::new());
    }
    let answers = cluster.offsets(partitions, query)?;
    Ok(answers.into_iter().filter_map(|(partition, answer)| Some((partition, answer.ok()?))).collect())
}

/// As [`ask`], but fails while one of them cannot be asked for the moment. What does not exist is absent as there.
pub(super) fn ask_all(
    cluster: &dyn Cluster,
    partitions: &[TopicPartition],
    query: OffsetQuery,
) -> Result<Offsets, Fault> {
    if partitions.is_empty() {
        return Ok(Offsets::new());
    }
    let mut offsets = Offsets::new();
    for (partition, answer) in cluster.offsets(partitions, query)? {
        match answer {
            Ok(offset) => {
                offsets.insert(partition, offset);
            }
            Err(fault) if fault.kind.verdict() == Verdict::Wait => return Err(fault),
            Err(_) => {}
        }
    }
    Ok(offsets)
}
