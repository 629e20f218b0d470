//! Flows that are edited, with what their rules come to.

mod ask;
mod desk;
mod draft;
pub(in crate::tui) mod pick;
mod review;
#[cfg(test)]
mod tests;
mod why;

use std::sync::Arc;

use crate::tui::effect::Effect;
use crate::tui::jobs::JobDone;
use crate::tui::keymap::{Action, Binding, Context};
use crate::tui::model::Model;
use crate::tui::model::editor::rows::{PreviewRows, RowsKey, SamePreview, Sections};
use crate::tui::model::input_line::InputLine;
use crate::tui::model::list::{ListState, RowKeys};
use crate::tui::model::listing::Listing;
use crate::tui::model::navigation::{Opened, Tab};
use crate::tui::page::Page;
use crate::tui::services::{FlowAnswer, FlowJob, Job, JobResult};

pub(super) use desk::{clone_flow, delete_flow, discard, edit_flow, new_flow};
pub(in crate::tui) use draft::{can_be_typed, check_at_hand, fix_at_hand};
pub(super) use review::begun;
pub(in crate::tui) use why::{rate_text, rule_words};

/// The page.
pub(in crate::tui) struct Editor;

/// What of the tab is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum Shown {
    /// No flow is edited.
    Nothing,
    Draft,
    Preview,
    Checks,
    Review,
}

pub(in crate::tui) fn shown(model: &Model) -> Shown {
    if model.editor.sheet().is_none() {
        return Shown::Nothing;
    }
    // Asked about other tabs' pages, too.
    match model.navigation.opened().filter(|_| model.navigation.tab() == Tab::Editor) {
        Some(Opened::Preview) => Shown::Preview,
        Some(Opened::Checks) => Shown::Checks,
        Some(Opened::Review) => Shown::Review,
        _ => Shown::Draft,
    }
}

impl Page for Editor {
    fn contexts(&self, model: &Model) -> Vec<Context> {
        match shown(model) {
            Shown::Draft if model.editor.sheet().is_some_and(|sheet| sheet.line.is_some()) => {
                vec![Context::EditorField]
            }
            Shown::Nothing | Shown::Draft => vec![Context::Editor],
            Shown::Preview => vec![Context::EditorPreview],
            Shown::Checks => vec![Context::EditorChecks],
            Shown::Review => vec![Context::EditorReview, Context::Scroll],
        }
    }

    fn list<'a>(&self, model: &'a Model) -> Option<&'a ListState> {
        match shown(model) {
            Shown::Preview => Some(&model.editor.topics),
            Shown::Checks => Some(&model.editor.checks),
            Shown::Nothing | Shown::Draft | Shown::Review => None,
        }
    }

    fn list_mut<'a>(&self, model: &'a mut Model) -> Option<&'a mut ListState> {
        match shown(model) {
            Shown::Preview => Some(&mut model.editor.topics),
            Shown::Checks => Some(&mut model.editor.checks),
            Shown::Nothing | Shown::Draft | Shown::Review => None,
        }
    }

    fn first_list<'a>(&self, model: &'a Model) -> Option<&'a ListState> {
        Some(&model.editor.topics)
    }

    fn rows(&self, model: &Model) -> RowKeys {
        match shown(model) {
            Shown::Preview => Arc::clone(&rows(model).keys),
            Shown::Checks => check_rows(model).into_iter().map(|place| place.to_string()).collect(),
            Shown::Nothing | Shown::Draft | Shown::Review => RowKeys::default(),
        }
    }

    fn has_problem(&self, model: &Model, row: &str) -> bool {
        use crate::tui::model::editor::rows::Fate;
        let Some(sheet) = model.editor.sheet() else { return false };
        match shown(model) {
            Shown::Preview => {
                let topic = sheet.preview.as_ref().and_then(|preview| preview.topic(&row.into()));
                topic.is_some_and(|topic| Fate::of(topic) <= Fate::Doubtful)
            }
            Shown::Checks => {
                let check = row.parse().ok().and_then(|place: usize| sheet.checks.get(place));
                check.is_some_and(|check| check.severity == crate::preview::Severity::Error)
            }
            Shown::Nothing | Shown::Draft | Shown::Review => false,
        }
    }

    fn sorts(&self) -> usize {
        crate::tui::model::editor::rows::SORTS
    }

    fn sorts_shown(&self, model: &Model) -> usize {
        if shown(model) == Shown::Preview { self.sorts() } else { 1 }
    }

    fn listing(&self, model: &Model, row: Option<&str>) -> Listing {
        match shown(model) {
            Shown::Preview => why::listing(model, row),
            Shown::Checks => why::checks_listing(model, row),
            Shown::Nothing | Shown::Draft | Shown::Review => Listing::default(),
        }
    }

    fn line_mut<'a>(&self, model: &'a mut Model) -> Option<&'a mut InputLine> {
        model.editor.sheet_mut()?.line.as_mut()
    }

    fn line_changed(&self, model: &mut Model) -> Vec<Effect> {
        if let Some(sheet) = model.editor.sheet_mut() {
            sheet.typed();
        }
        ask::evaluate(model)
    }

    fn enabled(&self, model: &Model, binding: &Binding) -> Result<(), String> {
        enabled(model, binding)
    }

    fn act(&self, model: &mut Model, binding: &'static Binding) -> Vec<Effect> {
        match shown(model) {
            Shown::Nothing | Shown::Draft => draft::act(model, binding),
            Shown::Preview => why::act(model, binding.action),
            Shown::Checks => draft::act_on_check(model, binding.action),
            Shown::Review => review::act(model, binding.action),
        }
    }

    fn entered(&self, model: &mut Model) -> Vec<Effect> {
        desk::entered(model)
    }

    fn refresh(&self, model: &mut Model) -> Option<Vec<Effect>> {
        Some(ask::again(model))
    }

    fn tick(&self, model: &mut Model) -> Vec<Effect> {
        ask::due(model)
    }

    fn answered(&self, model: &mut Model, done: &JobDone) -> Vec<Effect> {
        let Job::Flow(job) = &done.job else { return Vec::new() };
        let answer = match &done.answer {
            Ok(JobResult::Flow(answer)) => Ok((**answer).clone()),
            Ok(_) => return Vec::new(),
            Err(error) => Err(error.clone()),
        };
        match (job, answer) {
            (FlowJob::Read { flow }, answer) => desk::read(model, flow, answer.ok()),
            (FlowJob::Facts { source, target } | FlowJob::Measure { source, target, .. }, answer) => {
                ask::learnt(model, (source, target), answer.map_err(|error| error.message))
            }
            (FlowJob::Evaluate { draft, before, .. }, Ok(FlowAnswer::Evaluated(evaluation))) => {
                ask::evaluated(model, draft, before.as_ref(), evaluation)
            }
            (FlowJob::Review { draft, .. }, answer) => {
                review::found(model, draft, answer.map_err(|error| error.message));
                Vec::new()
            }
            (FlowJob::Save { draft, before, .. }, answer) => review::saved(model, draft, before.as_ref(), answer.ok()),
            (FlowJob::Delete { flow }, Ok(FlowAnswer::Saved(saved))) => desk::deleted(model, flow, &saved),
            (FlowJob::Propose { marked, .. }, answer) => {
                pick::proposed(model, marked, answer.map_err(|error| error.message));
                Vec::new()
            }
            _ => Vec::new(),
        }
    }
}

