//! Every source version to every target version, and from new to old: complete, in order, byte for byte, once, within
//! what the older of the two can hold.

mod data;
mod table;
mod times;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::pair::{END_MAX, Pair, is_topic_blocked, require_code, summary, wait_for};
use crate::rig::broker::Broker;
use crate::rig::cluster::shared;
use crate::rig::scenario::Scenario;
use crate::rig::verdict::{Alterations, Verdict};
use crate::rig::version::{V0_9, V0_10, V1_0, V2_4, V3_2, V3_9, V4_3, Version};
use crate::rig::wire::{Isolation, Position};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::live(times::AGE, times::age_by_arrival),
    Scenario::live(times::STAMPED, times::stamped),
    Scenario::pure("matrix/the_readme_claims_what_is_tried", table_is_tried),
    Scenario::live("matrix/0_9_to_3_2", || copied(&V0_9, &V3_2)),
    Scenario::live("matrix/0_9_to_3_9", || copied(&V0_9, &V3_9)),
    Scenario::live("matrix/0_9_to_4_3", || copied(&V0_9, &V4_3)),
    Scenario::live("matrix/0_10_to_3_2", || copied(&V0_10, &V3_2)),
    Scenario::live("matrix/0_10_to_3_9", || copied(&V0_10, &V3_9)),
    Scenario::live("matrix/0_10_to_4_3", || copied(&V0_10, &V4_3)),
    Scenario::live("matrix/1_0_to_3_2", || copied(&V1_0, &V3_2)),
    Scenario::live("matrix/1_0_to_3_9", || copied(&V1_0, &V3_9)),
    Scenario::live("matrix/1_0_to_4_3", || copied(&V1_0, &V4_3)),
    Scenario::live("matrix/2_4_to_3_2", || copied(&V2_4, &V3_2)),
    Scenario::live("matrix/2_4_to_3_9", || copied(&V2_4, &V3_9)),
    Scenario::live("matrix/2_4_to_4_3", || copied(&V2_4, &V4_3)),
    Scenario::live("matrix/3_2_to_3_2", || copied(&V3_2, &V3_2)),
    Scenario::live("matrix/3_2_to_3_9", || copied(&V3_2, &V3_9)),
    Scenario::live("matrix/3_2_to_4_3", || copied(&V3_2, &V4_3)),
    Scenario::live("matrix/3_9_to_3_2", || copied(&V3_9, &V3_2)),
    Scenario::live("matrix/3_9_to_3_9", || copied(&V3_9, &V3_9)),
    Scenario::live("matrix/3_9_to_4_3", || copied(&V3_9, &V4_3)),
    Scenario::live("matrix/4_3_to_3_2", || copied(&V4_3, &V3_2)),
    Scenario::live("matrix/4_3_to_3_9", || copied(&V4_3, &V3_9)),
    Scenario::live("matrix/4_3_to_4_3", || copied(&V4_3, &V4_3)),
    Scenario::live("matrix/4_3_to_1_0", || copied(&V4_3, &V1_0)),
    Scenario::live("matrix/3_9_to_0_9", || copied(&V3_9, &V0_9)),
];

fn table_is_tried() -> Result<String> {
    let trials: Vec<&str> =
        SCENARIOS.iter().map(|scenario| scenario.name).filter(|name| name.contains("_to_")).collect();
    table::is_what_is_tried(&trials)
}

/// Slow enough to be stopped in the middle.
const BRAKE: &str = "[flows.f.limits]\nrecords_per_second = 500\n";

/// Stopped in the middle and started again: everything is there, once, as it was.
fn copied(from: &'static Version, to: &'static Version) -> Result<String> {
    let (data, target) = (data::of(from)?, shared(to)?);
    let topics = [&data.mixed, &data.compacted];
    let include = format!("{}|{}", data.mixed, data.compacted).replace('.', r"\.");
    let mut pair = Pair::new(data.broker, target, &include, BRAKE)?;
    pair.allowed = allowed(to);
    let mut run = pair.start(&[])?;
    if !to.creates_topics {
        for topic in topics {
            wait_for(&mut run, "a topic nobody but its tools can create", |line| {
                is_topic_blocked(line, topic, "target_topic_missing")
            })?;
            target.create_topic(topic, data.broker.client().partitions(topic)?, &[])?;
        }
    }
    pair.wait_on_target(&mut run, &data.mixed, 200)?;
    let first = run.terminate(END_MAX)?;
    require_code(&first, 0)?;
    for topic in topics {
        pair.require_truthful_progress(topic)?;
    }
    pair.reconfigure(&include, "")?;
    let second = pair.catch_up()?;

    let mut total = Verdict::default();
    for topic in topics {
        let verdict = pair.compare(topic)?;
        verdict.require_exact().with_context(|| format!("topic {topic}"))?;
        require_progress_to_the_end(data.broker, &pair.group, topic)?;
        total += verdict;
    }
    let (before, after) = (summary(&first)?, summary(&second)?);
    let at_stop = before["totals"]["records"].as_u64().unwrap_or(0);
    ensure!((1..total.source as u64).contains(&at_stop), "{at_stop} records at the stop: {total}");
    require_counted(&total, [&before["totals"], &after["totals"]])?;
    let lost = |kind| total.counted.contains_key(kind);
    let found = table::words(lost("headers_dropped"), lost("timestamps_dropped"));
    let claim = table::claim(from, to)?;
    ensure!(claim == found, "the README says `{claim}` of {} to {}: it is `{found}`", from.name, to.name);
    Ok(format!("{claim}: {total} counted={:?} at_stop={at_stop} kinds={}", total.counted, data.n_kinds))
}

/// What the target's format cannot hold: timestamps came with 0.10, as ApiVersions did, headers with 0.11.
fn allowed(to: &Version) -> Alterations {
    Alterations { headers: !to.has_transactions, timestamps: !to.answers_api_versions, ..Alterations::RECORD_LANE }
}

/// The group on the source has the end of every partition: that is where the next start goes on.
fn require_progress_to_the_end(source: &Broker, group: &str, topic: &str) -> Result<()> {
    let client = source.client();
    let committed = client.committed(group, topic)?;
    for partition in 0..client.partitions(topic)? {
        let end = client.offset(topic, partition, Position::Latest, Isolation::ReadCommitted)?;
        let at = committed.get(&partition).with_context(|| format!("no progress in {topic}/{partition}"))?.offset;
        ensure!(at == end, "the progress in {topic}/{partition} is {at}, its end {end}");
    }
    Ok(())
}

/// kmirror counted both runs as the checker did: every record once, and every alteration.
fn require_counted(verdict: &Verdict, totals: [&Value; 2]) -> Result<()> {
    let sum = |path: &str| -> u64 { totals.iter().filter_map(|totals| totals.pointer(path)?.as_u64()).sum() };
    ensure!(sum("/records") == verdict.source as u64, "kmirror counted {} records: {verdict}", sum("/records"));
    for kind in ["timestamp_zero", "headers_dropped", "timestamps_dropped"] {
        let (counted, expected) = (sum(&format!("/altered/{kind}")), verdict.counted.get(kind).copied().unwrap_or(0));
        ensure!(counted == expected as u64, "kmirror counted {counted} {kind} instead of {expected}: {verdict}");
    }
    Ok(())
}
