//! An operator sets positions: of a flow that never ran, of one that is stopped, and under load.

use std::time::Duration;

use super::super::cluster::lock;
use super::super::world::World;
use super::{ok, world_with};
use crate::engine::command::Scope;
use crate::engine::event::{EventKind, MovedPosition};
use crate::engine::flow::FlowInput;
use crate::engine::state::{FlowState, LaneState};
use crate::model::{StartPosition, TopicPartition};

/// What came of the order: positions that were set, or the reason why not.
fn answers(world: &mut World, index: usize) -> Vec<Result<Vec<MovedPosition>, String>> {
    let answer = |event| match event {
        EventKind::PositionsSet { positions } => Some(Ok(positions)),
        EventKind::Refused { command, reason } if command == "set positions" => Some(Err(reason)),
        _ => None,
    };
    std::mem::take(&mut world.instances[index].events).into_iter().filter_map(answer).collect()
}

fn moved(topic: &str, partition: i32, from: Option<i64>, to: i64) -> MovedPosition {
    MovedPosition { partition: TopicPartition::new(topic, partition), from, to }
}

fn until_answered(world: &mut World, index: usize) {
    let is_answer = |event: &EventKind| match event {
        EventKind::PositionsSet { .. } => true,
        EventKind::Refused { command, .. } => command == "set positions",
        _ => false,
    };
    ok(world.run_until("answered", |world| world.instances[index].events.iter().any(is_answer)));
}

/// A flow that has copied 20 records of `a`, and was stopped.
fn stopped() -> World {
    let mut world = world_with(20);
    world.start();
    ok(world.rest());
    world.instances[0].drain(Duration::from_secs(5));
    ok(world.run_until("stopped", |world| world.instances[0].is_stopped()));
    world
}

#[test]
fn a_stopped_flow_goes_on_where_it_was_set() {
    for (to, again) in [(5, 15), (20, 0), (0, 20)] {
        let mut world = stopped();
        world.instances[0].set_positions(&[("a", 0, to)]);
        until_answered(&mut world, 0);
        assert_eq!(answers(&mut world, 0), [Ok(vec![moved("a", 0, Some(20), to)])]);
        assert_eq!(world.committed("a", 0), Some(to), "the group has it before anything runs");
        world.write_many("a", 0, 3);
        world.instances[0].tell(FlowInput::Start);
        ok(world.rest());
        assert_eq!((world.landed("a", 0), world.duplicates(), world.blocked("a", 0)), (23, again, None));
    }
}

#[test]
fn what_a_stopped_flow_is_set_beyond_is_left_out() {
    let mut world = stopped();
    world.write_many("a", 0, 10);
    world.instances[0].set_positions(&[("a", 0, 26)]);
    until_answered(&mut world, 0);
    world.instances[0].tell(FlowInput::Start);
    ok(world.rest());
    assert_eq!((world.landed("a", 0), world.duplicates()), (24, 0), "six of thirty are left out");
}

#[test]
fn in_an_empty_group_the_others_begin_as_at_a_first_start() {
    let mut world = world_with(10);
    world.create_source("b", 2);
    world.write_many("b", 1, 7);
    world.spec.config.start = StartPosition::Latest;
    let index = world.idle();
    world.instances[index].set_positions(&[("b", 1, 5)]);
    until_answered(&mut world, index);
    assert_eq!(answers(&mut world, index), [Ok(vec![moved("b", 1, None, 5)])]);
    let committed = |world: &World| ["a/0", "b/0", "b/1"].map(|at| world.committed(&at[..1], at[2..].parse().unwrap()));
    assert_eq!(committed(&world), [Some(10), Some(0), Some(5)]);
    // Taken for new ones, they would begin at their beginning from here on.
    world.write_many("a", 0, 4);
    world.instances[index].tell(FlowInput::Start);
    ok(world.rest());
    assert_eq!((world.landed("a", 0), world.landed("b", 1), world.duplicates()), (4, 2, 0));
}

#[test]
fn a_target_that_holds_records_does_not_block_what_was_set() {
    let mut world = stopped();
    lock(&world.kafka).group.committed.clear();
    world.instances[0].set_positions(&[("a", 0, 20)]);
    until_answered(&mut world, 0);
    world.write_many("a", 0, 5);
    world.instances[0].tell(FlowInput::Start);
    ok(world.rest());
    assert_eq!((world.landed("a", 0), world.duplicates()), (25, 0));
}

/// Until the lane of `a` copies, and is seen to.
fn until_copying(world: &mut World) -> Result<(), String> {
    world.run_until("copying", |world| {
        let topics = world.instances[0].snapshot().topics;
        let is_seen = topics.iter().any(|topic| topic.source.as_str() == "a" && !topic.lanes.is_empty());
        is_seen && world.landed("a", 0) > 0
    })
}

#[test]
fn a_lane_under_load_is_drained_moved_and_goes_on() {
    for step in 0..40 {
        for to in [0, 12, 40] {
            let mut world = world_with(40);
            world.create_source("b", 1);
            world.write_many("b", 0, 30);
            world.spec.config.limits.in_flight_bytes = 600;
            world.start();
            ok(until_copying(&mut world));
            ok(world.run_for(step));
            world.instances[0].set_positions(&[("a", 0, to)]);
            until_answered(&mut world, 0);
            let answers = answers(&mut world, 0);
            let [Ok(moved)] = answers.as_slice() else { panic!("{answers:?}") };
            assert_eq!(moved.len(), 1);
            assert_eq!(moved[0].to, to, "step {step}");
            world.write_many("a", 0, 5);
            ok(world.rest());
            assert_eq!(world.landed("b", 0), 30, "the other lane goes on");
            let from = moved[0].from.expect("it had progress");
            let left_out = usize::try_from(to - from).unwrap_or(0);
            let again = u64::try_from(from - to).unwrap_or(0);
            assert_eq!((world.landed("a", 0), world.duplicates()), (45 - left_out, again), "step {step} to {to}");
        }
    }
}

