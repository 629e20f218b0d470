//! What works and may surprise: what the target would do to records once they are written. Judged, not decided: nothing
//! here stops a flow.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::preview::LanePreview;
use super::rights::FoundRights;
use super::survey::{Action, Survey, SurveyedTopic};
use crate::engine::fault::Side;
use crate::engine::spec::FlowSpec;
use crate::engine::version::VersionFinding;
use crate::model::{FlowName, GroupName, Operation, StartPosition, TargetLimits, TopicPartition};

/// Something an operator should know before a flow is started.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "warning")]
pub enum Doubt {
    /// The target would delete records soon after they are written.
    RetentionShorter {
        /// How many, at most.
        records: u64,
        /// `retention.ms` of the target topic.
        retention_ms: i64,
    },
    /// The target would refuse records whose timestamps lie too far back.
    TimestampsTooOld {
        /// How many, at most.
        records: u64,
        /// `message.timestamp.before.max.ms` of the target topic.
        before_ms_max: i64,
    },
    /// The target would refuse records whose timestamps lie too far ahead.
    TimestampsTooNew {
        /// How many, at most.
        records: u64,
        /// `message.timestamp.after.max.ms` of the target topic.
        after_ms_max: i64,
    },
    /// The target takes smaller batches than the source.
    BatchLimitSmaller {
        /// `max.message.bytes` of the source topic.
        source_bytes: u64,
        /// `max.message.bytes` of the target topic.
        target_bytes: u64,
    },
    /// The target topic compacts and the source topic does not.
    Compacts,
    /// The target topic replaces timestamps by its own (`message.timestamp.type=LogAppendTime`).
    StampsRecords,
    /// Another flow writes the same topics from another source: records of both stand there side by side.
    SharedTarget {
        /// The other flow.
        flow: FlowName,
        /// How many topics.
        topics: usize,
    },
    /// The group to take over from still has members.
    GroupActive {
        /// The group.
        group: GroupName,
        /// Its members, by client id and address.
        members: Vec<String>,
    },
    /// Partitions of the source have no leader at the moment.
    Leaderless {
        /// How many.
        partitions: i32,
    },
    /// The settings of topics cannot be read.
    ConfigUnreadable {
        /// Which cluster's.
        side: Side,
        /// Of how many topics.
        topics: usize,
    },
    /// A right is missing that the flow can do without.
    RightMissing {
        /// On which cluster.
        side: Side,
        /// To do what.
        operation: Operation,
        /// With how many topics.
        topics: usize,
    },
    /// A right that the flow needs may be missing: its user may not know.
    RightUnknown {
        /// On which cluster.
        side: Side,
        /// To do what.
        operation: Operation,
    },
    /// What the target gives to topics that are created cannot be known.
    DefaultsUnknown {
        /// How many would be created.
        topics: usize,
    },
    /// More replicas are wanted than the target has brokers.
    ReplicationFactor {
        /// As configured.
        replication_factor: i32,
        /// The target's brokers.
        brokers: usize,
    },
    /// A cluster's version is another than configured, or could only be found out by waiting.
    Version(VersionFinding),
    /// The source's version has no timestamps, so the target's records have none either.
    SourceWithoutTimestamps,
    /// The source's version finds a start by time only roughly.
    CoarseStart,
    /// The target's version has no record headers.
    NoHeaders,
    /// The target's version has no timestamps.
    NoTimestamps,
    /// The target's version cannot tell a repeated write from a new one.
    NotIdempotent,
    /// The target's version cannot be told to create topics.
    NoTopicCreation,
    /// The target's version cannot be told to add partitions.
    NoPartitionCreation,
    /// Topics are to be created with `compression.type=zstd`, which the target's version does not have.
    NoZstd,
}

/// The first offsets at certain times.
#[derive(Clone, Debug, Default)]
pub(super) struct Ages(BTreeMap<(i64, TopicPartition), i64>);

