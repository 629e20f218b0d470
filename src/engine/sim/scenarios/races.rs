//! Races that were found, each in its smallest form.

use std::time::Duration;

use super::super::cluster::lock;
use super::super::world::World;
use super::{ok, world_with};
use crate::engine::command::Scope;
use crate::engine::event::EventKind;
use crate::engine::fault::FaultKind;
use crate::engine::flow::FlowInput;
use crate::engine::ports::LaneId;
use crate::engine::reason::BlockedReason;
use crate::model::StartPosition;

/// A world in the middle of copying, with records in flight that the target has not taken.
fn in_flight() -> World {
    let mut world = world_with(30);
    world.start();
    ok(world.run_until("some are there", |world| world.landed("a", 0) > 5));
    lock(&world.kafka).is_stalled = true;
    ok(world.run_for(10));
    world
}

fn no_shard_failed(world: &World) -> bool {
    let is_bug =
        |event: &EventKind| matches!(event, EventKind::Trouble { fault } if fault.kind == FaultKind::Invariant);
    !world.instances[0].events.iter().any(is_bug)
}

#[test]
fn a_new_position_forgets_what_is_in_flight() {
    let mut world = in_flight();
    lock(&world.kafka).answering = 0;
    world.allow_jumps();
    world.instances[0].resume_at(StartPosition::Offset(2));
    ok(world.run_for(10));
    // What is in flight lands while the new position is not committed yet.
    lock(&world.kafka).is_stalled = false;
    ok(world.run_for(30));
    lock(&world.kafka).answering = 70;
    ok(world.rest());
    assert!(no_shard_failed(&world));
    assert_eq!(world.landed("a", 0), 30);
}

#[test]
fn a_block_keeps_what_is_in_flight() {
    let mut world = in_flight();
    world.create_source("a", 1);
    ok(world.run_until("blocked", |world| world.blocked("a", 0).is_some()));
    lock(&world.kafka).is_stalled = false;
    ok(world.run_for(300));
    assert!(no_shard_failed(&world));
    assert!(matches!(world.blocked("a", 0), Some(BlockedReason::TopicRecreated { .. })));
}

#[test]
fn a_commit_of_the_old_position_does_not_begin_the_new_one() {
    let mut world = world_with(30);
    world.spec.config.commit_interval = Duration::from_millis(100);
    world.start();
    ok(world.run_until("some are there", |world| world.landed("a", 0) > 15));
    lock(&world.kafka).answering = 0;
    ok(world.run_for(10));
    let is_pending = lock(&world.kafka).writers.values().any(|writer| !writer.commits.is_empty());
    assert!(is_pending, "the old position is on its way");
    world.allow_jumps();
    world.instances[0].resume_at(StartPosition::Offset(3));
    ok(world.run_for(10));
    lock(&world.kafka).answering = 70;
    ok(world.rest());
    assert_eq!(world.landed("a", 0), 30);
}

#[test]
fn a_client_that_breaks_while_it_drains_ends_once() {
    let mut world = in_flight();
    world.instances[0].drain(Duration::from_millis(10));
    for writer in lock(&world.kafka).writers.values_mut() {
        writer.is_broken = true;
    }
    world.pass(Duration::from_secs(1));
    ok(world.run_until("stopped", |world| world.instances[0].is_stopped()));
}

#[test]
fn a_pause_during_a_diagnosis_does_not_let_the_lane_on() {
    let mut world = world_with(10);
    world.start();
    ok(world.rest());
    world.delete_target("a");
    lock(&world.kafka).target.create(&"a".into(), 1);
    world.write_many("a", 0, 5);
    // Until the lane has stopped; its diagnosis is asked for and not answered yet.
    let mut stopped = false;
    for _ in 0..500 {
        world.pass(Duration::from_millis(20));
        world.instances[0].step_shard(0, usize::MAX);
        world.land_all();
        stopped |= lock(&world.kafka).writers.values().any(|w| w.lanes.values().any(|lane| lane.needs_seek));
        if stopped {
            break;
        }
    }
    assert!(stopped, "the write was refused");
    for input in [FlowInput::Pause(Scope::flow("f".into())), FlowInput::Resume(Scope::flow("f".into()))] {
        world.instances[0].tell(input);
        for _ in 0..50 {
            world.pass(Duration::from_millis(20));
            world.instances[0].step_shard(0, usize::MAX);
            world.land_all();
            ok(world.check());
        }
    }
    ok(world.run_until("blocked", |world| world.blocked("a", 0).is_some()));
    assert!(matches!(world.blocked("a", 0), Some(BlockedReason::TargetTopicRecreated { .. })));
}

#[test]
fn a_lane_attached_around_a_new_creation_is_told_too() {
    for recreate_at in 0..60 {
        let mut world = world_with(10);
        world.start();
        ok(world.run_for(recreate_at));
        let was_begun = world.committed("a", 0).is_some();
        world.create_source("a", 1);
        world.write_many("a", 0, 15);
        if was_begun {
            ok(world.run_until("blocked", |world| world.blocked("a", 0).is_some()));
            world.allow_jumps();
            world.instances[0].resume_at(StartPosition::Earliest);
        }
        ok(world.rest());
        assert_eq!(world.landed("a", 0), 15, "created again at step {recreate_at}");
    }
}

