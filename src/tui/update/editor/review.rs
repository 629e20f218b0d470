//! Before a draft is saved: what that changes, in the file and in the mirror.

use crate::config::{ClusterEnv, FlowDraft};
use crate::model::FlowName;
use crate::preview::Severity;
use crate::tui::effect::Effect;
use crate::tui::keymap::{Action, Danger};
use crate::tui::model::Model;
use crate::tui::model::editor::Review;
use crate::tui::model::editor::field::Field;
use crate::tui::model::navigation::Opened;
use crate::tui::model::overlay::Deed;
use crate::tui::model::scroll::Scroll;
use crate::tui::model::toast::ToastTone;
use crate::tui::services::{FieldProblem, FlowAnswer, FlowJob, FlowReview, FlowSaved, Job};
use crate::tui::update::act::movement;
use crate::tui::update::confirm::{Question, ask as confirm};
use crate::tui::update::{run, toast};

use super::{ask, desk};

/// Opens the review. What cannot be saved is not reviewed: the cursor goes to what is wrong.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let Some(sheet) = model.editor.sheet_mut() else { return Vec::new() };
    sheet.accept();
    if let Some(check) = sheet.checks.iter().find(|check| check.severity == Severity::Error).cloned() {
        if let Some(field) = Field::of(&check.place) {
            sheet.field = field;
            sheet.settle();
        }
        toast(model, ToastTone::Warn, format!("it cannot be saved so: {}", check.text));
        return ask::evaluate(model);
    }
    if !sheet.is_changed() {
        toast(model, ToastTone::Info, "nothing is changed");
        return Vec::new();
    }
    let (draft, before) = (sheet.draft.clone(), sheet.before.clone());
    model.editor.review =
        Some(Review { draft: draft.clone(), found: None, scroll: Scroll::default(), is_saving: false });
    model.navigation.open(Opened::Review);
    let mut effects = ask::evaluate(model);
    effects.push(run(model, Job::Flow(FlowJob::Review { draft: Box::new(draft), before })));
    effects
}

/// What was found.
pub(super) fn found(model: &mut Model, draft: &FlowDraft, answer: Result<FlowAnswer, String>) {
    let Some(review) = model.editor.review.as_mut().filter(|review| review.draft == *draft) else { return };
    review.found = match answer {
        Ok(FlowAnswer::Review(found)) => Some(Ok(found)),
        Ok(_) => None,
        Err(error) => Some(Err(error)),
    };
}

/// What was found, once it was.
fn finding(model: &Model) -> Result<&FlowReview, String> {
    match model.editor.review.as_ref().and_then(|review| review.found.as_ref()) {
        Some(Ok(found)) => Ok(found),
        Some(Err(error)) => Err(format!("it is not known what saving would change: failed to {error}")),
        None => Err("what saving would change is still being looked for".into()),
    }
}

pub(super) fn enabled(model: &Model, action: Action) -> Result<(), String> {
    match action {
        Action::Save | Action::SaveRestart => {
            let found = finding(model)?;
            if model.editor.review.as_ref().is_some_and(|review| review.is_saving) {
                return Err("it is being saved".into());
            }
            if let Some(problem) = found.problems.first() {
                return Err(format!("it cannot be saved so: {} {}", problem.key, problem.message));
            }
            if action == Action::SaveRestart && found.needs_restart.is_empty() {
                return Err("nothing needs a restart".into());
            }
            Ok(())
        }
        Action::Copy => finding(model).map(|_| ()),
        _ => Ok(()),
    }
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    if let (Some(review), Some(movement)) = (&mut model.editor.review, movement(action)) {
        review.scroll.go(movement);
        return Vec::new();
    }
    match action {
        Action::Save => save(model, false),
        Action::SaveRestart => save(model, true),
        Action::Copy => finding(model).ok().map(|found| Effect::Copy(found.diff.clone())).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Saves, after asking where production is concerned or a flow is started again.
fn save(model: &mut Model, may_restart: bool) -> Vec<Effect> {
    let (Some(sheet), Some(review)) = (model.editor.sheet(), &model.editor.review) else { return Vec::new() };
    let (name, before) = (sheet.name(), sheet.before.clone());
    let env = |cluster: &str| model.inventory.env(&cluster.into());
    // Saved is what was reviewed, whatever was typed since.
    let draft = Box::new(review.draft.clone());
    let env: ClusterEnv = env(&draft.source).min(env(&draft.target));
    let lines = match finding(model) {
        Ok(found) if may_restart => found.effects.iter().chain(&found.needs_restart).cloned().collect(),
        Ok(found) => found.effects.clone(),
        Err(_) => Vec::new(),
    };
    let question = Question {
        question: format!("Save flow {name}{}?", if may_restart { " and start it again" } else { "" }),
        lines,
        name: name.to_string(),
        danger: if may_restart { Danger::Asked } else { Danger::Reversible },
        env,
        then: Deed::Run(Job::Flow(FlowJob::Save { draft, before, may_restart })),
    };
    confirm(model, question)
}

/// It is being saved.
pub(in crate::tui::update) fn begun(model: &mut Model, job: &Job) {
    if let (Job::Flow(FlowJob::Save { .. }), Some(review)) = (job, &mut model.editor.review) {
        review.is_saving = true;
    }
}

/// What became of it.
pub(super) fn saved(
    model: &mut Model,
    draft: &FlowDraft,
    before: Option<&FlowName>,
    answer: Option<FlowAnswer>,
) -> Vec<Effect> {
    if let Some(review) = &mut model.editor.review {
        review.is_saving = false;
    }
    match answer {
        Some(FlowAnswer::Saved(FlowSaved::Done { path, doubts })) => done(model, draft, before, path, doubts),
        Some(FlowAnswer::Saved(FlowSaved::Refused(problems))) => {
            refused(model, problems);
            Vec::new()
        }
        _ => Vec::new(),
    }
}

fn done(
    model: &mut Model,
    draft: &FlowDraft,
    before: Option<&FlowName>,
    path: Option<std::path::PathBuf>,
    doubts: Vec<String>,
) -> Vec<Effect> {
    let is_of =
        |sheet: &&mut crate::tui::model::editor::sheet::Sheet| sheet.before.as_ref() == before && sheet.draft == *draft;
    if let Some(sheet) = model.editor.sheets.iter_mut().find(is_of) {
        sheet.saved();
    }
    model.editor.review = None;
    if model.navigation.opened() == Some(&Opened::Review) {
        model.navigation.close();
    }
    let name = draft.name.trim();
    let text = match path {
        Some(path) => format!("flow {name} is saved in {}", path.display()),
        None => format!("flow {name} is taken over until kmirror ends: it is in no file"),
    };
    let text = if before.is_none() { format!("{text}; r starts it") } else { text };
    toast(model, ToastTone::Info, text);
    doubts.into_iter().for_each(|doubt| toast(model, ToastTone::Warn, doubt));
    desk::entered(model)
}

fn refused(model: &mut Model, problems: Vec<FieldProblem>) {
    if let Some(Review { found: Some(Ok(found)), .. }) = &mut model.editor.review {
        found.problems.clone_from(&problems);
    }
    for problem in problems {
        toast(model, ToastTone::Err, format!("it cannot be saved so: {} {}", problem.key, problem.message));
    }
}
