//! A flow that begins where another group stands, which wrote to the same target.

use super::super::cluster::lock;
use super::super::group::OtherGroup;
use super::super::log::Record;
use super::super::world::World;
use super::{ok, until_blocked, world_with};
use crate::config::TargetNotEmpty;
use crate::engine::ports::Committed;
use crate::engine::reason::{BlockedReason, WaitingReason};
use crate::engine::state::FlowState;
use crate::model::{StartPosition, TopicPartition};

const OTHER: &str = "mirrormaker";

/// Ten records on the source, of which another mirror has copied the first `copied`, and committed as many.
fn half_mirrored(copied: usize, members: &[&str]) -> World {
    let mut world = world_with(10);
    let lane = TopicPartition::new("a", 0);
    {
        let mut kafka = lock(&world.kafka);
        kafka.target.create(&"a".into(), 1);
        for _ in 0..copied {
            kafka.target.log_mut(&lane).expect("it was made").append(Record::PLAIN, 0);
        }
        let mut other =
            OtherGroup { members: members.iter().map(|name| (*name).to_owned()).collect(), ..OtherGroup::default() };
        if copied > 0 {
            let offset = i64::try_from(copied).expect("a few");
            other.committed.insert(lane, Committed { offset, leader_epoch: None, metadata: String::new() });
        }
        kafka.others.insert(OTHER.into(), other);
    }
    world.spec.config.start = StartPosition::Group(OTHER.into());
    world
}

fn state(world: &World) -> FlowState {
    world.instances[0].view().state
}

#[test]
fn a_group_still_at_work_is_waited_for_and_taken_over_where_it_ended() {
    let mut world = half_mirrored(3, &["mm-0 on 10.0.0.7"]);
    world.start();
    ok(world.run_for(500));
    let why = WaitingReason::GroupActive { group: OTHER.into(), members: vec!["mm-0 on 10.0.0.7".into()] };
    assert_eq!((state(&world), world.committed("a", 0)), (FlowState::Waiting { why }, None));
    {
        let mut kafka = lock(&world.kafka);
        let other = kafka.others.get_mut(OTHER).expect("it is there");
        other.members.clear();
        other.committed.get_mut(&TopicPartition::new("a", 0)).expect("it has one").offset = 4;
    }
    ok(world.rest());
    assert_eq!((world.landed("a", 0), world.committed("a", 0)), (6, Some(10)));
}

#[test]
fn a_group_at_work_that_wrote_nothing_there_or_may_double_is_not_waited_for() {
    let mut world = half_mirrored(0, &["billing on 10.0.0.8"]);
    world.start();
    ok(world.rest());
    assert_eq!(world.landed("a", 0), 10);
    let mut world = half_mirrored(3, &["mm-0 on 10.0.0.7"]);
    world.spec.config.target_not_empty = TargetNotEmpty::Append;
    world.start();
    ok(world.rest());
    assert_eq!(world.landed("a", 0), 7);
}

#[test]
fn a_group_without_a_position_for_what_the_target_holds_says_nothing() {
    let mut world = half_mirrored(3, &[]);
    lock(&world.kafka).others.insert(OTHER.into(), OtherGroup::default());
    world.start();
    until_blocked(&mut world);
    assert_eq!(world.blocked("a", 0), Some(BlockedReason::ProgressMissing { target_end: 3 }));
    assert_eq!((world.landed("a", 0), world.committed("a", 0)), (0, None));
}
