//! `kmirror` without a command: the console over the configuration's clusters and flows, and its end in order.

mod audit;
mod configuration;
mod reopen;
mod services;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use etcetera::BaseStrategy;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use self::audit::Audit;
use self::configuration::Configuration;
pub(super) use self::services::Demo;
use self::services::{ConsoleServices, FactsCache};
use super::error::RunError;
use super::mirror::{self, Watch, describe};
use super::signals::Signals;
use super::{clusters, config_options, logging};
use crate::cli::{ConsoleArgs, FileArgs, Format, GlobalArgs, LookArgs};
use crate::config::{Config, ConfigPaths, Endpoints};
use crate::engine::{Engine, Event, FlowSpec, Snapshot, SystemClock};
use crate::report::{ExitCode, Goal, Reporter, option};
use crate::telemetry::{LogGuard, RecentLines};
use crate::tui::{self, ColorChoice, EVENT_TARGET, Keymap, Ports};

/// What a console is opened over.
pub(super) struct Stage {
    pub(super) config: Config,
    /// The file it came from.
    pub(super) file: Option<PathBuf>,
    /// The options that lead to the same configuration again.
    pub(super) options: String,
    /// The demo's clusters, when they are the demo's.
    pub(super) demo: Option<Arc<Demo>>,
}

pub(super) fn run(args: &ConsoleArgs, global: &GlobalArgs) -> Result<ExitCode, RunError> {
    if !logging::is_terminal() {
        return Err(RunError::usage(
            "open the console: stdout is no terminal; `kmirror run` mirrors without one, `kmirror --help` lists all commands",
        ));
    }
    let log = logging::start(global)?;
    open(stage(args)?, &args.look, global, log)
}

/// The configuration that is meant; none at all is one without clusters.
fn stage(args: &ConsoleArgs) -> Result<Stage, RunError> {
    let bad = |error: crate::config::ConfigError| RunError::usage(format!("use {error}"));
    if let (Some(source), Some(target)) = (&args.source, &args.target) {
        let include = if args.include.is_empty() { vec![".*".to_owned()] } else { args.include.clone() };
        let endpoints = Endpoints { source: source.clone(), target: target.clone(), include, ..Endpoints::default() };
        let mut config = Config::from_endpoints(&endpoints).map_err(bad)?;
        // Who names two clusters wants to look first: the flow waits for a key, and without topics there is none.
        config.flows.retain(|_, _| !args.include.is_empty());
        config.flows.values_mut().for_each(|flow| flow.autostart = false);
        return Ok(Stage { config, file: None, options: address_options(source, target, &args.include), demo: None });
    }
    let paths = ConfigPaths::find(args.config.as_deref());
    let file = paths.used().map(Path::to_owned);
    let config = match &file {
        Some(path) => Config::load(path).map_err(bad)?,
        None => Config::default(),
    };
    let options = config_options(&FileArgs { config: args.config.clone() });
    Ok(Stage { config, file, options, demo: None })
}

/// The options of `kmirror run` that make the same flow.
fn address_options(source: &str, target: &str, include: &[String]) -> String {
    let mut options = vec![option("--source", source), option("--target", target)];
    options.extend(include.iter().map(|pattern| option("--include", pattern)));
    options.join(" ")
}

/// Opens a console over a stage, and ends the flows in order when it is left.
pub(super) fn open(
    mut stage: Stage,
    look: &LookArgs,
    global: &GlobalArgs,
    log: LogGuard,
) -> Result<ExitCode, RunError> {
    if look.read_only {
        stage.config.flows.values_mut().for_each(|flow| flow.autostart = false);
    }
    let options = options(&stage, look, global)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| RunError::failed(format!("start the runtime: {error}")))?;
    let left = runtime.block_on(show(stage, options, global, log.recent.clone()));
    // A look-up that still waits for a dead broker is left behind.
    runtime.shutdown_background();
    drop(log);
    match left? {
        (tui::Outcome::Reopen(reopen), _) => Err(reopen::exec(&reopen, look, global)),
        (_, code) => Ok(code),
    }
}

