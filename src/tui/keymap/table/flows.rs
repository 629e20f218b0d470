//! Keys of the flows.

use crate::tui::keymap::action::Action;
use crate::tui::keymap::binding::{Binding, Context, Danger};

/// The rows.
pub(in crate::tui::keymap) const BINDINGS: &[Binding] = &[
    Binding::new(Context::Flows, &["r"], Action::Start, 5, "start", "start the flow, or let it go on")
        .at_risk(Danger::Reversible),
    Binding::new(Context::Flows, &["p"], Action::Pause, 6, "pause", "keep the flow from reading")
        .at_risk(Danger::Reversible),
    Binding::new(
        Context::Flows,
        &["S"],
        Action::Stop,
        7,
        "stop…",
        "stop the flow: deliver and commit what is on its way",
    )
    .at_risk(Danger::Asked),
    Binding::new(Context::Flows, &["e"], Action::EditFlow, 8, "edit", "edit the flow, and see what it would do"),
    Binding::new(Context::Flows, &["a"], Action::NewFlow, 9, "new", "make a new flow"),
    Binding::new(Context::Flows, &["c"], Action::CloneFlow, 0, "clone", "make a new flow like this one"),
    // It asks, always: the letter alone, of an arrow key cut in two perhaps, changes nothing.
    Binding::new(Context::Flows, &["D"], Action::DeleteFlow, 0, "delete…", "take the flow away, after asking"),
];
