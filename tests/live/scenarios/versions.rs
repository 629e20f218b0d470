//! Clusters of other versions than ours: found out, told wrongly, and what is lost between them.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::pair::{
    COPY_MAX, END_MAX, Pair, SOON, is_topic_blocked, json_lines, n_written, require_code, start_in, summary, tail,
    wait_for,
};
use super::run::scrape;
use crate::rig::broker::Broker;
use crate::rig::cluster::{shared, unique};
use crate::rig::compare::compare;
use crate::rig::corpus::{Bulk, Mix};
use crate::rig::kmirror::{Finished, Home};
use crate::rig::record::Record;
use crate::rig::scenario::Scenario;
use crate::rig::verdict::Alterations;
use crate::rig::version::{V0_9, V0_10, V1_0, V2_4, V3_9, V4_3, Version};
use crate::rig::wait::wait_until_true;
use crate::rig::wire::Isolation;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::live("versions/auto_finds_an_0_9_source", auto_source),
    Scenario::live("versions/auto_finds_an_0_9_target", auto_target),
    Scenario::live("versions/older_than_told_is_refused", older_than_told),
    Scenario::live("versions/another_than_told_is_warned_about", another_than_told),
    Scenario::live("versions/newer_than_told_is_refused", || newer_than_told(&V3_9, &V4_3)),
    Scenario::live("versions/newer_than_told_is_refused_by_4_3", || newer_than_told(&V4_3, &V3_9)),
    Scenario::live("versions/a_pause_is_not_taken_for_old_age", paused),
    Scenario::live("versions/an_upgrade_under_way_is_noticed", upgraded),
    Scenario::live("versions/nothing_is_lost_from_4_3_to_1_0", || what_is_lost(&V4_3, &V1_0, &[])),
    Scenario::live("versions/what_is_lost_from_4_3_to_0_10", || {
        what_is_lost(&V4_3, &V0_10, &["no_headers", "no_partition_creation", "not_idempotent"])
    }),
    Scenario::live("versions/what_is_lost_from_3_9_to_0_9", || {
        let all =
            ["no_headers", "no_partition_creation", "no_timestamps", "no_topic_creation", "not_idempotent", "version"];
        what_is_lost(&V3_9, &V0_9, &all)
    }),
    Scenario::live("versions/a_missing_topic_on_0_9_is_created_by_the_command_shown", missing_topic),
    Scenario::live("versions/partitions_on_0_10_are_added_by_the_command_shown", missing_partitions),
];

/// A look, with everything else that a check does.
const LOOK_MAX: Duration = Duration::from_secs(6);
/// The line to add for an 0.9 cluster called `name`.
fn line_for_0_9(name: &str) -> String {
    format!("[clusters.{name}] version = \"0.9.0.1\"")
}

/// A pair whose configuration says nothing of versions.
fn untold<'a>(source: &'a Broker, target: &'a Broker, topic: &str) -> Result<Pair<'a>> {
    Pair::told(source, target, ["auto", "auto"], topic, "")
}

/// The line of flow `f` in what `check` prints, and how long it took.
pub(super) fn checked(pair: &Pair<'_>, code: i32) -> Result<(Value, Duration)> {
    let began = Instant::now();
    let done = pair.check()?;
    let took = began.elapsed();
    require_code(&done, code)?;
    ensure!(took < LOOK_MAX, "the check took {took:?}\n{}", tail(&done));
    let lines = json_lines(&done.stdout)?;
    let flow = lines.into_iter().find(|line| line["type"] == "flow").context("no line of the flow")?;
    Ok((flow, took))
}

