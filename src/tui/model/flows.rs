//! The flows: the home page.

use super::list::ListState;

/// The state of the page.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct FlowsPage {
    pub(in crate::tui) list: ListState,
}
