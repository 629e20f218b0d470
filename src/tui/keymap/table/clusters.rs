//! Keys of the clusters, of the form one is edited in, and of the first run.

use crate::tui::keymap::action::Action;
use crate::tui::keymap::binding::{Binding, Context, Danger, Group};

const fn row(
    context: Context,
    keys: &'static [&'static str],
    action: Action,
    (hint, rank): (&'static str, u8),
    label: &'static str,
    danger: Danger,
) -> Binding {
    Binding { keys, action, context, hint, label, group: Group::Page, danger, rank }
}

/// The rows.
pub(in crate::tui::keymap) const BINDINGS: &[Binding] = &[
    row(
        Context::Clusters,
        &["t"],
        Action::Test,
        ("test", 3),
        "test the connection to the cluster, step by step",
        Danger::None,
    ),
    row(Context::Clusters, &["a"], Action::AddCluster, ("add", 4), "add a cluster", Danger::Reversible),
    row(Context::Clusters, &["e"], Action::EditCluster, ("edit", 5), "edit the cluster", Danger::Reversible),
    row(
        Context::FirstRun,
        &["c", "a"],
        Action::AddCluster,
        ("connect a cluster", 2),
        "connect a cluster",
        Danger::Reversible,
    ),
    row(Context::FirstRun, &["d"], Action::RunDemo, ("run the demo", 3), "run the demo instead", Danger::None),
    row(Context::FirstRun, &["o"], Action::OpenFile, ("open a file", 4), "open a configuration file", Danger::None),
    row(Context::OpenFile, &["enter"], Action::Accept, ("open", 1), "open this file", Danger::None),
    row(Context::OpenFile, &["esc"], Action::Cancel, ("leave it", 2), "open no file", Danger::None),
    row(Context::ClusterForm, &["tab", "down"], Action::NextField, ("next", 3), "to the next field", Danger::None),
    row(
        Context::ClusterForm,
        &["backtab", "up"],
        Action::PreviousField,
        ("previous", 6),
        "to the field before",
        Danger::None,
    ),
    row(
        Context::ClusterForm,
        &["enter"],
        Action::Accept,
        ("next, at the end save", 0),
        "to the next field; at the last one save",
        Danger::Reversible,
    ),
    row(Context::ClusterForm, &["^s"], Action::Save, ("save", 1), "check it and save it", Danger::Reversible),
    row(Context::ClusterForm, &["^t"], Action::Test, ("test", 2), "test the connection as typed", Danger::None),
    row(Context::ClusterForm, &["esc"], Action::Cancel, ("leave", 4), "leave without saving", Danger::None),
    row(
        Context::ClusterChoice,
        &["space", "right"],
        Action::NextWord,
        ("choose", 0),
        "choose the next word",
        Danger::None,
    ),
    row(Context::ClusterChoice, &["left"], Action::PreviousWord, ("choose", 5), "choose the word before", Danger::None),
];
