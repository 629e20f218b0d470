//! Keys of every page.

use crate::tui::keymap::action::Action;
use crate::tui::keymap::binding::{Binding, Context, Group};

/// The rows.
pub(in crate::tui::keymap) const BINDINGS: &[Binding] = &[
    Binding::new(Context::Everywhere, &["1"], Action::GoFlows, 0, "flows", "go to the flows").under(Group::Move),
    Binding::new(Context::Everywhere, &["2"], Action::GoTopics, 0, "topics", "go to the topics").under(Group::Move),
    Binding::new(Context::Everywhere, &["3"], Action::GoEditor, 0, "editor", "go to the flow editor")
        .under(Group::Move),
    Binding::new(Context::Everywhere, &["4"], Action::GoOffsets, 0, "offsets", "go to the offset editor")
        .under(Group::Move),
    Binding::new(Context::Everywhere, &["5"], Action::GoLive, 0, "live", "go to the flow as it runs")
        .under(Group::Move),
    Binding::new(Context::Everywhere, &["6"], Action::GoLogs, 0, "logs", "go to the logs").under(Group::Move),
    Binding::new(Context::Everywhere, &["7"], Action::GoClusters, 0, "clusters", "go to the clusters")
        .under(Group::Move),
    Binding::new(Context::Everywhere, &["esc"], Action::Back, 0, "back", "one step back").under(Group::Move),
    Binding::new(Context::Everywhere, &["["], Action::HistoryBack, 0, "back", "go to where you were before")
        .under(Group::Move),
    Binding::new(Context::Everywhere, &["]"], Action::HistoryForward, 0, "forward", "and forward again")
        .under(Group::Move),
    Binding::new(Context::Everywhere, &[":"], Action::Palette, 90, "cmd", "run a command by name")
        .under(Group::General),
    Binding::new(Context::Everywhere, &["?", "f1"], Action::Help, 1, "help", "show all keys").under(Group::General),
    Binding::new(Context::Everywhere, &["q"], Action::Quit, 80, "quit", "leave kmirror").under(Group::General),
    Binding::new(Context::Everywhere, &["^t"], Action::Tasks, 0, "tasks", "show what runs in the background")
        .under(Group::General),
    Binding::new(
        Context::Everywhere,
        &["$"],
        Action::Shell,
        0,
        "in a shell",
        "list commands for a shell that do the same",
    )
    .under(Group::General),
    Binding::new(Context::Everywhere, &["T"], Action::Themes, 0, "theme", "choose a theme").under(Group::General),
    Binding::new(Context::Everywhere, &["z"], Action::TimeZone, 0, "utc", "show times as local time or UTC")
        .under(Group::General),
    Binding::new(Context::Everywhere, &["^f"], Action::Freeze, 0, "freeze", "stop showing new data, or go on")
        .under(Group::General),
    Binding::new(Context::Everywhere, &["^r"], Action::Refresh, 0, "refresh", "ask the clusters again")
        .under(Group::General),
    Binding::new(Context::Always, &["^c"], Action::Quit, 0, "quit", "leave kmirror").under(Group::General),
    Binding::new(
        Context::Always,
        &["^z"],
        Action::Suspend,
        0,
        "suspend",
        "back to the shell; fg brings you here again",
    )
    .under(Group::General),
    Binding::new(Context::Always, &["^l"], Action::Redraw, 0, "redraw", "draw the screen anew").under(Group::General),
    Binding::new(Context::Always, &["f12"], Action::Debug, 0, "debug", "show what drawing costs").under(Group::General),
];
