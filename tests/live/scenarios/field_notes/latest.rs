//! `start = "latest"`: the end is where it was when the flow started, under whatever load.

use anyhow::{Result, ensure};

use super::super::pair::{END_MAX, Pair, require_code, summary, wait_for};
use super::load::Load;
use crate::rig::broker::Broker;
use crate::rig::checker::check;
use crate::rig::cluster::{shared, unique};
use crate::rig::corpus::Bulk;
use crate::rig::scenario::Scenario;
use crate::rig::verdict::{Alterations, Verdict};
use crate::rig::version::{V0_9, V3_9, V4_3, Version};
use crate::rig::wire::{Isolation, Position};

pub(in crate::scenarios) const SCENARIOS: &[Scenario] = &[
    Scenario::live("field/start_from_latest_really_starts_at_latest_and_only_new_records_arrive/0.9", || latest(&V0_9)),
    Scenario::live("field/start_from_latest_really_starts_at_latest_and_only_new_records_arrive/3.9", || latest(&V3_9)),
    Scenario::live("field/start_from_latest_really_starts_at_latest_and_only_new_records_arrive/4.3", || latest(&V4_3)),
];

const OLD: usize = 900;

/// Records are written all the time. Where a partition begins lies between its end before the start and its end when
/// the start was told, and from there on nothing is left out; a partition added later is there from its first record.
fn latest(from: &'static Version) -> Result<String> {
    let (source, target, topic) = (shared(from)?, shared(&V4_3)?, unique("latest"));
    let target = if from.name == V4_3.name { shared(&V3_9)? } else { target };
    source.create_topic(&topic, 3, &[])?;
    Bulk::new(OLD, 500).write(source, &topic)?;
    let pair = Pair::new(source, target, &topic, "start = \"latest\"\n")?;
    let before = ends(source, &topic, 3)?;
    let load = Load::start(source, &topic, OLD as u64);
    let mut run = pair.start(&[])?;
    wait_for(&mut run, "the start", |line| line["event"] == "started")?;
    let told = ends(source, &topic, 3)?;
    pair.wait_on_target(&mut run, &topic, 600)?;
    source.add_partitions(&topic, 4)?;
    pair.wait_on_target(&mut run, &topic, 1_200)?;
    load.finish()?;
    // The added partition holds records whether or not the load had noticed it.
    Bulk { first: u64::from(u32::MAX), ..Bulk::new(400, 500) }.write(source, &topic)?;
    let end: i64 = ends(source, &topic, 4)?.iter().sum();
    let skipped = |pair: &Pair<'_>| -> Result<i64> { Ok(end - pair.n_on_target(&topic)?) };
    Pair::wait_caught_up(&mut run)?;
    let done = run.terminate(END_MAX)?;
    require_code(&done, 0)?;
    // What had not been noticed by the refresh is copied by the next run, which does not start at latest again.
    let done = pair.catch_up()?;
    ensure!(summary(&done)?["lag_records"] == 0, "not caught up");

    let mut total = Verdict::default();
    for (partition, (before, told)) in (0..3).zip(before.iter().zip(&told)) {
        let (written, found) = both(source, target, &topic, partition)?;
        ensure!(found.len() < written.len(), "the records from before were copied");
        let from = written.len() - found.len();
        let begun = written[from].offset;
        ensure!(
            (*before..=*told).contains(&begun),
            "{topic}/{partition} begins at {begun}, but latest was {before}..={told} then"
        );
        let verdict = check(&written[from..], &found, Alterations::RECORD_LANE);
        verdict.require_exact()?;
        total += verdict;
    }
    let (written, found) = both(source, target, &topic, 3)?;
    let verdict = check(&written, &found, Alterations::RECORD_LANE);
    verdict.require_exact()?;
    total += verdict;
    Ok(format!("{total} skipped={}", skipped(&pair)?))
}

fn ends(broker: &Broker, topic: &str, partitions: i32) -> Result<Vec<i64>> {
    let client = broker.client();
    (0..partitions).map(|index| client.offset(topic, index, Position::Latest, Isolation::ReadCommitted)).collect()
}

type Records = Vec<crate::rig::record::Record>;

fn both(source: &Broker, target: &Broker, topic: &str, partition: i32) -> Result<(Records, Records)> {
    let written = source.client().read(topic, partition, Isolation::ReadCommitted)?;
    let found = target.client().read(topic, partition, Isolation::ReadUncommitted)?;
    Ok((written, found))
}
