//! The topics of a cluster, and what is opened of them.

mod facts;
mod list;
mod record;
mod records;
#[cfg(test)]
mod tests;
mod topic;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::model::Model;
use crate::tui::model::navigation::Opened;
use crate::tui::theme::Role;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::text::wrap;

pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    match model.navigation.opened() {
        Some(Opened::Topic(topic)) => topic::draw(model, topic, area, buffer),
        Some(Opened::Records(..)) => records::draw(model, area, buffer),
        Some(Opened::Record(..)) => record::draw(model, area, buffer),
        Some(Opened::Partitions(..) | Opened::Preview | Opened::Checks | Opened::Review) | None => {
            list::draw(model, area, buffer);
        }
    }
}

/// Text in the middle of nothing else.
fn tell(model: &Model, text: &str, role: Role, area: Rect, buffer: &mut Buffer) {
    let style = model.theme.style(role);
    for (row, text) in (1..).zip(wrap(text, usize::from(area.width).saturating_sub(4))) {
        Pen::new(buffer, line(area, row), model.symbols).skip(2).write(&text, style);
    }
}

/// Lines below each other, each in its look; the last says if there was no room for more.
fn draw_lines(model: &Model, lines: &[(String, Role)], area: Rect, buffer: &mut Buffer) {
    let fitting = usize::from(area.height);
    let is_cut = lines.len() > fitting;
    let shown = if is_cut { fitting.saturating_sub(1) } else { lines.len() };
    for (row, (text, role)) in (0..).zip(&lines[..shown]) {
        Pen::new(buffer, line(area, row), model.symbols).skip(1).write(text, model.theme.style(*role));
    }
    if is_cut && area.height > 0 {
        let more = format!("{} {} more lines", model.symbols.ellipsis, lines.len() - shown);
        let row = line(area, area.height - 1);
        Pen::new(buffer, row, model.symbols).skip(1).write(&more, model.theme.style(Role::Dim));
    }
}