impl Ages {
    /// The times that matter for a topic with these limits.
    pub(super) fn times(limits: &TargetLimits, now_ms: i64) -> impl Iterator<Item = i64> {
        let back = [limits.retention_ms, limits.timestamp_before_ms_max].into_iter().flatten();
        let back = back.filter_map(move |ms| earlier(now_ms, ms));
        back.chain(limits.timestamp_after_ms_max.and_then(|ms| later(now_ms, ms)))
    }

    pub(super) fn insert(&mut self, time: i64, offsets: BTreeMap<TopicPartition, i64>) {
        self.0.extend(offsets.into_iter().map(|(partition, offset)| ((time, partition), offset)));
    }

    fn at(&self, time: Option<i64>, partition: &TopicPartition) -> Option<i64> {
        self.0.get(&(time?, partition.clone())).copied()
    }
}

/// What follows from the two topics' settings. `source` is `None` where they cannot be read.
pub(super) fn limit_doubts(source: Option<&TargetLimits>, target: &TargetLimits) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    let Some(source) = source else { return doubts };
    if let (Some(source_bytes), Some(target_bytes)) = (source.message_bytes_max, target.message_bytes_max)
        && target_bytes < source_bytes
    {
        doubts.push(Doubt::BatchLimitSmaller { source_bytes, target_bytes });
    }
    if target.compacts && !source.compacts {
        doubts.push(Doubt::Compacts);
    }
    if target.stamps_records && !source.stamps_records {
        doubts.push(Doubt::StampsRecords);
    }
    doubts
}

/// What follows from the age of the records that would be copied. Offsets are counted: gaps in a log count too.
pub(super) fn record_doubts(
    limits: &TargetLimits,
    lanes: &BTreeMap<&TopicPartition, &LanePreview>,
    ages: &Ages,
    now_ms: i64,
) -> Vec<Doubt> {
    // A topic that stamps records itself knows none that are old or ahead.
    if limits.stamps_records {
        return Vec::new();
    }
    let mut doubts = Vec::new();
    let before = |ms: i64| {
        count(lanes, |partition, from, end| {
            ages.at(earlier(now_ms, ms), partition).map(|at| at.min(end).saturating_sub(from))
        })
    };
    let after = |ms: i64| {
        count(lanes, |partition, from, end| {
            ages.at(later(now_ms, ms), partition).map(|at| end.saturating_sub(at.max(from)))
        })
    };
    if let Some(retention_ms) = limits.retention_ms
        && let records @ 1.. = before(retention_ms)
    {
        doubts.push(Doubt::RetentionShorter { records, retention_ms });
    }
    if let Some(before_ms_max) = limits.timestamp_before_ms_max
        && let records @ 1.. = before(before_ms_max)
    {
        doubts.push(Doubt::TimestampsTooOld { records, before_ms_max });
    }
    if let Some(after_ms_max) = limits.timestamp_after_ms_max
        && let records @ 1.. = after(after_ms_max)
    {
        doubts.push(Doubt::TimestampsTooNew { records, after_ms_max });
    }
    doubts
}

