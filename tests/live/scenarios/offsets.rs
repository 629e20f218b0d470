//! Positions that an operator sets: exactly the chosen records arrive, and Kafka's own view agrees.

use std::collections::BTreeMap;
use std::thread;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use kmirror::config::Config;
use kmirror::engine::{Command, Engine, Event, EventKind};
use kmirror::model::SetPosition;
use serde_json::Value;
use tokio::time::timeout;

use super::pair::{END_MAX, Pair, SOON, require_code, tail};
use crate::rig::checker::check;
use crate::rig::cluster::{shared, unique};
use crate::rig::corpus::Bulk;
use crate::rig::kmirror::{Finished, Home};
use crate::rig::scenario::Scenario;
use crate::rig::verdict::Alterations;
use crate::rig::version::{V0_9, V3_9, V4_3, Version};
use crate::rig::wait::wait_until_true;
use crate::rig::wire::Isolation;
use crate::support::start_engine;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::live("offsets/set_in_an_empty_group/0.9", || empty_group(&V0_9)),
    Scenario::live("offsets/set_in_an_empty_group/3.9", || empty_group(&V3_9)),
    Scenario::live("offsets/set_of_a_stopped_flow/0.9", || stopped(&V0_9)),
    Scenario::live("offsets/set_of_a_stopped_flow/4.3", || stopped(&V4_3)),
    Scenario::live("offsets/set_of_a_flow_under_load/3.9", || running(&V3_9)),
    Scenario::live("offsets/set_of_a_flow_under_load/4.3", || running(&V4_3)),
    Scenario::live("offsets/a_time_and_the_last_records", by_time),
    Scenario::live("offsets/a_group_in_use_is_refused_by_name", in_use),
    Scenario::live("offsets/what_lies_outside_of_the_log_is_refused", outside),
];

/// A flow for a topic with 300 records in each of three partitions.
pub(super) fn written<'a>(from: &'static Version, options: &str) -> Result<(Pair<'a>, String)> {
    let other = if from.name == V4_3.name { &V3_9 } else { &V4_3 };
    let (source, target, topic) = (shared(from)?, shared(other)?, unique("set"));
    source.create_topic(&topic, 3, &[])?;
    Bulk::new(900, 200).write(source, &topic)?;
    Ok((Pair::new(source, target, &topic, options)?, topic))
}

fn offsets(home: &Home, arguments: &[&str]) -> Result<Finished> {
    let (verb, rest) = arguments.split_first().context("a verb")?;
    home.run(&[&["offsets", *verb, "-c", "{config}", "f"], rest].concat(), END_MAX)
}

/// `kmirror offsets set`, which must succeed. Returns the file that keeps what was before.
fn set(pair: &Pair<'_>, positions: &[String]) -> Result<String> {
    let positions: Vec<&str> = positions.iter().map(String::as_str).collect();
    let done = offsets(&pair.home, &[&["set", "--yes"], &positions[..]].concat())?;
    require_code(&done, 0)?;
    let words = done.stdout.iter().flat_map(|line| line.split_whitespace());
    let saved = words.into_iter().find(|word| word.ends_with(".offsets.toml"));
    saved.map(str::to_owned).with_context(|| tail(&done))
}

/// What Kafka says the group has.
fn committed(pair: &Pair<'_>, topic: &str) -> Result<BTreeMap<i32, i64>> {
    let committed = pair.source.client().committed(&pair.group, topic)?;
    Ok(committed.into_iter().map(|(partition, committed)| (partition, committed.offset)).collect())
}

pub(super) fn require_committed(pair: &Pair<'_>, topic: &str, expected: &[(i32, i64)]) -> Result<()> {
    let found = committed(pair, topic)?;
    ensure!(found == expected.iter().copied().collect(), "the group has {found:?} instead of {expected:?}");
    Ok(())
}

/// The target partition holds these ranges (from, to) of the source's records, one after the other, and nothing else.
pub(super) fn require_ranges(pair: &Pair<'_>, topic: &str, partition: i32, ranges: &[(i64, i64)]) -> Result<()> {
    let written = pair.source.client().read(topic, partition, Isolation::ReadCommitted)?;
    let mut found = &pair.target.client().read(topic, partition, Isolation::ReadUncommitted)?[..];
    let expected: i64 = ranges.iter().map(|(from, to)| to - from).sum();
    ensure!(found.len() as i64 == expected, "{topic}/{partition}: {} records instead of {ranges:?}", found.len());
    for (from, to) in ranges {
        let (part, rest) = found.split_at(usize::try_from(to - from)?);
        check(&written[usize::try_from(*from)?..usize::try_from(*to)?], part, Alterations::RECORD_LANE)
            .require_exact()?;
        found = rest;
    }
    Ok(())
}

