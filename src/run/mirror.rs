//! `kmirror run`: flows mirror until they are told to end, or have caught up.

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::ProgressDrawTarget;
use jiff::tz::TimeZone;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, sleep_until};

use super::error::RunError;
use super::signals::Signals;
use super::{chosen_flows, clusters, colour, config_options, load_config, logging};
use crate::cli::{DecisionArgs, Format, GlobalArgs, MirrorNew, RunArgs};
use crate::config::{Config, FlowConfig};
use crate::engine::{
    Command, Completion, DecidedChoice, Decision, Engine, FlowSpec, FlowState, LaneState, Scope, Snapshot, SystemClock,
};
use crate::model::FlowName;
use crate::report::{Drain, Ending, ExitCode, Goal, JsonReport, Reporter, TextOptions, TextReport, exit_code};
use crate::telemetry::{BuildInfo, LogGuard, Metrics, MetricsServer};

/// How long a drain may take where nobody says.
pub(super) const DRAIN_TIMEOUT: Duration = Duration::from_secs(30);
/// How often the report is fed.
const REPORT_INTERVAL: Duration = Duration::from_millis(500);
/// How often a sample is written as JSON.
const JSON_INTERVAL_MS: u64 = 1_000;
/// How long what this instance owns must be caught up, when others may own the rest, before it counts.
const PARTIAL_SETTLE: Duration = Duration::from_secs(10);
/// What closing the clients may take beyond the time to drain.
pub(super) const CLOSE_MAX: Duration = Duration::from_secs(20);

/// What is to be run, and how.
pub(super) struct Mission {
    pub(super) config: Config,
    pub(super) flows: Vec<(FlowName, FlowConfig)>,
    pub(super) decisions: Vec<Decision>,
    pub(super) goal: Goal,
    pub(super) drain_timeout: Duration,
    pub(super) reporter: Reporter,
    pub(super) metrics: Option<std::net::SocketAddr>,
    /// When to end by itself.
    pub(super) ends_after: Option<Duration>,
}

pub(super) fn run(args: &RunArgs, global: &GlobalArgs) -> Result<ExitCode, RunError> {
    let config = match args.endpoints.given() {
        Some(endpoints) => {
            Config::from_endpoints(&endpoints).map_err(|error| RunError::usage(format!("use {error}")))?
        }
        None => load_config(&args.file)?,
    };
    let mut flows = chosen_flows(&config, &args.flow)?;
    if flows.is_empty() {
        return Err(RunError::usage("run: the configuration has no flow; `kmirror config template` shows one"));
    }
    // Who names a flow wants it to run.
    flows.iter_mut().for_each(|(_, flow)| flow.autostart |= !args.flow.flows.is_empty());
    if !flows.iter().any(|(_, flow)| flow.autostart) {
        let first = &flows[0].0;
        return Err(RunError::usage(format!(
            "run: no flow starts by itself (`autostart = false`); name those that are to run, such as `--flow {first}`"
        )));
    }
    let log = logging::start(global)?;
    let reporter = reporter(args.format.format, global, &config, config_options(&args.file));
    let mission = Mission {
        decisions: decisions(&args.decisions, &flows)?,
        flows,
        config,
        goal: if args.until_caught_up { Goal::UntilCaughtUp } else { Goal::UntilStopped },
        drain_timeout: args.drain_timeout,
        reporter,
        metrics: args.metrics,
        ends_after: None,
    };
    start(mission, log)
}

/// Runs a mission to its end, on a runtime of its own.
pub(super) fn start(mission: Mission, log: LogGuard) -> Result<ExitCode, RunError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| RunError::failed(format!("start the runtime: {error}")))?;
    let code = runtime.block_on(fly(mission, &log));
    // A look-up that still waits for a dead broker is left behind.
    runtime.shutdown_background();
    code
}

/// The report for a format: lines that update in place on a terminal, plain ones elsewhere.
pub(super) fn reporter(format: Format, global: &GlobalArgs, config: &Config, options: String) -> Reporter {
    if format == Format::Json {
        return JsonReport::new(Box::new(std::io::stdout()), JSON_INTERVAL_MS).into();
    }
    let options = TextOptions {
        colour: colour(global),
        time_zone: TimeZone::system(),
        addresses: clusters::addresses(config),
        options,
    };
    if logging::is_terminal() {
        TextReport::on_terminal(ProgressDrawTarget::stdout(), options).into()
    } else {
        TextReport::plain(Box::new(std::io::stdout()), options).into()
    }
}

