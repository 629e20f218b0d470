//! Which flows are on the desk: opened, new ones, clones, and those that go.

use crate::config::{ClusterEnv, FlowDraft, FlowSetting};
use crate::model::FlowName;
use crate::tui::effect::Effect;
use crate::tui::keymap::Danger;
use crate::tui::model::Model;
use crate::tui::model::editor::sheet::Sheet;
use crate::tui::model::editor::{Opening, Then};
use crate::tui::model::navigation::Tab;
use crate::tui::model::overlay::Deed;
use crate::tui::model::toast::ToastTone;
use crate::tui::services::{FlowAnswer, FlowJob, FlowSaved, Job};
use crate::tui::update::confirm::{Question, ask as confirm};
use crate::tui::update::{act, run, toast};

use super::ask;

/// Opens a flow to be edited, as it was left if it was open.
pub(in crate::tui::update) fn edit_flow(model: &mut Model, flow: FlowName) -> Vec<Effect> {
    open(model, flow, Then::Edit)
}

/// Opens a new flow that is like another.
pub(in crate::tui::update) fn clone_flow(model: &mut Model, flow: FlowName) -> Vec<Effect> {
    open(model, flow, Then::Clone)
}

pub(super) fn open(model: &mut Model, flow: FlowName, then: Then) -> Vec<Effect> {
    if let Some(place) = model.editor.place_of(&flow) {
        model.editor.shown = place;
        match then {
            Then::Edit => {}
            Then::Clone => {
                let draft = clone_of(model, &model.editor.sheets[place].draft.clone());
                lay(model, Sheet::new(None, draft));
            }
            Then::Add(patterns) => add_patterns(&mut model.editor.sheets[place], patterns),
        }
        return go(model);
    }
    let effect = run(model, Job::Flow(FlowJob::Read { flow: flow.clone() }));
    model.editor.opening = Some(Opening { flow, then });
    let mut effects = go(model);
    effects.push(effect);
    effects
}

/// Shows the editor's first page.
fn go(model: &mut Model) -> Vec<Effect> {
    model.navigation.go(Tab::Editor);
    while model.navigation.close() {}
    act::arrive(model)
}

fn lay(model: &mut Model, sheet: Sheet) {
    model.editor.sheets.push(sheet);
    model.editor.shown = model.editor.sheets.len() - 1;
}

/// Why no new flow can be made.
pub(super) fn can_be_new(model: &Model) -> Result<(), String> {
    if model.inventory.clusters.is_empty() {
        return Err("there is no cluster yet: add one among the clusters".into());
    }
    Ok(())
}

/// Opens a new flow, which reads `source` where that is known.
pub(in crate::tui::update) fn new_flow(
    model: &mut Model,
    source: Option<&crate::model::ClusterName>,
    include: Vec<String>,
) -> Vec<Effect> {
    if let Err(reason) = can_be_new(model) {
        toast(model, ToastTone::Warn, reason);
        return Vec::new();
    }
    let clusters: Vec<String> = model.inventory.clusters.iter().map(|cluster| cluster.name.to_string()).collect();
    let source = source.map(ToString::to_string).or_else(|| clusters.first().cloned()).unwrap_or_default();
    let others: Vec<String> = clusters.into_iter().filter(|name| *name != source).collect();
    // With two clusters there is no doubt where to; with more it is for the user to say.
    let target = if let [other] = others.as_slice() { other.clone() } else { String::new() };
    let wanted = if target.is_empty() { source.clone() } else { format!("{source}-to-{target}") };
    let draft = FlowDraft { name: free_name(model, &wanted), source, target, include, ..FlowDraft::default() };
    lay(model, Sheet::new(None, draft));
    go(model)
}

fn clone_of(model: &Model, draft: &FlowDraft) -> FlowDraft {
    let mut clone = FlowDraft { name: free_name(model, &format!("{}-copy", draft.name)), ..draft.clone() };
    // Two flows with one group would take each other's partitions.
    clone.set(FlowSetting::Group, None);
    clone
}

