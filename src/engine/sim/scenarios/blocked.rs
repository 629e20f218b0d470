//! What blocks a lane, and what an operator can do about it.

use super::super::cluster::lock;
use super::super::log::{Record, Size};
use super::super::world::World;
use super::{ok, until_blocked, world_with};
use crate::engine::command::Scope;
use crate::engine::event::EventKind;
use crate::engine::fault::Side;
use crate::engine::flow::FlowInput;
use crate::engine::reason::{BlockedReason, WaitingReason};
use crate::engine::state::{FlowState, LaneState};
use crate::model::{StartPosition, TopicName, TopicPartition};

fn lane() -> TopicPartition {
    TopicPartition::new("a", 0)
}

fn delete_before(world: &World, start: i64) {
    lock(&world.kafka).source.log_mut(&lane()).expect("it exists").delete_before(start);
}

fn resume_at_earliest(world: &mut World) {
    world.allow_jumps();
    world.instances[0].resume_at(StartPosition::Earliest);
}

#[test]
fn retention_that_overtakes_a_stopped_flow_blocks_with_the_exact_range() {
    let mut world = world_with(10);
    world.start();
    ok(world.rest());
    world.instances.clear();
    world.write_many("a", 0, 10);
    delete_before(&world, 14);
    world.start();
    until_blocked(&mut world);
    assert_eq!(world.blocked("a", 0), Some(BlockedReason::RetentionOvertook { lost_from: 10, lost_to: 14 }));
    ok(world.run_for(500));
    assert_eq!(world.landed("a", 0), 10, "nothing is written until an operator decides");
    resume_at_earliest(&mut world);
    ok(world.rest());
    assert_eq!((world.landed("a", 0), world.duplicates()), (16, 0));
}

#[test]
fn a_decision_to_begin_at_earliest_forgives_no_later_loss() {
    use crate::engine::job::{DecidedChoice, Decision};
    let mut world = world_with(10);
    world.start();
    ok(world.rest());
    world.instances.clear();
    world.write_many("a", 0, 4);
    delete_before(&world, 12);
    world.allow_jumps();
    let choice = DecidedChoice::ResumeAt(StartPosition::Earliest);
    world.start_with(vec![Decision { scope: Scope::flow("f".into()), choice }]);
    ok(world.rest());
    assert_eq!(world.committed("a", 0), Some(14));
    world.instances.clear();
    world.write_many("a", 0, 6);
    delete_before(&world, 17);
    world.start();
    until_blocked(&mut world);
    assert_eq!(world.blocked("a", 0), Some(BlockedReason::RetentionOvertook { lost_from: 14, lost_to: 17 }));
}

#[test]
fn a_batch_too_large_is_sent_record_by_record() {
    let mut world = world_with(5);
    world.write(&lane(), Record { size: Size::TooLargeInBatch, ..Record::PLAIN }, 0);
    world.write_many("a", 0, 5);
    world.start();
    ok(world.rest());
    assert_eq!(world.landed("a", 0), 11);
}

#[test]
fn a_record_too_large_blocks_and_can_be_skipped() {
    let mut world = world_with(5);
    world.write(&lane(), Record { size: Size::TooLarge, ..Record::PLAIN }, 0);
    world.write_many("a", 0, 5);
    world.start();
    until_blocked(&mut world);
    assert!(matches!(world.blocked("a", 0), Some(BlockedReason::RecordTooLarge { offset: 5, .. })));
    let scope = Scope { flow: "f".into(), topic: Some("a".into()), partition: Some(0) };
    world.instances[0].tell(FlowInput::SkipRecord { scope: scope.clone(), offset: 4 });
    ok(world.run_for(200));
    assert!(world.blocked("a", 0).is_some(), "another offset is no confirmation");
    world.instances[0].tell(FlowInput::SkipRecord { scope, offset: 5 });
    ok(world.rest());
    assert_eq!(world.landed("a", 0), 10);
}

#[test]
fn a_record_the_target_would_refuse_is_not_sent() {
    let mut world = world_with(3);
    world.start();
    ok(world.rest());
    let configs = [("cleanup.policy".to_owned(), "compact".to_owned())].into();
    lock(&world.kafka).target.topics.get_mut("a").expect("it was created").configs = configs;
    ok(world.run_for(2_000));
    world.write(&lane(), Record { has_key: false, ..Record::PLAIN }, 0);
    until_blocked(&mut world);
    assert!(matches!(world.blocked("a", 0), Some(BlockedReason::RecordRefused { offset: 3, .. })));
    lock(&world.kafka).target.topics.get_mut("a").expect("it was created").configs.clear();
    ok(world.rest());
    assert_eq!((world.landed("a", 0), world.duplicates()), (4, 0));
}

