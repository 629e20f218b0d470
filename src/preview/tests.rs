//! A whole evaluation: verdicts, targets, near misses, sums, difference.

use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::config::{Config, FlowDraft, FlowSetting, RenameDraft};
use crate::model::{FlowName, SelectionVerdict, TopicName};

const FILE: &str = r#"
[clusters.a]
bootstrap_servers = "a:9092"
[clusters.b]
bootstrap_servers = "b:9092"
[defaults]
exclude = ['.*\.dlq']
[flows.f]
source = "a"
target = "b"
include = ['orders\.v1.*', "carts"]
rename = { prefix = "a" }
"#;

fn topic(name: &str, partitions: i32, records_max: u64, rate: u64) -> TopicFact {
    let log = LogFact { records_max, record_bytes: Some(100), records_per_second: Some(rate) };
    let log = (records_max > 0).then_some(log);
    TopicFact { name: name.into(), partitions, replication_factor: 1, settings: None, log, fault: None }
}

fn facts() -> FlowFacts {
    let source = vec![
        topic("orders.v1", 4, 1_000, 10),
        topic("orders.v1.dlq", 4, 500, 0),
        topic("orders.v2", 6, 2_000, 20),
        topic("Orders.v1", 1, 0, 0),
        topic("orders-v2", 1, 10, 3),
        topic("my-orders.v1", 1, 10, 7),
        topic("carts", 2, 0, 0),
        topic("__consumer_offsets", 50, 0, 0),
    ];
    let target = vec![topic("a.orders.v1", 4, 0, 0)];
    FlowFacts {
        source: Arc::new(TopicTable::new(source)),
        target: Ok(Arc::new(TopicTable::new(target))),
        is_same_cluster: false,
        denied: Arc::default(),
    }
}

fn evaluated(change: impl FnOnce(&mut FlowDraft)) -> FlowPreview {
    let name: FlowName = "f".into();
    let config = Config::parse(FILE, "of a test").expect("valid");
    let mut draft = FlowDraft::of(FILE, &name).expect("TOML").expect("there");
    change(&mut draft);
    let checked = draft.check(FILE, Some(&name), Path::new("")).expect("valid");
    let company = Company { in_force: Some((&name, &config.flows[&name])), config: Some(&checked), problems: &[] };
    evaluate(&draft, company, &facts()).preview.expect("a preview")
}

fn target(preview: &FlowPreview, name: &str) -> Option<TopicName> {
    preview.topic(&name.into()).and_then(|topic| topic.target.clone()).and_then(Result::ok)
}

#[test]
fn every_topic_has_its_verdict_target_plan_and_change() {
    let preview = evaluated(|draft| draft.include = vec![r"orders\.v[0-9].*".into(), "__.*".into()]);
    let topic = |name: &str| preview.topic(&name.into()).expect("there");
    let mirrored = topic("orders.v1");
    assert_eq!(mirrored.verdict, SelectionVerdict::Included { pattern: 0 });
    assert_eq!(target(&preview, "orders.v1"), Some("a.orders.v1".into()));
    assert_eq!((&mirrored.plan, &mirrored.change), (&Some(TargetPlan::Fits { partitions: 4 }), &TopicChange::None));
    let new = topic("orders.v2");
    let create = TargetPlan::Create { partitions: 6, is_compacted: false };
    assert_eq!((&new.plan, &new.change), (&Some(create), &TopicChange::New));
    // The exclude list of `[defaults]` holds.
    assert_eq!(topic("orders.v1.dlq").verdict, SelectionVerdict::Excluded { pattern: 0 });
    assert_eq!(topic("carts").change, TopicChange::Removed);
    assert!(matches!(topic("__consumer_offsets").verdict, SelectionVerdict::Internal { .. }));
    let totals = preview.totals;
    assert_eq!((totals.mirrored, totals.excluded, totals.internal, totals.not_matched), (2, 1, 1, 4));
    assert_eq!((totals.partitions, totals.measured, totals.records_max), (10, 2, 3_000));
    assert_eq!(
        (totals.bytes, totals.records_per_second, totals.bytes_per_second),
        (Some(300_000), Some(30), Some(3_000))
    );
    let difference = preview.difference.clone().expect("a flow is in force");
    assert_eq!((difference.added, difference.removed, difference.renamed), (1, 1, 0));
    assert!(difference.settings.is_empty() && !difference.is_empty());
    let count = &preview.include[0];
    assert_eq!((count.topics, count.first, count.records_per_second), (3, 3, Some(30)));
    assert_eq!((preview.exclude[0].pattern.as_str(), preview.exclude[0].topics), (r".*\.dlq", 1));
}

#[test]
fn a_draft_like_the_flow_in_force_is_no_difference() {
    let preview = evaluated(|_| {});
    assert_eq!(preview.difference.map(|difference| difference.is_empty()), Some(true));
    let preview = evaluated(|draft| {
        draft.rename = Some(RenameDraft::Identity);
        draft.set(FlowSetting::BytesPerSecond, Some("1MB".into()));
    });
    let difference = preview.difference.clone().expect("a flow is in force");
    assert_eq!((difference.renamed, difference.settings), (2, vec!["limits.bytes_per_second".to_owned()]));
    let renamed = preview.topic(&"carts".into()).expect("there");
    assert_eq!(renamed.change, TopicChange::Renamed { from: "a.carts".into() });
}

#[test]
fn near_misses_say_why_and_what_would_include_them() {
    let preview = evaluated(|draft| draft.include = vec![r"orders\.v[12]".into()]);
    let misses: Vec<(&str, NearMissKind, &str, &str)> = preview
        .near_misses
        .iter()
        .map(|miss| (miss.topic.as_str(), miss.kind, miss.why.as_str(), miss.fix.text.as_str()))
        .collect();
    assert_eq!(
        misses,
        [
            ("Orders.v1", NearMissKind::Case, "upper and lower case differ", r"write `(?i)orders\.v[12]`"),
            ("orders-v2", NearMissKind::Class, r"a dash stands where the rule has `\.`", r"write `orders[.\-]v[12]`"),
            (
                "my-orders.v1",
                NearMissKind::Unanchored,
                "the rule matches a part of the name, and must match the whole of it",
                r"write `.*orders\.v[12].*`"
            ),
            (
                "orders.v1.dlq",
                NearMissKind::Unanchored,
                "the rule matches a part of the name, and must match the whole of it",
                r"write `.*orders\.v[12].*`"
            ),
        ]
    );
    for miss in &preview.near_misses {
        let fixed = evaluated(|draft| {
            draft.include = vec![r"orders\.v[12]".into()];
            draft.exclude = Some(Vec::new());
            miss.fix.change.apply(draft);
        });
        assert!(target(&fixed, miss.topic.as_str()).is_some(), "{miss:?}");
    }
}

#[test]
fn the_first_copy_takes_what_the_cap_leaves() {
    let copy = |cap: &str| {
        let preview = evaluated(|draft| {
            draft.include.push(r"orders\.v2".into());
            draft.set(FlowSetting::BytesPerSecond, Some(cap.into()));
        });
        preview.totals.copy
    };
    // The new topic's 200,000 bytes; 3,000 come in each second.
    assert_eq!(copy("5000"), CopyTime::Seconds(100));
    assert_eq!(copy("3000"), CopyTime::Never);
    assert_eq!(copy("unlimited"), CopyTime::Unknown);
}
