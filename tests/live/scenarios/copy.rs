//! Copying: everything arrives, byte for byte, once.

use anyhow::{Result, ensure};

use super::pair::Pair;
use crate::rig::cluster::{shared, unique};
use crate::rig::corpus::Mix;
use crate::rig::scenario::Scenario;
use crate::rig::version::{V3_9, V4_3};

pub(super) const SCENARIOS: &[Scenario] = &[Scenario::live("copy/mixed_records_3_9_to_4_3", mixed)];

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
