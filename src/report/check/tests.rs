//! A check of everything that can be found, as people and programs see it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;
use crate::engine::{Side, VersionFinding};
use crate::model::{Operation, Resource};
use crate::report::json::schema_parts;
use crate::report::line::{Colour, width_of};
use crate::report::{Addresses, Place, Versions, fixture, remedy, right_remedy};

fn cluster(name: &str) -> CheckedCluster {
    CheckedCluster {
        cluster: name.into(),
        bootstrap_servers: format!("{name}:9092"),
        cluster_id: Some("4L6g3nShT-eMCtK--X86sw".into()),
        brokers: Some(3),
        version: Some("3.9".into()),
    }
}

fn flow(name: &str) -> CheckedFlow {
    CheckedFlow {
        flow: name.into(),
        source: cluster("dc-a"),
        target: cluster("dc-b"),
        group: format!("kmirror.{name}").as_str().into(),
        start: "earliest".into(),
        is_first_start: Some(true),
        problems: Vec::new(),
        warnings: Vec::new(),
        rights_untold: BTreeSet::new(),
        notes: Vec::new(),
        topics: Vec::new(),
    }
}

fn included(target: &str, preparation: Preparation) -> IncludedTopic {
    IncludedTopic {
        target: target.into(),
        preparation,
        partitions: 2,
        begin: "begins at earliest".into(),
        positions: vec![Some(0), None],
        records: Some(12_345),
        blocked: Vec::new(),
        remedies: Vec::new(),
        warnings: Vec::new(),
    }
}

fn topic(name: &str, included: IncludedTopic) -> CheckedTopic {
    CheckedTopic { topic: name.into(), fate: Fate::Included(Box::new(included)) }
}

fn left_alone(name: &str, why: &str) -> CheckedTopic {
    let is_doubtful = why.starts_with("undecided");
    CheckedTopic { topic: name.into(), fate: Fate::LeftAlone { why: why.into(), is_doubtful } }
}

fn blocked(name: &str, partitions: &[Option<i32>], reason: &crate::engine::BlockedReason) -> CheckedTopic {
    let places = partitions.iter().map(|partition| BlockedPlace {
        topic: name.into(),
        partition: *partition,
        reason: reason.label(),
        text: reason.to_string(),
    });
    let (flow, addresses) = ("orders".into(), Addresses { source: "dc-a:9092".into(), target: "dc-b:9092".into() });
    let place = Place {
        flow: &flow,
        topic: &name.into(),
        target_topic: None,
        partition: None,
        addresses: &addresses,
        versions: &Versions::default(),
        options: "-c kmirror.toml",
    };
    let remedies = vec![TopicRemedy { reason: reason.label(), remedy: remedy(reason, &place) }];
    let blocked = places.collect();
    topic(name, IncludedTopic { blocked, remedies, ..included(name, Preparation::None) })
}

/// Topics whose settings may not be read.
fn denied() -> FlowWarning {
    let (flow, addresses) = ("orders".into(), Addresses { source: "dc-a:9092".into(), target: "dc-b:9092".into() });
    let place = Place {
        flow: &flow,
        topic: &"".into(),
        target_topic: None,
        partition: None,
        addresses: &addresses,
        versions: &Versions::default(),
        options: "",
    };
    let (side, operation) = (Side::Source, Operation::DescribeConfigs);
    let topics = [Resource::Topic("orders".into()), Resource::Topic("orders-eu".into())];
    let remedy = right_remedy(side, &[operation], &topics.iter().collect::<Vec<_>>(), &place);
    FlowWarning { doubt: Doubt::RightMissing { side, operation, topics: 2 }, remedy: Some(remedy) }
}

