//! Who leads a mirrored topic's partitions, asked of both clusters.

use crate::engine::Side;
use crate::kafka::KafkaClusters;
use crate::model::{ClusterName, TopicName};
use crate::run::clusters::explain;
use crate::tui::{Leaders, PartitionLeaders};

/// Asks both clusters. What one of them does not tell is told as such, for the other's answer is worth having.
pub(super) fn find(
    kafka: &KafkaClusters,
    source: &(ClusterName, TopicName),
    target: &(ClusterName, TopicName),
) -> Leaders {
    let of = |side, (cluster, topic): &(ClusterName, TopicName)| -> Result<PartitionLeaders, String> {
        let partitions = kafka.partitions(cluster, side, topic).map_err(|fault| explain(&fault))?;
        Ok(partitions.into_iter().map(|partition| (partition.id, partition.leader)).collect())
    };
    Leaders { source: of(Side::Source, source), target: of(Side::Target, target) }
}
