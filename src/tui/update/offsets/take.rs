//! Answers about positions, and what the engine says about those it was told to set.

use std::path::Path;
use std::sync::Arc;

use crate::engine::{Event, EventKind};
use crate::model::FlowName;
use crate::tui::effect::Effect;
use crate::tui::jobs::JobDone;
use crate::tui::model::Model;
use crate::tui::model::navigation::Tab;
use crate::tui::model::offsets::{KnownTime, Setting};
use crate::tui::model::overlay::Overlay;
use crate::tui::model::toast::ToastTone;
use crate::tui::services::{Job, JobAnswer, JobResult, OffsetsJob, TopicJob};

use super::{clusters, due, restore, toast};

/// Takes an answer in.
pub(super) fn take(model: &mut Model, done: &JobDone) {
    match &done.job {
        Job::Offsets { flow, job } => of_flow(model, flow, job, &done.answer),
        Job::Topic { cluster, job: TopicJob::Sample { topic, .. } } => {
            let sample = match &done.answer {
                Ok(JobResult::RecordSample(sample)) => Some(*sample),
                _ => None,
            };
            let of_cluster = |flow: &&FlowName| clusters(model, flow).is_some_and(|(source, _)| source == *cluster);
            let flows: Vec<FlowName> = model.offsets.desks.keys().filter(of_cluster).cloned().collect();
            for flow in flows {
                let desk = model.offsets.desks.entry(flow).or_default();
                desk.samples.insert(topic.clone(), sample);
                desk.version += 1;
            }
        }
        // Other pages' jobs.
        _ => {}
    }
}

fn of_flow(model: &mut Model, flow: &FlowName, job: &OffsetsJob, answer: &JobAnswer) {
    let now = model.now;
    let is_shown = model.offsets.flow.as_ref() == Some(flow);
    let Some(desk) = model.offsets.desks.get_mut(flow) else { return };
    match (job, answer) {
        (OffsetsJob::Read, answer) => {
            desk.tried = Some(now.uptime);
            match answer {
                Ok(JobResult::FlowOffsets(offsets)) => {
                    (desk.offsets, desk.error) = (Some(Arc::new(offsets.clone())), None);
                    desk.version += 1;
                    find_wanted(model);
                }
                Ok(_) => {}
                Err(error) => desk.error = Some(error.clone()),
            }
        }
        (OffsetsJob::Resolve { .. }, Ok(JobResult::ResolvedOffsets(resolved))) => {
            desk.draft.found(resolved, now.wall_ms);
            desk.lookup_error = None;
            desk.version += 1;
            if let Some(cell) = model.offsets.line.as_mut().filter(|_| is_shown) {
                cell.take(resolved, now.wall_ms);
            }
        }
        (OffsetsJob::Resolve { .. }, Err(error)) => desk.lookup_error = Some((error.clone(), now.uptime)),
        (OffsetsJob::RecordTimes { offsets }, answer) => {
            let found = match answer {
                Ok(JobResult::RecordTimes(found)) => found.clone(),
                _ => <_>::default(),
            };
            for (partition, offset) in offsets {
                let record_ms = found.get(partition).and_then(|(_, ms)| *ms);
                let known = KnownTime { offset: *offset, record_ms, at: now.uptime };
                desk.times.insert(partition.clone(), known);
            }
        }
        (OffsetsJob::ListSaved, answer) => {
            if let Some(Overlay::SavedOffsets(choice)) = model.overlays.last_mut() {
                choice.files = match answer {
                    Ok(JobResult::SavedFiles(files)) => Some(Ok(files.clone())),
                    Ok(_) => None,
                    Err(error) => Some(Err(format!("failed to {}", error.message))),
                };
            }
        }
        (OffsetsJob::ReadSaved { .. }, Ok(JobResult::SavedOffsets(path, saved))) => {
            restore::stage(model, flow, path, saved);
        }
        (OffsetsJob::Set { positions }, Ok(JobResult::OffsetsSaved(path))) => {
            let setting = desk.setting.get_or_insert_with(|| Setting::of(positions.len()));
            setting.saved = Some(path.clone());
            finish(model, flow);
        }
        (OffsetsJob::Set { .. }, _) => desk.setting = None,
        _ => {}
    }
}

/// The row that was asked for before anything was known.
fn find_wanted(model: &mut Model) {
    if let Some(wanted) = model.offsets.wanted.take() {
        model.offsets.list.selected = Some(wanted.to_string());
    }
}

/// The engine may tell what became of positions before the job that told it to set them has ended.
pub(in crate::tui::update) fn take_event(model: &mut Model, event: &Event) -> Vec<Effect> {
    let outcome = match &event.kind {
        EventKind::PositionsSet { positions } => Ok(positions.iter().map(|moved| moved.partition.clone()).collect()),
        EventKind::Refused { command, reason } if command == SET_POSITIONS => Err(reason.clone()),
        _ => return Vec::new(),
    };
    let is_setting = due::is_setting(model, &event.flow);
    let Some(desk) = model.offsets.desks.get_mut(&event.flow) else { return Vec::new() };
    match outcome {
        outcome if is_setting => {
            desk.setting.get_or_insert_with(|| Setting::of(0)).outcome = Some(outcome);
            finish(model, &event.flow);
        }
        // Of some that were set others were not: these are still staged.
        Err(reason) => toast(model, ToastTone::Err, format!("failed to set positions of {}: {reason}", event.flow)),
        Ok(_) => desk.tried = None,
    }
    if model.navigation.tab() == Tab::Offsets { due::ask(model) } else { Vec::new() }
}

/// What the engine calls the order.
const SET_POSITIONS: &str = "set positions";

/// Tells how it went, once the old positions are known to be safe and the engine has answered.
fn finish(model: &mut Model, flow: &FlowName) {
    let Some(desk) = model.offsets.desks.get_mut(flow) else { return };
    let Some(Setting { saved: Some(path), outcome: Some(outcome), .. }) = desk.setting.clone() else { return };
    (desk.setting, desk.tried) = (None, None);
    match outcome {
        Ok(partitions) => {
            desk.draft.settle(&partitions);
            desk.version += 1;
            model.offsets.review = None;
            let text = done_text(flow, partitions.len(), &path);
            toast(model, ToastTone::Info, text);
        }
        Err(reason) => toast(model, ToastTone::Err, format!("failed to set positions of {flow}: {reason}")),
    }
}

fn done_text(flow: &FlowName, count: usize, path: &Path) -> String {
    let positions = if count == 1 { "1 position".to_owned() } else { format!("{count} positions") };
    format!("{positions} of {flow} set; the old ones are in {}: b brings them back", path.display())
}
