//! Why something does not move: typed reasons for waiting and for being blocked, with what an operator can do.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::fault::{Fault, FaultKind, Side};
use crate::model::{FlowName, GroupName, Refusal, TopicName};

/// It passes by itself; nothing is lost and nobody has to decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reason")]
pub enum WaitingReason {
    /// No broker of this cluster answers.
    BrokerUnreachable {
        /// Which cluster.
        side: Side,
        /// The client's words.
        detail: String,
    },
    /// The broker that leads the lane's partition does not answer; others of its cluster do.
    LeaderUnreachable {
        /// Which cluster.
        side: Side,
        /// The broker's id.
        broker: i32,
        /// Its address, `host:port`.
        address: String,
        /// The client's words.
        detail: String,
    },
    /// The cluster rejects the credentials, or TLS fails. They are read again at every attempt.
    CredentialsRejected {
        /// Which cluster.
        side: Side,
        /// The broker's words.
        detail: String,
    },
    /// The target has too few in-sync replicas to accept writes.
    NotEnoughReplicas,
    /// A partition has no leader at the moment.
    LeaderUnavailable {
        /// Which cluster.
        side: Side,
    },
    /// The flow is to take over where another group stands, and that one still has members: what they write to the
    /// target from now on would be copied twice.
    GroupActive {
        /// The other group.
        group: GroupName,
        /// Its members, as they call themselves and from where. Untrusted text.
        members: Vec<String>,
    },
    /// The next records belong to a transaction that is neither committed nor aborted.
    OpenTransaction,
    /// There is something to copy and nothing says why it is not: for half a minute nothing was read (source) or what
    /// was sent was not acknowledged (target).
    NoProgress {
        /// On which cluster it waits.
        side: Side,
    },
    /// A broker holds the client back by quota.
    Throttled {
        /// Which cluster.
        side: Side,
    },
    /// Another problem that passes, in its own words.
    Fault {
        /// The problem.
        fault: Fault,
    },
}

impl WaitingReason {
    /// The reason to show for a fault that passes by itself.
    pub fn of(fault: &Fault) -> Self {
        let (side, detail) = (fault.side, fault.detail.clone());
        match fault.kind {
            FaultKind::Unreachable => Self::BrokerUnreachable { side, detail },
            FaultKind::Authentication | FaultKind::Tls => Self::CredentialsRejected { side, detail },
            FaultKind::NotEnoughReplicas => Self::NotEnoughReplicas,
            FaultKind::LeaderUnavailable => Self::LeaderUnavailable { side },
            FaultKind::Throttled => Self::Throttled { side },
            _ => Self::Fault { fault: fault.clone() },
        }
    }

    /// The cluster that is to blame.
    pub fn side(&self) -> Side {
        match self {
            Self::BrokerUnreachable { side, .. }
            | Self::LeaderUnreachable { side, .. }
            | Self::CredentialsRejected { side, .. }
            | Self::LeaderUnavailable { side }
            | Self::NoProgress { side }
            | Self::Throttled { side } => *side,
            Self::NotEnoughReplicas => Side::Target,
            Self::GroupActive { .. } | Self::OpenTransaction => Side::Source,
            Self::Fault { fault } => fault.side,
        }
    }

    /// Whether nothing is heard of the source's log while it lasts: how long the log is, and so the lag, is not known.
    pub fn hides_source(&self) -> bool {
        match self {
            Self::BrokerUnreachable { side, .. }
            | Self::LeaderUnreachable { side, .. }
            | Self::CredentialsRejected { side, .. }
            | Self::LeaderUnavailable { side } => *side == Side::Source,
            Self::NotEnoughReplicas
            | Self::GroupActive { .. }
            | Self::OpenTransaction
            | Self::NoProgress { .. }
            | Self::Throttled { .. }
            | Self::Fault { .. } => false,
        }
    }
}

impl fmt::Display for WaitingReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BrokerUnreachable { side, detail } => write!(f, "{side} broker unreachable: {detail}"),
            Self::LeaderUnreachable { side, broker, address, detail } => {
                write!(f, "{side} broker {broker} ({address}) is unreachable: {detail}")
            }
            Self::CredentialsRejected { side, detail } => write!(f, "{side} rejects the credentials: {detail}"),
            Self::NotEnoughReplicas => write!(f, "target has not enough in-sync replicas"),
            Self::LeaderUnavailable { side } => write!(f, "{side} partition has no leader"),
            Self::GroupActive { group, members } => write!(
                f,
                "group `{group}` is still at work ({}): stop it, kmirror takes over by itself then",
                members.join(", ")
            ),
            Self::OpenTransaction => write!(f, "waiting for an open transaction on the source"),
            Self::NoProgress { side: Side::Source } => {
                write!(
                    f,
                    "no progress for 30 s although there is lag: the source sends nothing, and reports no problem"
                )
            }
            Self::NoProgress { side: Side::Target } => write!(
                f,
                "no progress for 30 s although there is lag: the target does not acknowledge what was sent, and reports \
                 no problem"
            ),
            Self::Throttled { side } => write!(f, "throttled by a quota of the {side}"),
            Self::Fault { fault } => write!(f, "{fault}"),
        }
    }
}

