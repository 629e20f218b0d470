//! Editing flows: what is asked for, and what comes back.
//!
//! ```text
//!   Read --> draft --edit--> Evaluate (each keystroke) --> preview and checks
//!                               ^
//!   Facts, Measure -------------+            Review --> Save | Delete --> Saved, News::Inventory
//! ```

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::cluster::FieldProblem;
use crate::config::{FlowDraft, FlowSetting};
use crate::model::{ClusterName, FlowName, GroupName, PatternProposal, TopicName};
use crate::preview::{Check, FlowFacts, FlowPreview};

/// A question about flows that are edited, or a change to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FlowJob {
    /// A flow's settings, to be edited. Answered by [`FlowAnswer::Draft`].
    Read {
        /// Which flow.
        flow: FlowName,
    },
    /// The topics of both clusters, asked anew. What was measured of them before stays. Answered by
    /// [`FlowAnswer::Facts`].
    Facts {
        /// The cluster to read.
        source: ClusterName,
        /// The cluster to write.
        target: ClusterName,
    },
    /// Logs and settings of some source topics and the settings of their targets, asked anew, and what kmirror's user
    /// may not do with them. Answered by [`FlowAnswer::Facts`] with all that is known by then. Rates are known from the
    /// second time on.
    Measure {
        /// The cluster to read.
        source: ClusterName,
        /// The cluster to write.
        target: ClusterName,
        /// The topics, each with its name on the target where that is known.
        topics: Vec<(TopicName, Option<TopicName>)>,
        /// The group on the source.
        group: GroupName,
    },
    /// What a draft would do. Answered by [`FlowAnswer::Evaluated`].
    Evaluate {
        /// The flow as typed.
        draft: Box<FlowDraft>,
        /// The flow it changes; `None` for a new one.
        before: Option<FlowName>,
        /// What is known of the clusters.
        facts: Arc<FlowFacts>,
    },
    /// What saving a draft would change, in the file and in the mirror. Answered by [`FlowAnswer::Review`].
    Review {
        /// The flow as typed.
        draft: Box<FlowDraft>,
        /// The flow it changes; `None` for a new one.
        before: Option<FlowName>,
    },
    /// Check a draft, write it into the configuration and let it be mirrored so. Answered by [`FlowAnswer::Saved`].
    Save {
        /// The flow as typed.
        draft: Box<FlowDraft>,
        /// The flow it changes; `None` for a new one, and then there must be none of its name.
        before: Option<FlowName>,
        /// What a change that a running flow cannot take under way does: start it again (`true`), or wait for the next
        /// start (`false`).
        may_restart: bool,
    },
    /// Take a flow that is stopped out of the configuration and out of the mirror. Its group and its target topics
    /// stay. Answered by [`FlowAnswer::Saved`].
    Delete {
        /// Which flow.
        flow: FlowName,
    },
    /// The shortest safe pattern for exactly these topics. Answered by [`FlowAnswer::Proposed`].
    Propose {
        /// The topics that are meant.
        marked: Vec<TopicName>,
        /// All topics of the cluster.
        all: Arc<[TopicName]>,
    },
}

/// What a [`FlowJob`] is about. Of the jobs with one key only the latest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FlowJobKey {
    /// [`FlowJob::Read`].
    Read,
    /// [`FlowJob::Facts`].
    Facts,
    /// [`FlowJob::Measure`].
    Measure,
    /// [`FlowJob::Evaluate`].
    Evaluate,
    /// [`FlowJob::Review`].
    Review,
    /// [`FlowJob::Save`] and [`FlowJob::Delete`].
    Save,
    /// [`FlowJob::Propose`].
    Propose,
}

