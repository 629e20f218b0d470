//! From what happened to what is known and to be done. Pure: no clock, no I/O.

pub(super) mod act;
pub(super) mod cards;
pub(super) mod clusters;
mod confirm;
pub(super) mod demo;
pub(super) mod editor;
mod export;
mod first_run;
pub(super) mod flows;
mod help;
pub(super) mod live;
pub(super) mod logs;
pub(super) mod offsets;
mod palette;
mod shell;
mod tasks;
mod themes;
pub(super) mod topics;

use std::sync::Arc;

use crokey::KeyCombination;

use super::effect::Effect;
use super::jobs::JobDone;
use super::keymap::{Context, Lookup};
use super::message::{Message, Now, Told};
use super::model::input_line::InputLine;
use super::model::navigation::Tab;
use super::model::overlay::Overlay;
use super::model::summary::Summaries;
use super::model::toast::{Toast, ToastTone};
use super::model::{Model, Task};
use super::page::page_of;
use super::services::Job;
use crate::engine::Snapshot;

pub(super) use act::{enabled, is_shown};
pub(super) use cards::{Card, card as problem_card, problems};
pub(super) use clusters::{at_hand as cluster_at_hand, rows as cluster_rows, test_name};
pub(super) use first_run::is_first_run;
pub(super) use flows::{has_problem, is_paused, rows as flow_rows};
pub(super) use live::consequence as resume_consequence;
pub(super) use logs::shown as shown_log;
pub(super) use palette::{entries as palette_entries, ghost as palette_ghost};

/// Events that are remembered.
const EVENTS_MAX: usize = 5_000;

/// Takes a message in; tells what is to be done.
pub(super) fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    match message {
        Message::Opened => return act::arrive(model),
        Message::Clock(now) => clock(model, now),
        Message::Tick => return tick(model),
        Message::Key(key) => return press(model, key),
        Message::Paste(text) => return paste(model, &text),
        Message::Resized(columns, rows) => model.size = (columns, rows),
        Message::Snapshot(snapshot) => show(model, snapshot),
        Message::Event(event) => {
            logs::take_event(model, &event);
            let effects = offsets::take_event(model, &event);
            model.events.push_back(event);
            let surplus = model.events.len().saturating_sub(EVENTS_MAX);
            model.events.drain(..surplus);
            return effects;
        }
        Message::Lines(lines) => logs::take_lines(model, lines),
        Message::News(news) => return clusters::take_news(model, news),
        Message::JobDone(done) => return job_done(model, &done),
        Message::ThemeChanged(Ok(theme)) => model.theme = *theme,
        Message::ThemeChanged(Err(error)) => toast(model, ToastTone::Err, error),
        Message::Told(Told::Good(text)) => toast(model, ToastTone::Info, text),
        Message::Told(Told::Doubtful(text)) => toast(model, ToastTone::Warn, text),
        Message::Told(Told::Bad(text)) => toast(model, ToastTone::Err, text),
        Message::EndRequested => return vec![Effect::End],
        Message::Measured(measures) => model.measures = measures,
    }
    Vec::new()
}

fn clock(model: &mut Model, now: Now) {
    model.now = now;
    model.toasts.expire(now.wall_ms);
}

/// What is frozen asks for nothing new.
fn tick(model: &mut Model) -> Vec<Effect> {
    if model.frozen_since_ms.is_some() {
        return Vec::new();
    }
    model.page().tick(model)
}

fn show(model: &mut Model, snapshot: Arc<Snapshot>) {
    let summaries = Summaries::new(&snapshot, &model.summaries);
    model.histories.record(&snapshot, &summaries);
    if model.frozen_since_ms.is_none() {
        (model.snapshot, model.summaries) = (snapshot, summaries);
        settle(model);
    }
}

/// Puts the list's cursor back on its row after rows may have changed.
fn settle(model: &mut Model) {
    let rows = model.page().rows(model);
    if let Some(list) = model.list_mut() {
        list.settle(&rows);
    }
}

fn press(model: &mut Model, key: KeyCombination) -> Vec<Effect> {
    let contexts = model.contexts();
    let is_continued = !model.chord.is_empty();
    model.chord.push(key);
    match model.keymap.look_up(&contexts, &model.chord) {
        Lookup::Found(binding) => {
            model.chord.clear();
            act::perform(model, binding)
        }
        Lookup::Prefix => Vec::new(),
        Lookup::Unbound => {
            model.chord.clear();
            // A chord that was not finished does not swallow the key that broke it off.
            if is_continued { press(model, key) } else { typed(model, &contexts, key) }
        }
    }
}

/// A key that does nothing: text, where text is typed.
fn typed(model: &mut Model, contexts: &[Context], key: KeyCombination) -> Vec<Effect> {
    if contexts.first().is_some_and(|context| context.is_text()) {
        edit(model, |line| _ = line.key(key))
    } else {
        Vec::new()
    }
}

fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    edit(model, |line| line.paste(text))
}

/// Changes the line that is being typed, if there is one, and what depends on it.
fn edit(model: &mut Model, change: impl FnOnce(&mut InputLine)) -> Vec<Effect> {
    match model.overlays.last_mut() {
        Some(Overlay::Help(help)) => {
            change(&mut help.line);
            help.top = 0;
        }
        Some(Overlay::Palette(palette)) => {
            change(&mut palette.line);
            palette.cursor = 0;
        }
        Some(Overlay::Confirm(confirm)) => change(&mut confirm.typed),
        Some(Overlay::OpenFile(open)) => change(&mut open.line),
        Some(Overlay::Export(export)) => change(&mut export.line),
        Some(Overlay::Unblock(unblock)) => {
            if let Some(line) = &mut unblock.line {
                change(line);
            }
        }
        Some(
            Overlay::AddToFlow(_)
            | Overlay::SavedOffsets(_)
            | Overlay::Themes(_)
            | Overlay::Shell(_)
            | Overlay::Tasks(_)
            | Overlay::Troubles
            | Overlay::Cards(_)
            | Overlay::Reading(_),
        ) => {}
        None => return edit_page(model, change),
    }
    Vec::new()
}

fn edit_page(model: &mut Model, change: impl FnOnce(&mut InputLine)) -> Vec<Effect> {
    if let Some(list) = model.list_mut().filter(|list| list.is_typing_filter) {
        change(&mut list.filter_line);
        list.apply_filter();
        settle(model);
    } else if let Some(line) = model.page().line_mut(model) {
        change(line);
        return model.page().line_changed(model);
    }
    Vec::new()
}

fn job_done(model: &mut Model, done: &JobDone) -> Vec<Effect> {
    model.tasks.retain(|task| task.job.key() != done.job.key());
    if let Err(error) = &done.answer
        && !done.job.is_routine()
    {
        toast(model, ToastTone::Err, format!("failed to {}", error.message));
    }
    let mut effects: Vec<Effect> = Tab::ALL.iter().flat_map(|tab| page_of(*tab).answered(model, done)).collect();
    demo::answered(model, done);
    export::answered(model, done);
    effects.extend(first_run::answered(model, done));
    settle(model);
    effects
}

/// The effect of running a job, noted among the tasks.
fn run(model: &mut Model, job: Job) -> Effect {
    model.tasks.retain(|task| task.job.key() != job.key());
    model.tasks.push(Task { job: job.clone(), since_ms: model.now.wall_ms });
    Effect::Run(job)
}

/// Shows a short message.
fn toast(model: &mut Model, tone: ToastTone, text: impl Into<String>) {
    model.toasts.push(Toast { text: text.into(), tone, at_ms: model.now.wall_ms });
}

#[cfg(test)]
mod tests;
