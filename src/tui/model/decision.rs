//! What can be decided about something that is blocked, and the dialog that offers it.

use super::input_line::InputLine;
use crate::engine::{Command, Scope};
use crate::model::FlowName;
use crate::tui::keymap::Danger;

/// One way on.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::tui) struct Decision {
    /// What it does, such as "leave the record at offset 4711 out".
    pub(in crate::tui) label: String,
    /// What comes of it, for the question before it.
    pub(in crate::tui) consequence: String,
    pub(in crate::tui) danger: Danger,
    pub(in crate::tui) way: DecisionWay,
}

/// How it is done.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::tui) enum DecisionWay {
    /// By this order to the engine.
    Send(Command),
    /// By going on at a position that is still to be typed.
    TypePosition,
}

/// The dialog.
#[derive(Clone, Debug)]
pub(in crate::tui) struct Decide {
    /// What is blocked.
    pub(in crate::tui) scope: Scope,
    /// Why, in words.
    pub(in crate::tui) why: String,
    /// The ways on, the safest first.
    pub(in crate::tui) decisions: Vec<Decision>,
    pub(in crate::tui) cursor: usize,
    /// The position, while it is typed.
    pub(in crate::tui) position: Option<InputLine>,
    /// Why what was typed is no position.
    pub(in crate::tui) error: Option<String>,
}

impl Decide {
    /// The flow it is about.
    pub(in crate::tui) fn flow(&self) -> &FlowName {
        &self.scope.flow
    }
}
