//! Where mirroring begins, and begins again.

use std::time::Duration;

use super::super::cluster::lock;
use super::super::world::World;
use super::{ok, world_with};
use crate::engine::ports::Committed;
use crate::model::{StartPosition, TopicPartition};

#[test]
fn everything_there_is_is_mirrored_once() {
    let mut world = world_with(20);
    world.create_source("b", 3);
    world.write_many("b", 2, 7);
    world.start();
    ok(world.rest());
    assert_eq!((world.landed("a", 0), world.landed("b", 2), world.duplicates()), (20, 7, 0));
}

#[test]
fn a_crash_at_any_step_loses_nothing() {
    for crash_at in 0..120 {
        let mut world = world_with(30);
        world.spec.config.commit_interval = Duration::from_millis(100);
        world.start();
        ok(world.run_for(crash_at));
        world.instances.clear();
        world.start();
        ok(world.rest());
        assert_eq!(world.landed("a", 0), 30, "crash at step {crash_at}");
    }
}

#[test]
fn start_latest_is_committed_before_anything_is_copied() {
    for crash_at in 0..40 {
        let mut world = world_with(10);
        world.spec.config.start = StartPosition::Latest;
        world.start();
        ok(world.run_for(crash_at));
        let begun = world.committed("a", 0);
        assert!(begun.is_none_or(|at| at == 10), "{begun:?}");
        world.instances.clear();
        world.write_many("a", 0, 5);
        world.start();
        ok(world.rest());
        let expected = if begun.is_some() { 5 } else { 0 };
        assert_eq!(world.landed("a", 0), expected, "crash at step {crash_at}");
    }
}

#[test]
fn a_position_set_by_hand_before_the_first_start_is_where_it_begins() {
    let mut world = world_with(10);
    let by_hand = Committed { offset: 4, leader_epoch: None, metadata: String::new() };
    lock(&world.kafka).store(&TopicPartition::new("a", 0), by_hand);
    world.start();
    ok(world.rest());
    assert_eq!((world.landed("a", 0), world.blocked("a", 0)), (6, None));
}

#[test]
fn a_topic_that_appears_later_is_mirrored_from_its_beginning() {
    let mut world = world_with(10);
    world.spec.config.start = StartPosition::Latest;
    world.start();
    ok(world.rest());
    world.create_source("b", 2);
    world.write_many("b", 0, 6);
    ok(world.rest());
    assert_eq!((world.landed("a", 0), world.landed("b", 0)), (0, 6));
}

#[test]
fn added_partitions_are_added_to_the_target_first() {
    let mut world = world_with(10);
    world.start();
    ok(world.rest());
    world.grow_source("a", 3);
    world.write_many("a", 2, 4);
    ok(world.rest());
    assert_eq!(world.landed("a", 2), 4);
    assert_eq!(lock(&world.kafka).target.topics["a"].partitions.len(), 3);
}

#[test]
fn a_first_start_at_earliest_forgives_what_goes_before_it_began() {
    let mut world = world_with(10);
    world.start();
    ok(world.run_until("seeded", |world| world.committed("a", 0).is_some()));
    world.instances.clear();
    lock(&world.kafka).source.topics.get_mut("a").expect("it exists").partitions[0].delete_before(4);
    world.start();
    ok(world.rest());
    assert_eq!((world.landed("a", 0), world.blocked("a", 0)), (6, None));
}

#[test]
fn a_partition_that_has_no_leader_at_the_first_start_does_not_begin_elsewhere() {
    let mut world = world_with(10);
    world.spec.config.start = StartPosition::Latest;
    lock(&world.kafka).source.is_leaderless = true;
    world.start();
    ok(world.run_for(300));
    assert_eq!(world.committed("a", 0), None);
    lock(&world.kafka).source.is_leaderless = false;
    ok(world.rest());
    assert_eq!(world.landed("a", 0), 0);
}

#[test]
fn many_worlds_are_alike_for_one_seed() {
    let landed = || {
        let mut world = World::new(7);
        world.create_source("a", 2);
        world.write_many("a", 1, 50);
        world.start();
        ok(world.run_for(90));
        (world.landed("a", 1), world.committed("a", 1))
    };
    assert_eq!(landed(), landed());
}
