//! What takes time and is done on a worker thread: jobs, their keys, their answers.

use std::path::PathBuf;

use super::cluster::{ClusterLook, Disturbance, Saved};
use crate::config::ClusterDraft;
use crate::model::{ClusterName, TopicName};

/// Something to be looked up or done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// The topics of a cluster.
    ListTopics {
        /// Which cluster.
        cluster: ClusterName,
    },
    /// Ask a cluster who it is.
    LookAtCluster {
        /// Which cluster.
        cluster: ClusterName,
    },
    /// Take every step towards a cluster; what becomes of each comes as [`News::Reached`](super::News).
    TestCluster {
        /// Its name, for the news.
        cluster: ClusterName,
        /// Its settings as typed; `None` for those in force.
        draft: Option<ClusterDraft>,
    },
    /// Read a cluster's settings, to be edited. Secrets stay where they are.
    ReadCluster {
        /// Which cluster.
        cluster: ClusterName,
    },
    /// Check a cluster's settings and write them into the configuration.
    SaveCluster {
        /// As typed.
        draft: ClusterDraft,
        /// Whether there must be none of this name yet.
        is_new: bool,
    },
    /// See whether a file is a configuration.
    CheckFile {
        /// Which file.
        path: PathBuf,
    },
    /// Make trouble in the demo, or end it.
    Disturb {
        /// What is to be in force.
        disturbance: Disturbance,
    },
}

/// What a job is about. Of the jobs with one key only the latest counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JobKey {
    /// The topics of a cluster.
    Topics(ClusterName),
    /// Who a cluster is.
    Cluster(ClusterName),
    /// The test of a cluster.
    Test(ClusterName),
    /// The configuration.
    Configuration,
    /// The demo's trouble.
    Disturbance,
}

/// What a job found.
#[derive(Clone, Debug, PartialEq)]
pub enum JobResult {
    /// The topics of a cluster.
    Topics(ClusterTopics),
    /// Who a cluster is, or why it did not say.
    Looked(Result<ClusterLook, String>),
    /// Every step was taken.
    Tested,
    /// A cluster's settings.
    Draft(ClusterDraft),
    /// What became of them.
    Saved(Saved),
    /// The file is a configuration.
    FileChecked,
    /// It is in force.
    Disturbed,
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
    /// Whether it asks a cluster who it is, or tests it.
    pub fn is_about(&self, cluster: &ClusterName) -> bool {
        matches!(self, Self::LookAtCluster { cluster: asked } | Self::TestCluster { cluster: asked, .. } if asked == cluster)
    }

    /// What it is about.
    pub fn key(&self) -> JobKey {
        match self {
            Self::ListTopics { cluster } => JobKey::Topics(cluster.clone()),
            Self::LookAtCluster { cluster } => JobKey::Cluster(cluster.clone()),
            Self::TestCluster { cluster, .. } => JobKey::Test(cluster.clone()),
            Self::ReadCluster { .. } | Self::SaveCluster { .. } | Self::CheckFile { .. } => JobKey::Configuration,
            Self::Disturb { .. } => JobKey::Disturbance,
        }
    }

    /// What it does, for the tasks drawer: "list the topics of dc-a".
    pub fn describe(&self) -> String {
        match self {
            Self::ListTopics { cluster } => format!("list the topics of {cluster}"),
            Self::LookAtCluster { cluster } => format!("ask {cluster} who it is"),
            Self::TestCluster { cluster, .. } => format!("test the connection to {cluster}"),
            Self::ReadCluster { cluster } => format!("read the settings of {cluster}"),
            Self::SaveCluster { draft, .. } => format!("save cluster {}", draft.name),
            Self::CheckFile { path } => format!("read {}", path.display()),
            Self::Disturb { .. } => "make trouble in the demo".to_owned(),
        }
    }
}
