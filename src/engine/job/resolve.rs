//! From a start position, as an operator writes it, to offsets.

use std::collections::BTreeMap;

use crate::engine::fault::{Fault, Verdict};
use crate::engine::ports::{Cluster, OffsetQuery};
use crate::model::{StartPosition, TopicPartition};

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
