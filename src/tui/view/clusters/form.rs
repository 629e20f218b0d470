//! The form of a cluster, with what is wrong below its fields, and the test of what is typed.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{DetailLine, draw_lines, test_lines};
use crate::tui::model::clusters::form::{ClusterForm, Field, is_kept_secret};
use crate::tui::model::{Density, Model};
use crate::tui::theme::Role;
use crate::tui::update::test_name;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::text::{width, wrap};

/// Columns of the fields' names.
const NAMES: usize = 18;

pub(super) fn draw(model: &Model, form: &ClusterForm, area: Rect, buffer: &mut Buffer) {
    let test = model.clusters.tests.get(&test_name(form));
    let (form_area, test_area) = split(model, area, test.is_some());
    let title = if form.is_new { "Add a cluster" } else { "Edit a cluster" };
    let place = model.inventory.saves_to.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    let panel = Panel { title, title_right: &place, foot: "^s save  ^t test  esc leave", has_focus: true };
    let inside = panel.draw_fitting(model, form_area, buffer);
    let lines = lines(model, form, usize::from(inside.width));
    // The field that is typed into is always seen.
    let height = usize::from(inside.height);
    let at = lines.iter().position(|line| line.is_here).unwrap_or(0);
    let top = (at + 2).saturating_sub(height).min(lines.len().saturating_sub(height));
    for (row, form_line) in (0..).zip(lines.iter().skip(top).take(height)) {
        draw_line(model, form, form_line, line(inside, row), buffer);
    }
    if let Some(test) = test {
        let columns = usize::from(test_area.width).saturating_sub(super::NAMES + 6);
        let lines: Vec<DetailLine> = test_lines(model, test, columns);
        let inside = Panel { title: "Test", ..Panel::default() }.draw_fitting(model, test_area, buffer);
        draw_lines(model, &lines, inside, buffer);
    }
}

/// Side by side where that fits, else the test has the lower part.
fn split(model: &Model, area: Rect, has_test: bool) -> (Rect, Rect) {
    let nothing = Rect { height: 0, ..area };
    match (has_test, model.density()) {
        (false, _) | (_, Density::Tiny) => (area, nothing),
        (true, Density::Wide) => {
            let width = area.width / 2;
            (Rect { width, ..area }, Rect { x: area.x + width, width: area.width - width, ..area })
        }
        (true, Density::Normal) => {
            let height = area.height.saturating_sub(9).max(area.height / 2);
            (Rect { height, ..area }, Rect { y: area.y + height, height: area.height - height, ..area })
        }
    }
}

/// A line of the form.
struct FormLine {
    field: Option<Field>,
    text: String,
    role: Role,
    /// Whether keys go there.
    is_here: bool,
}

fn lines(model: &Model, form: &ClusterForm, columns: usize) -> Vec<FormLine> {
    let here = form.field();
    let mut lines = Vec::new();
    let remark = |text: &str, role: Role, indent: usize| -> Vec<FormLine> {
        let wrapped = wrap(text, columns.saturating_sub(indent + 2).max(10));
        let remark = |text| FormLine { field: None, text: format!("{:indent$}{text}", ""), role, is_here: false };
        wrapped.into_iter().map(remark).collect()
    };
    for field in form.fields() {
        lines.push(FormLine { field: Some(field), text: String::new(), role: Role::Text, is_here: field == here });
        if let Some(problem) = form.problem(field) {
            lines.extend(remark(&format!("{} {problem}", model.symbols.blocked), Role::Err, NAMES + 3));
        }
    }
    for problem in form.other_problems() {
        lines.extend(remark(&format!("{} {problem}", model.symbols.blocked), Role::Err, 1));
    }
    if form.is_leaving {
        let text = "what was typed is not saved: esc again leaves it, ^s saves it";
        lines.extend(remark(text, Role::Warn, 1));
    }
    lines
}

fn draw_line(model: &Model, form: &ClusterForm, form_line: &FormLine, area: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    let mut pen = Pen::new(buffer, area, model.symbols);
    let Some(field) = form_line.field else {
        pen.write(&form_line.text, theme.style(form_line.role));
        return;
    };
    let name = theme.style(if form_line.is_here { Role::Accent } else { Role::Dim });
    pen.write(if form_line.is_here { model.symbols.crumb } else { " " }, theme.style(Role::Accent)).skip(1);
    pen.write(&format!("{:NAMES$}", field.label()), name).skip(1);
    let value = form.value(field);
    match form.line(field).filter(|_| form_line.is_here && (form.is_new || field != Field::Name)) {
        Some(typed) => {
            let (before, behind) = typed.halves();
            // What is typed last stays in sight.
            let room = pen.room().saturating_sub(2);
            let hidden = width(before).saturating_sub(room);
            let before: String = before.chars().skip(hidden).collect();
            pen.write(&before, theme.style(Role::Input)).write(model.symbols.cursor, theme.style(Role::Accent));
            pen.write(behind, theme.style(Role::Input));
            if value.is_empty() {
                pen.skip(1).write(field.hint(), theme.style(Role::Disabled));
            }
        }
        None if field.is_choice() => {
            let style = if form_line.is_here { theme.selected() } else { theme.style(Role::Text) };
            pen.write(&format!(" {value} "), style);
            if form_line.is_here {
                pen.skip(2).write("space chooses", theme.style(Role::Disabled));
            }
        }
        None if value.is_empty() => drop(pen.write(field.hint(), theme.style(Role::Disabled))),
        None if is_kept_secret(value) => drop(pen.write("stays as it is in the file", theme.style(Role::Dim))),
        None => drop(pen.write(value, theme.style(Role::Text))),
    }
}
