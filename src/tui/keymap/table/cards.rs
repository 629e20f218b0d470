//! Keys of the error cards.

use crate::tui::keymap::action::Action;
use crate::tui::keymap::binding::{Binding, Context, Danger, Group};

/// The rows.
pub(in crate::tui::keymap) const BINDINGS: &[Binding] = &[
    // The header names the key when there is something wrong.
    Binding::new(
        Context::Everywhere,
        &["E"],
        Action::Cards,
        0,
        "errors",
        "show what is wrong now, and what to do about it",
    )
    .under(Group::General),
    Binding::new(Context::Cards, &["n", "right", "tab"], Action::NextProblem, 2, "next", "to the next problem"),
    Binding::new(
        Context::Cards,
        &["N", "left", "backtab"],
        Action::PreviousProblem,
        9,
        "previous",
        "to the problem before",
    ),
    Binding::new(Context::Cards, &["r"], Action::Retry, 3, "retry", "try again what is blocked; nothing is given up")
        .at_risk(Danger::Reversible),
    Binding::new(
        Context::Cards,
        &["u"],
        Action::Unblock,
        4,
        "unblock…",
        "choose among the ways on; asks before it does one",
    )
    .at_risk(Danger::Asked),
    Binding::new(
        Context::Cards,
        &["t"],
        Action::Test,
        6,
        "test",
        "test the connection to the cluster that is to blame",
    ),
    Binding::new(Context::Cards, &["y"], Action::Copy, 5, "copy", "copy the commands that help"),
    Binding::new(Context::Cards, &["enter"], Action::Open, 7, "live", "to the flow as it runs"),
    Binding::new(Context::Cards, &["j", "down"], Action::Down, 0, "down", "one line down"),
    Binding::new(Context::Cards, &["k", "up"], Action::Up, 0, "up", "one line up"),
    Binding::new(Context::Cards, &["^d", "pgdn"], Action::PageDown, 0, "page down", "one page down"),
    Binding::new(Context::Cards, &["^u", "pgup"], Action::PageUp, 0, "page up", "one page up"),
    Binding::new(Context::Cards, &["esc", "q", "E"], Action::Cancel, 1, "close", "close the cards"),
];
