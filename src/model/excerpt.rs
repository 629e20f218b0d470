//! Foreign text in our messages.

/// `text` on one line, with control characters and the like spelled out: `\u{1b}`. Safe to print anywhere.
pub fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // Harmless, and common in patterns.
            '"' | '\'' | '\\' => shown.push(c),
            _ => shown.extend(c.escape_debug()),
        }
    }
    shown
}

/// The beginning of [`escaped`] text, enough to recognize it.
pub fn excerpt(text: &str) -> String {
    match text.char_indices().nth(EXCERPT_CHARS_MAX) {
        Some((end, _)) => format!("{}...", escaped(&text[..end])),
        None => escaped(text),
    }
}

/// A message with two of them fits two lines of a terminal.
const EXCERPT_CHARS_MAX: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_steer_a_terminal_is_spelled_out() {
        assert_eq!(escaped("a\"b'c\\d"), "a\"b'c\\d");
        assert_eq!(escaped("\u{1b}[2J\n\u{9b}\u{202e}"), "\\u{1b}[2J\\n\\u{9b}\\u{202e}");
        assert_eq!(excerpt(&"\u{e9}".repeat(61)), format!("{}...", "\u{e9}".repeat(60)));
    }
}
