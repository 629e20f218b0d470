//! The logs and the error cards as they are drawn.

use insta::assert_snapshot;

use super::snap;
use crate::engine::{Event, EventKind, Fault, FaultKind, LaneState, Side, WaitingReason};
use crate::model::TopicPartition;
use crate::report::fixture as mirror;
use crate::telemetry::{LogLevel, LogLine};
use crate::tui::fixture::{SIZES, draw, model, press, show, text};
use crate::tui::message::Message;
use crate::tui::model::Model;
use crate::tui::update::update;

/// A console at the logs after everything that can happen.
fn logs() -> Model {
    let mut model = model();
    press(&mut model, "j 6");
    for (number, kind) in (0..).zip(mirror::event_kinds()) {
        let at_ms = mirror::AT_MS - 100_000 + number * 2_000;
        update(&mut model, Message::Event(Event { at_ms, flow: "eu-to-us".into(), kind }));
    }
    let line = |number: u64, level, from, text: &str| {
        let at_ms = mirror::AT_MS - 90_000 + number as i64 * 3_000;
        LogLine { number, at_ms, level, from, text: text.into() }
    };
    let lines = vec![
        line(0, LogLevel::Info, "kmirror::run::console", "the console opens version=0.1.0 flows=2"),
        line(
            1,
            LogLevel::Error,
            "librdkafka",
            "[thrd:us-1:9092/bootstrap]: us-1:9092/bootstrap: Connect failed: refused",
        ),
        line(2, LogLevel::Debug, "kmirror::engine::flow", "looks at both clusters flow=audit"),
    ];
    update(&mut model, Message::Lines(lines));
    model
}

#[test]
fn lines_and_events() {
    let mut model = logs();
    snap("logs", &mut model);
    press(&mut model, "/");
    update(&mut model, Message::Paste("level>=warn flow=eu-to-us !~commit".into()));
    assert_snapshot!("logs_filter", text(&draw(&mut model, SIZES[1])));
    press(&mut model, "enter esc g g n enter");
    assert_snapshot!("logs_line", text(&draw(&mut model, SIZES[1])));
}

#[test]
fn cards() {
    let mut model = logs();
    press(&mut model, "E");
    snap("card_topic", &mut model);
    press(&mut model, "n");
    snap("card_lane", &mut model);
    press(&mut model, "n");
    assert_snapshot!("card_waiting", text(&draw(&mut model, SIZES[1])));
}

#[test]
fn partitions_that_wait_share_a_card() {
    let mut model = model();
    let mut snapshot = mirror::caught_up();
    let why = WaitingReason::LeaderUnavailable { side: Side::Source };
    let lanes = (0..40).map(|n| mirror::lane(n, LaneState::Waiting { why: why.clone() }));
    mirror::flow_mut(&mut snapshot, 0).topics[0].lanes = lanes.collect();
    show(&mut model, snapshot);
    press(&mut model, "E");
    assert_snapshot!("card_lanes", text(&draw(&mut model, SIZES[0])));
}

/// Lines and events as an attacker would have them.
pub(super) fn hostile(model: &mut Model, attack: &'static str) {
    let line = LogLine {
        number: 0,
        at_ms: model.now.wall_ms,
        level: LogLevel::Error,
        from: "librdkafka",
        text: attack.into(),
    };
    update(model, Message::Lines(vec![line]));
    let fault = Fault::new(FaultKind::Other, Side::Target, attack, attack);
    let lane = TopicPartition::new(attack, 0);
    let why = WaitingReason::Fault { fault: fault.clone() };
    for kind in [
        EventKind::Trouble { fault },
        EventKind::LaneState { partition: lane, state: LaneState::Waiting { why } },
        EventKind::Notice { text: attack.into() },
    ] {
        update(model, Message::Event(Event { at_ms: model.now.wall_ms, flow: attack.into(), kind }));
    }
}