/// The warnings of a flow's line in `check`, by their names.
pub(super) fn warnings(flow: &Value) -> Vec<&str> {
    let warnings = flow["warnings"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut names: Vec<&str> = warnings.iter().filter_map(|warning| warning["warning"].as_str()).collect();
    names.sort_unstable();
    names
}

/// Whether a run said so in an event of this kind.
pub(super) fn told(done: &Finished, event: &str, text: &str) -> Result<bool> {
    Ok(json_lines(&done.stdout)?.iter().any(|line| {
        line["event"] == event
            && ["text", "source", "target"].iter().any(|key| line[key].as_str().is_some_and(|told| told.contains(text)))
    }))
}

/// Nothing is configured, everything is copied, and the line to add is named.
fn auto_source() -> Result<String> {
    let (source, target, topic) = (&Broker::start(&V0_9)?, shared(&V4_3)?, unique("auto"));
    source.create_topic(&topic, 3, &[])?;
    Mix::for_version(&V0_9, 21, 600).write(source, &topic)?;
    let pair = untold(source, target, &topic)?;
    let (flow, took) = checked(&pair, 0)?;
    ensure!(flow["source"]["version"] == "0.9" && flow["target"]["version"] == "4.x", "{flow}");
    let found = warnings(&flow);
    ensure!(found.contains(&"version") && found.contains(&"source_without_timestamps"), "{found:?}");
    ensure!(flow["warnings"].to_string().contains("version = \\\"0.9.0.1\\\""), "{flow}");
    let began = Instant::now();
    let done = pair.catch_up()?;
    let run_took = began.elapsed();
    ensure!(told(&done, "versions", "0.9")? && told(&done, "notice", &line_for_0_9("a"))?, "{}", tail(&done));
    let verdict = pair.compare(&topic)?;
    verdict.require_exact()?;
    // What the source does not have is not invented.
    let records = target.client().read_topic(&topic, Isolation::ReadUncommitted)?;
    ensure!(records.iter().flatten().all(|record| record.timestamp == -1), "timestamps came from nowhere");
    // A start by time goes by the age of files there.
    pair.reconfigure(&topic, "start = \"-1h\"\n")?;
    let (flow, _) = checked(&pair, 0)?;
    ensure!(warnings(&flow).contains(&"coarse_start"), "{flow}");
    pair.reconfigure(&topic, "")?;
    // It is a group like any other: what was committed is gone on from.
    Bulk::new(300, 100).write(source, &topic)?;
    let done = pair.catch_up()?;
    ensure!(summary(&done)?["totals"]["records"] == 300, "{}", tail(&done));
    Ok(format!("{verdict} check={:.1}s run={:.1}s", took.as_secs_f64(), run_took.as_secs_f64()))
}

fn auto_target() -> Result<String> {
    let (source, target, topic) = (shared(&V3_9)?, &Broker::start(&V0_9)?, unique("auto"));
    for broker in [source, target] {
        broker.create_topic(&topic, 2, &[])?;
    }
    Bulk::new(2_000, 100).write(source, &topic)?;
    let pair = untold(source, target, &topic)?;
    let (flow, took) = checked(&pair, 0)?;
    ensure!(flow["target"]["version"] == "0.9", "{flow}");
    let done = pair.catch_up()?;
    ensure!(told(&done, "notice", &line_for_0_9("b"))?, "{}", tail(&done));
    let allowed = Alterations { timestamps: true, ..Alterations::NONE };
    let verdict = compare((source, &topic), (target, &topic), allowed)?;
    verdict.require_exact()?;
    Ok(format!("{verdict} check={:.1}s", took.as_secs_f64()))
}

/// Fails unless `check` and `run` refuse the flow within seconds and name this line.
fn require_refused(pair: &Pair<'_>, topic: &str, line: &str) -> Result<String> {
    let (flow, check_took) = checked(pair, 2)?;
    ensure!(flow["problems"][0]["kind"] == "conflict", "{flow}");
    ensure!(flow["problem"].as_str().is_some_and(|text| text.contains(line)), "{line} is not in {flow}");
    let began = Instant::now();
    let done = pair.start(&[])?.finish(END_MAX)?;
    let took = began.elapsed();
    require_code(&done, 2)?;
    let lines = json_lines(&done.stdout)?;
    let refused = lines.iter().filter_map(|line| line["state"]["why"].as_str());
    ensure!(refused.into_iter().any(|why| why.contains(line)), "{}", tail(&done));
    ensure!(took < LOOK_MAX, "it took {took:?}\n{}", tail(&done));
    ensure!(pair.n_on_target(topic)? == 0, "it wrote");
    Ok(format!("check={:.1}s run={:.1}s", check_took.as_secs_f64(), took.as_secs_f64()))
}

fn older_than_told() -> Result<String> {
    let (source, target, topic) = (&Broker::start(&V0_9)?, shared(&V3_9)?, unique("older"));
    source.create_topic(&topic, 1, &[])?;
    Bulk::new(100, 100).write(source, &topic)?;
    let pair = Pair::told(source, target, ["1.0.0", "auto"], &topic, "")?;
    require_refused(&pair, &topic, &line_for_0_9("a"))
}

/// Spoken to as 0.9, it would leave out headers and timestamps without a word.
fn newer_than_told(from: &'static Version, to: &'static Version) -> Result<String> {
    let (source, target, topic) = (shared(from)?, shared(to)?, unique("newer"));
    source.create_topic(&topic, 1, &[])?;
    Bulk::new(100, 100).write(source, &topic)?;
    let pair = Pair::told(source, target, ["0.9.0.1", "auto"], &topic, "")?;
    require_refused(&pair, &topic, "[clusters.a] version = ")
}

/// Both tell their version themselves: what they tell counts, so nothing is at stake but the configuration's truth.
fn another_than_told() -> Result<String> {
    let (source, target, topic) = (shared(&V2_4)?, shared(&V3_9)?, unique("another"));
    source.create_topic(&topic, 2, &[])?;
    Bulk::new(200, 100).write(source, &topic)?;
    let pair = Pair::told(source, target, ["3.9", "2.4.1"], &topic, "")?;
    let (flow, _) = checked(&pair, 0)?;
    ensure!(warnings(&flow).iter().filter(|name| **name == "version").count() == 2, "{flow}");
    let done = pair.catch_up()?;
    for line in ["[clusters.a] version = \"2.4\"", "[clusters.b] version = \"3.9\""] {
        ensure!(told(&done, "notice", line)?, "{line}\n{}", tail(&done));
    }
    pair.compare(&topic)?.require_exact()?;
    Ok(String::new())
}

/// A broker that does not answer for seconds answers everything once it is back.
fn paused() -> Result<String> {
    let (source, target, topic) = (Broker::start(&V3_9)?, shared(&V4_3)?, unique("paused"));
    source.create_topic(&topic, 1, &[])?;
    Bulk::new(100, 100).write(&source, &topic)?;
    let pair = untold(&source, target, &topic)?;
    source.pause()?;
    let run = pair.start(&["--until-caught-up"])?;
    let pid = run.pid();
    // The table is asked for once, then the other question: until that one's connection is there, too.
    let asked =
        crate::rig::wait::wait_until_true("both questions", SOON, || Ok(n_connections(pid, &source.address())? >= 2));
    source.resume()?;
    asked?;
    let done = run.finish(COPY_MAX)?;
    require_code(&done, 0)?;
    ensure!(told(&done, "versions", "3.9")? && !told(&done, "notice", "version")?, "{}", tail(&done));
    pair.compare(&topic)?.require_exact()?;
    Ok(String::new())
}

/// What the source learns while the flow runs is carried: from then on it has headers and timestamps.
fn upgraded() -> Result<String> {
    let (old, target, topic) = (Broker::start(&V0_9)?, shared(&V4_3)?, unique("upgraded"));
    old.create_topic(&topic, 2, &[])?;
    let first = Mix::for_version(&V0_9, 23, 300).write(&old, &topic)?;
    let config = format!(
        "[clusters.a]\nbootstrap_servers = \"{}\"\n[clusters.b]\nbootstrap_servers = \"{}\"\n[flows.f]\n\
         source = \"a\"\ntarget = \"b\"\ninclude = ['{topic}']\nrefresh_interval = \"2s\"\n",
        old.address(),
        target.address()
    );
    let home = Home::new(&config)?;
    let mut run = start_in(&home, &[])?;
    // What is not committed when the group loses its only broker is copied again.
    let n_first = i64::try_from(first.iter().map(Vec::len).sum::<usize>())?;
    wait_until_true("the progress to be committed", SOON, || {
        Ok(old.client().committed("kmirror.f", &topic)?.values().map(|at| at.offset).sum::<i64>() >= n_first)
    })
    .with_context(|| run.tail())?;
    let new = old.upgrade(&V1_0)?;
    wait_for(&mut run, "the upgrade to be noticed", |line| line["event"] == "versions" && line["source"] == "1.0")?;
    let more = Mix { has_large: false, ..Mix::for_version(&V1_0, 24, 600) }.write(&new, &topic)?;
    // Being caught up with what was there before would be said as well.
    let wanted = n_first + i64::try_from(more.iter().map(Vec::len).sum::<usize>())?;
    wait_until_true("the records written after the upgrade", COPY_MAX, || Ok(n_written(target, &topic)? >= wanted))
        .with_context(|| run.tail())?;
    let done = run.terminate(END_MAX)?;
    require_code(&done, 0)?;
    let verdict = compare((&new, &topic), (target, &topic), Alterations::RECORD_LANE)?;
    verdict.require_exact()?;
    let copied = target.client().read_topic(&topic, Isolation::ReadUncommitted)?;
    ensure!(copied.iter().flatten().any(|record| !record.headers.is_empty()), "no headers");
    Ok(verdict.to_string())
}

/// Connections of a process to a port of this machine.
fn n_connections(pid: u32, address: &str) -> Result<usize> {
    let port: u16 = address.rsplit(':').next().context("a port")?.parse()?;
    let remote = format!("0100007F:{port:04X}");
    let table = std::fs::read_to_string(format!("/proc/{pid}/net/tcp"))?;
    let established = |line: &&str| {
        let mut columns = line.split_whitespace().skip(2);
        columns.next() == Some(&remote) && columns.next() == Some("01")
    };
    Ok(table.lines().filter(established).count())
}

/// What the target cannot hold is said before, and counted while it is left out. Everything else arrives.
fn what_is_lost(from: &'static Version, to: &'static Version, expected: &[&str]) -> Result<String> {
    let (source, topic) = (shared(from)?, unique("lost"));
    let own;
    let target = if to.answers_api_versions {
        shared(to)?
    } else {
        own = Broker::start(to)?;
        &own
    };
    source.create_topic(&topic, 2, &[])?;
    if !to.creates_topics {
        target.create_topic(&topic, 2, &[])?;
    }
    let written = Mix { has_large: false, ..Mix::new(22, 1_500) }.write(source, &topic)?;
    let pair = untold(source, target, &topic)?;
    let (flow, _) = checked(&pair, 0)?;
    let mut found = warnings(&flow);
    // These come from the settings of the target, not from its version.
    found.retain(|name| !["config_unreadable", "defaults_unknown"].contains(name));
    ensure!(found == expected, "warnings are {found:?}");
    let mut run = pair.start(&["--metrics", "127.0.0.1:0"])?;
    let line = run.wait_for_line("the address of the metrics", SOON, |line| line.contains("/metrics"))?;
    let address =
        line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).context("an address")?.to_owned();
    Pair::wait_caught_up(&mut run)?;
    let metrics = scrape(&address)?;
    let done = run.terminate(END_MAX)?;
    require_code(&done, 0)?;
    let (keeps_headers, keeps_timestamps) = (to.has_transactions, to.answers_api_versions);
    let count =
        |is_altered: &dyn Fn(&Record) -> bool| written.iter().flatten().filter(|record| is_altered(record)).count();
    let altered = &summary(&done)?["totals"]["altered"];
    for (kind, expected) in [
        ("headers_dropped", count(&|record| !keeps_headers && !record.headers.is_empty())),
        ("timestamps_dropped", count(&|record| !keeps_timestamps && record.timestamp >= 0)),
        ("timestamp_zero", count(&|record| keeps_timestamps && record.timestamp == 0)),
    ] {
        ensure!(altered[kind] == expected, "{expected} {kind}: {altered}");
        let series = format!("kmirror_records_altered_total{{flow=\"f\",kind=\"{kind}\"}} {expected}");
        ensure!(metrics.lines().any(|line| line == series), "{series}\n{metrics}");
    }
    let allowed = Alterations {
        zero_timestamp: true,
        headers: !keeps_headers,
        timestamps: !keeps_timestamps,
        ..Alterations::NONE
    };
    let verdict = compare((source, &topic), (target, &topic), allowed)?;
    verdict.require_exact()?;
    Ok(format!("{verdict} altered={altered}"))
}

