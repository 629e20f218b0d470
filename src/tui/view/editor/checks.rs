//! What was found about the draft: the gravest first, with what a key can do about it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{cut_below, severity_look};
use crate::preview::{Check, Severity};
use crate::report::number;
use crate::tui::model::Model;
use crate::tui::model::editor::sheet::Sheet;
use crate::tui::theme::Role;
use crate::tui::update::editor::{check_at_hand, check_rows, fix_at_hand};
use crate::tui::widget::list_line::draw_list_line;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::table::{Cell, Column, ColumnWidth, Table};
use crate::tui::widget::text::{width, wrap};

/// How many of each there are: `1E 3W`.
pub(super) fn write_counts(model: &Model, sheet: &Sheet, pen: &mut Pen<'_>) {
    for severity in [Severity::Error, Severity::Warning] {
        let (letter, role) = severity_look(severity);
        let count = sheet.n_checks(severity);
        if count > 0 {
            pen.write(&format!("{count}{letter} "), model.theme.style(role));
        }
    }
}

fn count_words(sheet: &Sheet) -> String {
    let errors = sheet.n_checks(Severity::Error);
    let warnings = sheet.n_checks(Severity::Warning);
    match (errors, warnings, sheet.checks.len()) {
        (0, 0, _) => String::new(),
        (0, warnings, _) => number::counted(warnings, "warning"),
        (errors, 0, _) => number::counted(errors, "error"),
        (errors, warnings, _) => {
            format!("{}  {}", number::counted(errors, "error"), number::counted(warnings, "warning"))
        }
    }
}

/// As many as there is room for.
pub(super) fn draw(model: &Model, sheet: &Sheet, area: Rect, buffer: &mut Buffer) {
    let words = count_words(sheet);
    let is_framed = model.density() == crate::tui::model::Density::Wide;
    let right = if is_framed { "" } else { words.as_str() };
    let panel = Panel { title: "Checks", title_right: right, foot: &words, has_focus: false };
    let inside = panel.draw_fitting(model, area, buffer);
    let theme = &model.theme;
    if sheet.checks.is_empty() {
        let (text, role) = match sheet.took {
            Some(_) => ("nothing to complain about", Role::Ok),
            None => ("not checked yet", Role::Dim),
        };
        Pen::new(buffer, line(inside, 0), model.symbols).skip(1).write(text, theme.style(role));
        return;
    }
    let room = usize::from(inside.height);
    let count = sheet.checks.len();
    let drawn = if count <= room { count } else { room.saturating_sub(1) };
    let offered = fix_at_hand(sheet);
    // What is offered is seen, though it be about a lesser finding.
    let offering =
        sheet.checks.iter().position(|check| check.fix.as_ref().map(|fix| &fix.change) == offered && offered.is_some());
    let mut places: Vec<usize> = (0..drawn).collect();
    if let (Some(offering), Some(last)) = (offering, places.last_mut())
        && offering >= drawn
    {
        *last = offering;
    }
    for (row, place) in (0..).zip(places) {
        let check = &sheet.checks[place];
        write_check(model, check, offering == Some(place), line(inside, row), buffer);
    }
    if drawn < count {
        let text = format!("{} {} more (c: all)", model.symbols.ellipsis, count - drawn);
        let row = u16::try_from(drawn).unwrap_or(0);
        Pen::new(buffer, line(inside, row), model.symbols).skip(3).write(&text, theme.style(Role::Dim));
    }
}

