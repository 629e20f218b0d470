//! What services tell unasked, while a job is still running or because of it.

use super::Inventory;
use crate::model::{ClusterName, ReachResult, ReachStep};

/// One piece of news.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// The configuration says something else now.
    Inventory(Inventory),
    /// A step of the test of a cluster was taken.
    Reached {
        /// The cluster's name, as it is or will be configured.
        cluster: ClusterName,
        /// Which step.
        step: ReachStep,
        /// What became of it.
        result: ReachResult,
    },
}
