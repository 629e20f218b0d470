//! Flows in a file: read, written, renamed and taken out, with what people wrote around them.

use std::path::Path;

use super::*;
use crate::config::load::Config;
use crate::model::FlowName;

const FILE: &str = r#"# Ours.
[clusters.a]
bootstrap_servers = "a:9092"
[clusters.b]
bootstrap_servers = "b:9092"

# --- Flows ---

# Orders go first.
[flows.orders]
source = "a"
target = "b"   # the new one
include = [
    'orders\.v1',  # since 2019
    # those of the shop
    "carts-.*",
]
exclude = [".*-dlq", ".*-tmp"] # noise
rename = { prefix = "a" } # as MirrorMaker did
start = "-2h"
shards = 4

[flows.orders.limits]
bytes_per_second = "20MB" # the line is thin

[[flows.orders.start_overrides]]
topic = "carts-1"
# one partition only
partition = 3
start = "latest"

# Payments.
[flows.payments]
source = "b"
target = "a"
include = ["payments"]

[defaults]
exclude = [".*-secret"]
"#;

fn draft() -> FlowDraft {
    draft_of(FILE, "orders")
}

fn draft_of(text: &str, name: &str) -> FlowDraft {
    FlowDraft::of(text, &name.into()).expect("TOML").expect("there")
}

fn written(draft: &FlowDraft) -> String {
    let text = draft.write_to(FILE).expect("written");
    assert_eq!(&draft_of(&text, &draft.name), draft, "reads back equal: {text}");
    text
}

/// The lines of `text` that `FILE` does not have, and the other way round.
fn difference(text: &str) -> String {
    let diff = similar::TextDiff::from_lines(FILE, text);
    let changed = diff.iter_all_changes().filter(|change| change.tag() != similar::ChangeTag::Equal);
    changed.map(|change| format!("{}{change}", change.tag())).collect()
}

#[test]
fn a_draft_that_is_not_changed_changes_nothing() {
    assert_eq!(written(&draft()), FILE);
    assert_eq!(written(&draft_of(FILE, "payments")), FILE);
    let draft = draft();
    assert_eq!(draft.include, [r"orders\.v1", "carts-.*"]);
    assert_eq!(draft.rename, Some(RenameDraft::Prefix { prefix: "a".into(), separator: None }));
    assert_eq!((draft.setting(FlowSetting::Shards), draft.setting(FlowSetting::Start)), (Some("4"), Some("-2h")));
    assert_eq!(draft.setting(FlowSetting::BytesPerSecond), Some("20MB"));
    assert_eq!(draft.setting(FlowSetting::NewTopics), None);
    let entry = StartOverrideDraft { topic: "carts-1".into(), partition: Some(3), start: "latest".into() };
    assert_eq!(draft.start_overrides, [entry]);
    assert_eq!(draft.group(), "kmirror.orders");
}

