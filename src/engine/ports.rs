//! What the engine needs from Kafka, as traits.
//!
//! The engine speaks of spans of offsets and bytes, never of single records: a transport that moves undecoded batches
//! fits behind [`Transport`] beside the one that moves records. `kafka/` implements these with librdkafka; the
//! simulation tests implement them in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::fault::{Fault, Side};
use super::version::VersionFinding;
use crate::model::{
    ClusterName, FlowName, GroupName, Operation, RecordFacts, Refusal, Span, TargetLimits, TopicName, TopicPartition,
    VersionRange,
};

/// Opens connections to the clusters of the configuration.
pub trait Kafka: Send + Sync {
    /// The administrative part of a cluster, whose faults name it as `side`. Does not wait for a connection.
    ///
    /// # Errors
    /// When the cluster's properties cannot be used (a secret that is gone, a property librdkafka refuses).
    fn cluster(&self, cluster: &ClusterName, side: Side) -> Result<Arc<dyn Cluster>, Fault>;

    /// A new transport for one shard, not subscribed to anything yet.
    ///
    /// # Errors
    /// As for [`cluster`](Self::cluster).
    fn transport(&self, spec: &ShardSpec) -> Result<Box<dyn Transport>, Fault>;
}

/// The administrative side of one cluster. Every call blocks, for at most the port's own request timeout.
pub trait Cluster: Send + Sync {
    /// Who the cluster is and what it can do.
    ///
    /// # Errors
    /// When no broker answers.
    fn facts(&self) -> Result<ClusterFacts, Fault>;

    /// All topics the client may describe, internal ones included.
    ///
    /// # Errors
    /// When no broker answers.
    fn topics(&self) -> Result<Vec<TopicFacts>, Fault>;

    /// Who leads each partition of `topics`, by number: the broker's id, `None` while nobody does. Topics that do not
    /// exist are absent.
    ///
    /// # Errors
    /// When no broker answers.
    fn leaders(&self, topics: &BTreeSet<TopicName>) -> Result<Leaders, Fault>;

    /// The configuration of each of `topics`.
    ///
    /// # Errors
    /// When the request as a whole failed; a single topic's failure is in the map.
    fn topic_configs(&self, topics: &[TopicName]) -> Result<BTreeMap<TopicName, Result<TopicConfig, Fault>>, Fault>;

    /// Creates a topic and waits until it can be described.
    ///
    /// # Errors
    /// [`FaultKind::TopicExists`](super::FaultKind::TopicExists) when it exists already.
    fn create_topic(&self, topic: &NewTopic) -> Result<(), Fault>;

    /// Grows `topic` to `partitions` partitions in all.
    ///
    /// # Errors
    /// When the broker refuses, or is too old to be asked.
    fn add_partitions(&self, topic: &TopicName, partitions: i32) -> Result<(), Fault>;

    /// The offset that `query` means, for each partition. Ends are those a read_committed reader sees.
    ///
    /// # Errors
    /// When the request as a whole failed; a single partition's failure is in the map.
    fn offsets(
        &self,
        partitions: &[TopicPartition],
        query: OffsetQuery,
    ) -> Result<BTreeMap<TopicPartition, Result<i64, Fault>>, Fault>;

    /// The consumer groups the client may describe, in no particular order. Brokers before 0.10.1 tell only of those
    /// that have members.
    ///
    /// # Errors
    /// When no broker can be asked.
    fn groups(&self) -> Result<Vec<GroupName>, Fault>;

    /// What `group` has committed for `partitions`; those without a commit are absent.
    ///
    /// # Errors
    /// When the group cannot be asked.
    fn committed(
        &self,
        group: &GroupName,
        partitions: &[TopicPartition],
    ) -> Result<BTreeMap<TopicPartition, Committed>, Fault>;

    /// Who is in `group` now, by client id and address: nobody when there is no such group. Members that meet in
    /// ZooKeeper are not seen.
    ///
    /// # Errors
    /// When the group cannot be asked.
    fn members(&self, group: &GroupName) -> Result<Vec<String>, Fault>;

    /// Commits for a group without members.
    ///
    /// # Errors
    /// [`FaultKind::MembershipLost`](super::FaultKind::MembershipLost) when the group has members.
    fn commit(&self, group: &GroupName, positions: &BTreeMap<TopicPartition, Committed>) -> Result<(), Fault>;

    /// What the client may not do, as far as the brokers tell: they do from 2.3 on. Changes nothing.
    ///
    /// # Errors
    /// When a request as a whole failed.
    fn rights(&self, asked: &AskedRights) -> Result<Rights, Fault>;
}

