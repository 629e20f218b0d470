//! From a MirrorMaker 1 to kmirror, under load, at the positions of its own group.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use super::super::pair::{COPY_MAX, END_MAX, Pair, SOON, require_code, tail, wait_for};
use super::load::Load;
use crate::rig::checker::check;
use crate::rig::cluster::{shared, unique};
use crate::rig::corpus::Bulk;
use crate::rig::kmirror::Finished;
use crate::rig::mirrormaker::{MirrorMaker, Reading};
use crate::rig::record::Record;
use crate::rig::scenario::Scenario;
use crate::rig::verdict::Alterations;
use crate::rig::version::{V0_9, V3_9, V4_3, Version};
use crate::rig::wait::wait_until_true;
use crate::rig::wire::Isolation;

pub(in crate::scenarios) const SCENARIOS: &[Scenario] = &[
    Scenario::live("field/a_mirrormaker_1_taken_over_at_its_own_group_s_offsets_without_a_gap/3.9", || {
        take_over(&MODERN, Handover::StoppedBefore)
    }),
    Scenario::live("field/a_mirrormaker_1_taken_over_at_its_own_group_s_offsets_without_a_gap/0.9", || {
        take_over(&OLD, Handover::StoppedBefore)
    }),
    Scenario::live("field/a_mirrormaker_1_taken_over_at_its_own_group_s_offsets_without_a_gap/0.9_zookeeper", || {
        take_over(&OLDEST, Handover::StoppedBefore)
    }),
    Scenario::live(
        "field/a_mirrormaker_1_taken_over_at_its_own_group_s_offsets_without_a_gap/3.9_still_running",
        || take_over(&MODERN, Handover::StoppedWhileWaitedFor),
    ),
    Scenario::live(
        "field/a_mirrormaker_1_taken_over_at_its_own_group_s_offsets_without_a_gap/0.9_still_running",
        || take_over(&OLD, Handover::StoppedWhileWaitedFor),
    ),
    Scenario::live("field/a_mirrormaker_1_taken_over_at_its_own_group_s_offsets_without_a_gap/3.9_killed", || {
        take_over(&MODERN, Handover::Killed)
    }),
    Scenario::live(
        "field/a_mirrormaker_1_taken_over_at_its_own_group_s_offsets_without_a_gap/wrong_group",
        wrong_group,
    ),
];

/// Which MirrorMaker, from where to where.
struct Case {
    from: &'static Version,
    to: &'static Version,
    mirror_maker: &'static Version,
    reading: Reading,
}

const MODERN: Case = Case { from: &V3_9, to: &V4_3, mirror_maker: &V3_9, reading: Reading::Brokers };
/// Its producer speaks nothing that a 4.x takes.
const OLD: Case = Case { from: &V0_9, to: &V3_9, mirror_maker: &V0_9, reading: Reading::Brokers };
const OLDEST: Case = Case { reading: Reading::ZooKeeper, ..OLD };

/// When MirrorMaker ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Handover {
    /// In order, before kmirror is started.
    StoppedBefore,
    /// kmirror is started beside it, names it and waits.
    StoppedWhileWaitedFor,
    /// By SIGKILL, and kmirror is started at once: its group still counts on it.
    Killed,
}

/// Every record of the source is on the target; what MirrorMaker had not committed is there twice, no more; and from
/// the position it left on, kmirror's copy is in order and in the same partition.
fn take_over(case: &Case, handover: Handover) -> Result<String> {
    let (source, target) = (shared(case.from)?, shared(case.to)?);
    let (topic, group) = (unique("taken-over"), unique("mm1"));
    for broker in [source, target] {
        broker.create_topic(&topic, 3, &[])?;
    }
    Bulk::new(FIRST, 500).write(source, &topic)?;
    let options = format!("start = \"group:{group}\"\n");
    let pair = Pair::new(source, target, &topic, &options)?;
    let commit_interval = Duration::from_secs(if handover == Handover::Killed { 2 } else { 60 });
    let mut old =
        MirrorMaker::start(case.mirror_maker, case.reading, (source, target), &group, &topic, commit_interval)?;
    let load = Load::start(source, &topic, FIRST as u64);
    let what = "records copied by MirrorMaker";
    wait_until_true(what, COPY_MAX, || {
        ensure!(old.is_running()?, "MirrorMaker ended");
        let has_committed = handover != Handover::Killed || !source.client().committed(&group, &topic)?.is_empty();
        Ok(has_committed && pair.n_on_target(&topic)? >= 2_000)
    })
    .with_context(|| old.log_tail())?;

    let mut run = match handover {
        Handover::StoppedBefore => {
            old.stop()?;
            pair.start(&[])?
        }
        Handover::StoppedWhileWaitedFor | Handover::Killed => {
            if handover == Handover::Killed {
                old.kill()?;
            } else {
                let checked = pair.home.run(&["check", "-c", "{config}"], END_MAX)?;
                require_code(&checked, 0)?;
                let words = format!("`{group}`, where the flow is to take over, is still at work");
                ensure!(words_of(&checked).contains(&words), "{}", tail(&checked));
            }
            let mut run = pair.start(&[])?;
            let line = wait_for(&mut run, "the old mirror to be named", |line| {
                line["state"]["state"] == "waiting" && line["state"]["why"]["reason"] == "group_active"
            })?;
            let why = &line["state"]["why"];
            ensure!(
                why["group"] == group.as_str() && why["members"].as_array().is_some_and(|m| !m.is_empty()),
                "{why}"
            );
            ensure!(source.client().committed(&pair.group, &topic)?.is_empty(), "it began beside the old one");
            if handover == Handover::StoppedWhileWaitedFor {
                old.stop()?;
            }
            run
        }
    };
    wait_for(&mut run, "the start", |line| line["event"] == "started")?;
    let sent_by_old = handover != Handover::Killed;
    load.finish()?;
    wait_until_true("the end of both logs", SOON, || {
        let written = source.client().read_topic(&topic, Isolation::ReadCommitted)?;
        Ok(pair.n_on_target(&topic)? >= i64::try_from(written.iter().map(Vec::len).sum::<usize>())?)
    })
    .with_context(|| run.tail())?;
    Pair::wait_caught_up(&mut run)?;
    let done = run.terminate(END_MAX)?;
    require_code(&done, 0)?;
    judge(&pair, &group, &topic, sent_by_old, &done)
}

