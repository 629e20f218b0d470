//! Words for states, the same on the screen as in reports.

use crate::engine::{BlockedReason, FlowState, WaitingReason};
use crate::preview::TargetPlan;
use crate::report::state_word;
use crate::telemetry::LogLevel;

/// A flow's state in a word or two.
pub(super) fn flow_state_word(state: &FlowState) -> &'static str {
    state_word(state).0
}

/// What a reason for being blocked means, in half a line.
pub(super) fn blocked_words(why: &BlockedReason) -> &'static str {
    match why {
        BlockedReason::RecordTooLarge { .. } => "a record is larger than the target accepts",
        BlockedReason::RecordRefused { .. } => "the target topic would refuse a record",
        BlockedReason::Rejected { .. } => "the target refused a record",
        BlockedReason::TopicAuthorization { side: crate::engine::Side::Source, .. } => {
            "a right is missing on a topic of the source"
        }
        BlockedReason::TopicAuthorization { .. } => "a right is missing on a topic of the target",
        BlockedReason::GroupAuthorization { .. } => "the right to use the flow's group is missing",
        BlockedReason::PartitionCount { .. } => "the target topic has too few partitions",
        BlockedReason::TargetTopicMissing { .. } => "the target topic does not exist",
        BlockedReason::NewTopic => "the topic is new, and the flow asks before it mirrors new ones",
        BlockedReason::ProgressMissing { .. } => "the target holds records, but no progress is stored",
        BlockedReason::WrittenByOtherFlow { .. } => "another flow has copied this before",
        BlockedReason::RetentionOvertook { .. } => "the source deleted records before they were copied",
        BlockedReason::TopicRecreated { .. } => "the source topic was deleted and created again",
        BlockedReason::TargetTopicRecreated { .. } => "the target topic was deleted and created again",
        BlockedReason::SourceTopicGone { .. } => "the source topic is gone",
        BlockedReason::OffsetOutOfRange { .. } => "the source's log ends before the position",
        BlockedReason::LogTruncated { .. } => "the source's log was rewritten behind the position",
        BlockedReason::CorruptBatch { .. } => "a batch on the source cannot be read",
        BlockedReason::Unsupported { .. } => "the brokers' version lacks something that is needed",
        BlockedReason::Fault { .. } => "a problem keeps coming back",
    }
}

/// What a reason for waiting means, in half a line.
pub(super) fn waiting_words(why: &WaitingReason) -> &'static str {
    match why {
        WaitingReason::BrokerUnreachable { .. } => "a broker does not answer",
        WaitingReason::LeaderUnreachable { .. } => "the broker that leads a partition does not answer",
        WaitingReason::CredentialsRejected { .. } => "the cluster rejects user, password or certificate",
        WaitingReason::NotEnoughReplicas => "the target has too few replicas to accept records",
        WaitingReason::LeaderUnavailable { .. } => "a partition has no leader",
        WaitingReason::GroupActive { .. } => "the group to take over from is still at work",
        WaitingReason::OpenTransaction => "a transaction on the source is still open",
        WaitingReason::NoProgress { .. } => "nothing moves although there is lag, and nobody says why",
        WaitingReason::Throttled { .. } => "a quota holds the flow back",
        WaitingReason::Fault { .. } => "something that passes by itself",
    }
}

/// How much a line matters, in a word.
pub(super) fn level_word(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Trace => "trace",
        LogLevel::Debug => "debug",
        LogLevel::Info => "info",
        LogLevel::Warn => "warn",
        LogLevel::Error => "error",
    }
}

/// What is to be done at the target for a topic, in a word or two.
pub(super) fn plan_words(plan: &TargetPlan) -> String {
    match plan {
        TargetPlan::Unknown => "unknown".into(),
        TargetPlan::Create { partitions, is_compacted: false } => format!("create {partitions}p"),
        TargetPlan::Create { partitions, is_compacted: true } => format!("create {partitions}p compact"),
        TargetPlan::Fits { .. } => "exists ok".into(),
        TargetPlan::MorePartitions { source, target }
        | TargetPlan::FewerPartitions { source, target, is_grown: false } => format!("exists {target}p≠{source}p"),
        TargetPlan::FewerPartitions { source, target, is_grown: true } => format!("grow {target}p→{source}p"),
        TargetPlan::CleanupPolicy { source, target } => format!("{target}≠{source}"),
        TargetPlan::MessageSize { target, .. } => format!("takes {} only", crate::report::number::bytes(*target)),
        TargetPlan::Missing => "MISSING".into(),
        TargetPlan::Invalid => "BAD NAME".into(),
        TargetPlan::Loop => "LOOP".into(),
        TargetPlan::Collision { .. } => "COLLISION".into(),
    }
}
