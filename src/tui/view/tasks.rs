//! The tasks drawer.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::report::number;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line, write_right};

pub(super) fn draw(model: &Model, cursor: usize, within: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    let rows = u16::try_from(model.tasks.len().max(1)).unwrap_or(u16::MAX).saturating_add(2);
    let area = super::popup(model, within, 60, rows, buffer);
    let inside = Panel { title: "Tasks", has_focus: true, ..Panel::default() }.draw(model, area, buffer);
    if model.tasks.is_empty() {
        Pen::new(buffer, line(inside, 0), model.symbols).skip(1).write("nothing runs", theme.style(Role::Dim));
    }
    let height = usize::from(inside.height);
    let cursor = cursor.min(model.tasks.len().saturating_sub(1));
    let top = (cursor + 1).saturating_sub(height);
    for (row, (index, task)) in (0..).zip(model.tasks.iter().enumerate().skip(top).take(height)) {
        let area = line(inside, row);
        if index == cursor {
            buffer.set_style(area, theme.selected());
        }
        let style = if index == cursor { theme.selected() } else { theme.style(Role::Text) };
        Pen::new(buffer, area, model.symbols).skip(1).write(&task.job.describe(), style);
        let seconds = u64::try_from((model.now.wall_ms - task.since_ms) / 1_000).unwrap_or(0);
        let since = format!(" {} ", number::duration(seconds));
        write_right(buffer, area, &since, theme.style(Role::Dim), model.symbols);
    }
}