fn judge(pair: &Pair<'_>, group: &str, topic: &str, is_orderly: bool, done: &Finished) -> Result<String> {
    let written = pair.source.client().read_topic(topic, Isolation::ReadCommitted)?;
    let found = pair.target.client().read_topic(topic, Isolation::ReadUncommitted)?;
    let left = pair.source.client().committed(group, topic)?;
    let mut copies: HashMap<&[u8], usize> = HashMap::new();
    for record in found.iter().flatten() {
        *copies.entry(number(record)).or_default() += 1;
    }
    let missing = written.iter().flatten().filter(|record| !copies.contains_key(number(record))).count();
    let n_written: usize = written.iter().map(Vec::len).sum();
    let n_found: usize = found.iter().map(Vec::len).sum();
    ensure!(missing == 0, "{missing} of {n_written} records are missing; MirrorMaker left at {left:?}\n{}", tail(done));
    ensure!(copies.len() == n_written, "records that the source has not: {} of {n_written}", copies.len());
    let mut taken_over = 0;
    let mut rehashed = 0;
    for (partition, (written, found)) in (0..).zip(written.iter().zip(&found)) {
        let from = left.get(&partition).map_or(0, |committed| committed.offset);
        let behind: Vec<Record> = written.iter().filter(|record| record.offset >= from).cloned().collect();
        ensure!(found.len() >= behind.len(), "partition {partition}: {} < {}", found.len(), behind.len());
        let tail = &found[found.len() - behind.len()..];
        check(&behind, tail, Alterations::RECORD_LANE).require_rewinds(0, 0).with_context(|| format!("{left:?}"))?;
        taken_over += behind.len();
        let own: std::collections::HashSet<&[u8]> = written.iter().map(number).collect();
        rehashed += found.iter().filter(|record| !own.contains(number(record))).count();
    }
    let duplicates = n_found - n_written;
    ensure!(!is_orderly || duplicates == 0, "{duplicates} records are there twice after an orderly end");
    ensure!(taken_over > 0 && taken_over < n_written, "nothing was taken over in mid-copy: {taken_over}");
    ensure!(rehashed > 0, "MirrorMaker kept the partitions: the comparison takes into account what does not happen");
    Ok(format!("records={n_written} taken_over={taken_over} duplicates={duplicates} rehashed={rehashed}"))
}

/// A group that has no position for what the target already holds: a name misspelt, or one whose positions are in
/// ZooKeeper. Beginning at the beginning would copy all of it again.
fn wrong_group() -> Result<String> {
    let (source, target, topic) = (shared(&V3_9)?, shared(&V4_3)?, unique("wrong-group"));
    source.create_topic(&topic, 3, &[])?;
    Bulk::new(300, 200).write(source, &topic)?;
    Pair::new(source, target, &topic, "")?.catch_up()?;
    let group = unique("no-such-group");
    let pair = Pair::new(source, target, &topic, &format!("start = \"group:{group}\"\n"))?;
    let checked = pair.home.run(&["check", "-c", "{config}"], END_MAX)?;
    require_code(&checked, 3)?;
    let words = words_of(&checked);
    ensure!(words.contains("no progress is stored") && words.contains(&group), "{}", tail(&checked));
    let done = pair.run_until_caught_up(&[])?;
    require_code(&done, 3)?;
    ensure!(pair.n_on_target(&topic)? == 300, "all was copied again");
    // A partition that the group has a position in is taken over all the same.
    source.client().commit(&group, &topic, 1, 100, "")?;
    let pair = Pair::new(source, target, &topic, &format!("start = \"group:{group}\"\n"))?;
    Bulk { first: 300, ..Bulk::new(300, 200) }.write(source, &topic)?;
    require_code(&pair.run_until_caught_up(&[])?, 3)?;
    ensure!(pair.n_on_target(&topic)? == 400, "{} records", pair.n_on_target(&topic)?);
    Ok(String::new())
}

/// What was printed, without the ends of its lines.
fn words_of(done: &Finished) -> String {
    done.stdout.iter().flat_map(|line| line.split_whitespace()).collect::<Vec<_>>().join(" ")
}

/// What every record of a bulk begins with, and no other has.
fn number(record: &Record) -> &[u8] {
    record.value.as_ref().map_or(&[], |value| &value[..16])
}

const FIRST: usize = 12_000;
