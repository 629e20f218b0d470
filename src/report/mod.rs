//! Headless output: what `kmirror run`, `topics` and `lag` print, as text or JSON, and the exit codes.
//!
//! Knows no rdkafka, no console and no clock: it is fed [`Event`](crate::engine::Event)s and
//! [`Snapshot`](crate::engine::Snapshot)s, and takes the time from them. Everything that leaves here is escaped.

pub mod number;

mod check;
mod event_text;
mod event_words;
mod exit;
mod json;
mod lag;
mod line;
mod offsets;
mod page;
mod remedy;
mod reporter;
mod shell;
mod status_line;
mod summary;
mod table;
mod text;
mod topics;

#[cfg(test)]
pub(crate) mod fixture;

pub use check::{
    CheckedCluster, CheckedFlow, CheckedTopic, Fate, FlowProblem, FlowWarning, IncludedTopic, PatternRemark,
    Preparation, ProblemKind, TopicRemedy, check_exit_code, write_check,
};
pub use event_text::headline;
pub use event_words::event_words;
pub use exit::{Drain, Ending, ExitCode, Goal, exit_code};
pub use json::{JsonReport, SCHEMA};
pub use lag::{LagRow, write_lag};
pub use line::{Colour, Line, Tone};
pub use offsets::{ReviewRow, write_offsets, write_review};
pub use page::{Format, Page};
pub use remedy::{Remedy, Way, remedy, right_remedy, waiting_remedy};
pub use reporter::Reporter;
pub use shell::{Access, Addresses, Place, ShellCommand, Versions, option, quote};
pub use status_line::state_word;
pub use summary::{BlockedPlace, Summary};
pub use text::{TextOptions, TextReport};
pub use topics::{TopicRow, write_topics};