#[test]
fn a_topic_created_again_blocks_until_an_operator_decides() {
    let mut world = world_with(10);
    world.start();
    ok(world.rest());
    world.create_source("a", 1);
    world.write_many("a", 0, 15);
    until_blocked(&mut world);
    assert!(matches!(world.blocked("a", 0), Some(BlockedReason::TopicRecreated { position: 10, .. })));
    ok(world.run_for(4_000));
    assert_eq!(world.landed("a", 0), 0);
    resume_at_earliest(&mut world);
    ok(world.rest());
    assert_eq!(world.landed("a", 0), 15);
}

#[test]
fn a_target_deleted_and_made_again_by_somebody_does_not_heal() {
    let mut world = world_with(10);
    world.start();
    ok(world.rest());
    world.delete_target("a");
    world.write_many("a", 0, 5);
    until_blocked(&mut world);
    assert!(matches!(world.blocked("a", 0), Some(BlockedReason::TargetTopicMissing { .. })));
    lock(&world.kafka).target.create(&"a".into(), 1);
    ok(world.run_until("noticed", |world| {
        matches!(world.blocked("a", 0), Some(BlockedReason::TargetTopicRecreated { position: 10, .. }))
    }));
    ok(world.run_for(4_000));
    assert_eq!(world.landed("a", 0), 0);
    resume_at_earliest(&mut world);
    ok(world.rest());
    assert_eq!(world.landed("a", 0), 15);
}

#[test]
fn a_target_that_could_not_be_created_is_created_as_soon_as_it_can_be() {
    let mut world = world_with(10);
    lock(&world.kafka).target.refuses_topics = true;
    world.start();
    ok(world.run_for(4_000));
    let view = world.instances[0].view();
    let details: Vec<_> = view.blocked_topics().map(|(_, why)| why.to_string()).collect();
    assert_eq!(details, ["target topic `a` does not exist: simulated"], "the reason stays the true one");
    lock(&world.kafka).target.refuses_topics = false;
    ok(world.rest());
    assert_eq!(world.landed("a", 0), 10);
}

#[test]
fn a_promise_for_a_missing_target_is_good_for_once() {
    let mut world = world_with(10);
    world.start();
    ok(world.rest());
    world.delete_target("a");
    ok(world.run_until("the topic is blocked", |world| world.instances[0].view().blocked_topics().next().is_some()));
    resume_at_earliest(&mut world);
    ok(world.rest());
    assert_eq!(world.landed("a", 0), 10);
    world.instances[0].drain(std::time::Duration::from_secs(5));
    ok(world.run_until("stopped", |world| world.instances[0].is_stopped()));
    world.write_many("a", 0, 10);
    delete_before(&world, 15);
    world.instances[0].tell(FlowInput::Start);
    until_blocked(&mut world);
    assert_eq!(world.blocked("a", 0), Some(BlockedReason::RetentionOvertook { lost_from: 10, lost_to: 15 }));
}

#[test]
fn lost_progress_is_noticed_by_what_the_target_holds() {
    let mut world = world_with(10);
    world.create_source("b", 1);
    world.start();
    ok(world.rest());
    world.instances.clear();
    lock(&world.kafka).group.committed.remove(&lane());
    world.start();
    until_blocked(&mut world);
    assert_eq!(world.blocked("a", 0), Some(BlockedReason::ProgressMissing { target_end: 10 }));
    ok(world.run_for(500));
    assert_eq!(world.duplicates(), 0);
}

#[test]
fn lost_progress_is_noticed_even_while_the_target_has_no_leader() {
    let mut world = world_with(10);
    world.create_source("b", 1);
    world.start();
    ok(world.rest());
    world.instances.clear();
    lock(&world.kafka).group.committed.remove(&lane());
    lock(&world.kafka).target.is_leaderless = true;
    world.start();
    ok(world.run_for(500));
    lock(&world.kafka).target.is_leaderless = false;
    until_blocked(&mut world);
    assert_eq!(world.blocked("a", 0), Some(BlockedReason::ProgressMissing { target_end: 10 }));
    assert_eq!(world.duplicates(), 0);
}

#[test]
fn retention_is_not_forgiven_once_something_was_copied() {
    let mut world = world_with(20);
    world.spec.config.limits.in_flight_bytes = 40;
    world.start();
    ok(world.run_until("some are there", |world| world.landed("a", 0) > 3));
    assert_eq!(world.committed("a", 0), Some(0), "and nothing is committed yet");
    world.instances.clear();
    ok(world.run_for(20));
    delete_before(&world, 18);
    world.start();
    until_blocked(&mut world);
    assert_eq!(world.blocked("a", 0), Some(BlockedReason::RetentionOvertook { lost_from: 0, lost_to: 18 }));
}

