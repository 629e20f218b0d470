//! Work that asks the clusters: what a flow cannot decide by itself. Blocking, one at a time per flow, on a worker
//! thread.

mod adopt;
mod diagnose;
mod doubt;
mod edit;
mod examine;
mod leaders;
mod offsets;
mod other_flow;
mod position;
mod prepare;
mod preview;
mod resolve;
mod rights;
mod seed;
mod set_positions;
mod survey;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::event::EventKind;
use super::fault::Fault;
use super::ports::{Cluster, ClusterFacts};
use super::progress::{ProgressNote, cluster_mark};
use super::reason::{BlockedReason, Hindrance, OtherFlow, WaitingReason};
use super::shard::Positioned;
use super::spec::FlowSpec;
use crate::model::{FlowName, Selection, StartPosition, TargetLimits, TopicName, TopicPartition};

pub(super) use adopt::{AdoptError, Adoption};
pub use doubt::Doubt;
pub use edit::resolve_edits;
pub(super) use leaders::FoundLeaders;
pub use offsets::look_at_offsets;
pub use preview::{Begin, LanePreview, Preview, preview};
pub use rights::{FoundRights, MissingRight};
pub(super) use set_positions::{CheckedPositions, told};
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
    /// Look at both clusters, make the target's topics ready, and at the first start write down where everything
    /// begins.
    Prepare(PrepareRequest),
    /// Find where assigned partitions begin.
    Position {
        shard: u32,
        /// Tells the shard from one that replaced it: to that one the positions mean nothing.
        generation: u32,
        /// Which of the shard's assignments is answered.
        assignment: u32,
        partitions: Vec<TopicPartition>,
        topics: BTreeMap<TopicName, ReadyTopic>,
        decisions: Vec<Decision>,
        /// Whose progress the partitions without any were held back for when the flow was started.
        others: BTreeMap<TopicPartition, OtherFlow>,
    },
    /// Find out what happened to a position.
    Diagnose(Box<Diagnosis>),
    /// Find out why nothing is acknowledged.
    Examine(Box<Stall>),
    /// Find out who leads the partitions of these topics, on the source and on the target.
    Lead { source: BTreeSet<TopicName>, target: BTreeSet<TopicName> },
    /// Turn a start position into offsets of the topics there are now.
    Resolve { partitions: Vec<TopicPartition>, topics: BTreeMap<TopicName, ReadyTopic>, at: StartPosition },
    /// See whether lanes can be set to these positions.
    CheckPositions { positions: BTreeMap<TopicPartition, i64>, topics: BTreeMap<TopicName, ReadyTopic> },
    /// Set positions of the group of a flow that does not run.
    CommitPositions { positions: BTreeMap<TopicPartition, i64> },
    /// Find where another flow has stopped in these partitions.
    Adopt { partitions: Vec<TopicPartition>, topics: BTreeMap<TopicName, ReadyTopic>, from: String },
}

/// What came of it.
#[derive(Debug)]
pub(super) enum JobOutcome {
    Prepared(Result<Box<Prepared>, Fault>),
    Positioned {
        shard: u32,
        generation: u32,
        assignment: u32,
        partitions: Vec<TopicPartition>,
        result: Result<Vec<Positioned>, Fault>,
        /// What was done, whatever became of the rest.
        events: Vec<EventKind>,
    },
    Diagnosed {
        diagnosis: Box<Diagnosis>,
        result: Result<Option<BlockedReason>, Fault>,
    },
    Examined {
        stall: Box<Stall>,
        result: Result<Option<WaitingReason>, Fault>,
    },
    Led(FoundLeaders),
    Resolved {
        at: StartPosition,
        result: Result<BTreeMap<TopicPartition, Resolved>, Fault>,
    },
    PositionsChecked(Result<CheckedPositions, String>),
    /// With what happened.
    PositionsCommitted(Result<Vec<EventKind>, String>),
    Adopted {
        from: String,
        result: Result<Adoption, AdoptError>,
    },
}

/// Where an operator wants a lane to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resolved {
    pub(super) position: i64,
    /// Which topics the position belongs to.
    pub(super) note: String,
}

/// A position that cannot be read or written any more.
#[derive(Clone, Debug)]
pub(super) struct Diagnosis {
    pub(super) shard: u32,
    pub(super) generation: u32,
    pub(super) partition: TopicPartition,
    pub(super) position: i64,
    /// The lane's note: which topics the position belongs to. What the flow knows of them may be newer.
    pub(super) note: String,
    pub(super) topic: ReadyTopic,
    pub(super) fault: Fault,
}

/// A shard whose records in flight are not acknowledged, with the topic of one of them.
#[derive(Clone, Debug)]
pub(super) struct Stall {
    pub(super) shard: u32,
    pub(super) generation: u32,
    pub(super) topic: ReadyTopic,
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
    /// Topics that are mirrored however new they are: the rules were changed for them, or an operator wants them.
    pub(super) wanted: BTreeSet<TopicName>,
    /// The rules before they were changed, since the last look: what these did not include is wanted, too.
    pub(super) rules_before: Option<Selection>,
    /// The flow whose progress is to be taken over when this one is started: its group, or its name.
    pub(super) adopt: Option<String>,
}

