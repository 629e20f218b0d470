//! Bytes of a record as lines to read: text, JSON or hex. What is hidden in text is escaped where it is drawn.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::text::fold;
use crate::model::BrowsedBytes;

/// How bytes are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tui) enum Format {
    /// As they look like.
    #[default]
    Auto,
    /// As UTF-8.
    Text,
    /// As JSON, indented.
    Json,
    /// As numbers.
    Hex,
}

impl Format {
    /// The next one, round.
    pub(in crate::tui) fn next(self) -> Self {
        match self {
            Self::Auto => Self::Text,
            Self::Text => Self::Json,
            Self::Json => Self::Hex,
            Self::Hex => Self::Auto,
        }
    }

    /// Its name.
    pub(in crate::tui) fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Text => "text",
            Self::Json => "JSON",
            Self::Hex => "hex",
        }
    }

    /// The format these bytes are shown in: what was chosen, where they can be shown so.
    pub(in crate::tui) fn of(self, bytes: &BrowsedBytes) -> Self {
        let json = || is_json(&bytes.shown);
        match self {
            Self::Auto if looks_like_json(&bytes.shown) && json() => Self::Json,
            Self::Auto if is_readable(bytes) => Self::Text,
            Self::Json if json() => Self::Json,
            Self::Json if is_readable(bytes) => Self::Text,
            Self::Text => Self::Text,
            _ => Self::Hex,
        }
    }
}

/// The beginning of bytes in one line: text as it is, anything else in hex.
pub(in crate::tui) fn preview(bytes: &BrowsedBytes, chars_max: usize) -> String {
    let beginning = BrowsedBytes { shown: bytes.shown[..bytes.shown.len().min(chars_max * 4)].to_vec(), ..*bytes };
    match readable(&beginning) {
        Some(text) => {
            let mut line: String = text.chars().take(chars_max).collect();
            if line.len() < bytes.size_bytes {
                line.push('…');
            }
            line
        }
        None => {
            let numbers = bytes.shown.iter().take(chars_max / 2).map(|byte| format!("{byte:02x}"));
            let more = if bytes.size_bytes > chars_max / 2 { "…" } else { "" };
            format!("0x{}{more}", numbers.collect::<String>())
        }
    }
}

/// Bytes as text that can be copied: JSON and text as they are, anything else in hex.
pub(in crate::tui) fn as_text(bytes: &BrowsedBytes, format: Format) -> String {
    match format.of(bytes) {
        Format::Json => pretty(&String::from_utf8_lossy(&bytes.shown)),
        Format::Hex => bytes.shown.iter().map(|byte| format!("{byte:02x}")).collect(),
        Format::Auto | Format::Text => text_of(bytes).into_owned(),
    }
}

/// Bytes as lines of at most `columns`.
pub(in crate::tui) fn lines(bytes: &BrowsedBytes, format: Format, columns: usize) -> Vec<String> {
    match format.of(bytes) {
        Format::Hex => hex(&bytes.shown, columns),
        format => {
            let text = as_text(bytes, format).replace('\t', "    ").replace("\r\n", "\n");
            text.split('\n').flat_map(|line| fold(line, columns)).collect()
        }
    }
}

fn text_of(bytes: &BrowsedBytes) -> Cow<'_, str> {
    readable(bytes).map_or_else(|| String::from_utf8_lossy(&bytes.shown), Cow::Borrowed)
}