/// The edited partitions begin where they were set, the others by the flow's start, and none passes for a new one.
fn empty_group(from: &'static Version) -> Result<String> {
    let (pair, topic) = written(from, "start = \"latest\"\n")?;
    set(&pair, &[format!("{topic}:0=250"), format!("{topic}:1=earliest")])?;
    require_committed(&pair, &topic, &[(0, 250), (1, 0), (2, 300)])?;
    pair.catch_up()?;
    require_ranges(&pair, &topic, 0, &[(250, 300)])?;
    require_ranges(&pair, &topic, 1, &[(0, 300)])?;
    require_ranges(&pair, &topic, 2, &[])?;
    Bulk { first: 900, ..Bulk::new(300, 200) }.write(pair.source, &topic)?;
    pair.catch_up()?;
    require_ranges(&pair, &topic, 2, &[(300, 400)])?;
    require_ranges(&pair, &topic, 0, &[(250, 400)])?;
    Ok(format!("target={}", pair.n_on_target(&topic)?))
}

/// Forward leaves out, backward repeats, and the file that was saved brings back what was before.
fn stopped(from: &'static Version) -> Result<String> {
    let (pair, topic) = written(from, "")?;
    pair.catch_up()?;
    Bulk { first: 900, ..Bulk::new(300, 200) }.write(pair.source, &topic)?;
    let saved = set(&pair, &[format!("{topic}:0=350"), format!("{topic}:1=-30"), format!("{topic}:2=latest")])?;
    require_committed(&pair, &topic, &[(0, 350), (1, 270), (2, 400)])?;
    let done = offsets(&pair.home, &["restore", &saved, "--yes"])?;
    require_code(&done, 0)?;
    require_committed(&pair, &topic, &[(0, 300), (1, 300), (2, 300)])?;
    let done = offsets(&pair.home, &["restore", &saved, "--yes"])?;
    require_code(&done, 0)?;
    ensure!(done.stdout.concat().contains("nothing to set"), "{}", tail(&done));

    set(&pair, &[format!("{topic}=checkpoint"), format!("{topic}:0=+50"), format!("{topic}:1=270")])?;
    require_committed(&pair, &topic, &[(0, 350), (1, 270), (2, 300)])?;
    pair.catch_up()?;
    require_ranges(&pair, &topic, 0, &[(0, 300), (350, 400)])?;
    require_ranges(&pair, &topic, 1, &[(0, 300), (270, 400)])?;
    require_ranges(&pair, &topic, 2, &[(0, 400)])?;
    Ok(format!("target={}", pair.n_on_target(&topic)?))
}

/// An engine in this process, so that it can be given orders while it runs.
struct Running {
    engine: Engine,
    runtime: tokio::runtime::Runtime,
}

impl Running {
    fn start(pair: &Pair<'_>) -> Result<Self> {
        let config = Config::load(&pair.home.config()).map_err(|error| anyhow!("{error}"))?;
        let runtime = tokio::runtime::Runtime::new()?;
        let engine = {
            let _entered = runtime.enter();
            start_engine(&config)
        };
        Ok(Self { engine, runtime })
    }

    fn n_lanes(&self) -> usize {
        let snapshot = self.engine.snapshots().borrow().clone();
        snapshot.flows.iter().flat_map(|flow| &flow.topics).map(|topic| topic.lanes.len()).sum()
    }

    /// The first event that `is_wanted`.
    fn wait<T>(&mut self, what: &str, is_wanted: impl Fn(Event) -> Option<T>) -> Result<T> {
        let Self { engine, runtime } = self;
        runtime.block_on(async {
            let found = timeout(SOON, async {
                while let Some(event) = engine.next_event().await {
                    if let Some(found) = is_wanted(event) {
                        return Ok(found);
                    }
                }
                bail!("the engine has ended")
            });
            found.await.with_context(|| format!("wait for {what}"))?
        })
    }

