//! Actions: what is possible, and what it does.

use crate::tui::effect::Effect;
use crate::tui::keymap::{Action, Binding, Context};
use crate::tui::model::Model;
use crate::tui::model::list::{ListState, Move};
use crate::tui::model::navigation::Tab;
use crate::tui::model::overlay::{Help, Overlay, Palette, Themes};
use crate::tui::model::toast::ToastTone;

use super::{confirm, flows, help, palette, row_keys, settle, themes, toast, topics};

/// Why an action cannot be done now.
type Reason = String;

/// Whether an action can be done now.
///
/// # Errors
/// With the reason, for the user.
pub(in crate::tui) fn enabled(model: &Model, binding: &Binding) -> Result<(), Reason> {
    if model.is_read_only && binding.danger.is_mutating() {
        return Err("this console may only look: it was started with --read-only".into());
    }
    match binding.action {
        Action::Start | Action::Pause | Action::Stop => flows::enabled(model, binding.action),
        _ => Ok(()),
    }
}

/// Whether a hint for an action is worth its place now.
pub(in crate::tui) fn is_shown(model: &Model, binding: &Binding) -> bool {
    binding.rank > 0 && (!binding.danger.is_mutating() || enabled(model, binding).is_ok())
}

/// Does what a binding says, or tells why not.
pub(super) fn perform(model: &mut Model, binding: &'static Binding) -> Vec<Effect> {
    if let Err(reason) = enabled(model, binding) {
        toast(model, ToastTone::Warn, reason);
        return Vec::new();
    }
    let action = binding.action;
    match binding.context {
        Context::Palette => palette::act(model, action),
        Context::Help => help::act(model, action),
        Context::Confirm | Context::ConfirmTyped => confirm::act(model, action),
        Context::Themes => themes::act(model, action),
        Context::Tasks => {
            model.overlays.pop();
            Vec::new()
        }
        Context::FilterLine => filter_line(model, action),
        _ => on_page(model, binding),
    }
}

fn on_page(model: &mut Model, binding: &'static Binding) -> Vec<Effect> {
    let action = binding.action;
    match action {
        Action::GoFlows => return go(model, Tab::Flows),
        Action::GoTopics => return go(model, Tab::Topics),
        Action::GoLive => return go(model, Tab::Live),
        Action::GoLogs => return go(model, Tab::Logs),
        Action::GoClusters => return go(model, Tab::Clusters),
        Action::HistoryBack => drop(model.navigation.back()),
        Action::HistoryForward => drop(model.navigation.forward()),
        Action::Back => back(model),
        Action::Palette => {
            model.overlays.push(Overlay::Palette(Palette { contexts: model.contexts(), ..Palette::default() }))
        }
        Action::Help => model.overlays.push(Overlay::Help(Help { contexts: model.contexts(), ..Help::default() })),
        Action::Tasks => model.overlays.push(Overlay::Tasks),
        Action::Themes => {
            let before = model.theme.name.clone();
            let cursor = model.theme_names.iter().position(|name| *name == before).unwrap_or(0);
            model.overlays.push(Overlay::Themes(Themes { cursor, before }));
        }
        Action::Quit => return confirm::quit(model),
        Action::Suspend => return vec![Effect::Suspend],
        Action::Redraw => return vec![Effect::Redraw],
        Action::Refresh => return refresh(model),
        Action::Debug => model.is_debugging = !model.is_debugging,
        Action::Freeze => freeze(model),
        Action::TimeZone => {
            let utc = jiff::tz::TimeZone::UTC;
            let is_utc = model.time_zone == utc;
            model.time_zone = if is_utc { jiff::tz::TimeZone::system() } else { utc };
        }
        _ => return on_list(model, binding),
    }
    settle(model);
    Vec::new()
}

fn on_list(model: &mut Model, binding: &'static Binding) -> Vec<Effect> {
    let keys = row_keys(model);
    let movement = movement(binding.action);
    let columns = sort_columns(model);
    if let Some(list) = model.list_mut() {
        if let Some(movement) = movement {
            list.go(movement, &keys);
            return Vec::new();
        }
        if arrange(list, binding.action, &keys, columns) {
            settle(model);
            return Vec::new();
        }
    }
    match model.navigation.tab() {
        Tab::Flows => flows::act(model, binding),
        Tab::Topics => topics::act(model, binding),
        Tab::Live | Tab::Logs | Tab::Clusters => Vec::new(),
    }
}

/// Changes what a list shows and how; whether the action was about that.
fn arrange(list: &mut ListState, action: Action, keys: &[String], columns: usize) -> bool {
    match action {
        Action::Filter => list.is_typing_filter = true,
        Action::Sort => list.sort_by_next(columns),
        Action::Reverse => list.sort.is_descending = !list.sort.is_descending,
        Action::Problems => list.is_problems_only = !list.is_problems_only,
        Action::Mark => {
            list.toggle_mark();
            list.go(Move::Down, keys);
        }
        Action::MarkAll => list.toggle_marks(keys),
        _ => return false,
    }
    true
}

fn sort_columns(model: &Model) -> usize {
    match model.navigation.tab() {
        Tab::Flows => flows::SORTS,
        Tab::Topics => topics::SORTS,
        Tab::Live | Tab::Logs | Tab::Clusters => 1,
    }
}

fn movement(action: Action) -> Option<Move> {
    Some(match action {
        Action::Down => Move::Down,
        Action::Up => Move::Up,
        Action::PageDown => Move::PageDown,
        Action::PageUp => Move::PageUp,
        Action::First => Move::First,
        Action::Last => Move::Last,
        _ => return None,
    })
}

fn filter_line(model: &mut Model, action: Action) -> Vec<Effect> {
    let keys = row_keys(model);
    if let Some(list) = model.list_mut() {
        match (action, movement(action)) {
            (_, Some(movement)) => list.go(movement, &keys),
            (Action::Accept, _) => list.is_typing_filter = false,
            _ => drop(list.clear_filter()),
        }
    }
    settle(model);
    Vec::new()
}

fn go(model: &mut Model, tab: Tab) -> Vec<Effect> {
    model.navigation.go(tab);
    settle(model);
    match tab {
        Tab::Topics => topics::entered(model),
        _ => Vec::new(),
    }
}

fn refresh(model: &mut Model) -> Vec<Effect> {
    match model.navigation.tab() {
        Tab::Topics => topics::refresh(model),
        _ => {
            toast(model, ToastTone::Info, "this page is always up to date");
            Vec::new()
        }
    }
}

/// One step back: the filter, then the marks, then messages, then the page. Never out of the console.
fn back(model: &mut Model) {
    if let Some(list) = model.list_mut()
        && (list.clear_filter() || !std::mem::take(&mut list.marks).is_empty())
    {
        return;
    }
    if model.toasts.clear() || model.frozen_since_ms.take().is_some() || model.navigation.close() {
        return;
    }
    if model.navigation.tab() != Tab::Flows {
        model.navigation.go(Tab::Flows);
    }
}

fn freeze(model: &mut Model) {
    model.frozen_since_ms = match model.frozen_since_ms {
        None => Some(model.now.wall_ms),
        Some(_) => None,
    };
}
