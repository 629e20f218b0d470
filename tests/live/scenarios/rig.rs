//! The rig proves itself before it judges anything else.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::rig::broker::Broker;
use crate::rig::checker::check;
use crate::rig::cluster::{shared, unique};
use crate::rig::compare::compare;
use crate::rig::corpus::{Bulk, Mix};
use crate::rig::kmirror::Home;
use crate::rig::properties::MIRROR_USER;
use crate::rig::record::Record;
use crate::rig::scenario::Scenario;
use crate::rig::verdict::{Alterations, Verdict};
use crate::rig::version::{V0_9, V0_10, V1_0, V2_4, V3_2, V3_9, V4_3, Version};
use crate::rig::wait::{let_pass, wait_until_true};
use crate::rig::wire::{Batch, BrokerError, Codec, Format, Isolation, Operation, Outcome, Position, Resource};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::live("rig/kraft_3_9_and_4_3_round_trip", round_trip),
    Scenario::live("rig/data_survives_a_restart_and_a_crash_on_the_same_port", restart),
    Scenario::live("rig/admin_and_group_requests_work", admin),
    Scenario::live("rig/an_open_transaction_holds_readers_back", open_transaction),
    Scenario::live("rig/zookeeper_0_9_to_3_2_round_trip", older_round_trip),
    Scenario::live("rig/a_log_of_mixed_formats_is_read", mixed_formats),
    Scenario::live("rig/a_guarded_listener_gives_only_granted_rights", guarded),
    Scenario::live("rig/two_brokers_are_compared", compared),
    Scenario::pure("rig/the_program_runs_as_a_child", program),
    Scenario::live("rig/bulk_writes_are_read_back_whole", bulk),
];

/// What was written with every codec, in and out of transactions, is what a committed reader finds.
fn round_trip() -> Result<String> {
    let mut facts = Vec::new();
    let mut total = Verdict::default();
    for version in [&V3_9, &V4_3] {
        let broker = shared(version)?;
        let topic = unique("round-trip");
        broker.create_topic(&topic, 3, &[])?;
        total += written_and_read(broker, &topic, Mix::new(39, 5_000))?;
        facts.push(format!("start_{}={:.1}s", version.name, broker.start_time().as_secs_f64()));
    }
    Ok(format!("{total} {}", facts.join(" ")))
}

/// The same with ZooKeeper; zstd came with 2.1.
fn older_round_trip() -> Result<String> {
    let mut facts = Vec::new();
    let mut total = Verdict::default();
    for version in [&V0_9, &V0_10, &V1_0, &V2_4, &V3_2] {
        // Its own broker, ended here: five shared ones would stay until the end.
        let broker = Broker::start(version)?;
        let topic = unique("round-trip");
        broker.create_topic(&topic, 3, &[])?;
        let mix = Mix::for_version(version, 10, 1_000);
        total += written_and_read(&broker, &topic, mix).with_context(|| format!("on {}", version.name))?;
        facts.push(format!("start_{}={:.1}s", version.name, broker.start_time().as_secs_f64()));
    }
    Ok(format!("{total} {}", facts.join(" ")))
}

fn written_and_read(broker: &Broker, topic: &str, mix: Mix) -> Result<Verdict> {
    let written = mix.write(broker, topic)?;
    let client = broker.client();
    let read = client.read_topic(topic, Isolation::ReadCommitted)?;
    let everything = client.read_topic(topic, Isolation::ReadUncommitted)?;
    // Format v0 has no timestamps.
    let allowed = Alterations { timestamps: client.format()? == Format::V0, ..Alterations::NONE };
    let total = judge_with(&written, &read, allowed)?;
    if mix.has_transactions {
        let aborted = everything.iter().map(Vec::len).sum::<usize>() - total.target;
        ensure!(aborted > 0, "the corpus aborted nothing");
    }
    for (expected, found) in written.iter().zip(&read) {
        let same = expected.iter().zip(found).all(|(expected, found)| expected.offset == found.offset);
        ensure!(same, "an offset differs in `{topic}`");
    }
    Ok(total)
}

