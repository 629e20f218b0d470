//! Facts, one per line: a name in a column, a value behind it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::pen::{Pen, line};
use crate::tui::model::Model;
use crate::tui::theme::Role;

/// Draws names and values from the first line on.
pub(in crate::tui) fn draw_fields(model: &Model, fields: &[(&str, String, Style)], area: Rect, buffer: &mut Buffer) {
    let names = fields.iter().map(|(name, _, _)| name.len()).max().unwrap_or(0);
    for (row, (name, value, style)) in (0..).zip(fields) {
        let name = format!("{name:names$}");
        let mut pen = Pen::new(buffer, line(area, row), model.symbols);
        pen.skip(1).write(&name, model.theme.style(Role::Dim)).skip(2).write(value, *style);
    }
}
