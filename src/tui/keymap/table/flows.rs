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
];