/// What is asked about rights.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AskedRights {
    /// Topics, whether they exist or not.
    pub topics: Vec<TopicName>,
    /// Topics that do not exist, and that the client would create.
    pub created: Vec<TopicName>,
    /// A group, whether it exists or not.
    pub group: Option<GroupName>,
    /// Whether to ask about the cluster as a whole.
    pub cluster: bool,
}

/// What is surely not allowed. What is not known is not listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// Whether the brokers tell of rights at all.
    pub is_told: bool,
    /// With topics; those for which nothing is known to be missing are absent.
    pub topics: BTreeMap<TopicName, BTreeSet<Operation>>,
    /// With the group.
    pub group: BTreeSet<Operation>,
    /// With the cluster; `None` where that is not told. It takes the right to describe the cluster.
    pub cluster: Option<BTreeSet<Operation>>,
}

/// Who a cluster is and what it can do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterFacts {
    /// The cluster's id; brokers before 0.10.1 have none.
    pub cluster_id: Option<String>,
    /// Its brokers.
    pub brokers: Vec<BrokerFacts>,
    /// What its brokers support.
    pub features: Features,
    /// Which version they have, as far as it can be told.
    pub version: Option<VersionRange>,
    /// What an operator should know about that.
    pub finding: Option<VersionFinding>,
}

impl ClusterFacts {
    /// Whether its brokers are of those that do not tell their version.
    pub fn is_untold(&self) -> bool {
        self.version.as_ref().is_some_and(VersionRange::is_untold)
    }
}

/// One broker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokerFacts {
    /// Its id.
    pub id: i32,
    /// Where it says it can be reached.
    pub address: String,
}

/// What the brokers of a cluster support, as their version handshake tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Features {
    /// Record headers (0.11).
    pub headers: bool,
    /// Record timestamps (0.10).
    pub timestamps: bool,
    /// Topics can be created over the protocol (0.10.1).
    pub create_topics: bool,
    /// Partitions can be added over the protocol (1.0).
    pub create_partitions: bool,
    /// Configurations can be read over the protocol (0.11).
    pub describe_configs: bool,
    /// Writing with a sequence number (0.11).
    pub idempotent_writes: bool,
    /// zstd compressed batches (2.1).
    pub zstd: bool,
    /// The group protocol of KIP-848 (4.0).
    pub consumer_group_protocol: bool,
}

impl Default for Features {
    /// What every broker from 2.1 on has.
    fn default() -> Self {
        Self {
            headers: true,
            timestamps: true,
            create_topics: true,
            create_partitions: true,
            describe_configs: true,
            idempotent_writes: true,
            zstd: true,
            consumer_group_protocol: false,
        }
    }
}

/// One topic, as the cluster's metadata tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicFacts {
    /// Its name.
    pub name: TopicName,
    /// Number of partitions.
    pub partitions: i32,
    /// Replicas of partition 0.
    pub replication_factor: i32,
    /// In-sync replicas of the partition that has the fewest.
    pub in_sync_replicas_min: i32,
    /// Partitions without a leader.
    pub leaderless: i32,
    /// Its id, where the brokers have topic ids (2.8).
    pub id: Option<String>,
    /// Why it cannot be described, when it cannot.
    pub fault: Option<Fault>,
}

/// One partition, as the cluster's metadata tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartitionFacts {
    /// Its number.
    pub id: i32,
    /// Id of the broker that leads it; `None` while nobody does.
    pub leader: Option<i32>,
    /// Number of replicas.
    pub replicas: i32,
    /// How many of them are in sync.
    pub in_sync_replicas: i32,
}

/// Who leads topics' partitions: the broker's id at the partition's place, `None` while nobody does.
pub type Leaders = BTreeMap<TopicName, Vec<Option<i32>>>;

/// A topic's configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicConfig {
    /// Every entry with its value in force.
    pub values: BTreeMap<String, String>,
    /// Names of the entries set on the topic itself.
    pub overrides: Vec<String>,
}

/// A topic to be created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTopic {
    /// Its name.
    pub name: TopicName,
    /// Number of partitions.
    pub partitions: i32,
    /// Number of replicas, -1 for the broker's default.
    pub replication_factor: i32,
    /// Configuration entries.
    pub configs: BTreeMap<String, String>,
}

/// Which offset of a partition is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OffsetQuery {
    /// The first that can be read.
    Earliest,
    /// One past the last that a read_committed reader may read.
    Latest,
    /// The first whose timestamp is at or after this time (ms since 1970), or the end when there is none.
    AtTime(i64),
}

