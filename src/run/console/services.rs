//! What the console has done: commands to the engine, look-ups on the clusters.

mod clusters;
mod demo;
mod export;
mod flows;
mod leaders;
mod offsets;
#[cfg(test)]
mod opened;
mod topics;

use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

use super::configuration::Configuration;
use crate::engine::ports::{Cluster, Kafka};
use crate::engine::{Command, Fault, Side, Snapshot};
use crate::kafka::KafkaClusters;
use crate::model::ClusterName;
use crate::run::clusters::explain;
use crate::tui::{Job, JobAnswer, JobError, JobResult, News, Services};

pub(in crate::run) use demo::Demo;
pub(super) use flows::FactsCache;

/// The console's services over an engine and the clusters of a configuration.
pub(super) struct ConsoleServices {
    pub(super) commands: UnboundedSender<Command>,
    pub(super) kafka: Arc<KafkaClusters>,
    pub(super) configuration: Configuration,
    pub(super) snapshots: watch::Receiver<Arc<Snapshot>>,
    pub(super) facts: FactsCache,
    pub(super) is_read_only: bool,
    pub(super) demo: Option<Arc<Demo>>,
    pub(super) news: UnboundedSender<News>,
}

impl ConsoleServices {
    fn tell(&self, news: News) {
        // With the console gone there is nobody to tell.
        let _ = self.news.send(news);
    }

    /// Asks a cluster; what goes wrong is told with the cluster's name.
    fn ask<T>(
        &self,
        cluster: &ClusterName,
        question: impl FnOnce(&dyn Cluster) -> Result<T, Fault>,
    ) -> Result<T, JobError> {
        let answer = self.kafka.cluster(cluster, Side::Source).and_then(|cluster| question(cluster.as_ref()));
        answer.map_err(|fault| unanswered(cluster, &fault))
    }
}

/// A question that a cluster did not answer.
fn unanswered(cluster: &ClusterName, fault: &Fault) -> JobError {
    JobError { message: format!("ask cluster `{cluster}`: {}", explain(fault)), next: None }
}

impl Services for ConsoleServices {
    fn send(&self, command: Command) {
        // An engine that has ended has nothing to be told.
        let _ = self.commands.send(command);
    }

    fn run(&self, job: &Job, is_wanted: &dyn Fn() -> bool) -> JobAnswer {
        match job {
            Job::ListTopics { cluster } => self.list_topics(cluster, is_wanted).map(JobResult::Topics),
            Job::Topic { cluster, job } => self.topic(cluster, job, is_wanted),
            Job::Export(job) => self.export(job),
            Job::Flow(job) => self.flow(job, is_wanted).map(Box::new).map(JobResult::Flow),
            Job::Offsets { flow, job } => self.offsets(flow, job, is_wanted),
            Job::FindLeaders { source, target } => Ok(JobResult::Leaders(leaders::find(&self.kafka, source, target))),
            Job::LookAtCluster { cluster } => Ok(self.look_at(cluster)),
            Job::TestCluster { cluster, draft } => self.test(cluster, draft.as_ref(), is_wanted),
            Job::ReadCluster { cluster } => self.configuration.draft(cluster).map(JobResult::Draft),
            Job::SaveCluster { draft, is_new } => self.save(draft, *is_new),
            Job::CheckFile { path } => clusters::check_file(path),
            Job::Disturb { disturbance } => match &self.demo {
                Some(demo) => demo.disturb(*disturbance),
                None => Err(JobError { message: "make trouble: this is no demo".into(), next: None }),
            },
        }
    }
}