/// What a [`FlowJob`] found or did.
#[derive(Clone, Debug, PartialEq)]
pub enum FlowAnswer {
    /// A flow's settings.
    Draft(FlowDraft),
    /// What is known of both clusters.
    Facts(Arc<FlowFacts>),
    /// What a draft would do.
    Evaluated(FlowEvaluation),
    /// What saving it would change.
    Review(FlowReview),
    /// What became of it.
    Saved(FlowSaved),
    /// A pattern for the topics that are meant.
    Proposed(PatternProposal),
}

/// What evaluating a draft has come to.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowEvaluation {
    /// What it would do; `None` when a rule cannot be used, and then the last preview is the best there is.
    pub preview: Option<Arc<FlowPreview>>,
    /// All findings, the worst first: those of the preview, or what keeps it from being made.
    pub checks: Vec<Check>,
    /// What each setting comes to, defaults included; empty when something essential is wrong.
    pub in_force: BTreeMap<FlowSetting, String>,
    /// Source topics that would be mirrored and are not measured yet, with their target names: to be asked for by
    /// [`FlowJob::Measure`], so many at a time.
    pub unmeasured: Vec<(TopicName, Option<TopicName>)>,
    /// How long it took.
    pub took: Duration,
}

/// What saving a draft would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlowReview {
    /// The file that would be written; `None` where there is none, and the change lasts as long as the console.
    pub path: Option<PathBuf>,
    /// The file's text before and after, as a unified diff; empty when nothing would change.
    pub diff: String,
    /// What is wrong, so that it cannot be saved. The keys are those below `[flows.NAME]`.
    pub problems: Vec<FieldProblem>,
    /// What is doubtful.
    pub doubts: Vec<String>,
    /// What would happen to the mirror at once, a sentence each: "lanes of 2 new topics begin".
    pub effects: Vec<String>,
    /// What the running flow cannot take under way, a sentence each. Not empty: it would have to be started again.
    pub needs_restart: Vec<String>,
}

/// What became of a flow that was to be saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FlowSaved {
    /// It is saved, and the mirror has been told.
    Done {
        /// The file that was written; `None` where there is none.
        path: Option<PathBuf>,
        /// What is doubtful about it.
        doubts: Vec<String>,
    },
    /// It is wrong; nothing was changed. The keys are those below `[flows.NAME]`.
    Refused(Vec<FieldProblem>),
}

impl FlowJob {
    /// What it is about.
    pub fn key(&self) -> FlowJobKey {
        match self {
            Self::Read { .. } => FlowJobKey::Read,
            Self::Facts { .. } => FlowJobKey::Facts,
            Self::Measure { .. } => FlowJobKey::Measure,
            Self::Evaluate { .. } => FlowJobKey::Evaluate,
            Self::Review { .. } => FlowJobKey::Review,
            Self::Save { .. } | Self::Delete { .. } => FlowJobKey::Save,
            Self::Propose { .. } => FlowJobKey::Propose,
        }
    }

    /// What it does, for the tasks drawer.
    pub fn describe(&self) -> String {
        match self {
            Self::Read { flow } => format!("read the settings of flow {flow}"),
            Self::Facts { source, target } => format!("list the topics of {source} and {target}"),
            Self::Measure { source, topics, .. } => format!("measure {} topics of {source}", topics.len()),
            Self::Evaluate { draft, .. } => format!("see what flow {} would do", draft.name),
            Self::Review { draft, .. } => format!("see what saving flow {} changes", draft.name),
            Self::Save { draft, .. } => format!("save flow {}", draft.name),
            Self::Delete { flow } => format!("remove flow {flow}"),
            Self::Propose { marked, .. } => format!("find a pattern for {} topics", marked.len()),
        }
    }

    /// Whether it is asked for again and again while a flow is edited.
    pub fn is_routine(&self) -> bool {
        match self {
            Self::Facts { .. } | Self::Measure { .. } | Self::Evaluate { .. } => true,
            Self::Read { .. }
            | Self::Review { .. }
            | Self::Save { .. }
            | Self::Delete { .. }
            | Self::Propose { .. } => false,
        }
    }
}