/// What a group has committed for one partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Committed {
    /// The next offset to read.
    pub offset: i64,
    /// Leader epoch of the record before it, where known: lets the broker notice a rewritten log.
    pub leader_epoch: Option<i32>,
    /// The note that came with the commit.
    pub metadata: String,
}

/// What a transport is opened for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardSpec {
    /// The flow.
    pub flow: FlowName,
    /// The shard's number within the flow on this instance, from 0.
    pub shard: u32,
    /// Where records come from.
    pub source: ClusterName,
    /// Where records go to.
    pub target: ClusterName,
    /// The flow's group on the source.
    pub group: GroupName,
    /// How the group is joined.
    pub protocol: GroupProtocol,
    /// How long the group waits for a silent member; `None` for the default.
    pub session_timeout: Option<Duration>,
    /// How often topics' metadata is read again: bounds how late an added partition is noticed.
    pub refresh_interval: Duration,
    /// Bytes the shard may have in flight: the client's queues are sized by it.
    pub in_flight_bytes_max: u64,
    /// Features of the target's brokers.
    pub target_features: Features,
}

/// How a group is joined. Decided by then: "auto" is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupProtocol {
    /// The classic protocol with the cooperative-sticky assignor.
    Classic,
    /// The broker-driven protocol of KIP-848.
    Consumer,
}

/// A lane within its shard. Never used again by the same transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LaneId(pub u32);

/// Moves spans of records from source to target for the lanes of one shard, and speaks for the shard in the flow's
/// group.
///
/// Driven by one thread, which calls [`pump`](Self::pump) again and again; nothing here may block longer than its
/// timeout.
///
/// Contract on order, per lane: `Taken` spans follow each other from the attached or sought offset without a gap.
/// `Settled` acknowledges the oldest taken records. After `Stopped`, nothing more comes for the lane until
/// [`seek`](Self::seek); and after a seek, nothing that was taken before it.
pub trait Transport: Send {
    /// Subscribes to exactly these source topics, replacing what was subscribed before.
    ///
    /// # Errors
    /// When the client refuses.
    fn subscribe(&mut self, topics: &[TopicName]) -> Result<(), Fault>;

    /// Answers [`TransportEvent::Assigned`]: all partitions of that event, each with the position to begin at.
    ///
    /// # Errors
    /// When the client refuses; the shard has to be replaced then.
    fn attach(&mut self, lanes: &[Attachment]) -> Result<(), Fault>;

    /// Answers [`TransportEvent::Revoked`]: the lanes of that event are given up, whatever they still have in flight.
    ///
    /// # Errors
    /// When the client refuses; the shard has to be replaced then.
    fn release(&mut self, lanes: &[LaneId]) -> Result<(), Fault>;

    /// Stops reading a lane. What is in flight is still acknowledged.
    fn pause(&mut self, lane: LaneId);

    /// Reads a paused lane on from where it was. What is in flight is still acknowledged.
    fn resume(&mut self, lane: LaneId);

    /// Forgets what the lane has in flight and reads from `offset` on. Records before `alone_before` are sent one at a
    /// time, each acknowledged before the next.
    ///
    /// Takes effect when nothing of the lane is in flight any more.
    fn seek(&mut self, lane: LaneId, offset: i64, alone_before: i64);

    /// Replaces what the lane knows of its target topic.
    fn set_limits(&mut self, lane: LaneId, limits: &TargetLimits);

    /// Commits positions to the flow's group. The result comes as [`TransportEvent::Committed`].
    fn commit(&mut self, positions: &[(TopicPartition, Committed)]);

    /// Commits positions and waits for the answer.
    ///
    /// # Errors
    /// When the group did not take them within `timeout`.
    fn commit_and_wait(&mut self, positions: &[(TopicPartition, Committed)], timeout: Duration) -> Result<(), Fault>;

    /// Reads, writes and collects acknowledgements once, waiting at most `allowance.wait` when there is nothing to do.
    fn pump(&mut self, allowance: Allowance, events: &mut Vec<TransportEvent>);

    /// Start and end of a lane's source log as last seen, `None` before the first answer.
    fn log_bounds(&self, lane: LaneId) -> Option<(i64, i64)>;

    /// Leaves the group and closes both clients. Whatever is still in flight is given up.
    fn close(&mut self, timeout: Duration);
}

