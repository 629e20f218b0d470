//! Headless output: what `kmirror run`, `topics` and `lag` print, as text or JSON, and the exit codes.
//!
//! Knows no rdkafka, no console and no clock: it is fed [`Event`](crate::engine::Event)s and
//! [`Snapshot`](crate::engine::Snapshot)s, and takes the time from them. Everything that leaves here is escaped.

mod event_text;
#[cfg(test)]
pub(crate) mod fixture;
mod json;
mod line;
pub mod number;
mod remedy;
mod shell;
mod status_line;
mod summary;
mod text;

pub use json::{JsonReport, SCHEMA};
pub use line::{Colour, Line, Tone};
pub use remedy::{Remedy, Way, remedy};
pub use shell::{Addresses, Place};
pub use summary::{BlockedPlace, Summary};
pub use text::{TextOptions, TextReport};
