//! A text that is too long for a line, as a whole.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::model::Model;
use crate::tui::model::overlay::Reading;
use crate::tui::theme::Role;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::text::wrap;

/// Columns that are read well.
const COLUMNS: u16 = 100;

pub(super) fn draw(model: &Model, reading: &Reading, within: Rect, buffer: &mut Buffer) {
    let columns = COLUMNS.min(within.width);
    let room = usize::from(columns.saturating_sub(4));
    let lines: Vec<String> = reading.paragraphs.iter().flat_map(|text| wrap(text, room)).collect();
    let rows = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    let area = super::popup(model, within, columns, rows, buffer);
    let height = usize::from(area.height.saturating_sub(2));
    let top = reading.top.min(lines.len().saturating_sub(height));
    let foot = if lines.len() > height {
        format!("{}-{}/{}  y copy  esc close", top + 1, (top + height).min(lines.len()), lines.len())
    } else {
        "y copy  esc close".to_owned()
    };
    let panel = Panel { title: &reading.title, foot: &foot, has_focus: true, ..Panel::default() };
    let inside = panel.draw(model, area, buffer);
    for (row, text) in (0..).zip(lines.iter().skip(top).take(height)) {
        Pen::new(buffer, line(inside, row), model.symbols).skip(1).write(text, model.theme.style(Role::Text));
    }
}