/// What a preparation found and did.
#[derive(Debug, Default)]
pub(super) struct Prepared {
    /// Why the flow must not start.
    pub(super) refused: Option<String>,
    /// Why it cannot start yet.
    pub(super) hindrance: Option<Hindrance>,
    /// Included topics, with what they need to be mirrored or the reason why they cannot be.
    pub(super) topics: BTreeMap<TopicName, (ReadyTopic, Option<BlockedReason>)>,
    /// Topics left alone because they are new.
    pub(super) ignored: BTreeSet<TopicName>,
    /// Topics held back because they are new, until an operator decides.
    pub(super) held_back: BTreeMap<TopicName, ReadyTopic>,
    /// Partitions without progress that another flow has copied onto the same target before: they do not begin until an
    /// operator decides.
    pub(super) others: BTreeMap<TopicPartition, OtherFlow>,
    /// Whether some partition has no leader, on the source or on the target.
    pub(super) is_leaderless: bool,
    /// What was done.
    pub(super) events: Vec<EventKind>,
    /// Who the clusters are.
    pub(super) source: ClusterFacts,
    pub(super) target: ClusterFacts,
}

/// What is known of a topic that is mirrored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReadyTopic {
    pub(super) target: TopicName,
    pub(super) partitions: i32,
    pub(super) target_partitions: i32,
    pub(super) source_id: Option<String>,
    pub(super) target_id: Option<String>,
    /// What tells the target cluster from others.
    pub(super) target_cluster: Option<String>,
    pub(super) limits: TargetLimits,
}

impl ReadyTopic {
    /// What a survey has found.
    pub(super) fn of(topic: &SurveyedTopic, target: &ClusterFacts) -> Self {
        Self {
            target: topic.target.clone(),
            partitions: topic.source.partitions,
            target_partitions: topic.target_facts.as_ref().map_or(0, |facts| facts.partitions),
            source_id: topic.source.id.clone(),
            target_id: topic.target_facts.as_ref().and_then(|facts| facts.id.clone()),
            target_cluster: cluster_mark(target),
            limits: topic.limits.clone(),
        }
    }

    /// The target partition of one of its partitions, if it exists.
    pub(super) fn target_of(&self, source: &TopicPartition) -> Option<TopicPartition> {
        (source.partition < self.target_partitions).then(|| TopicPartition::new(self.target.clone(), source.partition))
    }

    /// The note for a position of `flow` in this topic.
    pub(super) fn note(&self, flow: &FlowName) -> ProgressNote {
        ProgressNote::new(flow, self)
    }

    /// Why a position of this note cannot be used: the source or the target topic is another one of the same name.
    pub(super) fn recreation(&self, stored: &ProgressNote, position: i64) -> Option<BlockedReason> {
        if let (Some(old_id), Some(new_id)) = (&stored.topic_id, &self.source_id)
            && old_id != new_id
        {
            return Some(BlockedReason::TopicRecreated { old_id: old_id.clone(), new_id: new_id.clone(), position });
        }
        if let (Some(old_id), Some(new_id)) = (&stored.target_id, &self.target_id)
            && old_id != new_id
        {
            return Some(BlockedReason::TargetTopicRecreated { target_topic: self.target.clone(), position });
        }
        None
    }
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
    /// Take over the progress of another flow, given as its group or its name, for all partitions that have none. Good
    /// for the next start.
    Adopt(String),
    /// Mirror the topic, although it is new since the flow began.
    Mirror,
}

/// Does the work.
pub(super) fn run(context: &JobContext, job: Job) -> JobOutcome {
    match job {
        Job::Prepare(request) => JobOutcome::Prepared(prepare::prepare(context, &request).map(Box::new)),
        Job::Position { shard, generation, assignment, partitions, topics, decisions, others } => {
            let mut events = Vec::new();
            let asked = position::Asked { topics: &topics, decisions: &decisions, others: &others };
            let result = position::position(context, &partitions, asked, &mut events);
            JobOutcome::Positioned { shard, generation, assignment, partitions, result, events }
        }
        Job::Diagnose(diagnosis) => {
            let result = diagnose::diagnose(context, &diagnosis);
            JobOutcome::Diagnosed { diagnosis, result }
        }
        Job::Examine(stall) => {
            let result = examine::examine(context, &stall);
            JobOutcome::Examined { stall, result }
        }
        Job::Lead { source, target } => JobOutcome::Led(leaders::find(context, &source, &target)),
        Job::Resolve { partitions, topics, at } => {
            let result = resolve::resolve_with_notes(context, &partitions, &topics, &at);
            JobOutcome::Resolved { at, result }
        }
        Job::CheckPositions { positions, topics } => {
            JobOutcome::PositionsChecked(set_positions::check(context, positions, &topics))
        }
        Job::CommitPositions { positions } => {
            JobOutcome::PositionsCommitted(set_positions::commit(context, &positions))
        }
        Job::Adopt { partitions, topics, from } => {
            let adopt =
                |facts| adopt::adopt(&context.spec, context.source.as_ref(), &facts, &from, &partitions, &topics);
            let result = context.target.facts().map_err(AdoptError::Fault).and_then(adopt);
            JobOutcome::Adopted { from, result }
        }
    }
}
