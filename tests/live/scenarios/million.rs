//! The whole promise at a size that hurts. Minutes long, so only where it is asked for:
//! `KMIRROR_LIVE=full cargo test --release --test live -- million/`.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::pair::Pair;
use crate::rig::cluster::{shared, unique};
use crate::rig::corpus::Bulk;
use crate::rig::scenario::Scenario;
use crate::rig::version::{V3_9, V4_3};

pub(super) const SCENARIOS: &[Scenario] = &[Scenario::live("million/killed_in_the_middle_3_9_to_4_3", killed)];

const RECORDS: usize = 1_000_000;
const PARTITIONS: i32 = 16;
const RSS_BYTES_MAX: u64 = 200 * 1024 * 1024;

/// 1,000,000 records of 1 kB over 16 partitions, with the default configuration and a SIGKILL in the middle.
fn killed() -> Result<String> {
    let (source, target, topic) = (shared(&V3_9)?, shared(&V4_3)?, unique("million"));
    source.create_topic(&topic, PARTITIONS, &[])?;
    Bulk::new(RECORDS, 1_000).write(source, &topic)?;
    let pair = Pair::new(source, target, &topic, "")?;
    let mut run = pair.start(&[])?;
    let began = Instant::now();
    pair.wait_on_target(&mut run, &topic, i64::try_from(RECORDS / 2)?)?;
    let first_half = began.elapsed();
    let killed = run.kill()?;
    let at_kill = pair.n_on_target(&topic)?;
    ensure!(usize::try_from(at_kill)? < RECORDS, "all was copied before the kill");

    let began = Instant::now();
    let done = pair.catch_up()?;
    let second_half = began.elapsed();
    // What is copied within a commit interval (1 s here), and as long again for its answer, plus what was in flight.
    let per_second = at_kill as f64 / first_half.as_secs_f64();
    let longest_max = (per_second * Duration::from_secs(2).as_secs_f64()) as usize + 30_000;
    let mut repeated = 0;
    for verdict in pair.compare_partitions(&topic)? {
        verdict.require_rewinds(1, longest_max)?;
        repeated += verdict.repeated;
    }
    let total = pair.compare(&topic)?;
    ensure!(total.source == RECORDS && repeated <= longest_max, "{total}");
    let rss = killed.peak_rss_bytes.max(done.peak_rss_bytes);
    ensure!(rss < RSS_BYTES_MAX, "{rss} bytes of memory at most");
    Ok(format!(
        "{total} at_kill={at_kill} first={:.1}s rest={:.1}s cpu={:.1}s peak_rss={rss}",
        first_half.as_secs_f64(),
        second_half.as_secs_f64(),
        (killed.cpu + done.cpu).as_secs_f64()
    ))
}
