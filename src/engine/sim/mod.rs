//! The simulation: flows and shards on clusters in memory, driven step by step by one seeded scheduler.
//!
//! No thread, no socket, no clock: `world.rs` picks what happens next, `kafka.rs` is what it happens to, `invariant.rs`
//! looks on after every step. A failing seed is run again with `KMIRROR_SIM_SEED=n cargo test --lib engine::sim`, and
//! prints its trace.

mod cluster;
mod group;
mod instance;
mod invariant;
mod kafka;
mod log;
mod pump;
mod random;
mod random_run;
mod sabotage;
mod scenarios;
mod transport;
mod world;
