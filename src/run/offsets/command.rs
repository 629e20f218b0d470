//! `kmirror offsets`: looks, and sets with the very command the console sends.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use super::review::review;
use super::{now_ms, read_saved, resolve, save};
use crate::cli::{
    ChangeArgs, FileArgs, Format, GlobalArgs, OffsetsCommand, OffsetsRestoreArgs, OffsetsSaveArgs, OffsetsSetArgs,
    OffsetsShowArgs, PositionArg,
};
use crate::config::{ClusterEnv, Config};
use crate::engine::ports::{Cluster, Kafka};
use crate::engine::{Command, Engine, EventKind, Fault, FlowSpec, Side, SystemClock, look_at_offsets};
use crate::kafka::KafkaClusters;
use crate::model::{
    ClusterName, EditPosition, FlowName, FlowOffsets, PositionEdit, SetPosition, StartPosition, TopicPartition,
};
use crate::report::{self, ExitCode, headline};
use crate::run::error::RunError;
use crate::run::{chosen_flows, clusters, config_options, load_config, logging, manual, page};
use crate::telemetry::LogGuard;

/// Does what `kmirror offsets` asks for.
pub(in crate::run) fn run(command: &OffsetsCommand, global: &GlobalArgs) -> Result<ExitCode, RunError> {
    match command {
        OffsetsCommand::Show(args) => show(args, global),
        OffsetsCommand::Set(args) => set(args, global),
        OffsetsCommand::Save(args) => save_to_file(args, global),
        OffsetsCommand::Restore(args) => restore(args, global),
    }
}

fn show(args: &OffsetsShowArgs, global: &GlobalArgs) -> Result<ExitCode, RunError> {
    let desk = Desk::open(&args.file, &args.flow, global)?;
    let offsets = desk.look()?;
    manual::finish(report::write_offsets(&mut io::stdout().lock(), &offsets, page(args.format.format, global)))
}

fn save_to_file(args: &OffsetsSaveArgs, global: &GlobalArgs) -> Result<ExitCode, RunError> {
    let desk = Desk::open(&args.file, &args.flow, global)?;
    let path = desk.save(&desk.look()?, args.output.as_deref())?;
    manual::print(&format!("{}\n", path.display()))
}

fn set(args: &OffsetsSetArgs, global: &GlobalArgs) -> Result<ExitCode, RunError> {
    let desk = Desk::open(&args.file, &args.flow, global)?;
    let offsets = desk.look()?;
    let edits = edits_of(&args.positions, &offsets)?;
    desk.change(&offsets, &edits, args.change, global)
}

fn restore(args: &OffsetsRestoreArgs, global: &GlobalArgs) -> Result<ExitCode, RunError> {
    let saved = read_saved(&args.saved).map_err(RunError::usage)?;
    let desk = Desk::open(&args.file, &args.flow, global)?;
    let of_another = |what: &str, saved: &str, own: &str| {
        let path = args.saved.display();
        RunError::usage(format!("restore positions: `{path}` is of {what} `{saved}`, not of `{own}`"))
    };
    if saved.flow != desk.spec.name {
        return Err(of_another("flow", saved.flow.as_str(), desk.spec.name.as_str()));
    }
    if saved.source != desk.spec.config.source {
        return Err(of_another("source", saved.source.as_str(), desk.spec.config.source.as_str()));
    }
    let offsets = desk.look()?;
    let is_there = |position: &SetPosition| {
        let listed = offsets.of(&position.partition());
        listed.and_then(|listed| listed.progress).is_some_and(|progress| progress.offset == position.offset)
    };
    let changed = saved.positions.iter().filter(|position| !is_there(position));
    let edits: Vec<PositionEdit> = changed
        .map(|position| PositionEdit {
            partition: position.partition(),
            at: StartPosition::Offset(position.offset).into(),
        })
        .collect();
    desk.change(&offsets, &edits, args.change, global)
}

/// What the arguments mean, each partition once: the last argument counts.
fn edits_of(args: &[PositionArg], offsets: &FlowOffsets) -> Result<Vec<PositionEdit>, RunError> {
    let mut edits = std::collections::BTreeMap::new();
    for arg in args {
        let is_meant = |partition: &TopicPartition| {
            arg.topic.as_ref().is_none_or(|topic| *topic == partition.topic)
                && arg.partition.is_none_or(|number| number == partition.partition)
        };
        let meant: Vec<&TopicPartition> =
            offsets.partitions.iter().map(|listed| &listed.partition).filter(|listed| is_meant(listed)).collect();
        if meant.is_empty() {
            let topic = arg.topic.as_ref().map_or("*", |topic| topic.as_str());
            let place = arg.partition.map_or_else(|| topic.to_owned(), |partition| format!("{topic}:{partition}"));
            let flow = &offsets.flow;
            return Err(RunError::usage(format!("set positions: flow `{flow}` mirrors no `{place}`")));
        }
        edits.extend(meant.into_iter().map(|partition| (partition.clone(), arg.at.clone())));
    }
    Ok(edits
        .into_iter()
        .filter(|(_, at)| *at != EditPosition::CHECKPOINT)
        .map(|(partition, at)| PositionEdit { partition, at })
        .collect())
}

/// A flow whose positions are looked at.
struct Desk {
    config: Config,
    options: String,
    spec: FlowSpec,
    kafka: Arc<KafkaClusters>,
    _log: LogGuard,
}

