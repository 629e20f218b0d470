//! What keys do to a draft, and what is asked and ordered because of it.

use crate::config::{ClusterEnv, FlowDraft, FlowSetting, RenameDraft};
use crate::engine::{Command, FlowState};
use crate::preview::{Check, CheckId, CheckPlace, RuleList, RuleRef, Severity};
use crate::report::fixture as mirror;
use crate::tui::effect::Effect;
use crate::tui::fixture::editor::{Desk, check};
use crate::tui::fixture::topics::open as open_topics;
use crate::tui::fixture::{draw, model, press, show};
use crate::tui::jobs::JobDone;
use crate::tui::keymap::Context;
use crate::tui::message::{Message, Now};
use crate::tui::model::Model;
use crate::tui::model::editor::field::Field;
use crate::tui::model::editor::sheet::Sheet;
use crate::tui::model::navigation::{Opened, Tab};
use crate::tui::model::overlay::Overlay;
use crate::tui::services::{FieldProblem, FlowJob, FlowSaved, Job, JobError};
use crate::tui::update::update;

fn editor() -> (Model, Desk) {
    let (mut model, desk) = (model(), Desk::default());
    desk.open(&mut model);
    (model, desk)
}

/// Without what keeps it from being saved.
fn sound() -> (Model, Desk) {
    let (mut model, mut desk) = (model(), Desk::default());
    desk.preview.checks.retain(|check| check.severity != Severity::Error);
    desk.open(&mut model);
    (model, desk)
}

fn sheet(model: &Model) -> &Sheet {
    model.editor.sheet().expect("a draft")
}

fn toasts(model: &Model) -> Vec<&str> {
    model.toasts.iter().map(|toast| toast.text.as_str()).collect()
}

/// Who is in production is asked about more than this is about.
fn on_dev(model: &mut Model) {
    model.inventory.clusters.iter_mut().for_each(|cluster| cluster.env = ClusterEnv::Dev);
}

#[test]
fn a_flow_is_opened_from_the_flows_and_asked_about() {
    let mut model = model();
    let effects = press(&mut model, "1 j e");
    let jobs: Vec<&Job> =
        effects.iter().filter_map(|effect| if let Effect::Run(job) = effect { Some(job) } else { None }).collect();
    assert_eq!(jobs, [&Job::Flow(FlowJob::Read { flow: "eu-to-us".into() })]);
    assert_eq!(model.navigation.tab(), Tab::Editor);
    let more = Desk::default().settle(&mut model, effects);
    assert_eq!(more, []);
    assert_eq!(sheet(&model).before.as_ref().map(|flow| flow.as_str()), Some("eu-to-us"));
    assert!(sheet(&model).preview.is_some() && !sheet(&model).is_changed());
}

#[test]
fn every_keystroke_is_evaluated_and_the_answer_to_an_older_one_is_not_shown() {
    let (mut model, desk) = editor();
    let first = press(&mut model, "enter x");
    let [Effect::Run(job @ Job::Flow(FlowJob::Evaluate { draft, .. }))] = first.as_slice() else { panic!("{first:?}") };
    assert!(draft.include[0].ends_with(".*x"), "{draft:?}");
    let second = press(&mut model, "y");
    let before = sheet(&model).took;
    let mut late = desk.clone();
    late.preview.topics.clear();
    let answer = late.answer(job).expect("an answer");
    update(&mut model, Message::JobDone(JobDone { job: job.clone(), answer }));
    assert_eq!(
        (sheet(&model).took, sheet(&model).preview.as_ref().map(|p| p.topics.is_empty())),
        (before, Some(false))
    );
    desk.settle(&mut model, second);
    assert!(sheet(&model).draft.include[0].ends_with("xy"));
}

#[test]
fn while_a_rule_cannot_be_read_the_last_preview_stays() {
    let (mut model, mut desk) = editor();
    let shown = sheet(&model).preview.clone();
    let place = CheckPlace::Rule(RuleRef { list: RuleList::Include, index: 0 });
    desk.mistakes = vec![check(CheckId::InvalidPattern, Severity::Error, "unclosed group", place)];
    desk.press(&mut model, "enter (");
    assert!(sheet(&model).is_stale && sheet(&model).preview == shown);
    desk.mistakes.clear();
    desk.press(&mut model, "backspace");
    assert!(!sheet(&model).is_stale);
}

