//! How states look: a symbol and a word, so that nothing hangs on the colour alone.

use crate::engine::FlowState;
use crate::tui::theme::Role;
use crate::tui::widget::symbols::Symbols;

/// Symbol and meaning of a flow's state. The word is [`flow_state_word`](crate::tui::words::flow_state_word).
pub(super) fn flow_state_look(state: &FlowState, symbols: &Symbols) -> (&'static str, Role) {
    match state {
        FlowState::Starting | FlowState::Joining | FlowState::Draining => (symbols.starting, Role::Info),
        FlowState::Running => (symbols.running, Role::Ok),
        FlowState::CaughtUp => (symbols.caught_up, Role::Ok),
        FlowState::Waiting { .. } => (symbols.waiting, Role::Warn),
        FlowState::Blocked { .. } | FlowState::Refused { .. } => (symbols.blocked, Role::Err),
        FlowState::Paused => (symbols.paused, Role::Warn),
        FlowState::Stopped => (symbols.stopped, Role::Dim),
    }
}
