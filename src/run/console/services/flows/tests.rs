//! Flows that are edited: over a file, over none, and against mock clusters.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::config::{Config, RenameDraft};
use crate::demo::DemoClusters;
use crate::engine::{FlowSnapshot, FlowState, Snapshot};
use crate::preview::{CheckId, Severity, TargetPlan};
use crate::run::console::Stage;
use crate::run::console::services::opened::{Opened, open};
use crate::tui::{Job, JobResult};

const FILE: &str = "# ours
[clusters.a]
bootstrap_servers = \"127.0.0.1:1\"
properties = { \"security.protocol\" = \"SASL_PLAINTEXT\", \"sasl.mechanism\" = \"PLAIN\", \"sasl.username\" = \"u\", \
                    \"sasl.password\" = \"hunter2\" }
[clusters.b]
bootstrap_servers = \"127.0.0.1:2\"

[flows.orders]
source = \"a\"
target = \"b\"
include = [\"orders\"] # the shop's

[flows.beside]
source = \"a\"
target = \"b\"
include = [\"carts\"]
";

fn over(folder: &tempfile::TempDir) -> (Opened, PathBuf) {
    let file = folder.path().join("kmirror.toml");
    fs::write(&file, FILE).expect("written");
    let config = Config::load(&file).expect("valid");
    let stage = Stage { config, file: Some(file.clone()), options: String::new(), demo: None };
    (open(&stage, false), file)
}

fn run(opened: &Opened, job: FlowJob) -> FlowAnswer {
    match opened.services.run(&Job::Flow(job), &|| true) {
        Ok(JobResult::Flow(answer)) => *answer,
        other => panic!("{other:?}"),
    }
}

fn draft(opened: &Opened, flow: &str) -> FlowDraft {
    match run(opened, FlowJob::Read { flow: flow.into() }) {
        FlowAnswer::Draft(draft) => draft,
        other => panic!("{other:?}"),
    }
}

fn review(opened: &Opened, draft: &FlowDraft, before: Option<&str>) -> FlowReview {
    let job = FlowJob::Review { draft: Box::new(draft.clone()), before: before.map(FlowName::from) };
    match run(opened, job) {
        FlowAnswer::Review(review) => review,
        other => panic!("{other:?}"),
    }
}

fn saved(opened: &Opened, draft: &FlowDraft, before: Option<&str>) -> FlowSaved {
    let before = before.map(FlowName::from);
    match run(opened, FlowJob::Save { draft: Box::new(draft.clone()), before, may_restart: true }) {
        FlowAnswer::Saved(saved) => saved,
        other => panic!("{other:?}"),
    }
}

/// What the engine was told: the flows' names.
fn told(opened: &mut Opened) -> Vec<String> {
    let mut told = Vec::new();
    while let Ok(command) = opened.commands.try_recv() {
        told.push(format!("{} {}", command.verb(), command.flow().expect("of a flow")));
    }
    told
}

/// The engine shows a flow that runs and mirrors `orders`.
fn show_running(opened: &Opened) {
    let topic = crate::engine::TopicSnapshot {
        source: "orders".into(),
        target: "orders".into(),
        partitions: 1,
        state: crate::engine::TopicState::Mirroring,
        lanes: Vec::new(),
    };
    let flow = FlowSnapshot {
        flow: "orders".into(),
        source: "a".into(),
        target: "b".into(),
        group: "kmirror.orders".into(),
        state: FlowState::Running,
        totals: Default::default(),
        records_per_second: 0.0,
        bytes_per_second: 0.0,
        lag_records: Some(0),
        lag_bytes: None,
        unseen_lanes: 0,
        lag_ms: None,
        eta_seconds: None,
        delay: Default::default(),
        time_use: Default::default(),
        in_flight_bytes: 0,
        topics: vec![topic],
        commits: 0,
        commit_failures: 0,
        faults: 0,
        delivery_latency: Default::default(),
    };
    opened.shown.send_replace(Arc::new(Snapshot { at_ms: 0, flows: vec![Arc::new(flow)] }));
}

fn text(file: &Path) -> String {
    fs::read_to_string(file).expect("readable")
}

#[test]
fn a_change_is_reviewed_then_saved_and_told_to_everybody() {
    let folder = tempfile::tempdir().expect("folder");
    let (mut opened, file) = over(&folder);
    show_running(&opened);
    let mut draft = draft(&opened, "orders");
    draft.include.push("payments".into());
    draft.set(FlowSetting::BytesPerSecond, Some("1MB".into()));
    let review = review(&opened, &draft, Some("orders"));
    assert_eq!(text(&file), FILE, "nothing is written yet");
    assert!(review.diff.contains("+include = [\"orders\", \"payments\"] # the shop's"), "{}", review.diff);
    assert!(review.diff.contains("-include = [\"orders\"] # the shop's"), "{}", review.diff);
    assert!(!review.diff.contains("hunter2"), "{}", review.diff);
    assert!(review.problems.is_empty() && review.needs_restart.is_empty(), "{review:?}");
    assert_eq!(
        review.effects,
        [
            "topics that the rules add begin at once, from their beginning",
            "the limits change at once",
            "all other lanes go on as if nothing had happened"
        ]
    );
    let FlowSaved::Done { path, .. } = saved(&opened, &draft, Some("orders")) else { panic!("refused") };
    assert_eq!(path.as_deref(), Some(file.as_path()));
    assert!(text(&file).contains("\"payments\"] # the shop's") && text(&file).contains("hunter2"));
    assert_eq!(told(&mut opened), ["configure beside", "configure orders"], "it has other neighbours now");
    let Ok(News::Inventory(inventory)) = opened.told.try_recv() else { panic!("the console was not told") };
    assert_eq!(inventory.caps[&FlowName::from("orders")].bytes_per_second, Some(1_000_000));
    assert_eq!(self::draft(&opened, "orders"), draft);
}

#[test]
fn what_a_running_flow_cannot_take_is_told_before() {
    let folder = tempfile::tempdir().expect("folder");
    let (opened, _) = over(&folder);
    show_running(&opened);
    let mut draft = draft(&opened, "orders");
    draft.set(FlowSetting::Shards, Some("2".into()));
    draft.rename = Some(RenameDraft::Prefix { prefix: "a".into(), separator: None });
    let restart = review(&opened, &draft, Some("orders")).needs_restart;
    assert!(restart[0] == "shards" && restart[1].starts_with("what orders is called"), "{restart:?}");
    draft.name = "shop".into();
    let refused = review(&opened, &draft, Some("orders"));
    assert!(refused.problems[0].message.contains("stop it first"), "{refused:?}");
    assert!(refused.doubts[0].contains("starts over"), "{refused:?}");
    assert!(matches!(saved(&opened, &draft, Some("orders")), FlowSaved::Refused(_)));
    let FlowAnswer::Saved(FlowSaved::Refused(_)) = run(&opened, FlowJob::Delete { flow: "orders".into() }) else {
        panic!("a running flow was removed");
    };
}

#[test]
fn flows_are_added_renamed_and_removed() {
    let folder = tempfile::tempdir().expect("folder");
    let (mut opened, file) = over(&folder);
    let mut new = draft(&opened, "orders");
    new.name = "beside".into();
    let FlowSaved::Refused(problems) = saved(&opened, &new, None) else { panic!("saved twice") };
    assert_eq!(problems[0].key, "name");
    new.name = "new".into();
    new.include = vec!["users".into()];
    assert!(review(&opened, &new, None).effects[0].contains("waits to be started"));
    assert!(matches!(saved(&opened, &new, None), FlowSaved::Done { .. }));
    assert_eq!(told(&mut opened), ["configure beside", "configure orders", "configure new"]);
    new.name = "newer".into();
    assert!(matches!(saved(&opened, &new, Some("new")), FlowSaved::Done { .. }));
    assert_eq!(told(&mut opened)[0], "remove new");
    assert!(text(&file).contains("[flows.newer]") && !text(&file).contains("[flows.new]"));
    run(&opened, FlowJob::Delete { flow: "newer".into() });
    assert_eq!(text(&file), FILE, "as if nothing had been");
    assert_eq!(told(&mut opened), ["remove newer", "configure beside", "configure orders"]);
}

#[test]
fn what_is_wrong_is_told_at_its_field_and_changes_nothing() {
    let folder = tempfile::tempdir().expect("folder");
    let (mut opened, file) = over(&folder);
    let mut draft = draft(&opened, "orders");
    draft.include.push("(".into());
    draft.set(FlowSetting::Shards, Some("many".into()));
    let FlowSaved::Refused(problems) = saved(&opened, &draft, Some("orders")) else { panic!("saved") };
    let keys: Vec<&str> = problems.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(keys, ["include[1]", "shards"]);
    draft.name = "a b".into();
    let FlowSaved::Refused(problems) = saved(&opened, &draft, Some("orders")) else { panic!("saved") };
    assert!(problems.iter().any(|problem| problem.key == "name"), "{problems:?}");
    assert_eq!((text(&file).as_str(), told(&mut opened).len()), (FILE, 0));
}

#[test]
fn without_a_file_a_change_lasts_as_long_as_the_console() {
    let config = Config::parse(&FILE.replace("hunter2", "x"), "of a test").expect("valid");
    let stage = Stage { config, file: None, options: String::new(), demo: None };
    let mut opened = open(&stage, false);
    let mut draft = draft(&opened, "orders");
    draft.include.push("payments".into());
    assert_eq!(review(&opened, &draft, Some("orders")).path, None);
    assert_eq!(saved(&opened, &draft, Some("orders")), FlowSaved::Done { path: None, doubts: Vec::new() });
    assert_eq!(told(&mut opened), ["configure beside", "configure orders"]);
    assert_eq!(self::draft(&opened, "orders"), draft);
    let looking = open(&stage, true);
    let job = FlowJob::Save { draft: Box::new(draft), before: Some("orders".into()), may_restart: true };
    let error = looking.services.run(&Job::Flow(job), &|| true).expect_err("refused");
    assert!(error.message.contains("--read-only"));
}

#[test]
fn a_draft_is_evaluated_against_what_the_clusters_tell() {
    let mock = DemoClusters::start().expect("mock clusters");
    let file = format!(
        "[clusters.a]\nbootstrap_servers = \"{}\"\n[clusters.b]\nbootstrap_servers = \"{}\"\n",
        mock.source_address(),
        mock.target_address()
    );
    let config = Config::parse(&file, "of a test").expect("valid");
    let opened = open(&Stage { config, file: None, options: String::new(), demo: None }, false);
    let facts = |job: FlowJob| match run(&opened, job) {
        FlowAnswer::Facts(facts) => facts,
        other => panic!("{other:?}"),
    };
    let listed = facts(FlowJob::Facts { source: "a".into(), target: "b".into() });
    assert!(!listed.source.topics().is_empty() && !listed.is_same_cluster);
    let draft = FlowDraft {
        name: "f".into(),
        source: "a".into(),
        target: "b".into(),
        include: vec![".*".into()],
        rename: Some(RenameDraft::Prefix { prefix: "copy".into(), separator: None }),
        ..FlowDraft::default()
    };
    let evaluate = |facts| {
        let job = FlowJob::Evaluate { draft: Box::new(draft.clone()), before: None, facts };
        match run(&opened, job) {
            FlowAnswer::Evaluated(evaluation) => evaluation,
            other => panic!("{other:?}"),
        }
    };
    let first = evaluate(listed);
    let preview = first.preview.expect("a preview");
    assert!(preview.topics.iter().any(|topic| matches!(topic.plan, Some(TargetPlan::Create { .. }))));
    assert_eq!(first.in_force[&FlowSetting::Shards], "1");
    assert!(first.checks.iter().any(|check| check.id == CheckId::EveryName && check.severity == Severity::Warning));
    assert!(!first.unmeasured.is_empty());
    let job = FlowJob::Measure { source: "a".into(), target: "b".into(), topics: first.unmeasured, group: "g".into() };
    let measured = evaluate(facts(job));
    assert!(measured.unmeasured.is_empty(), "{:?}", measured.unmeasured);
    let totals = measured.preview.expect("a preview").totals;
    assert_eq!(totals.measured, totals.mirrored);
}
