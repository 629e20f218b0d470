//! Work that asks the clusters: what a flow cannot decide by itself. Blocking, one at a time per flow, on a worker thread.

mod diagnose;
mod doubt;
mod position;
mod prepare;
mod preview;
mod resolve;
mod seed;
mod survey;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::event::EventKind;
use super::fault::Fault;
use super::ports::{Cluster, Features};
use super::reason::BlockedReason;
use super::shard::Positioned;
use super::spec::FlowSpec;
use crate::model::{StartPosition, TargetLimits, TopicName, TopicPartition};

pub use doubt::Doubt;
pub use preview::{Begin, LanePreview, Preview, preview};
pub use survey::{Action, Survey, SurveyedTopic, survey};

/// What a job works with.
#[derive(Clone)]
pub(super) struct JobContext {
    pub(super) spec: Arc<FlowSpec>,
    pub(super) source: Arc<dyn Cluster>,
    pub(super) target: Arc<dyn Cluster>,
    pub(super) now_ms: i64,
}

/// A piece of work.
#[derive(Clone, Debug)]
pub(super) enum Job {
    /// Look at both clusters, make the target's topics ready, and at the first start write down where everything begins.
    Prepare(PrepareRequest),
    /// Find where assigned partitions begin.
    Position {
        shard: u32,
        partitions: Vec<TopicPartition>,
        topics: BTreeMap<TopicName, ReadyTopic>,
        decisions: Vec<Decision>,
    },
    /// Find out what happened to a position.
    Diagnose { shard: u32, partition: TopicPartition, position: i64, topic: ReadyTopic, fault: Fault },
    /// Turn a start position into offsets.
    Resolve { partitions: Vec<TopicPartition>, at: StartPosition },
}

/// What came of it.
#[derive(Debug)]
pub(super) enum JobOutcome {
    Prepared(Result<Prepared, Fault>),
    Positioned {
        shard: u32,
        partitions: Vec<TopicPartition>,
        result: Result<Vec<Positioned>, Fault>,
    },
    Diagnosed {
        shard: u32,
        partition: TopicPartition,
        position: i64,
        fault: Fault,
        result: Result<Option<BlockedReason>, Fault>,
    },
    Resolved {
        at: StartPosition,
        result: Result<BTreeMap<TopicPartition, i64>, Fault>,
    },
}

/// What a preparation needs to know.
#[derive(Clone, Debug, Default)]
pub(super) struct PrepareRequest {
    /// Whether the flow is being started; else it is a refresh.
    pub(super) is_start: bool,
    /// Topics mirrored so far in this run.
    pub(super) known: BTreeSet<TopicName>,
    /// Topics whose missing target an operator allowed to be made again.
    pub(super) may_recreate: BTreeSet<TopicName>,
}

/// What a preparation found and did.
#[derive(Debug, Default)]
pub(super) struct Prepared {
    /// Why the flow must not start.
    pub(super) refused: Option<String>,
    /// Included topics, with what they need to be mirrored or the reason why they cannot be.
    pub(super) topics: BTreeMap<TopicName, (ReadyTopic, Option<BlockedReason>)>,
    /// Topics left alone because they are new.
    pub(super) ignored: BTreeSet<TopicName>,
    /// What was done.
    pub(super) events: Vec<EventKind>,
    pub(super) source_features: Features,
    pub(super) target_features: Features,
}

/// What is known of a topic that is mirrored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReadyTopic {
    pub(super) target: TopicName,
    pub(super) partitions: i32,
    pub(super) target_partitions: i32,
    pub(super) source_id: Option<String>,
    pub(super) target_id: Option<String>,
    pub(super) limits: TargetLimits,
}

/// An operator's word on where lanes go on which would otherwise be blocked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Which lanes.
    pub scope: super::Scope,
    /// What to do.
    pub choice: DecidedChoice,
}

/// What an operator decided beforehand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecidedChoice {
    /// Go on here, if the lane is blocked because its position cannot be used.
    ResumeAt(StartPosition),
    /// Leave out this record, if the lane is blocked at it.
    SkipRecord(i64),
}

/// Does the work.
pub(super) fn run(context: &JobContext, job: Job) -> JobOutcome {
    match job {
        Job::Prepare(request) => JobOutcome::Prepared(prepare::prepare(context, &request)),
        Job::Position { shard, partitions, topics, decisions } => {
            let result = position::position(context, &partitions, &topics, &decisions);
            JobOutcome::Positioned { shard, partitions, result }
        }
        Job::Diagnose { shard, partition, position, topic, fault } => {
            let result = diagnose::diagnose(context, &partition, position, &topic, &fault);
            JobOutcome::Diagnosed { shard, partition, position, fault, result }
        }
        Job::Resolve { partitions, at } => {
            let result = resolve::resolve(context.source.as_ref(), &partitions, &at, context.now_ms);
            JobOutcome::Resolved { at, result }
        }
    }
}
