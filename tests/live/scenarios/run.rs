//! How runs end, what they refuse, and what they say on the way.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use super::pair::{END_MAX, Pair, SOON, json_lines, require_code, summary, tail, wait_for};
use crate::rig::broker::Broker;
use crate::rig::cluster::{shared, unique};
use crate::rig::corpus::{Bulk, Mix};
use crate::rig::record::Record;
use crate::rig::scenario::Scenario;
use crate::rig::version::{V3_9, V4_3};
use crate::rig::wire::{Batch, Codec, Isolation, Outcome, TopicInfo};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::live("run/until_caught_up_exits", until_caught_up),
    Scenario::live("run/until_caught_up_passes_what_holds_no_record", nothing_to_copy),
    Scenario::live("run/an_open_transaction_is_waited_for", open_transaction),
    Scenario::live("run/refuses_to_feed_itself", feeds_itself),
    Scenario::live("run/refuses_what_would_collide", collides),
    Scenario::live("run/metrics_and_json_tell_the_truth", metrics_and_json),
    Scenario::live("run/internal_topics_stay_where_they_are", internal_topics),
];

/// All of it the first time, nothing the second time, what was added the third time.
fn until_caught_up() -> Result<String> {
    let (source, target, topic) = (shared(&V3_9)?, shared(&V4_3)?, unique("caught-up"));
    source.create_topic(&topic, 3, &[])?;
    let pair = Pair::new(source, target, &topic, "")?;
    let mut seconds = Vec::new();
    let mut first = 0;
    for n_records in [2_000, 0, 500] {
        Bulk { first, ..Bulk::new(n_records, 100) }.write(source, &topic)?;
        first += n_records as u64;
        let began = Instant::now();
        let done = pair.catch_up()?;
        seconds.push(format!("{:.1}", began.elapsed().as_secs_f64()));
        ensure!(began.elapsed() < Duration::from_secs(20), "it took {seconds:?} s\n{}", tail(&done));
        let moved = &summary(&done)?["totals"]["records"];
        ensure!(moved.as_u64() == Some(n_records as u64), "{moved} records moved instead of {n_records}");
    }
    let verdict = pair.compare(&topic)?;
    verdict.require_exact()?;
    Ok(format!("{verdict} runs={}", seconds.join("s,")))
}

/// Empty topics, logs that end in control records or hold nothing else, and no topic at all.
fn nothing_to_copy() -> Result<String> {
    let (source, target, stem) = (shared(&V3_9)?, shared(&V4_3)?, unique("nothing"));
    let client = source.client();
    let [empty, aborted, trailing] = ["empty", "aborted", "trailing"].map(|name| format!("{stem}-{name}"));
    for topic in [&empty, &aborted, &trailing] {
        source.create_topic(topic, 2, &[])?;
    }
    let records = |value: &'static str| Batch::new(Codec::None, vec![Record::new(1_000, "key", value)]);
    let mut transaction = client.transaction(&unique("nothing"))?;
    transaction.produce(&aborted, 0, &records("never seen"))?;
    transaction.produce(&trailing, 1, &records("never seen"))?;
    transaction.end(Outcome::Abort)?;
    client.wait_stable(&aborted)?;
    client.wait_stable(&trailing)?;
    client.produce(&trailing, 0, &records("plain"))?;
    transaction.produce(&trailing, 0, &records("committed"))?;
    transaction.end(Outcome::Commit)?;
    client.wait_stable(&trailing)?;

    let pair = Pair::new(source, target, &format!("{stem}-.*"), "")?;
    for expected in [2, 0] {
        let done = pair.catch_up()?;
        let summary = summary(&done)?;
        ensure!(summary["totals"]["records"] == expected, "{summary}");
        ensure!(summary["lag_records"] == 0, "lag behind control records: {summary}");
    }
    let verdict = pair.compare(&trailing)?;
    verdict.require_exact()?;
    ensure!(pair.n_on_target(&aborted)? == 0 && pair.n_on_target(&empty)? == 0, "records came from nowhere");
    ensure!(target.client().partitions(&empty)? == 2, "an empty topic is a topic");

    let none = Pair::new(source, target, &format!("{stem}-no-such-topic"), "")?;
    let done = none.catch_up()?;
    ensure!(done.stdout.iter().any(|line| line.contains("no topic of the source matches")), "{}", tail(&done));
    Ok(verdict.to_string())
}

