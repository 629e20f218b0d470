//! Where a flow's partitions go on, as it is edited.

mod due;
mod edit;
mod listing;
mod open;
pub(super) mod restore;
mod review;
mod take;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::config::ClusterEnv;
use crate::engine::FlowSnapshot;
use crate::model::{ClusterName, FlowName};
use crate::tui::effect::Effect;
use crate::tui::jobs::JobDone;
use crate::tui::keymap::{Action, Binding, Context};
use crate::tui::model::Model;
use crate::tui::model::input_line::InputLine;
use crate::tui::model::list::{ListState, RowKeys};
use crate::tui::model::listing::Listing;
use crate::tui::model::navigation::Tab;
use crate::tui::model::offsets::row::RowMark;
use crate::tui::model::offsets::sheet;
use crate::tui::page::Page;

use super::{run, settle, toast};

pub(in crate::tui) use due::record_ms;
pub(super) use open::open;
pub(in crate::tui) use review::{equivalent, hindrance, how};
pub(super) use take::take_event;

/// What is remembered: the flow that was shown.
const FLOW: &str = "flow";

/// The page.
pub(in crate::tui) struct Offsets;

impl Page for Offsets {
    fn contexts(&self, model: &Model) -> Vec<Context> {
        let page = &model.offsets;
        vec![match (&page.flow, &page.review, &page.line) {
            (None, ..) => Context::OffsetsFlows,
            (_, Some(_), _) => Context::OffsetsReview,
            (_, _, Some(_)) => Context::OffsetsCell,
            _ => Context::Offsets,
        }]
    }

    fn list<'a>(&self, model: &'a Model) -> Option<&'a ListState> {
        let page = &model.offsets;
        Some(match (&page.flow, &page.review) {
            (None, _) => &page.flows,
            (_, Some(review)) => review,
            _ => &page.list,
        })
    }

    fn list_mut<'a>(&self, model: &'a mut Model) -> Option<&'a mut ListState> {
        let page = &mut model.offsets;
        Some(match (&page.flow, &mut page.review) {
            (None, _) => &mut page.flows,
            (_, Some(review)) => review,
            _ => &mut page.list,
        })
    }

    fn first_list<'a>(&self, model: &'a Model) -> Option<&'a ListState> {
        Some(&model.offsets.list)
    }

    fn rows(&self, model: &Model) -> RowKeys {
        let page = &model.offsets;
        match (&page.flow, &page.review) {
            (None, _) => flows(model).into_iter().map(|flow| flow.to_string()).collect(),
            (_, Some(_)) => page.changes().map(|changes| Arc::clone(&changes.keys)).unwrap_or_default(),
            _ => page.sheet().map(|sheet| Arc::clone(&sheet.keys)).unwrap_or_default(),
        }
    }

    fn has_problem(&self, model: &Model, row: &str) -> bool {
        model.offsets.row(row).is_some_and(|row| row.mark() == RowMark::Problem)
    }

    fn sorts(&self) -> usize {
        sheet::SORTS
    }

    fn sorts_shown(&self, model: &Model) -> usize {
        let page = &model.offsets;
        if page.flow.is_none() || page.review.is_some() { 1 } else { sheet::SORTS }
    }

    fn listing(&self, model: &Model, row: Option<&str>) -> Listing {
        listing::listing(model, row)
    }

    fn line_mut<'a>(&self, model: &'a mut Model) -> Option<&'a mut InputLine> {
        model.offsets.line.as_mut().map(|cell| &mut cell.line)
    }

    fn line_changed(&self, model: &mut Model) -> Vec<Effect> {
        edit::typed(model)
    }

    fn enabled(&self, model: &Model, binding: &Binding) -> Result<(), String> {
        enabled(model, binding)
    }

    fn act(&self, model: &mut Model, binding: &'static Binding) -> Vec<Effect> {
        let action = binding.action;
        match binding.context {
            Context::OffsetsFlows => open::choose(model),
            Context::OffsetsCell => edit::end(model, action),
            Context::OffsetsReview => review::act(model, action),
            _ => act(model, action),
        }
    }

    fn entered(&self, model: &mut Model) -> Vec<Effect> {
        if model.offsets.flow.is_none()
            && let [only] = flows(model).as_slice()
        {
            model.offsets.flow = Some(only.clone());
        }
        due::ask(model)
    }

    fn refresh(&self, model: &mut Model) -> Option<Vec<Effect>> {
        due::forget(model);
        Some(due::ask(model))
    }

    fn tick(&self, model: &mut Model) -> Vec<Effect> {
        due::ask(model)
    }

    fn answered(&self, model: &mut Model, done: &JobDone) -> Vec<Effect> {
        take::take(model, done);
        if model.navigation.tab() == Tab::Offsets { due::ask(model) } else { Vec::new() }
    }

    fn remember(&self, model: &Model) -> BTreeMap<String, String> {
        model.offsets.flow.iter().map(|flow| (FLOW.to_owned(), flow.to_string())).collect()
    }

    fn recall(&self, model: &mut Model, remembered: &BTreeMap<String, String>) {
        let named = |known: &&FlowName| remembered.get(FLOW).is_some_and(|flow| flow == known.as_str());
        model.offsets.flow = flows(model).iter().find(named).cloned();
    }

    fn step_back(&self, model: &mut Model) -> bool {
        if model.offsets.review.take().is_some() {
            return true;
        }
        // What the engine does not answer to is not waited for without end.
        let setting = model.offsets.desk_mut().and_then(|desk| desk.setting.take());
        setting.is_some()
    }
}

