//! Directed scenarios.

use super::world::World;

#[test]
fn a_flow_mirrors_everything() {
    let mut world = World::new(1);
    world.create_source("a", 2);
    world.write_many("a", 0, 20);
    world.write_many("a", 1, 20);
    world.start();
    world.rest().unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!((world.landed("a", 0), world.duplicates()), (20, 0));
}
