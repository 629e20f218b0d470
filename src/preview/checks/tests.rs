//! Every check, with a case in which it finds something and one in which it does not.

use std::path::Path;
use std::sync::Arc;

use crate::config::{EditError, FlowDraft, FlowSetting, RenameDraft, RenameRuleDraft};
use crate::model::{FlowName, Operation};
use crate::preview::{
    Check, CheckId, CheckPlace, Company, DeniedRights, Evaluation, FlowFacts, LogFact, RuleList, RuleRef, SettingFact,
    Severity, TopicFact, TopicTable, evaluate,
};

/// The file the drafts are for. `back` leads from the target back, `other` beside the draft.
const FILE: &str = r#"
[clusters.a]
bootstrap_servers = "a:9092"
[clusters.b]
bootstrap_servers = "b:9092"
[flows.back]
source = "b"
target = "a"
include = ["shared", 'back\..*']
[flows.other]
source = "a"
target = "b"
include = ["taken"]
rename = { prefix = "x", separator = "-" }
[flows.idle]
source = "a"
target = "b"
include = ["payments-test"]
autostart = false
"#;

/// Topics of the source: all the cases of this page look at these.
const SOURCE: [&str; 22] = [
    "orders.v1",
    "ordersXv1",
    "orders.v2",
    "Orders.v3",
    "orders-v4",
    "orders.v1.dlq",
    "payments",
    "payments-test",
    "shared",
    "taken",
    "_schemas",
    "app-changelog",
    "app-repartition",
    "team.internal",
    "__consumer_offsets",
    "connect-configs",
    "mm2-configs.b.internal",
    "carts_eu",
    "carts.eu",
    "b.orders",
    "denied",
    "huge",
];

struct Case {
    draft: FlowDraft,
    in_force: Option<&'static str>,
    facts: FlowFacts,
}

fn topic(name: &str, partitions: i32) -> TopicFact {
    let settings = SettingFact { cleanup_policy: Some("delete".into()), max_message_bytes: Some(1_000_000) };
    let log = LogFact { records_max: 1_000, record_bytes: Some(100), records_per_second: Some(10) };
    TopicFact {
        name: name.into(),
        partitions,
        replication_factor: 3,
        settings: Some(settings),
        log: Some(log),
        fault: None,
    }
}

fn facts(target: Vec<TopicFact>) -> FlowFacts {
    let mut source: Vec<TopicFact> = SOURCE.iter().map(|name| topic(name, 6)).collect();
    for topic in &mut source {
        if topic.name.as_str() == "denied" {
            topic.fault = Some("not authorized".into());
        }
    }
    FlowFacts {
        source: Arc::new(TopicTable::new(source)),
        target: Ok(Arc::new(TopicTable::new(target))),
        is_same_cluster: false,
        denied: Arc::default(),
    }
}

/// A new flow from `a` to `b` with these include rules.
fn flow(include: &[&str]) -> Case {
    let draft = FlowDraft {
        name: "new".into(),
        source: "a".into(),
        target: "b".into(),
        include: include.iter().map(ToString::to_string).collect(),
        ..FlowDraft::default()
    };
    Case { draft, in_force: None, facts: facts(Vec::new()) }
}

impl Case {
    fn exclude(mut self, patterns: &[&str]) -> Self {
        self.draft.exclude = Some(patterns.iter().map(ToString::to_string).collect());
        self
    }

    fn rename(mut self, rules: &[(&str, &str)]) -> Self {
        let rule = |(pattern, replacement): &(&str, &str)| RenameRuleDraft {
            pattern: (*pattern).into(),
            replacement: (*replacement).into(),
        };
        self.draft.rename = Some(RenameDraft::Rules(rules.iter().map(rule).collect()));
        self
    }

    fn prefix(mut self, prefix: &str) -> Self {
        self.draft.rename = Some(RenameDraft::Prefix { prefix: prefix.into(), separator: None });
        self
    }

    fn set(mut self, setting: FlowSetting, value: &str) -> Self {
        self.draft.set(setting, Some(value.into()));
        self
    }

