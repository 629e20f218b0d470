//! Positions that are worth nothing any more: the lane says so and waits for a word.

use anyhow::{Result, ensure};

use super::pair::{END_MAX, Pair, blocked_in_summary, is_lane_blocked, require_code, tail, wait_for};
use crate::rig::broker::Broker;
use crate::rig::checker::check;
use crate::rig::cluster::{shared, unique};
use crate::rig::corpus::Bulk;
use crate::rig::scenario::Scenario;
use crate::rig::verdict::Alterations;
use crate::rig::version::{V3_9, V4_3};
use crate::rig::wait::wait_until_true;
use crate::rig::wire::Isolation;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::live("blocked/retention_overtook_a_stopped_flow", retention),
    Scenario::live("blocked/topic_recreated_while_stopped", recreated_while_stopped),
    Scenario::live("blocked/topic_recreated_while_running", recreated_while_running),
    Scenario::live("blocked/progress_deleted", progress_deleted),
];

/// A topic with 300 records in three partitions, and the number of the next record.
fn written(source: &Broker, stem: &str) -> Result<(String, u64)> {
    let topic = unique(stem);
    source.create_topic(&topic, 3, &[])?;
    Bulk::new(300, 100).write(source, &topic)?;
    Ok((topic, 300))
}

/// The source deleted what was not copied yet: exactly that is said, and nothing is written until somebody decides.
fn retention() -> Result<String> {
    let (source, target) = (shared(&V3_9)?, shared(&V4_3)?);
    let (topic, first) = written(source, "retention")?;
    let pair = Pair::new(source, target, &topic, "")?;
    pair.catch_up()?;
    Bulk { first, ..Bulk::new(600, 100) }.write(source, &topic)?;
    ensure!(source.client().delete_records(&topic, 1, 150)? == 150, "the new start of the log");

    let done = pair.run_until_caught_up(&[])?;
    require_code(&done, 3)?;
    let blocked = blocked_in_summary(&done, &topic, Some(1))?;
    ensure!(blocked["reason"] == "retention_overtook", "{blocked}");
    ensure!(blocked["text"].as_str().is_some_and(|text| text.contains("100..150")), "{blocked}");
    let is_exact = |line: &String| line.contains("\"lost_from\":100") && line.contains("\"lost_to\":150");
    ensure!(done.stdout.iter().any(is_exact), "the exact range\n{}", tail(&done));
    let on_target =
        |partition| Ok::<_, anyhow::Error>(target.client().read(&topic, partition, Isolation::ReadUncommitted)?.len());
    ensure!(on_target(1)? == 100, "the blocked lane was written to");
    ensure!(on_target(0)? == 300 && on_target(2)? == 300, "the others were not copied");

    let word = format!("f:{topic}:1=earliest");
    let done = pair.run_until_caught_up(&["--resume-at", &word])?;
    require_code(&done, 0)?;
    // What is copied: all there was before the gap, and all behind it.
    let found = target.client().read(&topic, 1, Isolation::ReadUncommitted)?;
    let behind = source.client().read(&topic, 1, Isolation::ReadCommitted)?;
    ensure!(
        behind.first().is_some_and(|record| record.offset == 150) && found.len() == 100 + behind.len(),
        "{}",
        found.len()
    );
    let verdict = check(&behind, &found[100..], Alterations::NONE);
    verdict.require_exact()?;
    require_code(&pair.run_until_caught_up(&[])?, 0)?;
    Ok(verdict.to_string())
}