/// All that can be found in one flow that runs.
fn full() -> CheckedFlow {
    let create = |configs: &[&str]| Preparation::Create {
        replication_factor: -1,
        configs: configs.iter().map(|config| (*config).to_owned()).collect(),
    };
    let old = vec![Doubt::RetentionShorter { records: 12_000, retention_ms: 604_800_000 }];
    let reason = |label: &str| fixture::blocked_reasons().into_iter().find(|why| why.label() == label).expect("known");
    CheckedFlow {
        warnings: vec![Doubt::ReplicationFactor { replication_factor: 5, brokers: 3 }.into(), denied()],
        notes: vec![PatternRemark {
            list: "include".into(),
            pattern: "orders.*".into(),
            text: "matches `orders` itself too, and names that go on without a dot".into(),
            suggestion: "for at least one more character write `orders.+`".into(),
            is_likely_mistake: false,
        }],
        topics: vec![
            left_alone("__consumer_offsets", "internal: its name starts with `__`"),
            left_alone("audit", "no include pattern matches"),
            topic("carts", included("eu.carts", create(&[]))),
            topic("evil\u{1b}[2J", included("eu.evil\u{1b}[2J", create(&["retention.ms=-1"]))),
            topic("grown", included("grown", Preparation::Grow { partitions: 2 })),
            topic("orders", IncludedTopic { warnings: old.clone(), ..included("eu.orders", Preparation::None) }),
            topic("orders-eu", IncludedTopic { warnings: old, ..included("eu.orders-eu", Preparation::None) }),
            left_alone("orders-dlq", "excluded by `.*-dlq`"),
            blocked("payments", &[None], &reason("partition_count")),
            blocked("refunds", &[Some(0), Some(1), Some(7)], &reason("progress_missing")),
            left_alone("strange", "undecided: include pattern `(a+)+b` gave up on this name; write a simpler one"),
        ],
        ..flow("orders")
    }
}

fn refused() -> CheckedFlow {
    let problem = |kind, text: &str| FlowProblem { kind, text: text.into(), remedy: None };
    CheckedFlow {
        problems: vec![
            problem(ProblemKind::Conflict, "source topics `a` and `b` would both be written to target topic `c`"),
            problem(ProblemKind::Unreachable, "target `dc-b`: cannot list the brokers: connection refused"),
        ],
        target: CheckedCluster { cluster_id: None, brokers: None, version: None, ..cluster("dc-b") },
        is_first_start: None,
        ..flow("twisted")
    }
}

fn printed(flows: &[CheckedFlow], format: Format) -> String {
    let mut out = Vec::new();
    let page = Page { format, width: Some(80), colour: Colour::Never };
    write_check(&mut out, flows, page).expect("written");
    String::from_utf8(out).expect("utf-8")
}