/// What one call of [`Transport::pump`] may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Records that may be taken. 0 means: only collect acknowledgements.
    pub records: u64,
    /// Bytes that may be taken, each record with [`Span::RECORD_OVERHEAD_BYTES`]; the last record may exceed it.
    pub bytes: u64,
    /// How long to wait when there is nothing to do.
    pub wait: Duration,
    /// The wall clock, ms since 1970, against which timestamps are judged.
    pub now_ms: i64,
}

/// A lane to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// The lane.
    pub lane: LaneId,
    /// What it reads.
    pub source: TopicPartition,
    /// What it writes.
    pub target: TopicPartition,
    /// Where it begins.
    pub position: i64,
    /// Leader epoch of the record before the position, where known.
    pub leader_epoch: Option<i32>,
    /// Whether to read at once; a lane attached without reading begins at the first seek.
    pub reading: bool,
    /// What the target topic accepts.
    pub limits: TargetLimits,
}

/// What happened in a transport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransportEvent {
    /// The group gave these partitions to the shard; to be answered by [`Transport::attach`].
    Assigned(Vec<TopicPartition>),
    /// The group wants these partitions back; to be answered by [`Transport::release`].
    Revoked {
        /// Which partitions.
        partitions: Vec<TopicPartition>,
        /// Whether they are lost already, so that nothing may be committed for them.
        lost: bool,
    },
    /// A span is in flight.
    Taken {
        /// The lane.
        lane: LaneId,
        /// The span.
        span: Span,
        /// Timestamp of the span's last record, ms since 1970, when it has one.
        timestamp_ms: Option<i64>,
        /// Leader epoch of the span's records, where known: a span ends where it changes.
        leader_epoch: Option<i32>,
        /// What could not be carried exactly.
        altered: Altered,
    },
    /// The oldest `records` records in flight are on the target.
    Settled {
        /// The lane.
        lane: LaneId,
        /// How many.
        records: u64,
        /// One past the offset of the last of them.
        next: i64,
        /// One past the offset that the last of them has on the target, where the broker told.
        target_next: Option<i64>,
    },
    /// The lane cannot go past `at`: nothing at or after it was settled.
    Stopped {
        /// The lane.
        lane: LaneId,
        /// Offset of the record, or position of the lane.
        at: i64,
        /// Why.
        cause: StopCause,
    },
    /// The lane has read everything there is; its log ends (for a read_committed reader) at this offset.
    EndReached {
        /// The lane.
        lane: LaneId,
        /// The end.
        end: i64,
    },
    /// A commit was answered.
    Committed {
        /// What was committed.
        positions: Vec<(TopicPartition, i64)>,
        /// The answer.
        result: Result<(), Fault>,
    },
    /// A cluster or client has a problem that concerns no single lane.
    Trouble(Fault),
    /// A broker went away, or is back.
    Broker(BrokerNews),
}

/// What a transport's client for one of the clusters sees of one broker. While others answer, a broker that is away
/// holds up only the lanes whose partitions it leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerNews {
    /// Which cluster.
    pub side: Side,
    /// The broker's id.
    pub broker: i32,
    /// Where it was looked for, `host:port`.
    pub address: String,
    /// What is new.
    pub state: BrokerState,
}

/// Whether a broker can be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BrokerState {
    /// The client is connected to it. Also told when nobody missed it.
    Up,
    /// The client needs it and has not reached it for some seconds.
    Down {
        /// What became of the attempts, in the client's words.
        detail: String,
    },
}

/// Why a lane stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StopCause {
    /// The record would be refused, so it was not sent.
    Refused(Refusal),
    /// The record was sent and refused.
    Rejected {
        /// The broker's answer.
        fault: Fault,
        /// What the record is.
        record: RecordFacts,
    },
    /// The source cannot be read further.
    Unreadable(Fault),
}

/// Records of a span that could not be carried exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Altered {
    /// Timestamp 0 was written as 1: the client takes 0 for "now".
    pub timestamp_zero: u64,
    /// Headers were dropped: the target's format has none.
    pub headers_dropped: u64,
    /// Timestamps were dropped: the target's format has none.
    pub timestamps_dropped: u64,
}

impl Altered {
    /// All altered records. One record may count under several kinds.
    pub fn total(&self) -> u64 {
        self.timestamp_zero + self.headers_dropped + self.timestamps_dropped
    }
}

impl std::ops::AddAssign for Altered {
    fn add_assign(&mut self, other: Self) {
        self.timestamp_zero += other.timestamp_zero;
        self.headers_dropped += other.headers_dropped;
        self.timestamps_dropped += other.timestamps_dropped;
    }
}