fn decisions(args: &DecisionArgs, flows: &[(FlowName, FlowConfig)]) -> Result<Vec<Decision>, RunError> {
    let resumes = args.resume_at.iter().map(|decided| Decision {
        scope: Scope { flow: decided.flow.clone(), topic: Some(decided.topic.clone()), partition: decided.partition },
        choice: DecidedChoice::ResumeAt(decided.position.clone()),
    });
    let skips = args.skip_record.iter().map(|decided| Decision {
        scope: Scope {
            flow: decided.flow.clone(),
            topic: Some(decided.topic.clone()),
            partition: Some(decided.partition),
        },
        choice: DecidedChoice::SkipRecord(decided.offset),
    });
    let adoptions = args.adopt.iter().map(|decided| Decision {
        scope: Scope::flow(decided.flow.clone()),
        choice: DecidedChoice::Adopt(decided.from.clone()),
    });
    let is_out_of_reach = |decided: &&MirrorNew| {
        let flow = flows.iter().find(|(name, _)| *name == decided.flow);
        flow.is_some_and(|(_, flow)| !flow.selection.judge(&decided.topic).is_included())
    };
    if let Some(MirrorNew { flow, topic }) = args.mirror_new.iter().find(is_out_of_reach) {
        return Err(RunError::usage(format!(
            "mirror the new topic `{topic}`: the rules of `{flow}` do not include it"
        )));
    }
    let mirrored = args.mirror_new.iter().map(|decided| Decision {
        scope: Scope { flow: decided.flow.clone(), topic: Some(decided.topic.clone()), partition: None },
        choice: DecidedChoice::Mirror,
    });
    let of_flow = |name: &FlowName| args.adopt.iter().filter(|decided| decided.flow == *name).count();
    if let Some((name, _)) = flows.iter().find(|(name, _)| of_flow(name) > 1) {
        return Err(RunError::usage(format!("adopt progress for `{name}`: it can go on where one flow has stopped")));
    }
    let decisions: Vec<Decision> = resumes.chain(skips).chain(adoptions).chain(mirrored).collect();
    // A decision about a flow that is not run would silently do nothing.
    match decisions.iter().find(|decision| flows.iter().all(|(name, _)| *name != decision.scope.flow)) {
        Some(lost) => Err(RunError::usage(format!("decide about `{}`: no such flow is run", lost.scope))),
        None => Ok(decisions),
    }
}

async fn fly(mission: Mission, log: &LogGuard) -> Result<ExitCode, RunError> {
    let signals = Signals::take().map_err(|error| RunError::failed(format!("take the signals over: {error}")))?;
    let server = match mission.metrics {
        Some(address) => {
            let server = MetricsServer::bind(address).await.map_err(|error| RunError::failed(error.to_string()))?;
            let _ = writeln!(std::io::stderr(), "metrics at http://{}/metrics", server.address());
            Some(server)
        }
        None => None,
    };
    tracing::info!(version = env!("CARGO_PKG_VERSION"), flows = mission.flows.len(), "kmirror starts");
    let specs = mission.flows.into_iter().map(|(name, config)| FlowSpec { name, config }).collect();
    let kafka = Arc::new(clusters::open(&mission.config));
    let engine = Engine::start(specs, &mission.decisions, kafka, Arc::new(SystemClock::default()));
    if let Some(server) = server {
        let metrics = Metrics::new(engine.snapshots(), log.dropped.clone(), build_info());
        tokio::spawn(server.serve(metrics, std::future::pending()));
    }
    let watch = Watch {
        snapshots: engine.snapshots(),
        engine,
        signals,
        reporter: Some(mission.reporter),
        goal: mission.goal,
        drain_timeout: mission.drain_timeout,
    };
    Ok(watch.run(mission.ends_after).await)
}

fn build_info() -> BuildInfo {
    let features = if cfg!(feature = "gssapi") { "gssapi,ssl,zstd" } else { "ssl,zstd" };
    BuildInfo {
        version: env!("CARGO_PKG_VERSION").into(),
        librdkafka: crate::kafka::client_version(),
        features: features.into(),
    }
}

/// Watches a running engine on behalf of the user.
pub(super) struct Watch {
    pub(super) engine: Engine,
    pub(super) snapshots: watch::Receiver<Arc<Snapshot>>,
    pub(super) signals: Signals,
    /// Gone when nobody reads it any more: the mirror goes on.
    pub(super) reporter: Option<Reporter>,
    pub(super) goal: Goal,
    pub(super) drain_timeout: Duration,
}

impl Watch {
    async fn run(mut self, ends_after: Option<Duration>) -> ExitCode {
        self.until_it_is_time(ends_after).await;
        self.end().await
    }

