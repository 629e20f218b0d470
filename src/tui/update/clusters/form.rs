//! The form of a cluster: moving, choosing, testing, saving.

use crate::config::ClusterDraft;
use crate::model::ClusterName;
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::model::Model;
use crate::tui::model::clusters::form::ClusterForm;
use crate::tui::model::toast::ToastTone;
use crate::tui::services::{Job, Saved};
use crate::tui::update::{run, toast};

use super::begin_test;

/// Opens an empty form.
pub(in crate::tui::update) fn add(model: &mut Model) {
    model.clusters.form = Some(ClusterForm::add());
}

/// Opens the form with a cluster as it is written. One that is not in the file yet will be new there.
pub(super) fn edit(model: &mut Model, draft: ClusterDraft) {
    let name = ClusterName::from(draft.name.as_str());
    let is_saved = model.inventory.clusters.iter().any(|entry| entry.name == name && entry.is_saved);
    let mut form = ClusterForm::of(draft);
    form.is_new = !is_saved;
    model.clusters.form = Some(form);
}

/// A key while the form is open.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(form) = &mut model.clusters.form else { return Vec::new() };
    match action {
        Action::NextField => form.step(true),
        Action::PreviousField => form.step(false),
        Action::NextWord => form.choose(true),
        Action::PreviousWord => form.choose(false),
        Action::Accept if form.cursor + 1 < form.fields().len() => form.step(true),
        Action::Accept | Action::Save => {
            let (draft, is_new) = (form.draft(), form.is_new);
            form.problems.clear();
            return vec![run(model, Job::SaveCluster { draft, is_new })];
        }
        Action::Test => {
            let draft = form.draft();
            let cluster = test_name(form);
            begin_test(model, &cluster);
            return vec![run(model, Job::TestCluster { cluster, draft: Some(draft) })];
        }
        Action::Cancel if form.is_changed() && !form.is_leaving => form.is_leaving = true,
        Action::Cancel => model.clusters.form = None,
        _ => {}
    }
    Vec::new()
}

/// What became of the settings that were to be saved.
pub(super) fn saved(model: &mut Model, draft: &ClusterDraft, saved: &Saved) -> Vec<Effect> {
    match saved {
        Saved::Done { path, doubts } => {
            model.clusters.form = None;
            let name = ClusterName::from(draft.name.as_str());
            let text = format!("cluster {name} is saved in {}", path.display());
            toast(model, ToastTone::Info, text);
            doubts.iter().for_each(|doubt| toast(model, ToastTone::Warn, doubt.clone()));
            let flows: Vec<String> = model.inventory.flows_of(&name).map(ToString::to_string).collect();
            if !flows.is_empty() {
                let text = format!("{} takes it over when it is stopped and started again", flows.join(", "));
                toast(model, ToastTone::Info, text);
            }
            model.clusters.list.selected = Some(name.to_string());
            vec![run(model, Job::LookAtCluster { cluster: name })]
        }
        Saved::Refused(problems) => {
            if let Some(form) = &mut model.clusters.form {
                form.problems.clone_from(problems);
                form.go_to_problem();
            }
            Vec::new()
        }
    }
}

/// Under which name the test of what is typed is kept.
pub(in crate::tui) fn test_name(form: &ClusterForm) -> ClusterName {
    let name = form.draft().name;
    ClusterName::from(if name.is_empty() { "the new cluster" } else { name.as_str() })
}
