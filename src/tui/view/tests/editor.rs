//! A flow that is edited, as it is drawn: in good times and bad.

use insta::assert_snapshot;

use super::snap;
use crate::preview::{CheckId, CheckPlace, RuleList, RuleRef, Severity};
use crate::tui::effect::Effect;
use crate::tui::fixture::editor::{Desk, check};
use crate::tui::fixture::topics::open as open_topics;
use crate::tui::fixture::{SIZES, draw, empty, model, text};
use crate::tui::model::Model;
use crate::tui::services::FlowReview;

fn editor() -> (Model, Desk) {
    let (mut model, desk) = (model(), Desk::default());
    desk.open(&mut model);
    (model, desk)
}

#[test]
fn a_draft() {
    let (mut model, desk) = editor();
    desk.press(&mut model, "j d");
    snap("editor", &mut model);
    model.symbols = &crate::tui::widget::symbols::UNICODE;
    for (part, keys) in [("names", "tab tab tab tab tab tab"), ("options", "tab tab tab tab tab tab tab tab tab tab")] {
        draw(&mut model, SIZES[1]);
        desk.press(&mut model, keys);
        assert_snapshot!(format!("editor_{part}"), text(&draw(&mut model, SIZES[1])));
    }
}

#[test]
fn a_rule_that_is_typed_and_cannot_be_read() {
    let (mut model, mut desk) = editor();
    let place = CheckPlace::Rule(RuleRef { list: RuleList::Include, index: 1 });
    let mistake = check(CheckId::InvalidPattern, Severity::Error, "include #2: unclosed group", place);
    desk.mistakes = vec![crate::preview::Check { span: Some(9..10), ..mistake }];
    desk.press(&mut model, "j enter backspace");
    snap("editor_mistake", &mut model);
}

#[test]
fn without_facts() {
    let (mut model, mut desk) = (model(), Desk::default());
    desk.facts = Err("ask cluster `eu`: connection refused".into());
    desk.open(&mut model);
    for size in SIZES {
        assert_snapshot!(format!("editor_down_{}", size.0), text(&draw(&mut model, size)));
    }
    assert_snapshot!("editor_nothing", text(&draw(&mut empty(), SIZES[1])));
}

#[test]
fn all_topics_and_why() {
    let (mut model, desk) = editor();
    desk.press(&mut model, "p");
    snap("editor_topics", &mut model);
    desk.press(&mut model, "j j j j j enter");
    assert_snapshot!("editor_why", text(&draw(&mut model, SIZES[1])));
}

#[test]
fn all_findings() {
    let (mut model, desk) = editor();
    desk.press(&mut model, "c j");
    snap("editor_checks", &mut model);
}

#[test]
fn what_saving_changes() {
    let (mut model, mut desk) = editor();
    desk.preview.checks.retain(|check| check.severity != Severity::Error);
    desk.press(&mut model, "d");
    desk.press(&mut model, "^s");
    snap("editor_review", &mut model);
    desk.press(&mut model, "esc");
    desk.review = FlowReview {
        path: None,
        needs_restart: vec!["source: the flow reads another cluster".into()],
        ..desk.review.clone()
    };
    desk.press(&mut model, "^s");
    assert_snapshot!("editor_review_restart", text(&draw(&mut model, SIZES[1])));
}

#[test]
fn a_new_flow() {
    let (mut model, desk) = editor();
    desk.press(&mut model, "n");
    assert_snapshot!("editor_new", text(&draw(&mut model, SIZES[0])));
    desk.press(&mut model, "q");
    assert_snapshot!("editor_quit", text(&draw(&mut model, SIZES[1])));
}

#[test]
fn a_flow_for_marked_topics() {
    let (mut model, desk) = (model(), Desk::default());
    let _ = open_topics(&mut model);
    desk.press(&mut model, "space space f");
    for (name, keys) in [("editor_pick", "j"), ("editor_pick_literal", "space")] {
        desk.press(&mut model, keys);
        for size in SIZES {
            assert_snapshot!(format!("{name}_{}", size.0), text(&draw(&mut model, size)));
        }
    }
}

/// What clusters and files say about a flow that is edited, as an attacker would have it.
pub(super) fn hostile(model: &mut Model, attack: &str) {
    let mut desk = Desk::default();
    desk.draft.include = vec![attack.into(), "orders.*".into()];
    desk.draft.set(crate::config::FlowSetting::Group, Some(attack.into()));
    for topic in &mut desk.preview.topics {
        let is_included = topic.target.is_some();
        topic.source = format!("{}{attack}", topic.source).into();
        topic.target = is_included.then(|| Ok(attack.into()));
    }
    desk.preview.near_misses.iter_mut().for_each(|miss| miss.why = attack.into());
    for check in &mut desk.preview.checks {
        (check.text, check.topics) = (attack.into(), vec![attack.into()]);
        check.severity = check.severity.min(Severity::Warning);
        check.fix.iter_mut().for_each(|fix| fix.text = attack.into());
    }
    let review = &mut desk.review;
    (review.diff, review.doubts, review.effects) = (attack.into(), vec![attack.into()], vec![attack.into()]);
    let jobs: Vec<Effect> = model.tasks.iter().map(|task| Effect::Run(task.job.clone())).collect();
    desk.settle(model, jobs);
}
