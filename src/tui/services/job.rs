//! What takes time and is done on a worker thread: jobs, their keys, their answers.

use super::leaders::Leaders;
use crate::model::{ClusterName, TopicName};

/// Something to be looked up or done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// The topics of a cluster.
    ListTopics {
        /// Which cluster.
        cluster: ClusterName,
    },
    /// Who leads the partitions of a mirrored topic, on both sides.
    FindLeaders {
        /// Cluster and name of the source topic.
        source: (ClusterName, TopicName),
        /// Cluster and name of the target topic.
        target: (ClusterName, TopicName),
    },
}

/// What a job is about. Of the jobs with one key only the latest counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JobKey {
    /// The topics of a cluster.
    Topics(ClusterName),
    /// Leaders of the topic that is looked at.
    Leaders,
}

/// What a job found.
#[derive(Clone, Debug, PartialEq)]
pub enum JobResult {
    /// The topics of a cluster.
    Topics(ClusterTopics),
    /// Who leads the partitions of a mirrored topic.
    Leaders(Leaders),
}

/// Why a job failed. Reads well after "failed to".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobError {
    /// What was being done, and what went wrong.
    pub message: String,
    /// What to type or look at next, where that is known.
    pub next: Option<String>,
}

/// How a job ends.
pub type JobAnswer = Result<JobResult, JobError>;

/// The topics of a cluster, at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClusterTopics {
    /// By name, internal ones included.
    pub topics: Vec<ListedTopic>,
}

/// One topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedTopic {
    /// Its name, as the broker has it: escaped only where it is drawn.
    pub name: TopicName,
    /// Its partitions.
    pub partitions: i32,
    /// Replicas of its first partition.
    pub replication_factor: i32,
    /// Whether it belongs to Kafka or to a tool.
    pub is_internal: bool,
    /// Why it cannot be described.
    pub fault: Option<String>,
}

impl Job {
    /// What it is about.
    pub fn key(&self) -> JobKey {
        match self {
            Self::ListTopics { cluster } => JobKey::Topics(cluster.clone()),
            Self::FindLeaders { .. } => JobKey::Leaders,
        }
    }

    /// What it does, for the tasks drawer: "list the topics of dc-a".
    pub fn describe(&self) -> String {
        match self {
            Self::ListTopics { cluster } => format!("list the topics of {cluster}"),
            Self::FindLeaders { source: (cluster, topic), .. } => format!("find the leaders of {topic} of {cluster}"),
        }
    }
}
