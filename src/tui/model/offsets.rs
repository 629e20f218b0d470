//! Where a flow's partitions start, as it is edited.

use crate::model::FlowName;

/// The page.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct OffsetsPage {
    /// The flow whose positions are edited.
    pub(in crate::tui) flow: Option<FlowName>,
}