/// The bytes as UTF-8 without control characters; a character that was cut off at the end does not count.
fn readable(bytes: &BrowsedBytes) -> Option<&str> {
    let text = match std::str::from_utf8(&bytes.shown) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() && bytes.size_bytes > bytes.shown.len() => {
            std::str::from_utf8(&bytes.shown[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    (!text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))).then_some(text)
}

fn is_readable(bytes: &BrowsedBytes) -> bool {
    readable(bytes).is_some()
}

fn looks_like_json(bytes: &[u8]) -> bool {
    matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['))
}

fn is_json(bytes: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(bytes).is_ok()
}

/// Valid JSON with line ends and indents. Everything else stays as it was written: the order and the digits of numbers
/// would not survive being read.
fn pretty(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut chars = json.chars().filter(OutsideStrings::default().keep()).peekable();
    let (mut depth, mut is_text, mut is_escaped) = (0_usize, false, false);
    let new_line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    while let Some(c) = chars.next() {
        if is_text {
            out.push(c);
            is_text = is_escaped || c != '"';
            is_escaped = !is_escaped && c == '\\';
            continue;
        }
        match c {
            '{' | '[' => {
                out.push(c);
                let is_empty = matches!(chars.peek(), Some('}' | ']'));
                if is_empty {
                    out.extend(chars.next());
                } else {
                    depth += 1;
                    new_line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c => {
                is_text = c == '"';
                out.push(c);
            }
        }
    }
    out
}

/// Drops the blanks between the tokens of JSON.
#[derive(Default)]
struct OutsideStrings {
    is_text: bool,
    is_escaped: bool,
}

impl OutsideStrings {
    fn keep(mut self) -> impl FnMut(&char) -> bool {
        move |c| {
            if self.is_text {
                self.is_text = self.is_escaped || *c != '"';
                self.is_escaped = !self.is_escaped && *c == '\\';
                return true;
            }
            self.is_text = *c == '"';
            !c.is_ascii_whitespace()
        }
    }
}

/// Offset, bytes in hex, bytes as ASCII; sixteen to a line where there is room, else eight.
fn hex(bytes: &[u8], columns: usize) -> Vec<String> {
    let per_line = if columns >= 74 { 16 } else { 8 };
    let row = |(number, bytes): (usize, &[u8])| {
        let numbers: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let letters: String =
            bytes.iter().map(|byte| if byte.is_ascii_graphic() { *byte as char } else { '.' }).collect();
        format!("{:06x}  {:width$}  {letters}", number * per_line, numbers.join(" "), width = per_line * 3 - 1)
    };
    bytes.chunks(per_line).enumerate().map(row).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(bytes: &[u8]) -> BrowsedBytes {
        BrowsedBytes::of(bytes)
    }

    #[test]
    fn bytes_are_shown_as_what_they_look_like() {
        for (bytes, expected) in [
            (&b"{\"a\":1}"[..], Format::Json),
            (b" [1, 2]", Format::Json),
            (b"{\"a\":", Format::Text),
            (b"plain\nlines", Format::Text),
            (b"12", Format::Text),
            (b"\x00\x00\x00\x00\x2aabc", Format::Hex),
            (b"\xff\xfe", Format::Hex),
            (b"\x1b[2J", Format::Hex),
        ] {
            assert_eq!(Format::Auto.of(&of(bytes)), expected, "{}", bytes.escape_ascii());
        }
        assert_eq!(Format::Json.of(&of(b"12")), Format::Json);
        assert_eq!(Format::Json.of(&of(b"x")), Format::Text);
        assert_eq!(Format::Text.of(&of(b"\xff")), Format::Text);
    }

    #[test]
    fn json_is_indented_and_otherwise_left_as_it_is() {
        let json = r#"{"b": 1.10, "a":[1,2 ,{}], "t":"x, {y}: \"z\\", "b":12345678901234567890123, "e": [ ]}"#;
        let expected = "{\n  \"b\": 1.10,\n  \"a\": [\n    1,\n    2,\n    {}\n  ],\n  \"t\": \"x, {y}: \\\"z\\\\\",\n  \
                        \"b\": 12345678901234567890123,\n  \"e\": []\n}";
        assert_eq!(lines(&of(json.as_bytes()), Format::Auto, 80).join("\n"), expected);
    }

    #[test]
    fn hex_shows_place_numbers_and_letters() {
        let shown = lines(&of(b"\x00kmirror\xffend"), Format::Auto, 60);
        assert_eq!(shown, ["000000  00 6b 6d 69 72 72 6f 72  .kmirror", "000008  ff 65 6e 64              .end"]);
        assert_eq!(lines(&of(&[7; 20]), Format::Hex, 80).len(), 2);
    }

    #[test]
    fn a_preview_tells_that_there_is_more() {
        assert_eq!(preview(&of(b"short"), 10), "short");
        assert_eq!(preview(&of("äöü and more".as_bytes()), 5), "äöü a…");
        assert_eq!(preview(&of(b"\x00\x01\x02"), 10), "0x000102");
        assert_eq!(preview(&of(b"\x00\x01\x02"), 4), "0x0001…");
        let cut = BrowsedBytes { shown: "ä".as_bytes()[..1].to_vec(), size_bytes: 9 };
        assert_eq!(preview(&cut, 10), "…");
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_much(bytes in prop::collection::vec(any::<u8>(), 0..300), columns in 1_usize..90) {
            for format in [Format::Auto, Format::Text, Format::Json, Format::Hex] {
                lines(&of(&bytes), format, columns);
                as_text(&of(&bytes), format);
            }
            preview(&of(&bytes), columns);
        }

        /// Indenting changes nothing but blanks between tokens.
        #[test]
        fn indented_json_means_the_same(words in prop::collection::btree_map(".{0,8}", ".{0,8}", 0..6)) {
            let json = serde_json::to_string(&words).expect("a map");
            let again: std::collections::BTreeMap<String, String> =
                serde_json::from_str(&pretty(&json)).expect("still JSON");
            prop_assert_eq!(again, words);
        }
    }
}
