//! A flow that is edited. At 120 columns:
//!
//! ```text
//!   +- flow ---------+ +- preview: source -> target -----------+
//!   | fields         | | mirrored, excluded, near misses       |
//!   | rules, counts  | | sum, cap, difference                  |
//!   | options        | +- checks ------------------------------+
//!   |                | | the worst first, with what a key does |
//! ```
//!
//! At 80 columns a part of the fields at a time, preview and checks below; under 80x24 the fields and a line of
//! numbers. In its place, on demand: all topics (`p`), all findings (`c`), what saving changes (`^s`).

mod checks;
mod fields;
mod preview;
mod review;
mod topics;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::preview::Severity;
use crate::tui::model::editor::sheet::Sheet;
use crate::tui::model::{Density, Model};
use crate::tui::theme::Role;
use crate::tui::update::editor::{Shown, shown};
use crate::tui::widget::pen::{Pen, line};

/// Columns of the fields where they stand beside the preview.
const FIELDS: u16 = 46;

pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let Some(sheet) = model.editor.sheet() else { return nothing(model, area, buffer) };
    match shown(model) {
        Shown::Nothing | Shown::Draft => draft(model, sheet, area, buffer),
        Shown::Preview => topics::draw(model, sheet, area, buffer),
        Shown::Checks => checks::draw_all(model, sheet, area, buffer),
        Shown::Review => review::draw(model, sheet, area, buffer),
    }
}

fn draft(model: &Model, sheet: &Sheet, area: Rect, buffer: &mut Buffer) {
    match model.density() {
        Density::Wide => {
            let columns = FIELDS.max(area.width * 2 / 5);
            let (left, right) =
                (Rect { width: columns, ..area }, Rect { x: area.x + columns, width: area.width - columns, ..area });
            fields::draw(model, sheet, left, buffer);
            let rows = u16::try_from(sheet.checks.len()).unwrap_or(u16::MAX).clamp(2, 6) + 2;
            let (upper, lower) = cut_below(right, rows);
            preview::draw(model, sheet, upper, buffer);
            checks::draw(model, sheet, lower, buffer);
        }
        Density::Normal => {
            let (head, rest) = cut(area, 1);
            fields::draw_parts(model, sheet, head, buffer);
            let (upper, rest) = cut(rest, (rest.height * 2 / 5).clamp(6, 16));
            fields::draw(model, sheet, upper, buffer);
            let (middle, lower) = cut_below(rest, (rest.height / 3).clamp(3, 8));
            preview::draw(model, sheet, middle, buffer);
            checks::draw(model, sheet, lower, buffer);
        }
        Density::Tiny => {
            let (head, rest) = cut(area, 1);
            fields::draw_parts(model, sheet, head, buffer);
            let (upper, lower) = cut_below(rest, 1);
            fields::draw(model, sheet, upper, buffer);
            let mut pen = Pen::new(buffer, line(lower, 0), model.symbols);
            pen.skip(1);
            preview::write_counts(model, sheet, &mut pen);
            pen.skip(2);
            checks::write_counts(model, sheet, &mut pen);
        }
    }
}

fn nothing(model: &Model, area: Rect, buffer: &mut Buffer) {
    let text = match &model.editor.opening {
        Some(opening) => format!("Reading the settings of flow {}.", opening.flow),
        None if model.inventory.clusters.is_empty() => "There is no cluster yet: 7 leads to the clusters.".to_owned(),
        None => "No flow is edited: n makes a new one; among the flows, e edits one.".to_owned(),
    };
    Pen::new(buffer, line(area, 1), model.symbols).skip(2).write(&text, model.theme.style(Role::Text));
}

/// The upper `rows`, and what is below them.
fn cut(area: Rect, rows: u16) -> (Rect, Rect) {
    let height = rows.min(area.height);
    (Rect { height, ..area }, Rect { y: area.y + height, height: area.height - height, ..area })
}

/// What is above the lower `rows`, and those.
fn cut_below(area: Rect, rows: u16) -> (Rect, Rect) {
    cut(area, area.height.saturating_sub(rows))
}

/// How a finding looks: its letter and its colour.
fn severity_look(severity: Severity) -> (&'static str, Role) {
    match severity {
        Severity::Error => ("E", Role::Err),
        Severity::Warning => ("W", Role::Warn),
        Severity::Info => ("i", Role::Dim),
    }
}
