//! Keys of the draft: moving, typing, rules, what findings offer.

use crate::preview::{Check, CheckPlace, DraftChange};
use crate::tui::effect::Effect;
use crate::tui::keymap::{Action, Binding};
use crate::tui::model::Model;
use crate::tui::model::editor::field::Field;
use crate::tui::model::editor::sheet::Sheet;
use crate::tui::model::navigation::{Opened, Tab};
use crate::tui::model::toast::ToastTone;
use crate::tui::remedies::run_command;
use crate::tui::update::{act as page, flows, toast};

use super::{ask, desk, review};

/// The words a field is chosen from.
pub(in crate::tui) fn words(model: &Model, field: Field) -> Vec<String> {
    match field {
        Field::Source | Field::Target => {
            model.inventory.clusters.iter().map(|cluster| cluster.name.to_string()).collect()
        }
        _ => field.words().unwrap_or_default().iter().map(|word| (*word).to_owned()).collect(),
    }
}

pub(super) fn act(model: &mut Model, binding: &'static Binding) -> Vec<Effect> {
    match binding.action {
        Action::NextFlow => return desk::step(model, true),
        Action::PreviousFlow => return desk::step(model, false),
        Action::NewFlow => return desk::new_flow(model, None, Vec::new()),
        Action::Reset => return desk::reset(model),
        Action::Review => return review::open(model),
        Action::Start => return flows::order(model, Action::Start, binding.danger),
        Action::FlowOffsets => {
            model.offsets.flow = model.editor.flow().cloned();
            return page::go(model, Tab::Offsets);
        }
        Action::Copy => {
            let name = model.editor.sheet().map(Sheet::name);
            let command = name.and_then(|name| run_command(model, &name));
            return command.map(Effect::Copy).into_iter().collect();
        }
        Action::Preview => return show(model, Opened::Preview),
        Action::Checks => return show(model, Opened::Checks),
        Action::Fix => {
            let change = model.editor.sheet().and_then(fix_at_hand).cloned();
            return change.map(|change| fix(model, &change)).unwrap_or_default();
        }
        Action::NextWord => return choose(model, true),
        Action::PreviousWord => return choose(model, false),
        _ => {}
    }
    let density = model.density();
    let Some(sheet) = model.editor.sheet_mut() else { return Vec::new() };
    match binding.action {
        Action::NextField | Action::PreviousField => {
            let was_typing = sheet.line.is_some();
            sheet.accept();
            sheet.step(binding.action == Action::NextField, density);
            // Who types goes on typing, where there is something to be typed.
            if was_typing && can_be_typed(sheet) {
                sheet.begin();
            }
            if !was_typing {
                return Vec::new();
            }
        }
        Action::EditField if sheet.field.is_choice() => return choose(model, true),
        Action::EditField if can_be_typed(sheet) => {
            sheet.begin();
            return Vec::new();
        }
        Action::EditField => toast(model, ToastTone::Info, "a flow keeps its name, and with it its progress"),
        Action::Accept => sheet.accept(),
        Action::Cancel => sheet.cancel(),
        Action::AddRule => sheet.add_rule(),
        Action::DeleteRule => {
            if !sheet.delete() {
                toast(model, ToastTone::Info, "there is nothing to delete here");
            }
        }
        Action::RuleDown | Action::RuleUp => {
            if !sheet.move_rule(binding.action == Action::RuleDown) {
                toast(model, ToastTone::Info, "there is no place to move this to");
            }
        }
        Action::Undo => {
            if !sheet.undo() {
                toast(model, ToastTone::Info, "there is nothing to undo");
            }
        }
        Action::Redo => {
            if !sheet.redo() {
                toast(model, ToastTone::Info, "there is nothing to redo");
            }
        }
        _ => return Vec::new(),
    }
    ask::look(model)
}

/// Whether text is typed into the field the cursor is on.
pub(in crate::tui) fn can_be_typed(sheet: &Sheet) -> bool {
    let is_kept = sheet.field == Field::Name && sheet.before.is_some();
    !sheet.field.is_choice() && !is_kept
}

fn choose(model: &mut Model, is_forward: bool) -> Vec<Effect> {
    let Some(field) = model.editor.sheet().map(|sheet| sheet.field) else { return Vec::new() };
    let words = words(model, field);
    if let Some(sheet) = model.editor.sheet_mut().filter(|_| !words.is_empty()) {
        sheet.choose(&words, is_forward);
        return ask::look(model);
    }
    Vec::new()
}

fn show(model: &mut Model, page: Opened) -> Vec<Effect> {
    model.navigation.open(page);
    page::arrive(model)
}

/// What is offered first: by the finding about the field the cursor is on, else by the gravest that offers something.
pub(in crate::tui) fn fix_at_hand(sheet: &Sheet) -> Option<&DraftChange> {
    let here = sheet.check_of(sheet.field).and_then(|check| check.fix.as_ref());
    let first = || sheet.checks.iter().find_map(|check| check.fix.as_ref());
    here.or_else(first).map(|fix| &fix.change)
}

pub(super) fn fix(model: &mut Model, change: &DraftChange) -> Vec<Effect> {
    if let Some(sheet) = model.editor.sheet_mut() {
        sheet.fix(change);
    }
    ask::look(model)
}

/// The finding the cursor of the list is on.
pub(in crate::tui) fn check_at_hand(model: &Model) -> Option<&Check> {
    let place: usize = model.editor.checks.selected.as_deref()?.parse().ok()?;
    model.editor.sheet()?.checks.get(place)
}

/// A key in the list of findings.
pub(super) fn act_on_check(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(check) = check_at_hand(model).cloned() else { return Vec::new() };
    match action {
        Action::Fix => check.fix.map(|offer| fix(model, &offer.change)).unwrap_or_default(),
        Action::Copy => vec![Effect::Copy(check.text)],
        Action::Open => go_to(model, &check.place),
        _ => Vec::new(),
    }
}

/// To what a finding is about: a topic is found among all, everything else in the draft.
fn go_to(model: &mut Model, place: &CheckPlace) -> Vec<Effect> {
    if let CheckPlace::Topic(topic) = place {
        model.editor.topics.clear_filter();
        model.editor.topics.selected = Some(topic.to_string());
        return show(model, Opened::Preview);
    }
    let Some(field) = Field::of(place) else {
        toast(model, ToastTone::Info, "it is about the flow as a whole");
        return Vec::new();
    };
    if let Some(sheet) = model.editor.sheet_mut() {
        sheet.field = field;
        sheet.settle();
    }
    model.navigation.close();
    page::arrive(model)
}