/// Going on would lose or corrupt records, so nothing is written until an operator decides or the cause is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reason")]
pub enum BlockedReason {
    /// The target does not take a batch this large.
    RecordTooLarge {
        /// Offset of the record on the source.
        offset: i64,
        /// The record's size as a batch of its own, uncompressed.
        size_bytes: u64,
        /// `max.message.bytes` of the target topic, as far as known.
        limit_bytes: u64,
    },
    /// The target topic refuses the record by one of its settings.
    RecordRefused {
        /// Offset of the record on the source.
        offset: i64,
        /// Which setting.
        refusal: Refusal,
    },
    /// The target refused a record in a way that was not foreseen.
    Rejected {
        /// Offset of the record on the source.
        offset: i64,
        /// The broker's answer.
        fault: Fault,
    },
    /// Not allowed to read, write, describe or create a topic.
    TopicAuthorization {
        /// Which cluster.
        side: Side,
        /// Which topic.
        topic: TopicName,
        /// What was tried.
        operation: String,
    },
    /// Not allowed to use the flow's group on the source.
    GroupAuthorization {
        /// The flow's group.
        group: GroupName,
    },
    /// The target topic has fewer partitions than the source topic, and was not to be grown.
    PartitionCount {
        /// The target topic.
        target_topic: TopicName,
        /// Partitions on the source.
        source_partitions: i32,
        /// Partitions on the target.
        target_partitions: i32,
    },
    /// The target topic does not exist and is not to be created, or cannot be.
    TargetTopicMissing {
        /// The target topic.
        target_topic: TopicName,
        /// Partitions it needs.
        partitions: i32,
        /// Replicas it could have, where known: as many as the source topic has, or as the target has brokers.
        replication_factor: Option<i32>,
        /// Why it was not created.
        detail: String,
    },
    /// The source topic is new since the flow began, and the flow asks before it mirrors such ones.
    NewTopic,
    /// The target partition holds records, but the flow has no progress: either the progress was lost (expired,
    /// deleted), or someone else, perhaps this flow under another name, wrote them.
    ProgressMissing {
        /// End offset of the target partition.
        target_end: i64,
    },
    /// The flow has no progress here, but another one has, onto the same target topic: this flow had that name before,
    /// or both are meant to write there.
    WrittenByOtherFlow {
        /// End offset of the target partition; 0 when the other flow had nothing to copy yet.
        target_end: i64,
        /// The other flow.
        by: OtherFlow,
    },
    /// The source deleted records that were not copied yet.
    RetentionOvertook {
        /// First lost offset: the flow's position.
        lost_from: i64,
        /// One past the last lost offset: the start of the source's log.
        lost_to: i64,
    },
    /// The source topic was deleted and created again: the progress belongs to the old one.
    TopicRecreated {
        /// Id of the topic the progress belongs to.
        old_id: String,
        /// Id of the topic that exists.
        new_id: String,
        /// The position in the old topic.
        position: i64,
    },
    /// The target topic was deleted and created again: what was copied before is not in it.
    TargetTopicRecreated {
        /// The target topic.
        target_topic: TopicName,
        /// The position on the source.
        position: i64,
    },
    /// The source topic is gone.
    SourceTopicGone {
        /// The source topic.
        topic: TopicName,
    },
    /// The position lies beyond the end of the source's log: it was cut or re-created.
    OffsetOutOfRange {
        /// The flow's position.
        position: i64,
        /// Start of the source's log.
        low: i64,
        /// End of the source's log.
        high: i64,
    },
    /// The source's log was rewritten behind the position (unclean leader election): the target may hold records that
    /// the source lost.
    LogTruncated {
        /// The flow's position.
        position: i64,
        /// The client's words.
        detail: String,
    },
    /// A batch on the source does not match its checksum or cannot be decoded.
    CorruptBatch {
        /// Position of the lane: the batch begins at or after it.
        offset: i64,
        /// The client's words.
        detail: String,
    },
    /// The broker's version lacks something that is needed.
    Unsupported {
        /// Which cluster.
        side: Side,
        /// What it lacks.
        detail: String,
    },
    /// The problem keeps coming back and none of the other reasons names it.
    Fault {
        /// The problem.
        fault: Fault,
    },
}

