//! The task that drives a flow: inputs in, effects done, snapshots out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};

use super::{Flow, FlowEffect, FlowInput};
use crate::engine::clock::Clock;
use crate::engine::event::EventKind;
use crate::engine::fault::{Fault, FaultKind, Side};
use crate::engine::job::{self, AdoptError, Decision, FoundLeaders, Job, JobContext, JobOutcome};
use crate::engine::ports::{Kafka, ShardSpec};
use crate::engine::shard::{Shard, ShardCommand, ShardReport, ShardSettings, ShardThread};
use crate::engine::spec::FlowSpec;
use crate::engine::state::FlowSnapshot;
use crate::model::FlowName;

/// How often a flow looks at its timers and publishes its snapshot.
const TICK: Duration = Duration::from_millis(200);

/// What a flow tells the dispatcher.
#[derive(Debug)]
pub(in crate::engine) enum FlowUpdate {
    Event(FlowName, EventKind),
    Snapshot(Arc<FlowSnapshot>),
    /// The flow is forgotten; its task has ended.
    Retired(FlowName),
}

/// A running flow task. It ends when the handle is dropped.
pub(in crate::engine) struct FlowHandle {
    inputs: UnboundedSender<FlowInput>,
}

impl FlowHandle {
    /// Starts the task. The flow itself is stopped until it is told to start.
    ///
    /// The channels are unbounded because nothing floods them: an operator, one job at a time, and a few reports per
    /// shard and quarter second.
    pub(in crate::engine) fn spawn(
        spec: FlowSpec,
        decisions: Vec<Decision>,
        kafka: Arc<dyn Kafka>,
        clock: Arc<dyn Clock>,
        updates: UnboundedSender<FlowUpdate>,
    ) -> Self {
        let (inputs, inbox) = unbounded_channel();
        let spec = Arc::new(spec);
        let task = Task {
            flow: Flow::new(spec, decisions),
            kafka,
            clock,
            updates,
            inputs: inputs.downgrade(),
            shards: BTreeMap::new(),
        };
        tokio::spawn(task.run(inbox));
        Self { inputs }
    }

    pub(in crate::engine) fn send(&self, input: FlowInput) {
        let _ = self.inputs.send(input);
    }
}

struct Task {
    flow: Flow,
    kafka: Arc<dyn Kafka>,
    clock: Arc<dyn Clock>,
    updates: UnboundedSender<FlowUpdate>,
    /// Weak, so that the task ends with its handle.
    inputs: tokio::sync::mpsc::WeakUnboundedSender<FlowInput>,
    shards: BTreeMap<u32, ShardThread>,
}

impl Task {
    async fn run(mut self, mut inbox: UnboundedReceiver<FlowInput>) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let input = tokio::select! {
                input = inbox.recv() => match input {
                    Some(input) => input,
                    None => return,
                },
                _ = ticks.tick() => FlowInput::Tick,
            };
            let is_tick = matches!(input, FlowInput::Tick);
            let effects = self.flow.handle(input, self.clock.monotonic());
            let has_effects = !effects.is_empty();
            for effect in effects {
                if matches!(effect, FlowEffect::Retire) {
                    let _ = self.updates.send(FlowUpdate::Retired(self.flow.spec().name.clone()));
                    return;
                }
                self.perform(effect);
            }
            if is_tick || has_effects {
                let snapshot = self.flow.snapshot(self.clock.wall_ms());
                let _ = self.updates.send(FlowUpdate::Snapshot(Arc::new(snapshot)));
            }
        }
    }

    fn perform(&mut self, effect: FlowEffect) {
        match effect {
            FlowEffect::Run(job) => self.run_job(job),
            FlowEffect::StartShard { spec, settings, generation } => self.start_shard(spec, settings, generation),
            FlowEffect::Tell { shard, command } => self.tell(shard, command),
            FlowEffect::Retire => {}
            FlowEffect::Emit(kind) => {
                let _ = self.updates.send(FlowUpdate::Event(self.flow.spec().name.clone(), kind));
            }
        }
    }

    fn run_job(&self, job: Job) {
        let (spec, kafka, inputs) = (self.flow.spec().clone(), self.kafka.clone(), self.inputs.clone());
        let now_ms = self.clock.wall_ms();
        spawn_blocking(move || {
            let outcome = match open(&spec, kafka.as_ref(), now_ms) {
                Ok(context) => job::run(&context, job),
                Err(fault) => fail(job, fault),
            };
            if let Some(inputs) = inputs.upgrade() {
                let _ = inputs.send(FlowInput::Job(outcome));
            }
        });
    }

    fn start_shard(&mut self, spec: ShardSpec, settings: ShardSettings, generation: u32) {
        let (shard, kafka, inputs) = (spec.shard, self.kafka.clone(), self.inputs.clone());
        let report = move |reports: Vec<ShardReport>| {
            if let Some(inputs) = inputs.upgrade() {
                let _ = inputs.send(FlowInput::Shard { shard, generation, reports });
            }
        };
        let name = format!("{}-{shard}", spec.flow);
        let open = move || Ok(Shard::new(settings, kafka.transport(&spec)?));
        match ShardThread::spawn(name, self.clock.clone(), open, report.clone()) {
            Ok(thread) => {
                self.shards.insert(shard, thread);
            }
            Err(error) => {
                let fault =
                    Fault::new(FaultKind::Other, Side::Source, format!("start shard {shard}"), error.to_string());
                report(vec![ShardReport::Ended { fault: Some(fault), unsettled_records: 0 }]);
            }
        }
    }

    fn tell(&self, shard: u32, command: ShardCommand) {
        if let Some(thread) = self.shards.get(&shard) {
            thread.tell(command);
        }
    }
}

fn open(spec: &Arc<FlowSpec>, kafka: &dyn Kafka, now_ms: i64) -> Result<JobContext, Fault> {
    let source = kafka.cluster(&spec.config.source, Side::Source)?;
    let target = kafka.cluster(&spec.config.target, Side::Target)?;
    Ok(JobContext { spec: spec.clone(), source, target, now_ms })
}

/// The outcome of a job that could not even begin.
fn fail(job: Job, fault: Fault) -> JobOutcome {
    match job {
        Job::Prepare(_) => JobOutcome::Prepared(Err(fault)),
        Job::Position { shard, generation, assignment, partitions, .. } => {
            JobOutcome::Positioned { shard, generation, assignment, partitions, result: Err(fault), events: Vec::new() }
        }
        Job::Diagnose(diagnosis) => JobOutcome::Diagnosed { diagnosis, result: Err(fault) },
        Job::Examine(stall) => JobOutcome::Examined { stall, result: Err(fault) },
        Job::Lead { .. } => JobOutcome::Led(FoundLeaders::default()),
        Job::Resolve { at, .. } => JobOutcome::Resolved { at, result: Err(fault) },
        Job::CheckPositions { .. } => JobOutcome::PositionsChecked(Err(fault.to_string())),
        Job::CommitPositions { .. } => JobOutcome::PositionsCommitted(Err(fault.to_string())),
        Job::Adopt { from, .. } => JobOutcome::Adopted { from, result: Err(AdoptError::Fault(fault)) },
    }
}
