//! Keys of the demo: trouble to order. The same in the palette, where they have no keys.

use crate::tui::keymap::action::Action;
use crate::tui::keymap::binding::{Binding, Context, Danger, Group};

const fn row(
    context: Context,
    keys: &'static [&'static str],
    action: Action,
    (hint, rank): (&'static str, u8),
    label: &'static str,
) -> Binding {
    Binding { keys, action, context, hint, label, group: Group::General, danger: Danger::None, rank }
}

/// The rows.
pub(in crate::tui::keymap) const BINDINGS: &[Binding] = &[
    row(Context::Demo, &["X"], Action::Troubles, ("break", 8), "demo: break something, to see what that looks like"),
    row(Context::Demo, &[], Action::BreakSourceBroker, ("demo", 0), SOURCE_BROKER),
    row(Context::Demo, &[], Action::BreakTargetBroker, ("demo", 0), TARGET_BROKER),
    row(Context::Demo, &[], Action::SlowSource, ("demo", 0), SLOW_SOURCE),
    row(Context::Demo, &[], Action::SlowTarget, ("demo", 0), SLOW_TARGET),
    row(Context::Demo, &[], Action::BackToNormal, ("demo", 0), NORMAL),
    row(Context::Troubles, &["s"], Action::BreakSourceBroker, ("source broker", 1), SOURCE_BROKER),
    row(Context::Troubles, &["t"], Action::BreakTargetBroker, ("target broker", 2), TARGET_BROKER),
    row(Context::Troubles, &["l"], Action::SlowSource, ("slow source", 3), SLOW_SOURCE),
    row(Context::Troubles, &["k"], Action::SlowTarget, ("slow target", 4), SLOW_TARGET),
    row(Context::Troubles, &["n"], Action::BackToNormal, ("normal", 5), NORMAL),
    row(Context::Troubles, &["esc", "q", "X"], Action::Cancel, ("close", 6), "close the list"),
];

const SOURCE_BROKER: &str = "demo: take a broker of the source down, or up again";
const TARGET_BROKER: &str = "demo: take a broker of the target down, or up again";
const SLOW_SOURCE: &str = "demo: make the link to the source slow, or quick again";
const SLOW_TARGET: &str = "demo: make the link to the target slow, or quick again";
const NORMAL: &str = "demo: everything back to normal";
