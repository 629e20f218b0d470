//! The keys of the logs.

use super::*;
use crate::engine::{Event, EventKind, FlowState};
use crate::report::fixture as mirror;
use crate::tui::fixture::{model, press};
use crate::tui::message::Message;
use crate::tui::update::update;

/// A console at the logs, with four lines and an event.
fn logs() -> Model {
    let mut model = model();
    press(&mut model, "6");
    let line = |n: i64, level, from, text: &str| LogLine {
        number: n as u64,
        at_ms: mirror::AT_MS + n,
        level,
        from,
        text: text.into(),
    };
    let lines = vec![
        line(0, LogLevel::Info, "kmirror::run::console", "the console opens"),
        line(1, LogLevel::Error, "librdkafka", "connect to 10.0.0.1:9092 failed, really"),
        line(2, LogLevel::Warn, "kmirror::engine::flow", "slow flow=audit"),
        line(3, LogLevel::Debug, "kmirror::engine::flow", "detail"),
    ];
    update(&mut model, Message::Lines(lines));
    let kind = EventKind::FlowState { state: FlowState::Refused { why: "it would feed itself".into() } };
    update(&mut model, Message::Event(Event { at_ms: mirror::AT_MS + 9, flow: "audit".into(), kind }));
    model
}

fn texts(model: &Model) -> Vec<String> {
    shown(model).iter().map(|entry| entry.text.clone()).collect()
}

#[test]
fn new_lines_are_followed_until_the_cursor_goes_up() {
    let mut model = logs();
    assert_eq!(model.logs.list.cursor, 4);
    press(&mut model, "k k");
    update(
        &mut model,
        Message::Lines(vec![LogLine {
            number: 9,
            at_ms: mirror::AT_MS + 20,
            level: LogLevel::Info,
            from: "x",
            text: "new".into(),
        }]),
    );
    assert_eq!((model.logs.list.cursor, model.logs.list.follows), (2, Some(false)));
    press(&mut model, "f");
    assert_eq!((model.logs.list.cursor, model.logs.list.follows), (5, Some(true)));
}

#[test]
fn the_level_key_shows_less_and_less_then_all() {
    let mut model = logs();
    let counts: Vec<usize> = (0..5)
        .map(|_| {
            let count = texts(&model).len();
            press(&mut model, "l");
            count
        })
        .collect();
    assert_eq!(counts, [5, 4, 3, 2, 5]);
}

#[test]
fn the_filter_speaks_the_language_of_lines() {
    let mut model = logs();
    press(&mut model, "/");
    update(&mut model, Message::Paste("level>=warn flow=audit !~slow".into()));
    assert_eq!(texts(&model), ["was not started: it would feed itself"]);
    press(&mut model, "^u");
    update(&mut model, Message::Paste("level>loud".into()));
    assert!(model.logs.list.filter_error.is_some());
    press(&mut model, "esc");
    assert_eq!(texts(&model).len(), 5);
}

#[test]
fn errors_are_found_and_read_as_a_whole() {
    let mut model = logs();
    press(&mut model, "n");
    assert_eq!(model.logs.list.cursor, 1, "round the end");
    press(&mut model, "enter");
    let Some(Overlay::Reading(reading)) = model.overlays.last() else { panic!("nothing is read") };
    assert!(reading.paragraphs.iter().any(|text| text.contains("really")));
    let copied = press(&mut model, "y");
    let expected = "2026-03-04T05:06:07.001Z error librdkafka connect to 10.0.0.1:9092 failed, really";
    assert_eq!(copied, [Effect::Copy(expected.into())]);
    press(&mut model, "j j j j j j j k esc");
    assert!(model.overlays.is_empty());
}

#[test]
fn lines_are_written_as_a_table() {
    let mut model = logs();
    press(&mut model, "!");
    let effects = press(&mut model, "w enter");
    let [Effect::WriteFile { name, text }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(name, "logs.csv");
    assert_eq!(text.lines().count(), 3, "{text}");
    let second = "2026-03-04T05:06:07.001Z,error,librdkafka,,\"connect to 10.0.0.1:9092 failed, really\"";
    assert_eq!(text.lines().nth(1), Some(second));
}

#[test]
fn what_comes_while_frozen_is_shown_later() {
    let mut model = logs();
    press(&mut model, "^f");
    model.frozen_since_ms = Some(mirror::AT_MS + 9);
    let late = LogLine { number: 8, at_ms: mirror::AT_MS + 50, level: LogLevel::Info, from: "x", text: "late".into() };
    update(&mut model, Message::Lines(vec![late]));
    assert_eq!(texts(&model).len(), 5);
    press(&mut model, "^f");
    assert_eq!(texts(&model).len(), 6);
}