/// What concerns the flow as a whole.
pub(super) fn flow_doubts(spec: &FlowSpec, survey: &Survey, rights: &FoundRights, knows_defaults: bool) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    let (source, target) = (survey.source.features, survey.target.features);
    let created = survey.topics.values().filter(|topic| matches!(topic.action, Ok(Action::Create(_)))).count();
    let wanted = spec.config.topics.replication_factor;
    let brokers = survey.target.brokers.len();
    if created > 0 && usize::try_from(wanted).is_ok_and(|wanted| wanted > brokers) {
        doubts.push(Doubt::ReplicationFactor { replication_factor: wanted, brokers });
    }
    if created > 0 && !knows_defaults {
        doubts.push(Doubt::DefaultsUnknown { topics: created });
    }
    let unseen = rights.topics(Side::Source, Operation::Describe).count();
    if unseen > 0 {
        doubts.push(Doubt::RightMissing { side: Side::Source, operation: Operation::Describe, topics: unseen });
    }
    let unknown = rights.unknown.iter().copied();
    doubts.extend(unknown.map(|operation| Doubt::RightUnknown { side: Side::Target, operation }));
    let leaderless = survey.topics.values().map(|topic| topic.source.leaderless).sum();
    if leaderless > 0 {
        doubts.push(Doubt::Leaderless { partitions: leaderless });
    }
    // Where brokers cannot be asked at all, one line says so for all topics.
    let unreadable = survey.topics.values().filter(|topic| topic.source_config.is_none()).count();
    doubts.extend(settings_doubts(rights, Side::Source, unreadable));
    // A topic whose limits are not known at all could not be read: every broker that answers names a batch limit.
    let blind = survey.topics.values().filter(|topic| topic.target_facts.is_some());
    let blind = blind.filter(|topic| topic.limits.message_bytes_max.is_none()).count();
    doubts.extend(settings_doubts(rights, Side::Target, blind));
    doubts.extend(survey.findings().filter(|finding| !finding.is_contradiction()).cloned().map(Doubt::Version));
    let is_coarse = survey.source.version.as_ref().is_some_and(|version| version.lowest().is_before(&[0, 10, 1]));
    let lacks = [
        (!source.timestamps && target.timestamps, Doubt::SourceWithoutTimestamps),
        (is_coarse && spec.config.starts().any(StartPosition::is_by_time), Doubt::CoarseStart),
        (source.headers && !target.headers, Doubt::NoHeaders),
        (source.timestamps && !target.timestamps, Doubt::NoTimestamps),
        (!target.idempotent_writes, Doubt::NotIdempotent),
        (spec.config.topics.create && !target.create_topics, Doubt::NoTopicCreation),
        (spec.config.topics.grow_partitions && !target.create_partitions, Doubt::NoPartitionCreation),
        (!target.zstd && survey.topics.values().any(asks_for_zstd), Doubt::NoZstd),
    ];
    doubts.extend(lacks.into_iter().filter(|(is_lacking, _)| *is_lacking).map(|(_, doubt)| doubt));
    doubts
}

/// Topics whose settings cannot be read: those for which it is known why, and the others.
fn settings_doubts(rights: &FoundRights, side: Side, unreadable: usize) -> impl Iterator<Item = Doubt> {
    let operation = Operation::DescribeConfigs;
    let denied = rights.topics(side, operation).count();
    let others = unreadable.saturating_sub(denied);
    let doubts = [
        (denied > 0, Doubt::RightMissing { side, operation, topics: denied }),
        (others > 0, Doubt::ConfigUnreadable { side, topics: others }),
    ];
    doubts.into_iter().filter(|(is_found, _)| *is_found).map(|(_, doubt)| doubt)
}

fn asks_for_zstd(topic: &SurveyedTopic) -> bool {
    matches!(&topic.action, Ok(Action::Create(new)) if new.configs.get("compression.type").is_some_and(|codec| codec == "zstd"))
}

/// Sums up over the partitions whose bounds are known. What is asked gets the first offset to copy and the end.
fn count(
    lanes: &BTreeMap<&TopicPartition, &LanePreview>,
    records: impl Fn(&TopicPartition, i64, i64) -> Option<i64>,
) -> u64 {
    let known = lanes.iter().filter_map(|(partition, lane)| {
        let from = lane.position?.max(lane.low?);
        records(partition, from, lane.end?)
    });
    known.filter_map(|records| u64::try_from(records).ok()).sum()
}

/// `None` before 1970, when there are no records.
fn earlier(now_ms: i64, ms: i64) -> Option<i64> {
    now_ms.checked_sub(ms).filter(|time| *time > 0)
}

