//! What the console has done: commands to the engine, look-ups on the clusters.

mod leaders;

use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;

use crate::engine::ports::{Cluster, Kafka};
use crate::engine::{Command, Fault, Side};
use crate::kafka::KafkaClusters;
use crate::model::{ClusterName, InternalRule};
use crate::run::clusters::explain;
use crate::tui::{ClusterTopics, Job, JobAnswer, JobError, JobResult, ListedTopic, Services};

/// The console's services over an engine and the clusters of a configuration.
pub(super) struct ConsoleServices {
    commands: UnboundedSender<Command>,
    kafka: Arc<KafkaClusters>,
}

impl ConsoleServices {
    pub(super) fn new(commands: UnboundedSender<Command>, kafka: Arc<KafkaClusters>) -> Self {
        Self { commands, kafka }
    }

    /// Asks a cluster; what goes wrong is told with the cluster's name.
    fn ask<T>(
        &self,
        cluster: &ClusterName,
        question: impl FnOnce(&dyn Cluster) -> Result<T, Fault>,
    ) -> Result<T, JobError> {
        let answer = self.kafka.cluster(cluster, Side::Source).and_then(|cluster| question(cluster.as_ref()));
        answer
            .map_err(|fault| JobError { message: format!("ask cluster `{cluster}`: {}", explain(&fault)), next: None })
    }
}

impl Services for ConsoleServices {
    fn send(&self, command: Command) {
        // An engine that has ended has nothing to be told.
        let _ = self.commands.send(command);
    }

    fn run(&self, job: &Job, _is_wanted: &dyn Fn() -> bool) -> JobAnswer {
        match job {
            Job::ListTopics { cluster } => self.ask(cluster, list_topics).map(JobResult::Topics),
            Job::FindLeaders { source, target } => Ok(JobResult::Leaders(leaders::find(&self.kafka, source, target))),
        }
    }
}

fn list_topics(cluster: &dyn Cluster) -> Result<ClusterTopics, Fault> {
    // The versions are asked first: that fails sooner when nobody is there.
    cluster.facts()?;
    let mut topics: Vec<ListedTopic> = cluster
        .topics()?
        .into_iter()
        .map(|topic| ListedTopic {
            is_internal: InternalRule::of(&topic.name).is_some(),
            name: topic.name,
            partitions: topic.partitions,
            replication_factor: topic.replication_factor,
            fault: topic.fault.map(|fault| fault.detail),
        })
        .collect();
    topics.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(ClusterTopics { topics })
}
