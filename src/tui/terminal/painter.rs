//! From one screen to the next, in one piece of bytes: only what changed, nothing when nothing did.

use std::collections::HashMap;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::Color;
use unicode_width::UnicodeWidthStr;

use super::encoder::Encoder;

/// Knows what the terminal shows.
pub(in crate::tui) struct Painter {
    shown: Buffer,
    next: Buffer,
    is_clear_due: bool,
    /// Whether what is erased has the background set before.
    has_color_erase: bool,
    attached: Vec<u8>,
}

/// The terminal shows nothing of what comes between these before it has all of it. Those that do not know them ignore
/// them.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

impl Painter {
    /// For a terminal of this size, about whose content nothing is known. `has_color_erase`: whether what is erased
    /// there has the background set before.
    pub(in crate::tui) fn new((columns, rows): (u16, u16), has_color_erase: bool) -> Self {
        let empty = || Buffer::empty(Rect::new(0, 0, columns, rows));
        Self { shown: empty(), next: empty(), is_clear_due: true, has_color_erase, attached: Vec::new() }
    }

    /// Forgets what is shown: it is drawn anew.
    pub(in crate::tui) fn forget(&mut self) {
        self.is_clear_due = true;
    }

    /// The terminal has another size: what it shows now is anybody's guess.
    pub(in crate::tui) fn resize(&mut self, size: (u16, u16)) {
        let attached = std::mem::take(&mut self.attached);
        *self = Self { attached, ..Self::new(size, self.has_color_erase) };
    }

    /// Sends something else with the next screen, before it.
    pub(in crate::tui) fn attach(&mut self, bytes: Vec<u8>) {
        self.attached.extend(bytes);
    }

    /// Has the next screen drawn, and tells what to send for it; `None` when it is the one that is shown.
    pub(in crate::tui) fn paint(&mut self, draw: impl FnOnce(&mut Buffer)) -> Option<Vec<u8>> {
        self.next.reset();
        draw(&mut self.next);
        let is_clear_due = std::mem::take(&mut self.is_clear_due);
        let cleared = is_clear_due.then(|| if self.has_color_erase { background(&self.next) } else { Color::Reset });
        if let Some(bg) = cleared {
            self.shown.reset();
            self.shown.content.iter_mut().for_each(|cell| cell.bg = bg);
        }
        let changes = whole_wide_lines(&self.shown, &self.next, self.shown.diff(&self.next));
        if changes.is_empty() && cleared.is_none() && self.attached.is_empty() {
            return None;
        }
        let mut encoder = Encoder::new(&self.next, self.has_color_erase);
        if let Some(bg) = cleared {
            encoder.clear(bg);
        }
        let cells = encoder.write(&changes);
        let attached = std::mem::take(&mut self.attached);
        std::mem::swap(&mut self.shown, &mut self.next);
        Some([attached.as_slice(), BEGIN, cells.as_bytes(), END].concat())
    }
}

/// The changes, and all of each changed line that has or had a character of two columns: where only half of one is
/// written over, terminals do not agree on what is left of the other half.
fn whole_wide_lines<'a>(
    shown: &Buffer,
    next: &'a Buffer,
    changes: Vec<(u16, u16, &'a Cell)>,
) -> Vec<(u16, u16, &'a Cell)> {
    let columns = next.area.left()..next.area.right();
    let has_wide =
        |y: u16| columns.clone().any(|x| shown[(x, y)].symbol().width() > 1 || next[(x, y)].symbol().width() > 1);
    let mut whole = Vec::with_capacity(changes.len());
    for line in changes.chunk_by(|one, other| one.1 == other.1) {
        let y = line[0].1;
        if !has_wide(y) {
            whole.extend_from_slice(line);
            continue;
        }
        let mut x = columns.start;
        while x < columns.end {
            let cell = &next[(x, y)];
            whole.push((x, y, cell));
            x += u16::try_from(cell.symbol().width()).unwrap_or(1).max(1);
        }
    }
    whole
}

/// The background that is seen most.
fn background(buffer: &Buffer) -> Color {
    let mut cells: HashMap<Color, usize> = HashMap::new();
    for cell in &buffer.content {
        *cells.entry(cell.bg).or_default() += 1;
    }
    cells.into_iter().max_by_key(|(_, cells)| *cells).map_or(Color::Reset, |(color, _)| color)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Style;

    fn paint(painter: &mut Painter, text: &str) -> Option<String> {
        let bytes = painter.paint(|buffer| buffer.set_string(0, 0, text, Style::new()));
        bytes.map(|bytes| String::from_utf8(bytes).expect("UTF-8"))
    }

    #[test]
    fn nothing_is_sent_when_nothing_changed() {
        let mut painter = Painter::new((10, 2), true);
        assert!(paint(&mut painter, "orders").is_some());
        assert_eq!(paint(&mut painter, "orders"), None);
    }

    #[test]
    fn a_change_is_one_synchronized_piece() {
        let mut painter = Painter::new((10, 2), true);
        paint(&mut painter, "orders");
        let sent = paint(&mut painter, "orderz").expect("changed");
        assert!(sent.starts_with("\x1b[?2026h\x1b[1;6Hz") && sent.ends_with("\x1b[?2026l"), "{sent:?}");
        assert!(sent.len() < 60, "{} bytes", sent.len());
    }

    #[test]
    fn what_was_forgotten_is_drawn_anew() {
        let mut painter = Painter::new((10, 2), true);
        paint(&mut painter, "orders");
        painter.forget();
        let sent = paint(&mut painter, "orders").expect("all of it");
        assert!(sent.contains("\x1b[2J") && sent.contains("orders"), "{sent:?}");
        painter.resize((4, 1));
        let sent = paint(&mut painter, "orders").expect("all of it");
        assert!(sent.contains("orde\x1b"), "{sent:?}");
    }
}
