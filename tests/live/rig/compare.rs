//! Comparing topics on two brokers, with a reader that is not the code under test.

use anyhow::{Context as _, Result, ensure};

use super::broker::Broker;
use super::checker::check;
use super::verdict::{Alterations, Verdict};
use super::wire::Isolation;

/// Compares every partition of `source_topic` with its copy and gives one verdict for each.
///
/// The source is read as a committed reader does. The target is read with everything in it: a record of an aborted
/// transaction over there would be foreign or repeated, and must be seen.
pub(crate) fn compare_partitions(
    (source, source_topic): (&Broker, &str),
    (target, target_topic): (&Broker, &str),
    allowed: Alterations,
) -> Result<Vec<Verdict>> {
    let (source, target) = (source.client(), target.client());
    let partitions = source.partitions(source_topic).context("compare: the source topic")?;
    let copies = target.partitions(target_topic).context("compare: the target topic")?;
    ensure!(copies >= partitions, "`{target_topic}` has {copies} partitions, `{source_topic}` {partitions}");
    // One partition at a time: a million records of 1 kB need not be in memory at once.
    (0..copies)
        .map(|partition| {
            let expected = if partition < partitions {
                source.read(source_topic, partition, Isolation::ReadCommitted)?
            } else {
                Vec::new()
            };
            let found = target.read(target_topic, partition, Isolation::ReadUncommitted)?;
            Ok(check(&expected, &found, allowed))
        })
        .collect()
}

/// Like [`compare_partitions`], added up.
pub(crate) fn compare(source: (&Broker, &str), target: (&Broker, &str), allowed: Alterations) -> Result<Verdict> {
    let mut total = Verdict::default();
    for verdict in compare_partitions(source, target, allowed)? {
        total += verdict;
    }
    Ok(total)
}