#[test]
fn everything_fits_eighty_columns_but_commands() {
    let text = printed(&[full(), refused()], Format::Text);
    let wide = text.lines().filter(|line| width_of(line) > 80);
    let wide: Vec<&str> = wide.filter(|line| !line.trim_start().starts_with("kafka-")).collect();
    assert!(wide.is_empty(), "{wide:#?}");
    insta::assert_snapshot!(text, @r#"
    orders: dc-a -> dc-b
      source dc-a (dc-a:9092): Kafka 3.9, 3 brokers, id 4L6g3nShT-eMCtK--X86sw
      target dc-b (dc-b:9092): Kafka 3.9, 3 brokers, id 4L6g3nShT-eMCtK--X86sw
      group kmirror.orders: no progress yet, so this would be its first start, at
        earliest

      5 topics would be mirrored: 10 partitions, 61.7k records to copy
        exists on the target; begins at earliest
          orders -> eu.orders        2 partitions, 12.3k records
          orders-eu -> eu.orders-eu  2 partitions, 12.3k records
        created on the target, default replicas, default settings; begins at
          earliest
          carts -> eu.carts  2 partitions, 12.3k records
        created on the target, default replicas, retention.ms=-1; begins at earliest
          evil\x1b[2J -> eu.evil\x1b[2J  2 partitions, 12.3k records
        grown on the target to 2 partitions; begins at earliest
          grown  2 partitions, 12.3k records

      2 topics would be blocked: nothing is written there until it is solved
        payments
          target topic `eu.orders` has 6 partitions, the source has 12
          records go to the partition of the same number, so the target needs as
            many; goes on by itself then
            add partitions to the target topic:
              kafka-topics.sh --bootstrap-server dc-b:9092 --alter --topic eu.orders --partitions 12
        refunds
          partition 0: no progress is stored, but the target partition already ends
            at offset 900: progress was lost, or another flow wrote it; the same for
            partition 1, 7
          the target has records up to offset 900, and nothing says how far the
            source was copied: say where to go on
            copy all again: what is there already is written twice:
              kmirror run -c kmirror.toml --resume-at orders:refunds=earliest
            copy only what is new from now on: what came since the loss is left out:
              kmirror run -c kmirror.toml --resume-at orders:refunds=latest
            go on at a source offset that you know:
              kmirror run -c kmirror.toml --resume-at orders:refunds=OFFSET
            go on where another group stands:
              kmirror run -c kmirror.toml --resume-at orders:refunds=group:GROUP

      4 topics are not mirrored
        undecided: include pattern `(a+)+b` gave up on this name; write a simpler
          one
          strange
        excluded by `.*-dlq`
          orders-dlq
        internal: its name starts with `__`
          __consumer_offsets
        no include pattern matches
          audit

      3 warnings
        replication_factor = 5, but the target has 3 brokers: it will refuse to
          create topics
        kmirror's user lacks the right DescribeConfigs on 2 topics of the source:
          their settings are neither copied nor compared
          kmirror's user on the source needs the right to DescribeConfigs
            allow it (put the user's name for PRINCIPAL):
              kafka-acls.sh --bootstrap-server dc-a:9092 --add --allow-principal User:PRINCIPAL --operation DescribeConfigs --topic orders --topic orders-eu
        orders, orders-eu: up to 12000 records are older than the target's
          retention.ms=604800000 (7d) and would be deleted there

      about the patterns
        include `orders.*`: matches `orders` itself too, and names that go on
          without a dot; for at least one more character write `orders.+`

    twisted: dc-a -> dc-b
      source dc-a (dc-a:9092): Kafka 3.9, 3 brokers, id 4L6g3nShT-eMCtK--X86sw
      target dc-b (dc-b:9092): no answer
      group kmirror.twisted: not asked

      conflict: source topics `a` and `b` would both be written to target topic `c`

      unreachable: target `dc-b`: cannot list the brokers: connection refused

    Nothing was created, written or committed. Whether topics that are yet to be
      created may be written is known once they are there.
    2 flows checked: a flow would be refused, with 3 warnings
    "#);
}

#[test]
fn the_gravest_finding_decides_the_exit_code() {
    let with =
        |kind| CheckedFlow { problems: vec![FlowProblem { kind, text: String::new(), remedy: None }], ..flow("x") };
    let clean = CheckedFlow { warnings: vec![Doubt::NoHeaders.into()], ..flow("clean") };
    assert_eq!(check_exit_code(std::slice::from_ref(&clean)), ExitCode::Done, "warnings alone are none");
    assert_eq!(check_exit_code(&[clean, full()]), ExitCode::Unfinished);
    assert_eq!(check_exit_code(&[with(ProblemKind::Blocked)]), ExitCode::Unfinished);
    assert_eq!(check_exit_code(&[full(), with(ProblemKind::Unreachable)]), ExitCode::Unreachable);
    assert_eq!(check_exit_code(&[full(), with(ProblemKind::Failed)]), ExitCode::Failed);
    assert_eq!(check_exit_code(&[with(ProblemKind::Unreachable), with(ProblemKind::Conflict)]), ExitCode::Usage);
}

#[test]
fn what_is_not_known_of_rights_is_said() {
    let with = |sides: &[Side]| CheckedFlow { rights_untold: sides.iter().copied().collect(), ..flow("x") };
    let said = |flow| {
        let text = printed(&[flow], Format::Text).split_whitespace().collect::<Vec<_>>().join(" ");
        text.split_once("committed.").map(|(_, rest)| rest.trim().to_owned()).unwrap_or_default()
    };
    let unknown = "So it is not known whether kmirror may";
    let source = "read the source's records and commit to its group: brokers tell from 2.3 on.";
    assert!(said(with(&[Side::Source])).starts_with(&format!("{unknown} {source}")));
    let target = "write, create and alter on the target: brokers tell from 2.3 on.";
    assert!(said(with(&[Side::Target])).starts_with(&format!("{unknown} {target}")));
    assert!(said(with(&[Side::Source, Side::Target])).contains("and write, create and alter on the target"));
    assert!(said(with(&[])).starts_with("1 flow checked"), "all is known");
}

#[test]
fn a_recipe_is_printed_for_the_first_few_only() {
    let reason = fixture::blocked_reasons().into_iter().find(|why| why.label() == "progress_missing").expect("known");
    let topics = (0..10).map(|n| blocked(&format!("t{n}"), &[Some(0)], &reason)).collect();
    let text = printed(&[CheckedFlow { topics, ..flow("orders") }], Format::Text);
    assert_eq!(text.matches("=earliest").count(), 3);
    assert_eq!(text.matches("as above").count(), 7);
}

/// Every doubt there is.
fn doubts() -> Vec<Doubt> {
    vec![
        Doubt::RetentionShorter { records: 1, retention_ms: 500 },
        Doubt::TimestampsTooOld { records: 2, before_ms_max: 86_400_000 },
        Doubt::TimestampsTooNew { records: 2, after_ms_max: 3_600_000 },
        Doubt::BatchLimitSmaller { source_bytes: 2, target_bytes: 1 },
        Doubt::Compacts,
        Doubt::StampsRecords,
        Doubt::SharedTarget { flow: "other".into(), topics: 1 },
        Doubt::GroupActive { group: "mirrormaker".into(), members: vec!["mm-0 on 10.0.0.7".into()] },
        Doubt::Leaderless { partitions: 1 },
        Doubt::ConfigUnreadable { side: Side::Source, topics: 1 },
        Doubt::RightMissing { side: Side::Source, operation: Operation::Describe, topics: 1 },
        Doubt::RightUnknown { side: Side::Target, operation: Operation::IdempotentWrite },
        Doubt::DefaultsUnknown { topics: 1 },
        Doubt::ReplicationFactor { replication_factor: 3, brokers: 1 },
        Doubt::Version(VersionFinding {
            cluster: "old".into(),
            told: None,
            found: crate::model::VersionRange::new(&[0, 9], &[0, 9]),
        }),
        Doubt::SourceWithoutTimestamps,
        Doubt::CoarseStart,
        Doubt::NoHeaders,
        Doubt::NoTimestamps,
        Doubt::NotIdempotent,
        Doubt::NoTopicCreation,
        Doubt::NoPartitionCreation,
        Doubt::NoZstd,
    ]
}

fn collect_words(value: &Value, words: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                words.insert(key.clone());
                if let (true, Value::String(word)) =
                    (["type", "verdict", "action", "warning", "kind"].contains(&key.as_str()), value)
                {
                    words.insert(word.clone());
                }
                collect_words(value, words);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| collect_words(value, words)),
        _ => {}
    }
}

#[test]
fn the_schema_tells_all_there_is_and_nothing_else() {
    let kinds = [ProblemKind::Blocked, ProblemKind::Failed];
    let problems = kinds.into_iter().map(|kind| FlowProblem { kind, text: String::new(), remedy: None }).collect();
    let doubtful =
        CheckedFlow { warnings: doubts().into_iter().map(FlowWarning::from).collect(), problems, ..flow("doubtful") };
    let mut words = BTreeSet::new();
    for line in printed(&[full(), refused(), doubtful], Format::Json).lines() {
        collect_words(&serde_json::from_str(line).expect("one JSON object per line"), &mut words);
    }
    let rows = schema_parts().1.lines().filter_map(|line| line.strip_prefix("| `"));
    let documented: BTreeSet<String> =
        rows.filter_map(|row| row.split_once('`')).map(|(word, _)| word.to_owned()).collect();
    let missing: Vec<_> = words.difference(&documented).collect();
    let unseen: Vec<_> = documented.difference(&words).collect();
    assert!(missing.is_empty() && unseen.is_empty(), "not in SCHEMA.md: {missing:?}; never printed: {unseen:?}");
}
