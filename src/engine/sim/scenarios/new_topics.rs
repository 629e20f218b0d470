//! Topics that appear after a flow began, where it asks before it mirrors such ones.

use std::time::Duration;

use super::super::cluster::{FakeCluster, lock};
use super::super::world::World;
use super::ok;
use crate::config::NewTopics;
use crate::engine::command::Scope;
use crate::engine::event::EventKind;
use crate::engine::fault::Side;
use crate::engine::flow::FlowInput;
use crate::engine::job::{DecidedChoice, Decision, preview};
use crate::engine::reason::BlockedReason;
use crate::engine::state::{Completion, FlowState, TopicState};
use crate::model::StartPosition;

/// A flow that asks. It has begun with `a`, at `latest`, so that what is mirrored whole is so because it is new.
fn asking() -> World {
    let mut world = World::new(11);
    world.spec.config.new_topics = NewTopics::Ask;
    world.spec.config.start = StartPosition::Latest;
    world.create_source("a", 1);
    world.start();
    ok(world.run_until("begun", |world| world.committed("a", 0).is_some()));
    world.write_many("a", 0, 3);
    ok(world.run_until("a is mirrored", |world| world.landed("a", 0) == 3));
    world
}

/// The same, and `late` has appeared.
fn asked() -> World {
    let mut world = asking();
    world.create_source("late", 2);
    world.write_many("late", 0, 5);
    ok(world.run_until("held back", is_held_back));
    world
}

fn state(world: &World) -> Option<TopicState> {
    let snapshot = world.instances.first()?.view();
    snapshot.topics.iter().find(|topic| topic.source.as_str() == "late").map(|topic| topic.state.clone())
}

fn is_held_back(world: &World) -> bool {
    state(world) == Some(TopicState::Blocked { why: BlockedReason::NewTopic })
}

fn is_ignored(world: &World) -> bool {
    state(world) == Some(TopicState::Ignored)
}

/// Nothing of `late` is on the target, nor in the group.
fn is_untouched(world: &World) -> bool {
    !lock(&world.kafka).target.topics.contains_key("late")
        && world.landed("late", 0) == 0
        && world.committed("late", 0).is_none()
}

/// Time for many refreshes.
fn stays(world: &mut World, what: &str, is_so: impl Fn(&World) -> bool) {
    ok(world.run_for(4_000));
    assert!(is_so(world), "{what}: {}", world.describe());
}

fn mirror(world: &mut World) {
    world.instances[0].tell(FlowInput::MirrorTopic("late".into()));
}

fn ignore(world: &mut World) {
    world.instances[0].tell(FlowInput::IgnoreTopic("late".into()));
}

fn restart(world: &mut World) {
    world.instances.clear();
    ok(world.run_for(20));
    world.start();
}

fn refusals(world: &World) -> usize {
    world.instances[0].events.iter().filter(|event| matches!(event, EventKind::Refused { .. })).count()
}

#[test]
fn a_new_topic_is_held_back_until_it_is_decided_about() {
    let mut world = asked();
    stays(&mut world, "held back", is_held_back);
    assert!(is_untouched(&world));
    let flow = world.instances[0].view();
    assert_eq!((flow.state.clone(), flow.completion()), (FlowState::CaughtUp, Completion::Blocked));
    let shown: Vec<_> = flow.blocked_topics().map(|(topic, why)| (topic.partitions, why.label())).collect();
    assert_eq!(shown, [(2, "new_topic")]);
    // What only tries again, or goes on elsewhere, is no decision about it.
    world.instances[0].tell(FlowInput::Resume(Scope::flow("f".into())));
    let scope = Scope { flow: "f".into(), topic: Some("late".into()), partition: None };
    world.instances[0].tell(FlowInput::ResumeAt { scope, at: StartPosition::Earliest });
    assert_eq!(refusals(&world), 1);
    stays(&mut world, "held back still", is_held_back);
    assert!(is_untouched(&world));
    mirror(&mut world);
    ok(world.rest());
    assert_eq!((world.landed("late", 0), world.duplicates()), (5, 0), "from its beginning, and whole");
    let told = |event: &&EventKind| matches!(event, EventKind::TopicState { topic, .. } if topic.as_str() == "late");
    assert_eq!(world.instances[0].events.iter().filter(told).count(), 2, "once held back, once mirrored");
    assert_eq!(refusals(&world), 1);
}

