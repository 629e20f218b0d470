//! Writes on the screen, never beyond its area.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::symbols::Symbols;
use super::text::{fit_end, to_ascii, width};

/// Writes from left to right into one line.
pub(in crate::tui) struct Pen<'a> {
    buffer: &'a mut Buffer,
    symbols: &'static Symbols,
    area: Rect,
    x: u16,
}

impl<'a> Pen<'a> {
    /// A pen at the beginning of the first line of `area`.
    pub(in crate::tui) fn new(buffer: &'a mut Buffer, area: Rect, symbols: &'static Symbols) -> Self {
        let area = Rect { height: area.height.min(1), ..area }.intersection(buffer.area);
        Self { x: area.x, buffer, symbols, area }
    }

    /// Columns that are left.
    pub(in crate::tui) fn room(&self) -> usize {
        if self.area.is_empty() { 0 } else { usize::from(self.area.right().saturating_sub(self.x)) }
    }

    /// Writes text, escaped; what does not fit is cut with an ellipsis.
    pub(in crate::tui) fn write(&mut self, text: &str, style: Style) -> &mut Self {
        let room = self.room();
        let text = if self.symbols.is_ascii { to_ascii(text) } else { Cow::Borrowed(text) };
        if room > 0 {
            let fitted = fit_end(&text, room, self.symbols);
            let (x, _) = self.buffer.set_stringn(self.x, self.area.y, &fitted, room, style);
            self.x = x;
        }
        self
    }

    /// Writes characters that draw something and are ours: one column each, neither escaped nor put in other words.
    pub(in crate::tui) fn write_drawn(&mut self, text: &str, style: Style) -> &mut Self {
        let room = self.room();
        if room > 0 {
            let (x, _) = self.buffer.set_stringn(self.x, self.area.y, text, room, style);
            self.x = x;
        }
        self
    }

    /// Leaves columns free.
    pub(in crate::tui) fn skip(&mut self, columns: usize) -> &mut Self {
        let columns = u16::try_from(columns.min(self.room())).unwrap_or(0);
        self.x += columns;
        self
    }

    /// Goes to where text of so many columns ends at the right border; not back over what is written.
    pub(in crate::tui) fn right(&mut self, columns: usize) -> &mut Self {
        let free = self.room().saturating_sub(columns);
        self.skip(free)
    }
}

/// Writes text at the right border of the first line of `area`.
pub(in crate::tui) fn write_right(
    buffer: &mut Buffer,
    area: Rect,
    text: &str,
    style: Style,
    symbols: &'static Symbols,
) {
    Pen::new(buffer, area, symbols).right(width(text)).write(text, style);
}

/// The line `row` of `area`; empty beyond it.
pub(in crate::tui) fn line(area: Rect, row: u16) -> Rect {
    if row < area.height { Rect { y: area.y + row, height: 1, ..area } } else { Rect { height: 0, ..area } }
}
