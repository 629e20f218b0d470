//! Where a flow begins, chosen partition by partition: in its group, with Kafka's own tool, or in the file.

use anyhow::{Result, ensure};

use super::super::pair::{END_MAX, Pair, require_code, tail};
use crate::rig::broker::Broker;
use crate::rig::checker::check;
use crate::rig::cluster::{shared, unique};
use crate::rig::corpus::Bulk;
use crate::rig::scenario::Scenario;
use crate::rig::verdict::Alterations;
use crate::rig::version::{V0_9, V3_9, V4_3, Version};
use crate::rig::wire::Isolation;

pub(in crate::scenarios) const SCENARIOS: &[Scenario] = &[
    Scenario::live("field/start_limited_by_edited_offsets/0.9", || edited(&V0_9)),
    Scenario::live("field/start_limited_by_edited_offsets/3.9", || edited(&V3_9)),
    Scenario::live("field/start_limited_by_edited_offsets/in_the_file", in_the_file),
];

/// Before the first start, and between two runs: forward leaves out, backward repeats, exactly so.
fn edited(from: &'static Version) -> Result<String> {
    let (source, target, topic) = (shared(from)?, shared(&V4_3)?, unique("edited"));
    source.create_topic(&topic, 3, &[])?;
    Bulk::new(900, 200).write(source, &topic)?;
    let pair = Pair::new(source, target, &topic, "start = \"latest\"\n")?;
    reset(source, &pair.group, &topic, 0, 250)?;
    reset(source, &pair.group, &topic, 1, 0)?;
    // Partition 2 has no position in a group that has others: it is new to the flow, which has all of it then.
    let mut run = pair.start(&[])?;
    pair.wait_on_target(&mut run, &topic, 650)?;
    Pair::wait_caught_up(&mut run)?;
    require_code(&run.terminate(END_MAX)?, 0)?;
    require_ranges(&pair, &topic, 0, &[(250, 300)])?;
    require_ranges(&pair, &topic, 1, &[(0, 300)])?;
    require_ranges(&pair, &topic, 2, &[(0, 300)])?;

    Bulk { first: 900, ..Bulk::new(300, 200) }.write(source, &topic)?;
    reset(source, &pair.group, &topic, 0, 350)?;
    reset(source, &pair.group, &topic, 1, 270)?;
    let done = pair.catch_up()?;
    ensure!(pair.n_on_target(&topic)? == 650 + 50 + 130 + 100, "{}\n{}", pair.n_on_target(&topic)?, tail(&done));
    require_ranges(&pair, &topic, 0, &[(250, 300), (350, 400)])?;
    require_ranges(&pair, &topic, 1, &[(0, 300), (270, 400)])?;
    require_ranges(&pair, &topic, 2, &[(0, 400)])?;
    Ok(format!("target={}", pair.n_on_target(&topic)?))
}

/// `start_overrides`: one for a partition, one for another, the topic's for the third, the flow's for another topic.
fn in_the_file() -> Result<String> {
    let (source, target, stem) = (shared(&V3_9)?, shared(&V4_3)?, unique("overrides"));
    let (chosen, other) = (format!("{stem}-chosen"), format!("{stem}-other"));
    for topic in [&chosen, &other] {
        source.create_topic(topic, 3, &[])?;
        Bulk::new(900, 200).write(source, topic)?;
    }
    let of = |partition: &str, start: &str| {
        format!("[[flows.f.start_overrides]]\ntopic = \"{chosen}\"\n{partition}start = \"{start}\"\n")
    };
    let overrides = [of("partition = 0\n", "120"), of("partition = 1\n", "last 10"), of("", "earliest")].concat();
    let pair = Pair::new(source, target, &format!("{stem}-.*"), &format!("start = \"latest\"\n{overrides}"))?;
    pair.catch_up()?;
    // A second run goes on with its progress, whatever the file says of the start.
    Bulk { first: 900, ..Bulk::new(300, 200) }.write(source, &other)?;
    pair.catch_up()?;
    require_ranges(&pair, &chosen, 0, &[(120, 300)])?;
    require_ranges(&pair, &chosen, 1, &[(290, 300)])?;
    require_ranges(&pair, &chosen, 2, &[(0, 300)])?;
    for partition in 0..3 {
        require_ranges(&pair, &other, partition, &[(300, 400)])?;
    }
    Ok(format!("target={}", pair.n_on_target(&chosen)? + pair.n_on_target(&other)?))
}

/// Sets a group's position as an operator does: `kafka-consumer-groups.sh --reset-offsets`, which 0.9 does not have.
fn reset(source: &Broker, group: &str, topic: &str, partition: i32, offset: i64) -> Result<()> {
    if source.version().name == V0_9.name {
        return source.client().commit(group, topic, partition, offset, "");
    }
    let (address, place, offset) = (source.address(), format!("{topic}:{partition}"), offset.to_string());
    let place = ["--bootstrap-server", &address, "--group", group, "--topic", &place];
    let order = ["--reset-offsets", "--to-offset", &offset, "--execute"];
    source.run_tool("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", &[&place[..], &order].concat())
}

/// The target partition holds these ranges (from, to) of the source's records, one after the other, and nothing else.
fn require_ranges(pair: &Pair<'_>, topic: &str, partition: i32, ranges: &[(usize, usize)]) -> Result<()> {
    let written = pair.source.client().read(topic, partition, Isolation::ReadCommitted)?;
    let mut found = &pair.target.client().read(topic, partition, Isolation::ReadUncommitted)?[..];
    let expected: usize = ranges.iter().map(|(from, to)| to - from).sum();
    ensure!(found.len() == expected, "{topic}/{partition}: {} records instead of {ranges:?}", found.len());
    for (from, to) in ranges {
        let (part, rest) = found.split_at(to - from);
        check(&written[*from..*to], part, Alterations::RECORD_LANE).require_exact()?;
        found = rest;
    }
    Ok(())
}
