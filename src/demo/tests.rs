//! What the demo promises about its sizes and its configuration.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::flow::{FLOW, SOURCE, TARGET, config_text, group, target_topic};
use super::sample::Sample;
use super::topic::{BACKLOG, DemoTopic, TOPICS};
use crate::config::Config;
use crate::model::{ClusterName, FlowName, TopicName};

/// The mock drops the oldest batches at 5 MiB.
const PARTITION_BYTES_MAX: u64 = 4_000_000;
/// The mock's other limit.
const PARTITION_BATCHES_MAX: u64 = 100_000;
const RUN: Duration = Duration::from_secs(3_600);
const NOW_MS: i64 = 1_795_000_000_000;

/// Bytes and batches in a partition after an hour.
#[derive(Default, Clone, Copy)]
struct Held {
    bytes: u64,
    batches: u64,
}

#[test]
#[expect(clippy::cast_precision_loss, reason = "megabytes to be read")]
fn an_hour_of_traffic_fits_every_partition() {
    let mut total = 0;
    for topic in TOPICS {
        let held = held_after(topic, RUN + BACKLOG);
        let most = held.values().map(|held| held.bytes).max().unwrap_or(0);
        let batches = held.values().map(|held| held.batches).max().unwrap_or(0);
        let all: u64 = held.values().map(|held| held.bytes).sum();
        total += all;
        println!("{:<20} most {most:>9} B, {batches:>6} batches, all {:>5.1} MB", topic.name, all as f64 / 1e6);
        assert!(most < PARTITION_BYTES_MAX, "{}: {most} bytes in a partition", topic.name);
        assert!(batches < PARTITION_BATCHES_MAX, "{}: {batches} batches in a partition", topic.name);
    }
    println!("both clusters {:.0} MB", 2.0 * total as f64 / 1e6);
    assert!(2 * total < 200_000_000, "the demo holds {} bytes in memory after an hour", 2 * total);
}

#[test]
fn every_partition_is_written_to() {
    for topic in TOPICS {
        let rounds = 60_000;
        let numbers = 0..rounds * topic.records.min(10);
        let used: BTreeSet<i32> = match topic.name {
            "clickstream" | "inventory.snapshots" => (0..100)
                .map(|round| (topic.sample)(round * topic.records, topic.partitions, NOW_MS).partition)
                .collect(),
            _ => numbers.step_by(7).map(|number| (topic.sample)(number, topic.partitions, NOW_MS).partition).collect(),
        };
        assert_eq!(used, (0..topic.partitions).collect(), "{}", topic.name);
    }
}

#[test]
fn topics_differ_as_they_say() {
    let sample = |name: &str, number: u64| {
        let topic = TOPICS.iter().find(|topic| topic.name == name).expect("a topic of the demo");
        (topic.sample)(number, topic.partitions, NOW_MS)
    };
    let length = |sample: &Sample| sample.value.as_ref().map_or(0, Vec::len);
    assert!(sample("orders.created", 1).key.is_some());
    assert!(length(&sample("clickstream", 1)) < 100);
    assert!((45_000..55_000).contains(&length(&sample("inventory.snapshots", 1))));
    assert_eq!(sample("users.profiles", 7).value, None);
    assert!(sample("audit.log", 1).key.is_none());
    assert!(sample("audit.log", 1).headers.iter().any(|(_, value)| value.is_none()));
    assert_eq!(length(&sample("sensors.temperature", 1)), 8);
    assert!(sample("sensors.temperature", 1).timestamp_ms < NOW_MS - 80_000_000);
}

#[test]
fn a_user_stays_in_one_partition() {
    let mut places = BTreeMap::new();
    let topic = TOPICS.iter().find(|topic| topic.name == "users.profiles").expect("a topic of the demo");
    for number in 0..5_000 {
        let sample = (topic.sample)(number, topic.partitions, NOW_MS);
        let place = *places.entry(sample.key.clone()).or_insert(sample.partition);
        assert_eq!(place, sample.partition, "record {number}");
    }
}

#[test]
fn the_flow_is_one_that_a_file_could_have() {
    let text = config_text("127.0.0.1:1,127.0.0.1:2", "127.0.0.1:3");
    let config = Config::parse(&text, "of the demo").expect("a configuration without problems");
    assert_eq!(config.warnings, vec![]);
    let flow = &config.flows[&FlowName::from(FLOW)];
    assert_eq!(flow.source, ClusterName::from(SOURCE));
    assert_eq!(flow.target, ClusterName::from(TARGET));
    assert_eq!(flow.group.as_str(), group());
    for topic in TOPICS {
        let source = TopicName::from(topic.name);
        assert!(flow.selection.judge(&source).is_included(), "{}", topic.name);
        let target = flow.rename.target_topic(&source).expect("a name Kafka takes");
        assert_eq!(target.as_str(), target_topic(topic.name));
    }
}

/// Writes as the traffic does, for a while, and counts on as if it went on like that.
fn held_after(topic: &DemoTopic, run: Duration) -> BTreeMap<i32, Held> {
    // Long enough that every partition got its share, short enough for a test.
    let rounds_of_run = u64::try_from(run.as_millis() / topic.every.as_millis()).expect("not that long");
    let rounds = rounds_of_run.min(960);
    let mut held: BTreeMap<i32, Held> = BTreeMap::new();
    let mut number = 0;
    for round in 0..rounds {
        let mut batches: BTreeMap<i32, Vec<u8>> = BTreeMap::new();
        let now_ms = NOW_MS + i64::try_from(u128::from(round) * topic.every.as_millis()).expect("not that long");
        for _ in 0..topic.records {
            let sample = (topic.sample)(number, topic.partitions, now_ms);
            number += 1;
            write_record(batches.entry(sample.partition).or_default(), &sample);
        }
        for (partition, records) in batches {
            let compressed = zstd::bulk::compress(&records, 3).expect("zstd compresses");
            let held = held.entry(partition).or_default();
            held.bytes += BATCH_HEADER_BYTES + compressed.len().min(records.len()) as u64;
            held.batches += 1;
        }
    }
    for held in held.values_mut() {
        held.bytes = held.bytes * rounds_of_run / rounds;
        held.batches = held.batches * rounds_of_run / rounds;
    }
    held
}

/// About as a batch has it: lengths with two bytes where one may do.
fn write_record(batch: &mut Vec<u8>, sample: &Sample) {
    let mut field = |bytes: &[u8]| {
        batch.extend(u16::try_from(bytes.len()).expect("short").to_be_bytes());
        batch.extend(bytes);
    };
    // Length, attributes, time and offset.
    field(&[0; 4]);
    field(sample.key.as_deref().unwrap_or_default());
    field(sample.value.as_deref().unwrap_or_default());
    for (name, value) in &sample.headers {
        field(name.as_bytes());
        field(value.as_deref().unwrap_or_default());
    }
}

const BATCH_HEADER_BYTES: u64 = 61;
