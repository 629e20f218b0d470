//! Keys of the flows.

use crate::tui::keymap::action::Action;
use crate::tui::keymap::binding::{Binding, Context, Danger, Group};

/// The rows.
pub(in crate::tui::keymap) const BINDINGS: &[Binding] = &[
    Binding {
        keys: &["r"],
        action: Action::Start,
        context: Context::Flows,
        hint: "start",
        label: "start the flow, or let it go on",
        group: Group::Page,
        danger: Danger::Reversible,
        rank: 5,
    },
    Binding {
        keys: &["p"],
        action: Action::Pause,
        context: Context::Flows,
        hint: "pause",
        label: "keep the flow from reading",
        group: Group::Page,
        danger: Danger::Reversible,
        rank: 6,
    },
    Binding {
        keys: &["S"],
        action: Action::Stop,
        context: Context::Flows,
        hint: "stop…",
        label: "stop the flow: deliver and commit what is on its way",
        group: Group::Page,
        danger: Danger::Asked,
        rank: 7,
    },
];
