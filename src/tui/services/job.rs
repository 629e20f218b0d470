//! What takes time and is done on a worker thread: jobs, their keys, their answers.

use super::leaders::Leaders;
use super::topics::{ClusterTopics, RecordSample, TopicDetail, TopicJob, TopicJobKey, TopicLogs, TopicsSettings};
use crate::model::{BrowsedPage, ClusterName, TopicName};

/// Something to be looked up or done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// The topics of a cluster.
    ListTopics {
        /// Which cluster.
        cluster: ClusterName,
    },
    /// Something about topics of a cluster.
    Topic {
        /// Which cluster.
        cluster: ClusterName,
        /// What about them.
        job: TopicJob,
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
    /// Something about them.
    Topic(TopicJobKey),
    /// Leaders of the topic that is looked at.
    Leaders,
}

/// What a job found.
#[derive(Clone, Debug, PartialEq)]
pub enum JobResult {
    /// The topics of a cluster.
    Topics(ClusterTopics),
    /// How long their logs are.
    TopicLogs(TopicLogs),
    /// How they are set.
    TopicsSettings(TopicsSettings),
    /// More about one of them.
    TopicDetail(TopicDetail),
    /// How large its records are.
    RecordSample(RecordSample),
    /// Its records.
    Records(BrowsedPage),
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

impl Job {
    /// What it is about.
    pub fn key(&self) -> JobKey {
        match self {
            Self::ListTopics { cluster } => JobKey::Topics(cluster.clone()),
            Self::Topic { job, .. } => JobKey::Topic(job.key()),
            Self::FindLeaders { .. } => JobKey::Leaders,
        }
    }

    /// What it does, for the tasks drawer: "list the topics of dc-a".
    pub fn describe(&self) -> String {
        match self {
            Self::ListTopics { cluster } => format!("list the topics of {cluster}"),
            Self::Topic { cluster, job } => job.describe(cluster),
            Self::FindLeaders { source: (cluster, topic), .. } => format!("find the leaders of {topic} of {cluster}"),
        }
    }

    /// Whether it is asked for again and again by the page that shows what comes of it, its failures included: they
    /// are no news then.
    pub fn is_routine(&self) -> bool {
        match self {
            Self::ListTopics { .. } | Self::FindLeaders { .. } => true,
            Self::Topic { job, .. } => !matches!(job, TopicJob::Browse(_)),
        }
    }
}
