//! One flow: which topics are mirrored, by which shards, and what holds it up.
//!
//! A state machine like the shard: [`Flow::handle`] takes one input and returns what is to be done. `task.rs` drives it
//! for real, the simulation tests drive it step by step.
//!
//! ```text
//!   Stopped --start--> Starting --prepared--> Active --drain--> Draining --shards ended--> Stopped
//!                        |  ^                   |  ^
//!        conflict: Refused  +-- again, later ---+  +-- refresh, shard replaced
//! ```

mod assignment;
mod configure;
mod new_topics;
mod operator;
mod outage;
mod preparation;
mod set_positions;
mod task;
mod view;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::budget::Budget;
use super::command::Scope;
use super::event::EventKind;
use super::fault::{Fault, Side};
use super::job::{Decision, Job, JobOutcome, ReadyTopic};
use super::ports::{ClusterFacts, GroupProtocol, ShardSpec};
use super::reason::{BlockedReason, Hindrance, OtherFlow, WaitingReason};
use super::shard::{ShardCommand, ShardReport, ShardSettings};
use super::spec::FlowSpec;
use super::state::{FlowState, Histogram, LaneSnapshot, Totals};
use super::time_use::TimeUse;
use crate::config::{self, FlowConfig};
use crate::model::{Delays, RateMeter, Selection, SetPosition, StartPosition, TopicName, TopicPartition};

use outage::{BrokerAway, Outages};
use set_positions::Moving;
pub(super) use task::{FlowHandle, FlowUpdate};

/// The first pause before something that failed is tried again; it doubles up to [`RETRY_MAX`].
const RETRY_MIN: Duration = Duration::from_secs(1);
/// The longest pause before something that failed is tried again.
const RETRY_MAX: Duration = Duration::from_secs(30);

/// See the module.
pub(super) struct Flow {
    spec: Arc<FlowSpec>,
    stage: Stage,
    topics: BTreeMap<TopicName, Topic>,
    shards: BTreeMap<u32, ShardView>,
    /// Held by an operator; lanes that are attached later are held too.
    paused: Vec<Scope>,
    /// Given beforehand.
    decisions: Vec<Decision>,
    /// Given for partitions that have no lane yet, each good for the next one.
    promises: Vec<Decision>,
    /// Partitions without progress that another flow has copied before, as the last start found.
    others: BTreeMap<TopicPartition, OtherFlow>,
    /// Missing target topics an operator allowed to be made again.
    may_recreate: BTreeSet<TopicName>,
    /// Lanes that are being set elsewhere at an operator's word.
    moving: Option<Moving>,
    /// Whether the job that runs is about that.
    is_setting: bool,
    jobs: VecDeque<Job>,
    is_job_running: bool,
    /// Whether the running job belongs to a run that was stopped: what comes of it is nothing to the next run.
    is_job_stale: bool,
    /// Jobs and shards that failed, with the time to try again.
    retries: Vec<(Duration, Retry)>,
    refresh_at: Duration,
    is_refresh_queued: bool,
    backoff: Duration,
    /// Who the clusters are, as the last look found.
    source: ClusterFacts,
    target: ClusterFacts,
    /// The source offers the group protocol of KIP-848, but did not take it.
    is_new_protocol_refused: bool,
    /// What the flow is to be from its next start on.
    next: Option<FlowConfig>,
    /// Whether it starts as soon as it has stopped.
    starts_again: bool,
    /// The rules before they were changed, until a look at both clusters has told what the new ones add.
    rules_before: Option<Selection>,
    /// Topics the changed rules have added, or an operator: wanted, however new they are to the flow.
    wanted: BTreeSet<TopicName>,
    /// New topics an operator wants to be left alone, where the flow would ask about them.
    unwanted: BTreeSet<TopicName>,
    /// The running look at both clusters is for what the flow was.
    is_prepare_outdated: bool,
    /// What holds the whole flow up.
    hindrance: Option<Hindrance>,
    /// Which lanes wait for single brokers.
    outages: Outages,
    /// Moved by lanes that are gone: released ones, and those of shards that ended.
    past: Totals,
    commits: u64,
    commit_failures: u64,
    faults: u64,
    latency: Histogram,
    delays: Delays,
    /// When what was counted in `delays` faded last.
    faded_at: Duration,
    meter: RateMeter,
    shown: Option<FlowState>,
    effects: Vec<FlowEffect>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    Stopped,
    Refused(String),
    Starting,
    Active,
    Draining { deadline: Duration },
}

