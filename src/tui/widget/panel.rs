//! A frame with a title, a word at its right, and one at its foot.

use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};

use super::pen::{Pen, line};
use super::text::width;
use crate::tui::model::{Density, Model};
use crate::tui::theme::Role;

/// What stands in a panel's frame.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::tui) struct Panel<'a> {
    pub(in crate::tui) title: &'a str,
    pub(in crate::tui) title_right: &'a str,
    pub(in crate::tui) foot: &'a str,
    /// Whether keys go there.
    pub(in crate::tui) has_focus: bool,
}

impl Panel<'_> {
    /// Draws the frame where there is room for frames, and otherwise a rule with the title; tells what is left. Without
    /// a title there is no rule either.
    pub(in crate::tui) fn draw_fitting(&self, model: &Model, area: Rect, buffer: &mut Buffer) -> Rect {
        if model.density() == Density::Wide {
            return self.draw(model, area, buffer);
        }
        if self.title.is_empty() || area.height == 0 {
            return area;
        }
        let edge = line(area, 0);
        let border = model.theme.style(Role::Border);
        let rule = model.symbols.horizontal.repeat(usize::from(area.width));
        Pen::new(buffer, edge, model.symbols).write(&rule, border);
        let words = Rect { x: edge.x + 1, width: edge.width.saturating_sub(2), ..edge };
        word(model, buffer, words, self.title, model.theme.style(Role::Title), false);
        word(model, buffer, words, self.title_right, model.theme.style(Role::Dim), true);
        Rect { y: area.y + 1, height: area.height - 1, ..area }
    }

    /// Writes what stands at the foot of a frame that is drawn already: what was not known before its inside was.
    pub(in crate::tui) fn draw_foot(model: &Model, area: Rect, text: &str, buffer: &mut Buffer) {
        if model.density() == Density::Wide && area.height >= 2 {
            let edge = line(area, area.height - 1);
            let place = Rect { x: edge.x + 2, width: edge.width.saturating_sub(4), ..edge };
            word(model, buffer, place, text, model.theme.style(Role::Dim), true);
        }
    }

    /// Draws the frame, and tells what is left inside.
    pub(in crate::tui) fn draw(&self, model: &Model, area: Rect, buffer: &mut Buffer) -> Rect {
        let area = area.intersection(buffer.area);
        if area.width < 2 || area.height < 2 {
            return Rect { width: 0, height: 0, ..area };
        }
        let symbols = model.symbols;
        let role = if self.has_focus { Role::BorderFocus } else { Role::Border };
        let border = model.theme.style(role);
        let middle = symbols.horizontal.repeat(usize::from(area.width) - 2);
        let [top_left, top_right, bottom_left, bottom_right] = symbols.corners;
        let edges = [(0, top_left, top_right), (area.height - 1, bottom_left, bottom_right)];
        for (row, left, right) in edges {
            Pen::new(buffer, line(area, row), symbols).write(left, border).write(&middle, border).write(right, border);
        }
        for row in 1..area.height - 1 {
            let edge = line(area, row);
            Pen::new(buffer, edge, symbols).write(symbols.vertical, border);
            Pen::new(buffer, Rect { x: edge.right() - 1, width: 1, ..edge }, symbols).write(symbols.vertical, border);
        }
        let inner_edge = |row| {
            let edge = line(area, row);
            Rect { x: edge.x + 2, width: edge.width.saturating_sub(4), ..edge }
        };
        let title = model.theme.style(Role::Title);
        let dim = model.theme.style(Role::Dim);
        word(model, buffer, inner_edge(0), self.title, title, false);
        word(model, buffer, inner_edge(0), self.title_right, dim, true);
        word(model, buffer, inner_edge(area.height - 1), self.foot, dim, true);
        area.inner(Margin::new(1, 1))
    }
}

fn word(model: &Model, buffer: &mut Buffer, area: Rect, text: &str, style: ratatui::style::Style, is_right: bool) {
    if text.is_empty() || usize::from(area.width) < 4 {
        return;
    }
    let mut pen = Pen::new(buffer, area, model.symbols);
    if is_right {
        pen.right(width(text) + 2);
    }
    pen.write(" ", style).write(text, style).write(" ", style);
}