async fn show(
    stage: Stage,
    options: tui::Options,
    global: &GlobalArgs,
    lines: RecentLines,
) -> Result<(tui::Outcome, ExitCode), RunError> {
    let specs = stage.config.flows.iter().map(|(name, config)| FlowSpec { name: name.clone(), config: config.clone() });
    let kafka = Arc::new(clusters::open(&stage.config));
    let guard = Arc::new(Audit::new(options.is_read_only, options.state_dir.clone()));
    let clock = Arc::new(SystemClock::default());
    let mut engine = Engine::start_guarded(specs.collect(), &[], kafka.clone(), clock, guard);
    tracing::info!(version = env!("CARGO_PKG_VERSION"), flows = stage.config.flows.len(), "the console opens");
    let (forward, events) = unbounded_channel();
    let (tell, news) = unbounded_channel();
    let configuration = Configuration::new(&stage);
    let inventory = configuration.inventory();
    let services = ConsoleServices {
        commands: engine.commands(),
        kafka,
        configuration,
        snapshots: engine.snapshots(),
        facts: FactsCache::default(),
        is_read_only: options.is_read_only,
        demo: stage.demo.clone(),
        news: tell,
    };
    let snapshots = engine.snapshots();
    let ports = Ports { services: Arc::new(services), snapshots, events, news, lines, inventory };
    let mut reporter = mirror::reporter(Format::Text, global, &stage.config, stage.options.clone());
    let outcome = attend(&mut engine, tui::run(ports, options), forward, &mut reporter, stage.config.flows.len()).await;
    tracing::info!(?outcome, "the console closes");
    // Those that ended the console are not to end the flows at once.
    let signals = Signals::take().map_err(|error| RunError::failed(format!("take the signals over: {error}")))?;
    let signals = signals.without_hangup();
    let snapshots = engine.snapshots();
    let has_work = is_running(&snapshots.borrow());
    // Where nothing runs there is nothing to report; where the terminal is gone, nobody to report to.
    let has_reader = matches!(outcome, Ok(tui::Outcome::Left));
    let reporter = (has_work && has_reader).then_some(reporter);
    let watch =
        Watch { engine, snapshots, signals, reporter, goal: Goal::UntilStopped, drain_timeout: mirror::DRAIN_TIMEOUT };
    let code = watch.end().await;
    match outcome {
        Ok(outcome) => Ok((outcome, if has_work { code } else { ExitCode::Done })),
        Err(error) => Err(RunError::failed(error.to_string())),
    }
}

/// Passes on what happens while the console is shown, and lets the report know when flows were first seen.
async fn attend<T>(
    engine: &mut Engine,
    console: impl Future<Output = T>,
    forward: UnboundedSender<Event>,
    reporter: &mut Reporter,
    n_flows: usize,
) -> T {
    let mut snapshots = engine.snapshots();
    let mut has_all = false;
    tokio::pin!(console);
    loop {
        tokio::select! {
            outcome = &mut console => return outcome,
            Some(event) = engine.next_event() => {
                // Under a name of its own: the console shows the event itself, in words.
                tracing::info!(target: EVENT_TARGET, flow = %event.flow, "{}", describe(&event));
                let _ = forward.send(event);
            }
            Ok(()) = snapshots.changed(), if !has_all => {
                let snapshot = snapshots.borrow_and_update().clone();
                reporter.note(&snapshot);
                has_all = snapshot.flows.len() >= n_flows;
            }
        }
    }
}

fn is_running(snapshot: &Snapshot) -> bool {
    snapshot.flows.iter().any(|flow| flow.state.is_up())
}

fn options(stage: &Stage, look: &LookArgs, global: &GlobalArgs) -> Result<tui::Options, RunError> {
    let keymap = Keymap::with_overrides(&stage.config.keymap).map_err(|errors| {
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        RunError::usage(errors.join("\nand to "))
    })?;
    // A theme with a path or an ending is a file.
    let is_file = |theme: &&String| theme.contains('/') || theme.ends_with(".toml");
    let theme_file = look.theme.as_ref().filter(is_file).map(PathBuf::from);
    let state_dir = ConfigPaths::find(None).state_dir;
    let user = etcetera::base_strategy::Xdg::new().ok().map(|xdg| xdg.config_dir().join("kmirror/themes"));
    Ok(tui::Options {
        keymap,
        is_read_only: look.read_only,
        colors: if global.no_color { ColorChoice::Never } else { ColorChoice::Auto },
        is_ascii: look.ascii,
        theme: look.theme.clone().filter(|_| theme_file.is_none()),
        theme_file,
        theme_folders: [PathBuf::from("/etc/kmirror/themes")].into_iter().chain(user).collect(),
        log_dir: global.log_dir.clone().or_else(|| state_dir.clone()),
        state_dir,
        notices: stage.config.warnings.iter().map(ToString::to_string).collect(),
    })
}