fn write_check(model: &Model, check: &Check, is_offered: bool, area: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    let (letter, role) = severity_look(check.severity);
    let fix = check.fix.as_ref().filter(|_| is_offered).map(|fix| fix.text.as_str()).unwrap_or_default();
    let is_roomy = width(&check.text) + width(fix) + 7 <= usize::from(area.width);
    let fix = if fix.is_empty() || is_roomy { fix } else { "fix" };
    let reserved = if fix.is_empty() { 0 } else { width(fix) + 4 };
    let left = Rect { width: area.width.saturating_sub(u16::try_from(reserved).unwrap_or(0)), ..area };
    let mut pen = Pen::new(buffer, left, model.symbols);
    pen.skip(1).write(letter, theme.style(role)).skip(1);
    let text = if check.severity == Severity::Info { Role::Dim } else { Role::Text };
    pen.write(&check.text, theme.style(text));
    if reserved > 0 {
        let right = Rect { x: left.right(), width: area.width - left.width, ..area };
        let mut pen = Pen::new(buffer, right, model.symbols);
        pen.right(width(fix) + 3).write("f ", theme.style(Role::Key)).write(fix, theme.style(Role::Dim));
    }
}

const COLUMNS: &[Column] = &[
    Column { title: "", width: ColumnWidth::Fixed(1), is_right: false, leaves: 0, sort: None },
    Column { title: "FINDING", width: ColumnWidth::Fill(30), is_right: false, leaves: 0, sort: Some(0) },
    Column { title: "TOPICS", width: ColumnWidth::Fixed(7), is_right: true, leaves: 2, sort: None },
    Column { title: "CHECK", width: ColumnWidth::Fixed(18), is_right: false, leaves: 3, sort: None },
    Column { title: "FIX", width: ColumnWidth::Fixed(3), is_right: false, leaves: 1, sort: None },
];

/// All of them, and the one at hand in full.
pub(super) fn draw_all(model: &Model, sheet: &Sheet, area: Rect, buffer: &mut Buffer) {
    let rows = check_rows(model);
    let keys: Vec<String> = rows.iter().map(ToString::to_string).collect();
    let (upper, lower) = cut_below(area, (area.height / 3).min(9));
    let words = count_words(sheet);
    let foot = format!("{}/{}", keys.len(), sheet.checks.len());
    let panel = Panel { title: "Checks", title_right: &words, foot: &foot, has_focus: true };
    let inside = panel.draw_fitting(model, upper, buffer);
    let list = &model.editor.checks;
    let inside = draw_list_line(model, list, COLUMNS, (keys.len(), sheet.checks.len()), inside, buffer);
    let theme = &model.theme;
    Table { columns: COLUMNS, list, keys: &keys }.draw(model, inside, buffer, |row| {
        let check = &sheet.checks[rows[row]];
        let (letter, role) = severity_look(check.severity);
        let topics = if check.n_topics > 0 { number::exact(check.n_topics as u64) } else { String::new() };
        vec![
            Cell::new(letter, theme.style(role)),
            Cell::prose(check.text.as_str(), theme.style(Role::Text)),
            Cell::new(topics, theme.style(Role::Dim)),
            Cell::new(check.id.as_str(), theme.style(Role::Dim)),
            Cell::new(if check.fix.is_some() { "f" } else { "" }, theme.style(Role::Key)),
        ]
    });
    if let Some(check) = check_at_hand(model) {
        in_full(model, check, lower, buffer);
    }
}

fn in_full(model: &Model, check: &Check, area: Rect, buffer: &mut Buffer) {
    let panel = Panel { title: check.id.as_str(), ..Panel::default() };
    let inside = panel.draw_fitting(model, area, buffer);
    let columns = usize::from(inside.width).saturating_sub(2);
    let mut lines: Vec<(String, Role)> =
        wrap(&check.text, columns).into_iter().map(|text| (text, Role::Text)).collect();
    if !check.topics.is_empty() {
        let names = check.topics.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let more = check.n_topics.saturating_sub(check.topics.len());
        let more = if more > 0 { format!(" and {} more", number::exact(more as u64)) } else { String::new() };
        lines.extend(wrap(&format!("{names}{more}"), columns).into_iter().map(|text| (text, Role::Dim)));
    }
    if let Some(fix) = &check.fix {
        lines.extend(wrap(&format!("f: {}", fix.text), columns).into_iter().map(|text| (text, Role::Accent)));
    }
    for (row, (text, role)) in (0..inside.height).zip(&lines) {
        Pen::new(buffer, line(inside, row), model.symbols).skip(1).write(text, model.theme.style(*role));
    }
}