#[test]
fn escape_takes_back_what_was_typed_and_enter_keeps_it() {
    let (mut model, desk) = editor();
    let before = sheet(&model).draft.clone();
    desk.press(&mut model, "enter x y");
    assert_eq!(model.contexts()[0], Context::EditorField);
    desk.press(&mut model, "esc");
    assert_eq!(sheet(&model).draft, before);
    desk.press(&mut model, "enter x enter");
    assert_eq!((sheet(&model).n_changes(), model.contexts()[0]), (1, Context::Editor));
    desk.press(&mut model, "u");
    assert_eq!(sheet(&model).draft, before);
    desk.press(&mut model, "U");
    assert_ne!(sheet(&model).draft, before);
    desk.press(&mut model, "R");
    assert_eq!(sheet(&model).draft, before);
    desk.press(&mut model, "u");
    assert_ne!(sheet(&model).draft, before, "throwing away can be undone, too");
}

#[test]
fn rules_are_added_moved_and_deleted() {
    for (keys, expected) in [
        ("a n e w enter", ["one", "new", "two"].as_slice()),
        ("a enter", &["one", "two"]),
        ("a n esc", &["one", "two"]),
        ("k k j j d", &["two"]),
        ("J", &["two", "one"]),
        ("J K", &["one", "two"]),
        ("K", &["one", "two"]),
        ("enter ^u enter", &["two"]),
        ("j j enter x enter", &["one", "two", "x"]),
        ("a a tab b enter", &["one", "a", "twob"]),
    ] {
        let (mut model, mut desk) = (model(), Desk::default());
        desk.draft.include = vec!["one".into(), "two".into()];
        desk.open(&mut model);
        desk.press(&mut model, keys);
        assert_eq!(sheet(&model).draft.include, expected, "{keys}");
        while sheet(&model).draft != desk.draft {
            assert!(!press(&mut model, "u").is_empty(), "{keys}: it can be undone");
        }
    }
}

#[test]
fn exclude_rules_that_were_left_to_the_defaults_are_left_to_them_again() {
    let (mut model, mut desk) = (model(), Desk::default());
    desk.draft.exclude = None;
    desk.preview.exclude.clear();
    desk.open(&mut model);
    desk.press(&mut model, "j j j j a x enter");
    assert_eq!(sheet(&model).draft.exclude, Some(vec!["x".to_owned()]));
    desk.press(&mut model, "d");
    assert_eq!((sheet(&model).draft.exclude.clone(), sheet(&model).is_changed()), (None, false));
}

#[test]
fn a_list_of_its_own_begins_with_the_rules_of_the_defaults() {
    let (mut model, mut desk) = (model(), Desk::default());
    desk.draft.exclude = None;
    desk.preview.exclude = vec![crate::preview::RuleCount { pattern: ".*-dlq".into(), ..<_>::default() }];
    desk.open(&mut model);
    for keys in ["j j j j a x enter", "d enter x enter"] {
        desk.press(&mut model, keys);
        assert_eq!(sheet(&model).draft.exclude, Some(vec![".*-dlq".to_owned(), "x".to_owned()]), "{keys}");
    }
    desk.press(&mut model, "d");
    assert_eq!((sheet(&model).draft.exclude.clone(), sheet(&model).is_changed()), (None, false));
    desk.press(&mut model, "enter esc a enter");
    assert!(!sheet(&model).is_changed());
}

