//! One partition: where it stands, where it is to go on, and what is wrong with that.

use std::fmt;

use super::draft::Edit;
use crate::model::{EditRefusal, MoveEffect, PartitionOffsets};
use crate::report::number;

/// A partition with its edit.
#[derive(Clone, Copy, Debug)]
pub(in crate::tui) struct Row<'a> {
    pub(in crate::tui) listed: &'a PartitionOffsets,
    pub(in crate::tui) edit: Option<&'a Edit>,
}

/// What stands before a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum RowMark {
    /// It goes on where it is.
    Unchanged,
    /// It is to go on elsewhere.
    Edited,
    /// Somebody must decide.
    Problem,
}

/// Why somebody must decide. Its text is a sentence without its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum RowProblem<'a> {
    /// The edit must not be.
    Refused(&'a EditRefusal),
    /// The progress is older than the log.
    BelowLow { progress: i64, lost: u64 },
    /// The progress lies behind the end of the log.
    BeyondHigh { progress: i64, high: i64 },
    /// The ends of the log are not known.
    Unknown(&'a str),
}

impl<'a> Row<'a> {
    /// Where the partition goes on: as it is edited, else where it is. `None` while that is looked up, or must not be.
    pub(in crate::tui) fn position(&self) -> Option<i64> {
        match self.edit {
            Some(edit) => edit.found.as_ref()?.result.as_ref().ok().map(|found| found.offset),
            // What is gone cannot be copied: the next there is.
            None => self.listed.position().map(|position| position.max(self.listed.low.unwrap_or(position))),
        }
    }

    /// What going on there comes to.
    pub(in crate::tui) fn effect(&self) -> Option<MoveEffect> {
        self.listed.effect_of(self.position()?)
    }

    /// What is wrong with it. An edit mends what was wrong with the progress.
    pub(in crate::tui) fn problem(&self) -> Option<RowProblem<'a>> {
        let listed = self.listed;
        if let Some(edit) = self.edit {
            return edit.found.as_ref()?.result.as_ref().err().map(RowProblem::Refused);
        }
        let (Some(_), Some(high)) = (listed.low, listed.high) else {
            return Some(RowProblem::Unknown(listed.fault.as_deref().unwrap_or("the source does not tell its ends")));
        };
        let progress = listed.progress?.offset;
        match listed.lost_records() {
            0 if progress > high => Some(RowProblem::BeyondHigh { progress, high }),
            0 => None,
            lost => Some(RowProblem::BelowLow { progress, lost }),
        }
    }

    /// Whether its edit is being looked up.
    pub(in crate::tui) fn is_pending(&self) -> bool {
        self.edit.is_some_and(|edit| edit.found.is_none())
    }

    pub(in crate::tui) fn mark(&self) -> RowMark {
        match (self.problem(), self.edit) {
            (Some(_), _) => RowMark::Problem,
            (None, Some(_)) => RowMark::Edited,
            (None, None) => RowMark::Unchanged,
        }
    }
}

impl RowProblem<'_> {
    /// In a cell.
    pub(in crate::tui) fn word(&self) -> &'static str {
        match self {
            Self::Refused(EditRefusal::BeyondHigh { .. }) | Self::BeyondHigh { .. } => "beyond high",
            Self::Refused(EditRefusal::BelowLow { .. }) | Self::BelowLow { .. } => "below low",
            Self::Refused(EditRefusal::NoProgress) => "no progress",
            Self::Refused(EditRefusal::NotSelected) => "not mirrored",
            Self::Refused(EditRefusal::Unknown(_)) | Self::Unknown(_) => "not known",
        }
    }
}

impl fmt::Display for RowProblem<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => write!(f, "{refusal}"),
            Self::BelowLow { progress, lost } => write!(
                f,
                "the checkpoint {} is older than the log: {} records are gone (retention)",
                number::exact(*progress),
                number::exact(*lost)
            ),
            Self::BeyondHigh { progress, high } => write!(
                f,
                "the checkpoint {} lies behind the end of the log, which is {}",
                number::exact(*progress),
                number::exact(*high)
            ),
            Self::Unknown(why) => write!(f, "the ends of its log are not known: {why}"),
        }
    }
}
