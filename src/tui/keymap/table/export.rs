//! Keys of the export dialog.

use crate::tui::keymap::action::Action;
use crate::tui::keymap::binding::{Binding, Context, Group};

/// The rows.
pub(in crate::tui::keymap) const BINDINGS: &[Binding] = &[
    Binding::new(Context::Everywhere, &["^e"], Action::Export, 0, "export", "write the configuration for headless use")
        .under(Group::General),
    Binding::new(
        Context::Flows,
        &["x"],
        Action::Export,
        10,
        "export",
        "write the flow's configuration for headless use",
    ),
    Binding::new(
        Context::Editor,
        &["x"],
        Action::Export,
        0,
        "export",
        "write the flow's configuration for headless use",
    ),
    Binding::new(Context::Export, &["tab", "j", "down"], Action::NextField, 1, "field", "to the next field"),
    Binding::new(Context::Export, &["backtab", "k", "up"], Action::PreviousField, 0, "before", "to the field before"),
    Binding::new(Context::Export, &["space", "enter"], Action::NextWord, 2, "choose", "choose the next"),
    Binding::new(Context::Export, &["w", "^s"], Action::Write, 3, "write", "write the file, after its diff was shown"),
    Binding::new(Context::Export, &["y"], Action::Copy, 4, "copy", "copy the text"),
    Binding::new(Context::Export, &["D"], Action::Diff, 5, "diff", "show what changes in the file, or the text again"),
    Binding::new(Context::Export, &["pgdn", "^d"], Action::PageDown, 7, "page down", "one page down")
        .under(Group::Move),
    Binding::new(Context::Export, &["pgup", "^u"], Action::PageUp, 0, "page up", "one page up").under(Group::Move),
    Binding::new(Context::Export, &["esc", "q"], Action::Cancel, 6, "close", "close without writing"),
    Binding::new(Context::ExportFile, &["tab", "down", "enter"], Action::NextField, 1, "field", "to the next field"),
    Binding::new(Context::ExportFile, &["backtab", "up"], Action::PreviousField, 0, "before", "to the field before"),
    Binding::new(Context::ExportFile, &["^s"], Action::Write, 2, "write", "write the file, after its diff was shown"),
    Binding::new(Context::ExportFile, &["esc"], Action::Cancel, 3, "close", "close without writing"),
];
