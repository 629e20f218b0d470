//! Keys as text: `q`, `S`, `^r`, `ctrl-r`, `enter`, `g g`.

use crokey::crossterm::event::{KeyCode, KeyModifiers};
use crokey::{KeyCombination, OneToThree};

/// Reads a key or a chord, whose keys stand with blanks between them.
///
/// # Errors
/// With the piece that is no key.
pub(in crate::tui) fn parse_keys(text: &str) -> Result<Vec<KeyCombination>, String> {
    let keys: Vec<KeyCombination> = text.split_whitespace().map(parse_key).collect::<Result<_, _>>()?;
    if keys.is_empty() { Err("an empty text is no key".into()) } else { Ok(keys) }
}

fn parse_key(text: &str) -> Result<KeyCombination, String> {
    let unknown = || format!("`{text}` is no key; keys are written as q, S, ?, enter, space, f12 or ctrl-r");
    let mut characters = text.chars();
    let spelled = match (characters.next(), characters.next(), characters.next()) {
        (Some(letter), None, _) if letter.is_uppercase() => format!("shift-{letter}"),
        (Some('^'), Some(letter), None) => format!("ctrl-{letter}"),
        _ => text.replace("pgup", "pageup").replace("pgdn", "pagedown"),
    };
    let key = crokey::parse(&spelled).map_err(|_| unknown())?;
    if key.is_ansi_compatible() { Ok(key.normalized()) } else { Err(unknown()) }
}

/// A chord as screens show it.
pub(in crate::tui) fn keys_text(keys: &[KeyCombination]) -> String {
    keys.iter().map(|key| key_text(*key)).collect::<Vec<_>>().join(" ")
}

/// A key as screens show it: `q`, `S`, `^r`, `enter`.
pub(in crate::tui) fn key_text(key: KeyCombination) -> String {
    let OneToThree::One(code) = key.codes else { return key.to_string() };
    let (word, is_letter) = match code {
        KeyCode::Char(' ') => ("space".to_owned(), false),
        KeyCode::Char(c) => (c.to_string(), true),
        KeyCode::Enter => ("enter".to_owned(), false),
        KeyCode::Esc => ("esc".to_owned(), false),
        KeyCode::Tab => ("tab".to_owned(), false),
        KeyCode::BackTab => ("shift-tab".to_owned(), false),
        KeyCode::Backspace => ("backspace".to_owned(), false),
        KeyCode::Delete => ("del".to_owned(), false),
        KeyCode::PageUp => ("pgup".to_owned(), false),
        KeyCode::PageDown => ("pgdn".to_owned(), false),
        KeyCode::Up => ("↑".to_owned(), false),
        KeyCode::Down => ("↓".to_owned(), false),
        KeyCode::Left => ("←".to_owned(), false),
        KeyCode::Right => ("→".to_owned(), false),
        KeyCode::Home => ("home".to_owned(), false),
        KeyCode::End => ("end".to_owned(), false),
        KeyCode::F(n) => (format!("f{n}"), false),
        _ => return key.to_string(),
    };
    let shift = if key.modifiers.contains(KeyModifiers::SHIFT) && !is_letter && code != KeyCode::BackTab {
        "shift-"
    } else {
        ""
    };
    let alt = if key.modifiers.contains(KeyModifiers::ALT) { "alt-" } else { "" };
    let control = if key.modifiers.contains(KeyModifiers::CONTROL) { "^" } else { "" };
    format!("{alt}{shift}{control}{word}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_shown() {
        let texts = [
            ("q", "q"),
            ("S", "S"),
            ("^r", "^r"),
            ("ctrl-r", "^r"),
            ("?", "?"),
            ("!", "!"),
            (":", ":"),
            ("[", "["),
            ("-", "-"),
            ("+", "+"),
            ("g g", "g g"),
            ("space", "space"),
            ("pgdn", "pgdn"),
            ("f12", "f12"),
            ("backtab", "shift-tab"),
            ("enter", "enter"),
        ];
        for (text, shown) in texts {
            let keys = parse_keys(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(keys_text(&keys), shown, "{text}");
        }
        for text in ["", "hyper-q", "a-b", "enterr"] {
            assert!(parse_keys(text).is_err(), "{text}");
        }
    }

    #[test]
    fn typed_keys_are_those_of_the_table() {
        use crokey::crossterm::event::KeyEvent;
        let typed = |code, modifiers| KeyCombination::from(KeyEvent::new(code, modifiers));
        let events = [
            (typed(KeyCode::Char('S'), KeyModifiers::SHIFT), "S"),
            (typed(KeyCode::Char('S'), KeyModifiers::NONE), "S"),
            (typed(KeyCode::Char('!'), KeyModifiers::NONE), "!"),
            (typed(KeyCode::Char(' '), KeyModifiers::NONE), "space"),
            (typed(KeyCode::Char('r'), KeyModifiers::CONTROL), "^r"),
            (typed(KeyCode::BackTab, KeyModifiers::SHIFT), "backtab"),
            (typed(KeyCode::Enter, KeyModifiers::NONE), "enter"),
            (typed(KeyCode::Esc, KeyModifiers::NONE), "esc"),
        ];
        for (event, text) in events {
            assert_eq!(Ok(vec![event]), parse_keys(text), "{text}");
        }
    }
}
