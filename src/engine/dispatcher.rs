//! The one loop that all commands and all flows' news pass through, in one order.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::clock::Clock;
use super::command::Command;
use super::event::{Event, EventKind};
use super::flow::{FlowHandle, FlowInput, FlowUpdate};
use super::guard::{AdmitAll, Guard};
use super::job::Decision;
use super::ports::Kafka;
use super::spec::FlowSpec;
use super::state::{FlowSnapshot, Snapshot};
use crate::config::FlowConfig;
use crate::model::FlowName;

/// A running engine. It ends after [`Command::Shutdown`], or when this is dropped.
pub struct Engine {
    commands: UnboundedSender<Command>,
    events: UnboundedReceiver<Event>,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    task: JoinHandle<()>,
}

impl Engine {
    /// Starts an engine with these flows. Those that are to start by themselves begin at once.
    ///
    /// Must be called within a tokio runtime. Events nobody takes are kept, so take them.
    pub fn start(specs: Vec<FlowSpec>, decisions: &[Decision], kafka: Arc<dyn Kafka>, clock: Arc<dyn Clock>) -> Self {
        Self::start_guarded(specs, decisions, kafka, clock, Arc::new(AdmitAll))
    }

    /// As [`start`](Self::start), with a guard that is asked before every command that changes the mirror.
    pub fn start_guarded(
        specs: Vec<FlowSpec>,
        decisions: &[Decision],
        kafka: Arc<dyn Kafka>,
        clock: Arc<dyn Clock>,
        guard: Arc<dyn Guard>,
    ) -> Self {
        let (commands, inbox) = unbounded_channel();
        let (event_sender, events) = unbounded_channel();
        let (updates, news) = unbounded_channel();
        let (snapshot_sender, snapshots) = watch::channel(Arc::new(Snapshot::default()));
        let mut flows = BTreeMap::new();
        for spec in specs {
            let (name, is_autostarted) = (spec.name.clone(), spec.config.autostart);
            let own: Vec<Decision> = decisions.iter().filter(|decision| decision.scope.flow == name).cloned().collect();
            let handle = FlowHandle::spawn(spec, own, kafka.clone(), clock.clone(), updates.clone());
            if is_autostarted {
                handle.send(FlowInput::Start);
            }
            flows.insert(name, handle);
        }
        let dispatcher = Dispatcher {
            flows,
            kafka,
            clock,
            guard,
            updates,
            events: event_sender,
            snapshots: snapshot_sender,
            shown: BTreeMap::new(),
            is_shutting_down: false,
        };
        let task = tokio::spawn(dispatcher.run(inbox, news));
        Self { commands, events, snapshots, task }
    }

    /// Sends a command. What comes of it shows in events and snapshots.
    pub fn send(&self, command: Command) {
        let _ = self.commands.send(command);
    }

    /// A sender of commands for others.
    pub fn commands(&self) -> UnboundedSender<Command> {
        self.commands.clone()
    }

    /// The next event; `None` when the engine has ended.
    pub async fn next_event(&mut self) -> Option<Event> {
        self.events.recv().await
    }

    /// The latest snapshot, again and again.
    pub fn snapshots(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.snapshots.clone()
    }

    /// Waits until the engine has ended.
    pub async fn ended(self) {
        let _ = self.task.await;
    }
}

struct Dispatcher {
    flows: BTreeMap<FlowName, FlowHandle>,
    kafka: Arc<dyn Kafka>,
    clock: Arc<dyn Clock>,
    guard: Arc<dyn Guard>,
    /// For flows that are added.
    updates: UnboundedSender<FlowUpdate>,
    events: UnboundedSender<Event>,
    snapshots: watch::Sender<Arc<Snapshot>>,
    shown: BTreeMap<FlowName, Arc<FlowSnapshot>>,
    is_shutting_down: bool,
}

impl Dispatcher {
    async fn run(mut self, mut inbox: UnboundedReceiver<Command>, mut news: UnboundedReceiver<FlowUpdate>) {
        loop {
            tokio::select! {
                command = inbox.recv() => match command {
                    Some(command) => self.admit(command),
                    None => return,
                },
                Some(update) = news.recv() => self.apply(update),
            }
            if self.is_shutting_down && self.shown.values().all(|flow| !flow.state.is_up()) {
                return;
            }
        }
    }