/// An included topic.
#[derive(Clone, Debug)]
struct Topic {
    ready: ReadyTopic,
    blocked: Option<BlockedReason>,
    is_ignored: bool,
}

impl Topic {
    /// Whether nothing of it was ever mirrored, because it is new to the flow: it is ignored, or asked about.
    fn is_left_alone(&self) -> bool {
        self.is_ignored || self.is_held_back()
    }

    /// Whether it is new to the flow, and an operator is asked about it.
    fn is_held_back(&self) -> bool {
        self.blocked == Some(BlockedReason::NewTopic)
    }
}

/// A shard as its reports tell.
#[derive(Debug, Default)]
struct ShardView {
    /// Tells a shard from the one it replaced.
    generation: u32,
    is_live: bool,
    /// Whether the group has assigned anything since the shard was started, even nothing.
    has_joined: bool,
    /// Assigned partitions without a lane yet.
    pending: usize,
    lanes: BTreeMap<TopicPartition, LaneSnapshot>,
    in_flight_bytes: u64,
    time_use: TimeUse,
    unsettled_records: u64,
    trouble: Option<WaitingReason>,
    /// Brokers its clients do not reach.
    down: BTreeMap<(Side, i32), BrokerAway>,
    subscription: Vec<TopicName>,
}

#[derive(Clone, Debug)]
enum Retry {
    Prepare,
    Job(Box<Job>),
    Shard(u32),
}

/// What a flow is told.
#[derive(Debug)]
pub(super) enum FlowInput {
    Start,
    Drain { deadline: Duration },
    Pause(Scope),
    Resume(Scope),
    ResumeAt { scope: Scope, at: StartPosition },
    SkipRecord { scope: Scope, offset: i64 },
    SetPositions(Vec<SetPosition>),
    MirrorTopic(TopicName),
    IgnoreTopic(TopicName),
    Adopt { from: String },
    Configure { config: Box<FlowConfig>, may_restart: bool },
    Retire,
    Job(JobOutcome),
    Shard { shard: u32, generation: u32, reports: Vec<ShardReport> },
    Tick,
}

/// What a flow wants done.
#[derive(Debug)]
pub(super) enum FlowEffect {
    /// Do a job and bring the outcome. Never more than one at a time.
    Run(Job),
    /// Start a shard, whose reports carry this generation.
    StartShard { spec: ShardSpec, settings: ShardSettings, generation: u32 },
    /// Tell a shard something.
    Tell { shard: u32, command: ShardCommand },
    /// Let the world know.
    Emit(EventKind),
    /// Forget the flow.
    Retire,
}

impl Flow {
    pub(super) fn new(spec: Arc<FlowSpec>, decisions: Vec<Decision>) -> Self {
        Self {
            spec,
            stage: Stage::Stopped,
            topics: BTreeMap::new(),
            shards: BTreeMap::new(),
            paused: Vec::new(),
            decisions,
            promises: Vec::new(),
            others: BTreeMap::new(),
            may_recreate: BTreeSet::new(),
            moving: None,
            is_setting: false,
            jobs: VecDeque::new(),
            is_job_running: false,
            is_job_stale: false,
            retries: Vec::new(),
            refresh_at: Duration::ZERO,
            is_refresh_queued: false,
            backoff: RETRY_MIN,
            source: ClusterFacts::default(),
            target: ClusterFacts::default(),
            is_new_protocol_refused: false,
            next: None,
            starts_again: false,
            rules_before: None,
            wanted: BTreeSet::new(),
            unwanted: BTreeSet::new(),
            is_prepare_outdated: false,
            hindrance: None,
            outages: Outages::default(),
            past: Totals::default(),
            commits: 0,
            commit_failures: 0,
            faults: 0,
            latency: Histogram::default(),
            delays: Delays::default(),
            faded_at: Duration::ZERO,
            meter: RateMeter::default(),
            shown: None,
            effects: Vec::new(),
        }
    }

