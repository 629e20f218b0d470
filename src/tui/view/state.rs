//! How states look: a symbol and a word, so that nothing hangs on the colour alone.

use crate::engine::FlowState;
use crate::tui::model::live::row_state::RowState;
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

/// Symbol and meaning of what a topic or partition is doing. The word is [`RowState::word`].
pub(super) fn row_state_look(state: RowState, symbols: &Symbols) -> (&'static str, Role) {
    match state {
        RowState::Blocked => (symbols.blocked, Role::Err),
        RowState::Waiting => (symbols.waiting, Role::Warn),
        RowState::Paused => (symbols.paused, Role::Warn),
        RowState::Draining | RowState::Starting => (symbols.starting, Role::Info),
        RowState::Copying => (symbols.running, Role::Ok),
        RowState::CaughtUp => (symbols.caught_up, Role::Ok),
        RowState::Elsewhere | RowState::Ignored => (symbols.stopped, Role::Dim),
    }
}
