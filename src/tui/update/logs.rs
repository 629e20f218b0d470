//! What was logged and what happened: filtered, followed, read line by line.

use std::sync::Arc;

use jiff::Timestamp;

use crate::engine::Event;
use crate::telemetry::{LogLevel, LogLine, escape_untrusted};
use crate::tui::effect::Effect;
use crate::tui::keymap::{Action, Binding, Context};
use crate::tui::model::Model;
use crate::tui::model::list::{ListState, RowKeys};
use crate::tui::model::listing::Listing;
use crate::tui::model::logs::LogEntry;
use crate::tui::model::navigation::Tab;
use crate::tui::model::overlay::{Overlay, Reading};
use crate::tui::page::Page;
use crate::tui::words::level_word;

use super::settle;

/// The page.
pub(in crate::tui) struct Logs;

impl Page for Logs {
    fn contexts(&self, _model: &Model) -> Vec<Context> {
        vec![Context::Logs]
    }

    fn list<'a>(&self, model: &'a Model) -> Option<&'a ListState> {
        Some(&model.logs.list)
    }

    fn list_mut<'a>(&self, model: &'a mut Model) -> Option<&'a mut ListState> {
        Some(&mut model.logs.list)
    }

    fn rows(&self, model: &Model) -> RowKeys {
        shown(model).iter().map(|entry| entry.key()).collect()
    }

    fn has_problem(&self, model: &Model, row: &str) -> bool {
        entry(model, row).is_some_and(|entry| entry.is_error())
    }

    fn listing(&self, model: &Model, row: Option<&str>) -> Listing {
        let shown = shown(model);
        let wanted = shown.iter().filter(|entry| row.is_none_or(|row| entry.key() == row));
        let cells = |entry: &Arc<LogEntry>| {
            let flow = entry.flow.as_ref().map(|flow| escape_untrusted(flow.as_str()).into_owned());
            let text = escape_untrusted(&entry.text).into_owned();
            vec![stamp(entry).into(), level_word(entry.level).into(), entry.from.into(), flow.into(), text.into()]
        };
        Listing { heads: &["time", "level", "from", "flow", "message"], rows: wanted.map(cells).collect() }
    }

    fn enabled(&self, _model: &Model, binding: &Binding) -> Result<(), String> {
        match binding.action {
            Action::Sort | Action::Reverse => Err("the lines stand in the order of time".into()),
            Action::Mark | Action::MarkAll => {
                Err("lines are not marked: y copies one, w writes all that are shown".into())
            }
            _ => Ok(()),
        }
    }

    fn act(&self, model: &mut Model, binding: &'static Binding) -> Vec<Effect> {
        match binding.action {
            Action::Open => open(model),
            Action::Copy => return at_hand(model).map(|entry| Effect::Copy(whole(&entry))).into_iter().collect(),
            Action::Follow => follow(model),
            Action::Level => {
                model.logs.level = next_level(model.logs.level);
                settle(model);
            }
            _ => {}
        }
        Vec::new()
    }
}

/// The entries that are shown, the oldest first.
pub(in crate::tui) fn shown(model: &Model) -> Arc<Vec<Arc<LogEntry>>> {
    model.logs.shown(model.frozen_since_ms)
}

/// Takes an event in.
pub(super) fn take_event(model: &mut Model, event: &Event) {
    model.logs.take_event(event);
    if model.navigation.tab() == Tab::Logs {
        settle(model);
    }
}

/// Takes lines of the log in.
pub(super) fn take_lines(model: &mut Model, lines: Vec<LogLine>) {
    model.logs.take_lines(lines);
    if model.navigation.tab() == Tab::Logs {
        settle(model);
    }
}

fn entry(model: &Model, row: &str) -> Option<Arc<LogEntry>> {
    let number: u64 = row.parse().ok()?;
    shown(model).iter().find(|entry| entry.number == number).cloned()
}

fn at_hand(model: &Model) -> Option<Arc<LogEntry>> {
    entry(model, model.logs.list.selected.as_deref()?)
}

/// The whole line of an entry, as a file would have it.
fn whole(entry: &LogEntry) -> String {
    let flow = entry.flow.as_ref().map(|flow| format!(" flow={flow}")).unwrap_or_default();
    let line = format!("{} {:5} {}{flow} {}", stamp(entry), level_word(entry.level), entry.from, entry.text);
    escape_untrusted(&line).into_owned()
}

fn stamp(entry: &LogEntry) -> String {
    Timestamp::from_millisecond(entry.at_ms).map(|time| format!("{time:.3}")).unwrap_or_default()
}

fn open(model: &mut Model) {
    let Some(entry) = at_hand(model) else { return };
    let title = format!("{} from {}", level_word(entry.level), entry.from);
    let mut paragraphs = vec![stamp(&entry)];
    paragraphs.extend(entry.flow.as_ref().map(|flow| format!("flow {flow}")));
    paragraphs.push(String::new());
    paragraphs.push(entry.text.clone());
    let reading = Reading { title, paragraphs, copy: whole(&entry), top: 0 };
    model.overlays.push(Overlay::Reading(Box::new(reading)));
}

fn follow(model: &mut Model) {
    let follows = model.logs.list.follows == Some(true);
    model.logs.list.follows = Some(!follows);
    settle(model);
}

/// All, then less and less.
fn next_level(level: LogLevel) -> LogLevel {
    match level {
        LogLevel::Trace | LogLevel::Debug => LogLevel::Info,
        LogLevel::Info => LogLevel::Warn,
        LogLevel::Warn => LogLevel::Error,
        LogLevel::Error => LogLevel::Trace,
    }
}

/// A key while something is read.
pub(super) fn read(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Overlay::Reading(reading)) = model.overlays.last_mut() else { return Vec::new() };
    match action {
        Action::Down => reading.top += 1,
        Action::Up => reading.top = reading.top.saturating_sub(1),
        Action::PageDown => reading.top += READ_PAGE,
        Action::PageUp => reading.top = reading.top.saturating_sub(READ_PAGE),
        Action::Copy => return vec![Effect::Copy(reading.copy.clone())],
        _ => drop(model.overlays.pop()),
    }
    // Nobody scrolls past what there is, however narrow the window.
    if let Some(Overlay::Reading(reading)) = model.overlays.last_mut() {
        let columns = usize::from(model.size.0).saturating_sub(4).max(1);
        let longest: usize = reading.paragraphs.iter().map(|text| 1 + text.len() / columns.min(40)).sum();
        reading.top = reading.top.min(longest);
    }
    Vec::new()
}

/// Lines of a page of text.
const READ_PAGE: usize = 10;

#[cfg(test)]
mod tests;
