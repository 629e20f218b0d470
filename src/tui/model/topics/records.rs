//! The records of a topic, a page at a time.

use crate::model::{BrowseFrom, BrowsedPage, BrowsedRecord, ClusterName, StartPosition, TopicName};
use crate::tui::model::input_line::InputLine;
use crate::tui::model::list::ListState;
use crate::tui::model::scroll::Scroll;
use crate::tui::services::JobError;
use crate::tui::widget::payload::Format;

/// Whose records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui) struct RecordsOf {
    pub(in crate::tui) cluster: ClusterName,
    pub(in crate::tui) topic: TopicName,
    /// All partitions when absent.
    pub(in crate::tui) partition: Option<i32>,
}

/// The state of the records' page.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct RecordsView {
    pub(in crate::tui) of: Option<RecordsOf>,
    pub(in crate::tui) list: ListState,
    /// Where the page begins, in words: "newest", "from 12345".
    pub(in crate::tui) place: String,
    /// What was read.
    pub(in crate::tui) page: Option<Result<BrowsedPage, JobError>>,
    /// What is asked for now, in words.
    pub(in crate::tui) asked: Option<String>,
    /// Where to go, while it is typed.
    pub(in crate::tui) prompt: Option<InputLine>,
    /// Why what is typed cannot be gone to.
    pub(in crate::tui) prompt_error: Option<String>,
    /// How keys and values are shown.
    pub(in crate::tui) format: Format,
    /// What is seen of the record that is opened.
    pub(in crate::tui) scroll: Scroll,
}

impl RecordsView {
    /// The records of the page.
    pub(in crate::tui) fn records(&self) -> &[BrowsedRecord] {
        match &self.page {
            Some(Ok(page)) => &page.records,
            _ => &[],
        }
    }

    /// The record of this key.
    pub(in crate::tui) fn record(&self, key: &str) -> Option<&BrowsedRecord> {
        self.records().iter().find(|record| record_key(record) == key)
    }

    /// The record the cursor is on.
    pub(in crate::tui) fn selected(&self) -> Option<&BrowsedRecord> {
        self.record(self.list.selected.as_deref()?)
    }
}

/// What a record is called: partition and offset.
pub(in crate::tui) fn record_key(record: &BrowsedRecord) -> String {
    format!("{}@{}", record.partition, record.offset)
}

/// What can be typed as a place.
pub(in crate::tui) const PLACES: &str = "newest, oldest, an offset (12345), -2h, 2026-01-01T12:00Z";

/// Reads a place among records.
///
/// # Errors
/// When it is none, with what could be typed.
pub(in crate::tui) fn place(text: &str, now_ms: i64) -> Result<BrowseFrom, String> {
    let wrong = || format!("no place: write {PLACES}");
    match text.trim() {
        "newest" => Ok(BrowseFrom::Newest),
        "oldest" => Ok(BrowseFrom::Oldest),
        text => match text.parse::<StartPosition>() {
            Ok(StartPosition::Earliest) => Ok(BrowseFrom::Oldest),
            Ok(StartPosition::Latest) => Ok(BrowseFrom::Newest),
            Ok(StartPosition::Offset(offset)) => Ok(BrowseFrom::Offset(offset)),
            Ok(StartPosition::Timestamp { ms }) => Ok(BrowseFrom::Time(ms)),
            // -1 and -2 mean ends to a broker.
            Ok(StartPosition::Ago { ms }) => Ok(BrowseFrom::Time(now_ms.saturating_sub(ms).max(0))),
            Ok(StartPosition::Last(_) | StartPosition::Group(_)) | Err(_) => Err(wrong()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_words_offsets_and_times() {
        let now_ms = 10_000_000;
        for (text, expected) in [
            ("newest", BrowseFrom::Newest),
            (" latest ", BrowseFrom::Newest),
            ("oldest", BrowseFrom::Oldest),
            ("earliest", BrowseFrom::Oldest),
            ("12345", BrowseFrom::Offset(12_345)),
            ("-2h", BrowseFrom::Time(2_800_000)),
            ("-9d", BrowseFrom::Time(0)),
            ("2026-01-01T12:00Z", BrowseFrom::Time(1_767_268_800_000)),
            ("2026-01-01T12:00:00+01:00", BrowseFrom::Time(1_767_265_200_000)),
        ] {
            assert_eq!(place(text, now_ms), Ok(expected), "{text}");
        }
        for text in ["", "yesterday", "last 5", "group:x", "-5", "1.5"] {
            assert!(place(text, now_ms).is_err(), "{text}");
        }
    }
}