#[test]
fn names_are_made_in_three_ways() {
    let (mut model, desk) = editor();
    model.editor.sheet_mut().expect("a draft").field = Field::Rename;
    desk.press(&mut model, "space");
    assert_eq!(sheet(&model).draft.rename, None);
    desk.press(&mut model, "right");
    assert_eq!(sheet(&model).draft.rename, Some(RenameDraft::Prefix { prefix: "eu".into(), separator: None }));
    desk.press(&mut model, "tab tab enter - enter");
    assert_eq!(
        sheet(&model).draft.rename,
        Some(RenameDraft::Prefix { prefix: "eu".into(), separator: Some("-".into()) })
    );
    desk.press(&mut model, "k k right a");
    assert_eq!(sheet(&model).field, Field::Pattern(1));
    desk.press(&mut model, "a tab b enter");
    let Some(RenameDraft::Rules(rules)) = &sheet(&model).draft.rename else { panic!("rules") };
    assert_eq!((rules.len(), rules[1].pattern.as_str(), rules[1].replacement.as_str()), (2, "a", "b"));
}

#[test]
fn settings_are_chosen_typed_and_left_to_their_defaults() {
    let (mut model, desk) = editor();
    let at = |model: &mut Model, setting| model.editor.sheet_mut().expect("a draft").field = Field::Setting(setting);
    at(&mut model, FlowSetting::Create);
    desk.press(&mut model, "space");
    assert_eq!(sheet(&model).draft.setting(FlowSetting::Create), Some("false"), "from the default, yes");
    desk.press(&mut model, "d");
    assert_eq!(sheet(&model).draft.setting(FlowSetting::Create), None);
    at(&mut model, FlowSetting::RecordsPerSecond);
    desk.press(&mut model, "enter 5 0 enter");
    assert_eq!(sheet(&model).draft.setting(FlowSetting::RecordsPerSecond), Some("50"));
}

#[test]
fn a_flow_that_is_there_keeps_its_name() {
    let (mut model, desk) = editor();
    desk.press(&mut model, "k k k enter");
    assert_eq!(sheet(&model).field, Field::Name);
    assert!(sheet(&model).line.is_none());
    assert_eq!(toasts(&model), ["a flow keeps its name, and with it its progress"]);
}

#[test]
fn a_finding_leads_to_its_rule_and_offers_a_change() {
    let (mut model, desk) = editor();
    desk.press(&mut model, "f");
    assert_eq!(sheet(&model).draft.include[1], r"payments\.(auth|capture|refund)");
    desk.press(&mut model, "c j j enter");
    assert_eq!((sheet(&model).field, model.navigation.opened()), (Field::Exclude(2), None));
    desk.press(&mut model, "f");
    assert_eq!(sheet(&model).draft.exclude.as_ref().map(Vec::len), Some(2), "that of the rule at hand comes first");
    desk.press(&mut model, "c j f");
    assert_eq!(model.navigation.opened(), Some(&Opened::Checks));
}

#[test]
fn a_finding_about_a_topic_leads_to_it_among_all() {
    let (mut model, desk) = editor();
    desk.press(&mut model, "p / c a r t s enter esc esc c");
    let about = |check: &Check| check.place == CheckPlace::Topic("orders.v2.created".into());
    let row = sheet(&model).checks.iter().position(about).expect("a finding about it");
    model.editor.checks.selected = Some(row.to_string());
    desk.press(&mut model, "enter");
    assert_eq!(model.navigation.opened(), Some(&Opened::Preview));
    assert_eq!(model.editor.topics.selected.as_deref(), Some("orders.v2.created"));
}

#[test]
fn every_topic_says_why() {
    for (topic, expected) in [
        ("payments.capture", ["would be mirrored to eu.payments.auth, but", "would be written there as well"]),
        ("orders.v2.dlq", ["It is not mirrored.", r"exclude   #1 .*\.dlq matches"]),
        ("Orders.v1.created", ["none of 3 rules matches", "nearly: case"]),
        ("__consumer_offsets", ["It is not mirrored.", "starts with `__`"]),
        ("carts", ["none of 3 rules matches", "would not be mirrored any more"]),
        ("orders-changelog", ["rename    #2 (.*) to eu.$1: it becomes", "created with 24 partitions, compacted"]),
    ] {
        let (mut model, desk) = editor();
        desk.press(&mut model, "p");
        model.editor.topics.selected = Some(topic.to_owned());
        desk.press(&mut model, "enter");
        let Some(Overlay::Reading(reading)) = model.overlays.last() else { panic!("{topic}: nothing to read") };
        for words in expected {
            assert!(reading.paragraphs.iter().any(|text| text.contains(words)), "{words}: {:#?}", reading.paragraphs);
        }
    }
}