#[test]
fn a_target_with_fewer_partitions_blocks_only_its_topic() {
    let mut world = world_with(10);
    world.create_source("b", 3);
    lock(&world.kafka).target.create(&"b".into(), 2);
    world.start();
    ok(world.run_until("a is mirrored", |world| world.landed("a", 0) == 10));
    assert_eq!(blocked_topics(&world), [("b".to_owned(), "partition_count")]);
    // It stays as it is: at later looks, and at a later start, though the group has positions in the topic by then.
    for _ in 0..2 {
        ok(world.run_for(5_000));
        assert_eq!(lock(&world.kafka).target.topics[&TopicName::from("b")].partitions.len(), 2);
        assert_eq!(blocked_topics(&world), [("b".to_owned(), "partition_count")]);
        world.instances.clear();
        ok(world.run_for(50));
        world.start();
    }
    ok(world.run_until("it is looked at again", |world| !blocked_topics(world).is_empty()));
    world.grow_blocked_targets();
    ok(world.rest());
    assert!(blocked_topics(&world).is_empty());
    // From now on it is the flow's own, and grows with its source.
    world.grow_source("b", 5);
    ok(world.rest());
    assert_eq!(lock(&world.kafka).target.topics[&TopicName::from("b")].partitions.len(), 5);
}

fn blocked_topics(world: &World) -> Vec<(String, &'static str)> {
    let view = world.instances[0].view();
    view.blocked_topics().map(|(topic, why)| (topic.source.to_string(), why.label())).collect()
}

#[test]
fn an_unreachable_target_is_waited_for() {
    let mut world = world_with(10);
    world.start();
    ok(world.rest());
    lock(&world.kafka).target.is_unreachable = true;
    world.write_many("a", 0, 10);
    ok(world.run_for(3_000));
    let view = world.instances[0].view();
    assert!(matches!(
        view.state,
        FlowState::Waiting { why: WaitingReason::BrokerUnreachable { side: Side::Target, .. } }
    ));
    assert_eq!(world.blocked("a", 0), None);
    lock(&world.kafka).target.is_unreachable = false;
    ok(world.rest());
    assert_eq!((world.landed("a", 0), world.duplicates()), (20, 0));
}

#[test]
fn a_trouble_that_has_passed_is_forgotten_without_a_record() {
    let mut world = world_with(10);
    world.start();
    ok(world.rest());
    lock(&world.kafka).target.is_unreachable = true;
    ok(world.run_for(200));
    lock(&world.kafka).target.is_unreachable = false;
    ok(world.rest());
    ok(world.run_until("shown so", |world| world.instances[0].view().state == FlowState::CaughtUp));
}

#[test]
fn a_paused_lane_reads_nothing_and_goes_on_without_duplicates() {
    let mut world = world_with(40);
    world.start();
    ok(world.run_until("some are there", |world| world.landed("a", 0) > 5));
    world.instances[0].tell(FlowInput::Pause(Scope::flow("f".into())));
    ok(world.run_for(300));
    let landed = world.landed("a", 0);
    ok(world.run_for(300));
    assert!(landed < 40 && landed == world.landed("a", 0), "{landed}");
    let lane = world.instances[0].view().topics[0].lanes[0].state.clone();
    assert_eq!(lane, LaneState::Paused);
    world.instances[0].tell(FlowInput::Resume(Scope::flow("f".into())));
    ok(world.rest());
    assert_eq!((world.landed("a", 0), world.duplicates()), (40, 0));
}

#[test]
fn what_is_asked_of_a_stopped_flow_does_not_keep_it_from_starting() {
    let mut world = world_with(10);
    world.start();
    ok(world.rest());
    world.delete_target("a");
    ok(world.run_until("the topic is blocked", |world| world.instances[0].view().blocked_topics().next().is_some()));
    world.instances[0].drain(std::time::Duration::from_secs(5));
    ok(world.run_until("stopped", |world| world.instances[0].is_stopped()));
    resume_at_earliest(&mut world);
    let events = std::mem::take(&mut world.instances[0].events);
    assert!(events.iter().any(|event| matches!(event, EventKind::Refused { .. })));
    ok(world.run_for(50));
    world.instances[0].tell(FlowInput::Start);
    ok(world.run_until("started", |world| world.instances[0].view().state != FlowState::Starting));
}
