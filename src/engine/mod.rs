//! The mirror itself: what is copied, how far, and why not.
//!
//! Knows no rdkafka, no terminal, no environment: Kafka comes in through [`ports`], orders as [`Command`]s, and what
//! happens goes out as [`Event`]s and [`Snapshot`]s. `tests/it/tidy.rs` proves it.

pub mod ports;

mod budget;
mod clock;
mod command;
mod event;
mod fault;
mod lane;
mod reason;
mod shard;
mod state;

pub use clock::{Clock, SystemClock};
pub use command::{Command, Scope};
pub use event::{Event, EventKind};
pub use fault::{Fault, FaultKind, Side, Verdict};
pub use reason::{BlockedReason, Choice, WaitingReason};
pub use state::{
    FlowSnapshot, FlowState, Histogram, LaneSnapshot, LaneState, Snapshot, TopicSnapshot, TopicState, Totals,
};
