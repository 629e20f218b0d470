//! Looking at a topic's records, and at a cluster's reachability: what is asked, and what comes back.

use std::collections::BTreeMap;

use super::{TopicName, TopicPartition};

/// Which records of a topic to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrowseRequest {
    /// The topic.
    pub topic: TopicName,
    /// One of its partitions; all when absent.
    pub partition: Option<i32>,
    /// Where to begin.
    pub from: BrowseFrom,
    /// How many records to bring, at most.
    pub records_max: usize,
}

/// Where to begin looking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BrowseFrom {
    /// The last records of the log.
    Newest,
    /// The first records of the log.
    Oldest,
    /// Records from this offset on.
    Offset(i64),
    /// Records whose timestamp is at or after this time, ms since 1970.
    Time(i64),
    /// Records from these offsets on, by partition: the page after one that ended there. Partitions that are not named
    /// are not read.
    Onward(BTreeMap<i32, i64>),
    /// The last records before these offsets, by partition: the page before one that began there.
    Before(BTreeMap<i32, i64>),
}

/// Records of a topic: of each partition by offset, and between partitions by timestamp.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BrowsedPage {
    /// The records.
    pub records: Vec<BrowsedRecord>,
    /// Start and end of the log of each partition that was read.
    pub logs: Vec<(TopicPartition, i64, i64)>,
    /// From where to where each partition was read: every record in between is on the page.
    pub ranges: BTreeMap<i32, (i64, i64)>,
    /// How many partitions the topic has: more than were read when they are too many to look at.
    pub partitions: usize,
    /// Whether the time was over before everything asked for had come.
    pub is_cut_short: bool,
}

/// One record as it lies in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrowsedRecord {
    /// Its partition.
    pub partition: i32,
    /// Its offset.
    pub offset: i64,
    /// Its timestamp, ms since 1970, when it has one.
    pub timestamp_ms: Option<i64>,
    /// Its key; `None` for null.
    pub key: Option<BrowsedBytes>,
    /// Its value; `None` for null, a tombstone.
    pub value: Option<BrowsedBytes>,
    /// Its headers in order: name, and value or null.
    pub headers: Vec<(Vec<u8>, Option<BrowsedBytes>)>,
}

/// The beginning of a key or value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrowsedBytes {
    /// At most [`BrowsedBytes::SHOWN_MAX`] bytes.
    pub shown: Vec<u8>,
    /// The size of all of it.
    pub size_bytes: usize,
}

impl BrowsedBytes {
    /// What is kept of a payload: more than anybody reads on a screen.
    pub const SHOWN_MAX: usize = 64 * 1024;

    /// Keeps the beginning.
    pub fn of(bytes: &[u8]) -> Self {
        Self { shown: bytes[..bytes.len().min(Self::SHOWN_MAX)].to_vec(), size_bytes: bytes.len() }
    }
}

/// A step on the way to a cluster, in the order they are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReachStep {
    /// The names of the bootstrap servers are looked up.
    Lookup,
    /// A connection is made.
    Connect,
    /// TLS is agreed on and the certificate checked.
    Tls,
    /// The credentials are checked.
    Sasl,
    /// The brokers tell who they are, and each can be reached at the address it tells.
    Metadata,
    /// Topics and groups may be read.
    Authorization,
}

impl ReachStep {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Lookup, Self::Connect, Self::Tls, Self::Sasl, Self::Metadata, Self::Authorization];

    /// Its name on a screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Lookup => "name look-up",
            Self::Connect => "TCP",
            Self::Tls => "TLS",
            Self::Sasl => "SASL",
            Self::Metadata => "metadata",
            Self::Authorization => "authorization",
        }
    }
}

/// What became of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReachResult {
    /// It went well; what was found.
    Passed(String),
    /// It went well enough to go on, but something is wrong.
    Doubtful {
        /// What is wrong.
        cause: String,
        /// What to do about it.
        fix: String,
    },
    /// It failed: what follows was not tried.
    Failed {
        /// Why.
        cause: String,
        /// What to do about it.
        fix: String,
    },
    /// The cluster's settings do not ask for it.
    NotNeeded,
    /// A step before it failed.
    NotTried,
}
