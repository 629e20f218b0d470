//! Keys of the logs.

use crate::tui::keymap::action::Action;
use crate::tui::keymap::binding::{Binding, Context};

/// The rows.
pub(in crate::tui::keymap) const BINDINGS: &[Binding] = &[
    Binding::new(
        Context::Logs,
        &["l"],
        Action::Level,
        3,
        "level",
        "show all levels, or only from info, warn or error on",
    ),
    Binding::new(
        Context::Logs,
        &["f"],
        Action::Follow,
        4,
        "follow",
        "stay at the newest line, or stop; scrolling up stops, too",
    ),
    Binding::new(Context::Reading, &["j", "down"], Action::Down, 3, "down", "one line down"),
    Binding::new(Context::Reading, &["k", "up"], Action::Up, 4, "up", "one line up"),
    Binding::new(Context::Reading, &["^d", "pgdn", "space"], Action::PageDown, 0, "page down", "one page down"),
    Binding::new(Context::Reading, &["^u", "pgup"], Action::PageUp, 0, "page up", "one page up"),
    Binding::new(Context::Reading, &["y"], Action::Copy, 2, "copy", "copy all of it"),
    Binding::new(Context::Reading, &["esc", "q", "enter"], Action::Cancel, 1, "close", "close it"),
];