    fn target(mut self, topics: Vec<TopicFact>) -> Self {
        self.facts.target = Ok(Arc::new(TopicTable::new(topics)));
        self
    }

    fn deny(mut self, change: impl FnOnce(&mut DeniedRights)) -> Self {
        change(Arc::make_mut(&mut self.facts.denied));
        self
    }

    /// The source does not allow this.
    fn denied(self, topic: &str, operation: Operation) -> Self {
        self.deny(|denied| {
            denied.source.insert(topic.into(), [operation].into());
        })
    }

    /// The target does not allow this.
    fn denied_there(self, topics: &[&str], operation: Operation) -> Self {
        self.deny(|denied| denied.target.extend(topics.iter().map(|topic| ((*topic).into(), [operation].into()))))
    }

    fn denied_group(self, group: &str) -> Self {
        self.deny(|denied| {
            denied.groups.insert(group.into());
        })
    }

    /// The draft changes a flow of this text, which is in force.
    fn over(mut self, flow: &'static str) -> Self {
        self.in_force = Some(flow);
        self
    }

    fn evaluate(&self) -> Evaluation {
        let before: FlowName = "old".into();
        let file = format!("{FILE}{}", self.in_force.unwrap_or_default());
        let in_force = self.in_force.map(|_| {
            let config = crate::config::Config::parse(&file, "of a test").unwrap_or_else(|error| panic!("{error}"));
            config.flows[&before].clone()
        });
        let checked = self.draft.check(&file, self.in_force.map(|_| &before), Path::new(""));
        let problems = match &checked {
            Err(EditError::Config(error)) => error.problems.clone(),
            Err(other) => panic!("{other}"),
            Ok(_) => Vec::new(),
        };
        let prefix = format!("flows.{}.", self.draft.name);
        let problems: Vec<_> = problems
            .into_iter()
            .map(|mut problem| {
                problem.key = problem.key.strip_prefix(&prefix).unwrap_or_default().to_owned();
                problem
            })
            .collect();
        let in_force = in_force.as_ref().map(|config| (&before, config));
        let company = Company { in_force, config: checked.as_ref().ok(), problems: &problems };
        evaluate(&self.draft, company, &self.facts)
    }

    fn find(&self, id: CheckId) -> Vec<Check> {
        self.evaluate().checks.into_iter().filter(|check| check.id == id).collect()
    }

    /// The draft after the fix of the first finding.
    fn fixed(&self, id: CheckId) -> Option<Self> {
        let fix = self.find(id).into_iter().next()?.fix?;
        let mut draft = self.draft.clone();
        fix.change.apply(&mut draft);
        Some(Self { draft, in_force: self.in_force, facts: self.facts.clone() })
    }
}

