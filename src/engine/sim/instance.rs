//! One instance of the mirror: a flow with its shards, and the queues between them that threads and channels are in
//! earnest.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::cluster::{FakeCluster, Shared, lock};
use super::kafka::{Kafka, WriterLane, topic_number};
use super::transport::FakeTransport;
use crate::config::Config;
use crate::engine::event::EventKind;
use crate::engine::fault::Side;
use crate::engine::flow::{Flow, FlowEffect, FlowInput};
use crate::engine::job::{self, Decision, Job, JobContext, JobOutcome};
use crate::engine::lane::{Lane, Phase};
use crate::engine::ports::Cluster;
use crate::engine::progress::ProgressNote;
use crate::engine::shard::{Now, Shard, ShardCommand, ShardReport};
use crate::engine::spec::FlowSpec;
use crate::engine::state::{FlowSnapshot, FlowState};
use crate::model::{FlowName, SetPosition, StartPosition, TopicPartition};

pub(super) struct Instance {
    kafka: Shared,
    flow: Flow,
    pub(super) shards: BTreeMap<u32, Slot>,
    reports: VecDeque<FlowInput>,
    pub(super) job: Option<Job>,
    outcome: Option<JobOutcome>,
    pub(super) events: Vec<EventKind>,
}

/// A shard with its inbox.
pub(super) struct Slot {
    pub(super) shard: Shard,
    generation: u32,
    /// Its transport.
    writer: u32,
    inbox: VecDeque<ShardCommand>,
}

/// The flow `f` of all simulations, to be varied.
pub(super) fn spec() -> FlowSpec {
    static CONFIG: OnceLock<Config> = OnceLock::new();
    let config = CONFIG.get_or_init(|| {
        let text = "[clusters.a]\nbootstrap_servers = \"a:9092\"\n[clusters.b]\nbootstrap_servers = \"b:9092\"\n\
                    [flows.f]\nsource = \"a\"\ntarget = \"b\"\ninclude = [\".*\"]\nrename = \"identity\"\n";
        Config::parse(text, "simulation").unwrap_or_else(|error| panic!("{error}"))
    });
    let name = FlowName::from("f");
    let config = config.flows.get(&name).expect("the flow is in the text").clone();
    FlowSpec { name, config }
}

impl Instance {
    pub(super) fn start(kafka: &Shared, spec: &FlowSpec, decisions: Vec<Decision>) -> Self {
        let mut instance = Self::idle(kafka, spec, decisions);
        instance.tell(FlowInput::Start);
        instance
    }

    /// An instance whose flow was not started.
    pub(super) fn idle(kafka: &Shared, spec: &FlowSpec, decisions: Vec<Decision>) -> Self {
        let spec = Arc::new(spec.clone());
        Self {
            kafka: kafka.clone(),
            flow: Flow::new(spec, decisions),
            shards: BTreeMap::new(),
            reports: VecDeque::new(),
            job: None,
            outcome: None,
            events: Vec::new(),
        }
    }

    pub(super) fn tell(&mut self, input: FlowInput) {
        let now = self.now().monotonic;
        let effects = self.flow.handle(input, now);
        for effect in effects {
            self.perform(effect);
        }
    }

    fn now(&self) -> Now {
        let monotonic = lock(&self.kafka).now;
        Now { monotonic, wall_ms: 1_700_000_000_000 + monotonic.as_millis() as i64 }
    }

    fn perform(&mut self, effect: FlowEffect) {
        match effect {
            FlowEffect::Run(job) => {
                assert!(self.job.is_none() && self.outcome.is_none(), "one job at a time");
                self.job = Some(job);
            }
            FlowEffect::StartShard { spec, settings, generation } => {
                let is_running = self.shards.get(&spec.shard).is_some_and(|slot| !slot.shard.has_ended());
                assert!(!is_running, "a shard is replaced only when it has ended");
                let transport = FakeTransport::new(&self.kafka);
                let writer = transport.id;
                let shard = Shard::new(settings, Box::new(transport));
                self.shards.insert(spec.shard, Slot { shard, generation, writer, inbox: VecDeque::new() });
            }
            FlowEffect::Tell { shard, command } => {
                if let Some(slot) = self.shards.get_mut(&shard) {
                    slot.inbox.push_back(command);
                }
            }
            FlowEffect::Emit(event) => self.events.push(event),
            FlowEffect::Retire => {}
        }
    }

    /// The shard carries out `orders` of its orders and does one round of work.
    pub(super) fn step_shard(&mut self, index: u32, orders: usize) {
        let now = self.now();
        let Some(slot) = self.shards.get_mut(&index).filter(|slot| !slot.shard.has_ended()) else { return };
        for _ in 0..orders {
            let Some(command) = slot.inbox.pop_front() else { break };
            watch(&self.kafka, slot, command, now);
        }
        slot.shard.step(now);
        check_blocked(&self.kafka, slot);
        let (generation, reports) = (slot.generation, slot.shard.take_reports());
        for report in &reports {
            if let ShardReport::NotMoved { partition, .. } = report {
                lock(&self.kafka).ledger.account(partition).announce(None);
            }
        }
        if !reports.is_empty() {
            self.reports.push_back(FlowInput::Shard { shard: index, generation, reports });
        }
    }

    /// The flow hears the oldest report.
    pub(super) fn deliver(&mut self) {
        if let Some(input) = self.reports.pop_front() {
            self.tell(input);
        }
    }