#[test]
fn a_crash_in_between_leaves_the_old_position_or_the_new_one() {
    for crash_at in 0..60 {
        let mut world = world_with(30);
        world.spec.config.commit_interval = Duration::from_millis(100);
        world.start();
        ok(until_copying(&mut world));
        world.instances[0].set_positions(&[("a", 0, 2)]);
        ok(world.run_for(crash_at));
        world.instances.clear();
        world.start();
        ok(world.rest());
        assert_eq!(world.landed("a", 0), 30, "crash at step {crash_at}");
    }
}

#[test]
fn a_lane_that_is_held_is_moved_and_held_on() {
    let mut world = world_with(20);
    world.start();
    ok(world.rest());
    let scope = Scope::flow("f".into());
    world.instances[0].tell(FlowInput::Pause(scope.clone()));
    world.instances[0].set_positions(&[("a", 0, 5)]);
    until_answered(&mut world, 0);
    ok(world.run_for(200));
    assert_eq!((world.committed("a", 0), world.duplicates()), (Some(5), 0));
    let lane = world.instances[0].snapshot().topics[0].lanes[0].clone();
    assert_eq!((lane.state, lane.position), (LaneState::Paused, 5));
    world.instances[0].tell(FlowInput::Resume(scope));
    ok(world.rest());
    assert_eq!(world.duplicates(), 15);
}

#[test]
fn what_cannot_be_set_is_refused_with_all_the_rest() {
    let mut world = world_with(20);
    world.create_source("b", 1);
    world.write_many("b", 0, 9);
    world.start();
    ok(world.rest());
    let stopped = world.idle();
    for index in [0, stopped] {
        let refused = |world: &mut World, positions: &[(&str, i32, i64)]| {
            world.instances[index].set_positions(positions);
            until_answered(world, index);
            match answers(world, index).pop() {
                Some(Err(reason)) => reason,
                other => panic!("{other:?}"),
            }
        };
        if index == stopped {
            let reason = refused(&mut world, &[("a", 0, 5)]);
            assert_eq!(reason, "group `kmirror.f` is in use by kmirror-0: stop it first");
            world.instances[0].drain(Duration::from_secs(5));
            ok(world.run_until("stopped", |world| world.instances[0].is_stopped()));
        }
        let reason = refused(&mut world, &[("a", 0, 5), ("b", 0, 10)]);
        assert_eq!(reason, "b/0: offset 10 is beyond the end of the log, which is 9");
        assert_eq!(world.committed("a", 0), Some(20), "none of them is set");
        assert!(refused(&mut world, &[("a", 1, 0), ("c", 0, 0)]).contains("a/1: the flow does not mirror"));
        lock(&world.kafka).source.log_mut(&TopicPartition::new("b", 0)).expect("there").start = 4;
        let reason = refused(&mut world, &[("b", 0, 3)]);
        assert_eq!(reason, "b/0: offset 3 is older than the log, which holds 4 to 9");
    }
}

#[test]
fn lanes_of_another_instance_are_refused_and_it_is_named() {
    let mut world = world_with(5);
    world.create_source("b", 1);
    world.start();
    world.start();
    ok(world.rest());
    let owner = |world: &World| {
        let has_lane = |index: &usize| {
            let topics = world.instances[*index].snapshot().topics;
            topics.iter().any(|topic| topic.source.as_str() == "a" && !topic.lanes.is_empty())
        };
        (0..2).find(has_lane).expect("an owner")
    };
    let other = 1 - owner(&world);
    world.instances[other].set_positions(&[("a", 0, 0)]);
    until_answered(&mut world, other);
    let reason = answers(&mut world, other).pop().expect("an answer").expect_err("refused");
    assert!(reason.contains("a/0 is not mirrored by this instance; in the group are kmirror-"), "{reason}");
}

#[test]
fn a_target_that_does_not_answer_keeps_a_lane_where_it_is() {
    let mut world = world_with(40);
    world.start();
    ok(until_copying(&mut world));
    let was = world.instances[0].snapshot().topics[0].lanes[0].position;
    lock(&world.kafka).is_stalled = true;
    ok(world.run_for(5));
    world.instances[0].set_positions(&[("a", 0, 0)]);
    until_answered(&mut world, 0);
    let reason = answers(&mut world, 0).pop().expect("an answer").expect_err("refused");
    assert!(reason.contains("a/0: the target did not acknowledge"), "{reason}");
    assert!(world.instances[0].snapshot().topics[0].lanes[0].position >= was);
    lock(&world.kafka).is_stalled = false;
    ok(world.rest());
    assert_eq!((world.landed("a", 0), world.duplicates()), (40, 0), "it has gone on");
}

#[test]
fn a_flow_that_starts_or_stops_is_not_set() {
    let mut world = world_with(5);
    lock(&world.kafka).target.is_unreachable = true;
    world.start();
    ok(world.run_for(20));
    assert!(!matches!(world.instances[0].snapshot().state, FlowState::Stopped));
    world.instances[0].set_positions(&[("a", 0, 1)]);
    let reason = answers(&mut world, 0).pop().expect("an answer").expect_err("refused");
    assert_eq!(reason, "the flow is starting; wait until it runs, or stop it");
}
