//! Which other flow has copied the same partitions onto the same target: a flow that was given another name has left
//! its progress in the group of its old one.
//!
//! That another group reads a source topic says nothing: it may mirror it elsewhere. So the notes are compared (see
//! `engine/progress.rs`), and only what was written onto the very target topic counts.

use std::collections::BTreeMap;

use super::ReadyTopic;
use crate::config::{GROUP_PREFIX, TargetNotEmpty};
use crate::engine::fault::{Fault, Verdict};
use crate::engine::ports::{Cluster, ClusterFacts};
use crate::engine::progress::{Kinship, ProgressNote};
use crate::engine::reason::OtherFlow;
use crate::engine::spec::FlowSpec;
use crate::model::{GroupName, StartPosition, TopicName, TopicPartition};

/// So many groups are asked for their positions, those with a name that kmirror gives by itself first. A flow in a
/// group of its own choice may go unnoticed on a cluster that has more: its partitions are blocked all the same, only
/// without its name.
const GROUPS_ASKED_MAX: usize = 200;

/// What is looked at.
#[derive(Clone, Copy)]
pub(super) struct Search<'a> {
    pub(super) spec: &'a FlowSpec,
    pub(super) source: &'a dyn Cluster,
    /// Who the target is.
    pub(super) target: &'a ClusterFacts,
}

impl Search<'_> {
    /// Who has copied `partitions`, which have no progress, before. Looked for only when one of them has something on
    /// the target, by its `target_ends`: a flow whose targets are all empty copies nothing twice.
    ///
    /// All of them are asked for then. The other flow may have begun at the end of a partition that has been idle
    /// since: what was written to it while no flow was running is left out unless its progress is taken over.
    ///
    /// # Errors
    /// As for [`find`](Self::find).
    pub(super) fn find_writers(
        &self,
        partitions: &[TopicPartition],
        topics: &BTreeMap<TopicName, ReadyTopic>,
        target_ends: &BTreeMap<TopicPartition, i64>,
    ) -> Result<BTreeMap<TopicPartition, OtherFlow>, Fault> {
        let config = &self.spec.config;
        // Taking over from another group means going on behind what it wrote.
        let takes_over = |partition: &TopicPartition| matches!(config.start_of(partition), StartPosition::Group(_));
        let is_written = |partition: &TopicPartition| {
            let target = topics.get(&partition.topic).and_then(|topic| topic.target_of(partition));
            target.and_then(|target| target_ends.get(&target)).is_some_and(|end| *end > 0)
        };
        let asked: Vec<TopicPartition> = partitions.iter().filter(|one| !takes_over(one)).cloned().collect();
        if config.target_not_empty == TargetNotEmpty::Append || !asked.iter().any(is_written) {
            return Ok(BTreeMap::new());
        }
        self.find(&asked, topics)
    }

    /// The flow that has copied each of `partitions` before, where there is one.
    ///
    /// # Errors
    /// When the groups, or the positions in one that has a name of kmirror's, cannot be asked for the moment. What may
    /// not be asked is left out.
    fn find(
        &self,
        partitions: &[TopicPartition],
        topics: &BTreeMap<TopicName, ReadyTopic>,
    ) -> Result<BTreeMap<TopicPartition, OtherFlow>, Fault> {
        let mut found: BTreeMap<TopicPartition, OtherFlow> = BTreeMap::new();
        for group in self.candidates()? {
            let is_ours = group.as_str().starts_with(GROUP_PREFIX);
            let positions = match self.source.committed(&group, partitions) {
                Ok(positions) => positions,
                Err(fault) if is_ours && fault.kind.verdict() == Verdict::Wait => return Err(fault),
                Err(fault) => {
                    tracing::debug!(%group, %fault, "a group is not asked for its positions");
                    continue;
                }
            };
            for (partition, committed) in positions {
                let note = ProgressNote::parse(&committed.metadata);
                let Some(topic) = topics.get(&partition.topic) else { continue };
                let is_certain = match note.kinship(topic, self.target) {
                    Kinship::Same => true,
                    Kinship::Probable => false,
                    Kinship::Other | Kinship::Unknown => continue,
                };
                let other = OtherFlow {
                    group: group.clone(),
                    flow: note.flow,
                    position: committed.offset,
                    is_active: false,
                    is_certain,
                };
                // Renamed twice: the one that has come furthest was the last.
                let rank = |other: &OtherFlow| (other.is_certain, other.position);
                if found.get(&partition).is_none_or(|known| rank(known) < rank(&other)) {
                    found.insert(partition, other);
                }
            }
        }
        self.mark_active(&mut found);
        Ok(found)
    }

    /// Groups that may hold a flow's progress, the likely ones first.
    fn candidates(&self) -> Result<Vec<GroupName>, Fault> {
        let mut groups = match self.source.groups() {
            Ok(groups) => groups,
            Err(fault) if fault.kind.verdict() == Verdict::Wait => return Err(fault),
            Err(fault) => {
                tracing::debug!(%fault, "groups cannot be listed: a renamed flow is not named");
                return Ok(Vec::new());
            }
        };
        groups.retain(|group| *group != self.spec.config.group);
        groups.sort_by_key(|group| (!group.as_str().starts_with(GROUP_PREFIX), group.clone()));
        groups.dedup();
        if groups.len() > GROUPS_ASKED_MAX {
            tracing::info!(
                groups = groups.len(),
                asked = GROUPS_ASKED_MAX,
                "looking for a renamed flow in some groups"
            );
            groups.truncate(GROUPS_ASKED_MAX);
        }
        Ok(groups)
    }

    /// Whether a flow is running now is told, not relied on: an adoption asks again.
    fn mark_active(&self, found: &mut BTreeMap<TopicPartition, OtherFlow>) {
        let mut known: BTreeMap<GroupName, bool> = BTreeMap::new();
        for other in found.values_mut() {
            let ask = || self.source.members(&other.group).is_ok_and(|members| !members.is_empty());
            other.is_active = *known.entry(other.group.clone()).or_insert_with(ask);
        }
    }
}
