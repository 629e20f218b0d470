//! Records and topics that the target refuses: the lane stops there, the others go on.

use anyhow::{Result, ensure};

use super::pair::{END_MAX, Pair, blocked_in_summary, is_lane_blocked, is_topic_blocked, require_code, tail, wait_for};
use crate::rig::broker::Broker;
use crate::rig::checker::check;
use crate::rig::cluster::{shared, unique};
use crate::rig::corpus::{Bulk, now_ms};
use crate::rig::properties::MIRROR_USER;
use crate::rig::random::Random;
use crate::rig::record::Record;
use crate::rig::scenario::Scenario;
use crate::rig::verdict::Alterations;
use crate::rig::version::{V3_9, V4_3};
use crate::rig::wire::{Batch, Codec, Isolation, Operation, Resource};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::live("blocked/record_too_large", too_large),
    Scenario::live("blocked/a_skipped_record_is_all_that_is_missing", skipped),
    Scenario::live("blocked/what_fits_after_all_is_no_reason_to_block", fits),
    Scenario::live("blocked/timestamp_refused", timestamp),
    Scenario::live("blocked/null_key_in_a_compacted_topic", null_key),
    Scenario::live("blocked/topic_authorization", topic_authorization),
    Scenario::live("blocked/group_authorization", group_authorization),
];

const LIMIT: (&str, &str) = ("max.message.bytes", "100000");
/// The record that does not fit is the one at this offset of partition 1.
const AT: i64 = 20;

/// Two partitions of small records; partition 1 holds one that compresses by nothing and is too large.
fn write_with_large(source: &Broker, topic: &str) -> Result<()> {
    source.create_topic(topic, 2, &[])?;
    let client = source.client();
    let mut random = Random::new(5);
    for partition in 0..2 {
        let small =
            |from: i64| (from..from + 20).map(|n| Record::new(1_000 + n, "key", format!("value {n}"))).collect();
        client.produce(topic, partition, &Batch::new(Codec::None, small(0)))?;
        if partition == 1 {
            let large = Record::new(1_500, "large", random.bytes(200_000));
            ensure!(client.produce(topic, 1, &Batch::new(Codec::None, vec![large]))? == AT, "the offset");
        }
        client.produce(topic, partition, &Batch::new(Codec::None, small(100)))?;
    }
    Ok(())
}

/// Raising the limit is all that has to be done.
fn too_large() -> Result<String> {
    let (source, target, topic) = (shared(&V3_9)?, shared(&V4_3)?, unique("large"));
    write_with_large(source, &topic)?;
    target.create_topic(&topic, 2, &[LIMIT])?;
    let pair = Pair::new(source, target, &topic, "")?;
    let done = pair.run_until_caught_up(&[])?;
    require_code(&done, 3)?;
    let blocked = blocked_in_summary(&done, &topic, Some(1))?;
    ensure!(blocked["reason"] == "record_too_large", "{blocked}");
    ensure!(pair.n_on_target(&topic)? == 60, "40 of one partition and 20 of the other\n{}", tail(&done));

    let mut run = pair.start(&[])?;
    let line =
        wait_for(&mut run, "the lane to be blocked", |line| is_lane_blocked(line, &topic, 1, "record_too_large"))?;
    let why = &line["state"]["why"];
    ensure!(why["offset"] == AT && why["limit_bytes"] == 100_000, "{why}");
    ensure!(why["size_bytes"].as_u64().is_some_and(|bytes| (200_000..201_000).contains(&bytes)), "{why}");
    target.client().alter_topic_config(&topic, LIMIT.0, Some("300000"))?;
    pair.wait_on_target(&mut run, &topic, 81)?;
    Pair::wait_caught_up(&mut run)?;
    require_code(&run.terminate(END_MAX)?, 0)?;
    let verdict = pair.compare(&topic)?;
    verdict.require_exact()?;
    Ok(verdict.to_string())
}

/// A word and a confirmation leave out that record and nothing else.
fn skipped() -> Result<String> {
    let (source, target, topic) = (shared(&V3_9)?, shared(&V4_3)?, unique("skipped"));
    write_with_large(source, &topic)?;
    target.create_topic(&topic, 2, &[LIMIT])?;
    let pair = Pair::new(source, target, &topic, "")?;
    let skip = |at: i64| format!("f:{topic}:1@{at}");
    require_code(&pair.run_until_caught_up(&["--skip-record", &skip(AT)])?, 2)?;
    // Another record is not meant: it stays blocked.
    require_code(&pair.run_until_caught_up(&["--skip-record", &skip(AT + 1), "--yes"])?, 3)?;
    let done = pair.run_until_caught_up(&["--skip-record", &skip(AT), "--yes"])?;
    require_code(&done, 0)?;
    ensure!(done.stdout.iter().any(|line| line.contains("\"record_skipped\"")), "{}", tail(&done));
    let client = source.client();
    let mut expected = client.read(&topic, 1, Isolation::ReadCommitted)?;
    expected.retain(|record| record.offset != AT);
    let found = target.client().read(&topic, 1, Isolation::ReadUncommitted)?;
    let mut verdict = check(&expected, &found, Alterations::NONE);
    let first = client.read(&topic, 0, Isolation::ReadCommitted)?;
    let found = target.client().read(&topic, 0, Isolation::ReadUncommitted)?;
    verdict += check(&first, &found, Alterations::NONE);
    verdict.require_exact()?;
    Ok(verdict.to_string())
}