/// The topics of the preview that is seen, in parts.
pub(in crate::tui) fn sections(model: &Model) -> Arc<Sections> {
    match model.editor.sheet().and_then(|sheet| sheet.preview.as_ref()) {
        Some(preview) => model.editor.sections.get(SamePreview(Arc::clone(preview)), || Sections::of(preview)),
        None => Arc::default(),
    }
}

/// All topics of that preview, as the list shows them.
pub(in crate::tui) fn rows(model: &Model) -> Arc<PreviewRows> {
    let list = &model.editor.topics;
    match model.editor.sheet().and_then(|sheet| sheet.preview.as_ref()) {
        Some(preview) => model.editor.rows.get(RowsKey::new(preview, list), || PreviewRows::of(preview, list)),
        None => Arc::default(),
    }
}

/// The findings the list shows, by their places among all.
pub(in crate::tui) fn check_rows(model: &Model) -> Vec<usize> {
    let Some(sheet) = model.editor.sheet() else { return Vec::new() };
    let list = &model.editor.checks;
    let mut fits = list.filter.matcher();
    let is_error = |place: &usize| sheet.checks[*place].severity == crate::preview::Severity::Error;
    let shown = (0..sheet.checks.len()).filter(|place| !list.is_problems_only || is_error(place));
    let mut shown: Vec<usize> = shown.filter(|place| fits(&sheet.checks[*place].text)).collect();
    if list.sort.is_descending {
        shown.reverse();
    }
    shown
}

fn enabled(model: &Model, binding: &Binding) -> Result<(), String> {
    let Some(sheet) = model.editor.sheet() else {
        return match binding.action {
            Action::NewFlow => desk::can_be_new(model),
            _ if binding.context == Context::Editor => Err("no flow is edited: n makes a new one".into()),
            _ => Ok(()),
        };
    };
    match (binding.context, binding.action) {
        (Context::Editor, Action::NextFlow | Action::PreviousFlow) if desk::flows(model).len() < 2 => {
            Err("there is no other flow".into())
        }
        (Context::Editor, Action::NewFlow) => desk::can_be_new(model),
        (Context::Editor, Action::Start) => match &sheet.before {
            None => Err("the flow is not saved yet: ^s saves it".into()),
            Some(_) => super::flows::enabled(model, Action::Start),
        },
        (Context::Editor, Action::FlowOffsets) if sheet.before.is_none() => {
            Err("the flow is not saved yet: ^s saves it".into())
        }
        (Context::Editor, Action::Fix) if draft::fix_at_hand(sheet).is_none() => {
            Err("no finding offers a change".into())
        }
        (Context::Editor, Action::Reset) if !sheet.is_changed() => Err("nothing is changed".into()),
        (Context::EditorPreview, Action::Open) if model.editor.topics.selected.is_none() => {
            Err("there is no topic here".into())
        }
        (Context::EditorPreview, Action::Fix) if why::near_miss(model).is_none() => {
            Err("no rule nearly matches this topic".into())
        }
        (Context::EditorChecks, Action::Fix) if draft::check_at_hand(model).is_none_or(|check| check.fix.is_none()) => {
            Err("this finding offers no change".into())
        }
        (Context::List, Action::Mark | Action::MarkAll) => Err("nothing is marked here".into()),
        (Context::EditorReview, action) => review::enabled(model, action),
        _ => Ok(()),
    }
}
