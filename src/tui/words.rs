//! Words for states, the same on the screen as in reports.

use crate::engine::FlowState;
use crate::report::state_word;

/// A flow's state in a word or two.
pub(super) fn flow_state_word(state: &FlowState) -> &'static str {
    state_word(state).0
}
