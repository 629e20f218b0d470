//! A text that is longer than its place.

use std::cell::Cell;
use std::ops::Range;

use super::list::Move;

/// What of a text is seen.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct Scroll {
    /// The first line.
    pub(in crate::tui) top: usize,
    /// How many lines there are, and how many fit. Written by the view, which alone knows the width; read to scroll.
    extent: Cell<(usize, usize)>,
}

impl Scroll {
    /// Moves over the text.
    pub(in crate::tui) fn go(&mut self, to: Move) {
        let (lines, height) = self.extent.get();
        let lowest = lines.saturating_sub(height);
        let page = height.saturating_sub(1).max(1);
        let top = self.top.min(lowest);
        self.top = match to {
            Move::Down => top + 1,
            Move::Up => top.saturating_sub(1),
            Move::PageDown => top + page,
            Move::PageUp => top.saturating_sub(page),
            Move::First => 0,
            Move::Last => lowest,
        }
        .min(lowest);
    }

    /// The lines to draw of so many, where so many fit.
    pub(in crate::tui) fn window(&self, lines: usize, height: usize) -> Range<usize> {
        self.extent.set((lines, height));
        let top = self.top.min(lines.saturating_sub(height));
        top..(top + height).min(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_scrolled_to_its_end_and_no_further() {
        let mut scroll = Scroll::default();
        assert_eq!(scroll.window(25, 10), 0..10);
        for (to, expected) in [
            (Move::Up, 0),
            (Move::Down, 1),
            (Move::PageDown, 10),
            (Move::PageDown, 15),
            (Move::Down, 15),
            (Move::PageUp, 6),
            (Move::Last, 15),
            (Move::First, 0),
        ] {
            scroll.go(to);
            assert_eq!(scroll.window(25, 10), expected..expected + 10, "{to:?}");
        }
        scroll.go(Move::Last);
        assert_eq!(scroll.window(5, 10), 0..5, "a text that became shorter is seen from its beginning");
    }
}
