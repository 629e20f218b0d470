//! Keys of the demo: trouble to order. The same in the palette, where they have no keys.

use crate::tui::keymap::action::Action;
use crate::tui::keymap::binding::{Binding, Context, Group};

/// The rows.
pub(in crate::tui::keymap) const BINDINGS: &[Binding] = &[
    Binding::new(
        Context::Demo,
        &["X"],
        Action::Troubles,
        8,
        "break",
        "demo: break something, to see what that looks like",
    )
    .under(Group::General),
    Binding::new(Context::Demo, &[], Action::BreakSourceBroker, 0, "demo", SOURCE_BROKER).under(Group::General),
    Binding::new(Context::Demo, &[], Action::BreakTargetBroker, 0, "demo", TARGET_BROKER).under(Group::General),
    Binding::new(Context::Demo, &[], Action::SlowSource, 0, "demo", SLOW_SOURCE).under(Group::General),
    Binding::new(Context::Demo, &[], Action::SlowTarget, 0, "demo", SLOW_TARGET).under(Group::General),
    Binding::new(Context::Demo, &[], Action::BackToNormal, 0, "demo", NORMAL).under(Group::General),
    Binding::new(Context::Troubles, &["s"], Action::BreakSourceBroker, 1, "source broker", SOURCE_BROKER)
        .under(Group::General),
    Binding::new(Context::Troubles, &["t"], Action::BreakTargetBroker, 2, "target broker", TARGET_BROKER)
        .under(Group::General),
    Binding::new(Context::Troubles, &["l"], Action::SlowSource, 3, "slow source", SLOW_SOURCE).under(Group::General),
    Binding::new(Context::Troubles, &["k"], Action::SlowTarget, 4, "slow target", SLOW_TARGET).under(Group::General),
    Binding::new(Context::Troubles, &["n"], Action::BackToNormal, 5, "normal", NORMAL).under(Group::General),
    Binding::new(Context::Troubles, &["esc", "q", "X"], Action::Cancel, 6, "close", "close the list")
        .under(Group::General),
];

const SOURCE_BROKER: &str = "demo: take a broker of the source down, or up again";
const TARGET_BROKER: &str = "demo: take a broker of the target down, or up again";
const SLOW_SOURCE: &str = "demo: make the link to the source slow, or quick again";
const SLOW_TARGET: &str = "demo: make the link to the target slow, or quick again";
const NORMAL: &str = "demo: everything back to normal";