    /// Sets positions. Returns where they were, or why they are not set.
    fn set(&mut self, positions: Vec<SetPosition>) -> Result<Result<BTreeMap<i32, i64>, String>> {
        self.engine.send(Command::SetPositions { flow: "f".into(), positions });
        self.wait("an answer", |event| match event.kind {
            EventKind::PositionsSet { positions } => {
                let before = positions.into_iter().map(|moved| (moved.partition.partition, moved.from.unwrap_or(-1)));
                Some(Ok(before.collect()))
            }
            EventKind::Refused { command, reason } if command == "set positions" => Some(Err(reason)),
            _ => None,
        })
    }

    fn end(self) {
        self.engine.send(Command::Shutdown { drain_timeout: END_MAX });
        self.runtime.block_on(self.engine.ended());
    }
}

/// How many times 300 records are written while positions are set.
const PARTS: u64 = 150;

fn place(topic: &str, partition: i32, offset: i64) -> SetPosition {
    SetPosition { topic: topic.into(), partition, offset }
}

/// Records come all the while: two lanes go back, one is left alone. Each copies just what it has to.
fn running(from: &'static Version) -> Result<String> {
    let (pair, topic) = written(from, "")?;
    let mut running = Running::start(&pair)?;
    wait_until_true("the first records", SOON, || Ok(pair.n_on_target(&topic)? >= 900))?;
    wait_until_true("the lanes to be seen", SOON, || Ok(running.n_lanes() == 3))?;
    let before = thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let part = |n| Bulk { first: 900 + n * 300, ..Bulk::new(300, 200) };
            (0..PARTS).try_for_each(|n| part(n).write(pair.source, &topic))
        });
        wait_until_true("records of the writer", SOON, || Ok(pair.n_on_target(&topic)? >= 1_200))?;
        let first = running.set(vec![place(&topic, 0, 100), place(&topic, 1, 5)]);
        let ended = writer.join().map_err(|_| anyhow!("the writer panicked"))?;
        ended.and(first)
    })?;
    let before = before.map_err(|reason| anyhow!(reason))?;
    let high = 300 + PARTS.cast_signed() * 100;
    ensure!(before[&0] > 300 && before[&0] < high, "not under load: {before:?}");
    let copied = |lane: i32, to: i64| before[&lane] + high - to;
    let expected = copied(0, 100) + copied(1, 5) + high;
    wait_until_true("all records", SOON, || Ok(pair.n_on_target(&topic)? >= expected))?;
    wait_until_true("progress", SOON, || Ok(committed(&pair, &topic)?.values().all(|offset| *offset == high)))?;

    // Forward, at rest: what is left out was copied never, and the group has it at once.
    Bulk { first: 1_000_000, ..Bulk::new(300, 200) }.write(pair.source, &topic)?;
    wait_until_true("more records", SOON, || Ok(pair.n_on_target(&topic)? >= expected + 300))?;
    let reason = running.set(vec![place(&topic, 2, 100), place(&topic, 0, high + 101)])?;
    let reason = reason.err().context("beyond the end")?;
    ensure!(reason.contains("is beyond the end of the log"), "{reason}");
    let moved = running.set(vec![place(&topic, 2, high + 50)])?.map_err(|reason| anyhow!(reason))?;
    ensure!(moved == BTreeMap::from([(2, high + 100)]), "{moved:?}");
    wait_until_true("the end again", SOON, || Ok(pair.n_on_target(&topic)? >= expected + 350))?;
    running.end();
    let end = high + 100;
    require_committed(&pair, &topic, &[(0, end), (1, end), (2, end)])?;
    require_ranges(&pair, &topic, 0, &[(0, before[&0]), (100, end)])?;
    require_ranges(&pair, &topic, 1, &[(0, before[&1]), (5, end)])?;
    require_ranges(&pair, &topic, 2, &[(0, end), (high + 50, end)])?;
    Ok(format!("moved_at={},{} of {high}", before[&0], before[&1]))
}