    /// The job looks at the clusters, or its outcome arrives: what happens in between has been overlooked.
    pub(super) fn step_job(&mut self) {
        if let Some(outcome) = self.outcome.take() {
            self.tell(FlowInput::Job(outcome));
        } else if let Some(job) = self.job.take() {
            let cluster = |side| -> Arc<dyn Cluster> { Arc::new(FakeCluster { kafka: self.kafka.clone(), side }) };
            let now_ms = self.now().wall_ms;
            let (source, target) = (cluster(Side::Source), cluster(Side::Target));
            self.outcome = Some(job::run(&JobContext { spec: self.flow.spec().clone(), source, target, now_ms }, job));
        }
    }

    pub(super) fn tick(&mut self) {
        self.tell(FlowInput::Tick);
    }

    pub(super) fn drain(&mut self, within: Duration) {
        let deadline = self.now().monotonic + within;
        self.tell(FlowInput::Drain { deadline });
    }

    pub(super) fn set_positions(&mut self, positions: &[(&str, i32, i64)]) {
        let positions: Vec<SetPosition> = positions
            .iter()
            .map(|(topic, partition, offset)| SetPosition {
                topic: (*topic).into(),
                partition: *partition,
                offset: *offset,
            })
            .collect();
        for position in &positions {
            lock(&self.kafka).ledger.account(&position.partition()).ordered = Some(position.offset);
        }
        self.tell(FlowInput::SetPositions(positions));
    }

    pub(super) fn resume_at(&mut self, at: StartPosition) {
        let scope = crate::engine::Scope::flow(self.flow.spec().name.clone());
        self.tell(FlowInput::ResumeAt { scope, at });
    }

    /// The flow, whatever the time is.
    pub(super) fn view(&self) -> FlowSnapshot {
        self.flow.snapshot(0)
    }

    pub(super) fn snapshot(&self) -> FlowSnapshot {
        self.flow.snapshot(self.now().wall_ms)
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.snapshot().state == FlowState::Stopped && self.reports.is_empty()
    }
}

/// Carries out one order, and writes down what it means for what is owed.
fn watch(kafka: &Shared, slot: &mut Slot, command: ShardCommand, now: Now) {
    let Slot { shard, writer, .. } = slot;
    let mut begun = Vec::new();
    let mut skipped = None;
    let is_reposition = matches!(command, ShardCommand::Reposition { .. });
    match &command {
        ShardCommand::Attach { lanes, .. } => begun.extend(lanes.iter().map(|lane| lane.source.clone())),
        ShardCommand::Reposition { partition, .. } => begun.push(partition.clone()),
        ShardCommand::Move { partition, position, .. } => announce_move(kafka, shard, partition, *position),
        ShardCommand::Skip { partition, offset } => skipped = Some((partition.clone(), *offset)),
        _ => {}
    }
    shard.handle(command, now);
    let skipped_at = skipped.as_ref().map(|(_, at)| *at);
    let is_taken =
        |report: &ShardReport| matches!(report, ShardReport::Skipped { offset, .. } if Some(*offset) == skipped_at);
    let has_skipped = shard.reports().iter().any(is_taken);
    let mut state = lock(kafka);
    for lane in shard.lanes().filter(|lane| begun.contains(&lane.source)) {
        let position = (lane.phase == Phase::Starting).then(|| lane.position());
        let account = state.ledger.account(&lane.source);
        account.announce(position);
        // A reposition is an operator's word, whatever else was said and done since.
        account.may_jump |= is_reposition;
        bind(&mut state, *writer, lane);
        allow_in_flight(&mut state, *writer, lane);
    }
    if let (Some((partition, offset)), true) = (skipped, has_skipped) {
        state.ledger.account(&partition).give_up(offset);
    }
}

/// An operator's word that a lane goes on elsewhere: from now on it takes nothing before the group has that position.
fn announce_move(kafka: &Shared, shard: &Shard, partition: &TopicPartition, position: i64) {
    let lane = shard.lanes().find(|lane| lane.source == *partition);
    if lane.is_some_and(|lane| lane.phase != Phase::Draining) {
        let mut state = lock(kafka);
        let account = state.ledger.account(partition);
        account.announce(Some(position));
        account.may_jump = true;
    }
}

/// What a lane has in flight when it is sent elsewhere may land, and is copied again if the new position is an earlier
/// one.
fn allow_in_flight(state: &mut Kafka, writer: u32, lane: &Lane) {
    let in_flight = own(state, writer, lane).map_or(0, |found| found.in_flight.len());
    state.ledger.account(&lane.source).licence += in_flight as u64;
}

/// A transport that knows topics by their ids keeps to those the position belongs to. What a client that knows them by
/// name does between a new creation and the next refresh is not looked at.
fn bind(state: &mut Kafka, writer: u32, lane: &Lane) {
    let note = ProgressNote::parse(&lane.note);
    if let Some(found) = own(state, writer, lane) {
        found.source_id = topic_number(note.topic_id.as_deref());
        found.target_id = topic_number(note.target_id.as_deref());
    }
}

/// I9: a lane that is blocked, or has not committed its start, does not read.
fn check_blocked(kafka: &Shared, slot: &Slot) {
    let mut state = lock(kafka);
    let mut reading = Vec::new();
    for lane in slot.shard.lanes() {
        let is_held = matches!(lane.phase, Phase::Blocked(_) | Phase::Starting) || lane.is_paused;
        let reads = own(&mut state, slot.writer, lane).is_some_and(|found| found.is_reading());
        if is_held && reads {
            reading.push(format!("I9: {} reads while it is {:?}, paused: {}", lane.source, lane.phase, lane.is_paused));
        }
    }
    state.violations.extend(reading);
}

/// What the shard's own transport has of a lane: nothing any more when it is closed. Another instance's may have a lane
/// of the same id for the same partition.
fn own<'a>(state: &'a mut Kafka, writer: u32, lane: &Lane) -> Option<&'a mut WriterLane> {
    state.writers.get_mut(&writer)?.lanes.get_mut(&lane.id)
}
