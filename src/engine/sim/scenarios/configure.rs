//! The rules of a flow are changed while it runs: what is not concerned goes on, what is new begins, what is gone ends
//! in order.

use std::time::Duration;

use super::super::world::World;
use super::ok;
use crate::config::NewTopics;
use crate::engine::event::EventKind;
use crate::engine::flow::FlowInput;
use crate::engine::state::LaneSnapshot;
use crate::model::{RenamePolicy, StartPosition};

const TOPICS: [&str; 3] = ["a", "b", "c"];

/// A flow that mirrors `a` and `b` of three topics with two partitions each, under load.
fn running() -> World {
    let mut world = World::new(7);
    for topic in TOPICS {
        world.create_source(topic, 2);
    }
    world.include(&["a", "b"]);
    world.start();
    load(&mut world, 10);
    world
}

/// Records for every partition, with time to copy some of them.
fn load(world: &mut World, rounds: usize) {
    for _ in 0..rounds {
        for topic in TOPICS {
            for partition in 0..2 {
                world.write_many(topic, partition, 3);
            }
        }
        ok(world.run_for(7));
    }
}

fn lane(world: &World, topic: &str, partition: i32) -> Option<LaneSnapshot> {
    let snapshot = world.instances[0].view();
    let topic = snapshot.topics.iter().find(|found| found.source.as_str() == topic)?;
    topic.lanes.iter().find(|lane| lane.partition == partition).cloned()
}

fn landed(world: &World, topic: &str) -> usize {
    (0..2).map(|partition| world.landed(topic, partition)).sum()
}

/// Events that tell of a lane's fate, by topic.
fn disturbances(world: &World, topic: &str) -> usize {
    let is_of = |partition: &crate::model::TopicPartition| partition.topic.as_str() == topic;
    let events = world.instances[0].events.iter();
    events
        .filter(|event| match event {
            EventKind::Rewound { partition, .. } | EventKind::LaneState { partition, .. } => is_of(partition),
            EventKind::Revoked { partitions, .. } => partitions.iter().any(is_of),
            _ => false,
        })
        .count()
}

#[test]
fn a_rule_change_under_load_loses_and_doubles_nothing() {
    let mut world = running();
    let before = lane(&world, "a", 0).expect("it runs").totals.records;
    let undisturbed = disturbances(&world, "a");
    assert!(before > 0 && lane(&world, "b", 0).is_some());
    world.include(&["a", "c"]);
    world.configure(false);
    load(&mut world, 20);
    ok(world.run_until("b is given back", |world| disturbances(world, "b") > 0));
    ok(world.run_until("c is there", |world| lane(world, "c", 1).is_some_and(|lane| lane.lag_records == Some(0))));
    assert!(lane(&world, "b", 0).is_none(), "it is shown no more");
    assert_eq!(disturbances(&world, "a"), undisturbed, "nothing has happened to it");
    let after = lane(&world, "a", 0).expect("it runs").totals.records;
    assert!(after > before, "its counters go on: {before}, {after}");
    // What b was given back at, the group has.
    for partition in 0..2 {
        assert_eq!(world.committed("b", partition), Some(world.landed("b", partition) as i64));
    }
    let left_out = landed(&world, "b");
    assert!(left_out < landed(&world, "a"));
    // Included again, it goes on where it was.
    world.include(&[".*"]);
    world.configure(false);
    ok(world.rest());
    assert_eq!((landed(&world, "b"), landed(&world, "c"), world.duplicates()), (180, 180, 0));
    assert_eq!(disturbances(&world, "a"), undisturbed);
    let totals = world.instances[0].view().totals.records;
    assert_eq!(totals, 3 * 180, "what was moved before counts as well");
}

#[test]
fn topics_that_are_newly_wanted_are_mirrored_whole_where_new_ones_are_ignored() {
    let mut world = World::new(3);
    world.create_source("a", 1);
    world.create_source("b", 1);
    world.write_many("b", 0, 9);
    world.include(&["a"]);
    world.spec.config.new_topics = NewTopics::Ignore;
    world.spec.config.start = StartPosition::Latest;
    world.start();
    ok(world.run_until("running", |world| lane(world, "a", 0).is_some()));
    world.include(&["a", "b", "d"]);
    world.configure(false);
    ok(world.run_until("b is there", |world| world.landed("b", 0) == 9));
    world.create_source("d", 1);
    world.write_many("d", 0, 4);
    ok(world.run_for(2_000));
    assert_eq!((world.landed("b", 0), world.landed("d", 0)), (9, 0), "what appears later is ignored as before");
    assert!(lane(&world, "b", 0).is_some());
}

#[test]
fn what_cannot_be_taken_under_way_waits_or_starts_the_flow_again() {
    for may_restart in [false, true] {
        let mut world = running();
        world.spec.config.shards = 2;
        world.configure(may_restart);
        load(&mut world, 10);
        world.include(&[".*"]);
        world.configure(may_restart);
        if !may_restart {
            assert_eq!(world.instances[0].shards.len(), 1, "it runs on as it is");
            world.instances[0].drain(Duration::from_secs(5));
            ok(world.run_until("stopped", |world| world.instances[0].is_stopped()));
            world.instances[0].tell(FlowInput::Start);
        }
        ok(world.rest());
        assert_eq!(world.instances[0].shards.len(), 2);
        assert_eq!((landed(&world, "a"), landed(&world, "c"), world.duplicates()), (120, 120, 0));
    }
}

#[test]
fn a_topic_that_is_mirrored_is_not_renamed_under_its_lanes() {
    let mut world = running();
    world.spec.config.rename = RenamePolicy::pattern("(c)", "x.$1").expect("valid");
    world.include(&[".*"]);
    world.configure(false);
    ok(world.run_until("c is there", |world| lane(world, "c", 0).is_some()));
    let target = |world: &World| {
        let snapshot = world.instances[0].view();
        snapshot.topics.iter().find(|topic| topic.source.as_str() == "c").map(|topic| topic.target.to_string())
    };
    assert_eq!(target(&world).as_deref(), Some("x.c"), "it was not mirrored yet");
    world.spec.config.rename = RenamePolicy::Identity;
    world.configure(false);
    load(&mut world, 5);
    assert_eq!(target(&world).as_deref(), Some("x.c"));
    let said = |event: &EventKind| matches!(event, EventKind::Notice { text } if text.contains("what `c` is called"));
    assert!(world.instances[0].events.iter().any(said), "{:?}", world.instances[0].events);
}

#[test]
fn only_a_flow_that_is_stopped_is_forgotten() {
    let mut world = running();
    world.instances[0].tell(FlowInput::Retire);
    let refused = |event: &EventKind| matches!(event, EventKind::Refused { command, .. } if command == "remove");
    assert!(world.instances[0].events.iter().any(refused));
}