#[test]
fn a_near_miss_is_included_by_a_key() {
    let (mut model, desk) = editor();
    desk.press(&mut model, "p / O r enter f");
    assert!(sheet(&model).draft.include[0].starts_with("(?i)"), "{:?}", sheet(&model).draft.include);
}

#[test]
fn what_is_wrong_is_not_saved_and_the_cursor_goes_there() {
    let (mut model, mut desk) = editor();
    let place = CheckPlace::Field("limits.bytes_per_second".into());
    desk.mistakes = vec![Check { ..check(CheckId::InvalidValue, Severity::Error, "`x` is no size", place) }];
    desk.press(&mut model, "d");
    desk.press(&mut model, "^s");
    assert_eq!(model.navigation.opened(), None);
    assert_eq!(sheet(&model).field, Field::Setting(FlowSetting::BytesPerSecond));
    assert_eq!(toasts(&model), ["it cannot be saved so: `x` is no size"]);
}

#[test]
fn what_is_saved_is_reviewed_before_and_asked_on_production() {
    let (mut model, desk) = sound();
    desk.press(&mut model, "^s");
    assert_eq!(toasts(&model), ["nothing is changed"]);
    desk.press(&mut model, "d ^s");
    assert_eq!(model.navigation.opened(), Some(&Opened::Review));
    assert_eq!(desk.press(&mut model, "enter"), []);
    assert!(
        matches!(model.overlays.last(), Some(Overlay::Confirm(confirm)) if confirm.question == "Save flow eu-to-us?")
    );
    let effects = press(&mut model, "y");
    let [Effect::Run(Job::Flow(FlowJob::Save { before, may_restart: false, .. }))] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!(before.as_ref().map(|flow| flow.as_str()), Some("eu-to-us"));
    desk.settle(&mut model, effects);
    assert_eq!((model.navigation.opened(), model.editor.review.is_none()), (None, true));
    assert!(toasts(&model).contains(&"flow eu-to-us is saved in /etc/kmirror/kmirror.toml"), "{:?}", toasts(&model));
}

#[test]
fn a_restart_is_a_choice_and_must_be_typed_on_production() {
    let (mut model, mut desk) = sound();
    desk.press(&mut model, "d ^s");
    desk.press(&mut model, "r");
    assert_eq!(toasts(&model), ["nothing needs a restart"]);
    desk.review.needs_restart = vec!["source: another cluster is read".into()];
    desk.press(&mut model, "esc esc ^s");
    desk.press(&mut model, "r");
    assert_eq!(model.contexts()[0], Context::ConfirmTyped);
    let effects = press(&mut model, "e u - t o - u s enter");
    assert!(
        matches!(effects.as_slice(), [Effect::Run(Job::Flow(FlowJob::Save { may_restart: true, .. }))]),
        "{effects:?}"
    );
}

#[test]
fn what_the_service_refuses_is_told_and_stays_a_draft() {
    let (mut model, mut desk) = sound();
    on_dev(&mut model);
    desk.saved = FlowSaved::Refused(vec![FieldProblem { key: "shards".into(), message: "`x` is no number".into() }]);
    desk.press(&mut model, "d ^s");
    desk.press(&mut model, "enter");
    assert!(sheet(&model).is_changed());
    assert_eq!(toasts(&model), ["it cannot be saved so: shards `x` is no number"]);
    assert_eq!(desk.press(&mut model, "enter"), [], "it would be refused again");
}

#[test]
fn who_may_only_look_can_try_rules_but_not_save_them() {
    let (mut model, desk) = sound();
    model.is_read_only = true;
    desk.press(&mut model, "d ^s");
    assert_eq!(model.navigation.opened(), Some(&Opened::Review));
    assert_eq!(desk.press(&mut model, "enter"), []);
    assert_eq!(toasts(&model), ["this console may only look: it was started with --read-only"]);
    assert_eq!(desk.press(&mut model, "1 D"), []);
    assert!(model.overlays.is_empty());
}

