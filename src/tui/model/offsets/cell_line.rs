//! A position that is being typed into a cell.

use crate::model::{
    EditPosition, EditRefusal, PartitionOffsets, PositionEdit, ResolvedEdit, StartPosition, TopicPartition,
};
use crate::tui::model::input_line::InputLine;

use super::draft::Found;

/// The line, for whom it is, and what it means so far.
#[derive(Clone, Debug)]
pub(in crate::tui) struct CellLine {
    pub(in crate::tui) line: InputLine,
    /// What key began it, which decides what is said about it.
    pub(in crate::tui) hint: CellHint,
    /// The partitions it is for; the first is the one whose meaning is shown meanwhile.
    pub(in crate::tui) partitions: Vec<TopicPartition>,
    /// What is typed, if it can be read, else why not.
    pub(in crate::tui) parsed: Result<EditPosition, String>,
    /// What it means in the first of them.
    found: Option<(EditPosition, Found)>,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum CellHint {
    Any,
    Time,
    Ago,
    Last,
    Offset,
}

impl CellLine {
    pub(in crate::tui) fn new(text: &str, hint: CellHint, partitions: Vec<TopicPartition>) -> Self {
        let mut line = Self { line: InputLine::new(text), hint, partitions, parsed: Err(String::new()), found: None };
        line.read();
        line
    }

    /// Reads what is typed.
    pub(in crate::tui) fn read(&mut self) {
        let text = self.line.text().trim();
        // Numbers can be typed as they are shown.
        let text = if is_grouped(text) { text.replace(',', "") } else { text.to_owned() };
        self.parsed = text.parse::<EditPosition>().map_err(|error| error.to_string());
    }

    /// Whether nothing is typed yet, or only what the key began with.
    pub(in crate::tui) fn is_begun(&self) -> bool {
        let text = self.line.text().trim();
        !(text.is_empty()
            || (self.hint == CellHint::Ago && text == "-")
            || (self.hint == CellHint::Last && text == "last"))
    }

    /// What is to be looked up for it.
    pub(in crate::tui) fn unknown(&self) -> Option<PositionEdit> {
        let at = self.parsed.as_ref().ok()?;
        let partition = self.partitions.first()?;
        if self.found().is_some() {
            return None;
        }
        Some(PositionEdit { partition: partition.clone(), at: at.clone() })
    }

    /// What it means in the first partition, once that is known.
    pub(in crate::tui) fn found(&self) -> Option<&Found> {
        let at = self.parsed.as_ref().ok()?;
        self.found.as_ref().filter(|(of, _)| of == at).map(|(_, found)| found)
    }

    /// Why an offset must not be, as far as that can be told without asking.
    pub(in crate::tui) fn refusal(&self, listed: &PartitionOffsets) -> Option<EditRefusal> {
        let offset = match self.parsed.as_ref().ok()? {
            EditPosition::At(StartPosition::Offset(offset)) => *offset,
            EditPosition::Progress { by } => match listed.progress {
                Some(progress) => progress.offset.saturating_add(*by),
                None => return Some(EditRefusal::NoProgress),
            },
            EditPosition::At(_) => return None,
        };
        let (low, high) = (listed.low?, listed.high?);
        if offset > high {
            Some(EditRefusal::BeyondHigh { offset, high })
        } else {
            (offset < low).then_some(EditRefusal::BelowLow { offset, low, high })
        }
    }

    /// What edits mean.
    pub(in crate::tui) fn take(&mut self, resolved: &[ResolvedEdit], now_ms: i64) {
        let (Ok(at), Some(partition)) = (&self.parsed, self.partitions.first()) else { return };
        let is_it = |edit: &PositionEdit| edit.partition == *partition && edit.at == *at;
        if let Some(found) = resolved.iter().find(|resolved| is_it(&resolved.edit)) {
            self.found = Some((at.clone(), Found { result: found.result.clone(), at_ms: now_ms }));
        }
    }
}

/// Whether commas stand where numbers are grouped, and nowhere else: `43,550,104`, `last 10,000`.
fn is_grouped(text: &str) -> bool {
    let digits = |part: &str| part.bytes().take_while(u8::is_ascii_digit).count();
    let mut parts = text.split(',');
    let has_number = parts.next().is_some_and(|head| head.ends_with(|last: char| last.is_ascii_digit()));
    has_number && text.contains(',') && parts.all(|part| digits(part) == 3 && part.len() == 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<String, String> {
        let line = CellLine::new(text, CellHint::Any, vec![TopicPartition::new("orders", 0)]);
        line.parsed.map(|at| at.to_string())
    }

    #[test]
    fn numbers_are_typed_as_they_are_shown() {
        assert_eq!(parsed("43,550,104").as_deref(), Ok("43550104"));
        assert_eq!(parsed(" last 10,000 ").as_deref(), Ok("last 10000"));
        assert_eq!(parsed("-1,500").as_deref(), Ok("-1500"));
        assert!(parsed("43,55").is_err());
        assert!(parsed("1,0000").is_err());
        assert_eq!(parsed("group:a,123").as_deref(), Ok("group:a,123"));
    }

    #[test]
    fn what_is_only_begun_is_no_mistake() {
        let is_begun = |text: &str, hint| CellLine::new(text, hint, Vec::new()).is_begun();
        assert!(!is_begun("-", CellHint::Ago) && !is_begun("last ", CellHint::Last) && !is_begun("", CellHint::Offset));
        assert!(is_begun("-", CellHint::Any) && is_begun("-2", CellHint::Ago));
    }
}
