//! How states look: a symbol and a word, so that nothing hangs on the colour alone.

use crate::engine::FlowState;
use crate::tui::theme::Role;
use crate::tui::widget::symbols::Symbols;

/// Symbol, word and meaning of a flow's state.
pub(super) fn flow_state(state: &FlowState, symbols: &Symbols) -> (&'static str, &'static str, Role) {
    match state {
        FlowState::Starting => (symbols.starting, "starting", Role::Info),
        FlowState::Joining => (symbols.starting, "joining", Role::Info),
        FlowState::Running => (symbols.running, "running", Role::Ok),
        FlowState::CaughtUp => (symbols.caught_up, "caught up", Role::Ok),
        FlowState::Waiting { .. } => (symbols.waiting, "waiting", Role::Warn),
        FlowState::Blocked { .. } => (symbols.blocked, "blocked", Role::Err),
        FlowState::Paused => (symbols.paused, "paused", Role::Warn),
        FlowState::Draining => (symbols.starting, "stopping", Role::Info),
        FlowState::Stopped => (symbols.stopped, "stopped", Role::Dim),
        FlowState::Refused { .. } => (symbols.blocked, "refused", Role::Err),
    }
}
