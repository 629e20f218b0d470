//! A line that is being typed.

use crokey::KeyCombination;
use crokey::OneToThree;
use crokey::crossterm::event::{KeyCode, KeyModifiers};
use tui_input::{Input, InputRequest};

/// Text with a cursor.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct InputLine(Input);

/// Longer than any pattern that is meant.
const CHARS_MAX: usize = 1_000;

impl InputLine {
    pub(in crate::tui) fn new(text: &str) -> Self {
        Self(Input::new(text.to_owned()))
    }

    pub(in crate::tui) fn text(&self) -> &str {
        self.0.value()
    }

    /// The text before the cursor and behind it.
    pub(in crate::tui) fn halves(&self) -> (&str, &str) {
        let text = self.text();
        let at = text.char_indices().nth(self.0.cursor()).map_or(text.len(), |(index, _)| index);
        text.split_at(at)
    }

    /// Takes a key in; whether it was one for a line of text.
    pub(in crate::tui) fn key(&mut self, key: KeyCombination) -> bool {
        let Some(request) = request(key) else { return false };
        let is_full = self.text().chars().count() >= CHARS_MAX;
        if !(is_full && matches!(request, InputRequest::InsertChar(_))) {
            self.0.handle(request);
        }
        true
    }

    /// Takes pasted text in, its line ends as blanks.
    pub(in crate::tui) fn paste(&mut self, text: &str) {
        let room = CHARS_MAX.saturating_sub(self.text().chars().count());
        for c in text.chars().filter(|c| !c.is_control() || c.is_whitespace()).take(room) {
            self.0.handle(InputRequest::InsertChar(if c.is_whitespace() { ' ' } else { c }));
        }
    }
}

fn request(key: KeyCombination) -> Option<InputRequest> {
    let OneToThree::One(code) = key.codes else { return None };
    let is_control = key.modifiers == KeyModifiers::CONTROL;
    Some(match code {
        KeyCode::Char(c) if (key.modifiers - KeyModifiers::SHIFT).is_empty() => InputRequest::InsertChar(c),
        KeyCode::Char('w') if is_control => InputRequest::DeletePrevWord,
        KeyCode::Char('u') if is_control => InputRequest::DeleteLine,
        KeyCode::Char('k') if is_control => InputRequest::DeleteTillEnd,
        KeyCode::Char('a') if is_control => InputRequest::GoToStart,
        KeyCode::Char('e') if is_control => InputRequest::GoToEnd,
        // Many terminals send this for the backspace key.
        KeyCode::Char('h') if is_control => InputRequest::DeletePrevChar,
        KeyCode::Left if is_control => InputRequest::GoToPrevWord,
        KeyCode::Right if is_control => InputRequest::GoToNextWord,
        KeyCode::Backspace => InputRequest::DeletePrevChar,
        KeyCode::Delete => InputRequest::DeleteNextChar,
        KeyCode::Left => InputRequest::GoToPrevChar,
        KeyCode::Right => InputRequest::GoToNextChar,
        KeyCode::Home => InputRequest::GoToStart,
        KeyCode::End => InputRequest::GoToEnd,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::keymap::parse_keys;

    fn typed(line: &mut InputLine, keys: &str) {
        for key in parse_keys(keys).expect("keys") {
            assert!(line.key(key), "{keys}");
        }
    }

    #[test]
    fn a_line_is_edited_as_in_a_shell() {
        let mut line = InputLine::new("orders");
        typed(&mut line, "space S");
        assert_eq!(line.text(), "orders S");
        typed(&mut line, "^w left backspace");
        assert_eq!(line.halves(), ("order", " "));
        typed(&mut line, "^u x");
        assert_eq!(line.text(), "x");
        assert!(!line.key(parse_keys("enter").expect("key")[0]));
        line.paste("a\nb\u{1b}");
        assert_eq!(line.text(), "xa b");
    }

    #[test]
    fn a_line_does_not_grow_without_end() {
        let mut line = InputLine::default();
        line.paste(&"x".repeat(5_000));
        typed(&mut line, "y");
        assert_eq!(line.text().len(), 1_000);
    }
}
