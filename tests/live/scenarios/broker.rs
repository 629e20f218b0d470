//! Brokers that go away and come back.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::pair::{END_MAX, Pair, json_lines, require_code, wait_for_from};
use crate::rig::broker::Broker;
use crate::rig::cluster::unique;
use crate::rig::corpus::Bulk;
use crate::rig::kmirror::Finished;
use crate::rig::scenario::Scenario;
use crate::rig::version::{V3_9, V4_3};
use crate::rig::wait::{let_pass, wait_until};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::live("broker/target_crash_and_restart", || outage(Side::Target, Outage::Crash)),
    Scenario::live("broker/source_crash_and_restart", || outage(Side::Source, Outage::Crash)),
    Scenario::live("broker/target_restart_in_order", || outage(Side::Target, Outage::Restart)),
    Scenario::live("broker/target_freezes", || outage(Side::Target, Outage::Freeze)),
    Scenario::live("broker/source_freezes", || outage(Side::Source, Outage::Freeze)),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Source,
    Target,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outage {
    Crash,
    Restart,
    Freeze,
}

const RECORDS: usize = 30_000;
const OPTIONS: &str = "[flows.f.limits]\nbytes_per_second = 6_000_000\nin_flight_bytes = 2_097_152\n";
/// Long enough for what was under way to be given up and tried again.
const FROZEN: Duration = Duration::from_secs(20);

/// Whatever a broker does, it costs neither a record nor a repeat: the writer is idempotent, and the run goes on.
fn outage(side: Side, outage: Outage) -> Result<String> {
    let source = Broker::start(&V3_9)?;
    let target = Broker::start(&V4_3)?;
    let topic = unique("outage");
    source.create_topic(&topic, 4, &[])?;
    Bulk::new(RECORDS, 1_000).write(&source, &topic)?;
    let pair = Pair::new(&source, &target, &topic, OPTIONS)?;
    let mut run = pair.start(&[])?;
    pair.wait_on_target(&mut run, &topic, i64::try_from(RECORDS / 3)?)?;
    let (broker, name) = if side == Side::Source { (&source, "source") } else { (&target, "target") };
    let mark = run.stdout().len();
    let is_noticed = |line: &Value| is_waiting_for(line, name);
    match outage {
        Outage::Restart => broker.restart()?,
        Outage::Crash => {
            broker.kill()?;
            wait_for_from(&mut run, mark, "the outage to be named", is_noticed)?;
            broker.start_again()?;
        }
        Outage::Freeze => {
            broker.pause()?;
            let_pass(FROZEN);
            broker.resume()?;
        }
    }
    let arrived = wait_until("everything on the target", Duration::from_secs(90), || {
        ensure!(run.is_running()?, "kmirror ended early\n{}", run.tail());
        // The broker may still be busy with itself.
        let count = pair.n_on_target(&topic).unwrap_or(0);
        Ok((usize::try_from(count)? >= RECORDS).then_some(()))
    });
    arrived.with_context(|| run.tail())?;
    Pair::wait_caught_up(&mut run)?;
    let done = run.terminate(END_MAX)?;
    require_code(&done, 0)?;
    let verdict = pair.compare(&topic)?;
    verdict.require_exact()?;
    require_never_blocked(&done)?;
    Ok(verdict.to_string())
}

/// Whether a line says that the flow waits for the broker of this side.
fn is_waiting_for(line: &Value, side: &str) -> bool {
    line["state"]["state"] == "waiting"
        && line["state"]["why"]["reason"] == "broker_unreachable"
        && line["state"]["why"]["side"] == side
}

/// An outage passes: nobody has to decide anything.
fn require_never_blocked(done: &Finished) -> Result<()> {
    for line in json_lines(&done.stdout)? {
        let is_blocked =
            line["state"]["state"] == "blocked" || line["blocked"].as_array().is_some_and(|b| !b.is_empty());
        ensure!(!is_blocked, "blocked by an outage: {line}");
    }
    Ok(())
}
