//! What was logged and what happened:
//!
//! ```text
//!  / level>=warn flow=orders ~timeout█                    38 of 12,940   2 errors
//!  TIME          L FROM        MESSAGE
//!  14:01:40.118  E engine      payments.refund/4 is blocked: not authorized ...
//! ```

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::report::number;
use crate::telemetry::LogLevel;
use crate::tui::model::logs::LogEntry;
use crate::tui::model::{Density, Model};
use crate::tui::theme::Role;
use crate::tui::update::shown_log;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line, write_right};
use crate::tui::widget::table::{Cell, Column, ColumnWidth, Table};
use crate::tui::words::level_word;

const TIME: Column = Column { title: "TIME", width: ColumnWidth::Fixed(12), is_right: false, leaves: 2, sort: None };
const FLOW: Column = Column { title: "FLOW", width: ColumnWidth::Fixed(12), is_right: false, leaves: 4, sort: None };
const FROM: Column = Column { title: "FROM", width: ColumnWidth::Fixed(10), is_right: false, leaves: 3, sort: None };
const MESSAGE: Column =
    Column { title: "MESSAGE", width: ColumnWidth::Fill(20), is_right: false, leaves: 0, sort: None };
/// The level as a letter, or as a word where there is room.
const LEVEL_LETTER: Column =
    Column { title: "L", width: ColumnWidth::Fixed(1), is_right: false, leaves: 0, sort: None };
const LEVEL_WORD: Column =
    Column { title: "LEVEL", width: ColumnWidth::Fixed(5), is_right: false, leaves: 0, sort: None };

const NORMAL: &[Column] = &[TIME, LEVEL_LETTER, FROM, MESSAGE];
const WIDE: &[Column] = &[TIME, LEVEL_WORD, FROM, FLOW, MESSAGE];

pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let entries = shown_log(model);
    let is_wide = model.density() == Density::Wide;
    let foot = if model.logs.list.follows == Some(true) { "follow" } else { "paused: f follows" };
    let title_right = format!("{foot}  {}", level_text(model.logs.level));
    let title = if is_wide { "Logs" } else { "" };
    let panel = Panel { title, title_right: &title_right, has_focus: true, ..Panel::default() };
    let inside = panel.draw_fitting(model, area, buffer);
    filter_line(model, &entries, &title_right, line(inside, 0), buffer);
    let inside = Rect { y: inside.y + 1, height: inside.height.saturating_sub(1), ..inside };
    let keys: Vec<String> = entries.iter().map(|entry| entry.key()).collect();
    let zone = model.time_zone();
    let columns = if is_wide { WIDE } else { NORMAL };
    let table = Table { columns, list: &model.logs.list, keys: &keys };
    table.draw(model, inside, buffer, |row| cells(model, &entries[row], &zone, is_wide));
    if entries.is_empty() {
        let text = if model.logs.total() == 0 { "nothing was logged yet" } else { "no line fits" };
        Pen::new(buffer, line(inside, 1), model.symbols).skip(2).write(text, model.theme.style(Role::Dim));
    }
}

/// The filter, how many lines it lets through, and how many of them are errors.
fn filter_line(model: &Model, entries: &[std::sync::Arc<LogEntry>], mode: &str, area: Rect, buffer: &mut Buffer) {
    let (theme, list) = (&model.theme, &model.logs.list);
    let mut pen = Pen::new(buffer, area, model.symbols);
    pen.skip(1).write("/ ", theme.style(Role::Key));
    let (before, behind) = list.filter_line.halves();
    if let Some(error) = &list.filter_error {
        pen.write(list.filter_line.text(), theme.style(Role::Err)).skip(2).write(error, theme.style(Role::Err));
        return;
    }
    if before.is_empty() && behind.is_empty() && !list.is_typing_filter {
        pen.write("level>=warn flow=NAME ~text /regex/ !not", theme.style(Role::Disabled));
    }
    pen.write(before, theme.style(Role::Input));
    if list.is_typing_filter {
        pen.write(model.symbols.cursor, theme.style(Role::Accent));
    }
    pen.write(behind, theme.style(Role::Input)).skip(2);
    let errors = entries.iter().filter(|entry| entry.is_error()).count();
    let mut counts = format!("{} of {}", number::exact(entries.len()), number::exact(model.logs.total()));
    if errors > 0 {
        counts += &format!("  {errors} error{}", if errors == 1 { "" } else { "s" });
    }
    if model.density() != Density::Wide && pen.room() > counts.len() + mode.len() + 5 {
        counts = format!("{mode}  {counts}");
    }
    if pen.room() > counts.len() + 1 {
        let role = if errors > 0 { Role::Err } else { Role::Dim };
        let right = Rect { width: area.width.saturating_sub(1), ..area };
        write_right(buffer, right, &counts, theme.style(role), model.symbols);
    }
}

fn level_text(level: LogLevel) -> String {
    match level {
        LogLevel::Trace | LogLevel::Debug => "all levels".into(),
        LogLevel::Info | LogLevel::Warn => format!("{}+", level_word(level)),
        LogLevel::Error => "errors".into(),
    }
}

fn cells<'a>(model: &Model, entry: &'a LogEntry, zone: &TimeZone, is_wide: bool) -> Vec<Cell<'a>> {
    let theme = &model.theme;
    let (dim, text) = (theme.style(Role::Dim), theme.style(Role::Text));
    let (role, message) = match entry.level {
        LogLevel::Error => (Role::Err, theme.style(Role::Err)),
        LogLevel::Warn => (Role::Warn, text),
        LogLevel::Info => (Role::Info, text),
        LogLevel::Debug | LogLevel::Trace => (Role::Dim, dim),
    };
    let time = Cell::new(time_of_day(entry.at_ms, zone), dim);
    let level = theme.style(role);
    let word = level_word(entry.level);
    let from = Cell::new(entry.origin(), dim);
    // The beginning of a message matters more than its end.
    let message = Cell::prose(entry.text.as_str(), message);
    if is_wide {
        let flow = entry.flow.as_ref().map(|flow| flow.as_str()).unwrap_or_default();
        vec![time, Cell::new(word, level), from, Cell::new(flow, theme.style(Role::Accent)), message]
    } else {
        vec![time, Cell::new(word[..1].to_uppercase(), level), from, message]
    }
}

fn time_of_day(at_ms: i64, zone: &TimeZone) -> String {
    let time = Timestamp::from_millisecond(at_ms).map(|time| time.to_zoned(zone.clone()));
    time.map(|time| time.strftime("%H:%M:%S%.3f").to_string()).unwrap_or_default()
}