#[test]
fn positions_of_an_assignment_that_was_taken_back_are_not_used() {
    let mut world = world_with(30);
    world.start();
    ok(world.rest());
    let member = *lock(&world.kafka).group.members.keys().next().expect("one has joined");
    lock(&world.kafka).expel(member);
    let step = |world: &mut World| {
        world.pass(Duration::from_millis(20));
        world.instances[0].step_shard(0, usize::MAX);
        world.instances[0].deliver();
    };
    // Lost, assigned again, the look-up has looked (at 30) and its answer is on its way.
    for _ in 0..6 {
        step(&mut world);
    }
    world.instances[0].step_job();
    // Lost once more; another instance moves on meanwhile.
    lock(&world.kafka).expel(member);
    world.write_many("a", 0, 20);
    let mut other = world.instances.remove(0);
    world.start();
    ok(world.run_until("moved on", |world| world.committed("a", 0) == Some(50)));
    world.instances[0].drain(Duration::from_secs(9));
    ok(world.run_until("stopped", |world| world.instances[0].is_stopped()));
    world.instances.clear();
    // Back in the group before the answer arrives.
    for _ in 0..6 {
        other.step_shard(0, usize::MAX);
        world.pass(Duration::from_millis(20));
    }
    other.step_job();
    world.instances.push(other);
    ok(world.rest());
    assert_eq!((world.landed("a", 0), world.duplicates()), (50, 0));
}

#[test]
fn a_lane_has_one_id_for_one_attachment() {
    let mut world = world_with(3);
    world.start();
    ok(world.rest());
    let member = *lock(&world.kafka).group.members.keys().next().expect("one has joined");
    lock(&world.kafka).expel(member);
    ok(world.rest());
    let kafka = lock(&world.kafka);
    let ids: Vec<LaneId> = kafka.writers.values().flat_map(|writer| writer.lanes.keys().copied()).collect();
    assert_eq!(ids, [LaneId(1)]);
}

/// Else another instance that has begun at the position the group had meanwhile would find a later one there.
#[test]
fn a_commit_of_a_former_membership_is_not_taken() {
    let mut world = world_with(30);
    world.spec.config.commit_interval = Duration::from_millis(100);
    world.start();
    ok(world.run_until("some are there", |world| world.landed("a", 0) > 15));
    lock(&world.kafka).answering = 0;
    ok(world.run_for(10));
    let before = world.committed("a", 0);
    let (member, asked) = {
        let kafka = lock(&world.kafka);
        let (member, writer) = kafka.writers.iter().next().expect("one shard");
        (*member, writer.commits.back().map(|positions| positions[0].1.offset))
    };
    assert!(asked > before, "a later position is on its way");
    lock(&world.kafka).expel(member);
    for _ in 0..5 {
        world.instances[0].step_shard(0, usize::MAX);
    }
    assert!(lock(&world.kafka).group.may_commit(member), "it is back");
    assert_eq!(world.committed("a", 0), before);
    lock(&world.kafka).answering = 70;
    ok(world.rest());
    assert_eq!(world.landed("a", 0), 30);
}

#[test]
fn an_answer_to_a_new_creation_is_about_the_new_topic() {
    let mut world = world_with(10);
    world.spec.config.refresh_interval = Duration::from_secs(20);
    world.start();
    ok(world.rest());
    world.create_source("a", 1);
    world.write_many("a", 0, 5);
    // The lane's own diagnosis tells of it, long before the flow's next refresh.
    ok(world.run_until("blocked", |world| world.blocked("a", 0).is_some()));
    world.instances[0].resume_at(StartPosition::Earliest);
    ok(world.rest());
    assert_eq!(world.landed("a", 0), 5);
    // The refresh finds nothing that the operator has not decided about.
    ok(world.run_for(1_500));
    assert_eq!(world.blocked("a", 0), None);
}

/// A first position is on its way when an operator names another one.
#[test]
fn a_first_position_taken_late_does_not_use_up_an_operators_word() {
    let mut world = world_with(0);
    world.start();
    ok(world.rest());
    world.create_source("b", 1);
    world.write_many("b", 0, 15);
    lock(&world.kafka).answering = 0;
    let is_asked = |world: &World| lock(&world.kafka).writers.values().any(|writer| !writer.commits.is_empty());
    ok(world.run_until("its start is on its way", is_asked));
    ok(world.run_for(30));
    let scope = Scope { flow: "f".into(), topic: Some("b".into()), partition: None };
    world.instances[0].tell(FlowInput::ResumeAt { scope, at: StartPosition::Offset(10) });
    ok(world.run_for(10));
    lock(&world.kafka).answering = 70;
    ok(world.rest());
    assert_eq!(world.landed("b", 0), 5);
}

#[test]
fn a_missing_target_that_is_back_as_another_is_not_written_to() {
    let mut world = world_with(10);
    world.spec.config.refresh_interval = Duration::from_secs(20);
    world.start();
    ok(world.rest());
    world.delete_target("a");
    world.write_many("a", 0, 5);
    ok(world.run_until("blocked", |world| world.blocked("a", 0).is_some()));
    // Another instance, or anybody, creates it; this one is told to try again before it has looked.
    lock(&world.kafka).target.create(&"a".into(), 1);
    world.instances[0].tell(FlowInput::Resume(Scope::flow("f".into())));
    let is_told = |world: &World| matches!(world.blocked("a", 0), Some(BlockedReason::TargetTopicRecreated { .. }));
    ok(world.run_until("told", is_told));
}