#[test]
fn only_what_is_changed_is_written_anew() {
    let mut draft = draft();
    draft.include[1] = r"carts\..*".into();
    draft.include.push("x".into());
    draft.exclude = Some(vec![".*-tmp".into()]);
    draft.set(FlowSetting::Shards, Some("8".into()));
    draft.set(FlowSetting::Start, None);
    draft.set(FlowSetting::NewTopics, Some("ask".into()));
    draft.set(FlowSetting::Create, Some("false".into()));
    draft.set(FlowSetting::RecordsPerSecond, Some("unlimited".into()));
    draft.set(FlowSetting::BytesPerSecond, Some("1000".into()));
    draft.start_overrides.push(StartOverrideDraft { topic: "x".into(), partition: None, start: "12".into() });
    insta::assert_snapshot!(difference(&written(&draft)), @r#"
    -    "carts-.*",
    +    'carts\..*',
    +    "x",
    -exclude = [".*-dlq", ".*-tmp"] # noise
    +exclude = [".*-tmp"] # noise
    -start = "-2h"
    -shards = 4
    +shards = 8
    +new_topics = "ask"
    -bytes_per_second = "20MB" # the line is thin
    +bytes_per_second = 1000 # the line is thin
    +records_per_second = "unlimited"
    +[[flows.orders.start_overrides]]
    +topic = "x"
    +start = "12"
    +
    +[flows.orders.topics]
    +create = false
    +
    "#);
}

#[test]
fn what_is_set_no_more_leaves_nothing_behind() {
    let mut draft = draft();
    (draft.exclude, draft.rename) = (None, None);
    draft.settings.clear();
    draft.start_overrides.clear();
    insta::assert_snapshot!(difference(&written(&draft)), @r#"
    -exclude = [".*-dlq", ".*-tmp"] # noise
    -rename = { prefix = "a" } # as MirrorMaker did
    -start = "-2h"
    -shards = 4
    -
    -[flows.orders.limits]
    -bytes_per_second = "20MB" # the line is thin
    -
    -[[flows.orders.start_overrides]]
    -topic = "carts-1"
    -# one partition only
    -partition = 3
    -start = "latest"
    "#);
}

#[test]
fn rename_rules_are_written_as_they_are_meant() {
    let rule =
        |pattern: &str, replacement: &str| RenameRuleDraft { pattern: pattern.into(), replacement: replacement.into() };
    let mut draft = draft();
    let forms = [
        RenameDraft::Identity,
        RenameDraft::Prefix { prefix: "b".into(), separator: Some("_".into()) },
        RenameDraft::Rules(vec![rule("(.*)-v1", "$1")]),
        RenameDraft::Rules(vec![rule(r"a\.(.*)", "$1"), rule("(.*)", "b.$1")]),
    ];
    let mut lines = String::new();
    for form in forms {
        draft.rename = Some(form);
        lines.push_str(&difference(&written(&draft)));
        draft.check(FILE, None, Path::new("")).expect("valid");
    }
    insta::assert_snapshot!(lines, @r#"
    -rename = { prefix = "a" } # as MirrorMaker did
    +rename = "identity" # as MirrorMaker did
    -rename = { prefix = "a" } # as MirrorMaker did
    +rename = { prefix = "b", separator = "_" } # as MirrorMaker did
    -rename = { prefix = "a" } # as MirrorMaker did
    +rename = { pattern = "(.*)-v1", replacement = "$1" } # as MirrorMaker did
    -rename = { prefix = "a" } # as MirrorMaker did
    +rename = [{ pattern = 'a\.(.*)', replacement = "$1" }, { pattern = "(.*)", replacement = "b.$1" }] # as MirrorMaker did
    "#);
    // A list that grows keeps what is written about its rules.
    let listed = draft.write_to(FILE).expect("written").replace("rename = [", "rename = [ # by hand\n");
    let mut draft = draft_of(&listed, "orders");
    if let Some(RenameDraft::Rules(rules)) = &mut draft.rename {
        rules.push(rule("y", "z"));
    }
    let text = draft.write_to(&listed).expect("written");
    assert!(text.contains("by hand"), "{text}");
    assert_eq!(draft_of(&text, "orders"), draft);
}

#[test]
fn a_new_flow_stands_behind_the_others() {
    let draft = FlowDraft {
        name: "new.one".into(),
        source: "a".into(),
        target: "b".into(),
        include: vec![r"x\.y".into()],
        settings: [(FlowSetting::Autostart, "false".into()), (FlowSetting::InFlightBytes, "32MiB".into())].into(),
        ..FlowDraft::default()
    };
    insta::assert_snapshot!(difference(&written(&draft)), @r#"
    +[flows."new.one"]
    +source = "a"
    +target = "b"
    +include = ['x\.y']
    +autostart = false
    +
    +[flows."new.one".limits]
    +in_flight_bytes = "32MiB"
    +
    "#);
    for before in ["", "# nothing yet\n", "[flows]\n", "flows = { f = { source = \"a\" } }\n"] {
        let text = draft.write_to(before).expect("written");
        assert_eq!(draft_of(&text, "new.one"), draft, "{text}");
    }
}

#[test]
fn a_flow_that_is_renamed_stays_where_it_was() {
    let mut draft = draft();
    draft.name = "shop".into();
    draft.set(FlowSetting::Group, Some("kmirror.orders".into()));
    let text = draft.write_over(&"orders".into(), FILE).expect("written");
    insta::assert_snapshot!(difference(&text), @r#"
    -[flows.orders]
    +[flows.shop]
    +group = "kmirror.orders"
    -[flows.orders.limits]
    +[flows.shop.limits]
    -[[flows.orders.start_overrides]]
    +[[flows.shop.start_overrides]]
    "#);
    assert_eq!(draft_of(&text, "shop"), draft);
    draft.name = "payments".into();
    let taken = draft.write_over(&"orders".into(), FILE).expect_err("taken").to_string();
    assert_eq!(taken, "edit the configuration: there is a flow `payments` already");
}

#[test]
fn a_flow_that_is_removed_takes_only_its_own_along() {
    let text = FlowDraft::remove_from(&"orders".into(), FILE).expect("TOML");
    assert!(text.contains("# --- Flows ---") && !text.contains("orders"), "{text}");
    assert!(text.contains("# Payments.\n[flows.payments]"), "{text}");
    assert_eq!(FlowDraft::of(&text, &"orders".into()).expect("TOML"), None);
    let text = FlowDraft::remove_from(&"payments".into(), &text).expect("TOML");
    assert!(text.contains("# --- Flows ---"), "{text}");
    assert_eq!(FlowDraft::remove_from(&"none".into(), FILE).expect("TOML"), FILE);
}

#[test]
fn a_draft_is_checked_in_its_company() {
    let mut draft = draft();
    let config = draft.check(FILE, None, Path::new("")).expect("right");
    assert_eq!((config.shards, config.neighbours.len()), (4, 1));
    draft.set(FlowSetting::Shards, Some("many".into()));
    draft.include.push("(".into());
    draft.target = "c".into();
    let Err(EditError::Config(error)) = draft.check(FILE, None, Path::new("")) else { panic!("checked") };
    let keys: Vec<&str> = error.problems.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(keys, ["flows.orders.target", "flows.orders.include[2]", "flows.orders.shards"]);
}

#[test]
fn a_flow_in_force_can_be_written_again() {
    let file = FILE.replace("exclude = [\".*-secret\"]", "");
    let config = Config::parse(&file, "of a test").expect("valid");
    for (name, flow) in &config.flows {
        let draft = FlowDraft::of_config(name, flow);
        let text = draft.write_to(&file).expect("written");
        let again = Config::parse(&text, "of a test").expect("valid");
        assert_eq!(&again.flows[name], flow, "{text}");
    }
    // As an order to the engine carries it.
    for flow in config.flows.values() {
        let json = serde_json::to_string(flow).expect("JSON");
        assert_eq!(&serde_json::from_str::<crate::config::FlowConfig>(&json).expect("a flow"), flow, "{json}");
    }
    let plain = FlowDraft::of_config(&"payments".into(), &config.flows[&FlowName::from("payments")]);
    assert!(plain.settings.is_empty() && plain.configs_exclude.is_none(), "{plain:?}");
}

#[test]
fn every_setting_can_be_read_written_and_shown() {
    let config = Config::parse(FILE, "of a test").expect("valid");
    let flow = &config.flows[&FlowName::from("orders")];
    let mut draft = draft();
    for setting in FlowSetting::ALL {
        let value = setting.value_of(flow).unwrap_or_else(|| "45s".to_owned());
        draft.set(setting, Some(value));
    }
    let text = written(&draft);
    let again = Config::parse(&text, "of a test").unwrap_or_else(|error| panic!("{error}\n{text}"));
    for setting in FlowSetting::ALL.into_iter().filter(|setting| *setting != FlowSetting::SessionTimeout) {
        assert_eq!(setting.value_of(&again.flows[&FlowName::from("orders")]), setting.value_of(flow), "{setting:?}");
    }
}
