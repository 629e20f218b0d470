//! Where a flow's partitions go on, as it is drawn.

use insta::assert_snapshot;

use super::snap;
use crate::engine::FlowState;
use crate::model::GroupMember;
use crate::report::fixture as mirror;
use crate::tui::fixture::offsets::opened;
use crate::tui::fixture::topics::Answers;
use crate::tui::fixture::{SIZES, draw, model, press, show, text};
use crate::tui::jobs::JobDone;
use crate::tui::message::Message;
use crate::tui::model::Model;
use crate::tui::services::{Job, JobError, OffsetsJob};
use crate::tui::update::update;

/// A source whose names and words are as an attacker would have them.
pub(super) fn hostile(answers: &mut Answers, attack: &str) {
    answers.offsets.group = attack.into();
    answers.offsets.members = vec![GroupMember { name: attack.to_owned(), is_of_flow: false }];
    for listed in &mut answers.offsets.partitions {
        listed.partition.topic = attack.into();
    }
    answers.offsets.partitions.truncate(8);
    let faulty = &mut answers.offsets.partitions[6];
    (faulty.low, faulty.high, faulty.fault) = (None, None, Some(attack.to_owned()));
}

/// Edits of every kind, one of them not possible.
fn edited() -> (Model, Answers) {
    let (mut model, mut answers) = opened();
    answers.press(&mut model, "j j e j d 2 h enter j n 1 0 k enter j j l");
    answers.press(&mut model, "k k k");
    (model, answers)
}

#[test]
fn offsets() {
    let (mut model, _) = opened();
    snap("offsets", &mut model);
}

#[test]
fn edits() {
    let (mut model, mut answers) = edited();
    snap("offsets_edited", &mut model);
    answers.press(&mut model, "j j");
    snap("offsets_problem", &mut model);
    answers.press(&mut model, "f space space");
    assert_snapshot!("offsets_flow", text(&draw(&mut model, SIZES[0])));
    assert_snapshot!("offsets_flow_80x24", text(&draw(&mut model, SIZES[1])));
}

#[test]
fn a_position_that_is_typed() {
    let (mut model, mut answers) = edited();
    press(&mut model, "enter");
    assert_snapshot!("offsets_typing_begun", text(&draw(&mut model, SIZES[1])));
    answers.press(&mut model, "^u - 9 0 m");
    snap("offsets_typing", &mut model);
    answers.press(&mut model, "^u s o o n");
    snap("offsets_typing_wrong", &mut model);
    answers.press(&mut model, "^u 9 9 9 9 9 9 9 9 9");
    assert_snapshot!("offsets_typing_beyond", text(&draw(&mut model, SIZES[0])));
}

#[test]
fn review() {
    let (mut model, mut answers) = edited();
    answers.press(&mut model, "^s");
    snap("offsets_review", &mut model);
    press(&mut model, "enter");
    assert_snapshot!("offsets_confirm", text(&draw(&mut model, SIZES[1])));
}

#[test]
fn review_of_what_cannot_be() {
    let (mut model, mut answers) = edited();
    answers.press(&mut model, "k space space enter ^u + 5 0 0 enter");
    answers.press(&mut model, "^s");
    assert_snapshot!("offsets_review_refused", text(&draw(&mut model, SIZES[1])));
}

#[test]
fn saved_positions() {
    let (mut model, mut answers) = opened();
    answers.press(&mut model, "b j");
    snap("offsets_saved", &mut model);
}

#[test]
fn flows_to_choose_from() {
    let mut model = model();
    press(&mut model, "4 j");
    snap("offsets_flows", &mut model);
}

#[test]
fn what_is_not_known_is_said() {
    let mut model = model();
    press(&mut model, "j o");
    assert_snapshot!("offsets_asking", text(&draw(&mut model, SIZES[1])));
    let job = Job::Offsets { flow: "eu-to-us".into(), job: OffsetsJob::Read };
    let message = "read the positions of group kmirror.eu-to-us: group authorization failed".to_owned();
    let answer =
        Err(JobError { message, next: Some("kafka-acls.sh --add --operation Read --group kmirror.eu-to-us".into()) });
    update(&mut model, Message::JobDone(JobDone { job, answer }));
    assert_snapshot!("offsets_denied", text(&draw(&mut model, SIZES[1])));
}

#[test]
fn who_is_in_the_group_is_named() {
    let (mut model, mut answers) = opened();
    answers.offsets.members =
        vec![GroupMember { name: "kafka-console-consumer on 10.0.0.9".into(), is_of_flow: false }];
    let mut snapshot = mirror::snapshot();
    mirror::flow_mut(&mut snapshot, 0).state = FlowState::Stopped;
    show(&mut model, snapshot);
    answers.wait(&mut model, 6);
    assert_snapshot!("offsets_foreign", text(&draw(&mut model, SIZES[0])));
}
