//! Where an operator sets the position of a partition: the start grammar, and what is relative to the progress.
//!
//! A start is for partitions that have no progress, so these forms mean nothing there, and
//! [`StartPosition`] refuses them. Whoever edits positions sees the progress.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::start::{ParseStartError, Relative, parse_relative};
use super::{START_GRAMMAR, StartPosition};

/// Where a partition is to go on. Written as a [`StartPosition`], or `checkpoint`, `+500`, `-500`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum EditPosition {
    /// So many offsets behind the progress, or before it where negative; `checkpoint` for none.
    Progress {
        /// Offsets to go on from the progress.
        by: i64,
    },
    /// Whatever the progress is.
    At(StartPosition),
}

impl EditPosition {
    /// Where the progress is: the partition is left as it is.
    pub const CHECKPOINT: Self = Self::Progress { by: 0 };

    /// Whether it is a moment.
    pub fn is_by_time(&self) -> bool {
        matches!(self, Self::At(start) if start.is_by_time())
    }
}

impl From<StartPosition> for EditPosition {
    fn from(start: StartPosition) -> Self {
        Self::At(start)
    }
}

/// An edited position that is none. Says what is wrong, and the whole grammar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("position `{value}` {problem}; expected `checkpoint`, `+500` or `-500` (from there), {START_GRAMMAR}")]
pub struct ParseEditError {
    /// What was written, or its beginning.
    pub value: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl FromStr for EditPosition {
    type Err = ParseEditError;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        match parse_relative(value) {
            Some(Ok(Relative(by))) => Ok(Self::Progress { by }),
            Some(Err(problem)) => Err(ParseEditError { value: super::excerpt(value), problem }),
            None => match value.parse() {
                Ok(start) => Ok(Self::At(start)),
                Err(ParseStartError { value, problem }) => Err(ParseEditError { value, problem }),
            },
        }
    }
}

impl fmt::Display for EditPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Progress { by: 0 } => f.write_str("checkpoint"),
            Self::Progress { by } => write!(f, "{by:+}"),
            Self::At(start) => write!(f, "{start}"),
        }
    }
}

impl From<EditPosition> for String {
    fn from(position: EditPosition) -> Self {
        position.to_string()
    }
}

impl TryFrom<String> for EditPosition {
    type Error = ParseEditError;

    fn try_from(value: String) -> Result<Self, Self::Error> {
        value.parse()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_shown_can_be_typed(by in -i64::MAX..=i64::MAX) {
            let position = EditPosition::Progress { by };
            prop_assert_eq!(position.to_string().parse::<EditPosition>(), Ok(position));
        }

        #[test]
        fn no_text_panics(text in "\\PC*|[-+][0-9kMdhms]{0,30}") {
            let _ = text.parse::<EditPosition>();
        }
    }

    #[test]
    fn what_is_relative_to_the_progress_has_no_unit() {
        let parsed = |text: &str| text.parse::<EditPosition>();
        assert_eq!(parsed("checkpoint"), Ok(EditPosition::CHECKPOINT));
        assert_eq!(parsed("+500"), Ok(EditPosition::Progress { by: 500 }));
        assert_eq!(parsed("-500"), Ok(EditPosition::Progress { by: -500 }));
        assert_eq!(parsed("+0"), Ok(EditPosition::CHECKPOINT));
        assert_eq!(parsed("-2h"), Ok(StartPosition::Ago { ms: 7_200_000 }.into()));
        assert_eq!(parsed("500"), Ok(StartPosition::Offset(500).into()));
        assert_eq!(parsed("last 10k"), Ok(StartPosition::Last(10_000).into()));
        let problem = |text: &str| parsed(text).expect_err(text).problem;
        assert_eq!(problem("+"), "has no whole number after `+`");
        assert_eq!(problem("+2h"), "has no whole number after `+`");
        assert_eq!(problem("-99999999999999999999"), "is too large a number");
        assert_eq!(problem("-5x"), "has an unknown unit");
        let message = parsed("soon").expect_err("no form").to_string();
        assert!(message.starts_with("position `soon` is not understood; expected `checkpoint`, `+500`"), "{message}");
    }
}
