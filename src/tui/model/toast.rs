//! Short messages at the edge of the screen. Those about errors stay until they are read away.

use std::collections::VecDeque;

/// The messages that are seen.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct Toasts(VecDeque<Toast>);

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui) struct Toast {
    pub(in crate::tui) text: String,
    pub(in crate::tui) tone: ToastTone,
    /// When it came, ms since 1970.
    pub(in crate::tui) at_ms: i64,
}

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum ToastTone {
    Info,
    Warn,
    Err,
}

/// How many are seen at once.
const TOASTS_MAX: usize = 4;
/// How long one stays that is no error.
const TOAST_MS: i64 = 6_000;

impl Toasts {
    pub(in crate::tui) fn push(&mut self, toast: Toast) {
        self.0.retain(|other| other.text != toast.text);
        self.0.push_back(toast);
        if self.0.len() > TOASTS_MAX {
            self.0.pop_front();
        }
    }

    /// Takes away what has been seen long enough.
    pub(in crate::tui) fn expire(&mut self, now_ms: i64) {
        self.0.retain(|toast| toast.tone == ToastTone::Err || now_ms - toast.at_ms < TOAST_MS);
    }

    /// Takes all away; whether there was one.
    pub(in crate::tui) fn clear(&mut self) -> bool {
        let had_some = !self.0.is_empty();
        self.0.clear();
        had_some
    }

    pub(in crate::tui) fn iter(&self) -> impl Iterator<Item = &Toast> {
        self.0.iter()
    }
}
