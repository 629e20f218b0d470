//! The console's port: what it needs from the rest of the program, and nothing else.
//!
//! `run/console` implements it. The console opens no cluster and reads no configuration: it sends [`Command`]s, sees
//! snapshots and events, and has [`Job`]s done that take time.

mod cluster;
mod export;
mod flow;
mod inventory;
mod job;
mod leaders;
mod news;
mod offsets;
mod topics;

use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use crate::engine::{Command, Event, Snapshot};
use crate::telemetry::RecentLines;

pub use cluster::{ClusterLook, Disturbance, FieldProblem, Saved};
pub use export::{ExportFound, ExportJob, ExportWish};
pub use flow::{FlowAnswer, FlowEvaluation, FlowJob, FlowJobKey, FlowReview, FlowSaved};
pub use inventory::{ClusterEntry, FlowCaps, Inventory};
pub use job::{Job, JobAnswer, JobError, JobKey, JobResult};
pub use leaders::{Leaders, PartitionLeaders};
pub use news::News;
pub use offsets::{OffsetsJob, OffsetsJobKey, RecordTimes, SavedFile};
pub use topics::{
    ClusterTopics, FlowVerdict, ListedPartition, ListedTopic, RecordSample, TargetState, TopicDetail, TopicJob,
    TopicJobKey, TopicLogs, TopicSettings, TopicsSettings,
};

/// What acts on behalf of the console.
pub trait Services: Send + Sync + 'static {
    /// Sends an order to the engine. What comes of it shows in events and snapshots.
    fn send(&self, command: Command);

    /// Does a job, on a worker thread that may wait. `is_wanted` turns false when a newer job of the same key has come:
    /// a long job asks between two steps and ends early, with any answer.
    ///
    /// # Errors
    /// With what failed and what to do, for the screen.
    fn run(&self, job: &Job, is_wanted: &dyn Fn() -> bool) -> JobAnswer;
}

/// Everything the console is handed.
pub struct Ports {
    /// What acts on its behalf.
    pub services: Arc<dyn Services>,
    /// The latest state of the mirror.
    pub snapshots: watch::Receiver<Arc<Snapshot>>,
    /// What happens.
    pub events: mpsc::UnboundedReceiver<Event>,
    /// What services tell before a job has ended, or beside it.
    pub news: mpsc::UnboundedReceiver<News>,
    /// The latest lines of the log.
    pub lines: RecentLines,
    /// What there is to be shown before anything is asked.
    pub inventory: Inventory,
}
