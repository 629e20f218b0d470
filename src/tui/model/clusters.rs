//! The clusters.

/// The state of the page.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct ClustersPage {}
