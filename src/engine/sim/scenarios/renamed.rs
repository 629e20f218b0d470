//! A flow is given another name: its progress stays behind in the group of the old one.

use std::time::Duration;

use super::super::cluster::lock;
use super::super::group::OtherGroup;
use super::super::world::World;
use super::{ok, until_blocked, world_with};
use crate::config::TargetNotEmpty;
use crate::engine::command::Scope;
use crate::engine::event::EventKind;
use crate::engine::flow::FlowInput;
use crate::engine::job::{DecidedChoice, Decision};
use crate::engine::reason::{BlockedReason, OtherFlow};
use crate::engine::state::FlowState;
use crate::model::{StartPosition, TopicPartition};

/// A flow has copied 10 records of `a` and none of `idle`, which has 6 from before its start. Then it was stopped, 5
/// more came to each, and it was given another name.
fn renamed() -> World {
    let mut world = world_with(10);
    world.start();
    ok(world.rest());
    world.create_source("idle", 1);
    world.write_many("idle", 0, 6);
    ok(world.rest());
    world.instances.clear();
    ok(world.run_for(20));
    world.write_many("a", 0, 5);
    world.rename_flow();
    world
}

fn adopt(from: &str) -> Vec<Decision> {
    vec![Decision { scope: Scope::flow("f".into()), choice: DecidedChoice::Adopt(from.into()) }]
}

fn other(position: i64) -> OtherFlow {
    OtherFlow { group: "kmirror.old".into(), flow: Some("f".into()), position, is_active: false, is_certain: true }
}

fn events(world: &mut World) -> Vec<EventKind> {
    std::mem::take(&mut world.instances.last_mut().expect("started").events)
}

fn refusals(world: &mut World) -> Vec<String> {
    let reason = |event| match event {
        EventKind::Refused { reason, .. } => Some(reason),
        _ => None,
    };
    events(world).into_iter().filter_map(reason).collect()
}

#[test]
fn nothing_is_copied_before_somebody_decides() {
    let mut world = renamed();
    world.start();
    until_blocked(&mut world);
    let why = BlockedReason::WrittenByOtherFlow { target_end: 10, by: other(10) };
    assert_eq!(world.blocked("a", 0), Some(why));
    ok(world.run_for(500));
    assert_eq!((world.landed("a", 0), world.landed("idle", 0), world.duplicates()), (10, 6, 0));
    assert_eq!(world.committed("a", 0), None);
}

#[test]
fn the_old_progress_is_adopted_and_nothing_is_copied_twice() {
    for from in ["kmirror.old", "old"] {
        let mut world = renamed();
        world.start_with(adopt(from));
        ok(world.rest());
        assert_eq!((world.landed("a", 0), world.landed("idle", 0), world.duplicates()), (15, 6, 0));
        let adopted = EventKind::Adopted { group: "kmirror.old".into(), partitions: 2 };
        assert_eq!(events(&mut world).iter().filter(|event| **event == adopted).count(), 1);
        let left = lock(&world.kafka).others["kmirror.old"].committed[&TopicPartition::new("a", 0)].offset;
        assert_eq!(left, 10, "the old group is left as it is");
    }
}

#[test]
fn instances_that_start_together_adopt_together() {
    let mut world = renamed();
    world.start_with(adopt("old"));
    world.start_with(adopt("old"));
    ok(world.rest());
    assert_eq!((world.landed("a", 0), world.duplicates()), (15, 0));
}

#[test]
fn to_start_where_the_old_group_stands_comes_to_the_same() {
    let mut world = renamed();
    world.spec.config.start = StartPosition::Group("kmirror.old".into());
    world.start();
    ok(world.rest());
    assert_eq!((world.landed("a", 0), world.landed("idle", 0), world.duplicates()), (15, 6, 0));
}

#[test]
fn the_old_flow_is_found_among_many_groups() {
    let mut world = renamed();
    for number in 0..300 {
        let name = format!("app-{number}").as_str().into();
        lock(&world.kafka).others.insert(name, OtherGroup::default());
    }
    world.start();
    until_blocked(&mut world);
    assert_eq!(world.blocked("a", 0), Some(BlockedReason::WrittenByOtherFlow { target_end: 10, by: other(10) }));
}

