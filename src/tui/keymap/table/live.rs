//! Keys of a flow as it runs, and of what can be done about something blocked.

use crate::tui::keymap::action::Action;
use crate::tui::keymap::binding::{Binding, Context, Danger, Group};

/// The rows.
pub(in crate::tui::keymap) const BINDINGS: &[Binding] = &[
    Binding::new(
        Context::Live,
        &["r"],
        Action::Start,
        6,
        "start",
        "start, resume or try again: the flow, or what the cursor is on",
    )
    .at_risk(Danger::Reversible),
    Binding::new(Context::Live, &["p"], Action::Pause, 7, "pause", "pause what the cursor is on, or the marked rows")
        .at_risk(Danger::Reversible),
    Binding::new(Context::Live, &["u"], Action::Unblock, 5, "unblock…", "see what can be done about what is blocked"),
    Binding::new(
        Context::Live,
        &["S"],
        Action::Stop,
        8,
        "stop…",
        "stop the flow: deliver and commit what is on its way",
    )
    .at_risk(Danger::Asked),
    Binding::new(Context::Live, &["R"], Action::StartFlow, 0, "start flow", "start the whole flow, or let it go on")
        .at_risk(Danger::Reversible),
    Binding::new(Context::Live, &["P"], Action::PauseFlow, 0, "pause flow", "keep the whole flow from reading")
        .at_risk(Danger::Reversible),
    Binding::new(Context::Live, &["space"], Action::Freeze, 12, "freeze", "stop showing new data, or go on"),
    Binding::new(Context::Live, &["x"], Action::Mark, 0, "mark", "mark the row"),
    Binding::new(Context::Live, &["+", "="], Action::WindowLonger, 10, "longer", "charts: look further back"),
    Binding::new(Context::Live, &["-"], Action::WindowShorter, 11, "shorter", "charts: look less far back"),
    Binding::new(Context::Live, &["0"], Action::WindowReset, 0, "15m", "charts: look 15 minutes back"),
    Binding::new(Context::Live, &["m"], Action::Chart, 9, "chart", "show the other chart"),
    Binding::new(Context::Live, &["f"], Action::NextFlow, 13, "next flow", "show the next flow"),
    Binding::new(Context::Live, &["F"], Action::PreviousFlow, 0, "flow before", "show the flow before"),
    Binding::new(
        Context::Unblock,
        &["enter"],
        Action::Accept,
        1,
        "do it",
        "do this, after asking; copy it where it is a command",
    ),
    Binding::new(Context::Unblock, &["j", "down"], Action::Down, 2, "down", "one row down").under(Group::Move),
    Binding::new(Context::Unblock, &["k", "up"], Action::Up, 3, "up", "one row up").under(Group::Move),
    Binding::new(Context::Unblock, &["y"], Action::Copy, 4, "copy", "copy the command"),
    Binding::new(Context::Unblock, &["esc", "q"], Action::Cancel, 5, "close", "leave it as it is"),
    Binding::new(
        Context::UnblockPosition,
        &["enter"],
        Action::Accept,
        1,
        "go on there",
        "go on at this position, after asking",
    ),
    Binding::new(Context::UnblockPosition, &["esc"], Action::Cancel, 2, "back", "back to the choices"),
];