/// The same name, but another topic: its offsets mean nothing to the progress.
fn recreated_while_stopped() -> Result<String> {
    let (source, target) = (shared(&V3_9)?, shared(&V4_3)?);
    let (topic, first) = written(source, "recreated")?;
    let pair = Pair::new(source, target, &topic, "")?;
    pair.catch_up()?;
    recreate(source, &topic)?;
    // More than before: no offset is out of range.
    Bulk { first, ..Bulk::new(600, 100) }.write(source, &topic)?;
    let done = pair.run_until_caught_up(&[])?;
    require_code(&done, 3)?;
    for partition in 0..3 {
        let blocked = blocked_in_summary(&done, &topic, Some(partition))?;
        // A broker that deletes a topic forgets what groups without members have committed for it.
        let reason = blocked["reason"].as_str().unwrap_or_default();
        ensure!(["topic_recreated", "progress_missing"].contains(&reason), "{blocked}");
    }
    ensure!(pair.n_on_target(&topic)? == 300, "records of the new topic were copied");
    require_code(&pair.run_until_caught_up(&["--resume-at", &format!("f:{topic}=earliest")])?, 0)?;
    ensure!(pair.n_on_target(&topic)? == 900, "{} records", pair.n_on_target(&topic)?);
    Ok(String::new())
}

/// It is noticed by the position, which the new topic has not, or by the next refresh. librdkafka goes on in a new
/// topic of the same name without a word, so what that holds at the old position by then is copied before it.
fn recreated_while_running() -> Result<String> {
    let (source, target) = (shared(&V4_3)?, shared(&V3_9)?);
    let mut facts = Vec::new();
    for is_empty_at_first in [true, false] {
        let (topic, first) = written(source, "recreated-live")?;
        let pair = Pair::new(source, target, &topic, "")?;
        let mut run = pair.start(&[])?;
        pair.wait_on_target(&mut run, &topic, 300)?;
        Pair::wait_caught_up(&mut run)?;
        recreate(source, &topic)?;
        let bulk = Bulk { first, ..Bulk::new(600, 100) };
        if !is_empty_at_first {
            bulk.write(source, &topic)?;
        }
        for partition in 0..3 {
            wait_for(&mut run, "the new topic to be told from the old one", |line| {
                is_lane_blocked(line, &topic, partition, "topic_recreated")
            })?;
        }
        let when_named = pair.n_on_target(&topic)?;
        if is_empty_at_first {
            ensure!(when_named == 300, "{when_named} records on the target");
            bulk.write(source, &topic)?;
        }
        require_code(&run.terminate(END_MAX)?, 3)?;
        // And after a restart it is the same.
        let done = pair.run_until_caught_up(&[])?;
        require_code(&done, 3)?;
        ensure!(pair.n_on_target(&topic)? == when_named, "records were copied after that\n{}", tail(&done));
        facts.push(format!("copied_before_named={}", when_named - 300));
    }
    Ok(facts.join(" "))
}

/// Progress that is gone looks like a beginning; the target tells that it is none.
fn progress_deleted() -> Result<String> {
    let (source, target) = (shared(&V3_9)?, shared(&V4_3)?);
    let (topic, first) = written(source, "forgotten")?;
    let pair = Pair::new(source, target, &topic, "")?;
    pair.catch_up()?;
    Bulk { first, ..Bulk::new(300, 100) }.write(source, &topic)?;
    source.client().delete_committed(&pair.group, &topic, 2)?;
    let done = pair.run_until_caught_up(&[])?;
    require_code(&done, 3)?;
    let blocked = blocked_in_summary(&done, &topic, Some(2))?;
    ensure!(blocked["reason"] == "progress_missing", "{blocked}");
    ensure!(pair.n_on_target(&topic)? == 500, "200 more of two partitions, none of the third");
    require_code(&pair.run_until_caught_up(&["--resume-at", &format!("f:{topic}:2=100")])?, 0)?;
    // All of it gone is no first start either.
    for partition in 0..3 {
        source.client().delete_committed(&pair.group, &topic, partition)?;
    }
    require_code(&pair.run_until_caught_up(&[])?, 3)?;
    let verdict = pair.compare(&topic)?;
    verdict.require_exact()?;
    Ok(verdict.to_string())
}

fn recreate(broker: &Broker, topic: &str) -> Result<()> {
    broker.client().delete_topic(topic)?;
    wait_until_true("the end of the topic", super::pair::SOON, || Ok(broker.client().topic(topic)?.is_none()))?;
    broker.create_topic(topic, 3, &[])
}