/// The name, or one like it that no flow has.
fn free_name(model: &Model, wanted: &str) -> String {
    let is_taken = |name: &str| {
        model.inventory.flows.iter().any(|(flow, ..)| flow.as_str() == name)
            || model.snapshot.flow(&name.into()).is_some()
            || model.editor.sheets.iter().any(|sheet| sheet.draft.name == name)
    };
    let numbered = (2..).map(|number| format!("{wanted}-{number}"));
    std::iter::once(wanted.to_owned()).chain(numbered).find(|name| !is_taken(name)).unwrap_or_default()
}

fn add_patterns(sheet: &mut Sheet, patterns: Vec<String>) {
    sheet.change(|draft| {
        let new = patterns.into_iter().filter(|pattern| !draft.include.contains(pattern)).collect::<Vec<_>>();
        draft.include.extend(new);
    });
    if let Some(last) = sheet.draft.include.len().checked_sub(1) {
        sheet.field = crate::tui::model::editor::field::Field::Include(last);
    }
}

/// A flow's settings were read.
pub(super) fn read(model: &mut Model, flow: &FlowName, answer: Option<FlowAnswer>) -> Vec<Effect> {
    let then = match model.editor.opening.take_if(|opening| opening.flow == *flow) {
        Some(opening) => opening.then,
        None => return Vec::new(),
    };
    let Some(FlowAnswer::Draft(draft)) = answer else { return Vec::new() };
    match (then, model.editor.place_of(flow)) {
        (Then::Clone, _) => {
            let draft = clone_of(model, &draft);
            lay(model, Sheet::new(None, draft));
        }
        (Then::Edit, Some(place)) => {
            // Read again, for the file may say something else by now. What is typed meanwhile is not lost.
            let sheet = &mut model.editor.sheets[place];
            if sheet.draft != draft && !sheet.is_changed() && sheet.line.is_none() {
                let field = sheet.field;
                *sheet = Sheet::new(Some(flow.clone()), draft);
                sheet.field = field;
                sheet.settle();
            }
        }
        (Then::Edit, None) => lay(model, Sheet::new(Some(flow.clone()), draft)),
        (Then::Add(patterns), place) => {
            let place = place.unwrap_or_else(|| {
                lay(model, Sheet::new(Some(flow.clone()), draft));
                model.editor.shown
            });
            model.editor.shown = place;
            add_patterns(&mut model.editor.sheets[place], patterns);
        }
    }
    ask::look(model)
}

/// The editor is shown. What was not changed is read again.
pub(super) fn entered(model: &mut Model) -> Vec<Effect> {
    let mut effects = ask::look(model);
    if model.editor.opening.is_some() {
        return effects;
    }
    let unchanged = match model.editor.sheet() {
        Some(sheet) if sheet.is_changed() || sheet.line.is_some() => None,
        Some(sheet) => sheet.before.clone(),
        None => wanted(model),
    };
    if let Some(flow) = unchanged {
        effects.push(run(model, Job::Flow(FlowJob::Read { flow: flow.clone() })));
        model.editor.opening = Some(Opening { flow, then: Then::Edit });
    }
    effects
}

/// The flow that is meant by who comes to an empty desk: the one that was looked at.
fn wanted(model: &Model) -> Option<FlowName> {
    let flows = flows(model);
    let looked_at = model.flows.list.selected.as_deref().map(FlowName::from);
    let is_there = |flow: &FlowName| flows.contains(flow);
    model.live.flow.clone().filter(is_there).or(looked_at.filter(is_there)).or_else(|| flows.first().cloned())
}

/// All flows there are, and those that are only drafts, in their order.
pub(super) fn flows(model: &Model) -> Vec<FlowName> {
    let mut flows: Vec<FlowName> = model.snapshot.flows.iter().map(|flow| flow.flow.clone()).collect();
    flows.extend(model.editor.sheets.iter().map(Sheet::name));
    flows.sort();
    flows.dedup();
    flows
}