    /// Takes one input, and returns what is to be done now.
    pub(super) fn handle(&mut self, input: FlowInput, now: Duration) -> Vec<FlowEffect> {
        match input {
            FlowInput::Start => self.start(),
            FlowInput::Drain { deadline } => {
                self.starts_again = false;
                self.drain(deadline);
            }
            FlowInput::Pause(scope) => self.pause(scope),
            FlowInput::Resume(scope) => self.resume(scope),
            FlowInput::ResumeAt { scope, at } => self.resume_at(scope, at),
            FlowInput::SkipRecord { scope, offset } => self.skip_record(&scope, offset),
            FlowInput::SetPositions(positions) => self.set_positions(positions),
            FlowInput::MirrorTopic(topic) => self.mirror_topic(topic),
            FlowInput::IgnoreTopic(topic) => self.ignore_topic(topic),
            FlowInput::Adopt { from } => self.adopt(from),
            FlowInput::Configure { config, may_restart } => self.configure(*config, may_restart, now),
            FlowInput::Retire => self.retire(),
            FlowInput::Job(outcome) => self.finish_job(outcome, now),
            FlowInput::Shard { shard, generation, reports } => self.hear_shard(shard, generation, reports, now),
            FlowInput::Tick => self.tick(now),
        }
        self.run_next_job();
        self.show_state();
        std::mem::take(&mut self.effects)
    }

    fn start(&mut self) {
        if !matches!(self.stage, Stage::Stopped | Stage::Refused(_)) {
            self.refuse("start", "the flow is running");
            return;
        }
        self.stage = Stage::Starting;
        self.hindrance = None;
        self.backoff = RETRY_MIN;
        self.queue_prepare();
    }

    fn drain(&mut self, deadline: Duration) {
        match &mut self.stage {
            Stage::Stopped | Stage::Refused(_) => return,
            Stage::Draining { deadline: earlier } => *earlier = deadline.min(*earlier),
            Stage::Starting | Stage::Active => self.stage = Stage::Draining { deadline },
        }
        self.drop_set_positions();
        self.jobs.clear();
        self.is_job_stale = self.is_job_running;
        self.retries.clear();
        self.is_refresh_queued = false;
        self.is_prepare_outdated = false;
        self.outages = Outages::default();
        self.tell_all(|| ShardCommand::Drain { deadline });
        self.stop_if_drained();
    }

    fn stop_if_drained(&mut self) {
        if matches!(self.stage, Stage::Draining { .. }) && self.shards.values().all(|shard| !shard.is_live) {
            self.stage = Stage::Stopped;
            self.hindrance = None;
            self.after_stop();
        }
    }

    fn tick(&mut self, now: Duration) {
        let due: Vec<Retry> =
            self.retries.iter().filter(|(at, _)| *at <= now).map(|(_, retry)| retry.clone()).collect();
        self.retries.retain(|(at, _)| *at > now);
        for retry in due {
            match retry {
                Retry::Prepare => self.queue_prepare(),
                Retry::Job(job) => self.jobs.push_back(*job),
                Retry::Shard(shard) => self.start_shard(shard),
            }
        }
        if self.stage == Stage::Active && now >= self.refresh_at && !self.is_refresh_queued {
            self.queue_prepare();
        }
        self.look_for_leaders(now);
        self.measure(now);
    }

