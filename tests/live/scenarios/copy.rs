//! Copying: everything arrives, byte for byte, once.

use anyhow::{Result, ensure};

use super::pair::Pair;
use crate::rig::cluster::{shared, unique};
use crate::rig::corpus::{Bulk, Mix};
use crate::rig::scenario::Scenario;
use crate::rig::version::{V3_9, V4_3};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::live("copy/mixed_records_3_9_to_4_3", mixed),
    Scenario::live("copy/times_stamped_by_the_source_are_kept", stamped),
];

/// The topic kmirror makes does not stamp times of its own over those of the source's broker.
fn stamped() -> Result<String> {
    let (source, target, topic) = (shared(&V3_9)?, shared(&V4_3)?, unique("stamped"));
    source.create_topic(&topic, 2, &[("message.timestamp.type", "LogAppendTime"), ("retention.ms", "86400000")])?;
    Bulk::new(2_000, 100).write(source, &topic)?;
    let pair = Pair::new(source, target, &topic, "")?;
    pair.catch_up()?;
    let verdict = pair.compare(&topic)?;
    verdict.require_exact()?;
    ensure!(verdict.target == 2_000, "{verdict}");
    Ok(verdict.to_string())
}

/// 100,000 records of every kind, with every codec, in and out of transactions that were committed or aborted.
fn mixed() -> Result<String> {
    let (source, target, topic) = (shared(&V3_9)?, shared(&V4_3)?, unique("mixed"));
    source.create_topic(&topic, 4, &[])?;
    Mix::new(7, 100_000).write(source, &topic)?;
    let pair = Pair::new(source, target, &topic, "")?;
    let done = pair.catch_up()?;
    let verdict = pair.compare(&topic)?;
    verdict.require_exact()?;
    ensure!(verdict.target >= 50_000, "{verdict}");
    Ok(format!("{verdict} cpu={:.1}s peak_rss={}", done.cpu.as_secs_f64(), done.peak_rss_bytes))
}