#[test]
fn a_new_flow_is_a_draft_until_it_is_saved() {
    let (mut model, desk) = sound();
    on_dev(&mut model);
    desk.press(&mut model, "1 a");
    let draft = sheet(&model).draft.clone();
    assert_eq!((draft.name.as_str(), draft.source.as_str(), draft.target.as_str()), ("eu-to-us-2", "eu", "us"));
    desk.press(&mut model, "enter - n e w enter a c a r t s enter");
    desk.press(&mut model, "^s");
    let effects = press(&mut model, "enter");
    let [Effect::Run(Job::Flow(FlowJob::Save { before: None, draft, .. }))] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!((draft.name.as_str(), draft.include.as_slice()), ("eu-to-us-2-new", ["carts".to_owned()].as_slice()));
    desk.settle(&mut model, effects);
    assert_eq!(sheet(&model).before.as_ref().map(|flow| flow.as_str()), Some("eu-to-us-2-new"));
}

#[test]
fn a_clone_has_a_name_and_a_group_of_its_own() {
    let (mut model, mut desk) = (model(), Desk::default());
    desk.draft.set(FlowSetting::Group, Some("shared".into()));
    desk.press(&mut model, "1 j c");
    let Sheet { draft, before, .. } = sheet(&model);
    assert_eq!((draft.name.as_str(), before), ("eu-to-us-copy", &None));
    assert_eq!((draft.setting(FlowSetting::Group), &draft.include), (None, &desk.draft.include));
}

#[test]
fn drafts_stay_when_the_tab_is_left_and_are_asked_about_when_kmirror_is() {
    let (mut model, desk) = editor();
    show(&mut model, crate::engine::Snapshot::default());
    assert_eq!(press(&mut model, "q"), [Effect::End], "nothing runs, nothing is changed");
    desk.press(&mut model, "d 1 2 3");
    assert_eq!(sheet(&model).n_changes(), 1);
    assert_eq!(press(&mut model, "q"), []);
    let Some(Overlay::Confirm(confirm)) = model.overlays.last() else { panic!("no question") };
    assert_eq!(confirm.lines, ["1 draft is not saved and would be lost: eu-to-us."]);
    assert_eq!(press(&mut model, "y"), [Effect::End]);
}

#[test]
fn a_new_flow_can_be_thrown_away() {
    let (mut model, desk) = editor();
    desk.press(&mut model, "n R y");
    assert_eq!(model.editor.sheets.len(), 1);
    assert_eq!(sheet(&model).before.as_ref().map(|flow| flow.as_str()), Some("eu-to-us"));
}

#[test]
fn only_a_flow_that_has_stopped_can_be_deleted() {
    let (mut model, desk) = (model(), Desk::default());
    desk.press(&mut model, "1 j D");
    assert_eq!(toasts(&model), ["eu-to-us runs: S stops it, then it can be deleted"]);
    let mut snapshot = mirror::snapshot();
    mirror::flow_mut(&mut snapshot, 0).state = FlowState::Stopped;
    show(&mut model, snapshot);
    desk.press(&mut model, "D");
    assert_eq!(model.contexts()[0], Context::ConfirmTyped, "on production the name is typed");
    let effects = press(&mut model, "e u - t o - u s enter");
    assert_eq!(effects, [Effect::Run(Job::Flow(FlowJob::Delete { flow: "eu-to-us".into() }))]);
    desk.settle(&mut model, effects);
    assert!(
        toasts(&model).contains(&"flow eu-to-us is taken out of /etc/kmirror/kmirror.toml"),
        "{:?}",
        toasts(&model)
    );
}

