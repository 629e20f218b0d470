//! Actions: what is possible, and what it does.

use crate::tui::effect::Effect;
use crate::tui::keymap::{Action, Binding, Context};
use crate::tui::model::Model;
use crate::tui::model::list::{ListState, Move};
use crate::tui::model::listing::{self, ListingFormat};
use crate::tui::model::navigation::Tab;
use crate::tui::model::overlay::{Help, Overlay, Themes};
use crate::tui::model::toast::ToastTone;

use super::{
    cards, confirm, demo, editor, export, first_run, help, live, logs, offsets, palette, settle, shell, tasks, themes,
    toast,
};

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
    match binding.context {
        Context::Confirm | Context::ConfirmTyped => confirm::enabled(model, binding.action),
        Context::Cards => cards::enabled(model, binding.action),
        Context::Demo => demo::enabled(model),
        Context::Troubles if binding.action != Action::Cancel => demo::enabled(model),
        _ => model.page().enabled(model, binding),
    }
}

/// Whether a hint for an action is worth its place now.
pub(in crate::tui) fn is_shown(model: &Model, binding: &Binding) -> bool {
    binding.rank > 0 && enabled(model, binding).is_ok()
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
        Context::Cards => cards::act(model, action),
        Context::OpenFile => first_run::name_file(model, action),
        Context::Troubles => demo::act(model, action),
        Context::Reading => logs::read(model, action),
        Context::Themes => themes::act(model, action),
        Context::Tasks => tasks::act(model, action),
        Context::Shell => shell::act(model, action),
        Context::Export | Context::ExportFile => export::act(model, action),
        Context::Unblock | Context::UnblockPosition => live::unblock::act(model, action),
        Context::SavedOffsets => offsets::restore::act(model, action),
        Context::AddToFlow => editor::pick::act(model, action),
        Context::FilterLine => filter_line(model, action),
        _ => on_page(model, binding),
    }
}

fn on_page(model: &mut Model, binding: &'static Binding) -> Vec<Effect> {
    let action = binding.action;
    match action {
        Action::GoFlows => return go(model, Tab::Flows),
        Action::GoTopics => return go(model, Tab::Topics),
        Action::GoEditor => return go(model, Tab::Editor),
        Action::GoOffsets => return go(model, Tab::Offsets),
        Action::GoLive => return go(model, Tab::Live),
        Action::GoLogs => return go(model, Tab::Logs),
        Action::GoClusters => return go(model, Tab::Clusters),
        Action::HistoryBack if model.navigation.back() => return arrive(model),
        Action::HistoryForward if model.navigation.forward() => return arrive(model),
        Action::HistoryBack | Action::HistoryForward => toast(model, ToastTone::Info, "you have been nowhere else"),
        Action::Back => back(model),
        Action::Palette => palette::open(model),
        Action::Help => model.overlays.push(Overlay::Help(Help { contexts: model.contexts(), ..Help::default() })),
        Action::Cards => cards::open(model),
        Action::EditOffsets => return offsets::open(model),
        Action::Troubles => demo::open(model),
        _ if binding.context == Context::Demo => return demo::act(model, action),
        Action::Shell => shell::open(model),
        Action::Export => return export::open(model),
        Action::Tasks => model.overlays.push(Overlay::Tasks(0)),
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
        Action::TimeZone => model.is_utc = !model.is_utc,
        _ => return on_list(model, binding),
    }
    settle(model);
    Vec::new()
}

fn on_list(model: &mut Model, binding: &'static Binding) -> Vec<Effect> {
    let page = model.page();
    let rows = page.rows(model);
    let problems = || rows.iter().map(|row| page.has_problem(model, row)).collect::<Vec<_>>();
    let to_problem = match binding.action {
        Action::NextProblem => Some(next_problem(model, &problems(), true)),
        Action::PreviousProblem => Some(next_problem(model, &problems(), false)),
        _ => None,
    };
    let sorts = page.sorts_shown(model);
    if let Some(list) = page.list_mut(model) {
        if let Some(movement) = movement(binding.action) {
            list.go(movement, &rows);
            return Vec::new();
        }
        if let Some(found) = to_problem {
            match found {
                Some(row) => list.select(row, &rows),
                None => toast(model, ToastTone::Info, "no row has a problem"),
            }
            return Vec::new();
        }
        if arrange(list, binding.action, &rows, sorts) {
            settle(model);
            return Vec::new();
        }
    }
    match binding.action {
        Action::CopyRow => copy_row(model),
        Action::Write if rows.is_empty() => {
            toast(model, ToastTone::Info, "there is nothing to write");
            Vec::new()
        }
        Action::Write => palette::open_for(model, Action::Write),
        _ => page.act(model, binding),
    }
}

/// The next row with a problem, forward or back from the cursor, round the end.
fn next_problem(model: &Model, problems: &[bool], is_forward: bool) -> Option<usize> {
    let cursor = model.list()?.cursor;
    let count = problems.len();
    let step = |n: usize| if is_forward { (cursor + n) % count } else { (cursor + count - n) % count };
    (1..=count).map(step).find(|row| problems[*row])
}

fn copy_row(model: &mut Model) -> Vec<Effect> {
    let Some(row) = model.list().and_then(|list| list.selected.clone()) else { return Vec::new() };
    let listing = model.page().listing(model, Some(&row));
    let cells = |row: &Vec<_>| row.iter().map(listing::plain).collect::<Vec<_>>().join("\t");
    listing.rows.first().map(|row| Effect::Copy(cells(row))).into_iter().collect()
}

/// Writes the list that is shown into a file.
pub(super) fn write_listing(model: &mut Model, format: ListingFormat) -> Vec<Effect> {
    let listing = model.page().listing(model, None);
    if listing.rows.is_empty() {
        toast(model, ToastTone::Info, "there is nothing to write");
        return Vec::new();
    }
    let name = format!("{}.{}", model.navigation.tab().title().to_lowercase(), format.word());
    vec![Effect::WriteFile { name, text: listing.text(format) }]
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

/// Where a key moves to.
pub(super) fn movement(action: Action) -> Option<Move> {
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
    let keys = model.page().rows(model);
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

pub(super) fn go(model: &mut Model, tab: Tab) -> Vec<Effect> {
    model.navigation.go(tab);
    arrive(model)
}

/// A page is shown that was not before.
pub(super) fn arrive(model: &mut Model) -> Vec<Effect> {
    let effects = model.page().entered(model);
    settle(model);
    effects
}

fn refresh(model: &mut Model) -> Vec<Effect> {
    model.page().refresh(model).unwrap_or_else(|| {
        toast(model, ToastTone::Info, "this page is always up to date");
        Vec::new()
    })
}

/// One step back: the filter, then the marks, then messages, then the page. Never out of the console.
fn back(model: &mut Model) {
    if let Some(list) = model.list_mut()
        && (list.clear_filter() || !std::mem::take(&mut list.marks).is_empty())
    {
        return;
    }
    if model.page().step_back(model) {
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