/// A case that has the finding, with its severity and a part of its text, and one that has not.
fn cases() -> Vec<(CheckId, Case, Severity, &'static str, Case)> {
    use CheckId as Id;
    use Severity::{Error, Info, Warning};
    let old = "[flows.old]\nsource = \"a\"\ntarget = \"b\"\ninclude = [\"payments\"]\n";
    let with = |name: &str, change: &dyn Fn(&mut TopicFact)| {
        let mut found = topic(name, 6);
        change(&mut found);
        vec![found]
    };
    let policy = |topic: &mut TopicFact| {
        topic.settings = Some(SettingFact { cleanup_policy: Some("compact".into()), ..SettingFact::default() });
    };
    let small = |topic: &mut TopicFact| {
        topic.settings = Some(SettingFact { max_message_bytes: Some(1_000), ..SettingFact::default() });
    };
    vec![
        (Id::InvalidPattern, flow(&["orders("]), Error, "unclosed group", flow(&["orders"])),
        (Id::InvalidPattern, flow(&["*-dlq"]), Error, "for any name write", flow(&[".*-dlq"])),
        (
            Id::InvalidReplacement,
            flow(&["payments"]).rename(&[("(a)", "$2")]),
            Error,
            "has 1 group",
            flow(&["payments"]),
        ),
        (
            Id::InvalidValue,
            flow(&["payments"]).set(FlowSetting::Shards, "many"),
            Error,
            "whole number",
            flow(&["payments"]),
        ),
        (Id::NothingIncluded, flow(&[]), Error, "nothing is included", flow(&["payments"])),
        (Id::EmptyPattern, flow(&["payments", ""]), Error, "include #2 is empty", flow(&["payments"])),
        (Id::EveryName, flow(&[".*"]), Warning, "matches every topic", flow(&["orders.*"])),
        (Id::EveryName, flow(&[".+"]), Warning, "matches every topic", flow(&["payments"])),
        (Id::EveryName, flow(&["payments"]).exclude(&[".*"]), Error, "excludes every topic", flow(&["payments"])),
        (Id::EmptyBranch, flow(&["payments|"]), Warning, "a branch of `payments|` is empty", flow(&["a|payments"])),
        (Id::PlainDot, flow(&["orders.v1"]), Warning, "also `orders", flow(&[r"orders\.v1"])),
        (Id::PlainDot, flow(&["orders.v2"]), Info, "any one character", flow(&[r"orders\.v2"])),
        (
            Id::Unanchored,
            flow(&["orders[.]v[0-9]"]),
            Info,
            "as a search it would match 1 more topic",
            flow(&["orders[.]v.*"]),
        ),
        (Id::Unanchored, flow(&["ment"]), Warning, "", flow(&["payments"])),
        (Id::InternalTopics, flow(&["payments|__.*"]), Info, "internal to Kafka", flow(&["payments"])),
        (
            Id::InternalTopics,
            flow(&["payments", "__.*"]),
            Warning,
            "named in full",
            flow(&["payments", "__consumer_offsets"]),
        ),
        (Id::ToolTopics, flow(&["_.*"]), Warning, "Schema Registry", flow(&["_schemas"])),
        (Id::ToolTopics, flow(&["app-.*"]), Warning, "Kafka Streams", flow(&["app-.*"]).exclude(&["app-.*"])),
        (Id::ToolTopics, flow(&["team.*"]), Warning, "internal by its name", flow(&[r"team\.internal"])),
        (Id::JavaSyntax, flow(&["(?!orders)pay.*"]), Warning, "may give up", flow(&["pay.*"])),
        (Id::OtherTool, flow(&["payments,orders"]), Warning, "separate entries", flow(&["payments", "taken"])),
        (Id::OtherTool, flow(&["pay ments"]), Warning, "write `payments`", flow(&["payments"])),
        (Id::OtherTool, flow(&["payments_*"]), Warning, "any number of underscores", flow(&["payments_.*"])),
        (
            Id::MatchesNothing,
            flow(&["payments", "nowhere"]),
            Warning,
            "include #2 `nowhere` matches no topic",
            flow(&["payments"]),
        ),
        (
            Id::MatchesNothing,
            flow(&["payments"]).rename(&[("x", "y")]),
            Warning,
            "rename #1",
            flow(&["payments"]).rename(&[("payments", "y")]),
        ),
        (
            Id::ExcludesNothing,
            flow(&["payments"]).exclude(&["orders.*"]),
            Warning,
            "excludes nothing",
            flow(&["payments.*"]).exclude(&[".*-test"]),
        ),
        (
            Id::Shadowed,
            flow(&["pay.*", "payments"]),
            Warning,
            "the one topic of include #2",
            flow(&["payments", "pay.*"]),
        ),
        (
            Id::Shadowed,
            flow(&["payments"]).rename(&[("(.*)", "x.$1"), ("payments", "y")]),
            Warning,
            "rename #2",
            flow(&["payments"]),
        ),
        (Id::Undecided, flow(&[r"((p*|.*)*)*\1x(?!y)"]), Warning, "gave up", flow(&["payments"])),
        (
            Id::Collision,
            flow(&["payments.*"]).rename(&[("(payments).*", "$1")]),
            Error,
            "would both be written to",
            flow(&["payments.*"]),
        ),
        (
            Id::SharedTarget,
            flow(&["taken"]).rename(&[("taken", "x-taken")]),
            Error,
            "flow `other` writes",
            flow(&["taken"]),
        ),
        (Id::SharedTarget, flow(&["payments.*"]), Warning, "once both flows run", flow(&["payments"])),
        (
            Id::InvalidName,
            flow(&["payments"]).rename(&[("payments", "..")]),
            Error,
            "is `.` or `..`",
            flow(&["payments"]),
        ),
        (Id::MetricClash, flow(&["carts.eu"]), Error, "dots and underscores", flow(&[r"carts\.eu"])),
        (
            Id::MetricClash,
            flow(&["payments"]).prefix("b").target(vec![topic("b_payments", 6)]),
            Error,
            "b_payments",
            flow(&["payments"]).prefix("b"),
        ),
        (Id::Loop, flow(&["shared"]), Error, "round for ever", flow(&["payments"])),
        (
            Id::OwnTargets,
            flow(&[".*orders", "payments"]).prefix("b"),
            Info,
            "what `b.orders` would be called",
            flow(&["payments"]).prefix("b"),
        ),
        (
            Id::UnknownTarget,
            Case { facts: FlowFacts { target: Err("down".into()), ..facts(Vec::new()) }, ..flow(&["payments"]) },
            Warning,
            "down",
            flow(&["payments"]),
        ),
        (
            Id::FewerPartitions,
            flow(&["payments"]).target(vec![topic("payments", 3)]),
            Warning,
            "blocked until it has as many",
            flow(&["payments"]).target(vec![topic("payments", 6)]),
        ),
        (
            Id::FewerPartitions,
            flow(&["payments"]).over(old).target(vec![topic("payments", 3)]),
            Info,
            "3 are added",
            flow(&["payments"]),
        ),
        (
            Id::MorePartitions,
            flow(&["payments"]).target(vec![topic("payments", 8)]),
            Warning,
            "2 stay empty",
            flow(&["payments"]),
        ),
        (
            Id::CleanupPolicy,
            flow(&["payments"]).target(with("payments", &policy)),
            Warning,
            "cleanup.policy=compact",
            flow(&["payments"]),
        ),
        (
            Id::MessageSize,
            flow(&["payments"]).target(with("payments", &small)),
            Warning,
            "records of 1000 bytes at most",
            flow(&["payments"]),
        ),
        (
            Id::MissingTarget,
            flow(&["payments"]).set(FlowSetting::Create, "false"),
            Warning,
            "the target lacks `payments`",
            flow(&["payments"]),
        ),
        (Id::OpenEnded, flow(&["orders.*"]), Warning, "new_topics = mirror", flow(&["payments|taken"])),
        (
            Id::OpenEnded,
            flow(&["orders.*"]).set(FlowSetting::NewTopics, "ignore"),
            Info,
            "left alone",
            flow(&["payments"]),
        ),
        (
            Id::OpenEnded,
            flow(&["orders.*"]).set(FlowSetting::NewTopics, "ask"),
            Info,
            "held back until you decide (new_topics = ask",
            flow(&["payments"]).set(FlowSetting::NewTopics, "ask"),
        ),
        (Id::MissingRight, flow(&["denied"]), Warning, "not authorized", flow(&["payments"])),
        (
            Id::MissingRight,
            flow(&["payments.*"]).denied("payments", Operation::Read),
            Warning,
            "the right Read is missing on the source for `payments`: blocked",
            flow(&["payments-test"]).denied("payments", Operation::Read),
        ),
        (
            Id::MissingRight,
            flow(&["payments"]).denied("payments", Operation::DescribeConfigs),
            Info,
            "the right DescribeConfigs is missing on the source for `payments`",
            flow(&["payments"]).denied("payments", Operation::Write),
        ),
        (
            Id::MissingRight,
            flow(&["payments", "taken"])
                .target(vec![topic("payments", 6), topic("taken", 6)])
                .denied_there(&["payments", "taken"], Operation::Write),
            Warning,
            "the right Write is missing on the target for 2 topics (`payments` ...): blocked",
            flow(&["payments"]).target(vec![topic("payments", 6)]).denied_there(&["payments"], Operation::Create),
        ),
        (
            Id::MissingRight,
            flow(&["payments"]).denied_there(&["payments"], Operation::Create),
            Warning,
            "the right Create is missing on the target",
            flow(&["payments"]).denied_there(&["payments"], Operation::DescribeConfigs),
        ),
        (
            Id::MissingRight,
            flow(&["payments"])
                .over(old)
                .target(vec![topic("payments", 3)])
                .denied_there(&["payments"], Operation::Alter),
            Warning,
            "the right Alter is missing on the target",
            flow(&["payments"]).target(vec![topic("payments", 6)]).denied_there(&["payments"], Operation::Alter),
        ),
        (
            Id::MissingRight,
            flow(&["payments"]).denied_group("kmirror.new"),
            Warning,
            "the right Read is missing on the source for group `kmirror.new`",
            flow(&["payments"]).denied_group("kmirror.other"),
        ),
        (
            Id::OverCap,
            flow(&["payments"]).set(FlowSetting::RecordsPerSecond, "10"),
            Warning,
            "never catches up",
            flow(&["payments"]).set(FlowSetting::RecordsPerSecond, "11"),
        ),
        (
            Id::GroupChanges,
            flow(&["payments"]).over(old),
            Warning,
            "from `kmirror.old` to `kmirror.new`",
            flow(&["payments"]),
        ),
        (
            Id::NeedsRestart,
            flow(&["payments"]).over(old).set(FlowSetting::Shards, "4"),
            Info,
            "shards",
            flow(&["payments"]),
        ),
    ]
}

