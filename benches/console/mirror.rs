//! A mirror that copies on from one snapshot to the next, and clusters that answer at once.

use std::sync::Arc;

use kmirror::engine::{
    DelaySnapshot, FlowSnapshot, FlowState, Histogram, LaneSnapshot, LaneState, Snapshot, TimeUse, TopicSnapshot,
    TopicState, Totals,
};
use kmirror::model::{
    EditedOffset, FlowOffsets, PartitionOffsets, PositionEdit, Progress, ProgressAuthor, ResolvedEdit, TopicPartition,
};
use kmirror::tui::{ClusterTopics, Job, JobAnswer, JobError, JobResult, ListedTopic, OffsetsJob};

use crate::flows;

pub(crate) const TOPICS: usize = 10_000;
pub(crate) const PARTITIONS: i32 = 20;

/// The topics of a cluster and the positions of a flow; nothing else is known.
pub(crate) fn answer(job: &Job) -> JobAnswer {
    if let Job::Flow(job) = job {
        return flows::answer(job);
    }
    if let Job::Offsets { job, .. } = job {
        return positions(job);
    }
    if !matches!(job, Job::ListTopics { .. }) {
        return Err(JobError { message: job.describe(), next: None });
    }
    let topics = (0..TOPICS).map(|number| ListedTopic {
        name: name(number).into(),
        partitions: PARTITIONS,
        replication_factor: 3,
        in_sync_replicas_min: 3,
        leaderless: 0,
        is_internal: false,
        verdicts: Arc::default(),
        fault: None,
    });
    Ok(JobResult::Topics(ClusterTopics { topics: topics.collect() }))
}

/// Where the flow stands in every partition, and what edits mean there.
fn positions(job: &OffsetsJob) -> JobAnswer {
    let listed = |topic: usize, partition| {
        let lane = lane(topic, partition);
        PartitionOffsets {
            partition: TopicPartition::new(name(topic), partition),
            low: lane.log_start,
            high: lane.high_watermark,
            progress: Some(Progress { offset: lane.position, author: ProgressAuthor::Flow }),
            start: None,
            fault: None,
        }
    };
    match job {
        OffsetsJob::Read => Ok(JobResult::FlowOffsets(FlowOffsets {
            flow: "all".into(),
            group: "kmirror.all".into(),
            asked_at_ms: 1_772_600_767_000,
            has_progress: true,
            members: Vec::new(),
            members_fault: None,
            partitions: (0..TOPICS).flat_map(|topic| (0..PARTITIONS).map(move |n| listed(topic, n))).collect(),
        })),
        OffsetsJob::Resolve { edits } => {
            let found = EditedOffset { offset: 500, record_ms: None, remark: None };
            let resolved = |edit: &PositionEdit| ResolvedEdit { edit: edit.clone(), result: Ok(found.clone()) };
            Ok(JobResult::ResolvedOffsets(edits.iter().map(resolved).collect()))
        }
        _ => Err(JobError { message: job.describe(&"all".into()), next: None }),
    }
}

/// One flow with all topics.
pub(crate) struct Mirror {
    flow: FlowSnapshot,
    at_ms: i64,
}

impl Mirror {
    pub(crate) fn new() -> Self {
        let topics = (0..TOPICS).map(|number| TopicSnapshot {
            source: name(number).into(),
            target: format!("copy.{}", name(number)).into(),
            partitions: PARTITIONS,
            state: TopicState::Mirroring,
            lanes: (0..PARTITIONS).map(|partition| lane(number, partition)).collect(),
        });
        let flow = FlowSnapshot {
            flow: "all".into(),
            source: "source".into(),
            target: "target".into(),
            group: "kmirror.all".into(),
            state: FlowState::Running,
            totals: Totals::default(),
            records_per_second: 100_000.0,
            bytes_per_second: 100_000_000.0,
            lag_records: Some(0),
            lag_bytes: Some(1_000_000_000),
            unseen_lanes: 0,
            lag_ms: Some(5_000),
            eta_seconds: Some(60),
            delay: DelaySnapshot { p50_ms: Some(100), p99_ms: Some(2_000) },
            time_use: TimeUse::default(),
            in_flight_bytes: 1_000_000,
            topics: topics.collect(),
            commits: 1,
            commit_failures: 0,
            faults: 0,
            delivery_latency: Histogram::default(),
        };
        Self { flow, at_ms: 1_772_600_767_000 }
    }

    /// Half a second later.
    pub(crate) fn next(&mut self) -> Arc<Snapshot> {
        self.at_ms += 500;
        self.flow.lag_records = Some(0);
        for lane in self.flow.topics.iter_mut().flat_map(|topic| &mut topic.lanes) {
            lane.position += 10;
            lane.high_watermark = lane.high_watermark.map(|end| end + 9);
            lane.lag_records = lane.high_watermark.map(|end| (end - lane.position).unsigned_abs());
            lane.totals.records += 10;
            self.flow.lag_records = self.flow.lag_records.zip(lane.lag_records).map(|(sum, lag)| sum + lag);
        }
        self.flow.totals.records += 10 * TOPICS as u64 * PARTITIONS.unsigned_abs() as u64;
        Arc::new(Snapshot { at_ms: self.at_ms, flows: vec![Arc::new(self.flow.clone())] })
    }
}

pub(crate) fn name(number: usize) -> String {
    format!("topic-{number:05}")
}

fn lane(topic: usize, partition: i32) -> LaneSnapshot {
    // No two topics are equally far behind.
    let end = 100_000 + (topic as i64 * 7_919) % 10_007;
    LaneSnapshot {
        partition,
        shard: 0,
        state: LaneState::Copying,
        position: 1_000,
        committed: Some(990),
        log_start: Some(0),
        high_watermark: Some(end),
        lag_records: Some((end - 1_000).unsigned_abs()),
        newest_ms: Some(1_772_600_760_000),
        delay_ms: Some(2_000),
        target_next: Some(1_000),
        records_per_second: 20.0,
        eta_seconds: Some(60),
        has_reached_goal: false,
        totals: Totals { records: 1_000, bytes: 1_000_000, ..Totals::default() },
    }
}
