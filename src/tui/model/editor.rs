//! A flow that is edited, with what its rules come to.

use crate::model::FlowName;

/// The page.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct EditorPage {
    /// The flow that is edited.
    pub(in crate::tui) flow: Option<FlowName>,
}
