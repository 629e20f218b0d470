//! The mirror itself: what is copied, how far, and why not.
//!
//! Knows no rdkafka, no terminal, no environment: Kafka comes in through [`ports`], orders as [`Command`]s, and what
//! happens goes out as [`Event`]s and [`Snapshot`]s. `tests/it/tidy.rs` proves it.

pub mod ports;

mod budget;
mod clock;
mod command;
mod dispatcher;
mod event;
mod fault;
mod flow;
mod guard;
mod job;
mod lane;
mod progress;
mod reason;
mod shard;
#[cfg(test)]
mod sim;
mod spec;
mod state;
mod time_use;
mod version;

pub use clock::{Clock, SystemClock};
pub use command::{Command, Scope};
pub use dispatcher::Engine;
pub use event::{Event, EventKind, MovedPosition};
pub use fault::{Fault, FaultKind, Side, Verdict};
pub use guard::{AdmitAll, Guard};
pub use job::{
    Action, Begin, DecidedChoice, Decision, Doubt, FoundRights, LanePreview, MissingRight, Preview, Survey,
    SurveyedTopic, look_at_offsets, preview, resolve_edits, survey,
};
pub use reason::{BlockedReason, Choice, OtherFlow, WaitingReason};
pub use spec::FlowSpec;
pub use state::{
    Completion, DelaySnapshot, FlowSnapshot, FlowState, Histogram, LaneSnapshot, LaneState, Snapshot, TopicSnapshot,
    TopicState, Totals,
};
pub use time_use::{Bottleneck, TimeUse};
pub use version::VersionFinding;
