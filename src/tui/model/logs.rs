//! What was logged and what happened, in the order of time.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;

use super::list::ListState;
use crate::engine::Event;
use crate::model::FlowName;
use crate::report::{Tone, event_words};
use crate::telemetry::{LogLevel, LogLine};
use crate::tui::widget::filter::FilterLanguage;
use crate::tui::widget::line_filter::LineView;

/// Where the engine's events are logged for the file. The page shows the events themselves.
pub const EVENT_TARGET: &str = "kmirror::event";

/// Lines and events that are kept.
const ENTRIES_MAX: usize = 20_000;

/// The page.
#[derive(Clone, Debug)]
pub(in crate::tui) struct LogsPage {
    pub(in crate::tui) list: ListState,
    /// The least level that is shown.
    pub(in crate::tui) level: LogLevel,
    entries: VecDeque<Arc<LogEntry>>,
    next_number: u64,
    cache: RefCell<Shown>,
}

/// A line or an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui) struct LogEntry {
    /// Counts in the order they came here.
    pub(in crate::tui) number: u64,
    /// When it was, ms since 1970.
    pub(in crate::tui) at_ms: i64,
    pub(in crate::tui) level: LogLevel,
    /// Which part of the program says it.
    pub(in crate::tui) from: &'static str,
    /// The flow it is about, where it says so.
    pub(in crate::tui) flow: Option<FlowName>,
    /// What it says, not escaped.
    pub(in crate::tui) text: String,
}

/// The entries that are shown, as of a state of the page.
#[derive(Clone, Debug, Default)]
struct Shown {
    key: Option<ShownKey>,
    entries: Arc<Vec<Arc<LogEntry>>>,
}

/// What they depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ShownKey {
    next_number: u64,
    filter: String,
    level: LogLevel,
    is_problems_only: bool,
    frozen_since_ms: Option<i64>,
}

impl Default for LogsPage {
    fn default() -> Self {
        let list = ListState { language: FilterLanguage::Lines, follows: Some(true), ..ListState::default() };
        Self { list, level: LogLevel::Trace, entries: VecDeque::new(), next_number: 0, cache: RefCell::default() }
    }
}

impl LogsPage {
    /// Takes lines of the log in; those that only repeat an event are left aside.
    pub(in crate::tui) fn take_lines(&mut self, lines: Vec<LogLine>) {
        for line in lines.into_iter().filter(|line| line.from != EVENT_TARGET) {
            let LogLine { at_ms, level, from, text, .. } = line;
            self.insert(LogEntry { number: 0, at_ms, level, from, flow: flow_in(&text), text });
        }
    }

    /// Takes an event in.
    pub(in crate::tui) fn take_event(&mut self, event: &Event) {
        let (tone, text) = event_words(event);
        let level = match tone {
            Tone::Bad => LogLevel::Error,
            Tone::Warning => LogLevel::Warn,
            Tone::Plain | Tone::Faint | Tone::Good => LogLevel::Info,
        };
        let flow = Some(event.flow.clone());
        self.insert(LogEntry { number: 0, at_ms: event.at_ms, level, from: "engine", flow, text });
    }

    /// Everything there is, before any filter.
    pub(in crate::tui) fn total(&self) -> usize {
        self.entries.len()
    }

    /// What is shown, the oldest first. Made anew only when something it depends on has changed.
    pub(in crate::tui) fn shown(&self, frozen_since_ms: Option<i64>) -> Arc<Vec<Arc<LogEntry>>> {
        let key = ShownKey {
            next_number: self.next_number,
            filter: self.list.filter_line.text().to_owned(),
            level: self.level,
            is_problems_only: self.list.is_problems_only,
            frozen_since_ms,
        };
        let mut cache = self.cache.borrow_mut();
        if cache.key.as_ref() != Some(&key) {
            let is_shown = |entry: &&Arc<LogEntry>| {
                entry.level >= key.level
                    && (!key.is_problems_only || entry.is_error())
                    && frozen_since_ms.is_none_or(|since_ms| entry.at_ms <= since_ms)
                    && self.list.filter.fits_line(&entry.view())
            };
            cache.entries = Arc::new(self.entries.iter().filter(is_shown).cloned().collect());
            cache.key = Some(key);
        }
        Arc::clone(&cache.entries)
    }

