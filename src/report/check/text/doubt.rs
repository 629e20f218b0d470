//! Warnings in words: what would happen, and by which setting.

use crate::engine::Doubt;
use crate::model::Operation;
use crate::report::event_text::counted;
use crate::report::number;

/// What an operator should know, without the topics it is about.
pub(in crate::report::check) fn doubt_text(doubt: &Doubt) -> String {
    match doubt {
        Doubt::RetentionShorter { records, retention_ms } => format!(
            "{} older than the target's retention.ms={retention_ms} ({}) and would be deleted there",
            up_to(*records),
            age(*retention_ms)
        ),
        Doubt::TimestampsTooOld { records, before_ms_max } => format!(
            "{} older than the target's message.timestamp.before.max.ms={before_ms_max} ({}) allows; the first would be \
             refused and block its partition",
            up_to(*records),
            age(*before_ms_max)
        ),
        Doubt::TimestampsTooNew { records, after_ms_max } => format!(
            "{} further ahead than the target's message.timestamp.after.max.ms={after_ms_max} ({}) allows; the first would \
             be refused and block its partition",
            up_to(*records),
            age(*after_ms_max)
        ),
        Doubt::BatchLimitSmaller { source_bytes, target_bytes } => format!(
            "the target takes batches of max.message.bytes={target_bytes}, the source of {source_bytes}; a record that is larger \
             blocks its partition"
        ),
        Doubt::Compacts => "the target compacts (cleanup.policy) and the source does not: records are lost to newer ones of the \
                            same key, and one without a key blocks its partition"
            .into(),
        Doubt::StampsRecords => "the target replaces timestamps by its own (message.timestamp.type=LogAppendTime)".into(),
        Doubt::SharedTarget { flow, topics } => format!(
            "{} of the target would be written by flow `{flow}` too, from another source: records of both stand there side by \
             side, each in its own order",
            counted(*topics, "topic")
        ),
        Doubt::GroupActive { group, members } => format!(
            "group `{group}`, where the flow is to take over, is still at work ({}): where the target holds records the flow \
             waits until it is stopped, so that none is copied twice",
            members.join(", ")
        ),
        Doubt::Leaderless { partitions } => format!(
            "{} of the source without a leader now: copied once there is one",
            counted(*partitions, "partition")
        ),
        Doubt::ConfigUnreadable { side, topics } => format!(
            "the settings of {} on the {side} cannot be read (right or version is missing), so they are neither copied nor \
             compared",
            counted(*topics, "topic")
        ),
        Doubt::RightMissing { side, operation: Operation::Describe, topics } => format!(
            "the {side} does not show {} that `include` names: kmirror's user lacks the right to see {}, or there is none",
            counted(*topics, "topic"),
            if *topics == 1 { "it" } else { "them" }
        ),
        Doubt::RightMissing { side, operation, topics } => format!(
            "kmirror's user lacks the right {operation} on {} of the {side}: their settings are neither copied nor \
             compared",
            counted(*topics, "topic")
        ),
        Doubt::RightUnknown { side, operation } => format!(
            "the right {operation} on the {side} may be missing: its brokers, before 2.8, ask for it whenever something is written, and \
             tell only those who may Describe the cluster"
        ),
        Doubt::DefaultsUnknown { topics } => format!(
            "{} would be created with the target's defaults (retention.ms, max.message.bytes and others) where the source \
             topic sets nothing itself; they cannot be read off an existing topic, so they were not compared",
            counted(*topics, "topic")
        ),
        Doubt::ReplicationFactor { replication_factor, brokers } => format!(
            "replication_factor = {replication_factor}, but the target has {}: it will refuse to create topics",
            counted(*brokers, "broker")
        ),
        Doubt::Version(finding) => finding.to_string(),
        Doubt::SourceWithoutTimestamps => {
            "the source's version has no timestamps (0.10 is the first): records have none on the target either, and its \
             retention counts from when they were written"
                .into()
        }
        Doubt::CoarseStart => {
            "the source's version finds a time only by the age of its log's files (0.10.1 is the first to look into records): \
             the start may be much earlier or later than asked for"
                .into()
        }
        Doubt::NoHeaders => {
            "the target's version has no record headers (0.11 is the first): they are dropped and counted as altered".into()
        }
        Doubt::NoTimestamps => {
            "the target's version has no timestamps (0.10 is the first): they are dropped and counted as altered".into()
        }
        Doubt::NotIdempotent => {
            "the target's version cannot tell a repeated write from a new one (0.11 is the first): records may be there \
             twice when a connection breaks"
                .into()
        }
        Doubt::NoTopicCreation => {
            "the target's version cannot be told to create topics (0.10.1 is the first): create them with its own tools".into()
        }
        Doubt::NoPartitionCreation => {
            "the target's version cannot be told to add partitions (1.0 is the first): a topic that grows on the source will \
             be blocked"
                .into()
        }
        Doubt::NoZstd => {
            "topics are to be created with compression.type=zstd, which the target's version refuses (2.1 is the first); add `compression.type` to \
             topics.configs_exclude"
                .into()
        }
    }
}

/// Offsets were counted: where a log has gaps it is fewer.
fn up_to(records: u64) -> String {
    match records {
        1 => "1 record is".into(),
        records => format!("up to {records} records are"),
    }
}

fn age(ms: i64) -> String {
    match u64::try_from(ms).unwrap_or(0) {
        ms if ms < 1000 => format!("{ms} ms"),
        ms => number::duration(ms / 1000),
    }
}
