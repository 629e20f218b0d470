//! One broker goes away while the others answer: the lanes it leads say so, and only those.

use super::super::cluster::lock;
use super::super::world::World;
use super::ok;
use crate::engine::event::EventKind;
use crate::engine::fault::Side;
use crate::engine::reason::WaitingReason;
use crate::engine::state::{FlowState, LaneSnapshot, LaneState};

/// Three partitions, each led by another broker on both sides, all mirrored.
fn at_rest() -> World {
    let mut world = World::new(1);
    world.create_source("a", 3);
    (0..3).for_each(|partition| world.write_many("a", partition, 10));
    world.start();
    ok(world.rest());
    world
}

fn lane(world: &World, partition: i32) -> LaneSnapshot {
    let view = world.instances[0].view();
    view.topics[0].lanes.iter().find(|lane| lane.partition == partition).expect("it is owned").clone()
}

fn misses(world: &World, partition: i32, wanted: Side) -> bool {
    matches!(lane(world, partition).state,
        LaneState::Waiting { why: WaitingReason::LeaderUnreachable { side, broker, .. } }
            if side == wanted && broker == 1 + partition)
}

#[test]
fn a_lane_at_its_end_says_that_its_leader_is_away_until_it_is_back() {
    for side in [Side::Source, Side::Target] {
        let mut world = at_rest();
        lock(&world.kafka).cluster(side).down.insert(2);
        ok(world.run_until("it is missed", |world| misses(world, 1, side)));
        assert!([0, 2].iter().all(|other| lane(&world, *other).state == LaneState::CaughtUp), "{side}");
        let is_known = lane(&world, 1).lag_records.is_some();
        assert_eq!(is_known, side == Side::Target, "what the source has, only its broker knows");
        assert!(matches!(world.instances[0].view().state, FlowState::Waiting { .. }));

        // The others go on, and nothing they tell ends it.
        world.write_many("a", 0, 5);
        ok(world.run_until("it is mirrored", |world| world.landed("a", 0) == 15));
        ok(world.run_for(500));
        assert!(misses(&world, 1, side));

        lock(&world.kafka).cluster(side).down.clear();
        ok(world.run_until("it is back", |world| lane(world, 1).state == LaneState::CaughtUp));
        assert_eq!(lane(&world, 1).lag_records, Some(0));
        ok(world.rest());
        assert_eq!(world.duplicates(), 0);
    }
}

#[test]
fn a_lane_in_flight_says_that_its_leader_is_away_while_others_are_acknowledged() {
    let mut world = at_rest();
    lock(&world.kafka).target.down.insert(2);
    (0..3).for_each(|partition| world.write_many("a", partition, 20));
    ok(world.run_until("the others go on", |world| world.landed("a", 0) == 30 && world.landed("a", 2) == 30));
    ok(world.run_until("it is missed", |world| misses(world, 1, Side::Target)));
    assert_eq!(lane(&world, 1).lag_records, Some(20), "the source is in sight");
    lock(&world.kafka).target.down.clear();
    ok(world.rest());
    assert_eq!(world.landed("a", 1), 30);
}

#[test]
fn a_leader_that_moves_ends_the_waiting_though_its_broker_stays_away() {
    let mut world = at_rest();
    lock(&world.kafka).source.down.insert(2);
    ok(world.run_until("it is missed", |world| misses(world, 1, Side::Source)));
    lock(&world.kafka).source.moved.insert(2);
    ok(world.run_until("another leads", |world| lane(world, 1).state == LaneState::CaughtUp));
}

#[test]
fn a_broker_that_goes_and_comes_is_told_once_each() {
    let mut world = at_rest();
    lock(&world.kafka).source.down.insert(3);
    ok(world.run_for(1_000));
    lock(&world.kafka).source.down.clear();
    ok(world.run_for(100));
    let events = std::mem::take(&mut world.instances[0].events);
    let told = |is_this: fn(&EventKind) -> bool| events.iter().filter(|event| is_this(event)).count();
    assert_eq!(told(|event| matches!(event, EventKind::BrokerDown { broker: 3, side: Side::Source, .. })), 1);
    assert_eq!(told(|event| matches!(event, EventKind::BrokerUp { broker: 3, side: Side::Source, .. })), 1);
}

#[test]
fn a_lane_that_does_not_move_although_there_is_lag_says_so() {
    let mut world = World::new(1);
    world.create_source("a", 2);
    world.write_many("a", 1, 15);
    lock(&world.kafka).source.is_mute = true;
    world.start();
    let is_stuck = |world: &World| {
        let why = WaitingReason::NoProgress { side: Side::Source };
        world.instances[0]
            .view()
            .topics
            .iter()
            .flat_map(|topic| &topic.lanes)
            .any(|lane| lane.state == LaneState::Waiting { why: why.clone() } && lane.partition == 1)
    };
    ok(world.run_for(1_000));
    assert!(!is_stuck(&world), "20 s are not long");
    ok(world.run_until("it is said", is_stuck));
    assert_ne!(lane(&world, 0).state, lane(&world, 1).state, "who has nothing to copy is not stuck");
    lock(&world.kafka).source.is_mute = false;
    ok(world.rest());
    assert_eq!(world.landed("a", 1), 15);
}

/// Zero would be a lie that an alert believes.
#[test]
fn what_is_behind_is_not_known_before_the_clusters_were_asked() {
    let mut world = World::new(1);
    world.create_source("a", 3);
    (0..3).for_each(|partition| world.write_many("a", partition, 10));
    lock(&world.kafka).target.is_unreachable = true;
    world.start();
    ok(world.run_for(3_000));
    let view = world.instances[0].view();
    assert!(matches!(view.state, FlowState::Waiting { .. }), "{:?}", view.state);
    assert_eq!((view.lag_records, view.lag_bytes, view.lag_ms, view.eta_seconds), (None, None, None, None));

    lock(&world.kafka).target.is_unreachable = false;
    ok(world.rest());
    let view = world.instances[0].view();
    assert_eq!((view.lag_records, view.unseen_lanes, view.lag_ms, view.eta_seconds), (Some(0), 0, Some(0), Some(0)));
}