/// What holds a whole flow up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Hindrance {
    Waiting(WaitingReason),
    Blocked(BlockedReason),
}

/// A flow that has copied a source partition onto the target topic another flow is to write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherFlow {
    /// Its group on the source, which holds its progress.
    pub group: GroupName,
    /// Its name, as it has noted it.
    pub flow: Option<FlowName>,
    /// The next source offset it would copy.
    pub position: i64,
    /// Whether its group has members: it is running.
    pub is_active: bool,
    /// Whether ids prove that it wrote onto the same target. Else its brokers' addresses say so.
    pub is_certain: bool,
}

impl fmt::Display for OtherFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(flow) = &self.flow {
            write!(f, "flow `{flow}` (group `{}`)", self.group)?;
        } else {
            write!(f, "the flow of group `{}`", self.group)?;
        }
        let probably = if self.is_certain { "" } else { " probably" };
        let running = if self.is_active { ", and is running now" } else { "" };
        write!(f, " has{probably} copied it onto the same target up to offset {}{running}", self.position)
    }
}

/// What an operator may choose for a blocked lane or topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Try again at the same position, once the cause is removed.
    Retry,
    /// Go on at a position: what lies before it and was not copied is given up.
    ResumeAt,
    /// Leave out this one record.
    SkipRecord,
    /// Take over the progress of the flow that has copied the partition before.
    Adopt,
    /// Mirror the topic, from its beginning.
    Mirror,
    /// Leave the topic alone.
    Ignore,
}

impl BlockedReason {
    /// The choices that make sense for this reason, the safest first.
    pub fn choices(&self) -> &'static [Choice] {
        match self {
            Self::RecordTooLarge { .. } | Self::RecordRefused { .. } | Self::Rejected { .. } => {
                &[Choice::Retry, Choice::SkipRecord]
            }
            Self::CorruptBatch { .. } => &[Choice::Retry, Choice::ResumeAt],
            Self::WrittenByOtherFlow { .. } => &[Choice::Adopt, Choice::ResumeAt],
            Self::ProgressMissing { .. }
            | Self::RetentionOvertook { .. }
            | Self::TopicRecreated { .. }
            | Self::TargetTopicRecreated { .. }
            | Self::OffsetOutOfRange { .. }
            | Self::LogTruncated { .. } => &[Choice::ResumeAt],
            Self::TargetTopicMissing { .. } => &[Choice::Retry, Choice::ResumeAt],
            Self::NewTopic => &[Choice::Ignore, Choice::Mirror],
            Self::TopicAuthorization { .. }
            | Self::GroupAuthorization { .. }
            | Self::PartitionCount { .. }
            | Self::SourceTopicGone { .. }
            | Self::Unsupported { .. }
            | Self::Fault { .. } => &[Choice::Retry],
        }
    }

    /// Whether the cause may vanish without a decision, so that trying again at every refresh is right and harmless.
    pub fn heals_itself(&self) -> bool {
        match self {
            Self::TopicAuthorization { .. }
            | Self::GroupAuthorization { .. }
            | Self::PartitionCount { .. }
            | Self::TargetTopicMissing { .. }
            | Self::Unsupported { .. }
            | Self::Fault { .. } => true,
            // These heal when the target topic's limits change, which the refresh notices by itself.
            Self::RecordTooLarge { .. } | Self::RecordRefused { .. } => false,
            Self::Rejected { .. }
            | Self::NewTopic
            | Self::ProgressMissing { .. }
            | Self::WrittenByOtherFlow { .. }
            | Self::RetentionOvertook { .. }
            | Self::TopicRecreated { .. }
            | Self::TargetTopicRecreated { .. }
            | Self::SourceTopicGone { .. }
            | Self::OffsetOutOfRange { .. }
            | Self::LogTruncated { .. }
            | Self::CorruptBatch { .. } => false,
        }
    }

    /// The reason's name as it appears in metrics and JSON.
    pub fn label(&self) -> &'static str {
        match self {
            Self::RecordTooLarge { .. } => "record_too_large",
            Self::RecordRefused { .. } => "record_refused",
            Self::Rejected { .. } => "rejected",
            Self::TopicAuthorization { .. } => "topic_authorization",
            Self::GroupAuthorization { .. } => "group_authorization",
            Self::PartitionCount { .. } => "partition_count",
            Self::TargetTopicMissing { .. } => "target_topic_missing",
            Self::NewTopic => "new_topic",
            Self::ProgressMissing { .. } => "progress_missing",
            Self::WrittenByOtherFlow { .. } => "written_by_other_flow",
            Self::RetentionOvertook { .. } => "retention_overtook",
            Self::TopicRecreated { .. } => "topic_recreated",
            Self::TargetTopicRecreated { .. } => "target_topic_recreated",
            Self::SourceTopicGone { .. } => "source_topic_gone",
            Self::OffsetOutOfRange { .. } => "offset_out_of_range",
            Self::LogTruncated { .. } => "log_truncated",
            Self::CorruptBatch { .. } => "corrupt_batch",
            Self::Unsupported { .. } => "unsupported",
            Self::Fault { .. } => "fault",
        }
    }
}

