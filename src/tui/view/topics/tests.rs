//! The topics' screens, in good and bad times.

use insta::assert_snapshot;

use crate::tui::fixture::topics::open;
use crate::tui::fixture::{SIZES, draw, model, press, text};
use crate::tui::jobs::JobDone;
use crate::tui::message::Message;
use crate::tui::services::{Job, JobError};
use crate::tui::update::update;
use crate::tui::view::tests::snap;

#[test]
fn topics() {
    let mut model = model();
    let mut answers = open(&mut model);
    answers.press(&mut model, "j");
    answers.wait(&mut model, 5);
    snap("topics", &mut model);
}

#[test]
fn a_topic() {
    let mut model = model();
    let mut answers = open(&mut model);
    answers.press(&mut model, "/ p a y enter enter");
    answers.wait(&mut model, 5);
    snap("topic", &mut model);
}

#[test]
fn records() {
    let mut model = model();
    let mut answers = open(&mut model);
    answers.press(&mut model, "j r");
    snap("records", &mut model);
    answers.press(&mut model, "a y e s enter");
    assert_snapshot!("records_prompt", text(&draw(&mut model, SIZES[1])));
    answers.press(&mut model, "esc k k k enter");
    snap("record", &mut model);
    for (name, keys) in [("record_binary", "> x x x"), ("record_tombstone", ">"), ("record_cut", ">")] {
        answers.press(&mut model, keys);
        assert_snapshot!(name, text(&draw(&mut model, SIZES[1])));
    }
}

#[test]
fn a_cluster_that_does_not_answer() {
    let mut model = model();
    press(&mut model, "2");
    let error = JobError { message: "ask cluster `eu`: connection refused".into(), next: None };
    let fail = |model: &mut _| {
        let job = Job::ListTopics { cluster: "eu".into() };
        update(model, Message::JobDone(JobDone { job, answer: Err(error.clone()) }));
    };
    assert_snapshot!("topics_asked", text(&draw(&mut model, SIZES[1])));
    fail(&mut model);
    assert_snapshot!("topics_refused", text(&draw(&mut model, SIZES[1])));
    open(&mut model);
    fail(&mut model);
    assert_snapshot!("topics_old", text(&draw(&mut model, SIZES[1])));
}
