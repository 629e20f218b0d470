//! What is typed, read by a thread of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crokey::KeyCombination;
use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::TerminalError;

/// One thing that was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui) enum Typed {
    Key(KeyCombination),
    Paste(String),
}

/// Reads until it is dropped.
pub(in crate::tui) struct InputReader {
    typed: UnboundedReceiver<Typed>,
    is_wanted: Arc<AtomicBool>,
}

/// How long a lone escape is held: a slow line may have cut the sequence of an arrow key behind its first byte.
const ESCAPE_MAX: Duration = Duration::from_millis(25);
/// How soon reading ends when nobody wants it any more.
const PATIENCE: Duration = Duration::from_millis(200);

impl InputReader {
    /// Starts to read.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub(in crate::tui) fn start() -> Result<Self, TerminalError> {
        let (sender, typed) = unbounded_channel();
        let is_wanted = Arc::new(AtomicBool::new(true));
        let wanted = Arc::clone(&is_wanted);
        let thread = thread::Builder::new().name("kmirror-input".into()).spawn(move || read(&sender, &wanted));
        thread.map_err(TerminalError::of("start a thread for the keyboard"))?;
        Ok(Self { typed, is_wanted })
    }

    /// The next thing typed; `None` when the terminal is gone. Safe to cancel.
    pub(in crate::tui) async fn next(&mut self) -> Option<Typed> {
        self.typed.recv().await
    }

    /// What else is there already.
    pub(in crate::tui) fn try_next(&mut self) -> Option<Typed> {
        self.typed.try_recv().ok()
    }
}

impl Drop for InputReader {
    fn drop(&mut self) {
        self.is_wanted.store(false, Ordering::Relaxed);
    }
}

fn read(typed: &UnboundedSender<Typed>, is_wanted: &AtomicBool) {
    let mut joiner = Joiner::default();
    while is_wanted.load(Ordering::Relaxed) {
        let patience = if joiner.is_waiting() { ESCAPE_MAX } else { PATIENCE };
        let keys = match event::poll(patience) {
            Ok(true) => match event::read() {
                Ok(Event::Key(key)) if key.kind == KeyEventKind::Release => Vec::new(),
                Ok(Event::Key(key)) => joiner.take(key),
                Ok(Event::Paste(text)) => {
                    let _ = typed.send(Typed::Paste(text));
                    Vec::new()
                }
                // A new size is told by its signal, which is listened to before the first size is asked for.
                Ok(_) => Vec::new(),
                Err(_) => return,
            },
            Ok(false) => joiner.give_up(),
            Err(_) => return,
        };
        if keys.into_iter().any(|key| typed.send(Typed::Key(key.into())).is_err()) {
            return;
        }
    }
}

/// Puts an escape sequence together again that arrived in pieces.
#[derive(Debug, Default)]
struct Joiner {
    held: Vec<KeyEvent>,
}

impl Joiner {
    fn is_waiting(&self) -> bool {
        !self.held.is_empty()
    }

    /// Takes a key; tells which keys it makes.
    fn take(&mut self, key: KeyEvent) -> Vec<KeyEvent> {
        let is_escape = key.code == KeyCode::Esc && key.modifiers.is_empty();
        if self.held.is_empty() && !is_escape {
            return vec![key];
        }
        if is_escape && !self.held.is_empty() {
            let before = self.give_up();
            self.held.push(key);
            return before;
        }
        self.held.push(key);
        let sequence: String = self.held[1..].iter().map(|key| key.code.as_char().unwrap_or('\0')).collect();
        match sequence.as_str() {
            "" | "[" | "O" | "[1" | "[3" | "[4" | "[5" | "[6" | "[7" | "[8" => Vec::new(),
            sequence => match code(sequence) {
                Some(code) => {
                    self.held.clear();
                    vec![KeyEvent::new(code, KeyModifiers::NONE)]
                }
                None => self.give_up(),
            },
        }
    }

    /// Nothing more came: the keys are what they are.
    fn give_up(&mut self) -> Vec<KeyEvent> {
        std::mem::take(&mut self.held)
    }
}

/// The key of a sequence without its escape.
fn code(sequence: &str) -> Option<KeyCode> {
    Some(match sequence {
        "[A" | "OA" => KeyCode::Up,
        "[B" | "OB" => KeyCode::Down,
        "[C" | "OC" => KeyCode::Right,
        "[D" | "OD" => KeyCode::Left,
        "[H" | "OH" | "[1~" | "[7~" => KeyCode::Home,
        "[F" | "OF" | "[4~" | "[8~" => KeyCode::End,
        "[3~" => KeyCode::Delete,
        "[5~" => KeyCode::PageUp,
        "[6~" => KeyCode::PageDown,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str) -> Vec<KeyCode> {
        let mut joiner = Joiner::default();
        let key = |c| KeyEvent::new(if c == '\u{1b}' { KeyCode::Esc } else { KeyCode::Char(c) }, KeyModifiers::NONE);
        let mut keys: Vec<KeyEvent> = text.chars().flat_map(|c| joiner.take(key(c))).collect();
        keys.extend(joiner.give_up());
        keys.into_iter().map(|key| key.code).collect()
    }

    #[test]
    fn a_sequence_in_pieces_is_one_key() {
        assert_eq!(joined("\u{1b}[A"), [KeyCode::Up]);
        assert_eq!(joined("\u{1b}[5~j"), [KeyCode::PageUp, KeyCode::Char('j')]);
        assert_eq!(joined("\u{1b}"), [KeyCode::Esc]);
        assert_eq!(joined("\u{1b}q"), [KeyCode::Esc, KeyCode::Char('q')]);
        assert_eq!(joined("\u{1b}\u{1b}OB"), [KeyCode::Esc, KeyCode::Down]);
        assert_eq!(joined("\u{1b}[x"), [KeyCode::Esc, KeyCode::Char('['), KeyCode::Char('x')]);
        assert_eq!(joined("S"), [KeyCode::Char('S')]);
    }
}
