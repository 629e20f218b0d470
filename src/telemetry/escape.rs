//! Untrusted text made visible: what a broker, a record or a topic's name may do to a terminal or a log.
//!
//! Applied where text leaves the process (log lines, printed lines), not where it enters: places that print grow in
//! number, the ways out do not.

use std::borrow::Cow;
use std::fmt::Write;

/// Characters that draw nothing, draw elsewhere or turn the text around, beside the control characters: soft hyphen,
/// joiners and fillers, bidirectional marks and overrides, zero-width characters, line and paragraph separators,
/// variation selectors, annotations and tags.
const INVISIBLE: [(char, char); 18] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
    ('\u{f0000}', '\u{10ffff}'),
];

/// Whether a character must not be printed as it is.
pub fn is_hidden(c: char) -> bool {
    c.is_control() || (c >= '\u{ad}' && INVISIBLE.iter().any(|(first, last)| (*first..=*last).contains(&c)))
}

/// `text` with every hidden character written out: `\n`, `\x1b`, `\u{202e}`. Nothing is taken away, for a name that is
/// silently shorter is another name.
///
/// The backslash stays as it is: patterns (`orders\.v1`) stay readable, and escaping twice is escaping once, so that
/// nobody has to know whether a text went through here before. The price: a backslash followed by `n` in the original
/// looks the same as a line feed. Nothing parses these texts back.
pub fn escape_untrusted(text: &str) -> Cow<'_, str> {
    let Some(clean) = text.find(is_hidden) else { return Cow::Borrowed(text) };
    let mut escaped = String::with_capacity(text.len() + 16);
    escaped.push_str(&text[..clean]);
    for c in text[clean..].chars() {
        if is_hidden(c) {
            push_escape(&mut escaped, c);
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

fn push_escape(escaped: &mut String, c: char) {
    let written = match c {
        '\n' => escaped.write_str("\\n"),
        '\r' => escaped.write_str("\\r"),
        '\t' => escaped.write_str("\\t"),
        c if c.is_ascii() => write!(escaped, "\\x{:02x}", u32::from(c)),
        c => write!(escaped, "\\u{{{:x}}}", u32::from(c)),
    };
    debug_assert!(written.is_ok(), "a String takes everything");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_would_act_is_shown() {
        let texts = [
            ("orders", "orders"),
            ("größe-日本", "größe-日本"),
            ("\u{1b}[2J", "\\x1b[2J"),
            ("\u{1b}]0;title\u{7}", "\\x1b]0;title\\x07"),
            ("\u{1b}]8;;http://evil\u{1b}\\here", "\\x1b]8;;http://evil\\x1b\\here"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("evil\n2026-01-01 ERROR fake", "evil\\n2026-01-01 ERROR fake"),
            ("over\rwritten\t.", "over\\rwritten\\t."),
            ("nul\0del\u{7f}", "nul\\x00del\\x7f"),
            ("abc\u{202e}fed", "abc\\u{202e}fed"),
            ("iso\u{2066}late\u{2069}", "iso\\u{2066}late\\u{2069}"),
            ("zero\u{200b}width\u{feff}", "zero\\u{200b}width\\u{feff}"),
            ("tag\u{e0041}", "tag\\u{e0041}"),
            ("line\u{2028}sep\u{85}", "line\\u{2028}sep\\u{85}"),
            ("soft\u{ad}hyphen", "soft\\u{ad}hyphen"),
            (r"orders\.v1", r"orders\.v1"),
        ];
        for (text, expected) in texts {
            assert_eq!(escape_untrusted(text), expected);
        }
    }

    #[test]
    fn clean_text_is_not_copied() {
        assert!(matches!(escape_untrusted("orders"), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left(text in any::<String>()) {
            let escaped = escape_untrusted(&text).into_owned();
            prop_assert!(!escaped.contains(is_hidden));
            prop_assert_eq!(escape_untrusted(&escaped), escaped.as_str());
        }

        #[test]
        fn what_is_visible_stays_in_order(text in any::<String>()) {
            let escaped = escape_untrusted(&text);
            let mut rest = escaped.chars();
            for c in text.chars().filter(|c| !is_hidden(*c)) {
                prop_assert!(rest.any(|other| other == c), "{c:?} of {text:?} in {escaped:?}");
            }
        }
    }
}
