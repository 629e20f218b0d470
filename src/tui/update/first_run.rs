//! The first run: no configuration and no clusters, but three ways on.

use std::path::PathBuf;

use crate::tui::effect::{Effect, Reopen};
use crate::tui::jobs::JobDone;
use crate::tui::keymap::Action;
use crate::tui::model::Model;
use crate::tui::model::navigation::Tab;
use crate::tui::model::overlay::Overlay;
use crate::tui::services::{Job, JobResult};

use super::{clusters, run};

/// Whether there is nothing to be looked at yet.
pub(in crate::tui) fn is_first_run(model: &Model) -> bool {
    model.inventory.clusters.is_empty() && model.snapshot.flows.is_empty()
}

/// One of the ways on.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::AddCluster => {
            let effects = super::act::go(model, Tab::Clusters);
            clusters::add(model);
            effects
        }
        Action::RunDemo => vec![Effect::Reopen(Reopen::Demo)],
        Action::OpenFile => {
            model.overlays.push(Overlay::OpenFile(Box::default()));
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// A key while a file is named.
pub(super) fn name_file(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Overlay::OpenFile(open)) = model.overlays.last_mut() else { return Vec::new() };
    let path = open.line.text().trim().to_owned();
    match action {
        Action::Accept if path.is_empty() => open.error = Some("type the path of a configuration file".into()),
        Action::Accept => {
            open.error = None;
            return vec![run(model, Job::CheckFile { path: PathBuf::from(path) })];
        }
        _ => drop(model.overlays.pop()),
    }
    Vec::new()
}

/// Whether the file can be opened was found out.
pub(super) fn answered(model: &mut Model, done: &JobDone) -> Vec<Effect> {
    let Job::CheckFile { path } = &done.job else { return Vec::new() };
    match &done.answer {
        Ok(JobResult::FileChecked) => return vec![Effect::Reopen(Reopen::File(path.clone()))],
        Ok(_) => {}
        Err(error) => {
            if let Some(Overlay::OpenFile(open)) = model.overlays.last_mut() {
                open.error = Some(format!("failed to {}", error.message));
            }
        }
    }
    Vec::new()
}
