//! Several instances share a flow's partitions.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, ensure};
use serde_json::Value;

use super::pair::{END_MAX, Pair, SHORT_SESSION, json_lines, require_code, start_in, wait_for_from};
use crate::rig::broker::Broker;
use crate::rig::cluster::unique;
use crate::rig::kmirror::{Finished, Kmirror};
use crate::rig::record::Record;
use crate::rig::scenario::Scenario;
use crate::rig::verdict::Verdict;
use crate::rig::version::{V3_9, V4_3, Version};
use crate::rig::wait::let_pass;
use crate::rig::wire::{Batch, Codec};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::live("group/second_instance_joins_and_leaves_3_9", || joins_and_leaves(&V3_9, &V4_3)),
    Scenario::live("group/second_instance_joins_and_leaves_4_3", || joins_and_leaves(&V4_3, &V3_9)),
    Scenario::live("group/second_instance_is_killed_3_9", || is_killed(&V3_9, &V4_3)),
    Scenario::live("group/second_instance_is_killed_4_3", || is_killed(&V4_3, &V3_9)),
];

const PARTITIONS: i32 = 6;
/// A killed member of a group of KIP-848 is missed after what the broker says, not the member.
const SESSION: &[(&str, &str)] =
    &[("group.consumer.min.session.timeout.ms", "6000"), ("group.consumer.session.timeout.ms", "6000")];

/// Hand-overs in order, again and again: nothing is lost and nothing is copied twice, though records come one by one,
/// so that lanes are at their end in one moment and behind it in the next.
fn joins_and_leaves(from: &'static Version, to: &'static Version) -> Result<String> {
    with_trickle(from, to, |pair, topic| {
        let mut first = pair.start(&[])?;
        wait_lanes(&mut first, 0, PARTITIONS)?;
        let mut others = Vec::new();
        for _ in 0..2 {
            let mark = first.stdout().len();
            let home = pair.second_home(topic, SHORT_SESSION)?;
            let mut second = start_in(&home, &[])?;
            wait_lanes(&mut second, 0, PARTITIONS / 2)?;
            wait_lanes(&mut first, mark, PARTITIONS / 2)?;
            let mark = first.stdout().len();
            let done = second.terminate(END_MAX)?;
            require_code(&done, 0)?;
            wait_lanes(&mut first, mark, PARTITIONS)?;
            others.push(done);
        }
        Ok((first, others, 0))
    })
}

/// The others take over where the dead one's progress ends.
fn is_killed(from: &'static Version, to: &'static Version) -> Result<String> {
    with_trickle(from, to, |pair, topic| {
        let mut first = pair.start(&[])?;
        wait_lanes(&mut first, 0, PARTITIONS)?;
        let mark = first.stdout().len();
        let home = pair.second_home(topic, SHORT_SESSION)?;
        let mut second = start_in(&home, &[])?;
        wait_lanes(&mut second, 0, PARTITIONS / 2)?;
        wait_lanes(&mut first, mark, PARTITIONS / 2)?;
        // Something the second one has copied itself, so that its death has something to cost.
        let moved = second.stdout().len();
        wait_for_from(&mut second, moved, "records of the second instance", |line| {
            line["type"] == "sample" && line["totals"]["records"].as_u64() > Some(20)
        })?;
        let mark = first.stdout().len();
        let dead = second.kill()?;
        wait_lanes(&mut first, mark, PARTITIONS)?;
        Ok((first, vec![dead], 1))
    })
}