/// Why the topic is blocked, in the words of `check`, and the command of the first way out.
fn way_out(pair: &Pair<'_>, topic: &str) -> Result<(String, String)> {
    let done = pair.check()?;
    require_code(&done, 3)?;
    let lines = json_lines(&done.stdout)?;
    let line = lines.iter().find(|line| line["type"] == "topic" && line["topic"] == topic).context("no such topic")?;
    let words = [&line["problem"], &line["remedies"][0]["remedy"]["ways"][0]["command"]].map(Value::as_str);
    let [Some(why), Some(command)] = words else { bail!("no way out in {line}") };
    Ok((why.to_owned(), command.to_owned()))
}

/// Nobody can create a topic on 0.9 over the protocol. Typing what is shown is all it takes.
fn missing_topic() -> Result<String> {
    let (source, target, topic) = (shared(&V3_9)?, shared(&V0_9)?, unique("missing"));
    source.create_topic(&topic, 3, &[])?;
    Bulk::new(300, 100).write(source, &topic)?;
    let pair = untold(source, target, &topic)?;
    let (_, shown) = way_out(&pair, &topic)?;
    let mut run = pair.home.start(&["run", "-c", "{config}"])?;
    let line = run.wait_for_line("the command", SOON, |line| line.trim().starts_with("kafka-topics.sh"))?;
    let command = line.trim();
    ensure!(command == shown, "`run` shows {command}, `check` {shown}");
    // That its beginning is written down by now does not mean that it was there before.
    let (why, _) = way_out(&pair, &topic)?;
    ensure!(why.contains("cannot create topics"), "{why}");
    target.type_topics_command(command)?;
    run.wait_for_line("the flow to go on", SOON, |line| line.contains("goes on"))?;
    pair.wait_on_target(&mut run, &topic, 300)?;
    require_code(&run.terminate(END_MAX)?, 0)?;
    let allowed = Alterations { timestamps: true, ..Alterations::NONE };
    compare((source, &topic), (target, &topic), allowed)?.require_exact()?;
    Ok(command.to_owned())
}

/// Likewise for partitions before 1.0.
fn missing_partitions() -> Result<String> {
    let (source, target, topic) = (shared(&V3_9)?, shared(&V0_10)?, unique("narrow"));
    source.create_topic(&topic, 3, &[])?;
    target.create_topic(&topic, 2, &[])?;
    Bulk::new(300, 100).write(source, &topic)?;
    let pair = untold(source, target, &topic)?;
    let (_, command) = way_out(&pair, &topic)?;
    let mut run = pair.start(&[])?;
    wait_for(&mut run, "the topic to be blocked", |line| is_topic_blocked(line, &topic, "partition_count"))?;
    target.type_topics_command(&command)?;
    pair.wait_on_target(&mut run, &topic, 300)?;
    require_code(&run.terminate(END_MAX)?, 0)?;
    compare((source, &topic), (target, &topic), Alterations::NONE)?.require_exact()?;
    Ok(command)
}