#[test]
fn a_look_ahead_tells_what_a_start_would_do() {
    let world = asked();
    let side = |side| FakeCluster { kafka: world.kafka.clone(), side };
    let (source, target) = (side(Side::Source), side(Side::Target));
    for policy in [NewTopics::Mirror, NewTopics::Ask, NewTopics::Ignore] {
        let mut spec = world.spec.clone();
        spec.config.new_topics = policy;
        let found = preview(&spec, &source, &target, 0).expect("both answer");
        let of_late = found.lanes.keys().filter(|partition| partition.topic.as_str() == "late").count();
        let told = (of_late, found.held_back.len(), found.ignored.len());
        let expected = match policy {
            NewTopics::Mirror => (2, 0, 0),
            NewTopics::Ask => (0, 1, 0),
            NewTopics::Ignore => (0, 0, 1),
        };
        assert_eq!(told, expected, "{policy:?}");
        assert!(!found.is_first_start);
    }
}

#[test]
fn a_decision_to_mirror_survives_a_restart() {
    let mut world = asked();
    mirror(&mut world);
    ok(world.run_until("its position is there", |world| world.committed("late", 1).is_some()));
    restart(&mut world);
    world.write_many("late", 1, 4);
    ok(world.rest());
    assert_eq!((world.landed("late", 0), world.landed("late", 1)), (5, 4));
}

#[test]
fn what_is_ignored_is_left_alone_and_asked_about_again_by_the_next_start() {
    let mut world = asked();
    ignore(&mut world);
    stays(&mut world, "ignored", is_ignored);
    assert!(is_untouched(&world));
    assert_eq!(world.instances[0].view().completion(), Completion::Complete, "nothing is blocked");
    // Stopped and started within one process it is known still.
    world.instances[0].drain(Duration::from_secs(5));
    ok(world.run_until("stopped", |world| world.instances[0].is_stopped()));
    world.instances[0].tell(FlowInput::Start);
    ok(world.run_until("runs", |world| world.instances[0].view().state == FlowState::CaughtUp));
    stays(&mut world, "ignored still", is_ignored);
    restart(&mut world);
    ok(world.run_until("asked again", is_held_back));
    assert!(is_untouched(&world));
    // And one can think better of it.
    ignore(&mut world);
    ok(world.run_until("ignored", is_ignored));
    mirror(&mut world);
    ok(world.rest());
    assert_eq!(world.landed("late", 0), 5);
}

#[test]
fn a_restart_mirrors_nothing_undecided() {
    let mut world = asked();
    restart(&mut world);
    ok(world.run_until("asked again", is_held_back));
    stays(&mut world, "held back", is_held_back);
    assert!(is_untouched(&world));
}

#[test]
fn a_topic_that_is_gone_again_is_shown_no_more_and_the_next_of_its_name_is_new() {
    for is_left_alone in [false, true] {
        let mut world = asked();
        if is_left_alone {
            ignore(&mut world);
            ok(world.run_until("ignored", is_ignored));
        }
        world.delete_source("late");
        ok(world.run_until("forgotten", |world| state(world).is_none()));
        assert_eq!(world.instances[0].view().completion(), Completion::Complete);
        world.create_source("late", 1);
        ok(world.run_until("asked again", is_held_back));
    }
}

#[test]
fn a_decision_does_not_outlive_the_topic_it_was_about() {
    let mut world = asked();
    world.delete_source("late");
    mirror(&mut world);
    ok(world.run_until("forgotten", |world| state(world).is_none()));
    world.create_source("late", 1);
    ok(world.run_until("asked again", is_held_back));
    mirror(&mut world);
    world.write_many("late", 0, 2);
    ok(world.rest());
    assert_eq!(world.landed("late", 0), 2);
}

#[test]
fn the_last_word_counts() {
    let mut world = asked();
    mirror(&mut world);
    ignore(&mut world);
    stays(&mut world, "ignored", is_ignored);
    assert_eq!((world.landed("late", 0), world.committed("late", 0)), (0, None));
    mirror(&mut world);
    ignore(&mut world);
    mirror(&mut world);
    ok(world.rest());
    assert_eq!(world.landed("late", 0), 5);
}

#[test]
fn a_decision_can_be_given_beforehand() {
    let mut world = asking();
    world.instances.clear();
    world.create_source("late", 1);
    world.create_source("later", 1);
    world.write_many("late", 0, 5);
    let scope = Scope { flow: "f".into(), topic: Some("late".into()), partition: None };
    world.start_with(vec![Decision { scope, choice: DecidedChoice::Mirror }]);
    ok(world.run_until("late is mirrored", |world| world.landed("late", 0) == 5));
    let flow = world.instances[0].view();
    let held_back: Vec<&str> = flow.blocked_topics().map(|(topic, _)| topic.source.as_str()).collect();
    assert_eq!(held_back, ["later"], "nothing is decided about the other one");
}

