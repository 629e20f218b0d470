//! Keys of the clusters, of the form one is edited in, and of the first run.

use crate::tui::keymap::action::Action;
use crate::tui::keymap::binding::{Binding, Context, Danger};

/// The rows.
pub(in crate::tui::keymap) const BINDINGS: &[Binding] = &[
    Binding::new(
        Context::Clusters,
        &["t"],
        Action::Test,
        3,
        "test",
        "test the connection to the cluster, step by step",
    ),
    Binding::new(Context::Clusters, &["a"], Action::AddCluster, 4, "add", "add a cluster").at_risk(Danger::Reversible),
    Binding::new(Context::Clusters, &["e"], Action::EditCluster, 5, "edit", "edit the cluster")
        .at_risk(Danger::Reversible),
    Binding::new(Context::FirstRun, &["c", "a"], Action::AddCluster, 2, "connect a cluster", "connect a cluster")
        .at_risk(Danger::Reversible),
    Binding::new(Context::FirstRun, &["d"], Action::RunDemo, 3, "run the demo", "run the demo instead"),
    Binding::new(Context::FirstRun, &["o"], Action::OpenFile, 4, "open a file", "open a configuration file"),
    Binding::new(Context::OpenFile, &["enter"], Action::Accept, 1, "open", "open this file"),
    Binding::new(Context::OpenFile, &["esc"], Action::Cancel, 2, "leave it", "open no file"),
    Binding::new(Context::ClusterForm, &["tab", "down"], Action::NextField, 3, "next", "to the next field"),
    Binding::new(Context::ClusterForm, &["backtab", "up"], Action::PreviousField, 6, "previous", "to the field before"),
    Binding::new(
        Context::ClusterForm,
        &["enter"],
        Action::Accept,
        0,
        "next, at the end save",
        "to the next field; at the last one save",
    )
    .at_risk(Danger::Reversible),
    Binding::new(Context::ClusterForm, &["^s"], Action::Save, 1, "save", "check it and save it")
        .at_risk(Danger::Reversible),
    Binding::new(Context::ClusterForm, &["^t"], Action::Test, 2, "test", "test the connection as typed"),
    Binding::new(Context::ClusterForm, &["esc"], Action::Cancel, 4, "leave", "leave without saving"),
    Binding::new(Context::ClusterChoice, &["space", "right"], Action::NextWord, 0, "choose", "choose the next word"),
    Binding::new(Context::ClusterChoice, &["left"], Action::PreviousWord, 5, "choose", "choose the word before"),
];
