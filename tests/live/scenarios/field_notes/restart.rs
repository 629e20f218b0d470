//! What gathers while a flow is stopped: records, topics.

use anyhow::{Result, ensure};

use super::super::pair::{END_MAX, Pair, SHORT_SESSION, require_code, summary, tail};
use crate::rig::cluster::{shared, unique};
use crate::rig::corpus::Bulk;
use crate::rig::scenario::Scenario;
use crate::rig::verdict::Verdict;
use crate::rig::version::{V0_9, V1_0, V3_9, V4_3, Version};

pub(in crate::scenarios) const SCENARIOS: &[Scenario] = &[
    Scenario::live("field/restart_after_a_stop_copies_what_gathered_meanwhile/0.9", || stopped(&V0_9)),
    Scenario::live("field/restart_after_a_stop_copies_what_gathered_meanwhile/1.0", || stopped(&V1_0)),
    Scenario::live("field/restart_after_a_stop_copies_what_gathered_meanwhile/3.9", || stopped(&V3_9)),
    Scenario::live("field/restart_after_a_stop_copies_what_gathered_meanwhile/0.9_killed", || killed(&V0_9)),
    Scenario::live("field/restart_after_a_stop_copies_what_gathered_meanwhile/1.0_killed", || killed(&V1_0)),
    Scenario::live("field/restart_after_a_stop_copies_what_gathered_meanwhile/3.9_killed", || killed(&V3_9)),
    Scenario::live("field/a_topic_created_while_stopped_is_mirrored/0.9", || topic_created(&V0_9)),
    Scenario::live("field/a_topic_created_while_stopped_is_mirrored/3.9", || topic_created(&V3_9)),
];

/// SIGTERM, more records, and the next run copies these and no others.
fn stopped(from: &'static Version) -> Result<String> {
    let (source, target, topic) = (shared(from)?, shared(&V4_3)?, unique("gathered"));
    source.create_topic(&topic, 3, &[])?;
    Bulk::new(1_500, 200).write(source, &topic)?;
    let pair = Pair::new(source, target, &topic, "")?;
    let mut run = pair.start(&[])?;
    pair.wait_on_target(&mut run, &topic, 1_500)?;
    require_code(&run.terminate(END_MAX)?, 0)?;
    for (first, expected) in [(1_500, 900), (2_400, 300)] {
        Bulk { first, ..Bulk::new(expected, 200) }.write(source, &topic)?;
        let done = pair.catch_up()?;
        let moved = &summary(&done)?["totals"]["records"];
        ensure!(moved.as_u64() == Some(expected as u64), "{moved} records moved, not {expected}\n{}", tail(&done));
    }
    let verdict = pair.compare(&topic)?;
    verdict.require_exact()?;
    Ok(verdict.to_string())
}

/// SIGKILL in mid-copy: what was copied and not committed is there twice, exactly that; nothing is missing.
fn killed(from: &'static Version) -> Result<String> {
    let (source, target, topic) = (shared(from)?, shared(&V4_3)?, unique("gathered-killed"));
    source.create_topic(&topic, 3, &[])?;
    Bulk::new(KILLED_RECORDS, 1_000).write(source, &topic)?;
    let pair = Pair::new(source, target, &topic, &format!("{SHORT_SESSION}{THROTTLE}"))?;
    let mut run = pair.start(&[])?;
    pair.wait_on_target(&mut run, &topic, 2_500)?;
    run.kill()?;
    let committed = pair.require_truthful_progress(&topic)?;
    Bulk { first: KILLED_RECORDS as u64, ..Bulk::new(900, 1_000) }.write(source, &topic)?;
    let at_kill = pair.n_on_target(&topic)?;
    ensure!(usize::try_from(at_kill)? < KILLED_RECORDS, "all was copied before the kill");
    pair.catch_up()?;
    let mut total = Verdict::default();
    for verdict in pair.compare_partitions(&topic)? {
        verdict.require_rewinds(1, KILLED_RECORDS)?;
        total += verdict;
    }
    let uncommitted = usize::try_from(at_kill - committed)?;
    ensure!(total.repeated == uncommitted, "{uncommitted} were copied and not committed: {total}");
    Ok(format!("{total} at_kill={at_kill} committed={committed}"))
}

/// The flow has started before, so a topic without progress is new: all of it is copied, though it starts at latest.
fn topic_created(from: &'static Version) -> Result<String> {
    let (source, target, stem) = (shared(from)?, shared(&V4_3)?, unique("created"));
    let (old, new) = (format!("{stem}-old"), format!("{stem}-new"));
    source.create_topic(&old, 2, &[])?;
    Bulk::new(500, 200).write(source, &old)?;
    let pair = Pair::new(source, target, &format!("{stem}-.*"), "start = \"latest\"\n")?;
    let mut run = pair.start(&[])?;
    Pair::wait_caught_up(&mut run)?;
    require_code(&run.terminate(END_MAX)?, 0)?;
    source.create_topic(&new, 3, &[])?;
    Bulk::new(600, 200).write(source, &new)?;
    Bulk { first: 500, ..Bulk::new(200, 200) }.write(source, &old)?;
    let done = pair.catch_up()?;
    let verdict = pair.compare(&new)?;
    verdict.require_exact()?;
    let moved = pair.n_on_target(&old)?;
    ensure!(moved == 200, "{moved} records of the old topic instead of the 200 new ones\n{}", tail(&done));
    Ok(verdict.to_string())
}

const KILLED_RECORDS: usize = 6_000;
/// Slow enough for the kill to come in the middle.
const THROTTLE: &str = "[flows.f.limits]\nbytes_per_second = 2_000_000\nin_flight_bytes = 1_048_576\n";
