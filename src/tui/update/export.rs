//! The export dialog: opened for the flow at hand or for the whole configuration, written after it was seen.

use std::path::{Path, PathBuf};

use super::{run, toast};
use crate::tui::effect::Effect;
use crate::tui::jobs::JobDone;
use crate::tui::keymap::Action;
use crate::tui::model::Model;
use crate::tui::model::export::{Export, ExportField};
use crate::tui::model::input_line::InputLine;
use crate::tui::model::overlay::Overlay;
use crate::tui::model::toast::ToastTone;
use crate::tui::services::{ExportJob, Job, JobResult};

/// Lines that a page of the text has, about.
const PAGE: usize = 8;

pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    if model.inventory.flows.is_empty() {
        toast(model, ToastTone::Info, "there is no flow to be exported yet");
        return Vec::new();
    }
    let is_known = |flow: &crate::model::FlowName| model.inventory.flows.iter().any(|(known, ..)| known == flow);
    let flow = model.flow_at_hand().map(|flow| flow.flow.clone()).filter(is_known);
    let name = flow.as_ref().map_or("kmirror-export".to_owned(), |flow| file_name(flow.as_str()));
    let folder = model.inventory.file.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
    let path: PathBuf = folder.join(format!("{name}.toml"));
    let export = Export {
        line: InputLine::new(&path.to_string_lossy()),
        is_whole: flow.is_none(),
        flow,
        secrets: Default::default(),
        has_progress: false,
        // Letters are keys first: what is most often wanted is to look and to write.
        field: ExportField::Scope,
        found: None,
        is_diff: false,
        top: 0,
    };
    model.overlays.push(Overlay::Export(Box::new(export)));
    ask(model)
}

/// A part of a path, whatever a flow is called.
fn file_name(flow: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || "._-".contains(c) { c } else { '-' };
    flow.chars().map(plain).collect::<String>().trim_start_matches('.').to_owned()
}

fn dialog(model: &mut Model) -> Option<&mut Export> {
    model.overlays.iter_mut().rev().find_map(|overlay| match overlay {
        Overlay::Export(export) => Some(export.as_mut()),
        _ => None,
    })
}

/// Has it found out what the export would be, unless that is known.
fn ask(model: &mut Model) -> Vec<Effect> {
    let Some(export) = dialog(model) else { return Vec::new() };
    let wish = export.wish();
    if export.found.as_ref().is_some_and(|(asked, _)| *asked == wish) {
        return Vec::new();
    }
    export.top = 0;
    let job = Job::Export(ExportJob::Read(wish));
    if model.tasks.iter().any(|task| task.job == job) {
        return Vec::new();
    }
    vec![run(model, job)]
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(export) = dialog(model) else { return Vec::new() };
    match action {
        Action::NextField => export.field = export.field.step(true),
        Action::PreviousField => export.field = export.field.step(false),
        Action::NextWord => export.choose(),
        Action::PageDown => export.top = export.top.saturating_add(PAGE),
        Action::PageUp => export.top = export.top.saturating_sub(PAGE),
        Action::Diff => {
            export.is_diff = !export.is_diff;
            export.top = 0;
        }
        Action::Copy => {
            let text = export.ready().map(|found| found.text.clone());
            return text.map(Effect::Copy).into_iter().collect();
        }
        Action::Write => return write(model),
        _ => {
            model.overlays.pop();
            return Vec::new();
        }
    }
    if let Some(found) = dialog(model).map(|export| export.found.as_ref().map_or(0, |(_, found)| lines(found))) {
        let export = dialog(model);
        if let Some(export) = export {
            export.top = export.top.min(found.saturating_sub(1));
        }
    }
    ask(model)
}

fn lines(found: &Result<crate::tui::services::ExportFound, String>) -> usize {
    found.as_ref().map_or(0, |found| found.text.lines().count().max(found.diff.lines().count()))
}

/// Writes what was seen; what would be lost of another file is shown first.
fn write(model: &mut Model) -> Vec<Effect> {
    let Some(export) = dialog(model) else { return Vec::new() };
    let wish = export.wish();
    let Some(found) = export.ready().cloned() else {
        let is_wrong = matches!(&export.found, Some((asked, Err(_))) if *asked == wish);
        let text = if is_wrong { "this cannot be exported: see why in the dialog" } else { "it is not known yet" };
        toast(model, ToastTone::Warn, text);
        return ask(model);
    };
    if found.before.is_some() && found.diff.is_empty() {
        toast(model, ToastTone::Info, format!("{} holds this already", wish.path.display()));
        return Vec::new();
    }
    if found.before.is_some() && !export.is_diff {
        (export.is_diff, export.top) = (true, 0);
        toast(model, ToastTone::Warn, "the file exists: this is what changes in it; w again writes it");
        return Vec::new();
    }
    let job = ExportJob::Write { path: wish.path, text: found.text, before: found.before };
    vec![run(model, Job::Export(job))]
}

/// What an export would be is known, or it is written.
pub(super) fn answered(model: &mut Model, done: &JobDone) {
    let Job::Export(job) = &done.job else { return };
    match (job, &done.answer) {
        (ExportJob::Read(wish), Ok(JobResult::Export(found))) => take(model, wish, Ok(found.as_ref().clone())),
        (ExportJob::Read(wish), Err(error)) => take(model, wish, Err(format!("failed to {}", error.message))),
        (ExportJob::Write { path, .. }, Ok(JobResult::ExportWritten)) => {
            toast(model, ToastTone::Info, format!("exported to {}", path.display()));
            model.overlays.retain(|overlay| !matches!(overlay, Overlay::Export(_)));
        }
        _ => {}
    }
}

fn take(
    model: &mut Model,
    wish: &crate::tui::services::ExportWish,
    found: Result<crate::tui::services::ExportFound, String>,
) {
    if let Some(export) = dialog(model).filter(|export| export.wish() == *wish) {
        export.found = Some((wish.clone(), found));
    }
}
