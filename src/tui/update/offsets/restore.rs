//! Positions that were saved before, staged again: they are reviewed like any other edit.

use std::path::Path;

use crate::model::{FlowName, SavedOffsets, StartPosition, TopicPartition};
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::model::Model;
use crate::tui::model::offsets::SavedChoice;
use crate::tui::model::overlay::Overlay;
use crate::tui::model::toast::ToastTone;
use crate::tui::services::{Job, OffsetsJob};

use super::{run, toast};

/// Opens the choice of a file.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let Some(flow) = model.offsets.flow.clone() else { return Vec::new() };
    let choice = SavedChoice { flow: Some(flow.clone()), ..SavedChoice::default() };
    model.overlays.push(Overlay::SavedOffsets(Box::new(choice)));
    vec![run(model, Job::Offsets { flow, job: OffsetsJob::ListSaved })]
}

/// A key while the files are listed.
pub(in crate::tui::update) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Overlay::SavedOffsets(choice)) = model.overlays.last_mut() else { return Vec::new() };
    let files = match &choice.files {
        Some(Ok(files)) => files.as_slice(),
        _ => &[],
    };
    let last = files.len().saturating_sub(1);
    match action {
        Action::Down => choice.cursor = (choice.cursor + 1).min(last),
        Action::Up => choice.cursor = choice.cursor.saturating_sub(1),
        Action::Accept => {
            let (flow, path) = (choice.flow.clone(), files.get(choice.cursor).map(|file| file.path.clone()));
            let (Some(flow), Some(path)) = (flow, path) else { return Vec::new() };
            model.overlays.pop();
            return vec![run(model, Job::Offsets { flow, job: OffsetsJob::ReadSaved { path: Some(path) } })];
        }
        _ => drop(model.overlays.pop()),
    }
    Vec::new()
}

/// Stages what a file holds and what is otherwise now.
pub(super) fn stage(model: &mut Model, flow: &FlowName, path: &Path, saved: &SavedOffsets) {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let group = &saved.group;
    let Some(desk) = model.offsets.desks.get_mut(flow) else { return };
    let Some(offsets) = desk.offsets.clone() else { return };
    if *group != offsets.group {
        let text = format!("{name} is of group {group}, and the flow's is {} now", offsets.group);
        return toast(model, ToastTone::Warn, text);
    }
    let mut absent = 0_usize;
    let mut edits = Vec::new();
    for position in &saved.positions {
        let partition: TopicPartition = position.partition();
        match offsets.of(&partition) {
            None => absent += 1,
            Some(listed) if listed.progress.is_some_and(|progress| progress.offset == position.offset) => {}
            Some(_) => edits.push((partition, StartPosition::Offset(position.offset).into())),
        }
    }
    let same = saved.positions.len() - absent - edits.len();
    let staged = edits.len();
    desk.draft.stage(edits);
    desk.version += 1;
    let absent = match absent {
        0 => String::new(),
        n => format!(", {n} are not mirrored any more"),
    };
    let tone = if staged == 0 { ToastTone::Warn } else { ToastTone::Info };
    let positions = if staged == 1 { "position" } else { "positions" };
    toast(model, tone, format!("{staged} {positions} of {name} staged; {same} are the same now{absent}"));
}
