//! Taking over another flow's progress: the operator says that this flow goes on where that one has stopped.
//!
//! Positions are taken as they are. Whether they can be used is checked where every position is, at the assignment:
//! what retention took since blocks there with its exact range, as if the flow had never had another name.

use std::collections::BTreeMap;

use super::ReadyTopic;
use crate::config::GROUP_PREFIX;
use crate::engine::fault::{Fault, Verdict};
use crate::engine::ports::{Cluster, ClusterFacts, Committed};
use crate::engine::progress::{Kinship, ProgressNote};
use crate::engine::spec::FlowSpec;
use crate::model::{GroupName, TopicName, TopicPartition};

/// What was taken over.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::engine) struct Adoption {
    /// The other flow's group, which is left as it is.
    pub(in crate::engine) group: GroupName,
    /// Its positions, with notes of this flow.
    pub(in crate::engine) positions: BTreeMap<TopicPartition, Committed>,
}

/// Why nothing is taken over.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::engine) enum AdoptError {
    /// A cluster cannot be asked for the moment.
    Fault(Fault),
    /// There is nothing to take over; in words.
    Nothing(String),
    /// It would do harm; in words.
    Refused(String),
}

impl From<Fault> for AdoptError {
    fn from(fault: Fault) -> Self {
        if fault.kind.verdict() == Verdict::Wait { Self::Fault(fault) } else { Self::Refused(fault.to_string()) }
    }
}

/// Where `from`, a group or the name of a flow, stands in those of `partitions` that it has copied onto the topics of
/// this flow. Nothing is written: the caller commits the positions before anything is copied.
pub(super) fn adopt(
    spec: &FlowSpec,
    source: &dyn Cluster,
    target: &ClusterFacts,
    from: &str,
    partitions: &[TopicPartition],
    topics: &BTreeMap<TopicName, ReadyTopic>,
) -> Result<Adoption, AdoptError> {
    let refused = |why: String| Err(AdoptError::Refused(why));
    let Some(group) = group_of(source, from, partitions)? else {
        return Err(AdoptError::Nothing(format!(
            "neither group `{from}` nor `{GROUP_PREFIX}{from}` has a position for any of its partitions"
        )));
    };
    if group == spec.config.group {
        return refused(format!("group `{group}` is the flow's own"));
    }
    if !source.members(&group)?.is_empty() {
        return refused(format!(
            "group `{group}` has members, so the other flow is still running and would go on copying: stop it first"
        ));
    }
    // Read when nobody is in it any more: a flow that leaves commits before it does.
    let positions = source.committed(&group, partitions)?;
    let mut adopted = BTreeMap::new();
    for (partition, committed) in positions {
        let Some(topic) = topics.get(&partition.topic) else { continue };
        let note = ProgressNote::parse(&committed.metadata);
        // A position without a note is taken at the operator's word; one that tells of another topic is not.
        if note.kinship(topic, target) != Kinship::Other {
            let metadata = topic.note(&spec.name).to_metadata();
            adopted.insert(partition, Committed { metadata, ..committed });
        }
    }
    if adopted.is_empty() {
        let why = format!("what group `{group}` has copied went to other topics than those of this flow");
        return Err(AdoptError::Nothing(why));
    }
    Ok(Adoption { group, positions: adopted })
}

/// The group that is meant: the one of that name, or the one a flow of that name has by default.
fn group_of(source: &dyn Cluster, from: &str, partitions: &[TopicPartition]) -> Result<Option<GroupName>, Fault> {
    for group in [GroupName::from(from), GroupName::from(format!("{GROUP_PREFIX}{from}"))] {
        if !source.committed(&group, partitions)?.is_empty() {
            return Ok(Some(group));
        }
    }
    Ok(None)
}
