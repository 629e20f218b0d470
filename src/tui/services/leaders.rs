//! Who leads the partitions of a topic that is mirrored.

use std::collections::BTreeMap;

/// What both clusters say of a topic's partitions. One of them may not answer while the other does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaders {
    /// The source's partitions, or why they are not known.
    pub source: Result<PartitionLeaders, String>,
    /// The target's.
    pub target: Result<PartitionLeaders, String>,
}

/// By partition, the broker's id; `None` while there is no leader.
pub type PartitionLeaders = BTreeMap<i32, Option<i32>>;
