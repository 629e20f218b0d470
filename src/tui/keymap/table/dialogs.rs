//! Keys of what is open on top of a page.

use crate::tui::keymap::action::Action;
use crate::tui::keymap::binding::{Binding, Context, Group};

/// The rows.
pub(in crate::tui::keymap) const BINDINGS: &[Binding] = &[
    Binding::new(Context::FilterLine, &["enter"], Action::Accept, 1, "keep", "keep the filter"),
    Binding::new(Context::FilterLine, &["esc"], Action::Cancel, 2, "clear", "clear the filter"),
    Binding::new(Context::FilterLine, &["down"], Action::Down, 0, "down", "one row down").under(Group::Move),
    Binding::new(Context::FilterLine, &["up"], Action::Up, 0, "up", "one row up").under(Group::Move),
    Binding::new(Context::Palette, &["enter"], Action::Accept, 1, "run", "run it"),
    Binding::new(Context::Palette, &["esc"], Action::Cancel, 2, "close", "close the palette"),
    Binding::new(Context::Palette, &["tab"], Action::Complete, 3, "complete", "complete what is typed"),
    Binding::new(Context::Palette, &["^p"], Action::CommandBefore, 4, "before", "the command that was run before"),
    Binding::new(Context::Palette, &["^n"], Action::CommandAfter, 0, "after", "and the one after it"),
    Binding::new(Context::Palette, &["down"], Action::Down, 0, "down", "one row down").under(Group::Move),
    Binding::new(Context::Palette, &["up"], Action::Up, 0, "up", "one row up").under(Group::Move),
    Binding::new(Context::Help, &["esc"], Action::Cancel, 1, "close", "close the help"),
    Binding::new(Context::Help, &["down"], Action::Down, 0, "down", "one row down").under(Group::Move),
    Binding::new(Context::Help, &["up"], Action::Up, 0, "up", "one row up").under(Group::Move),
    Binding::new(Context::Help, &["pgdn", "^d"], Action::PageDown, 2, "page down", "one page down").under(Group::Move),
    Binding::new(Context::Help, &["pgup", "^u"], Action::PageUp, 3, "page up", "one page up").under(Group::Move),
    Binding::new(Context::Confirm, &["y"], Action::Yes, 1, "yes", "yes"),
    Binding::new(Context::Confirm, &["n", "esc", "enter", "q"], Action::No, 2, "no", "no"),
    Binding::new(Context::Confirm, &["$"], Action::Copy, 3, "copy command", "copy the equivalent command"),
    Binding::new(Context::ConfirmTyped, &["enter"], Action::Accept, 1, "do it", "do it, if the name is right"),
    Binding::new(Context::ConfirmTyped, &["esc"], Action::Cancel, 2, "no", "do nothing"),
    Binding::new(Context::ConfirmTyped, &["$"], Action::Copy, 3, "copy command", "copy the equivalent command"),
    Binding::new(Context::Shell, &["enter", "y"], Action::Copy, 1, "copy", "copy the command"),
    Binding::new(Context::Shell, &["j", "down"], Action::Down, 2, "down", "one row down").under(Group::Move),
    Binding::new(Context::Shell, &["k", "up"], Action::Up, 3, "up", "one row up").under(Group::Move),
    Binding::new(Context::Shell, &["esc", "q", "$"], Action::Cancel, 4, "close", "close the list"),
    Binding::new(Context::Themes, &["j", "down"], Action::Down, 2, "next", "the next theme").under(Group::Move),
    Binding::new(Context::Themes, &["k", "up"], Action::Up, 3, "before", "the theme before").under(Group::Move),
    Binding::new(Context::Themes, &["enter"], Action::Accept, 1, "take it", "take this theme"),
    Binding::new(Context::Themes, &["esc", "q"], Action::Cancel, 4, "keep", "go back to the theme before"),
    Binding::new(Context::Tasks, &["j", "down"], Action::Down, 3, "next", "the next task").under(Group::Move),
    Binding::new(Context::Tasks, &["k", "up"], Action::Up, 4, "before", "the task before").under(Group::Move),
    Binding::new(Context::Tasks, &["x"], Action::CancelTask, 2, "give up", "give up the task"),
    Binding::new(Context::Tasks, &["esc", "^t", "q"], Action::Cancel, 1, "close", "close the tasks"),
];