    fn run_next_job(&mut self) {
        if self.is_job_running {
            return;
        }
        if let Some(mut job) = self.jobs.pop_front() {
            // What is known of the topics now, not when the job was asked for: a refresh that found a topic created
            // again in between has told the lanes there were, and this one's would begin in the new topic unnoticed.
            if let Job::Position { partitions, topics, decisions, others, .. } = &mut job {
                *topics = self.ready_topics(partitions);
                others.clone_from(&self.others);
                *decisions = self.decisions.iter().chain(&self.promises).cloned().collect();
            }
            if let Job::CheckPositions { positions, topics } = &mut job {
                let partitions: Vec<TopicPartition> = positions.keys().cloned().collect();
                *topics = self.ready_topics(&partitions);
            }
            if let Job::Resolve { partitions, topics, .. } | Job::Adopt { partitions, topics, .. } = &mut job {
                *topics = self.ready_topics(partitions);
            }
            self.is_job_running = true;
            self.is_setting = matches!(job, Job::CheckPositions { .. } | Job::CommitPositions { .. });
            self.effects.push(FlowEffect::Run(job));
        }
    }

    fn ready_topics(&self, partitions: &[TopicPartition]) -> BTreeMap<TopicName, ReadyTopic> {
        self.topics
            .iter()
            .filter(|(name, _)| partitions.iter().any(|partition| partition.topic == **name))
            .map(|(name, topic)| (name.clone(), topic.ready.clone()))
            .collect()
    }

    fn is_current(&self, shard: u32, generation: u32) -> bool {
        self.shards.get(&shard).is_some_and(|view| view.generation == generation)
    }

    fn finish_job(&mut self, mut outcome: JobOutcome, now: Duration) {
        self.is_job_running = false;
        self.is_setting = false;
        if let JobOutcome::PositionsCommitted(result) = outcome {
            // Done is done, whatever became of the flow since.
            self.is_job_stale = false;
            return self.finish_commit_positions(result);
        }
        if std::mem::take(&mut self.is_job_stale) || !matches!(self.stage, Stage::Starting | Stage::Active) {
            self.note_stale(&outcome);
            return;
        }
        if let JobOutcome::Positioned { events, .. } = &mut outcome {
            // Done is done, whoever asked for it.
            self.effects.extend(events.drain(..).map(FlowEffect::Emit));
        }
        match outcome {
            JobOutcome::Prepared(result) if std::mem::take(&mut self.is_prepare_outdated) => {
                self.drop_outdated(result.ok().map(|prepared| *prepared));
            }
            JobOutcome::Prepared(result) => self.finish_prepare(result, now),
            // The shard that asked has been replaced. Its successor's lanes are not those the answer is about:
            // positions found for the one may have been overtaken by another instance before the other was assigned
            // them.
            JobOutcome::Positioned { shard, generation, .. } if !self.is_current(shard, generation) => {}
            JobOutcome::Diagnosed { diagnosis, .. } if !self.is_current(diagnosis.shard, diagnosis.generation) => {}
            JobOutcome::Positioned { shard, assignment, partitions, result, .. } => {
                self.finish_position(shard, assignment, partitions, result, now);
            }
            JobOutcome::Diagnosed { diagnosis, result } => self.finish_diagnose(diagnosis, result, now),
            JobOutcome::Examined { stall, result } => self.finish_examine(&stall, result),
            JobOutcome::Led(found) => self.finish_leaders(&found, now),
            JobOutcome::Resolved { at, result } => self.finish_resolve(&at, result),
            JobOutcome::Adopted { from, result } => self.finish_adopt(&from, result),
            JobOutcome::PositionsChecked(result) => self.finish_check_positions(result),
            JobOutcome::PositionsCommitted(_) => {}
        }
    }

