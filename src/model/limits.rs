//! What a target topic accepts, and the judgement of a record against it.
//!
//! A record the target refuses for good must be found *before* it is sent: those behind it in the same lane would be
//! written without it. So the lane asks here first, and sends alone what only the broker can decide.

use serde::{Deserialize, Serialize};

/// The limits of one target topic, as its configuration tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetLimits {
    /// `max.message.bytes`: the largest batch, compressed. `None` when it could not be read.
    pub message_bytes_max: Option<u64>,
    /// How far before the broker's clock a timestamp may lie, and the config that says so.
    pub timestamp_before_ms_max: Option<i64>,
    /// How far after the broker's clock a timestamp may lie.
    pub timestamp_after_ms_max: Option<i64>,
    /// Whether the topic stamps records itself (`message.timestamp.type=LogAppendTime`).
    pub stamps_records: bool,
    /// Whether `cleanup.policy` compacts: such a topic refuses records without a key.
    pub compacts: bool,
    /// `retention.ms`, when the topic deletes by age.
    pub retention_ms: Option<i64>,
    /// `min.insync.replicas`: with fewer replicas in sync the topic takes no writes.
    pub in_sync_replicas_min: Option<i32>,
}

/// One record's properties that a target may refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordFacts {
    /// Upper bound of the record's size as a batch of its own, uncompressed.
    pub batch_bytes: u64,
    /// Timestamp in ms since 1970, `None` when the record has none.
    pub timestamp_ms: Option<i64>,
    /// Whether the record has a key.
    pub has_key: bool,
}

/// What to do with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Send it with others.
    Send,
    /// Send it with nothing else of its lane in flight: it fits only if it compresses well, which the broker decides.
    SendAlone,
    /// The target would refuse it.
    Refuse(Refusal),
}

/// Why a target would refuse a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "refusal")]
pub enum Refusal {
    /// The timestamp lies too far in the past.
    TimestampTooOld {
        /// The record's timestamp.
        timestamp_ms: i64,
        /// `message.timestamp.before.max.ms` of the target topic.
        before_ms_max: i64,
    },
    /// The timestamp lies too far in the future.
    TimestampTooNew {
        /// The record's timestamp.
        timestamp_ms: i64,
        /// `message.timestamp.after.max.ms` of the target topic.
        after_ms_max: i64,
    },
    /// The topic compacts, and the record has no key to compact by.
    KeyMissing,
}

impl TargetLimits {
    /// `max.message.bytes` of a broker that was not told otherwise.
    pub const MESSAGE_BYTES_MAX_DEFAULT: u64 = 1_048_588;

    /// The largest batch the topic takes, or the default where it could not be read.
    pub fn batch_bytes_max(&self) -> u64 {
        self.message_bytes_max.unwrap_or(Self::MESSAGE_BYTES_MAX_DEFAULT)
    }

    /// Judges one record. `now_ms` is the wall clock in ms since 1970.
    pub fn judge(&self, record: RecordFacts, now_ms: i64) -> Judgement {
        if self.compacts && !record.has_key {
            return Judgement::Refuse(Refusal::KeyMissing);
        }
        if !self.stamps_records
            && let Some(timestamp_ms) = record.timestamp_ms
            && let Some(refusal) = self.judge_timestamp(timestamp_ms, now_ms)
        {
            return Judgement::Refuse(refusal);
        }
        if record.batch_bytes > self.batch_bytes_max() { Judgement::SendAlone } else { Judgement::Send }
    }

    fn judge_timestamp(&self, timestamp_ms: i64, now_ms: i64) -> Option<Refusal> {
        if let Some(after_ms_max) = self.timestamp_after_ms_max
            && timestamp_ms.saturating_sub(now_ms) > after_ms_max
        {
            return Some(Refusal::TimestampTooNew { timestamp_ms, after_ms_max });
        }
        if let Some(before_ms_max) = self.timestamp_before_ms_max
            && now_ms.saturating_sub(timestamp_ms) > before_ms_max
        {
            return Some(Refusal::TimestampTooOld { timestamp_ms, before_ms_max });
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: i64 = 1_700_000_000_000;

    fn record() -> RecordFacts {
        RecordFacts { batch_bytes: 100, timestamp_ms: Some(NOW_MS), has_key: true }
    }

    #[test]
    fn a_plain_record_is_sent_and_unknown_limits_are_the_defaults() {
        assert_eq!(TargetLimits::default().judge(record(), NOW_MS), Judgement::Send);
        let large = RecordFacts { batch_bytes: 1_048_589, ..record() };
        assert_eq!(TargetLimits::default().judge(large, NOW_MS), Judgement::SendAlone);
    }

    #[test]
    fn timestamps_outside_the_targets_range_are_refused() {
        let limits = TargetLimits {
            timestamp_before_ms_max: Some(1_000),
            timestamp_after_ms_max: Some(2_000),
            ..TargetLimits::default()
        };
        for (delta_ms, refused) in [(-1_000, false), (-1_001, true), (2_000, false), (2_001, true)] {
            let judged = limits.judge(RecordFacts { timestamp_ms: Some(NOW_MS + delta_ms), ..record() }, NOW_MS);
            assert_eq!(matches!(judged, Judgement::Refuse(_)), refused, "{delta_ms}");
        }
        assert_eq!(limits.judge(RecordFacts { timestamp_ms: None, ..record() }, NOW_MS), Judgement::Send);
        assert_eq!(
            limits.judge(RecordFacts { timestamp_ms: Some(i64::MIN), ..record() }, NOW_MS),
            Judgement::Refuse(Refusal::TimestampTooOld { timestamp_ms: i64::MIN, before_ms_max: 1_000 })
        );
        let stamping = TargetLimits { stamps_records: true, ..limits };
        assert_eq!(stamping.judge(RecordFacts { timestamp_ms: Some(0), ..record() }, NOW_MS), Judgement::Send);
    }

    #[test]
    fn a_compacted_topic_refuses_records_without_a_key() {
        let limits = TargetLimits { compacts: true, ..TargetLimits::default() };
        assert_eq!(limits.judge(record(), NOW_MS), Judgement::Send);
        let keyless = RecordFacts { has_key: false, ..record() };
        assert_eq!(limits.judge(keyless, NOW_MS), Judgement::Refuse(Refusal::KeyMissing));
    }
}
