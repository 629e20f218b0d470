//! A line of text on its way out: pieces with a tone, escaped and coloured at the last moment.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::telemetry::escape_untrusted;

/// What a piece of text is about. Colour repeats what the words say; it never says it alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing special.
    #[default]
    Plain,
    /// Less important: times, explanations.
    Faint,
    /// As it should be.
    Good,
    /// Passes by itself, or worth a look.
    Warning,
    /// Needs somebody.
    Bad,
}

/// Whether tones are shown as colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colour {
    /// They are not: a file, `NO_COLOR`, a dumb terminal.
    #[default]
    Never,
    /// They are, by the terminal's own sixteen colours.
    Always,
}

/// One line, made of toned pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line(Vec<(Tone, String)>);

impl Line {
    /// A line without a tone.
    pub fn plain(text: impl Into<String>) -> Self {
        Self::default().with(Tone::Plain, text)
    }

    /// This line and one more piece.
    pub fn with(mut self, tone: Tone, text: impl Into<String>) -> Self {
        self.0.push((tone, text.into()));
        self
    }

    /// This line and another behind it.
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// What the line is about: the tone of its first piece that has one.
    pub fn tone(&self) -> Tone {
        self.0.iter().map(|(tone, _)| *tone).find(|tone| *tone != Tone::Plain).unwrap_or_default()
    }

    /// The text of all pieces, not escaped.
    pub fn text(&self) -> String {
        self.0.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// The line as it may be printed, without its end.
    pub fn render(&self, colour: Colour) -> String {
        let pieces = self.0.iter().map(|(tone, text)| paint(escape_untrusted(text), *tone, colour));
        pieces.collect()
    }

    /// The line cut to `width` columns, with `…` where something was cut off.
    pub fn cut(self, width: usize) -> Self {
        let total: usize = self.0.iter().map(|(_, text)| width_of(text)).sum();
        if total <= width {
            return self;
        }
        let mut left = width;
        let mut pieces = Vec::with_capacity(self.0.len());
        for (tone, text) in self.0 {
            let text = escape_untrusted(&text).into_owned();
            if text.width() < left {
                left -= text.width();
                pieces.push((tone, text));
            } else {
                pieces.push((tone, cut(&text, left.saturating_sub(1)) + if width > 0 { "…" } else { "" }));
                break;
            }
        }
        Self(pieces)
    }
}

/// Columns `text` takes once it is escaped.
pub(super) fn width_of(text: &str) -> usize {
    escape_untrusted(text).width()
}

/// `text`, escaped, cut to `width` columns with `…` at the end if it is longer, and filled with blanks.
pub(super) fn fit(text: &str, width: usize) -> String {
    let escaped = escape_untrusted(text);
    let mut fitted = if escaped.width() <= width {
        escaped.into_owned()
    } else {
        cut(&escaped, width.saturating_sub(1)) + if width > 0 { "…" } else { "" }
    };
    fitted.extend(std::iter::repeat_n(' ', width.saturating_sub(fitted.width())));
    fitted
}

/// The longest beginning of `text` that takes at most `width` columns.
fn cut(text: &str, width: usize) -> String {
    let mut taken = 0;
    text.chars()
        .take_while(|c| {
            taken += c.width().unwrap_or(0);
            taken <= width
        })
        .collect()
}

fn paint(text: Cow<'_, str>, tone: Tone, colour: Colour) -> String {
    let code = match (colour, tone) {
        (Colour::Never, _) | (_, Tone::Plain) => return text.into_owned(),
        (Colour::Always, Tone::Faint) => 2,
        (Colour::Always, Tone::Good) => 32,
        (Colour::Always, Tone::Warning) => 33,
        (Colour::Always, Tone::Bad) => 31,
    };
    format!("\x1b[{code}m{text}\x1b[0m")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_escapes_reach_the_terminal() {
        let line = Line::plain("a\u{1b}[2J ").with(Tone::Bad, "blocked\n");
        assert_eq!(line.render(Colour::Never), "a\\x1b[2J blocked\\n");
        assert_eq!(line.render(Colour::Always), "a\\x1b[2J \x1b[31mblocked\\n\x1b[0m");
    }

    #[test]
    fn a_cut_line_has_the_width_and_says_so() {
        let line = Line::plain("orders ").with(Tone::Bad, "blocked").with(Tone::Plain, " more");
        for (width, expected) in [
            (0, ""),
            (1, "…"),
            (7, "orders…"),
            (8, "orders …"),
            (14, "orders blocke…"),
            (18, "orders blocked mo…"),
            (19, "orders blocked more"),
            (80, "orders blocked more"),
        ] {
            assert_eq!(line.clone().cut(width).render(Colour::Never), expected, "{width}");
        }
    }

    #[test]
    fn wide_characters_count_twice_and_escapes_as_they_are_shown() {
        assert_eq!(fit("日本語", 4), "日… ");
        assert_eq!(fit("日本語", 5), "日本…");
        assert_eq!(fit("a\nb", 6), "a\\nb  ");
        assert_eq!(width_of("a\nb"), 4);
    }
}
