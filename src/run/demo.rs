//! `kmirror demo`: a flow between two clusters that live in this process.

use std::io::Write;

use super::console::{self, Demo, Stage};
use super::error::RunError;
use super::logging;
use super::mirror::{self, Mission};
use crate::cli::{DemoArgs, Format, GlobalArgs};
use crate::demo::{DemoClusters, flow_config};
use crate::report::{ExitCode, Goal};

pub(super) fn run(args: &DemoArgs, global: &GlobalArgs) -> Result<ExitCode, RunError> {
    let log = logging::start(global)?;
    let clusters = DemoClusters::start().map_err(|error| RunError::failed(error.to_string()))?;
    let config = flow_config(&clusters).map_err(|error| RunError::failed(error.to_string()))?;
    // Who wants an end or JSON wants no console, and without a terminal there can be none.
    if logging::is_terminal() && args.duration.is_none() && args.format.format == Format::Text {
        let stage = Stage { config, file: None, options: String::new(), demo: Some(Demo::new(clusters)) };
        return console::open(stage, &args.look, global, log);
    }
    if args.format.format == Format::Text {
        introduce(&clusters, args);
    }
    let mission = Mission {
        flows: config.flows.clone().into_iter().collect(),
        reporter: mirror::reporter(args.format.format, global, &config, String::new()),
        config,
        decisions: Vec::new(),
        goal: Goal::UntilStopped,
        drain_timeout: mirror::DRAIN_TIMEOUT,
        metrics: None,
        ends_after: args.duration,
    };
    mirror::start(mission, log)
}

/// Says what there is to see, and where any other client may look at it.
fn introduce(clusters: &DemoClusters, args: &DemoArgs) {
    let end = match args.duration {
        Some(duration) => format!("Ends after {} s.", duration.as_secs()),
        None => "Ctrl-C ends it.".into(),
    };
    let _ = writeln!(
        std::io::stdout(),
        "Two Kafka clusters run inside this process, and producers write to eight\n\
         topics of the first. Any Kafka client may look inside:\n\n\
         \x20 source  {}\n\
         \x20 target  {}\n\n\
         Flow `demo` mirrors orders.created to east.orders.created, and so on.\n\
         {end}\n",
        clusters.source_address(),
        clusters.target_address(),
    );
}