#[test]
fn of_two_old_names_the_one_that_came_furthest_counts() {
    let mut world = renamed();
    {
        let mut kafka = lock(&world.kafka);
        let mut older = kafka.others["kmirror.old"].committed.clone();
        older.values_mut().for_each(|committed| committed.offset -= 3);
        for name in ["kmirror.first", "kmirror.zero"] {
            let other = OtherGroup { committed: older.clone(), members: Vec::new() };
            kafka.others.insert(name.into(), other);
        }
    }
    world.start();
    until_blocked(&mut world);
    assert_eq!(world.blocked("a", 0), Some(BlockedReason::WrittenByOtherFlow { target_end: 10, by: other(10) }));
}

#[test]
fn a_crash_at_any_step_of_an_adoption_copies_nothing_twice() {
    let mut ends = [0; 2];
    for crash_at in 0..40 {
        for again in [adopt("old"), Vec::new()] {
            let mut world = renamed();
            // What was copied and not committed before the crash would be there twice.
            world.spec.config.limits.records_per_second = Some(1);
            world.start_with(adopt("old"));
            ok(world.run_for(crash_at));
            let adopted = [world.committed("a", 0), world.committed("idle", 0)];
            assert!(adopted == [None, None] || adopted.iter().all(Option::is_some), "{adopted:?}");
            let landed = world.landed("a", 0);
            world.instances.clear();
            ok(world.run_for(20));
            let is_decided = !again.is_empty() || adopted[0].is_some();
            world.spec.config.limits.records_per_second = None;
            world.start_with(again);
            if is_decided {
                ok(world.rest());
                assert_eq!(world.landed("a", 0), 15, "crash at step {crash_at}");
                assert!(world.duplicates() <= landed as u64 - 10, "crash at step {crash_at}");
            } else {
                until_blocked(&mut world);
            }
            ends[usize::from(adopted[0].is_some())] += 1;
        }
    }
    assert!(ends.iter().all(|count| *count > 0), "crashes before and after the adoption: {ends:?}");
}

#[test]
fn what_was_idle_goes_on_where_the_old_flow_had_begun() {
    let mut world = World::new(1);
    world.spec.config.start = StartPosition::Latest;
    world.create_source("a", 2);
    world.write_many("a", 0, 4);
    world.write_many("a", 1, 4);
    world.start();
    ok(world.rest());
    world.write_many("a", 0, 3);
    ok(world.rest());
    world.instances.clear();
    ok(world.run_for(20));
    // Partition 1 has nothing on the target. Begun at its end now, these would be lost.
    world.write_many("a", 1, 5);
    world.rename_flow();
    world.start();
    ok(world.run_until("blocked", |world| world.blocked("a", 0).is_some() && world.blocked("a", 1).is_some()));
    let why = BlockedReason::WrittenByOtherFlow { target_end: 0, by: other(4) };
    assert_eq!(world.blocked("a", 1), Some(why));
    world.instances[0].tell(FlowInput::Adopt { from: "old".into() });
    ok(world.rest());
    assert_eq!((world.landed("a", 0), world.landed("a", 1), world.duplicates()), (3, 5, 0));
}

#[test]
fn a_running_flow_adopts_at_an_operators_word() {
    let mut world = renamed();
    world.create_source("new", 1);
    world.write_many("new", 0, 3);
    world.start();
    until_blocked(&mut world);
    ok(world.run_until("what the old flow never had is copied", |world| world.landed("new", 0) == 3));
    world.instances[0].tell(FlowInput::Adopt { from: "nobody".into() });
    ok(world.run_for(50));
    let refused = refusals(&mut world);
    assert!(refused[0].starts_with("neither group `nobody` nor `kmirror.nobody`"), "{refused:?}");
    assert!(world.blocked("a", 0).is_some());
    world.instances[0].tell(FlowInput::Adopt { from: "kmirror.old".into() });
    ok(world.rest());
    assert_eq!((world.landed("a", 0), world.duplicates()), (15, 0));
    world.instances[0].tell(FlowInput::Adopt { from: "kmirror.old".into() });
    assert_eq!(refusals(&mut world), ["no lane here is blocked for want of progress"]);
}

