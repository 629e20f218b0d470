//! What changes at the source while a flow runs: topics, partitions.

use anyhow::{Context as _, Result, ensure};

use super::pair::{END_MAX, Pair, is_topic_blocked, json_lines, require_code, tail, wait_for};
use crate::rig::cluster::{shared, unique};
use crate::rig::corpus::Bulk;
use crate::rig::record::Record;
use crate::rig::scenario::Scenario;
use crate::rig::version::{V3_9, V4_3, Version};
use crate::rig::wire::{Batch, Codec};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::live("topics/added_in_mid_copy", || added(&V3_9, &V4_3)),
    Scenario::live("topics/added_in_mid_copy_from_4_3", || added(&V4_3, &V3_9)),
    Scenario::live("topics/partitions_added_in_mid_copy", || partitions_added(&V3_9, &V4_3)),
    Scenario::live("topics/partitions_added_in_mid_copy_from_4_3", || partitions_added(&V4_3, &V3_9)),
    Scenario::live("blocked/partition_count", partition_count),
];

/// It is new, so all of it is: what it held before it was noticed belongs to it, whatever `start` says.
fn added(from: &'static Version, to: &'static Version) -> Result<String> {
    let (source, target, stem) = (shared(from)?, shared(to)?, unique("added"));
    let (old, new) = (format!("{stem}-old"), format!("{stem}-new"));
    source.create_topic(&old, 2, &[])?;
    Bulk::new(1_000, 100).write(source, &old)?;
    let pair = Pair::new(source, target, &format!("{stem}-.*"), "start = \"latest\"\n")?;
    let mut run = pair.start(&[])?;
    wait_for(&mut run, "the start", |line| line["type"] == "sample" && line["state"]["state"] == "caught_up")?;
    Bulk { first: 1_000, ..Bulk::new(400, 100) }.write(source, &old)?;
    source.create_topic(&new, 3, &[("retention.ms", "123456789")])?;
    Bulk::new(600, 100).write(source, &new)?;
    pair.wait_on_target(&mut run, &new, 600)?;
    pair.wait_on_target(&mut run, &old, 400)?;
    let done = run.terminate(END_MAX)?;
    require_code(&done, 0)?;
    let verdict = pair.compare(&new)?;
    verdict.require_exact()?;
    ensure!(pair.n_on_target(&old)? == 400, "`latest` copied {} records", pair.n_on_target(&old)?);
    let retention = target.client().topic_config(&new, "retention.ms")?;
    ensure!(retention.as_deref() == Some("123456789"), "retention.ms is {retention:?}");
    Ok(verdict.to_string())
}

/// Records that were in the new partitions before anybody noticed them are copied from the first on.
fn partitions_added(from: &'static Version, to: &'static Version) -> Result<String> {
    let (source, target, topic) = (shared(from)?, shared(to)?, unique("grown"));
    source.create_topic(&topic, 2, &[])?;
    Bulk::new(1_000, 100).write(source, &topic)?;
    let pair = Pair::new(source, target, &topic, "start = \"latest\"\n")?;
    let mut run = pair.start(&[])?;
    wait_for(&mut run, "the start", |line| line["type"] == "sample" && line["state"]["state"] == "caught_up")?;
    let client = source.client();
    client.create_partitions(&topic, 5)?;
    for partition in 2..5 {
        let records = (0..50).map(|n| Record::new(1_000 + n, format!("p{partition}"), format!("value {n}")));
        client.produce(&topic, partition, &Batch::new(Codec::Lz4, records.collect()))?;
    }
    pair.wait_on_target(&mut run, &topic, 150)?;
    let done = run.terminate(END_MAX)?;
    require_code(&done, 0)?;
    let verdicts = pair.compare_partitions(&topic)?;
    ensure!(verdicts.len() == 5, "{} partitions on the target", verdicts.len());
    for verdict in &verdicts[2..] {
        verdict.require_exact()?;
    }
    ensure!(verdicts[..2].iter().all(|verdict| verdict.target == 0), "`latest` copied what was there");
    // Grown first, then assigned: no lane of a new partition was ever held up for want of its target.
    let lines = json_lines(&done.stdout)?;
    let grown =
        lines.iter().position(|line| line["event"] == "partitions_added").context("the target was not grown")?;
    ensure!(!lines.iter().any(|line| line["state"]["state"] == "blocked"), "{}", tail(&done));
    Ok(format!("grown_in_line={grown}"))
}

/// A target topic that is not ours to change waits for its owner; the others do not wait for it.
fn partition_count() -> Result<String> {
    let (source, target, stem) = (shared(&V3_9)?, shared(&V4_3)?, unique("count"));
    let (narrow, fine) = (format!("{stem}-narrow"), format!("{stem}-fine"));
    for topic in [&narrow, &fine] {
        source.create_topic(topic, 4, &[])?;
        Bulk::new(800, 100).write(source, topic)?;
    }
    target.create_topic(&narrow, 2, &[])?;
    let pair = Pair::new(source, target, &format!("{stem}-.*"), "")?;
    let mut run = pair.start(&[])?;
    let line =
        wait_for(&mut run, "the topic to be blocked", |line| is_topic_blocked(line, &narrow, "partition_count"))?;
    let why = &line["state"]["why"];
    ensure!(why["source_partitions"] == 4 && why["target_partitions"] == 2, "{why}");
    pair.wait_on_target(&mut run, &fine, 800)?;
    ensure!(pair.n_on_target(&narrow)? == 0, "records were written to a topic with too few partitions");
    // It is not ours to change, neither at a later look nor at a later start.
    let later = format!("{stem}-later");
    source.create_topic(&later, 1, &[])?;
    wait_for(&mut run, "a later look", |line| line["event"] == "topic_created" && line["topic"] == later.as_str())?;
    require_code(&run.terminate(END_MAX)?, 3)?;
    let mut run = pair.start(&[])?;
    wait_for(&mut run, "the topic to be blocked again", |line| is_topic_blocked(line, &narrow, "partition_count"))?;
    ensure!(target.client().partitions(&narrow)? == 2, "the target topic was grown");
    target.client().create_partitions(&narrow, 4)?;
    pair.wait_on_target(&mut run, &narrow, 800)?;
    Pair::wait_caught_up(&mut run)?;
    require_code(&run.terminate(END_MAX)?, 0)?;
    let mut verdict = pair.compare(&narrow)?;
    verdict += pair.compare(&fine)?;
    verdict.require_exact()?;
    Ok(verdict.to_string())
}