/// The flows there are that the filter lets through, by name.
pub(in crate::tui) fn flows(model: &Model) -> Vec<FlowName> {
    let configured = model.inventory.flows.iter().map(|(flow, ..)| flow.clone());
    let known: BTreeSet<FlowName> =
        configured.chain(model.snapshot.flows.iter().map(|flow| flow.flow.clone())).collect();
    let mut fits = model.offsets.flows.filter.matcher();
    known.into_iter().filter(|flow| fits(flow.as_str())).collect()
}

/// A flow's source and target.
pub(in crate::tui) fn clusters(model: &Model, flow: &FlowName) -> Option<(ClusterName, ClusterName)> {
    if let Some(flow) = model.snapshot.flow(flow) {
        return Some((flow.source.clone(), flow.target.clone()));
    }
    let (_, source, target) = model.inventory.flows.iter().find(|(name, ..)| name == flow)?;
    Some((source.clone(), target.clone()))
}

/// How careful to be with a flow.
fn env(model: &Model, flow: &FlowName) -> ClusterEnv {
    clusters(model, flow)
        .map_or(ClusterEnv::Prod, |(source, target)| model.inventory.env(&source).min(model.inventory.env(&target)))
}

/// The flow that is edited, if it does something in this process.
pub(in crate::tui) fn running(model: &Model) -> Option<&FlowSnapshot> {
    let flow = model.snapshot.flow(model.offsets.flow.as_ref()?)?;
    flow.state.is_up().then_some(flow)
}

/// Whether positions of the flow are being set.
pub(in crate::tui) fn is_setting(model: &Model) -> bool {
    let Some(flow) = &model.offsets.flow else { return false };
    due::is_setting(model, flow)
}

fn enabled(model: &Model, binding: &Binding) -> Result<(), String> {
    let page = &model.offsets;
    let Some(desk) = page.desk() else { return Ok(()) };
    match binding.action {
        _ if binding.context == Context::OffsetsReview => review::enabled(model, binding.action),
        action if edit::is_edit(action) && is_setting(model) => Err("positions are being set".into()),
        action if edit::is_edit(action) && edit::aim(model).is_empty() => Err("the cursor is on no partition".into()),
        Action::Undo if !desk.draft.can_undo() => Err("there is nothing to take back".into()),
        Action::Redo if !desk.draft.can_redo() => Err("there is nothing to do again".into()),
        Action::Reset if desk.draft.is_empty() => Err("nothing is edited".into()),
        Action::Undo | Action::Redo | Action::Reset | Action::Review | Action::Restore if is_setting(model) => {
            Err("positions are being set".into())
        }
        Action::Review if desk.draft.is_empty() => Err("nothing is edited: there is nothing to set".into()),
        Action::Restore if desk.offsets.is_none() => Err("the positions are not known yet".into()),
        Action::ChooseFlow if flows(model).len() < 2 => Err("there is no other flow".into()),
        Action::Copy if page.row_at_hand().is_none() => Err("the cursor is on no partition".into()),
        _ => Ok(()),
    }
}

fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    if edit::is_edit(action) {
        return edit::act(model, action);
    }
    match action {
        Action::Undo => return edit::step(model, |draft| draft.undo()),
        Action::Redo => return edit::step(model, |draft| draft.redo()),
        Action::Reset => return edit::step(model, |draft| draft.reset()),
        Action::Review => return review::open(model),
        Action::Restore => return restore::open(model),
        Action::NextScope => open::next_scope(model),
        Action::EditedOnly => {
            if let Some(desk) = model.offsets.desk_mut() {
                desk.is_edited_only = !desk.is_edited_only;
            }
        }
        Action::ChooseFlow => open::leave(model),
        Action::Copy => return listing::copied(model).map(Effect::Copy).into_iter().collect(),
        _ => {}
    }
    settle(model);
    due::ask(model)
}
