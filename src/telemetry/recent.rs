//! The latest lines of the log, kept in memory for whoever looks at them now.

use std::collections::VecDeque;
use std::fmt::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// Lines that are kept; the oldest go first.
const LINES_MAX: usize = 5_000;
/// What is kept of one line. A broker may say a lot.
const LINE_CHARS_MAX: usize = 2_000;

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// For whoever looks for a bug.
    Trace,
    /// For whoever looks for a cause.
    Debug,
    /// Worth knowing.
    Info,
    /// Something is not as it should be.
    Warn,
    /// Something does not work.
    Error,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Counts all lines there ever were, from 0.
    pub number: u64,
    /// When, ms since 1970.
    pub at_ms: i64,
    /// How much it matters.
    pub level: LogLevel,
    /// Which part of the program says it: `kmirror::engine::flow`, `librdkafka`.
    pub from: &'static str,
    /// What it says, not escaped: names in it come from brokers.
    pub text: String,
}

/// The latest lines. Cheap to clone: all clones are the same.
#[derive(Clone, Debug, Default)]
pub struct RecentLines(Arc<Mutex<Ring>>);

#[derive(Debug, Default)]
struct Ring {
    lines: VecDeque<LogLine>,
    next: u64,
}

impl RecentLines {
    /// The lines from `number` on that are still there.
    pub fn since(&self, number: u64) -> Vec<LogLine> {
        let ring = self.lock();
        let first = ring.next - ring.lines.len() as u64;
        let skipped = usize::try_from(number.saturating_sub(first)).unwrap_or(usize::MAX);
        ring.lines.iter().skip(skipped).cloned().collect()
    }

    /// The number that the next line will have: whether there is anything new.
    pub fn next_number(&self) -> u64 {
        self.lock().next
    }

    fn push(&self, level: LogLevel, from: &'static str, text: String) {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let at_ms = i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX);
        let mut ring = self.lock();
        let number = ring.next;
        ring.next += 1;
        if ring.lines.len() == LINES_MAX {
            ring.lines.pop_front();
        }
        ring.lines.push_back(LogLine { number, at_ms, level, from, text });
    }

    /// What is under the lock is whole at any time.
    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Subscriber> Layer<S> for RecentLines {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let mut text = Text::default();
        event.record(&mut text);
        let metadata = event.metadata();
        self.push(level(*metadata.level()), metadata.target(), text.finish());
    }
}

fn level(level: Level) -> LogLevel {
    match level {
        Level::TRACE => LogLevel::Trace,
        Level::DEBUG => LogLevel::Debug,
        Level::INFO => LogLevel::Info,
        Level::WARN => LogLevel::Warn,
        Level::ERROR => LogLevel::Error,
    }
}

/// The message, then the other fields.
#[derive(Default)]
struct Text {
    message: String,
    fields: String,
}

impl Text {
    fn finish(self) -> String {
        let separator = if self.message.is_empty() || self.fields.is_empty() { "" } else { " " };
        let mut text = self.message + separator + &self.fields;
        if let Some((end, _)) = text.char_indices().nth(LINE_CHARS_MAX) {
            text.truncate(end);
            text.push('…');
        }
        text
    }
}

impl Visit for Text {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a String cannot fail.
        let _ = match (field.name(), self.fields.is_empty()) {
            ("message", _) => write!(self.message, "{value:?}"),
            (name, true) => write!(self.fields, "{name}={value:?}"),
            (name, false) => write!(self.fields, " {name}={value:?}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[test]
    fn lines_are_kept_with_their_fields_until_newer_ones_come() {
        let recent = RecentLines::default();
        let subscriber = tracing_subscriber::registry().with(recent.clone());
        tracing::subscriber::with_default(subscriber, || {
            tracing::warn!(flow = "eu", records = 3, "it {}", "waits");
            tracing::info!(target: "librdkafka", client = "a", "connected");
        });
        let lines = recent.since(0);
        assert_eq!(lines[0].text, "it waits flow=eu records=3");
        assert_eq!((lines[0].level, lines[1].level), (LogLevel::Warn, LogLevel::Info));
        assert_eq!((lines[1].from, lines[1].text.as_str()), ("librdkafka", "connected client=a"));
        assert!(recent.since(1).len() == 1 && recent.since(2).is_empty());
        for _ in 0..LINES_MAX {
            recent.push(LogLevel::Info, "test", "x".repeat(3));
        }
        assert_eq!(recent.next_number(), LINES_MAX as u64 + 2);
        assert_eq!(recent.since(0).len(), LINES_MAX);
        assert_eq!(recent.since(0)[0].number, 2);
        assert_eq!(recent.since(LINES_MAX as u64 + 1).len(), 1);
    }

    #[test]
    fn a_line_has_an_end() {
        let text = Text { message: "é".repeat(LINE_CHARS_MAX + 10), fields: String::new() };
        assert_eq!(text.finish().chars().count(), LINE_CHARS_MAX + 1);
    }
}