#[test]
fn a_flow_that_is_still_running_is_named_and_not_adopted() {
    let mut world = renamed();
    lock(&world.kafka).others.get_mut("kmirror.old").expect("it exists").members = vec!["old on 127.0.0.1".into()];
    world.start();
    until_blocked(&mut world);
    let by = OtherFlow { is_active: true, ..other(10) };
    assert_eq!(world.blocked("a", 0), Some(BlockedReason::WrittenByOtherFlow { target_end: 10, by }));
    world.instances[0].tell(FlowInput::Adopt { from: "old".into() });
    ok(world.run_for(50));
    let refused = refusals(&mut world);
    assert!(refused[0].contains("`kmirror.old` has members"), "{refused:?}");
    world.instances.clear();
    ok(world.run_for(20));
    world.start_with(adopt("old"));
    ok(world.run_for(50));
    let state = world.instances[0].view().state;
    assert!(matches!(&state, FlowState::Refused { why } if why.contains("stop it first")), "{state:?}");
    assert_eq!((world.landed("a", 0), world.committed("a", 0)), (10, None));
}

#[test]
fn a_first_start_with_nothing_to_adopt_does_not_begin_elsewhere() {
    let mut world = world_with(10);
    world.start_with(adopt("typo"));
    ok(world.run_for(50));
    let state = world.instances[0].view().state;
    assert!(matches!(&state, FlowState::Refused { why } if why.contains("`kmirror.typo`")), "{state:?}");
    assert_eq!((world.landed("a", 0), world.committed("a", 0)), (0, None));
}

#[test]
fn a_second_start_with_the_same_words_goes_on() {
    let mut world = renamed();
    world.start_with(adopt("old"));
    ok(world.rest());
    world.instances[0].drain(Duration::from_secs(5));
    ok(world.run_until("stopped", |world| world.instances[0].is_stopped()));
    // The old group is deleted, and a topic has come that it never had.
    lock(&world.kafka).others.clear();
    world.create_source("late", 1);
    world.write_many("late", 0, 3);
    world.instances.clear();
    world.start_with(adopt("old"));
    ok(world.rest());
    assert_eq!((world.landed("late", 0), world.duplicates()), (3, 0));
}

#[test]
fn a_position_in_another_target_topic_is_not_offered() {
    let mut world = renamed();
    {
        let mut kafka = lock(&world.kafka);
        for committed in kafka.others.get_mut("kmirror.old").expect("it exists").committed.values_mut() {
            committed.metadata = committed.metadata.replace("\"target_id\":\"id-", "\"target_id\":\"id-9");
        }
    }
    world.start();
    until_blocked(&mut world);
    assert_eq!(world.blocked("a", 0), Some(BlockedReason::ProgressMissing { target_end: 10 }));
    world.instances[0].tell(FlowInput::Adopt { from: "old".into() });
    ok(world.run_for(50));
    let refused = refusals(&mut world);
    assert!(refused[0].contains("went to other topics"), "{refused:?}");
    assert!(world.blocked("a", 0).is_some());
}

#[test]
fn what_retention_took_since_blocks_with_its_range() {
    let mut world = renamed();
    lock(&world.kafka).source.log_mut(&TopicPartition::new("a", 0)).expect("it exists").delete_before(12);
    world.start_with(adopt("old"));
    until_blocked(&mut world);
    assert_eq!(world.blocked("a", 0), Some(BlockedReason::RetentionOvertook { lost_from: 10, lost_to: 12 }));
    assert_eq!(world.landed("a", 0), 10);
}

#[test]
fn whoever_knows_may_copy_all_again() {
    for is_appending in [true, false] {
        let mut world = renamed();
        world.allow_jumps();
        if is_appending {
            world.spec.config.target_not_empty = TargetNotEmpty::Append;
            // It is the configuration that speaks for the operator.
            for account in lock(&world.kafka).ledger.partitions.values_mut() {
                account.announce(Some(0));
            }
            world.start();
        } else {
            world.start();
            until_blocked(&mut world);
            world.instances[0].resume_at(StartPosition::Earliest);
        }
        ok(world.rest());
        assert_eq!((world.landed("a", 0), world.duplicates()), (15, 16), "appending: {is_appending}");
    }
}
