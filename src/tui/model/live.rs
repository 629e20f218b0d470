//! One flow as it runs.

use crate::model::FlowName;

/// The state of the page.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct LivePage {
    /// The flow that is shown.
    pub(in crate::tui) flow: Option<FlowName>,
}
