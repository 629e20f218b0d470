//! What the console has done: commands to the engine, look-ups on the clusters.

mod leaders;
mod topics;

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;

use crate::config::FlowConfig;
use crate::engine::ports::{Cluster, Kafka};
use crate::engine::{Command, Fault, Side};
use crate::kafka::KafkaClusters;
use crate::model::{ClusterName, FlowName};
use crate::run::clusters::explain;
use crate::tui::{Job, JobAnswer, JobError, JobResult, Services};

/// The console's services over an engine and the clusters of a configuration.
pub(super) struct ConsoleServices {
    commands: UnboundedSender<Command>,
    kafka: Arc<KafkaClusters>,
    flows: BTreeMap<FlowName, FlowConfig>,
}

impl ConsoleServices {
    pub(super) fn new(
        commands: UnboundedSender<Command>,
        kafka: Arc<KafkaClusters>,
        flows: BTreeMap<FlowName, FlowConfig>,
    ) -> Self {
        Self { commands, kafka, flows }
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
            Job::ListTopics { cluster } => self
                .ask(cluster, |asked| topics::list(asked, &self.flows_from(cluster), is_wanted))
                .map(JobResult::Topics),
            Job::Topic { cluster, job } => self.topic(cluster, job, is_wanted),
            Job::FindLeaders { source, target } => Ok(JobResult::Leaders(leaders::find(&self.kafka, source, target))),
        }
    }
}
