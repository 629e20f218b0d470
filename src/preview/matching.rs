//! Which rule matches which topic: asked once, and used by all.

use super::facts::TopicFact;
use crate::model::{NamePattern, PatternList, Selection, SelectionVerdict};

/// What a pattern says of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Match {
    No,
    Yes,
    Undecided,
}

/// For each pattern of both lists, what it says of each topic.
pub(super) struct Matches {
    include: Vec<Vec<Match>>,
    exclude: Vec<Vec<Match>>,
}

impl Matches {
    pub(super) fn of(selection: &Selection, topics: &[TopicFact]) -> Self {
        let row = |pattern: &NamePattern| {
            topics
                .iter()
                .map(|topic| match pattern.is_match(topic.name.as_str()) {
                    Ok(true) => Match::Yes,
                    Ok(false) => Match::No,
                    Err(_) => Match::Undecided,
                })
                .collect()
        };
        Self {
            include: selection.include().iter().map(row).collect(),
            exclude: selection.exclude().iter().map(row).collect(),
        }
    }

    /// What the selection says of a topic, by its index.
    pub(super) fn judge(&self, selection: &Selection, topic: usize, fact: &TopicFact) -> SelectionVerdict {
        selection.judge_by(&fact.name, |list, pattern| match self.rows(list)[pattern][topic] {
            Match::Yes => Some(true),
            Match::No => Some(false),
            Match::Undecided => None,
        })
    }

    /// Whether a pattern matches a topic.
    pub(super) fn is_match(&self, list: PatternList, pattern: usize, topic: usize) -> bool {
        self.rows(list)[pattern][topic] == Match::Yes
    }

    /// Whether any include pattern matches a topic.
    pub(super) fn is_included(&self, topic: usize) -> bool {
        self.include.iter().any(|row| row[topic] == Match::Yes)
    }

    fn rows(&self, list: PatternList) -> &[Vec<Match>] {
        match list {
            PatternList::Include => &self.include,
            PatternList::Exclude => &self.exclude,
        }
    }
}