fn later(now_ms: i64, ms: i64) -> Option<i64> {
    now_ms.checked_add(ms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::job::preview::Begin;

    const NOW_MS: i64 = 1_000_000;

    fn lane(position: i64, low: i64, end: i64) -> LanePreview {
        LanePreview { begin: Begin::Progress, position: Some(position), low: Some(low), end: Some(end), blocked: None }
    }

    fn doubts(limits: &TargetLimits, lane: &LanePreview, at: &[(i64, i64)]) -> Vec<Doubt> {
        let partition = TopicPartition::new("orders", 0);
        let mut ages = Ages::default();
        for (time, offset) in at {
            ages.insert(*time, BTreeMap::from([(partition.clone(), *offset)]));
        }
        record_doubts(limits, &BTreeMap::from([(&partition, lane)]), &ages, NOW_MS)
    }

    #[test]
    fn records_older_than_the_targets_retention_are_counted_from_the_position_on() {
        let limits = TargetLimits { retention_ms: Some(100_000), ..TargetLimits::default() };
        let expect = |records| vec![Doubt::RetentionShorter { records, retention_ms: 100_000 }];
        // Offset 50 is the first that is young enough.
        assert_eq!(doubts(&limits, &lane(0, 0, 80), &[(900_000, 50)]), expect(50));
        assert_eq!(doubts(&limits, &lane(20, 0, 80), &[(900_000, 50)]), expect(30));
        assert_eq!(doubts(&limits, &lane(0, 45, 80), &[(900_000, 50)]), expect(5));
        assert_eq!(doubts(&limits, &lane(60, 0, 80), &[(900_000, 50)]), []);
        assert_eq!(doubts(&limits, &lane(0, 0, 80), &[(900_000, 80)]), expect(80));
        assert_eq!(doubts(&limits, &lane(0, 0, 80), &[]), [], "unknown ages are no doubts");
    }

    #[test]
    fn timestamps_outside_of_the_targets_bounds_are_counted() {
        let limits = TargetLimits {
            timestamp_before_ms_max: Some(200_000),
            timestamp_after_ms_max: Some(1_000),
            ..TargetLimits::default()
        };
        let expected = [
            Doubt::TimestampsTooOld { records: 7, before_ms_max: 200_000 },
            Doubt::TimestampsTooNew { records: 3, after_ms_max: 1_000 },
        ];
        assert_eq!(doubts(&limits, &lane(0, 0, 10), &[(800_000, 7), (1_001_000, 7)]), expected);
        let stamped = TargetLimits { stamps_records: true, ..limits };
        assert_eq!(doubts(&stamped, &lane(0, 0, 10), &[(800_000, 7), (1_001_000, 7)]), []);
    }

    #[test]
    fn bounds_beyond_all_time_ask_nothing() {
        let limits = TargetLimits {
            retention_ms: Some(i64::MAX),
            timestamp_before_ms_max: Some(i64::MAX),
            timestamp_after_ms_max: Some(i64::MAX),
            ..TargetLimits::default()
        };
        assert_eq!(Ages::times(&limits, NOW_MS).count(), 0);
        assert_eq!(doubts(&limits, &lane(0, 0, 10), &[]), []);
    }

    #[test]
    fn settings_are_compared() {
        let source = TargetLimits { message_bytes_max: Some(2_000_000), ..TargetLimits::default() };
        let target = TargetLimits {
            message_bytes_max: Some(1_000_000),
            compacts: true,
            stamps_records: true,
            ..TargetLimits::default()
        };
        let smaller = Doubt::BatchLimitSmaller { source_bytes: 2_000_000, target_bytes: 1_000_000 };
        assert_eq!(limit_doubts(Some(&source), &target), [smaller, Doubt::Compacts, Doubt::StampsRecords]);
        assert_eq!(limit_doubts(Some(&target), &source), []);
        assert_eq!(limit_doubts(Some(&source), &source), []);
        assert_eq!(limit_doubts(None, &target), []);
    }
}
