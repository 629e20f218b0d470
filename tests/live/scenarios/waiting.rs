//! Waiting: what passes by itself is named, blocks nothing, and loses nothing.

use anyhow::{Result, ensure};

use super::pair::{END_MAX, Pair, SOON};
use crate::rig::cluster::{shared, unique};
use crate::rig::corpus::Bulk;
use crate::rig::scenario::Scenario;
use crate::rig::version::{V3_2, V3_9};
use crate::rig::wait::wait_until_true;
use crate::rig::wire::{Isolation, Position};

pub(super) const SCENARIOS: &[Scenario] = &[Scenario::live("waiting/for_enough_in_sync_replicas", not_enough_replicas)];

/// A target topic that demands more in-sync replicas than there are takes no writes. That is waiting, not blocked.
/// Newer brokers demand no more than the topic has replicas at all, so the target is a 3.2.
fn not_enough_replicas() -> Result<String> {
    let (source, target, topic) = (shared(&V3_9)?, shared(&V3_2)?, unique("in-sync"));
    source.create_topic(&topic, 2, &[])?;
    target.create_topic(&topic, 2, &[("min.insync.replicas", "2")])?;
    Bulk::new(2_000, 100).write(source, &topic)?;
    let pair = Pair::new(source, target, &topic, "")?;
    let mut running = pair.start(&[])?;
    running.wait_for_line("the reason it waits for", SOON, |line| line.contains("not_enough_replicas"))?;
    ensure!(running.is_running()?, "waiting is no reason to end");
    let on_target = || target.client().offset(&topic, 0, Position::Latest, Isolation::ReadUncommitted);
    ensure!(on_target()? == 0, "nothing can have been written");
    target.client().alter_topic_config(&topic, "min.insync.replicas", Some("1"))?;
    wait_until_true("records on the target", SOON, || Ok(on_target()? > 0))?;
    running.wait_for_line("being caught up", SOON, |line| line.contains(r#""state":"caught_up""#))?;
    let done = running.terminate(END_MAX)?;
    ensure!(done.code == Some(0), "{done:?}");
    let verdict = pair.compare(&topic)?;
    verdict.require_exact()?;
    Ok(format!("{verdict}"))
}
