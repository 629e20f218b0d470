//! `kmirror check`: what each flow would do, topic by topic, and what would stop it.

mod reach;
mod rights;
mod view;

use std::collections::BTreeSet;
use std::io;

use super::error::RunError;
use super::{chosen_flows, clusters, config_options, load_config, logging, manual, page};
use crate::cli::{CheckArgs, GlobalArgs};
use crate::config::FlowConfig;
use crate::engine::ports::Kafka;
use crate::engine::{BlockedReason, Clock, Fault, FaultKind, FlowSpec, Preview, Side, SystemClock, preview};
use crate::kafka::KafkaClusters;
use crate::model::FlowName;
use crate::report::{self, Addresses, CheckedCluster, CheckedFlow, ExitCode, FlowProblem, ProblemKind, Versions};
use reach::{Reach, WithoutGroup};

pub(super) fn run(args: &CheckArgs, global: &GlobalArgs) -> Result<ExitCode, RunError> {
    let config = load_config(&args.file)?;
    let flows = chosen_flows(&config, &args.flow)?;
    if flows.is_empty() {
        return Err(RunError::usage("check: the configuration has no flow; `kmirror config template` shows one"));
    }
    let _log = logging::start(global)?;
    let kafka = clusters::open(&config);
    let mut addresses = clusters::addresses(&config);
    let sides = |flow: &FlowConfig| [(flow.source.clone(), Side::Source), (flow.target.clone(), Side::Target)];
    let reach = Reach::ask(&kafka, &flows.iter().flat_map(|(_, flow)| sides(flow)).collect());
    let options = config_options(&args.file);
    let mut checked: Vec<CheckedFlow> = flows
        .into_iter()
        .map(|(name, config)| {
            let addresses = addresses.remove(&name).unwrap_or_default();
            let versions = reach.versions(&config);
            Check { kafka: &kafka, spec: FlowSpec { name, config }, addresses, versions, options: &options }
                .look(&reach)
        })
        .collect();
    view::compare_targets(&mut checked);
    let mut out = io::stdout().lock();
    manual::finish(report::write_check(&mut out, &checked, page(args.format.format, global)))?;
    Ok(report::check_exit_code(&checked))
}

/// One flow to be looked at.
struct Check<'a> {
    kafka: &'a KafkaClusters,
    spec: FlowSpec,
    addresses: Addresses,
    versions: Versions,
    options: &'a str,
}

impl Check<'_> {
    fn look(&self, reach: &Reach) -> CheckedFlow {
        let config = &self.spec.config;
        let mut checked = self.unasked();
        // Both clusters are tried, so that one run tells of all that is wrong.
        for side in [Side::Source, Side::Target] {
            if let Err(fault) = reach.facts(cluster_of(config, side), side) {
                checked.problems.push(self.problem(&fault));
            }
        }
        for (side, cluster) in [(Side::Source, &mut checked.source), (Side::Target, &mut checked.target)] {
            if let Ok(facts) = reach.facts(&cluster.cluster, side) {
                cluster.cluster_id.clone_from(&facts.cluster_id);
                cluster.brokers = Some(facts.brokers.len());
                cluster.version = facts.version.as_ref().map(ToString::to_string);
            }
        }
        if !checked.problems.is_empty() {
            return checked;
        }
        match self.preview() {
            Ok((preview, group)) => {
                view::fill(&mut checked, &self.context(), &preview);
                if let Some(fault) = group {
                    checked.is_first_start = None;
                    checked.problems.push(self.problem(&fault));
                }
            }
            Err(fault) => checked.problems.push(self.problem(&fault)),
        }
        checked
    }

    /// The look itself. When the group cannot be asked it is done without, and the fault is told beside it.
    fn preview(&self) -> Result<(Preview, Option<Fault>), Fault> {
        let config = &self.spec.config;
        let source = self.kafka.cluster(&config.source, Side::Source)?;
        let target = self.kafka.cluster(&config.target, Side::Target)?;
        let now_ms = SystemClock::default().wall_ms();
        match preview(&self.spec, source.as_ref(), target.as_ref(), now_ms) {
            Err(fault) if fault.kind == FaultKind::GroupAuthorization => {
                let source = WithoutGroup(source.as_ref());
                preview(&self.spec, &source, target.as_ref(), now_ms).map(|preview| (preview, Some(fault)))
            }
            result => result.map(|preview| (preview, None)),
        }
    }

    fn context(&self) -> view::Context<'_> {
        view::Context {
            flow: &self.spec.name,
            config: &self.spec.config,
            addresses: &self.addresses,
            versions: &self.versions,
            options: self.options,
        }
    }

    fn problem(&self, fault: &Fault) -> FlowProblem {
        if fault.kind == FaultKind::GroupAuthorization {
            let reason = BlockedReason::GroupAuthorization { group: self.spec.config.group.clone() };
            let remedy = Some(report::remedy(&reason, &self.context().place()));
            return FlowProblem { kind: ProblemKind::Blocked, text: reason.to_string(), remedy };
        }
        let kind = match fault.kind {
            FaultKind::Unreachable | FaultKind::Authentication | FaultKind::Tls => ProblemKind::Unreachable,
            _ => ProblemKind::Failed,
        };
        let cluster = cluster_of(&self.spec.config, fault.side);
        let text = format!("{} `{cluster}`: {}", fault.side, clusters::explain(fault));
        FlowProblem { kind, text, remedy: None }
    }

    /// The flow, as far as the configuration tells.
    fn unasked(&self) -> CheckedFlow {
        let FlowSpec { name, config } = &self.spec;
        let cluster = |side, bootstrap: &String| CheckedCluster {
            cluster: cluster_of(config, side).clone(),
            bootstrap_servers: bootstrap.clone(),
            cluster_id: None,
            brokers: None,
            version: None,
        };
        CheckedFlow {
            flow: FlowName::clone(name),
            source: cluster(Side::Source, &self.addresses.source),
            target: cluster(Side::Target, &self.addresses.target),
            group: config.group.clone(),
            start: config.start.to_string(),
            is_first_start: None,
            problems: Vec::new(),
            warnings: Vec::new(),
            rights_untold: BTreeSet::new(),
            notes: view::pattern_remarks(config),
            topics: Vec::new(),
        }
    }
}

fn cluster_of(config: &FlowConfig, side: Side) -> &crate::model::ClusterName {
    match side {
        Side::Source => &config.source,
        Side::Target => &config.target,
    }
}