    /// Ends the engine in order, reporting meanwhile; a signal ends it at once.
    pub(super) async fn end(mut self) -> ExitCode {
        let running = self.snapshots.borrow().clone();
        tracing::info!("kmirror ends");
        self.engine.send(Command::Shutdown { drain_timeout: self.drain_timeout });
        let Ok(is_in_time) = self.until_it_has_ended().await else { return ExitCode::Interrupted };
        let last = self.snapshots.borrow().clone();
        self.report(|reporter| reporter.finish(&last));
        let drain = if is_in_time && is_drained(&last) { Drain::Complete } else { Drain::TimedOut };
        exit_code(&Ending { running: &running, last: &last, goal: self.goal, drain })
    }

    /// Reports until a signal, the goal, or the end of the time.
    async fn until_it_is_time(&mut self, ends_after: Option<Duration>) {
        let started = Instant::now();
        let end = ends_after.map(|after| started + after);
        let mut partial_since: Option<Instant> = None;
        let mut ticks = interval(REPORT_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.signals.next() => return,
                () = sleep_until(end.unwrap_or_else(far_off).into()) => return,
                event = self.engine.next_event() => match event {
                    Some(event) => {
                        tracing::info!(flow = %event.flow, "{}", describe(&event));
                        self.report(|reporter| reporter.event(&event));
                    }
                    None => return,
                },
                _ = ticks.tick() => {
                    let snapshot = self.snapshots.borrow().clone();
                    self.report(|reporter| reporter.tick(&snapshot));
                    if self.is_done(&snapshot, &mut partial_since) {
                        return;
                    }
                }
            }
        }
    }

    /// Whether there is nothing left to wait for.
    fn is_done(&self, snapshot: &Snapshot, partial_since: &mut Option<Instant>) -> bool {
        if snapshot.flows.is_empty() {
            return false;
        }
        if snapshot.flows.iter().all(|flow| matches!(flow.state, FlowState::Refused { .. })) {
            return true;
        }
        if self.goal == Goal::UntilStopped {
            return false;
        }
        let completions: Vec<Completion> = snapshot.flows.iter().map(|flow| flow.completion()).collect();
        if completions.contains(&Completion::Open) {
            *partial_since = None;
            return false;
        }
        if !completions.contains(&Completion::Partial) {
            return true;
        }
        partial_since.get_or_insert_with(Instant::now).elapsed() >= PARTIAL_SETTLE
    }

    /// Reports until the engine has ended. Tells whether it did so in time; a signal ends it at once.
    async fn until_it_has_ended(&mut self) -> Result<bool, Interrupted> {
        let deadline = Instant::now() + self.drain_timeout + CLOSE_MAX;
        let mut ticks = interval(REPORT_INTERVAL);
        loop {
            tokio::select! {
                () = self.signals.next() => return Err(Interrupted),
                () = sleep_until(deadline.into()) => return Ok(false),
                event = self.engine.next_event() => match event {
                    Some(event) => self.report(|reporter| reporter.event(&event)),
                    None => return Ok(true),
                },
                _ = ticks.tick() => {
                    let snapshot = self.snapshots.borrow().clone();
                    self.report(|reporter| reporter.tick(&snapshot));
                }
            }
        }
    }

    /// Reports something. When nobody reads it any more, that is the end of the report, not of the mirror.
    fn report(&mut self, tell: impl FnOnce(&mut Reporter) -> std::io::Result<()>) {
        if let Some(reporter) = &mut self.reporter
            && let Err(error) = tell(reporter)
        {
            tracing::warn!("the report ends: {error}");
            self.reporter = None;
        }
    }
}

/// A second signal came.
struct Interrupted;

/// Whether everything that was taken is on the target and committed.
fn is_drained(snapshot: &Snapshot) -> bool {
    let lanes = snapshot.flows.iter().flat_map(|flow| &flow.topics).flat_map(|topic| &topic.lanes);
    let is_committed = lanes
        .filter(|lane| !matches!(lane.state, LaneState::Blocked { .. } | LaneState::Starting))
        .all(|lane| lane.committed == Some(lane.position));
    is_committed && snapshot.flows.iter().all(|flow| flow.in_flight_bytes == 0)
}

/// An event as a line of the log: its JSON, which names everything.
pub(super) fn describe(event: &crate::engine::Event) -> String {
    serde_json::to_string(&event.kind).unwrap_or_default()
}

/// An end that does not come.
fn far_off() -> Instant {
    Instant::now() + Duration::from_secs(365 * 24 * 60 * 60)
}