/// Batches larger than the target takes, of records that are not; and a record that is, until it is compressed.
fn fits() -> Result<String> {
    let (source, target, topic) = (shared(&V3_9)?, shared(&V4_3)?, unique("fits"));
    source.create_topic(&topic, 2, &[])?;
    let client = source.client();
    let mut random = Random::new(6);
    let records = (0..400).map(|n| Record::new(1_000 + n, format!("key {n}"), random.bytes(1_500))).collect();
    client.produce(&topic, 0, &Batch::new(Codec::None, records))?;
    let zeros = |n: i64| Record::new(n, "zeros", vec![0; 500_000]);
    let mixed = vec![Record::new(1, "small", "before"), zeros(2), Record::new(3, "small", "between"), zeros(4)];
    client.produce(&topic, 1, &Batch::new(Codec::Lz4, mixed))?;
    target.create_topic(&topic, 2, &[LIMIT])?;
    let pair = Pair::new(source, target, &topic, "")?;
    pair.catch_up()?;
    let verdict = pair.compare(&topic)?;
    verdict.require_exact()?;
    Ok(verdict.to_string())
}

/// 4.x refuses what is more than an hour ahead; what is refused is known before it is sent.
fn timestamp() -> Result<String> {
    let (source, target, topic) = (shared(&V3_9)?, shared(&V4_3)?, unique("ahead"));
    let ahead = now_ms() + 2 * 3_600_000;
    source.create_topic(&topic, 2, &[("message.timestamp.after.max.ms", "9223372036854775807")])?;
    let client = source.client();
    let records =
        |second: i64| (0..3).map(move |n| Record::new(if n == 1 { second } else { 1_000 }, "key", format!("{n}")));
    client.produce(&topic, 0, &Batch::new(Codec::None, records(ahead).collect()))?;
    client.produce(&topic, 1, &Batch::new(Codec::None, records(1_001).collect()))?;
    let pair = Pair::new(source, target, &topic, "")?;
    let mut run = pair.start(&[])?;
    let line = wait_for(&mut run, "the lane to be blocked", |line| is_lane_blocked(line, &topic, 0, "record_refused"))?;
    let why = &line["state"]["why"];
    ensure!(why["offset"] == 1 && why["refusal"]["refusal"] == "timestamp_too_new", "{why}");
    ensure!(why["refusal"]["after_ms_max"] == 3_600_000 && why["refusal"]["timestamp_ms"] == ahead, "{why}");
    pair.wait_on_target(&mut run, &topic, 4)?;
    target.client().alter_topic_config(&topic, "message.timestamp.after.max.ms", Some("9223372036854775807"))?;
    pair.wait_on_target(&mut run, &topic, 6)?;
    Pair::wait_caught_up(&mut run)?;
    let done = run.terminate(END_MAX)?;
    require_code(&done, 0)?;
    let verdict = pair.compare(&topic)?;
    verdict.require_exact()?;
    Ok(verdict.to_string())
}

/// A compacted topic takes no record without a key.
fn null_key() -> Result<String> {
    let (source, target, topic) = (shared(&V3_9)?, shared(&V4_3)?, unique("compacted"));
    source.create_topic(&topic, 2, &[])?;
    let keyless = Record { key: None, ..Record::new(1_001, "", "no key") };
    for (partition, middle) in [(0, keyless), (1, Record::new(1_001, "", "empty key"))] {
        let records = vec![Record::new(1_000, "a", "before"), middle, Record::new(1_002, "b", "behind")];
        source.client().produce(&topic, partition, &Batch::new(Codec::None, records))?;
    }
    target.create_topic(&topic, 2, &[("cleanup.policy", "compact")])?;
    let pair = Pair::new(source, target, &topic, "")?;
    let done = pair.run_until_caught_up(&[])?;
    require_code(&done, 3)?;
    let blocked = blocked_in_summary(&done, &topic, Some(0))?;
    let text = blocked["text"].as_str().unwrap_or_default();
    ensure!(blocked["reason"] == "record_refused" && text.contains("cleanup.policy"), "{blocked}");
    ensure!(text.contains("offset 1"), "{blocked}");
    ensure!(pair.n_on_target(&topic)? == 4, "{} records on the target", pair.n_on_target(&topic)?);
    Ok(String::new())
}