fn judge(written: &[Vec<Record>], read: &[Vec<Record>]) -> Result<Verdict> {
    judge_with(written, read, Alterations::NONE)
}

fn judge_with(written: &[Vec<Record>], read: &[Vec<Record>], allowed: Alterations) -> Result<Verdict> {
    ensure!(written.len() == read.len(), "{} partitions instead of {}", read.len(), written.len());
    let mut total = Verdict::default();
    for (expected, found) in written.iter().zip(read) {
        total += check(expected, found, allowed);
    }
    total.require_exact()?;
    Ok(total)
}

fn restart() -> Result<String> {
    let broker = Broker::start(&V4_3)?;
    let (topic, address) = ("restart", broker.address());
    broker.create_topic(topic, 2, &[])?;
    let client = broker.client();
    let written = Mix::new(43, 1_000).write(&broker, topic)?;
    let began = Instant::now();
    broker.stop().context("stop")?;
    let stopped = began.elapsed().as_secs_f64();
    broker.start_again().context("start after a stop")?;
    let restarted = began.elapsed().as_secs_f64();
    ensure!(broker.address() == address, "the address changed");
    judge(&written, &client.read_topic(topic, Isolation::ReadCommitted)?).context("after a restart")?;

    broker.pause()?;
    thread::scope(|scope| {
        let read = scope.spawn(|| client.partitions(topic));
        // Nothing answers while it is frozen.
        let_pass(Duration::from_millis(300));
        ensure!(!read.is_finished(), "a paused broker answered");
        broker.resume()?;
        ensure!(read.join().is_ok_and(|partitions| partitions.is_ok()), "a resumed broker did not answer");
        Ok(())
    })?;

    let began = Instant::now();
    broker.kill()?;
    broker.start_again().context("start after a kill")?;
    let recovered = began.elapsed().as_secs_f64();
    let total = judge(&written, &client.read_topic(topic, Isolation::ReadCommitted)?).context("after a crash")?;
    Ok(format!("{total} stop={stopped:.1}s restart={restarted:.1}s crash={recovered:.1}s"))
}

fn admin() -> Result<String> {
    for version in [&V3_9, &V4_3] {
        admin_on(version).with_context(|| format!("on {}", version.name))?;
    }
    Ok(String::new())
}

fn admin_on(version: &'static Version) -> Result<()> {
    let broker = shared(version)?;
    let (client, topic, group) = (broker.client(), unique("admin"), unique("admin-group"));
    broker.create_topic(&topic, 1, &[("retention.ms", "1000000")])?;
    let again = client.create_topic(&topic, 1, &[]).err().context("a topic was created twice")?;
    let refusal = again.downcast_ref::<BrokerError>().context("not a broker's refusal")?;
    ensure!(refusal.code == 36, "{refusal}");

    ensure!(client.topic_config(&topic, "retention.ms")?.as_deref() == Some("1000000"), "retention.ms");
    client.alter_topic_config(&topic, "retention.ms", Some("2000000"))?;
    wait_until_true("the altered config", Duration::from_secs(10), || {
        Ok(client.topic_config(&topic, "retention.ms")?.as_deref() == Some("2000000"))
    })?;
    client.create_partitions(&topic, 3)?;
    wait_until_true("three partitions", Duration::from_secs(10), || Ok(client.partitions(&topic)? == 3))?;

    let records = (0..10).map(|n| Record::new(1_000 + n, format!("k{n}"), format!("v{n}"))).collect();
    ensure!(client.produce(&topic, 2, &Batch::new(Codec::Zstd, records))? == 0, "the first offset");
    let offset = |at| client.offset(&topic, 2, at, Isolation::ReadCommitted);
    ensure!(offset(Position::Latest)? == 10 && offset(Position::Time(1_004))? == 4, "offsets by time");
    ensure!(client.delete_records(&topic, 2, 4)? == 4, "the new log start");
    ensure!(offset(Position::Earliest)? == 4, "the first offset left");
    ensure!(client.read(&topic, 2, Isolation::ReadCommitted)?.len() == 6, "the records left");

    client.commit(&group, &topic, 2, 7, "by hand")?;
    let committed = client.committed(&group, &topic)?;
    ensure!(committed.len() == 1 && committed[&2].offset == 7 && committed[&2].metadata == "by hand", "{committed:?}");
    ensure!(client.describe_group(&group)?.state == "Empty", "the group's state");
    client.delete_committed(&group, &topic, 2)?;
    ensure!(client.committed(&group, &topic)?.is_empty(), "a deleted offset is still there");

    client.delete_topic(&topic)?;
    wait_until_true("the end of the topic", Duration::from_secs(10), || Ok(client.topic(&topic)?.is_none()))
}

