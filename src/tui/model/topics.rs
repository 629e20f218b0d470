//! The topics of a cluster.

use super::list::ListState;
use crate::model::ClusterName;
use crate::tui::services::{ClusterTopics, JobError};

/// The state of the page.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct TopicsPage {
    pub(in crate::tui) list: ListState,
    /// The cluster that is shown.
    pub(in crate::tui) cluster: Option<ClusterName>,
    /// What was found there, and when, ms since 1970.
    pub(in crate::tui) found: Option<(i64, Result<ClusterTopics, JobError>)>,
}