/// What a mirror needs, but for what the scenario is about.
fn grant(source: &Broker, target: &Broker, topics: &[&str], group: Option<&str>) -> Result<()> {
    let (user, _) = MIRROR_USER;
    for topic in topics {
        for operation in [Operation::Describe, Operation::DescribeConfigs, Operation::Read] {
            source.client().grant(user, operation, Resource::Topic(topic))?;
        }
        for operation in [Operation::Describe, Operation::DescribeConfigs, Operation::Write, Operation::Create] {
            target.client().grant(user, operation, Resource::Topic(topic))?;
        }
    }
    if let Some(group) = group {
        source.client().grant(user, Operation::Read, Resource::Group(group))?;
    }
    Ok(())
}

/// The forbidden topics are named, the other one is copied, and a granted right is all it takes.
fn topic_authorization() -> Result<String> {
    let (source, target) = (Broker::start_guarded(&V3_9, &[])?, Broker::start_guarded(&V4_3, &[])?);
    let (user, _) = MIRROR_USER;
    let [fine, unread, unwritten] = ["a-fine", "a-unread", "a-unwritten"];
    for topic in [fine, unread, unwritten] {
        source.create_topic(topic, 2, &[])?;
        Bulk::new(200, 100).write(&source, topic)?;
        target.create_topic(topic, 2, &[])?;
    }
    let pair = Pair::guarded(&source, &target, "a-.*", "")?;
    grant(&source, &target, &[fine, unread, unwritten], Some(&pair.group))?;
    source.client().revoke(user, Resource::Topic(unread))?;
    source.client().grant(user, Operation::Describe, Resource::Topic(unread))?;
    target.client().revoke(user, Resource::Topic(unwritten))?;
    target.client().grant(user, Operation::Describe, Resource::Topic(unwritten))?;
    let mut run = pair.start(&[])?;
    pair.wait_on_target(&mut run, fine, 200)?;
    for (topic, side) in [(unread, "source"), (unwritten, "target")] {
        let line = wait_for(&mut run, &format!("{topic} to be blocked"), |line| {
            is_topic_blocked(line, topic, "topic_authorization")
                || is_lane_blocked(line, topic, 0, "topic_authorization")
        })?;
        let why = &line["state"]["why"];
        ensure!(why["side"] == side && why["topic"] == topic, "{why}");
        ensure!(pair.n_on_target(topic)? == 0, "records came to {topic}");
    }
    source.client().grant(user, Operation::Read, Resource::Topic(unread))?;
    target.client().grant(user, Operation::Write, Resource::Topic(unwritten))?;
    for topic in [unread, unwritten] {
        pair.wait_on_target(&mut run, topic, 200)?;
    }
    Pair::wait_caught_up(&mut run)?;
    require_code(&run.terminate(END_MAX)?, 0)?;
    let mut verdict = pair.compare(fine)?;
    for topic in [unread, unwritten] {
        verdict += pair.compare(topic)?;
    }
    verdict.require_exact()?;
    Ok(verdict.to_string())
}

/// Without its group the flow can do nothing at all, and says which group that is.
fn group_authorization() -> Result<String> {
    let (source, target) = (Broker::start_guarded(&V4_3, &[])?, Broker::start_guarded(&V3_9, &[])?);
    let (user, _) = MIRROR_USER;
    let topic = "b-fine";
    source.create_topic(topic, 2, &[])?;
    Bulk::new(200, 100).write(&source, topic)?;
    target.create_topic(topic, 2, &[])?;
    let pair = Pair::guarded(&source, &target, topic, "")?;
    grant(&source, &target, &[topic], None)?;
    let mut run = pair.start(&[])?;
    let line = wait_for(&mut run, "the flow to be blocked", |line| {
        line["event"] == "flow_state" && line["state"]["why"]["reason"] == "group_authorization"
    })?;
    ensure!(line["state"]["state"] == "blocked" && line["state"]["why"]["group"] == pair.group.as_str(), "{line}");
    source.client().grant(user, Operation::Read, Resource::Group(&pair.group))?;
    pair.wait_on_target(&mut run, topic, 200)?;
    Pair::wait_caught_up(&mut run)?;
    require_code(&run.terminate(END_MAX)?, 0)?;
    let verdict = pair.compare(topic)?;
    verdict.require_exact()?;
    Ok(verdict.to_string())
}
