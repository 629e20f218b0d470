//! Copies to the user's own clipboard through the terminal (OSC 52), which works over SSH.

use crossterm::Command;
use crossterm::clipboard::CopyToClipboard;

/// What terminals accept, encoded: xterm's limit.
const ENCODED_BYTES_MAX: usize = 74_994;

/// What a terminal multiplexer around us wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Wrapping {
    /// There is none.
    #[default]
    None,
    /// tmux: a sequence for the terminal around it.
    Tmux,
    /// screen: the same, in pieces.
    Screen,
}

impl Wrapping {
    /// As the environment says.
    pub(super) fn detect(variable: impl Fn(&str) -> Option<String>) -> Self {
        if variable("TMUX").is_some_and(|value| !value.is_empty()) {
            Self::Tmux
        } else if variable("TERM").is_some_and(|term| term.starts_with("screen")) {
            Self::Screen
        } else {
            Self::None
        }
    }
}

/// The sequence that puts a text into the terminal's clipboard; `None` for texts that are too long for it.
pub(super) fn sequence(text: &str, wrapping: Wrapping) -> Option<Vec<u8>> {
    if text.len().div_ceil(3) * 4 > ENCODED_BYTES_MAX {
        return None;
    }
    let mut plain = String::new();
    CopyToClipboard::to_clipboard_from(text).write_ansi(&mut plain).ok()?;
    Some(
        match wrapping {
            Wrapping::None => plain,
            // tmux takes the plain one too where `set-clipboard` is on; where `allow-passthrough` is, this one.
            Wrapping::Tmux => format!("{plain}\x1bPtmux;{}\x1b\\", plain.replace('\x1b', "\x1b\x1b")),
            Wrapping::Screen => {
                // screen passes no more than 768 bytes on at once.
                let pieces = plain.as_bytes().chunks(SCREEN_BYTES_MAX).map(String::from_utf8_lossy);
                pieces.map(|piece| format!("\x1bP{piece}\x1b\\")).collect()
            }
        }
        .into_bytes(),
    )
}

const SCREEN_BYTES_MAX: usize = 252;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_a_sequence_for_the_terminal() {
        let text = |wrapping| sequence("orders", wrapping).map(|bytes| String::from_utf8(bytes).expect("UTF-8"));
        assert_eq!(text(Wrapping::None).as_deref(), Some("\x1b]52;c;b3JkZXJz\x1b\\"));
        let tmux = text(Wrapping::Tmux).expect("short");
        assert!(tmux.ends_with("\x1bPtmux;\x1b\x1b]52;c;b3JkZXJz\x1b\x1b\\\x1b\\"), "{tmux:?}");
        assert!(text(Wrapping::Screen).expect("short").starts_with("\x1bP\x1b]52;"));
        assert_eq!(sequence(&"x".repeat(56_244), Wrapping::None).map(|bytes| bytes.len() > 70_000), Some(true));
        assert_eq!(sequence(&"x".repeat(56_245), Wrapping::None), None);
    }

    #[test]
    fn what_is_around_the_terminal_is_told_by_the_environment() {
        let with = |name: &'static str, value: &'static str| {
            Wrapping::detect(move |asked| (asked == name).then(|| value.to_owned()))
        };
        assert_eq!(with("TMUX", "/tmp/tmux-0/default,1,0"), Wrapping::Tmux);
        assert_eq!(with("TERM", "screen-256color"), Wrapping::Screen);
        assert_eq!(with("TERM", "xterm"), Wrapping::None);
    }
}