/// To the next flow or the one before.
pub(super) fn step(model: &mut Model, is_forward: bool) -> Vec<Effect> {
    let flows = flows(model);
    let here = model.editor.sheet().map(Sheet::name);
    let here = flows.iter().position(|flow| Some(flow) == here.as_ref()).unwrap_or(0);
    let next = if is_forward { here + 1 } else { here + flows.len().saturating_sub(1) };
    let Some(flow) = flows.get(next % flows.len().max(1)).cloned() else { return Vec::new() };
    if let Some(place) = model.editor.sheets.iter().position(|sheet| sheet.name() == flow) {
        model.editor.shown = place;
        return go(model);
    }
    edit_flow(model, flow)
}

/// Asks whether a flow is to go. It must have stopped.
pub(in crate::tui::update) fn delete_flow(model: &mut Model, flow: &FlowName) -> Vec<Effect> {
    let Some(snapshot) = model.snapshot.flow(flow).cloned() else { return Vec::new() };
    let place = match &model.inventory.file {
        Some(path) => format!("It is taken out of {}; the file as it was stays beside it.", path.display()),
        None => "It is written in no file: it is gone with this.".into(),
    };
    let lines = vec![
        place,
        format!(
            "Its group {} stays on {}, and its target topics on {}.",
            snapshot.group, snapshot.source, snapshot.target
        ),
    ];
    let env = model.flow_env(&snapshot);
    let question = Question {
        question: format!("Delete flow {flow}?"),
        lines,
        name: flow.to_string(),
        danger: Danger::Asked,
        env,
        then: Deed::Run(Job::Flow(FlowJob::Delete { flow: flow.clone() })),
    };
    confirm(model, question)
}

/// What became of a flow that was to go.
pub(super) fn deleted(model: &mut Model, flow: &FlowName, saved: &FlowSaved) -> Vec<Effect> {
    match saved {
        FlowSaved::Done { path, doubts } => {
            if let Some(place) = model.editor.place_of(flow) {
                take_away(model, place);
            }
            let text = match path {
                Some(path) => format!("flow {flow} is taken out of {}", path.display()),
                None => format!("flow {flow} is gone"),
            };
            toast(model, ToastTone::Info, text);
            doubts.iter().for_each(|doubt| toast(model, ToastTone::Warn, doubt.clone()));
        }
        FlowSaved::Refused(problems) => {
            for problem in problems {
                toast(model, ToastTone::Err, format!("flow {flow} stays: {}", problem.message));
            }
        }
    }
    Vec::new()
}

fn take_away(model: &mut Model, place: usize) {
    model.editor.sheets.remove(place);
    if model.editor.shown > place || model.editor.shown >= model.editor.sheets.len() {
        model.editor.shown = model.editor.shown.saturating_sub(1);
    }
}

/// Throws what was changed away: of a new flow that is all there is, so it is asked.
pub(super) fn reset(model: &mut Model) -> Vec<Effect> {
    let Some(sheet) = model.editor.sheet_mut() else { return Vec::new() };
    if sheet.before.is_some() {
        sheet.reset();
        return ask::look(model);
    }
    let name = sheet.name();
    let question = Question {
        question: format!("Throw the new flow {name} away?"),
        lines: vec!["It was never saved.".into()],
        name: String::new(),
        danger: Danger::Asked,
        env: ClusterEnv::Dev,
        then: Deed::Discard,
    };
    confirm(model, question)
}

/// Takes the draft that is seen off the desk.
pub(in crate::tui::update) fn discard(model: &mut Model) -> Vec<Effect> {
    if model.editor.sheet().is_none() {
        return Vec::new();
    }
    take_away(model, model.editor.shown);
    go(model)
}