/// A log keeps what was written before an upgrade: formats v0, v1 and v2, each compressed, one after the other.
fn mixed_formats() -> Result<String> {
    let broker = Broker::start(&V2_4)?;
    let (client, topic) = (broker.client(), "mixed-formats");
    broker.create_topic(topic, 1, &[("message.format.version", "0.9.0")])?;
    let mut expected = Vec::new();
    for (format, setting) in [(Format::V0, "0.9.0"), (Format::V1, "0.10.2"), (Format::V2, "2.4")] {
        client.alter_topic_config(topic, "message.format.version", Some(setting))?;
        // Until the log itself has heard of it the broker converts to the old format. Records without a time are the
        // same in all three.
        wait_until_true("the altered format", Duration::from_secs(10), || {
            let probe = Batch::new(Codec::None, vec![Record::new(-1, "probe", format!("{}", expected.len()))]);
            client.produce_as(format, topic, 0, &probe)?;
            expected.extend(probe.records);
            Ok(client.formats(topic, 0)?.contains(&(format as u8)))
        })?;
        for codec in [Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4] {
            let text = format!("{format:?} {codec:?}");
            let timestamp = |n: i64| if format == Format::V0 { -1 } else { 1_000 + n };
            let records = (0..20).map(|n| Record::new(timestamp(n), text.clone(), format!("{text} {n}")));
            let batch = Batch::new(codec, records.collect());
            client.produce_as(format, topic, 0, &batch)?;
            expected.extend(batch.records);
        }
    }
    let formats = client.formats(topic, 0)?;
    ensure!(formats.iter().eq(&[0, 1, 2]), "the log is of formats {formats:?}");
    let read = client.read_topic(topic, Isolation::ReadCommitted)?;
    Ok(judge(&[expected], &read)?.to_string())
}

/// The mirror's user may nothing until it is granted, and nothing again after it is revoked.
fn guarded() -> Result<String> {
    let broker = Broker::start_guarded(&V4_3, &[])?;
    let (rig, mirror, topic) = (broker.client(), broker.guarded_client()?, "guarded");
    broker.create_topic(topic, 1, &[])?;
    let batch = Batch::new(Codec::None, vec![Record::new(1, "key", "value")]);
    let refusal = |outcome: Result<i64>| {
        let code = outcome.err().and_then(|error| error.downcast_ref::<BrokerError>().map(|refusal| refusal.code));
        code == Some(TOPIC_AUTHORIZATION_FAILED)
    };
    ensure!(refusal(mirror.produce(topic, 0, &batch)), "written without a right to");
    rig.grant(MIRROR_USER.0, Operation::Write, Resource::Topic(topic))?;
    wait_until_true("the right to write", Duration::from_secs(10), || Ok(!refusal(mirror.produce(topic, 0, &batch))))?;
    rig.revoke(MIRROR_USER.0, Resource::Topic(topic))?;
    wait_until_true("the end of it", Duration::from_secs(10), || Ok(refusal(mirror.produce(topic, 0, &batch))))?;
    Ok(String::new())
}

