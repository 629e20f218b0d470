//! The dialog that offers the ways on for something that is blocked.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::model::Model;
use crate::tui::model::decision::Decide;
use crate::tui::theme::Role;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::text::wrap;

/// Columns of the dialog.
const COLUMNS: u16 = 76;

pub(super) fn draw(model: &Model, decide: &Decide, within: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    let columns = usize::from(COLUMNS.min(within.width).saturating_sub(4));
    let why = wrap(&decide.why, columns);
    let error = decide.error.as_ref().map(|error| wrap(error, columns)).unwrap_or_default();
    let typed = usize::from(decide.position.is_some());
    let rows = why.len() + decide.decisions.len() + typed + error.len() + 3;
    let area = super::popup(model, within, COLUMNS, u16::try_from(rows).unwrap_or(u16::MAX), buffer);
    let title = format!("{}: how to go on", decide.scope);
    let foot = "enter: choose   esc: leave it";
    let inside = Panel { title: &title, foot, has_focus: true, ..Panel::default() }.draw(model, area, buffer);
    let mut row = 0;
    // In a small window the ways on matter more than why it is blocked.
    let needed = decide.decisions.len() + typed + error.len();
    let room = usize::from(inside.height).saturating_sub(needed + 1);
    for text in why.iter().take(room) {
        Pen::new(buffer, line(inside, row), model.symbols).skip(1).write(text, theme.style(Role::Dim));
        row += 1;
    }
    row += u16::from(room > 0);
    for (number, decision) in decide.decisions.iter().enumerate() {
        let area = line(inside, row);
        let style = theme.style(Role::Text);
        let style = if number == decide.cursor { style.patch(theme.selected()) } else { style };
        if number == decide.cursor {
            buffer.set_style(area.intersection(buffer.area), style);
        }
        Pen::new(buffer, area, model.symbols).skip(1).write(&decision.label, style);
        row += 1;
    }
    if let Some(position) = &decide.position {
        let (before, behind) = position.halves();
        let mut pen = Pen::new(buffer, line(inside, row), model.symbols);
        pen.skip(1).write("at: ", theme.style(Role::Key)).write(before, theme.style(Role::Input));
        pen.write(model.symbols.cursor, theme.style(Role::Accent)).write(behind, theme.style(Role::Input));
        row += 1;
    }
    for text in &error {
        Pen::new(buffer, line(inside, row), model.symbols).skip(1).write(text, theme.style(Role::Err));
        row += 1;
    }
}