#[test]
fn rules_that_newly_want_a_topic_decide_about_it_and_others_are_asked_about_as_before() {
    let mut world = asking();
    world.include(&["a", "l.*"]);
    world.configure(false);
    world.create_source("late", 1);
    ok(world.run_until("held back", is_held_back));
    // Left out by the rules it is shown no more; included again it is wanted.
    world.include(&["a"]);
    world.configure(false);
    ok(world.run_until("left out", |world| state(world).is_none()));
    ok(world.run_for(100));
    world.include(&["a", "late"]);
    world.configure(false);
    world.write_many("late", 0, 5);
    ok(world.rest());
    assert_eq!(world.landed("late", 0), 5);
}

#[test]
fn the_policy_can_be_changed_while_something_is_held_back() {
    let mut world = asked();
    world.spec.config.new_topics = NewTopics::Ignore;
    world.configure(false);
    ok(world.run_until("ignored", is_ignored));
    world.spec.config.new_topics = NewTopics::Ask;
    world.configure(false);
    ok(world.run_until("asked about", is_held_back));
    assert!(is_untouched(&world));
    world.spec.config.new_topics = NewTopics::Mirror;
    world.configure(false);
    ok(world.rest());
    assert_eq!(world.landed("late", 0), 5);
}

#[test]
fn a_target_topic_of_that_name_makes_no_decision_of_it() {
    let mut world = asking();
    lock(&world.kafka).target.create(&"late".into(), 1);
    world.create_source("late", 1);
    world.write_many("late", 0, 5);
    ok(world.run_until("held back", is_held_back));
    stays(&mut world, "held back", is_held_back);
    assert_eq!(world.landed("late", 0), 0);
    mirror(&mut world);
    ok(world.rest());
    assert_eq!(world.landed("late", 0), 5);
}

#[test]
fn a_flow_that_has_nothing_to_begin_with_asks_about_all_and_so_does_its_next_start() {
    for policy in [NewTopics::Ask, NewTopics::Ignore] {
        let mut world = World::new(13);
        world.spec.config.new_topics = policy;
        world.start();
        ok(world.run_until("runs", |world| world.instances[0].view().state == FlowState::CaughtUp));
        world.create_source("late", 1);
        world.write_many("late", 0, 5);
        let is_left_alone =
            |world: &World| if policy == NewTopics::Ask { is_held_back(world) } else { is_ignored(world) };
        ok(world.run_until("left alone", is_left_alone));
        if policy == NewTopics::Ask {
            let why = BlockedReason::NewTopic;
            assert_eq!(world.instances[0].view().state, FlowState::Blocked { why });
        }
        restart(&mut world);
        ok(world.run_until("left alone again", is_left_alone));
        stays(&mut world, "left alone", is_left_alone);
        assert_eq!(world.landed("late", 0), 0);
        mirror(&mut world);
        ok(world.rest());
        assert_eq!((world.landed("late", 0), world.duplicates()), (5, 0));
        restart(&mut world);
        ok(world.rest());
    }
}

#[test]
fn what_one_instance_is_told_the_others_find() {
    let mut world = asked();
    world.start();
    let views = |world: &World| world.instances.iter().map(|instance| instance.view()).collect::<Vec<_>>();
    ok(world.run_until("both ask", |world| views(world).iter().all(|flow| flow.blocked_topics().count() == 1)));
    mirror(&mut world);
    ok(world.run_until("neither asks", |world| views(world).iter().all(|flow| flow.blocked_topics().count() == 0)));
    ok(world.rest());
    assert_eq!((world.landed("late", 0), world.duplicates()), (5, 0));
}

#[test]
fn only_what_is_asked_about_can_be_decided() {
    let mut world = asking();
    mirror(&mut world);
    ignore(&mut world);
    world.instances[0].tell(FlowInput::MirrorTopic("a".into()));
    assert_eq!(refusals(&world), 3);
    let mut world = asked();
    world.instances[0].drain(Duration::from_secs(5));
    ok(world.run_until("stopped", |world| world.instances[0].is_stopped()));
    mirror(&mut world);
    ignore(&mut world);
    assert_eq!(refusals(&world), 2, "a flow that is stopped is told nothing");
}
