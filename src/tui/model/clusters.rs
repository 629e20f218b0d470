//! The clusters of the configuration: who they were found to be, how their test goes, and the form one is edited in.

pub(in crate::tui) mod form;

use std::collections::BTreeMap;

use self::form::ClusterForm;
use super::list::ListState;
use crate::model::{ClusterName, ReachResult, ReachStep};
use crate::tui::services::ClusterLook;

/// The page.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct ClustersPage {
    pub(in crate::tui) list: ListState,
    /// What each said when it was asked last, and when that was, ms since 1970.
    pub(in crate::tui) looks: BTreeMap<ClusterName, (i64, Result<ClusterLook, String>)>,
    /// The latest test of each.
    pub(in crate::tui) tests: BTreeMap<ClusterName, ClusterTest>,
    /// The cluster that is being added or edited.
    pub(in crate::tui) form: Option<ClusterForm>,
}

/// A test, as far as it has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::tui) struct ClusterTest {
    /// When it was begun, ms since 1970.
    pub(in crate::tui) at_ms: i64,
    /// What became of each step.
    pub(in crate::tui) steps: Vec<(ReachStep, ReachResult)>,
    /// Whether there are more to come.
    pub(in crate::tui) is_running: bool,
}

/// Whether a cluster can be reached, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::tui) enum Reach {
    Failed,
    Doubtful,
    Unknown,
    Passed,
}

impl ClusterTest {
    /// What came of it so far.
    pub(in crate::tui) fn reach(&self) -> Reach {
        let of_step = |(_, result): &(ReachStep, ReachResult)| match result {
            ReachResult::Failed { .. } => Reach::Failed,
            ReachResult::Doubtful { .. } => Reach::Doubtful,
            ReachResult::Passed(_) | ReachResult::NotNeeded | ReachResult::NotTried => Reach::Passed,
        };
        let worst = self.steps.iter().map(of_step).min().unwrap_or(Reach::Unknown);
        if self.is_running { worst.min(Reach::Unknown) } else { worst }
    }
}

impl ClustersPage {
    /// Whether a cluster can be reached, as it was tested or asked last, and when that was.
    pub(in crate::tui) fn reach(&self, cluster: &ClusterName) -> (Reach, Option<i64>) {
        let look = self
            .looks
            .get(cluster)
            .map(|(at_ms, look)| (if look.is_ok() { Reach::Passed } else { Reach::Failed }, Some(*at_ms)));
        let test = self.tests.get(cluster).map(|test| (test.reach(), Some(test.at_ms)));
        let latest = [look, test].into_iter().flatten().max_by_key(|(_, at_ms)| *at_ms);
        latest.unwrap_or((Reach::Unknown, None))
    }
}
