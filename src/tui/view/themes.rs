//! The theme picker, beside the page it previews.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::model::Model;
use crate::tui::model::overlay::Themes;
use crate::tui::theme::Role;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};

/// Columns of the picker.
const COLUMNS: u16 = 26;

pub(super) fn draw(model: &Model, themes: &Themes, within: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    let rows = u16::try_from(model.theme_names.len()).unwrap_or(u16::MAX).saturating_add(2).min(within.height);
    let width = COLUMNS.min(within.width);
    let area = Rect { x: within.right() - width, y: within.y, width, height: rows };
    super::clear(model, area, buffer);
    let inside = Panel { title: "Themes", has_focus: true, ..Panel::default() }.draw(model, area, buffer);
    let height = usize::from(inside.height);
    let top = (themes.cursor + 1).saturating_sub(height);
    for (row, (index, name)) in (0..).zip(model.theme_names.iter().enumerate().skip(top).take(height)) {
        let is_here = index == themes.cursor;
        let style = if is_here { theme.selected() } else { theme.style(Role::Text) };
        if is_here {
            buffer.set_style(line(inside, row), style);
        }
        Pen::new(buffer, line(inside, row), model.symbols).skip(1).write(name, style);
    }
}