/// A copy made by the rig's own hands passes, and no longer does when one record too many is written.
fn compared() -> Result<String> {
    let (source, target, topic) = (shared(&V3_9)?, shared(&V4_3)?, unique("compared"));
    source.create_topic(&topic, 2, &[])?;
    target.create_topic(&topic, 2, &[])?;
    let written = Mix { has_large: false, ..Mix::new(5, 1_000) }.write(source, &topic)?;
    let client = target.client();
    for (partition, records) in (0..).zip(&written) {
        for chunk in records.chunks(40) {
            client.produce(&topic, partition, &Batch::new(Codec::Lz4, chunk.to_vec()))?;
        }
    }
    let verdict = compare((source, &topic), (target, &topic), Alterations::NONE)?;
    verdict.require_exact()?;
    client.produce(&topic, 1, &Batch::new(Codec::None, vec![written[1][0].clone()]))?;
    let spoiled = compare((source, &topic), (target, &topic), Alterations::NONE)?;
    ensure!(spoiled.require_exact().is_err() && spoiled.rewinds == 1, "one record too many passed: {spoiled}");
    Ok(verdict.to_string())
}

fn open_transaction() -> Result<String> {
    let broker = shared(&V4_3)?;
    let (client, topic) = (broker.client(), unique("open"));
    broker.create_topic(&topic, 1, &[])?;
    let batch = |value: &'static str| Batch::new(Codec::None, vec![Record::new(1, "key", value)]);
    let mut open = client.transaction(&unique("open"))?;
    open.produce(&topic, 0, &batch("aborted"))?;
    client.produce(&topic, 0, &batch("plain"))?;
    ensure!(client.read(&topic, 0, Isolation::ReadCommitted)?.is_empty(), "read past an open transaction");
    ensure!(client.read(&topic, 0, Isolation::ReadUncommitted)?.len() == 2, "both are there uncommitted");
    open.end(Outcome::Abort)?;
    client.wait_stable(&topic)?;
    open.produce(&topic, 0, &batch("committed"))?;
    open.end(Outcome::Commit)?;
    client.wait_stable(&topic)?;
    let values: Vec<_> = client.read(&topic, 0, Isolation::ReadCommitted)?.into_iter().map(|r| r.value).collect();
    ensure!(values == [Some("plain".into()), Some("committed".into())], "{values:?}");
    Ok(String::new())
}

fn bulk() -> Result<String> {
    let broker = shared(&V3_9)?;
    let (client, topic) = (broker.client(), unique("bulk"));
    broker.create_topic(&topic, 4, &[])?;
    Bulk::new(20_000, 1_000).write(broker, &topic)?;
    let partitions = client.read_topic(&topic, Isolation::ReadCommitted)?;
    let mut values: Vec<_> = partitions.iter().flatten().filter_map(|record| record.value.clone()).collect();
    ensure!(values.len() == 20_000 && values.iter().all(|value| value.len() == 1_000), "{} values", values.len());
    values.sort();
    values.dedup();
    ensure!(values.len() == 20_000, "{} different values", values.len());
    Ok("records=20000".to_owned())
}

/// Output, exit code, CPU and memory of a run are collected; what it does is for the other scenarios.
fn program() -> Result<String> {
    let home = Home::new("")?;
    let finished = home.run(&["--version"], Duration::from_secs(20))?;
    ensure!(finished.code == Some(0), "{finished:?}");
    let killed = home.start(&["--version"])?.kill()?;
    ensure!(killed.code.is_none_or(|code| code == 0), "{killed:?}");
    Ok(format!("cpu={:?} peak_rss={}", finished.cpu, finished.peak_rss_bytes))
}

const TOPIC_AUTHORIZATION_FAILED: i16 = 29;