/// Runs `body` while records trickle into every partition, then until all is copied, and judges the copy. `body` gives
/// the instance that is left, those that ended, and how many of these were killed.
fn with_trickle(
    from: &'static Version,
    to: &'static Version,
    body: impl FnOnce(&Pair<'_>, &str) -> Result<(Kmirror, Vec<Finished>, usize)>,
) -> Result<String> {
    let has_consumer_groups = from.name == V4_3.name;
    // Its own broker: the sessions of its groups are short.
    let source = Broker::start_with(from, if has_consumer_groups { SESSION } else { &[] })?;
    let target = crate::rig::cluster::shared(to)?;
    let topic = unique("shared");
    source.create_topic(&topic, PARTITIONS, &[])?;
    let options = if has_consumer_groups { "" } else { SHORT_SESSION };
    let pair = Pair::new(&source, target, &topic, options)?;
    let is_over = AtomicBool::new(false);
    let (left, mut ended, n_killed, written) = thread::scope(|scope| {
        let writer = scope.spawn(|| trickle(&source, &topic, &is_over));
        let outcome = body(&pair, &topic);
        is_over.store(true, Ordering::Relaxed);
        let written = writer.join().map_err(|_| anyhow!("the writer panicked"))??;
        let (left, ended, n_killed) = outcome?;
        Ok::<_, anyhow::Error>((left, ended, n_killed, written))
    })?;
    let mut left = left;
    pair.wait_on_target(&mut left, &topic, written)?;
    let done = left.terminate(END_MAX)?;
    require_code(&done, 0)?;
    ended.push(done);
    let mut total = Verdict::default();
    for verdict in pair.compare_partitions(&topic)? {
        verdict.require_rewinds(n_killed, if n_killed > 0 { REPEATED_MAX } else { 0 })?;
        total += verdict;
    }
    ensure!(total.source == usize::try_from(written)?, "{written} records written: {total}");
    let hand_overs = require_one_owner(&ended)?;
    Ok(format!("{total} hand_overs={hand_overs}"))
}

/// One record at a time into each partition in turn.
fn trickle(source: &Broker, topic: &str, is_over: &AtomicBool) -> Result<i64> {
    let client = source.client();
    let mut written = 0;
    while !is_over.load(Ordering::Relaxed) {
        let partition = i32::try_from(written % i64::from(PARTITIONS))?;
        let record = Record::new(1_000 + written, "key", format!("{written:016x}"));
        client.produce(topic, partition, &Batch::new(Codec::None, vec![record]))?;
        written += 1;
        let_pass(Duration::from_millis(5));
    }
    Ok(written)
}

/// Waits until an instance says that it owns so many partitions, all of them at work.
fn wait_lanes(run: &mut Kmirror, first: usize, count: i32) -> Result<()> {
    let what = format!("{count} partitions");
    wait_for_from(run, first, &what, |line| line["type"] == "sample" && line["n_lanes"] == count).map(drop)
}

/// At no time two instances own a partition: whoever gives it up says so before another one says that it has it. Gives
/// the number of times one went from one instance to another.
fn require_one_owner(runs: &[Finished]) -> Result<usize> {
    let mut moves: Vec<(i64, u8, usize, String)> = Vec::new();
    for (instance, run) in runs.iter().enumerate() {
        let lines = run.stdout.iter().take(run.stdout.len().saturating_sub(1)).cloned().collect::<Vec<_>>();
        let mut last_ms = 0;
        for line in json_lines(&lines)? {
            last_ms = line["at_ms"].as_i64().context("at_ms")?;
            let (order, key) = match line["event"].as_str() {
                Some("revoked") => (0, "partitions"),
                Some("assigned") => (1, "partitions"),
                _ => continue,
            };
            let partitions = line[key].as_array().cloned().unwrap_or_default();
            moves.extend(partitions.iter().map(|partition| (last_ms, order, instance, name(partition))));
        }
        // An instance that ends gives up all it has.
        moves.push((last_ms, 0, instance, "*".to_owned()));
    }
    moves.sort();
    let mut owners: BTreeMap<String, usize> = BTreeMap::new();
    let mut n_moves = 0;
    for (at_ms, order, instance, partition) in moves {
        if partition == "*" {
            owners.retain(|_, owner| *owner != instance);
        } else if order == 0 {
            if owners.get(&partition) == Some(&instance) {
                owners.remove(&partition);
            }
        } else {
            let other = owners.insert(partition.clone(), instance).filter(|owner| *owner != instance);
            ensure!(other.is_none(), "{partition} had two owners at {at_ms}: {other:?} and {instance}");
            n_moves += 1;
        }
    }
    Ok(n_moves)
}

fn name(partition: &Value) -> String {
    format!("{}/{}", partition["topic"].as_str().unwrap_or_default(), partition["partition"])
}

/// Records of one commit interval and those in flight, at the trickle's pace.
const REPEATED_MAX: usize = 200;