/// Its records may still be aborted, so they and all behind them wait; and that is said.
fn open_transaction() -> Result<String> {
    let (source, target, topic) = (shared(&V3_9)?, shared(&V4_3)?, unique("open"));
    source.create_topic(&topic, 1, &[])?;
    let client = source.client();
    let batch = |value: &'static str| Batch::new(Codec::None, vec![Record::new(1_000, "key", value)]);
    client.produce(&topic, 0, &batch("before"))?;
    let mut open = client.transaction(&unique("open"))?;
    open.produce(&topic, 0, &batch("in it"))?;
    client.produce(&topic, 0, &batch("behind it"))?;

    let pair = Pair::new(source, target, &topic, "")?;
    let mut run = pair.start(&[])?;
    wait_for(&mut run, "the open transaction to be named", |line| {
        line["state"]["state"] == "waiting" && line["state"]["why"]["reason"] == "open_transaction"
    })?;
    ensure!(pair.n_on_target(&topic)? == 1, "read past an open transaction");
    open.end(Outcome::Commit)?;
    pair.wait_on_target(&mut run, &topic, 3)?;
    wait_for(&mut run, "the end of the log", |line| line["type"] == "sample" && line["state"]["state"] == "caught_up")?;
    require_code(&run.terminate(END_MAX)?, 0)?;
    let verdict = pair.compare(&topic)?;
    verdict.require_exact()?;
    Ok(verdict.to_string())
}

/// A cluster that mirrors onto itself would read what it wrote, for ever.
fn feeds_itself() -> Result<String> {
    let (source, topic) = (shared(&V3_9)?, unique("self"));
    source.create_topic(&topic, 1, &[])?;
    Bulk::new(10, 100).write(source, &topic)?;
    // Two names of the same address; and of the same cluster, which only the cluster itself can tell.
    let port = source.address().split_once(':').context("a port")?.1.to_owned();
    for address in [source.address(), format!("localhost:{port}")] {
        for (include, rename) in [(topic.clone(), ""), (format!("(x\\.)*{topic}"), "rename = { prefix = \"x\" }\n")] {
            let pair = Pair::at(source, source, &address, &include, rename)?;
            let done = pair.start(&[])?.finish(END_MAX)?;
            require_code(&done, 2)?;
            let says = |word: &str| done.stdout.iter().chain(&done.stderr).any(|line| line.contains(word));
            ensure!(says("itself") || says("refused"), "{}", tail(&done));
            ensure!(pair.n_on_target(&topic)? == 10, "it wrote");
            ensure!(source.client().topic(&format!("x.{topic}"))?.is_none(), "it created a topic");
        }
    }
    // Onto the same cluster under a name that is not included: that is fine.
    let pair = Pair::new(source, source, &topic, "rename = { prefix = \"y\" }\n")?;
    pair.catch_up()?;
    ensure!(pair.n_on_target(&format!("y.{topic}"))? == 10, "a harmless rename was not mirrored");
    Ok(String::new())
}

/// Two topics that would become one.
fn collides() -> Result<String> {
    let (source, target, stem) = (shared(&V3_9)?, shared(&V4_3)?, unique("collide"));
    for topic in [format!("{stem}-a"), format!("{stem}-b")] {
        source.create_topic(&topic, 1, &[])?;
        Bulk::new(10, 100).write(source, &topic)?;
    }
    let rename = format!("rename = {{ pattern = '{stem}-.', replacement = '{stem}' }}\n");
    let pair = Pair::new(source, target, &format!("{stem}-."), &rename)?;
    let done = pair.run_until_caught_up(&[])?;
    require_code(&done, 2)?;
    let says = |name: &str| done.stdout.iter().any(|line| line.contains("refused") && line.contains(name));
    ensure!(says(&format!("{stem}-a")) && says(&format!("{stem}-b")), "both are named\n{}", tail(&done));
    ensure!(target.client().topic(&stem)?.is_none(), "it created a topic");
    Ok(String::new())
}

