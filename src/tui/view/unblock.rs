//! What can be done about something blocked.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::engine::Choice;
use crate::model::StartPosition;
use crate::tui::model::Model;
use crate::tui::model::input_line::InputLine;
use crate::tui::model::live::unblock::Unblock;
use crate::tui::theme::Role;
use crate::tui::update::resume_consequence;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::text::wrap;

/// Columns of the dialog: commands are long.
const COLUMNS: u16 = 100;

/// A line of the dialog. Those of an entry know its number, for the cursor.
struct Row {
    text: String,
    role: Role,
    entry: Option<usize>,
}

pub(super) fn draw(model: &Model, unblock: &Unblock, within: Rect, buffer: &mut Buffer) {
    let columns = usize::from(COLUMNS.min(within.width).saturating_sub(4));
    let rows = match &unblock.line {
        Some(typed) => position_rows(model, unblock, typed, columns),
        None => choice_rows(model, unblock, columns),
    };
    let height = u16::try_from(rows.len() + 2).unwrap_or(u16::MAX);
    let area = super::popup(model, within, COLUMNS, height, buffer);
    let title = format!("{} is blocked", unblock.what);
    let inside = Panel { title: &title, has_focus: true, ..Panel::default() }.draw(model, area, buffer);
    let at = rows.iter().position(|row| row.entry == Some(unblock.cursor) && unblock.line.is_none());
    let room = usize::from(inside.height);
    // The row of the cursor is seen, however small the screen is.
    let top = at.map_or(0, |at| (at + 2).saturating_sub(room)).min(rows.len().saturating_sub(room));
    for (number, row) in (0..).zip(rows.iter().skip(top).take(room)) {
        let area = line(inside, number);
        let mut style: Style = model.theme.style(row.role);
        if row.entry == Some(unblock.cursor) && unblock.line.is_none() {
            style = style.patch(model.theme.selected());
            buffer.set_style(area, style);
        }
        Pen::new(buffer, area, model.symbols).skip(1).write(&row.text, style);
    }
    if let Some(typed) = &unblock.line {
        draw_line(model, typed, inside, rows.iter().position(|row| row.role == Role::Input), buffer);
    }
}

fn choice_rows(model: &Model, unblock: &Unblock, columns: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    push(&mut rows, &unblock.why.to_string(), Role::Err, columns);
    push(&mut rows, &unblock.remedy.text, Role::Dim, columns);
    rows.push(blank());
    push(&mut rows, "Here (enter does it):", Role::Title, columns);
    for (entry, choice) in unblock.choices.iter().enumerate() {
        let (text, role) = match model.is_read_only {
            true => (format!("{}  (not with --read-only)", choice_text(*choice, unblock)), Role::Disabled),
            false => (choice_text(*choice, unblock), Role::Text),
        };
        rows.push(Row { text: format!("  {text}"), role, entry: Some(entry) });
    }
    if !unblock.remedy.ways.is_empty() {
        rows.push(blank());
        push(&mut rows, "In a shell, or in the configuration (y copies):", Role::Title, columns);
    }
    for (entry, way) in (unblock.choices.len()..).zip(&unblock.remedy.ways) {
        push(&mut rows, &format!("{}:", way.effect), Role::Dim, columns);
        let command = wrap(&way.command, columns.saturating_sub(2)).into_iter();
        rows.extend(command.map(|text| Row { text: format!("  {text}"), role: Role::Text, entry: Some(entry) }));
    }
    rows
}

fn choice_text(choice: Choice, unblock: &Unblock) -> String {
    match choice {
        Choice::Retry => "try again at the same position".into(),
        Choice::ResumeAt => "go on at a position to be typed…".into(),
        Choice::SkipRecord => match unblock.record() {
            Some((_, offset)) => format!("leave out the record at offset {offset}…"),
            None => "leave out the record…".into(),
        },
        Choice::Mirror => "mirror it, from its beginning…".into(),
        Choice::Ignore => "leave it alone until kmirror is started anew…".into(),
        Choice::Adopt => "go on where the other flow has stopped…".into(),
    }
}

/// The line to type in, what it may be, and what it would mean.
fn position_rows(model: &Model, unblock: &Unblock, typed: &InputLine, columns: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    push(&mut rows, &unblock.why.to_string(), Role::Err, columns);
    rows.push(blank());
    rows.push(Row { text: String::new(), role: Role::Input, entry: None });
    rows.push(blank());
    match typed.text().trim().parse::<StartPosition>() {
        Ok(at) => {
            let flow = unblock.scopes.first().and_then(|scope| model.snapshot.flow(&scope.flow));
            let lines = flow.map(|flow| resume_consequence(flow, &unblock.scopes, &at)).unwrap_or_default();
            lines.iter().for_each(|text| push(&mut rows, text, Role::Warn, columns));
        }
        Err(_) if typed.text().trim().is_empty() => {
            push(
                &mut rows,
                "earliest, latest, an offset such as 12345, last 10000, -2h, group:NAME,",
                Role::Dim,
                columns,
            );
            push(&mut rows, "or a time such as 2026-05-01T12:00:00Z", Role::Dim, columns);
        }
        Err(error) => push(&mut rows, &error.to_string(), Role::Err, columns),
    }
    rows
}

fn draw_line(model: &Model, typed: &InputLine, inside: Rect, row: Option<usize>, buffer: &mut Buffer) {
    let Some(row) = row.and_then(|row| u16::try_from(row).ok()) else { return };
    let (before, behind) = typed.halves();
    let theme = &model.theme;
    Pen::new(buffer, line(inside, row), model.symbols)
        .skip(1)
        .write("go on at: ", theme.style(Role::Dim))
        .write(before, theme.style(Role::Input))
        .write(model.symbols.cursor, theme.style(Role::Accent))
        .write(behind, theme.style(Role::Input));
}

fn push(rows: &mut Vec<Row>, text: &str, role: Role, columns: usize) {
    rows.extend(wrap(text, columns).into_iter().map(|text| Row { text, role, entry: None }));
}

fn blank() -> Row {
    Row { text: String::new(), role: Role::Text, entry: None }
}
