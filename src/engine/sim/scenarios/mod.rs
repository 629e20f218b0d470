//! Directed scenarios: what an operator was promised, and the races that were found.

mod blocked;
mod configure;
mod hand_over;
mod new_topics;
mod outage;
mod progress;
mod races;
mod renamed;
mod rights;
mod set_positions;
mod take_over;

use super::world::World;

/// A world with one topic of one partition that holds `count` records.
fn world_with(count: usize) -> World {
    let mut world = World::new(1);
    world.create_source("a", 1);
    world.write_many("a", 0, count);
    world
}

fn ok(result: Result<(), String>) {
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

/// Runs until lane `a/0` is blocked.
fn until_blocked(world: &mut World) {
    ok(world.run_until("blocked", |world| world.blocked("a", 0).is_some()));
}
