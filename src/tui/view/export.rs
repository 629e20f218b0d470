//! The export dialog.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::export::SecretForm;
use crate::report::option;
use crate::tui::equivalent::equivalent;
use crate::tui::model::Model;
use crate::tui::model::export::{Export, ExportField};
use crate::tui::services::ExportFound;
use crate::tui::theme::Role;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::text::wrap;

/// Columns of the dialog: configurations and commands are wide.
const COLUMNS: u16 = 100;
/// Lines of the text at least, where there is room.
const TEXT_MIN: usize = 3;

/// Lines inside the dialog from which on all fields are shown.
const FIELDS_ROWS_MIN: u16 = 9;

/// A line, and how it looks.
type Line = (String, Role);

pub(super) fn draw(model: &Model, export: &Export, within: Rect, buffer: &mut Buffer) {
    let area = super::popup(model, within, COLUMNS, within.height.min(30), buffer);
    let verdict = match &export.found {
        _ if export.ready().is_some() => "round trip: reads back equal",
        Some((wish, Err(_))) if *wish == export.wish() => "not exported",
        _ => "reading",
    };
    let title = "Export for headless mode";
    let inside = Panel { title, foot: verdict, has_focus: true, ..Panel::default() }.draw(model, area, buffer);
    let columns = usize::from(inside.width).saturating_sub(2);
    // On the smallest screens only the field that keys go to is shown: the text is what matters.
    let is_shown = |field: &ExportField| inside.height >= FIELDS_ROWS_MIN || *field == export.field;
    let fields: Vec<ExportField> = ExportField::ALL.into_iter().filter(is_shown).collect();
    for (row, field) in (0..).zip(&fields) {
        draw_field(model, export, *field, line(inside, row), buffer);
    }
    let text = text(export, columns);
    let mut notes = notes(model, export, columns);
    let room = usize::from(inside.height).saturating_sub(fields.len());
    // On a small screen the text comes first, the commands last.
    notes.truncate(room.saturating_sub(TEXT_MIN + 2));
    let rules = if notes.is_empty() { 1 } else { 2 };
    let height = room.saturating_sub(notes.len() + rules);
    let top = export.top.min(text.len().saturating_sub(height));
    let mut row = u16::try_from(fields.len()).unwrap_or(0);
    rule(model, line(inside, row), buffer);
    row += 1;
    for (number, (text, role)) in (row..).zip(text.iter().skip(top).take(height)) {
        put(model, line(inside, number), text, model.theme.style(*role), buffer);
    }
    row += u16::try_from(height).unwrap_or(0);
    if !notes.is_empty() {
        rule(model, line(inside, row), buffer);
        for (number, (text, role)) in (row + 1..).zip(&notes) {
            put(model, line(inside, number), text, model.theme.style(*role), buffer);
        }
    }
}

fn put(model: &Model, area: Rect, text: &str, style: Style, buffer: &mut Buffer) {
    Pen::new(buffer, area, model.symbols).skip(1).write(text, style);
}

fn rule(model: &Model, area: Rect, buffer: &mut Buffer) {
    let columns = usize::from(area.width).saturating_sub(2);
    let text = model.symbols.horizontal.repeat(columns);
    Pen::new(buffer, area, model.symbols).skip(1).write_drawn(&text, model.theme.style(Role::Dim));
}

