//! Instances that come and go.

use std::time::Duration;

use super::super::cluster::lock;
use super::super::world::World;
use super::{ok, world_with};
use crate::engine::command::Scope;
use crate::engine::event::EventKind;
use crate::engine::flow::FlowInput;
use crate::model::{TopicPartition, VersionRange};

fn two_partitions() -> World {
    let mut world = World::new(3);
    world.create_source("a", 2);
    world.write_many("a", 0, 60);
    world.write_many("a", 1, 60);
    world
}

#[test]
fn instances_hand_over_without_duplicates() {
    let mut world = two_partitions();
    world.start();
    ok(world.run_until("some are there", |world| world.landed("a", 1) > 10));
    world.start();
    ok(world.run_until("more are there", |world| world.landed("a", 1) > 30));
    world.instances[0].drain(Duration::from_secs(30));
    ok(world.run_until("stopped", |world| world.instances[0].is_stopped()));
    world.instances.remove(0);
    ok(world.rest());
    assert_eq!((world.landed("a", 0), world.landed("a", 1), world.duplicates()), (60, 60, 0));
}

#[test]
fn a_killed_instance_is_replaced_and_only_what_was_not_committed_comes_again() {
    let mut world = two_partitions();
    world.start();
    world.start();
    ok(world.run_until("some are there", |world| world.landed("a", 1) > 20));
    world.instances.remove(1);
    ok(world.rest());
    assert_eq!((world.landed("a", 0), world.landed("a", 1)), (60, 60));
}

#[test]
fn a_drain_gives_up_at_its_deadline() {
    let mut world = world_with(40);
    world.start();
    ok(world.run_until("some are there", |world| world.landed("a", 0) > 5));
    lock(&world.kafka).target.is_unreachable = true;
    ok(world.run_for(20));
    let began = lock(&world.kafka).now;
    world.instances[0].drain(Duration::from_secs(3));
    ok(world.run_until("stopped", |world| world.instances[0].is_stopped()));
    let took = lock(&world.kafka).now - began;
    assert!(took >= Duration::from_secs(3) && took < Duration::from_secs(4), "{took:?}");
    lock(&world.kafka).target.is_unreachable = false;
    world.instances[0].tell(FlowInput::Start);
    ok(world.rest());
    assert_eq!(world.landed("a", 0), 40);
}

#[test]
fn a_stop_and_a_start_copy_nothing_twice() {
    let mut world = world_with(60);
    world.start();
    for stop_after in [3, 10, 25, 40] {
        ok(world.run_for(stop_after));
        world.instances[0].drain(Duration::from_secs(30));
        ok(world.run_until("stopped", |world| world.instances[0].is_stopped()));
        world.instances[0].tell(FlowInput::Start);
    }
    ok(world.rest());
    assert_eq!((world.landed("a", 0), world.duplicates()), (60, 0));
}

#[test]
fn a_member_the_group_has_expelled_comes_back() {
    let mut world = two_partitions();
    world.start();
    ok(world.run_until("some are there", |world| world.landed("a", 1) > 10));
    let member = *lock(&world.kafka).group.members.keys().next().expect("one has joined");
    lock(&world.kafka).expel(member);
    ok(world.rest());
    assert_eq!((world.landed("a", 0), world.landed("a", 1)), (60, 60));
}

#[test]
fn a_paused_lane_stays_paused_in_the_same_instance_only_as_long_as_it_is_told() {
    let mut world = two_partitions();
    world.start();
    world.instances[0].tell(FlowInput::Pause(Scope::flow("f".into())));
    ok(world.run_until("attached", |world| lock(&world.kafka).writers.values().any(|writer| !writer.lanes.is_empty())));
    // At once, before any sample has told the flow of the lanes.
    world.instances[0].tell(FlowInput::Resume(Scope::flow("f".into())));
    ok(world.rest());
    assert_eq!(world.landed("a", 0), 60);
}

#[test]
fn a_source_cut_off_for_long_is_read_on() {
    let mut world = two_partitions();
    world.start();
    ok(world.run_until("some are there", |world| world.landed("a", 1) > 10));
    lock(&world.kafka).source.is_unreachable = true;
    ok(world.run_for(500));
    lock(&world.kafka).source.is_unreachable = false;
    ok(world.rest());
    assert_eq!(world.duplicates(), 0);
    assert_eq!(lock(&world.kafka).ledger.account(&TopicPartition::new("a", 0)).landed.len(), 60);
}

/// Clients opened for what the brokers were would leave out what they have learned.
#[test]
fn brokers_upgraded_under_way_are_read_by_new_clients() {
    let mut world = two_partitions();
    lock(&world.kafka).source.version = Some(VersionRange::new(&[0, 9], &[0, 9]));
    world.start();
    ok(world.run_until("some are there", |world| world.landed("a", 1) > 10));
    assert_eq!(lock(&world.kafka).next_writer, 1);
    lock(&world.kafka).source.version = Some(VersionRange::new(&[1, 0], &[1, 0]));
    ok(world.run_until("another client", |world| lock(&world.kafka).next_writer == 2));
    // Newer ones are spoken to as before: librdkafka asks each of them.
    lock(&world.kafka).source.version = Some(VersionRange::since(4));
    let n_told = |world: &World| {
        let told = |event: &&EventKind| matches!(event, EventKind::Versions { .. });
        world.instances[0].events.iter().filter(told).count()
    };
    ok(world.run_until("told", |world| n_told(world) == 3));
    ok(world.rest());
    assert_eq!((world.landed("a", 0), world.landed("a", 1), world.duplicates()), (60, 60, 0));
    assert_eq!(lock(&world.kafka).next_writer, 2);
}