impl fmt::Display for BlockedReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RecordTooLarge { offset, size_bytes, limit_bytes } => write!(
                f,
                "record at offset {offset} is too large for the target: {size_bytes} bytes uncompressed, max.message.bytes is {limit_bytes}"
            ),
            Self::RecordRefused { offset, refusal } => {
                write!(f, "record at offset {offset} would be refused by the target: {}", refusal_text(refusal))
            }
            Self::Rejected { offset, fault } => {
                write!(f, "record at offset {offset} was refused by the target: {}", fault.detail)
            }
            Self::TopicAuthorization { side, topic, operation } => {
                write!(f, "not authorized on {side} topic `{topic}` ({operation})")
            }
            Self::GroupAuthorization { group } => write!(f, "not authorized to use group `{group}` on the source"),
            Self::PartitionCount { target_topic, source_partitions, target_partitions } => write!(
                f,
                "target topic `{target_topic}` has {target_partitions} partitions, the source has {source_partitions}"
            ),
            Self::TargetTopicMissing { target_topic, detail, .. } => {
                write!(f, "target topic `{target_topic}` does not exist: {detail}")
            }
            Self::NewTopic => write!(f, "new since the flow began, and new_topics = \"ask\""),
            Self::ProgressMissing { target_end } => write!(
                f,
                "no progress is stored, but the target partition already ends at offset {target_end}: progress was lost, or another flow wrote it"
            ),
            Self::WrittenByOtherFlow { by, .. } => write!(f, "no progress is stored, but {by}"),
            Self::RetentionOvertook { lost_from, lost_to } => write!(
                f,
                "source deleted offsets {lost_from}..{lost_to} ({} at most) before they were copied",
                count(lost_to - lost_from)
            ),
            Self::TopicRecreated { position, .. } => {
                write!(
                    f,
                    "source topic was deleted and created again; the progress ({position}) belongs to the old one"
                )
            }
            Self::TargetTopicRecreated { target_topic, position } => write!(
                f,
                "target topic `{target_topic}` was deleted and created again: records before source position {position} are not in it"
            ),
            Self::SourceTopicGone { topic } => write!(f, "source topic `{topic}` does not exist any more"),
            Self::OffsetOutOfRange { position, low, high } => {
                write!(f, "position {position} is beyond the source's log ({low}..{high}): it was cut or re-created")
            }
            Self::LogTruncated { position, detail } => {
                write!(f, "source log was rewritten before position {position}: {detail}")
            }
            Self::CorruptBatch { offset, detail } => {
                write!(f, "batch at or after offset {offset} of the source is corrupt: {detail}")
            }
            Self::Unsupported { side, detail } => write!(f, "not supported by the {side}'s version: {detail}"),
            Self::Fault { fault } => write!(f, "{fault}"),
        }
    }
}

/// `1 record`, `2 records`.
fn count(records: i64) -> String {
    if records == 1 { "1 record".into() } else { format!("{records} records") }
}

/// What the target's setting says about the record, with the setting's name.
fn refusal_text(refusal: &Refusal) -> String {
    match refusal {
        Refusal::TimestampTooOld { timestamp_ms, before_ms_max } => {
            format!("timestamp {timestamp_ms} is older than message.timestamp.before.max.ms={before_ms_max} allows")
        }
        Refusal::TimestampTooNew { timestamp_ms, after_ms_max } => {
            format!(
                "timestamp {timestamp_ms} is further ahead than message.timestamp.after.max.ms={after_ms_max} allows"
            )
        }
        Refusal::KeyMissing => "the topic is compacted (cleanup.policy) and the record has no key".into(),
    }
}
