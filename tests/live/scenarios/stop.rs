//! SIGTERM and SIGINT: the end is in order, or at once, or bounded.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::pair::{END_MAX, Pair, SHORT_SESSION, require_code, tail, wait_for};
use crate::rig::broker::Broker;
use crate::rig::cluster::{shared, unique};
use crate::rig::corpus::Bulk;
use crate::rig::kmirror::Kmirror;
use crate::rig::process::Signal;
use crate::rig::scenario::Scenario;
use crate::rig::version::{V3_9, V4_3};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::live("stop/sigterm_in_mid_copy", in_mid_copy),
    Scenario::live("stop/a_second_signal_leaves_at_once", second_signal),
    Scenario::live("stop/a_silent_target_ends_by_the_drain_timeout", silent_target),
    Scenario::live("stop/a_killed_target_ends_by_the_drain_timeout", killed_target),
];

const RECORDS: usize = 24_000;
/// Slow enough for signals to come in the middle.
const THROTTLE: &str = "[flows.f.limits]\nbytes_per_second = 6_000_000\nin_flight_bytes = 2_097_152\n";
/// What may be under way at once, and what a run copies again at most when its acknowledgements did not come.
const IN_FLIGHT_RECORDS: usize = 2_100;

/// Three stops in order: nothing is copied twice.
fn in_mid_copy() -> Result<String> {
    let (source, target, topic) = (shared(&V3_9)?, shared(&V4_3)?, unique("stopped"));
    source.create_topic(&topic, 6, &[])?;
    Bulk::new(RECORDS, 1_000).write(source, &topic)?;
    let pair = Pair::new(source, target, &topic, THROTTLE)?;
    let mut longest = Duration::ZERO;
    for share in 1..=3 {
        let mut run = pair.start(&[])?;
        pair.wait_on_target(&mut run, &topic, i64::try_from(RECORDS * share / 5)?)?;
        let began = Instant::now();
        let done = run.terminate(END_MAX)?;
        longest = longest.max(began.elapsed());
        require_code(&done, 0)?;
        let (on_target, committed) = (pair.n_on_target(&topic)?, pair.require_truthful_progress(&topic)?);
        ensure!(usize::try_from(on_target)? < RECORDS, "all was copied before the signal");
        ensure!(on_target == committed, "{on_target} records on the target, {committed} committed\n{}", tail(&done));
    }
    pair.catch_up()?;
    let verdict = pair.compare(&topic)?;
    verdict.require_exact()?;
    Ok(format!("{verdict} longest_stop={:.1}s", longest.as_secs_f64()))
}

/// Nobody has to wait for a drain that cannot end.
fn second_signal() -> Result<String> {
    let target = Broker::start(&V4_3)?;
    let (pair, topic, mut run) = stalled(&target, &[])?;
    let began = Instant::now();
    run.signal(Signal::Terminate)?;
    wait_for(&mut run, "the drain", |line| line["state"]["state"] == "draining")?;
    run.signal(Signal::Interrupt)?;
    let done = run.finish(Duration::from_secs(5))?;
    require_code(&done, 130)?;
    let seconds = began.elapsed().as_secs_f64();
    target.resume()?;
    Ok(format!("{} seconds_to_end={seconds:.1}", caught_up(&pair, &topic)?))
}

/// A target that hangs: the end comes all the same, and says that something was left.
fn silent_target() -> Result<String> {
    let target = Broker::start(&V4_3)?;
    let (pair, topic, run) = stalled(&target, &["--drain-timeout", "3s"])?;
    let seconds = ends_by_timeout(run)?;
    target.resume()?;
    Ok(format!("{} seconds_to_end={seconds:.1}", caught_up(&pair, &topic)?))
}

/// The same when it is gone.
fn killed_target() -> Result<String> {
    let target = Broker::start(&V4_3)?;
    let (pair, topic, run) = stalled(&target, &["--drain-timeout", "3s"])?;
    target.resume()?;
    target.kill()?;
    let seconds = ends_by_timeout(run)?;
    target.start_again()?;
    Ok(format!("{} seconds_to_end={seconds:.1}", caught_up(&pair, &topic)?))
}

/// A run whose target was frozen in the middle of the copy.
fn stalled<'a>(target: &'a Broker, more: &[&str]) -> Result<(Pair<'a>, String, Kmirror)> {
    let (source, topic) = (shared(&V3_9)?, unique("stalled"));
    source.create_topic(&topic, 4, &[])?;
    Bulk::new(RECORDS, 1_000).write(source, &topic)?;
    let pair = Pair::new(source, target, &topic, &format!("{SHORT_SESSION}{THROTTLE}"))?;
    let mut run = pair.start(more)?;
    pair.wait_on_target(&mut run, &topic, i64::try_from(RECORDS / 4)?)?;
    target.pause()?;
    // Until what is under way is as much as may be: then something is left undone for sure.
    wait_for(&mut run, "records under way", |line| {
        line["type"] == "sample" && line["in_flight_bytes"].as_u64().is_some_and(|bytes| bytes > 1_000_000)
    })?;
    Ok((pair, topic, run))
}

fn ends_by_timeout(run: Kmirror) -> Result<f64> {
    let began = Instant::now();
    let done = run.terminate(Duration::from_secs(15))?;
    ensure!(matches!(done.code, Some(3 | 4)), "exit code {:?}\n{}", done.code, tail(&done));
    let seconds = began.elapsed().as_secs_f64();
    ensure!(seconds >= 2.5, "it did not wait: {seconds} s\n{}", tail(&done));
    Ok(seconds)
}

/// Nothing is lost by an end that was not waited for; at most what was under way is there twice.
fn caught_up(pair: &Pair<'_>, topic: &str) -> Result<String> {
    pair.require_truthful_progress(topic)?;
    pair.catch_up()?;
    for verdict in pair.compare_partitions(topic)? {
        verdict.require_rewinds(1, IN_FLIGHT_RECORDS + SECOND_OF_RECORDS)?;
    }
    let total = pair.compare(topic)?;
    ensure!(total.source == RECORDS, "{total}");
    Ok(total.to_string())
}

/// A second signal leaves without a commit: what the last commit interval brought is repeated too.
const SECOND_OF_RECORDS: usize = 9_000;
