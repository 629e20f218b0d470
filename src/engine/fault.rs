//! Problems, typed: what a client or a broker reported, and the one table that says what it means for the mirror.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Which of a flow's two clusters something concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Where records come from.
    Source,
    /// Where records go to.
    Target,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Source => "source",
            Self::Target => "target",
        })
    }
}

/// A typed problem at one of the clusters. Displays as a fragment that reads well after "failed to".
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[error("{operation} on {side}: {detail}")]
pub struct Fault {
    /// What kind of problem it is: all decisions rest on this.
    pub kind: FaultKind,
    /// The cluster it happened at.
    pub side: Side,
    /// What was tried, and on which object: ``create topic `orders` ``.
    pub operation: String,
    /// What came back, in the client's or broker's words. Untrusted text.
    pub detail: String,
}

impl Fault {
    /// A fault of `kind` at `side`, met while doing `operation`.
    pub fn new(kind: FaultKind, side: Side, operation: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { kind, side, operation: operation.into(), detail: detail.into() }
    }
}

/// The whole space of problems, by what has to be done about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// No connection, a connection lost, or no answer in time.
    Unreachable,
    /// The broker rejected the credentials.
    Authentication,
    /// TLS could not be set up.
    Tls,
    /// Not allowed on this topic.
    TopicAuthorization,
    /// Not allowed on this consumer group.
    GroupAuthorization,
    /// Not allowed on the cluster.
    ClusterAuthorization,
    /// The topic or the partition does not exist.
    UnknownTopic,
    /// The topic to be created exists.
    TopicExists,
    /// The position lies outside of the log.
    OffsetOutOfRange,
    /// The log was cut behind the position (unclean leader election).
    LogTruncated,
    /// A batch does not match its checksum or cannot be decoded.
    CorruptBatch,
    /// The record does not fit the topic's `max.message.bytes`.
    RecordTooLarge,
    /// The topic refuses the record's timestamp.
    InvalidTimestamp,
    /// The topic refuses the record for another reason.
    InvalidRecord,
    /// Too few in-sync replicas to accept a write.
    NotEnoughReplicas,
    /// The partition has no leader, or the leader moves.
    LeaderUnavailable,
    /// The group coordinator is loading or moving.
    CoordinatorUnavailable,
    /// The group took this instance's membership away.
    MembershipLost,
    /// A group protocol, API or feature the broker does not have.
    Unsupported,
    /// A creation the cluster's policy, replication factor or configuration check refuses.
    CreationRefused,
    /// The broker throttles or a quota is exceeded.
    Throttled,
    /// The client is beyond repair: it has to be replaced, and its unacknowledged records sent again.
    ClientFatal,
    /// One of our own invariants does not hold.
    Invariant,
    /// Anything else; `detail` tells.
    Other,
}

/// What a fault means for the lane, topic or flow that met it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It passes by itself: keep trying, say so.
    Wait,
    /// Going on would lose or corrupt: stop here, an operator decides.
    Block,
    /// Find out what happened to the position before anything else.
    Diagnose,
    /// Replace the client and go on from the progress.
    Restart,
}

impl FaultKind {
    /// The one table of decisions.
    pub fn verdict(self) -> Verdict {
        match self {
            Self::Unreachable
            | Self::Authentication
            | Self::Tls
            | Self::NotEnoughReplicas
            | Self::LeaderUnavailable
            | Self::CoordinatorUnavailable
            | Self::Throttled
            | Self::MembershipLost => Verdict::Wait,
            Self::OffsetOutOfRange | Self::LogTruncated | Self::UnknownTopic => Verdict::Diagnose,
            Self::TopicAuthorization
            | Self::GroupAuthorization
            | Self::ClusterAuthorization
            | Self::TopicExists
            | Self::CorruptBatch
            | Self::RecordTooLarge
            | Self::InvalidTimestamp
            | Self::InvalidRecord
            | Self::Unsupported
            | Self::CreationRefused
            | Self::Other => Verdict::Block,
            Self::ClientFatal | Self::Invariant => Verdict::Restart,
        }
    }
}
