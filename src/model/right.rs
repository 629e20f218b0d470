//! What a user may be allowed to do at a cluster.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{GroupName, TopicName};

/// Something that can be allowed, under the name Kafka's own tools have for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Operation {
    /// Read records of a topic; use a group.
    Read,
    /// Write records to a topic.
    Write,
    /// Create topics.
    Create,
    /// Add partitions.
    Alter,
    /// See that it is there.
    Describe,
    /// Read settings.
    DescribeConfigs,
    /// Write with a sequence number.
    IdempotentWrite,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Read,
        Self::Write,
        Self::Create,
        Self::Alter,
        Self::Describe,
        Self::DescribeConfigs,
        Self::IdempotentWrite,
    ];
    /// What nobody may do with something that one may not even describe: each of them would allow that, too.
    pub const HIDDEN: [Self; 4] = [Self::Read, Self::Write, Self::Alter, Self::Describe];
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "Read",
            Self::Write => "Write",
            Self::Create => "Create",
            Self::Alter => "Alter",
            Self::Describe => "Describe",
            Self::DescribeConfigs => "DescribeConfigs",
            Self::IdempotentWrite => "IdempotentWrite",
        })
    }
}

/// What something is allowed with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// A topic.
    Topic(TopicName),
    /// A consumer group.
    Group(GroupName),
    /// The cluster as a whole.
    Cluster,
}
