//! What `kmirror check` prints: what each flow would do with every topic of its source, and what would stop it.

mod json;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde::Serialize;

use super::summary::BlockedPlace;
use super::{ExitCode, Format, Page, Remedy};
use crate::engine::{Doubt, Side};
use crate::model::{ClusterName, FlowName, GroupName, TopicName};

/// One flow that was looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedFlow {
    /// Its name.
    pub flow: FlowName,
    /// Where records come from.
    pub source: CheckedCluster,
    /// Where they go.
    pub target: CheckedCluster,
    /// The flow's group on the source.
    pub group: GroupName,
    /// Its start position, as configured.
    pub start: String,
    /// Whether it has no progress at all; `None` when the group could not be asked.
    pub is_first_start: Option<bool>,
    /// What stops the flow as a whole.
    pub problems: Vec<FlowProblem>,
    /// What concerns all its topics.
    pub warnings: Vec<FlowWarning>,
    /// The sides whose brokers do not tell what kmirror's user may do.
    pub rights_untold: BTreeSet<Side>,
    /// Patterns that mean something else than they seem to.
    pub notes: Vec<PatternRemark>,
    /// Every topic of the source.
    pub topics: Vec<CheckedTopic>,
}

/// What an operator should know of a flow before it is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowWarning {
    /// What it is.
    pub doubt: Doubt,
    /// What to do about it, where that is one thing.
    pub remedy: Option<Remedy>,
}

impl From<Doubt> for FlowWarning {
    fn from(doubt: Doubt) -> Self {
        Self { doubt, remedy: None }
    }
}

/// One of a flow's clusters, as far as it could be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckedCluster {
    /// Its name in the configuration.
    pub cluster: ClusterName,
    /// Its bootstrap servers.
    pub bootstrap_servers: String,
    /// Its id; brokers before 0.10.1 have none.
    pub cluster_id: Option<String>,
    /// How many brokers it has.
    pub brokers: Option<usize>,
    /// Which version they seem to have.
    pub version: Option<String>,
}

/// Something that stops a flow as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FlowProblem {
    /// What kind it is: decides the exit code.
    pub kind: ProblemKind,
    /// In words.
    pub text: String,
    /// What to do about it.
    pub remedy: Option<Remedy>,
}

/// What kind of problem stops a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// It would corrupt the target and is refused.
    Conflict,
    /// It would wait for an operator.
    Blocked,
    /// A cluster cannot be reached, or rejects the credentials.
    Unreachable,
    /// A cluster answered, and not with what was asked for.
    Failed,
}

/// A remark about a pattern of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PatternRemark {
    /// The list it is in: `include` or `exclude`.
    pub list: String,
    /// The pattern.
    pub pattern: String,
    /// What it really means.
    pub text: String,
    /// What to write if that was not meant.
    pub suggestion: String,
    /// Whether hardly anybody writes this on purpose.
    pub is_likely_mistake: bool,
}

/// One topic of the source.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedTopic {
    /// Its name.
    pub topic: TopicName,
    /// What happens to it.
    pub fate: Fate,
}

/// What happens to a topic.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// It is included.
    Included(Box<IncludedTopic>),
    /// It is left alone.
    LeftAlone {
        /// Why.
        why: String,
        /// Whether that can hardly be meant.
        is_doubtful: bool,
    },
}

/// One topic that the flow includes.
#[derive(Clone, Debug, PartialEq)]
pub struct IncludedTopic {
    /// Its name on the target.
    pub target: TopicName,
    /// What is done to the target topic.
    pub preparation: Preparation,
    /// Its partitions.
    pub partitions: i32,
    /// Where they begin, in words.
    pub begin: String,
    /// At which offset each of them begins; `None` where that cannot be known now.
    pub positions: Vec<Option<i64>>,
    /// About how many records are to be copied; `None` where that cannot be known.
    pub records: Option<u64>,
    /// What is blocked: the whole topic, or partitions of it.
    pub blocked: Vec<BlockedPlace>,
    /// What to do about it: one for each kind of reason.
    pub remedies: Vec<TopicRemedy>,
    /// What the target would do to its records.
    pub warnings: Vec<Doubt>,
}

/// What to do about the places blocked for one kind of reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TopicRemedy {
    /// The kind of reason.
    pub reason: &'static str,
    /// What to do.
    pub remedy: Remedy,
}

/// What is done to a target topic before it is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case", tag = "action")]
pub enum Preparation {
    /// Nothing: it exists.
    None,
    /// It is created.
    Create {
        /// Replicas; -1 for the target's default.
        replication_factor: i32,
        /// Settings it gets from the source topic, as `name=value`.
        configs: Vec<String>,
    },
    /// Partitions are added.
    Grow {
        /// To so many in all.
        partitions: i32,
    },
}

impl CheckedFlow {
    /// The exit code the flow alone would earn. The gravest wins: what no new start would help, then what
    /// a cluster stands in the way of, then what waits for an operator.
    pub fn exit_code(&self) -> ExitCode {
        let has = |kind| self.problems.iter().any(|problem| problem.kind == kind);
        if has(ProblemKind::Conflict) {
            ExitCode::Usage
        } else if has(ProblemKind::Unreachable) {
            ExitCode::Unreachable
        } else if has(ProblemKind::Failed) {
            ExitCode::Failed
        } else if has(ProblemKind::Blocked) || self.included().any(|(_, topic)| !topic.blocked.is_empty()) {
            ExitCode::Unfinished
        } else {
            ExitCode::Done
        }
    }

    /// The topics it includes, whatever would become of them.
    pub fn included(&self) -> impl Iterator<Item = (&TopicName, &IncludedTopic)> {
        self.topics.iter().filter_map(|topic| match &topic.fate {
            Fate::Included(included) => Some((&topic.topic, included.as_ref())),
            Fate::LeftAlone { .. } => None,
        })
    }
}

/// The exit code for all flows together: the gravest.
pub fn check_exit_code(flows: &[CheckedFlow]) -> ExitCode {
    let order = [ExitCode::Usage, ExitCode::Unreachable, ExitCode::Failed, ExitCode::Unfinished];
    let earned: Vec<ExitCode> = flows.iter().map(CheckedFlow::exit_code).collect();
    order.into_iter().find(|code| earned.contains(code)).unwrap_or(ExitCode::Done)
}

/// Prints what was found: text, or one JSON object per flow and topic.
///
/// # Errors
/// When `out` does not take it.
pub fn write_check(out: &mut dyn Write, flows: &[CheckedFlow], page: Page) -> io::Result<()> {
    match page.format {
        Format::Json => flows.iter().try_for_each(|flow| json::write(out, flow))?,
        Format::Text => page.write(out, text::lines(flows, page.width))?,
    }
    out.flush()
}
