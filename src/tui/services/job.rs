//! What takes time and is done on a worker thread: jobs, their keys, their answers.

use std::path::PathBuf;

use super::cluster::{ClusterLook, Disturbance, Saved};
use super::export::{ExportFound, ExportJob};
use super::flow::{FlowAnswer, FlowJob, FlowJobKey};
use super::leaders::Leaders;
use super::offsets::{OffsetsJob, OffsetsJobKey, RecordTimes, SavedFile};
use super::topics::{ClusterTopics, RecordSample, TopicDetail, TopicJob, TopicJobKey, TopicLogs, TopicsSettings};
use crate::config::ClusterDraft;
use crate::model::{BrowsedPage, ClusterName, FlowName, FlowOffsets, ResolvedEdit, SavedOffsets, TopicName};

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
    /// Something about flows that are edited.
    Flow(FlowJob),
    /// Something about the positions of a flow.
    Offsets {
        /// Which flow.
        flow: FlowName,
        /// What about them.
        job: OffsetsJob,
    },
    /// Something about an export of the configuration.
    Export(ExportJob),
    /// Who leads the partitions of a mirrored topic, on both sides.
    FindLeaders {
        /// Cluster and name of the source topic.
        source: (ClusterName, TopicName),
        /// Cluster and name of the target topic.
        target: (ClusterName, TopicName),
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
    /// Something about them.
    Topic(TopicJobKey),
    /// Something about flows that are edited.
    Flow(FlowJobKey),
    /// Something about the positions of a flow.
    Offsets(FlowName, OffsetsJobKey),
    /// The export of the configuration.
    Export,
    /// Leaders of the topic that is looked at.
    Leaders,
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
    /// What came of a job about flows.
    Flow(Box<FlowAnswer>),
    /// What an export would be.
    Export(Box<ExportFound>),
    /// It is written.
    ExportWritten,
    /// Who leads the partitions of a mirrored topic.
    Leaders(Leaders),
    /// Where a flow stands.
    FlowOffsets(FlowOffsets),
    /// What edits of positions mean.
    ResolvedOffsets(Vec<ResolvedEdit>),
    /// When records were written.
    RecordTimes(RecordTimes),
    /// Positions are in this file.
    OffsetsSaved(PathBuf),
    /// Files of saved positions, the newest first.
    SavedFiles(Vec<SavedFile>),
    /// Positions as they were, and the file.
    SavedOffsets(PathBuf, SavedOffsets),
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
    /// Whether it asks a cluster who it is, or tests it.
    pub fn is_about(&self, cluster: &ClusterName) -> bool {
        match self {
            Self::LookAtCluster { cluster: asked } | Self::TestCluster { cluster: asked, .. } => asked == cluster,
            _ => false,
        }
    }

    /// What it is about.
    pub fn key(&self) -> JobKey {
        match self {
            Self::ListTopics { cluster } => JobKey::Topics(cluster.clone()),
            Self::LookAtCluster { cluster } => JobKey::Cluster(cluster.clone()),
            Self::TestCluster { cluster, .. } => JobKey::Test(cluster.clone()),
            Self::ReadCluster { .. } | Self::SaveCluster { .. } | Self::CheckFile { .. } => JobKey::Configuration,
            Self::Disturb { .. } => JobKey::Disturbance,
            Self::Topic { job, .. } => JobKey::Topic(job.key()),
            Self::Flow(job) => JobKey::Flow(job.key()),
            Self::Offsets { flow, job } => JobKey::Offsets(flow.clone(), job.key()),
            Self::Export(_) => JobKey::Export,
            Self::FindLeaders { .. } => JobKey::Leaders,
        }
    }

    /// What it does, for the tasks drawer: "list the topics of dc-a".
    pub fn describe(&self) -> String {
        match self {
            Self::ListTopics { cluster } => format!("list the topics of {cluster}"),
            Self::Topic { cluster, job } => job.describe(cluster),
            Self::Flow(job) => job.describe(),
            Self::Offsets { flow, job } => job.describe(flow),
            Self::Export(job) => job.describe(),
            Self::FindLeaders { source: (cluster, topic), .. } => format!("find the leaders of {topic} of {cluster}"),
            Self::LookAtCluster { cluster } => format!("ask {cluster} who it is"),
            Self::TestCluster { cluster, .. } => format!("test the connection to {cluster}"),
            Self::ReadCluster { cluster } => format!("read the settings of {cluster}"),
            Self::SaveCluster { draft, .. } => format!("save cluster {}", draft.name),
            Self::CheckFile { path } => format!("read {}", path.display()),
            Self::Disturb { .. } => "make trouble in the demo".to_owned(),
        }
    }

    /// Whether it is asked for again and again by the page that shows what comes of it, its failures included: they
    /// are no news then. A form shows its own.
    pub fn is_routine(&self) -> bool {
        match self {
            Self::ListTopics { .. }
            | Self::FindLeaders { .. }
            | Self::LookAtCluster { .. }
            | Self::CheckFile { .. } => true,
            Self::Flow(job) => job.is_routine(),
            Self::Export(job) => job.is_routine(),
            Self::Offsets { job, .. } => job.is_routine(),
            Self::Topic { job, .. } => !matches!(job, TopicJob::Browse(_)),
            Self::TestCluster { .. } | Self::ReadCluster { .. } | Self::SaveCluster { .. } | Self::Disturb { .. } => {
                false
            }
        }
    }
}