    fn insert(&mut self, mut entry: LogEntry) {
        entry.number = self.next_number;
        self.next_number += 1;
        // What comes late belongs further up: events come at once, lines with the data.
        let place = self.entries.partition_point(|other| other.at_ms <= entry.at_ms);
        self.entries.insert(place, Arc::new(entry));
        if self.entries.len() > ENTRIES_MAX {
            self.entries.pop_front();
        }
    }
}

impl LogEntry {
    /// Whether something does not work.
    pub(in crate::tui) fn is_error(&self) -> bool {
        self.level == LogLevel::Error
    }

    /// Which part of the program says it, in a word: `flow`, `librdkafka`.
    pub(in crate::tui) fn from_word(&self) -> &'static str {
        self.from.rsplit("::").next().unwrap_or(self.from)
    }

    /// The key of its row.
    pub(in crate::tui) fn key(&self) -> String {
        self.number.to_string()
    }

    fn view(&self) -> LineView<'_> {
        let flow = self.flow.as_ref().map(FlowName::as_str);
        LineView { level: self.level, from: self.from, flow, text: &self.text }
    }
}

/// The flow a line of the log names, as `flow=NAME` or `flow="NAME"`.
fn flow_in(text: &str) -> Option<FlowName> {
    let (_, rest) = text.split_once("flow=").filter(|(before, _)| before.is_empty() || before.ends_with(' '))?;
    let name = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => rest.split([' ', ',']).next(),
    };
    name.filter(|name| !name.is_empty()).map(FlowName::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{EventKind, FlowState};

    fn line(at_ms: i64, text: &str) -> LogLine {
        LogLine { number: 0, at_ms, level: LogLevel::Info, from: "librdkafka", text: text.into() }
    }

    #[test]
    fn lines_and_events_stand_in_the_order_of_time() {
        let mut page = LogsPage::default();
        let kind = EventKind::FlowState { state: FlowState::CaughtUp };
        page.take_event(&Event { at_ms: 20, flow: "f".into(), kind });
        let repeated = LogLine { from: EVENT_TARGET, ..line(20, "{}") };
        page.take_lines(vec![line(10, "before flow=f"), repeated, line(30, "after flow=\"a b\" x=1")]);
        let shown = page.shown(None);
        let texts: Vec<&str> = shown.iter().map(|entry| entry.text.as_str()).collect();
        assert_eq!(texts, ["before flow=f", "caught up", "after flow=\"a b\" x=1"]);
        let flows: Vec<Option<&str>> = shown.iter().map(|entry| entry.flow.as_ref().map(FlowName::as_str)).collect();
        assert_eq!(flows, [Some("f"), Some("f"), Some("a b")]);
        assert_eq!(page.shown(Some(20)).len(), 2, "frozen at 20 ms");
    }

    #[test]
    fn what_is_shown_is_made_anew_only_when_something_has_changed() {
        let mut page = LogsPage::default();
        page.take_lines(vec![line(10, "one")]);
        assert!(Arc::ptr_eq(&page.shown(None), &page.shown(None)));
        let before = page.shown(None);
        page.take_lines(vec![line(11, "two")]);
        assert_eq!((before.len(), page.shown(None).len()), (1, 2));
    }

    #[test]
    fn the_oldest_go_first() {
        let mut page = LogsPage::default();
        page.take_lines((0..ENTRIES_MAX as i64 + 5).map(|n| line(n, "x")).collect());
        assert_eq!(page.total(), ENTRIES_MAX);
        assert_eq!(page.shown(None)[0].at_ms, 5);
    }
}