#[test]
fn a_saved_flow_is_started_from_here() {
    let (mut model, desk) = sound();
    on_dev(&mut model);
    let mut snapshot = mirror::snapshot();
    mirror::flow_mut(&mut snapshot, 0).state = FlowState::Stopped;
    show(&mut model, snapshot);
    assert_eq!(desk.press(&mut model, "r"), [Effect::Send(Command::Start { flow: "eu-to-us".into() })]);
    desk.press(&mut model, "n r");
    assert_eq!(toasts(&model), ["the flow is not saved yet: ^s saves it"]);
}

#[test]
fn marked_topics_are_added_to_a_flow_by_the_shortest_pattern() {
    let (mut model, desk) = (model(), Desk::default());
    let _ = open_topics(&mut model);
    let effects = press(&mut model, "space space f");
    let [.., Effect::Run(Job::Flow(FlowJob::Propose { marked, all }))] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert!(marked.len() == 2 && all.len() > 2);
    desk.settle(&mut model, effects);
    desk.press(&mut model, "j enter");
    assert_eq!(sheet(&model).draft.name, "audit");
    let rules = &sheet(&model).draft.include;
    assert!(rules.ends_with(&["audit".into(), "orders".into()]), "what matches exactly those, and is short: {rules:?}");
    let last = Field::Include(rules.len() - 1);
    assert_eq!((sheet(&model).field, model.navigation.tab()), (last, Tab::Editor));
    assert!(model.topics.list.marks.is_empty() && sheet(&model).is_changed());
}

#[test]
fn a_topic_makes_a_new_flow_by_its_name() {
    let (mut model, desk) = (model(), Desk::default());
    let _ = open_topics(&mut model);
    desk.press(&mut model, "f");
    desk.press(&mut model, "space enter");
    let FlowDraft { source, include, .. } = &sheet(&model).draft;
    assert_eq!((source.as_str(), include.len(), sheet(&model).before.is_none()), ("eu", 1, true));
}

#[test]
fn clusters_that_do_not_answer_are_asked_again_and_rules_can_be_edited() {
    let (mut model, mut desk) = (model(), Desk::default());
    desk.facts = Err("ask cluster `eu`: connection refused".into());
    desk.open(&mut model);
    let known = model.editor.facts().expect("asked");
    assert_eq!(known.error.as_deref(), Some("ask cluster `eu`: connection refused"));
    assert!(sheet(&model).preview.is_none());
    let is_asked = |effects: &[Effect]| {
        effects.iter().any(|effect| matches!(effect, Effect::Run(Job::Flow(FlowJob::Facts { .. }))))
    };
    assert!(!is_asked(&update(&mut model, Message::Tick)));
    let uptime = std::time::Duration::from_secs(20);
    let now = Now { uptime, ..model.now };
    update(&mut model, Message::Clock(now));
    let effects = update(&mut model, Message::Tick);
    assert!(is_asked(&effects));
    desk.facts = Ok(());
    desk.settle(&mut model, effects);
    assert!(sheet(&model).preview.is_some());
}

#[test]
fn a_flow_that_cannot_be_read_leaves_the_desk_as_it_was() {
    let mut model = model();
    let effects = press(&mut model, "1 j e");
    let [Effect::Run(job)] = effects.as_slice() else { panic!("{effects:?}") };
    let error = JobError { message: "read kmirror.toml: denied".into(), next: None };
    update(&mut model, Message::JobDone(JobDone { job: job.clone(), answer: Err(error) }));
    assert!(model.editor.sheet().is_none() && model.editor.opening.is_none());
    assert_eq!(toasts(&model), ["failed to read kmirror.toml: denied"]);
}

#[test]
fn flows_are_walked_through() {
    let (mut model, desk) = editor();
    desk.press(&mut model, ">");
    assert_eq!(sheet(&model).draft.name, "audit");
    desk.press(&mut model, "<");
    assert_eq!(sheet(&model).draft.name, "eu-to-us");
    assert_eq!(model.editor.sheets.len(), 2);
    draw(&mut model, (80, 24));
    desk.press(&mut model, "o");
    assert_eq!(
        (model.navigation.tab(), model.offsets.flow.as_ref().map(|flow| flow.as_str())),
        (Tab::Offsets, Some("eu-to-us"))
    );
}
