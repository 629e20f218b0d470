//! Words for states, one per state, wherever they are shown or written.

use crate::engine::FlowState;

/// A flow's state in a word or two.
pub(super) fn flow_state_word(state: &FlowState) -> &'static str {
    match state {
        FlowState::Starting => "starting",
        FlowState::Joining => "joining",
        FlowState::Running => "running",
        FlowState::CaughtUp => "caught up",
        FlowState::Waiting { .. } => "waiting",
        FlowState::Blocked { .. } => "blocked",
        FlowState::Paused => "paused",
        FlowState::Draining => "draining",
        FlowState::Stopped => "stopped",
        FlowState::Refused { .. } => "refused",
    }
}
