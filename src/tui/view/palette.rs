//! The palette.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::model::Model;
use crate::tui::model::overlay::Palette;
use crate::tui::theme::Role;
use crate::tui::update::{enabled, palette_entries, palette_ghost as ghost};
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line, write_right};
use crate::tui::widget::text::{fit_end, width};

pub(super) fn draw(model: &Model, palette: &Palette, within: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    let entries = palette_entries(model, palette);
    let height = u16::try_from(entries.len()).unwrap_or(u16::MAX).saturating_add(3).min(16);
    let area = super::popup(model, within, 64, height, buffer);
    let panel = Panel { title: "Commands", has_focus: true, ..Panel::default() };
    let inside = panel.draw(model, area, buffer);
    let (before, behind) = palette.line.halves();
    Pen::new(buffer, line(inside, 0), model.symbols)
        .write(":", theme.style(Role::Key))
        .write(before, theme.style(Role::Input))
        .write(model.symbols.cursor, theme.style(Role::Accent))
        .write(behind, theme.style(Role::Input))
        .write(&ghost(model, palette).unwrap_or_default(), theme.style(Role::Disabled));
    let rows = usize::from(inside.height.saturating_sub(1));
    let cursor = palette.cursor.min(entries.len().saturating_sub(1));
    let top = (cursor + 1).saturating_sub(rows);
    for (row, (index, (binding, entry))) in (1..).zip(entries.iter().enumerate().skip(top).take(rows)) {
        let area = line(inside, row);
        let role = if enabled(model, binding).is_ok() { Role::Text } else { Role::Disabled };
        let style = theme.style(role);
        let style = if index == cursor { style.patch(theme.selected()) } else { style };
        if index == cursor {
            buffer.set_style(area, style);
        }
        let name = format!(" {:19}", entry.name);
        let keys = if entry.keys.is_empty() { String::new() } else { format!(" {} ", entry.keys) };
        let mut pen = Pen::new(buffer, area, model.symbols);
        pen.write(&name, style);
        // What the keys stand on is not written first: a sentence that is cut says so.
        let room = pen.room().saturating_sub(width(&keys));
        pen.write(&fit_end(&entry.label, room, model.symbols), style);
        write_right(buffer, area, &keys, style, model.symbols);
    }
}
