//! The mirror itself: what is copied, how far, and why not.
//!
//! Knows no rdkafka, no terminal, no environment: Kafka comes in through [`ports`], commands through commands, and what
//! happens goes out as events and snapshots. `tests/it/tidy.rs` proves it.

pub mod ports;

mod fault;
mod reason;

pub use fault::{Fault, FaultKind, Side, Verdict};
pub use reason::{BlockedReason, Choice, WaitingReason};