/// The acceptance of the issue: the last records of two partitions, and a time for the third.
fn by_time() -> Result<String> {
    let (pair, topic) = written(&V3_9, "")?;
    let at = pair.source.client().read(&topic, 2, Isolation::ReadCommitted)?[150].timestamp;
    let at = jiff::Timestamp::from_millisecond(at)?;
    let edits = [format!("{topic}=last 100"), format!("{topic}:2={at}")];
    let edits: Vec<&str> = edits.iter().map(String::as_str).collect();
    let done = offsets(&pair.home, &[&["set", "--dry-run", "--format", "json"], &edits[..]].concat())?;
    require_code(&done, 0)?;
    ensure!(committed(&pair, &topic)?.is_empty(), "a dry run sets nothing");
    let rows: Vec<Value> = done.stdout.iter().map(|line| serde_json::from_str(line)).collect::<Result<_, _>>()?;
    let found: Vec<Option<i64>> = rows.iter().map(|row| row["after"].as_i64()).collect();
    ensure!(found == [Some(200), Some(200), Some(150)], "{rows:?}");
    ensure!(rows[2]["record_ms"].as_i64() == Some(at.as_millisecond()), "{}", rows[2]);
    set(&pair, &edits.iter().map(|edit| (*edit).to_owned()).collect::<Vec<_>>())?;
    pair.catch_up()?;
    require_ranges(&pair, &topic, 0, &[(200, 300)])?;
    require_ranges(&pair, &topic, 1, &[(200, 300)])?;
    require_ranges(&pair, &topic, 2, &[(150, 300)])?;
    let late = format!("{topic}=2100-01-01T00:00Z");
    let done = offsets(&pair.home, &["set", "--dry-run", &late])?;
    require_code(&done, 0)?;
    ensure!(done.stdout.concat().contains("no record is so young"), "{}", tail(&done));
    Ok(format!("target={}", pair.n_on_target(&topic)?))
}

/// The flow itself in another process, and a stranger in its group.
fn in_use() -> Result<String> {
    let (pair, topic) = written(&V4_3, "")?;
    let edit = format!("{topic}:0=5");
    for flow in ["f", "stranger"] {
        let text = std::fs::read_to_string(pair.home.config())?.replace("[flows.f]", &format!("[flows.{flow}]"));
        let home = Home::new(&text)?;
        let mut run = super::pair::start_in(&home, &[])?;
        wait_until_true("a member", SOON, || {
            ensure!(run.is_running()?, "{}", run.tail());
            Ok(!pair.source.client().describe_group(&pair.group)?.members.is_empty())
        })?;
        let refused = offsets(&pair.home, &["set", "--yes", &edit])?;
        require_code(&refused, 1)?;
        let text = refused.stderr.concat();
        let expected = format!("group `{}` is in use by kmirror-{flow}-0 on ", pair.group);
        ensure!(text.contains(&expected), "{}", tail(&refused));
        let shown = offsets(&pair.home, &["show", "--format", "json"])?;
        require_code(&shown, 0)?;
        let last: Value = serde_json::from_str(shown.stdout.last().context("a line")?)?;
        ensure!(last["members"][0]["is_of_flow"] == (flow == "f"), "{last}");
        require_code(&run.terminate(END_MAX)?, 0)?;
    }
    set(&pair, &[edit])?;
    Ok(String::new())
}

/// Behind the end, before the start, and of no partition: refused, and then nothing is set.
fn outside() -> Result<String> {
    let (pair, topic) = written(&V3_9, "")?;
    pair.catch_up()?;
    ensure!(pair.source.client().delete_records(&topic, 1, 150)? == 150, "the new start of the log");
    let refused = |edit: &str, code: i32, why: &str| {
        let good = format!("{topic}:0=7");
        let done = offsets(&pair.home, &["set", "--yes", &good, &format!("{topic}{edit}")])?;
        require_code(&done, code)?;
        ensure!(done.stderr.concat().contains(why), "{}", tail(&done));
        Ok::<_, anyhow::Error>(())
    };
    refused(":2=301", 2, "offset 301 is beyond the end of the log, which is 300")?;
    refused(":1=149", 2, "offset 149 is older than the log, which holds 150 to 300")?;
    refused(":1=-151", 2, "offset 149 is older than the log")?;
    refused(":7=1", 2, "mirrors no")?;
    refused(":2=soon", 2, "is not understood")?;
    require_committed(&pair, &topic, &[(0, 300), (1, 300), (2, 300)])?;
    let unasked = offsets(&pair.home, &["set", &format!("{topic}:0=7")])?;
    require_code(&unasked, 2)?;
    ensure!(unasked.stderr.concat().contains("--yes"), "{}", tail(&unasked));
    require_committed(&pair, &topic, &[(0, 300), (1, 300), (2, 300)])?;
    Ok(String::new())
}