    /// Tries something again later, later each time it fails.
    fn retry(&mut self, retry: Retry, now: Duration) {
        self.retries.push((now + self.backoff, retry));
        self.backoff = (self.backoff * 2).min(RETRY_MAX);
    }

    fn meet(&mut self, fault: Fault) {
        self.faults += 1;
        self.effects.push(FlowEffect::Emit(EventKind::Trouble { fault }));
    }

    fn tell(&mut self, shard: u32, command: ShardCommand) {
        self.effects.push(FlowEffect::Tell { shard, command });
    }

    fn tell_all(&mut self, command: impl Fn() -> ShardCommand) {
        let live: Vec<u32> = self.shards.iter().filter(|(_, view)| view.is_live).map(|(shard, _)| *shard).collect();
        for shard in live {
            self.tell(shard, command());
        }
    }

    /// The shard that owns a partition.
    fn owner(&self, partition: &TopicPartition) -> Option<u32> {
        self.shards.iter().find(|(_, view)| view.lanes.contains_key(partition)).map(|(shard, _)| *shard)
    }

    /// Partitions of lanes a scope means.
    fn covered(&self, scope: &Scope) -> Vec<TopicPartition> {
        self.shards
            .values()
            .flat_map(|view| view.lanes.keys())
            .filter(|partition| scope.covers(&partition.topic, partition.partition))
            .cloned()
            .collect()
    }

    fn refuse(&mut self, command: impl Into<String>, reason: impl Into<String>) {
        let (command, reason) = (command.into(), reason.into());
        self.effects.push(FlowEffect::Emit(EventKind::Refused { command, reason }));
    }

    fn start_shard(&mut self, shard: u32) {
        if self.stage != Stage::Active {
            return;
        }
        let view = self.shards.entry(shard).or_default();
        let generation = view.generation + 1;
        *view = ShardView { generation, is_live: true, ..ShardView::default() };
        let budget = self.budget();
        let spec = ShardSpec {
            flow: self.spec.name.clone(),
            shard,
            source: self.spec.config.source.clone(),
            target: self.spec.config.target.clone(),
            group: self.spec.config.group.clone(),
            protocol: self.group_protocol(),
            session_timeout: self.spec.config.session_timeout,
            refresh_interval: self.spec.config.refresh_interval,
            in_flight_bytes_max: self.in_flight_bytes_max(),
            target_features: self.target.features,
        };
        let settings = ShardSettings { shard, commit_interval: self.spec.config.commit_interval, budget };
        self.effects.push(FlowEffect::StartShard { spec, settings, generation });
        self.subscribe(shard);
    }

    /// What each shard may have in flight.
    fn in_flight_bytes_max(&self) -> u64 {
        self.spec.config.limits.in_flight_bytes / self.n_shares()
    }

    fn n_shares(&self) -> u64 {
        u64::from(self.spec.config.shards.max(1))
    }

    /// Each shard's share of the flow's limits.
    fn budget(&self) -> Budget {
        let (limits, share) = (&self.spec.config.limits, self.n_shares());
        Budget::new(
            self.in_flight_bytes_max(),
            limits.records_per_second.map(|cap| cap.div_ceil(share)),
            limits.bytes_per_second.map(|cap| cap.div_ceil(share)),
        )
    }

    /// What the flow is now.
    pub(super) fn spec(&self) -> &Arc<FlowSpec> {
        &self.spec
    }

    fn group_protocol(&self) -> GroupProtocol {
        match self.spec.config.group_protocol {
            config::GroupProtocol::Classic => GroupProtocol::Classic,
            config::GroupProtocol::Consumer => GroupProtocol::Consumer,
            config::GroupProtocol::Auto => {
                let is_offered = self.source.features.consumer_group_protocol && !self.is_new_protocol_refused;
                if is_offered { GroupProtocol::Consumer } else { GroupProtocol::Classic }
            }
        }
    }
}
