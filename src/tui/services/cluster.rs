//! What jobs about clusters find.

use std::path::PathBuf;

/// Who a cluster is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClusterLook {
    /// What its brokers are: `3.9`, `2.4 to 2.6`; `None` when they do not tell and nobody could say.
    pub version: Option<String>,
    /// What an operator should know about that.
    pub finding: Option<String>,
    /// Its brokers: id and address.
    pub brokers: Vec<(i32, String)>,
    /// The id it has of itself, where it has one.
    pub cluster_id: Option<String>,
}

/// What became of settings that were to be saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// They are in force and in this file.
    Done {
        /// Which file.
        path: PathBuf,
        /// What is doubtful about them.
        doubts: Vec<String>,
    },
    /// They are wrong; nothing was changed.
    Refused(Vec<FieldProblem>),
}

/// What is wrong with one setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// The key below `[clusters.NAME]`, such as `bootstrap_servers` or `properties.sasl.password`; empty where it
    /// is about something else.
    pub key: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// The trouble that is to be in force in the demo.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Disturbance {
    /// A broker of the source does not answer.
    pub source_broker_is_down: bool,
    /// A broker of the target does not answer.
    pub target_broker_is_down: bool,
    /// The source answers late.
    pub source_is_slow: bool,
    /// The target answers late.
    pub target_is_slow: bool,
}

impl Disturbance {
    /// What is in force, in words; empty when nothing is.
    pub fn words(self) -> Vec<&'static str> {
        let all = [
            (self.source_broker_is_down, "source broker down"),
            (self.target_broker_is_down, "target broker down"),
            (self.source_is_slow, "slow link to the source"),
            (self.target_is_slow, "slow link to the target"),
        ];
        all.into_iter().filter(|(is_so, _)| *is_so).map(|(_, words)| words).collect()
    }
}
