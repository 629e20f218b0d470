//! Text in lines that fit: words are wrapped, names and commands never cut.

use crate::report::line::{Line, Tone, width_of};

/// Where there is no terminal: what a pasted text or a mail shows.
const WIDTH_DEFAULT: usize = 80;
/// Longer lines are hard to read.
const WIDTH_MAX: usize = 100;
/// A narrower terminal wraps by itself.
const WIDTH_MIN: usize = 40;

/// Collects lines.
pub(super) struct Writer {
    pub(super) lines: Vec<Line>,
    width: usize,
}

impl Writer {
    pub(super) fn new(width: Option<usize>) -> Self {
        Self { lines: Vec::new(), width: width.unwrap_or(WIDTH_DEFAULT).clamp(WIDTH_MIN, WIDTH_MAX) }
    }

    pub(super) fn blank(&mut self) {
        self.lines.push(Line::default());
    }

    /// A paragraph; its further lines stand two columns further in.
    pub(super) fn text(&mut self, indent: usize, tone: Tone, text: &str) {
        for line in wrap(text, indent, self.width) {
            self.lines.push(Line::default().with(tone, line));
        }
    }

    /// A paragraph that begins with a toned word or two, and a colon.
    pub(super) fn marked(&mut self, indent: usize, tone: Tone, mark: &str, text: &str) {
        let marked = format!("{mark}: {text}");
        for (n, line) in wrap(&marked, indent, self.width).into_iter().enumerate() {
            let begin = format!("{}{mark}:", " ".repeat(indent));
            match line.strip_prefix(&begin).filter(|_| n == 0) {
                Some(rest) => self.lines.push(Line::default().with(tone, begin).with(Tone::Plain, rest)),
                None => self.lines.push(Line::plain(line)),
            }
        }
    }

    /// A name and facts about it, aligned if they fit into one line.
    pub(super) fn columns(&mut self, indent: usize, name: &str, name_width: usize, facts: &str) {
        let gap = name_width.saturating_sub(width_of(name)) + 2;
        if indent + width_of(name) + gap + width_of(facts) <= self.width {
            self.lines.push(Line::plain(format!("{}{name}{}{facts}", " ".repeat(indent), " ".repeat(gap))));
        } else {
            self.text(indent, Tone::Plain, &format!("{name}: {facts}"));
        }
    }

    /// A command, on a line of its own however long it is: it is there to be copied.
    pub(super) fn command(&mut self, indent: usize, command: &str) {
        self.lines.push(Line::plain(format!("{}{command}", " ".repeat(indent))));
    }
}

/// `text` in lines of at most `width` columns, as far as its words allow. No hyphens: names can be searched for.
fn wrap(text: &str, indent: usize, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = " ".repeat(indent);
    let mut is_empty = true;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if !is_empty && width_of(&line) + 1 + width_of(word) > width {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent + 2)));
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_wrapped_and_never_cut() {
        assert_eq!(wrap("one two three", 2, 10), ["  one two", "    three"]);
        assert_eq!(wrap("a-name-that-is-too-long x", 2, 10), ["  a-name-that-is-too-long", "    x"]);
        assert_eq!(wrap("", 2, 10), ["  "]);
    }
}