fn draw_field(model: &Model, export: &Export, field: ExportField, area: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    let has_focus = export.field == field;
    let mut style = theme.style(Role::Text);
    let mut name = theme.style(Role::Dim);
    if has_focus {
        (style, name) = (theme.selected(), theme.selected());
        buffer.set_style(area, style);
    }
    let mut pen = Pen::new(buffer, area, model.symbols);
    pen.skip(1);
    match field {
        ExportField::File => {
            let (before, behind) = export.line.halves();
            pen.write("file     ", name);
            if has_focus {
                pen.write(before, style).write(model.symbols.cursor, theme.style(Role::Accent)).write(behind, style);
            } else {
                pen.write(before, style).write(behind, style);
            }
            pen.skip(2).write(&existing(export), name);
        }
        ExportField::Scope => {
            let flow = export.flow.as_ref().map(|flow| choice(!export.is_whole, &format!("flow {flow}")));
            let whole = choice(export.is_whole, "all of the configuration");
            pen.write("scope    ", name).write(&flow.into_iter().chain([whole]).collect::<Vec<_>>().join("  "), style);
        }
        ExportField::Secrets => {
            let form = |form, text| choice(export.secrets == form, text);
            let forms = [
                form(SecretForm::Env, "env:NAME"),
                form(SecretForm::File, "file:PATH"),
                form(SecretForm::Omit, "none"),
            ];
            pen.write("secrets  ", name).write(&forms.join("  "), style).skip(2).write("(never plain)", name);
        }
        ExportField::Offsets => {
            let mark = if export.has_progress { "[x]" } else { "[ ]" };
            pen.write("offsets  ", name).write(mark, style).write(" begin where the flows stand now", style);
        }
    }
}

fn choice(is_chosen: bool, text: &str) -> String {
    format!("({}) {text}", if is_chosen { "*" } else { " " })
}

/// What becomes of the file.
fn existing(export: &Export) -> String {
    match export.ready() {
        Some(ExportFound { before: None, .. }) => "new".to_owned(),
        Some(found) if found.diff.is_empty() => "holds this already".to_owned(),
        Some(_) => "exists, differs (D: diff)".to_owned(),
        None => String::new(),
    }
}

/// The text, how it differs from the file, or why there is none.
fn text(export: &Export, columns: usize) -> Vec<Line> {
    let plain = |text: &str, role| text.lines().map(|line| (line.to_owned(), role)).collect::<Vec<_>>();
    match &export.found {
        None => vec![("reading the configuration".to_owned(), Role::Dim)],
        Some((_, Err(error))) => wrap(error, columns).into_iter().map(|text| (text, Role::Err)).collect(),
        Some((_, Ok(found))) if !export.is_diff => plain(&found.text, Role::Text),
        Some((_, Ok(found))) if found.before.is_none() => plain("there is no such file yet", Role::Dim),
        Some((_, Ok(found))) if found.diff.is_empty() => plain("the file holds this already", Role::Dim),
        Some((_, Ok(found))) => found.diff.lines().map(|line| (line.to_owned(), role_of(line))).collect(),
    }
}

/// How a line of a difference looks.
fn role_of(line: &str) -> Role {
    match line.as_bytes().first() {
        Some(b'+') => Role::Ok,
        Some(b'-') => Role::Err,
        Some(b'@') => Role::Accent,
        _ => Role::Dim,
    }
}

/// What it wants, and the commands that use it.
fn notes(model: &Model, export: &Export, columns: usize) -> Vec<Line> {
    let mut notes = Vec::new();
    let mut tell = |name: &str, text: String, role| {
        for (number, part) in wrap(&text, columns.saturating_sub(7)).into_iter().enumerate() {
            notes.push((format!("{:<6} {part}", if number == 0 { name } else { "" }), role));
        }
    };
    if let Some(found) = export.ready() {
        let files = found.files.iter().map(|file| file.display().to_string());
        let needs: Vec<String> = found.variables.iter().cloned().chain(files).collect();
        if !needs.is_empty() {
            tell("needs", needs.join(", "), Role::Warn);
        }
        if !found.omitted.is_empty() {
            tell("lacks", found.omitted.join(", "), Role::Warn);
        }
    }
    let options = option("-c", &export.wish().path.to_string_lossy());
    tell("run", format!("kmirror run {options}"), Role::Text);
    tell("check", format!("kmirror check {options}"), Role::Text);
    let at = option("--at", &export.wish().path.to_string_lossy());
    tell("unit", format!("kmirror export {options} --as systemd {at}"), Role::Text);
    if let Some(command) = equivalent(model, &export.command()) {
        tell("same", command, Role::Dim);
    }
    notes
}
