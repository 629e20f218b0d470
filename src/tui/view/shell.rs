//! Commands that do in a shell what the page shows or does.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::model::Model;
use crate::tui::model::overlay::Shell;
use crate::tui::theme::Role;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::text::wrap;

/// Columns of the dialog: commands are long.
const COLUMNS: u16 = 100;
/// Columns that commands are indented below what they do.
const INDENT: usize = 2;

pub(super) fn draw(model: &Model, shell: &Shell, within: Rect, buffer: &mut Buffer) {
    let columns = usize::from(COLUMNS.min(within.width).saturating_sub(4));
    let rows = rows(shell, columns);
    let height = u16::try_from(rows.len() + 2).unwrap_or(u16::MAX);
    let area = super::popup(model, within, COLUMNS, height, buffer);
    let inside = Panel { title: "In a shell", has_focus: true, ..Panel::default() }.draw(model, area, buffer);
    let room = usize::from(inside.height);
    // All of what the cursor is on is seen, however small the screen is.
    let last = rows.iter().rposition(|(entry, ..)| *entry == shell.cursor).unwrap_or(0);
    let top = (last + 1).saturating_sub(room);
    for (number, (entry, text, role)) in (0..).zip(rows.iter().skip(top).take(room)) {
        let area = line(inside, number);
        let mut style = model.theme.style(*role);
        if *entry == shell.cursor {
            style = style.patch(model.theme.selected());
            buffer.set_style(area, style);
        }
        Pen::new(buffer, area, model.symbols).skip(1).write(text, style);
    }
}

/// Each with the number of the command it belongs to.
fn rows(shell: &Shell, columns: usize) -> Vec<(usize, String, Role)> {
    let mut rows = Vec::new();
    for (number, entry) in shell.commands.iter().enumerate() {
        rows.push((number, entry.effect.clone(), Role::Dim));
        let lines = wrap(&entry.command, columns.saturating_sub(INDENT));
        rows.extend(lines.into_iter().map(|text| (number, format!("{:INDENT$}{text}", ""), Role::Text)));
    }
    rows
}
