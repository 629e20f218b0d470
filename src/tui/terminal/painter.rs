//! From one screen to the next, in one piece of bytes: only what changed, nothing when nothing did.

use std::io;

use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::Modifier;

/// Knows what the terminal shows.
pub(in crate::tui) struct Painter {
    shown: Buffer,
    next: Buffer,
    is_clear_due: bool,
    attached: Vec<u8>,
}

/// The terminal shows nothing of what comes between these before it has all of it. Those that do not know them ignore
/// them.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";
const CLEAR: &[u8] = b"\x1b[0m\x1b[2J";

impl Painter {
    /// For a terminal of this size, about whose content nothing is known.
    pub(in crate::tui) fn new((columns, rows): (u16, u16)) -> Self {
        let area = Rect::new(0, 0, columns, rows);
        Self { shown: Buffer::empty(area), next: Buffer::empty(area), is_clear_due: true, attached: Vec::new() }
    }

    /// Forgets what is shown: it is drawn anew.
    pub(in crate::tui) fn forget(&mut self) {
        self.shown.reset();
        self.is_clear_due = true;
    }

    /// The terminal has another size: what it shows now is anybody's guess.
    pub(in crate::tui) fn resize(&mut self, (columns, rows): (u16, u16)) {
        let attached = std::mem::take(&mut self.attached);
        *self = Self { attached, ..Self::new((columns, rows)) };
    }

    /// Sends something else with the next screen, before it.
    pub(in crate::tui) fn attach(&mut self, bytes: Vec<u8>) {
        self.attached.extend(bytes);
    }

    /// Has the next screen drawn, and tells what to send for it; `None` when it is the one that is shown.
    ///
    /// # Errors
    /// Never: bytes are kept in memory.
    pub(in crate::tui) fn paint(&mut self, draw: impl FnOnce(&mut Buffer)) -> io::Result<Option<Vec<u8>>> {
        self.next.reset();
        draw(&mut self.next);
        let changes = self.shown.diff(&self.next);
        if changes.is_empty() && !self.is_clear_due && self.attached.is_empty() {
            return Ok(None);
        }
        let mut bytes = std::mem::take(&mut self.attached);
        bytes.extend_from_slice(BEGIN);
        if std::mem::take(&mut self.is_clear_due) {
            bytes.extend_from_slice(CLEAR);
        }
        let cells = cheaper(changes);
        CrosstermBackend::new(&mut bytes).draw(cells.iter().map(|(x, y, cell)| (*x, *y, cell)))?;
        bytes.extend_from_slice(END);
        std::mem::swap(&mut self.shown, &mut self.next);
        Ok(Some(bytes))
    }
}

/// The same changes, with blanks in the colour of what is before them: nobody sees it, and every change of colour is
/// thirty bytes.
fn cheaper(changes: Vec<(u16, u16, &Cell)>) -> Vec<(u16, u16, Cell)> {
    let mut cells: Vec<(u16, u16, Cell)> = Vec::with_capacity(changes.len());
    for (x, y, cell) in changes {
        let mut cell = cell.clone();
        if let Some((_, _, before)) = cells.last()
            && cell.symbol() == " "
            && cell.bg == before.bg
            && !(cell.modifier | before.modifier).intersects(SEEN_ON_BLANKS)
        {
            (cell.fg, cell.modifier) = (before.fg, before.modifier);
        }
        cells.push((x, y, cell));
    }
    cells
}

const SEEN_ON_BLANKS: Modifier = Modifier::UNDERLINED.union(Modifier::REVERSED).union(Modifier::CROSSED_OUT);

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Style;

    fn paint(painter: &mut Painter, text: &str) -> Option<String> {
        let bytes = painter.paint(|buffer| buffer.set_string(0, 0, text, Style::new())).expect("no error");
        bytes.map(|bytes| String::from_utf8(bytes).expect("UTF-8"))
    }

    #[test]
    fn nothing_is_sent_when_nothing_changed() {
        let mut painter = Painter::new((10, 2));
        assert!(paint(&mut painter, "orders").is_some());
        assert_eq!(paint(&mut painter, "orders"), None);
    }

    #[test]
    fn a_change_is_one_synchronized_piece() {
        let mut painter = Painter::new((10, 2));
        paint(&mut painter, "orders");
        let sent = paint(&mut painter, "orderz").expect("changed");
        assert!(sent.starts_with("\x1b[?2026h\x1b[1;6Hz") && sent.ends_with("\x1b[?2026l"), "{sent:?}");
        assert!(sent.len() < 60, "{} bytes", sent.len());
    }

    #[test]
    fn what_was_forgotten_is_drawn_anew() {
        let mut painter = Painter::new((10, 2));
        paint(&mut painter, "orders");
        painter.forget();
        let sent = paint(&mut painter, "orders").expect("all of it");
        assert!(sent.contains("\x1b[2J") && sent.contains("orders"), "{sent:?}");
        painter.resize((4, 1));
        let sent = paint(&mut painter, "orders").expect("all of it");
        assert!(sent.contains("orde\x1b"), "{sent:?}");
    }
}