    /// Carries a command out, if the guard lets it through. Ending is never refused.
    fn admit(&mut self, command: Command) {
        match command.flow().cloned() {
            Some(flow) => match self.guard.admit(&command) {
                Ok(()) => self.dispatch(command),
                Err(reason) => self.emit(flow, EventKind::Refused { command: command.verb().to_owned(), reason }),
            },
            None => self.dispatch(command),
        }
    }

    fn dispatch(&mut self, command: Command) {
        match command {
            Command::Start { flow } => self.send(&flow, "start", || FlowInput::Start),
            Command::Stop { flow, drain_timeout } => {
                let deadline = self.deadline(drain_timeout);
                self.send(&flow, "stop", || FlowInput::Drain { deadline });
            }
            Command::Pause { scope } => self.send(&scope.flow.clone(), "pause", || FlowInput::Pause(scope)),
            Command::Resume { scope } => self.send(&scope.flow.clone(), "resume", || FlowInput::Resume(scope)),
            Command::ResumeAt { scope, at } => {
                self.send(&scope.flow.clone(), "resume", || FlowInput::ResumeAt { scope, at });
            }
            Command::Adopt { flow, from } => self.send(&flow, "adopt progress", || FlowInput::Adopt { from }),
            Command::MirrorTopic { flow, topic } => {
                self.send(&flow, "mirror a new topic", || FlowInput::MirrorTopic(topic));
            }
            Command::IgnoreTopic { flow, topic } => {
                self.send(&flow, "ignore a new topic", || FlowInput::IgnoreTopic(topic));
            }
            Command::SetPositions { flow, positions } => {
                self.send(&flow, "set positions", || FlowInput::SetPositions(positions));
            }
            Command::SkipRecord { scope, offset } => {
                self.send(&scope.flow.clone(), "skip a record", || FlowInput::SkipRecord { scope, offset });
            }
            Command::Configure { flow, config, may_restart } => self.configure(flow, config, may_restart),
            Command::Remove { flow } => self.send(&flow, "remove", || FlowInput::Retire),
            Command::Shutdown { drain_timeout } => {
                self.is_shutting_down = true;
                let deadline = self.deadline(drain_timeout);
                for flow in self.flows.values() {
                    flow.send(FlowInput::Drain { deadline });
                }
            }
        }
    }

    /// A flow that is not there yet begins stopped.
    fn configure(&mut self, flow: FlowName, config: Box<FlowConfig>, may_restart: bool) {
        if self.is_shutting_down {
            let reason = "kmirror is about to end".to_owned();
            self.emit(flow, EventKind::Refused { command: "configure".to_owned(), reason });
            return;
        }
        match self.flows.get(&flow) {
            Some(handle) => handle.send(FlowInput::Configure { config, may_restart }),
            None => {
                let spec = FlowSpec { name: flow.clone(), config: *config };
                let (kafka, clock) = (self.kafka.clone(), self.clock.clone());
                let handle = FlowHandle::spawn(spec, Vec::new(), kafka, clock, self.updates.clone());
                self.flows.insert(flow, handle);
            }
        }
    }

    fn deadline(&self, drain_timeout: Duration) -> Duration {
        self.clock.monotonic() + drain_timeout
    }

    fn send(&self, flow: &FlowName, command: &str, input: impl FnOnce() -> FlowInput) {
        match self.flows.get(flow) {
            Some(handle) => handle.send(input()),
            None => {
                let (command, reason) = (command.to_owned(), "there is no such flow".to_owned());
                self.emit(flow.clone(), EventKind::Refused { command, reason });
            }
        }
    }

    fn emit(&self, flow: FlowName, kind: EventKind) {
        let _ = self.events.send(Event { at_ms: self.clock.wall_ms(), flow, kind });
    }

    fn show(&self) {
        let flows = self.shown.values().cloned().collect();
        self.snapshots.send_replace(Arc::new(Snapshot { at_ms: self.clock.wall_ms(), flows }));
    }

    fn apply(&mut self, update: FlowUpdate) {
        match update {
            FlowUpdate::Event(flow, kind) => self.emit(flow, kind),
            FlowUpdate::Snapshot(flow) => {
                self.shown.insert(flow.flow.clone(), flow);
                self.show();
            }
            FlowUpdate::Retired(flow) => {
                self.flows.remove(&flow);
                self.shown.remove(&flow);
                self.show();
            }
        }
    }
}
