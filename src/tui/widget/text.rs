//! Text that fits: escaped, measured in columns, cut where it is too long.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::symbols::Symbols;
use crate::telemetry::escape_untrusted;

/// `text` in ASCII, as wide as before: what has no ASCII form becomes question marks.
pub(in crate::tui) fn to_ascii(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let folded = text.chars().map(|c| match c {
        '…' => "~",
        '–' | '—' => "-",
        '↑' => "^",
        '↓' => "v",
        '←' => "<",
        '→' => ">",
        '≤' => "<",
        '≥' => ">",
        '≠' => "!",
        '·' => ".",
        c if c.width() == Some(2) => "??",
        _ => "?",
    });
    let ascii = text.chars().zip(folded).map(|(c, folded)| if c.is_ascii() { c.to_string() } else { folded.into() });
    Cow::Owned(ascii.collect())
}

/// Columns a text takes, once it is escaped.
pub(in crate::tui) fn width(text: &str) -> usize {
    escape_untrusted(text).width()
}

/// `text`, escaped, in at most `columns`; what is too long loses its end.
pub(in crate::tui) fn fit_end<'a>(text: &'a str, columns: usize, symbols: &Symbols) -> Cow<'a, str> {
    let escaped = escape_untrusted(text);
    if escaped.width() <= columns {
        return escaped;
    }
    let room = columns.saturating_sub(symbols.ellipsis.width());
    let mut fitted = beginning(&escaped, room).to_owned();
    if columns > 0 {
        fitted.push_str(symbols.ellipsis);
    }
    Cow::Owned(fitted)
}

/// `text`, escaped, in at most `columns`; what is too long loses its middle, for names differ at their ends.
pub(in crate::tui) fn fit_middle<'a>(text: &'a str, columns: usize, symbols: &Symbols) -> Cow<'a, str> {
    let escaped = escape_untrusted(text);
    if escaped.width() <= columns {
        return escaped;
    }
    let room = columns.saturating_sub(symbols.ellipsis.width());
    let tail = end(&escaped, room / 2);
    let head = beginning(&escaped, room - tail.width());
    let ellipsis = if columns > 0 { symbols.ellipsis } else { "" };
    Cow::Owned(format!("{head}{ellipsis}{tail}"))
}

/// `text` wrapped at blanks into lines of at most `columns`, escaped.
pub(in crate::tui) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in escape_untrusted(text).split(' ') {
        let mut word = word;
        if !line.is_empty() && line.width() + 1 + word.width() > columns {
            lines.push(std::mem::take(&mut line));
        }
        while word.width() > columns {
            let (head, rest) = word.split_at(full_line(word, columns));
            lines.push(head.to_owned());
            word = rest;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// `text` in lines of at most `columns`, escaped, broken where a line is full: every blank stays.
pub(in crate::tui) fn fold(text: &str, columns: usize) -> Vec<String> {
    let escaped = escape_untrusted(text);
    let mut rest = escaped.as_ref();
    let mut lines = Vec::new();
    loop {
        let (line, more) = rest.split_at(full_line(rest, columns));
        lines.push(line.to_owned());
        rest = more;
        if rest.is_empty() {
            return lines;
        }
    }
}

/// Bytes of the first line: at least one character, though it be wider than a line.
fn full_line(text: &str, columns: usize) -> usize {
    match beginning(text, columns) {
        "" => text.chars().next().map_or(0, char::len_utf8),
        head => head.len(),
    }
}

/// The longest beginning that takes at most `columns`.
fn beginning(text: &str, columns: usize) -> &str {
    let mut taken = 0;
    let end = text.char_indices().find_map(|(index, c)| {
        taken += c.width().unwrap_or(0);
        (taken > columns).then_some(index)
    });
    &text[..end.unwrap_or(text.len())]
}

/// The longest end that takes at most `columns`.
pub(in crate::tui) fn end(text: &str, columns: usize) -> &str {
    let mut taken = 0;
    let begin = text.char_indices().rev().find_map(|(index, c)| {
        taken += c.width().unwrap_or(0);
        (taken > columns).then_some(index + c.len_utf8())
    });
    &text[begin.unwrap_or(0)..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::widget::symbols::{ASCII, UNICODE};

    #[test]
    fn long_text_says_that_it_was_longer() {
        for (columns, at_end, in_middle) in [
            (0, "", ""),
            (1, "…", "…"),
            (6, "order…", "ord…ed"),
            (14, "orders.created", "orders.created"),
            (9, "orders.c…", "orde…ated"),
        ] {
            assert_eq!(fit_end("orders.created", columns, &UNICODE), at_end);
            assert_eq!(fit_middle("orders.created", columns, &UNICODE), in_middle);
        }
        assert_eq!(fit_end("orders", 4, &ASCII), "ord~");
    }

    #[test]
    fn wide_and_hidden_characters_are_measured_as_they_are_drawn() {
        assert_eq!(fit_end("日本語", 5, &UNICODE), "日本…");
        assert_eq!(fit_middle("日本語日本語", 7, &UNICODE), "日本…語");
        assert_eq!(fit_end("a\u{1b}[2J", 4, &UNICODE), "a\\x…");
        assert_eq!(width("a\u{1b}"), 5);
    }

    #[test]
    fn ascii_is_as_wide_as_what_it_stands_for() {
        for (text, ascii) in [("stop…", "stop~"), ("größe", "gr??e"), ("日本", "????"), ("a → b", "a > b")] {
            assert_eq!(to_ascii(text), ascii);
            assert_eq!(width(text), width(ascii));
        }
    }

    #[test]
    fn text_is_wrapped_at_blanks_and_long_words_are_cut() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrap("", 3), [""]);
        assert_eq!(wrap("日本", 1), ["日", "本", ""]);
    }
}
