//! SIGKILL: nothing is lost, progress never lies, and what is copied twice is bounded.

use anyhow::{Result, ensure};

use super::pair::{Pair, SHORT_SESSION};
use crate::rig::cluster::{shared, unique};
use crate::rig::corpus::Bulk;
use crate::rig::scenario::Scenario;
use crate::rig::version::{V3_9, V4_3};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::live("crash/sigkill_in_mid_copy", mid_copy),
    Scenario::live("crash/sigkill_before_the_first_commit", first_records),
];

const RECORDS: usize = 60_000;
/// Slow enough for the kill to land in the middle.
const BYTES_PER_SECOND: usize = 10_000_000;
const IN_FLIGHT_BYTES: usize = 2 << 20;
/// Records of one commit interval (1 s, and what a commit takes to be answered) and those in flight.
const REPEATED_MAX: usize = (BYTES_PER_SECOND * 3 / 2 + IN_FLIGHT_BYTES) / 1_000;

/// Half is copied, then the kill.
fn mid_copy() -> Result<String> {
    kill_at(RECORDS / 2, "", |committed| {
        ensure!(committed > 0, "no progress was committed before the kill");
        Ok(())
    })
}

/// The first records are on the target, no periodic commit has come yet: where it begins is known all the same.
fn first_records() -> Result<String> {
    kill_at(1, "commit_interval = \"10m\"\n", |committed| {
        ensure!(committed == 0, "{committed} records were committed before the kill: it came too late");
        Ok(())
    })
}

fn kill_at(count: usize, options: &str, judge: impl Fn(i64) -> Result<()>) -> Result<String> {
    let (source, target, topic) = (shared(&V3_9)?, shared(&V4_3)?, unique("killed"));
    source.create_topic(&topic, 8, &[])?;
    Bulk::new(RECORDS, 1_000).write(source, &topic)?;
    let is_early = !options.is_empty();
    let options = format!(
        "{SHORT_SESSION}{options}[flows.f.limits]\nbytes_per_second = {BYTES_PER_SECOND}\nin_flight_bytes = {IN_FLIGHT_BYTES}\n"
    );
    let pair = Pair::new(source, target, &topic, &options)?;
    let mut run = pair.start(&[])?;
    pair.wait_on_target(&mut run, &topic, i64::try_from(count)?)?;
    run.kill()?;
    let at_kill = pair.n_on_target(&topic)?;
    ensure!(usize::try_from(at_kill)? < RECORDS, "all was copied before the kill");
    let committed = pair.require_truthful_progress(&topic)?;
    judge(committed)?;

    pair.catch_up()?;
    let mut longest = 0;
    let mut repeated = 0;
    for verdict in pair.compare_partitions(&topic)? {
        verdict.require_rewinds(1, REPEATED_MAX)?;
        longest = longest.max(verdict.longest_rewind);
        repeated += verdict.repeated;
    }
    let total = pair.compare(&topic)?;
    ensure!(total.source == RECORDS && repeated <= REPEATED_MAX, "{total}");
    // Without a commit all of it is copied again: had the run not begun where it did, nothing would be.
    ensure!(!is_early || repeated > 0, "nothing was copied twice: {total}");
    Ok(format!("{total} at_kill={at_kill} committed={committed}"))
}
