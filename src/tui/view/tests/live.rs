//! The dashboard as it is drawn.

use insta::assert_snapshot;

use super::snap;
use crate::engine::{Event, EventKind, FlowState, LaneState};
use crate::report::fixture as mirror;
use crate::tui::fixture::{SIZES, draw, model, press, show, text};
use crate::tui::jobs::JobDone;
use crate::tui::message::{Message, Now};
use crate::tui::model::Model;
use crate::tui::services::{Job, JobResult, Leaders};
use crate::tui::update::update;

/// When all tests of this file end.
const NOW_MS: i64 = mirror::AT_MS + 400_000;

/// The dashboard of `eu-to-us` after five minutes, in the middle of which its target could not be reached for one.
fn live() -> Model {
    let mut model = model();
    press(&mut model, "G enter -");
    for second in -300..=0_i64 {
        let mut snapshot = mirror::snapshot();
        snapshot.at_ms = NOW_MS + second * 1_000;
        let flow = mirror::flow_mut(&mut snapshot, 0);
        if (-180..-120).contains(&second) {
            flow.state = FlowState::Waiting { why: mirror::unreachable() };
        }
        flow.lag_records = Some(1_240_000 + (-second).unsigned_abs() * 20_500);
        flow.records_per_second = 42_300.0 + 6_000.0 * (second as f64 / 20.0).sin();
        for lane in &mut flow.topics[0].lanes {
            lane.high_watermark = Some(4_000_000 + second * 10_900);
            lane.lag_records = lane.lag_records.map(|lag| lag + (-second).unsigned_abs() * 100);
        }
        update(&mut model, Message::Clock(Now { wall_ms: snapshot.at_ms, ..Now::default() }));
        show(&mut model, snapshot);
    }
    for (number, kind) in (0..).zip(mirror::event_kinds()) {
        let at_ms = NOW_MS - 100_000 + number * 2_000;
        update(&mut model, Message::Event(Event { at_ms, flow: "eu-to-us".into(), kind }));
    }
    model
}

#[test]
fn dashboard() {
    snap("live", &mut live());
}

#[test]
fn the_throughput_has_a_chart_of_its_own_place_at_80_columns() {
    let mut model = live();
    draw(&mut model, SIZES[1]);
    press(&mut model, "m");
    assert_snapshot!("live_throughput", text(&draw(&mut model, SIZES[1])));
}

#[test]
fn partitions() {
    let mut model = live();
    let asked = press(&mut model, "enter j");
    let Some(crate::tui::effect::Effect::Run(job @ Job::FindLeaders { .. })) = asked.into_iter().next() else {
        panic!("nobody was asked for the leaders")
    };
    let source = Ok([(0, Some(101)), (1, None)].into());
    let found = Leaders { source, target: Ok([(0, Some(3))].into()) };
    update(&mut model, Message::JobDone(JobDone { job, answer: Ok(JobResult::Leaders(found)) }));
    snap("live_partitions", &mut model);
}

#[test]
fn choices() {
    let mut model = live();
    press(&mut model, "u");
    snap("live_unblock", &mut model);
    let why = crate::engine::BlockedReason::RetentionOvertook { lost_from: 4711, lost_to: 4800 };
    let mut snapshot = mirror::snapshot();
    mirror::flow_mut(&mut snapshot, 0).topics[0].lanes[1].state = LaneState::Blocked { why };
    show(&mut model, snapshot);
    press(&mut model, "esc u enter 4 9 0 0");
    assert_snapshot!("live_unblock_position", text(&draw(&mut model, SIZES[1])));
    press(&mut model, "enter");
    assert_snapshot!("live_unblock_confirm", text(&draw(&mut model, SIZES[1])));
}

#[test]
fn a_topic_that_is_asked_about() {
    let mut model = live();
    let mut snapshot = mirror::snapshot();
    let flow = mirror::flow_mut(&mut snapshot, 0);
    flow.topics[1].state = crate::engine::TopicState::Blocked { why: crate::engine::BlockedReason::NewTopic };
    show(&mut model, snapshot);
    press(&mut model, "j u");
    assert_snapshot!("live_unblock_new_topic", text(&draw(&mut model, SIZES[1])));
    press(&mut model, "esc E");
    assert_snapshot!("card_new_topic", text(&draw(&mut model, SIZES[0])));
}

#[test]
fn good_times() {
    let mut model = live();
    show(&mut model, mirror::caught_up());
    model.events.clear();
    assert_snapshot!("live_caught_up", text(&draw(&mut model, SIZES[0])));
}

#[test]
fn what_is_not_known_is_no_zero() {
    let mut model = model();
    let mut snapshot = mirror::snapshot();
    let flow = mirror::flow_mut(&mut snapshot, 0);
    flow.state = FlowState::Stopped;
    flow.topics.clear();
    (flow.lag_records, flow.records_per_second, flow.bytes_per_second) = (Some(0), 0.0, 0.0);
    show(&mut model, snapshot);
    press(&mut model, "5");
    assert_snapshot!("live_stopped", text(&draw(&mut model, SIZES[0])));
    show(&mut model, crate::engine::Snapshot::default());
    let screen = text(&draw(&mut model, SIZES[1]));
    assert!(screen.contains("is not there (any more)"), "{screen}");
}

#[test]
fn a_flow_that_keeps_up_fills_no_list_of_events() {
    let mut model = live();
    model.events.clear();
    for (number, state) in
        (0..).zip([FlowState::Starting, FlowState::Running, FlowState::CaughtUp].iter().cycle().take(9))
    {
        let state = if number > 2 && *state == FlowState::Starting { FlowState::Running } else { state.clone() };
        let event = Event { at_ms: NOW_MS, flow: "eu-to-us".into(), kind: EventKind::FlowState { state } };
        update(&mut model, Message::Event(event));
    }
    let screen = text(&draw(&mut model, SIZES[0]));
    assert_eq!(screen.matches("the flow is running").count() + screen.matches("the flow is caught up").count(), 1);
    assert!(screen.contains("the flow is starting"), "{screen}");
}

#[test]
fn charts_move_by_whole_steps_only() {
    let mut model = live();
    press(&mut model, "0");
    let charts =
        |model: &mut Model| text(&draw(model, SIZES[0])).lines().skip(6).take(6).collect::<Vec<_>>().join("\n");
    let at = |model: &mut Model, ms: i64| {
        let wall_ms = NOW_MS - NOW_MS % 60_000 + ms;
        update(model, Message::Clock(Now { wall_ms, ..Now::default() }));
    };
    at(&mut model, 0);
    let mut before = charts(&mut model);
    let mut moves = 0;
    for step in 1..=60 {
        at(&mut model, step * 500);
        let now = charts(&mut model);
        moves += usize::from(now != before);
        before = now;
    }
    // 15 minutes in 104 columns of dots: a step each 8.7 seconds.
    assert!((3..=4).contains(&moves), "{moves}");
}
