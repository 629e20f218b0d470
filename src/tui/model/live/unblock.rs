//! What can be done about something that is blocked: the engine's choices, and commands for a shell.

use crate::engine::{BlockedReason, Choice, Scope};
use crate::report::Remedy;
use crate::tui::model::input_line::InputLine;

/// The choices, while they are open.
#[derive(Clone, Debug)]
pub(in crate::tui) struct Unblock {
    /// What is blocked: a topic as a whole, or lanes that are blocked for one kind of reason.
    pub(in crate::tui) scopes: Vec<Scope>,
    /// The same in words: "orders/1".
    pub(in crate::tui) what: String,
    /// Why; of several lanes, why the first is.
    pub(in crate::tui) why: BlockedReason,
    /// What the engine can do about it.
    pub(in crate::tui) choices: Vec<Choice>,
    /// What can be typed into a shell.
    pub(in crate::tui) remedy: Remedy,
    /// The choice or, behind them, the command the cursor is on.
    pub(in crate::tui) cursor: usize,
    /// The position to go on at, while it is typed.
    pub(in crate::tui) line: Option<InputLine>,
}

impl Unblock {
    /// How many rows the cursor can be on.
    pub(in crate::tui) fn entries(&self) -> usize {
        self.choices.len() + self.remedy.ways.len()
    }

    /// The choice the cursor is on.
    pub(in crate::tui) fn choice(&self) -> Option<Choice> {
        self.choices.get(self.cursor).copied()
    }

    /// The command the cursor is on.
    pub(in crate::tui) fn command(&self) -> Option<&str> {
        let way = self.remedy.ways.get(self.cursor.checked_sub(self.choices.len())?)?;
        Some(&way.command)
    }

    /// The one lane that is blocked at one record, and that record's offset.
    pub(in crate::tui) fn record(&self) -> Option<(&Scope, i64)> {
        let [scope] = self.scopes.as_slice() else { return None };
        match self.why {
            BlockedReason::RecordTooLarge { offset, .. }
            | BlockedReason::RecordRefused { offset, .. }
            | BlockedReason::Rejected { offset, .. } => Some((scope, offset)),
            _ => None,
        }
    }
}