#[test]
fn every_check_finds_its_own_and_nothing_else() {
    for (id, found, severity, text, clean) in cases() {
        let checks = found.find(id);
        let is_said = |check: &&Check| check.severity == severity && check.text.contains(text);
        assert!(checks.iter().any(|check| is_said(&check)), "{id}: {text}: {:#?}", found.evaluate().checks);
        assert!(clean.find(id).is_empty(), "{id} is clean: {:#?}", clean.find(id));
    }
    for id in CheckId::ALL {
        assert!(cases().iter().any(|(tested, ..)| tested == id), "{id} has a case");
    }
}

#[test]
fn a_fix_mends_what_it_is_offered_for() {
    let mut unfixed = Vec::new();
    for (id, found, ..) in cases() {
        match found.fixed(id) {
            Some(fixed) => {
                let gravity =
                    |case: &Case| case.find(id).iter().map(|check| 1 + check.severity as usize).sum::<usize>();
                assert!(gravity(&fixed) < gravity(&found), "{id}: {:#?}\nbecame {:#?}", found.find(id), fixed.find(id));
            }
            None => unfixed.push(id),
        }
    }
    unfixed.sort();
    unfixed.dedup();
    insta::assert_snapshot!(format!("{unfixed:?}"), @"[InvalidPattern, InvalidReplacement, InvalidValue, NothingIncluded, EveryName, InternalTopics, Undecided, UnknownTarget, FewerPartitions, MorePartitions, CleanupPolicy, MessageSize, OpenEnded, MissingRight, NeedsRestart]");
}

#[test]
fn the_worst_comes_first_and_at_its_place() {
    let evaluation = flow(&["orders.*", "nowhere"]).set(FlowSetting::BytesPerSecond, "x").evaluate();
    assert!(evaluation.preview.is_some(), "a wrong value is no reason to show nothing");
    let places: Vec<(Severity, &CheckPlace)> =
        evaluation.checks.iter().map(|check| (check.severity, &check.place)).collect();
    assert_eq!(places[0], (Severity::Error, &CheckPlace::Field("limits.bytes_per_second".into())));
    assert!(places.is_sorted_by(|one, other| one.0 >= other.0), "{places:?}");
    let broken = flow(&["payments", "x(y", "[z"]).evaluate();
    assert!(broken.preview.is_none());
    let found: Vec<(&CheckPlace, Option<std::ops::Range<usize>>)> =
        broken.checks.iter().map(|check| (&check.place, check.span.clone())).collect();
    let rule = |index| CheckPlace::Rule(RuleRef { list: RuleList::Include, index });
    assert_eq!(found, [(&rule(1), Some(1..2)), (&rule(2), Some(0..1))]);
}
