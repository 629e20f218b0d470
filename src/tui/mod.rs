//! The console: what is mirrored, how far, what is wrong, and what can be done about it, on a terminal.
//!
//! ```text
//!   keys ----------+                            +--> commands to the engine
//!   snapshots -----+--> Message --> update --> Effect --> jobs on worker threads
//!   events, jobs --+                  |         +--> clipboard, files, terminal
//!                                   Model --> view --> Buffer --> one write per frame
//! ```
//!
//! `update` and `view` are pure: no clock, no I/O. What takes time is a [`Job`], what changes the mirror a
//! [`Command`](crate::engine::Command); both leave through [`Services`], which `run/console` implements. Nothing here
//! knows Kafka, the engine's inside, or how a configuration is read. A new screen is a file in `model`, `update`,
//! `view` and `keymap/table`.

mod clipboard;
mod effect;
mod equivalent;
#[cfg(test)]
mod fixture;
mod jobs;
mod keymap;
mod message;
mod model;
mod page;
mod rehearsal;
mod remedies;
mod runtime;
mod services;
mod state_file;
mod terminal;
mod theme;
mod update;
mod view;
mod widget;
mod words;

pub use effect::Reopen;
pub use keymap::{Keymap, KeymapError};
pub use model::logs::EVENT_TARGET;
#[doc(hidden)]
pub use rehearsal::Rehearsal;
pub use runtime::{Options, Outcome, run};
pub use services::{
    ClusterEntry, ClusterLook, ClusterTopics, Disturbance, ExportFound, ExportJob, ExportWish, FieldProblem,
    FlowAnswer, FlowCaps, FlowEvaluation, FlowJob, FlowJobKey, FlowReview, FlowSaved, FlowVerdict, Inventory, Job,
    JobAnswer, JobError, JobKey, JobResult, Leaders, ListedPartition, ListedTopic, News, OffsetsJob, OffsetsJobKey,
    PartitionLeaders, Ports, RecordSample, RecordTimes, Saved, SavedFile, Services, TargetState, TopicDetail, TopicJob,
    TopicJobKey, TopicLogs, TopicSettings, TopicsSettings,
};
pub use terminal::{ColorChoice, TerminalError};