/// I16: what is counted is what the checker counts.
fn metrics_and_json() -> Result<String> {
    let (source, target, topic) = (shared(&V3_9)?, shared(&V4_3)?, unique("counted"));
    source.create_topic(&topic, 3, &[])?;
    Mix { has_large: false, ..Mix::new(16, 3_000) }.write(source, &topic)?;
    let pair = Pair::new(source, target, &topic, "")?;
    let mut run = pair.start(&["--metrics", "127.0.0.1:0"])?;
    let line = run.wait_for_line("the address of the metrics", SOON, |line| line.contains("/metrics"))?;
    let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).context("an address")?;
    wait_for(&mut run, "the end of the log", |line| {
        line["type"] == "sample" && line["state"]["state"] == "caught_up" && line["lag_records"] == 0
    })?;
    let metrics = scrape(address)?;
    let done = run.terminate(END_MAX)?;
    require_code(&done, 0)?;
    json_lines(&done.stdout)?;
    let verdict = pair.compare(&topic)?;
    verdict.require_exact()?;
    let n_target = verdict.target as u64;
    let counted = sum_of(&metrics, "kmirror_records_total", &topic)?;
    ensure!(counted == n_target, "metrics count {counted} records, the target holds {n_target}\n{metrics}");
    let totals = summary(&done)?["totals"].clone();
    ensure!(totals["records"] == n_target, "{totals}, the target holds {n_target}");
    let zeros = count_zero_timestamps(&pair, &topic)?;
    ensure!(zeros > 0 && totals["altered"]["timestamp_zero"] == zeros, "{zeros} timestamps 0: {totals}");
    Ok(format!("{verdict} json_lines={}", done.stdout.len()))
}

fn count_zero_timestamps(pair: &Pair<'_>, topic: &str) -> Result<usize> {
    let records = pair.source.client().read_topic(topic, Isolation::ReadCommitted)?;
    Ok(records.iter().flatten().filter(|record| record.timestamp == 0).count())
}

pub(super) fn scrape(address: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address).with_context(|| format!("connect to {address}"))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(stream, "GET /metrics HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    ensure!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    Ok(answer)
}

/// The sum over all series of a metric that name the topic.
fn sum_of(metrics: &str, name: &str, topic: &str) -> Result<u64> {
    let series = metrics.lines().filter(|line| line.starts_with(name) && line.contains(&format!("\"{topic}\"")));
    let values: Vec<f64> = series.filter_map(|line| line.rsplit(' ').next()?.parse().ok()).collect();
    ensure!(!values.is_empty(), "no series of {name} names {topic}\n{metrics}");
    Ok(values.iter().sum::<f64>() as u64)
}

/// `.*` means every topic of the users', not those of Kafka and of other mirrors.
fn internal_topics() -> Result<String> {
    let source = Broker::start(&V4_3)?;
    let (target, stem) = (shared(&V3_9)?, unique("user"));
    source.create_topic(&stem, 1, &[])?;
    Bulk::new(100, 100).write(&source, &stem)?;
    let client = source.client();
    // Each of these brings an internal topic to life.
    client.commit("somebody", &stem, 0, 1, "")?;
    client.transaction("somebody")?;
    let internal = ["mm2-offsets.a.internal", "connect-configs", "a.checkpoints.internal", "heartbeats"];
    for topic in internal {
        source.create_topic(topic, 1, &[])?;
    }
    let all = names(&client.topics()?);
    ensure!(all.iter().any(|name| name == "__consumer_offsets"), "nothing internal to leave alone: {all:?}");
    let pair = Pair::new(&source, target, ".*", "")?;
    let done = pair.catch_up()?;
    pair.compare(&stem)?.require_exact()?;
    let events = json_lines(&done.stdout)?;
    let created: Vec<&str> = events
        .iter()
        .filter(|line| line["event"] == "topic_created")
        .filter_map(|line| line["topic"].as_str())
        .collect();
    ensure!(created == [stem.as_str()], "created: {created:?}");
    let records = &summary(&done)?["totals"]["records"];
    ensure!(*records == 100, "{records} records were copied");
    Ok(format!("internal={}", all.len() - 1))
}

fn names(topics: &[TopicInfo]) -> Vec<String> {
    topics.iter().map(|topic| topic.name.clone()).collect()
}