impl Desk {
    fn open(file: &FileArgs, flow: &FlowName, global: &GlobalArgs) -> Result<Self, RunError> {
        let config = load_config(file)?;
        let wanted = crate::cli::FlowArgs { flows: vec![flow.clone()] };
        chosen_flows(&config, &wanted)?;
        // With its neighbours, unlike a run of this flow alone: what they mirror is not its own.
        let of_flow = config.flows.get(flow).cloned();
        let mut flow_config = of_flow.ok_or_else(|| RunError::usage(format!("find flow `{flow}`")))?;
        flow_config.autostart = false;
        let spec = FlowSpec { name: flow.clone(), config: flow_config };
        let log = logging::start(global)?;
        let kafka = Arc::new(clusters::open(&config));
        Ok(Self { options: config_options(file), config, spec, kafka, _log: log })
    }

    fn look(&self) -> Result<FlowOffsets, RunError> {
        self.ask(Side::Source, |source| look_at_offsets(&self.spec, source, now_ms()))
    }

    fn ask<T>(&self, side: Side, question: impl FnOnce(&dyn Cluster) -> Result<T, Fault>) -> Result<T, RunError> {
        let name = self.cluster(side);
        let answer = self.kafka.cluster(name, side).and_then(|cluster| question(cluster.as_ref()));
        answer.map_err(|fault| clusters::failed(&self.config, name, &fault))
    }

    fn cluster(&self, side: Side) -> &ClusterName {
        match side {
            Side::Source => &self.spec.config.source,
            Side::Target => &self.spec.config.target,
        }
    }

    fn save(&self, offsets: &FlowOffsets, path: Option<&Path>) -> Result<std::path::PathBuf, RunError> {
        save(offsets, &self.spec.config.source, path, Timestamp::now()).map_err(RunError::failed)
    }

    /// Shows what would be set, asks, and sets it.
    fn change(
        &self,
        offsets: &FlowOffsets,
        edits: &[PositionEdit],
        how: ChangeArgs,
        global: &GlobalArgs,
    ) -> Result<ExitCode, RunError> {
        if edits.is_empty() {
            return manual::print("every position is where it is to be: nothing to set\n");
        }
        let resolved = resolve(&self.kafka, &self.spec, edits, &|| true)
            .map_err(|fault| clusters::failed(&self.config, &self.spec.config.source, &fault))?;
        let reviewed = review(offsets, &resolved);
        report::write_review(&mut io::stdout().lock(), &reviewed.rows, page(how.format.format, global))
            .map_err(|error| RunError::failed(format!("print: {error}")))?;
        if let Some(why) = &reviewed.refused {
            return Err(RunError::usage(format!("set positions: {why}")));
        }
        if how.dry_run {
            return Ok(ExitCode::Done);
        }
        if !how.yes {
            self.confirm(how, reviewed.positions.len())?;
        }
        // Who cannot be reached is told as such, before anything is written anywhere.
        self.ask(Side::Target, |target| target.facts())?;
        let saved = self.save(offsets, None)?;
        let flow = &self.spec.name;
        let told = self.order(reviewed.positions)?;
        if how.format.format == Format::Text {
            let (path, flow) = (saved.display().to_string(), report::quote(flow.as_str()));
            let parts = ["kmirror offsets restore", &self.options, &flow, &report::quote(&path)];
            let command = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
            let before = match offsets.has_progress {
                true => format!("what was before is saved; to bring it back:\n  {command}\n"),
                false => format!("there was no progress before, as {} tells\n", saved.display()),
            };
            return manual::print(&format!("{told}\n{before}"));
        }
        Ok(ExitCode::Done)
    }

    /// Asks on the terminal; the flow's name has to be typed where a cluster is in production.
    fn confirm(&self, how: ChangeArgs, count: usize) -> Result<(), RunError> {
        let flow = &self.spec.name;
        if !io::stdin().is_terminal() || how.format.format == Format::Json {
            return Err(RunError::usage("set positions: nobody can be asked here; add --yes if that is what you want"));
        }
        let is_prod = [Side::Source, Side::Target].into_iter().any(|side| {
            self.config.clusters.get(self.cluster(side)).is_some_and(|cluster| cluster.env == ClusterEnv::Prod)
        });
        let (question, wanted) = match is_prod {
            true => (format!("a cluster is in production: type `{flow}` to set {count} positions: "), flow.as_str()),
            false => (format!("set {count} positions of `{flow}`? Type yes: "), "yes"),
        };
        let mut answer = String::new();
        let mut out = io::stdout().lock();
        write!(out, "{question}")
            .and_then(|()| out.flush())
            .map_err(|error| RunError::failed(format!("ask: {error}")))?;
        io::stdin().read_line(&mut answer).map_err(|error| RunError::failed(format!("read the answer: {error}")))?;
        let is_meant = answer.trim() == wanted;
        if is_meant { Ok(()) } else { Err(RunError::failed("set positions: not confirmed, so none was set")) }
    }

    /// Has an engine set them, in which the flow is not started. Returns what it said.
    fn order(&self, positions: Vec<SetPosition>) -> Result<String, RunError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| RunError::failed(format!("start the runtime: {error}")))?;
        let answer = runtime.block_on(async {
            let kafka: Arc<dyn Kafka> = self.kafka.clone();
            let clock = Arc::new(SystemClock::default());
            let mut engine = Engine::start(vec![self.spec.clone()], &[], kafka, clock);
            engine.send(Command::SetPositions { flow: self.spec.name.clone(), positions });
            let mut told = Vec::new();
            while let Some(event) = engine.next_event().await {
                told.extend(headline(&event).map(|line| line.text()));
                match event.kind {
                    EventKind::PositionsSet { .. } => return Ok(told.join("\n")),
                    EventKind::Refused { reason, .. } => return Err(reason),
                    _ => {}
                }
            }
            Err("the engine has ended".to_owned())
        });
        runtime.shutdown_background();
        answer.map_err(|reason| RunError::failed(format!("set positions: {reason}")))
    }
}
