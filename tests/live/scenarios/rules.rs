//! The rules of a flow are changed while it runs, under load.

use std::thread;

use anyhow::{Result, anyhow, ensure};
use kmirror::config::Config;
use kmirror::engine::{Command, Engine, EventKind, LaneState};
use kmirror::model::FlowName;

use super::pair::{END_MAX, Pair, SOON};
use crate::rig::broker::Broker;
use crate::rig::cluster::{shared, unique};
use crate::rig::corpus::Bulk;
use crate::rig::scenario::Scenario;
use crate::rig::version::{V3_9, V4_3, Version};
use crate::rig::wait::wait_until_true;
use crate::support::start_engine;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::live("rules/widened_and_narrowed_under_load/3.9", || widened_and_narrowed(&V3_9, &V4_3)),
    Scenario::live("rules/widened_and_narrowed_under_load/4.3", || widened_and_narrowed(&V4_3, &V3_9)),
];

/// Records written to each topic, in portions.
const PORTIONS: usize = 20;
const PORTION: usize = 200;

/// `stays` is mirrored all the time; `comes` is included under way; `goes` is left out, and included again.
fn widened_and_narrowed(from: &'static Version, to: &'static Version) -> Result<String> {
    let (source, target, stem) = (shared(from)?, shared(to)?, unique("rules"));
    let topics = ["stays", "comes", "goes"].map(|name| format!("{stem}-{name}"));
    for topic in &topics {
        source.create_topic(topic, 4, &[])?;
    }
    let [stays, comes, goes] = &topics;
    let pair = Pair::new(source, target, &format!("{stays}|{goes}"), "")?;
    let runtime = tokio::runtime::Runtime::new()?;
    let _entered = runtime.enter();
    let mut engine = start_engine(&config(&pair)?);
    let verdicts = thread::scope(|scope| -> Result<Vec<String>> {
        let load = scope.spawn(|| write(source, &topics));
        wait_until_true("both to be copied", SOON, || Ok(copied(&engine, stays) > 0 && copied(&engine, goes) > 0))?;
        let before = copied(&engine, stays);
        configure(&engine, &pair, &format!("{stays}|{comes}"))?;
        wait_until_true("one to come", SOON, || Ok(copied(&engine, comes) > 0))?;
        wait_until_true("one to be gone", SOON, || Ok(!shown(&engine, goes)))?;
        ensure!(copied(&engine, stays) >= before, "its lanes began anew");
        configure(&engine, &pair, &format!("{stem}-.*"))?;
        load.join().map_err(|_| anyhow!("the load has failed"))??;
        for topic in &topics {
            let wanted = i64::try_from(PORTIONS * PORTION)?;
            wait_until_true("all to be there", END_MAX, || Ok(pair.n_on_target(topic)? >= wanted))?;
        }
        wait_until_true("the lanes to have caught up", SOON, || Ok(is_caught_up(&engine)))?;
        topics.iter().map(|topic| exact(&pair, topic)).collect()
    })?;
    engine.send(Command::Shutdown { drain_timeout: END_MAX });
    let mut revoked = Vec::new();
    while let Some(event) = runtime.block_on(engine.next_event()) {
        match event.kind {
            EventKind::Rewound { partition, .. } => {
                ensure!(partition.topic.as_str() != stays, "{partition} was rewound")
            }
            EventKind::Revoked { partitions, .. } => revoked.extend(partitions),
            _ => {}
        }
    }
    let end = revoked.iter().filter(|partition| partition.topic.as_str() == stays).count();
    ensure!(end <= 4, "{stays} was taken away before the end: {revoked:?}");
    Ok(verdicts.join("; "))
}

/// Every record once, in its order.
fn exact(pair: &Pair<'_>, topic: &str) -> Result<String> {
    let verdict = pair.compare(topic)?;
    verdict.require_exact()?;
    Ok(verdict.to_string())
}

fn write(source: &Broker, topics: &[String]) -> Result<()> {
    for portion in 0..PORTIONS {
        for topic in topics {
            let first = u64::try_from(portion * PORTION)?;
            Bulk { first, ..Bulk::new(PORTION, 300) }.write(source, topic)?;
        }
    }
    Ok(())
}

fn config(pair: &Pair<'_>) -> Result<Config> {
    Config::load(&pair.home.config()).map_err(|error| anyhow!("{error}"))
}

/// The file says something else, and the engine is told.
fn configure(engine: &Engine, pair: &Pair<'_>, include: &str) -> Result<()> {
    pair.reconfigure(include, "")?;
    let flow = config(pair)?.flows.remove(&FlowName::from("f")).ok_or_else(|| anyhow!("the flow is gone"))?;
    engine.send(Command::Configure { flow: "f".into(), config: Box::new(flow), may_restart: false });
    Ok(())
}

fn copied(engine: &Engine, topic: &str) -> u64 {
    let snapshot = engine.snapshots().borrow().clone();
    let topics = snapshot.flows.iter().flat_map(|flow| &flow.topics);
    topics
        .filter(|found| found.source.as_str() == topic)
        .flat_map(|found| &found.lanes)
        .map(|lane| lane.totals.records)
        .sum()
}

fn shown(engine: &Engine, topic: &str) -> bool {
    let snapshot = engine.snapshots().borrow().clone();
    snapshot.flows.iter().flat_map(|flow| &flow.topics).any(|found| found.source.as_str() == topic)
}

fn is_caught_up(engine: &Engine) -> bool {
    let snapshot = engine.snapshots().borrow().clone();
    let mut lanes = snapshot.flows.iter().flat_map(|flow| &flow.topics).flat_map(|topic| &topic.lanes);
    lanes.all(|lane| lane.state == LaneState::CaughtUp)
}
