//! Keys of the dialog with the ways on.

use crate::tui::keymap::action::Action;
use crate::tui::keymap::binding::{Binding, Context, Danger, Group};

/// The rows.
pub(in crate::tui::keymap) const BINDINGS: &[Binding] = &[
    Binding {
        keys: &["j", "down"],
        action: Action::Down,
        context: Context::Decide,
        hint: "down",
        label: "to the next way on",
        group: Group::Page,
        danger: Danger::None,
        rank: 3,
    },
    Binding {
        keys: &["k", "up"],
        action: Action::Up,
        context: Context::Decide,
        hint: "up",
        label: "to the one before",
        group: Group::Page,
        danger: Danger::None,
        rank: 4,
    },
    Binding {
        keys: &["enter"],
        action: Action::Accept,
        context: Context::Decide,
        hint: "choose",
        label: "choose this way; asks before it does it",
        group: Group::Page,
        danger: Danger::Asked,
        rank: 1,
    },
    Binding {
        keys: &["esc", "q"],
        action: Action::Cancel,
        context: Context::Decide,
        hint: "leave it",
        label: "leave it as it is",
        group: Group::Page,
        danger: Danger::None,
        rank: 2,
    },
    Binding {
        keys: &["enter"],
        action: Action::Accept,
        context: Context::DecidePosition,
        hint: "go on there",
        label: "go on at the position typed; asks before it does it",
        group: Group::Page,
        danger: Danger::Asked,
        rank: 1,
    },
    Binding {
        keys: &["esc"],
        action: Action::Cancel,
        context: Context::DecidePosition,
        hint: "leave it",
        label: "leave the position open",
        group: Group::Page,
        danger: Danger::None,
        rank: 2,
    },
];
