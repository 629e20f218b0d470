//! Which topics a flow mirrors.

use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{InternalRule, NamePattern, PatternDialect, PatternError, TopicName};

/// Two lists of patterns. A topic is selected when one of the first matches its whole name and none of the second
/// does; internal topics only when an entry of the first spells their name out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Written", try_from = "Written")]
pub struct Selection {
    include: PatternSet,
    exclude: PatternSet,
}

/// A selection as text.
#[derive(Serialize, Deserialize)]
struct Written {
    include: Vec<String>,
    exclude: Vec<String>,
}

impl From<Selection> for Written {
    fn from(selection: Selection) -> Self {
        let texts = |set: PatternSet| set.patterns.into_iter().map(String::from).collect();
        Self { include: texts(selection.include), exclude: texts(selection.exclude) }
    }
}

impl TryFrom<Written> for Selection {
    type Error = SelectionError;

    fn try_from(written: Written) -> Result<Self, SelectionError> {
        Self::new(&written.include, &written.exclude)
    }
}

/// What a selection says about one topic, and why. A pattern is named by its index in its list.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SelectionVerdict {
    /// Mirrored.
    Included {
        /// The first of the include list that matches.
        pattern: usize,
    },
    /// Included, and excluded again.
    Excluded {
        /// The first of the exclude list that matches.
        pattern: usize,
    },
    /// No include pattern matches.
    NotIncluded,
    /// A pattern matches, yet the topic belongs to a tool and is not named literally.
    Internal {
        /// Whose it is.
        rule: InternalRule,
    },
    /// A backtracking pattern gave up on this name before it knew. Not mirrored, and never silently so.
    Undecided {
        /// The list it is in.
        list: PatternList,
        /// Which of the list.
        pattern: usize,
    },
}

impl SelectionVerdict {
    /// Whether the topic is to be mirrored.
    pub fn is_included(&self) -> bool {
        matches!(self, Self::Included { .. })
    }
}

/// One of a selection's two lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PatternList {
    /// What may be mirrored.
    Include,
    /// What must not.
    Exclude,
}

impl fmt::Display for PatternList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Include => "include",
            Self::Exclude => "exclude",
        })
    }
}

/// A selection that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// It would select nothing.
    #[error("include is empty: no topic would be mirrored (for all topics write \".*\")")]
    NothingIncluded,
    /// More entries than any sane list.
    #[error("{list} has {n_patterns} entries, more than the {PATTERNS_MAX} allowed")]
    TooMany {
        /// Which list.
        list: PatternList,
        /// How many it has.
        n_patterns: usize,
    },
    /// One entry is wrong.
    #[error("{list} entry {}: {error}", index + 1)]
    Pattern {
        /// Which list.
        list: PatternList,
        /// Which of the list, from 0.
        index: usize,
        /// What is wrong with it.
        error: PatternError,
    },
}

impl Selection {
    /// Compiles both lists.
    pub fn new(include: &[String], exclude: &[String]) -> Result<Self, SelectionError> {
        if include.is_empty() {
            return Err(SelectionError::NothingIncluded);
        }
        Ok(Self {
            include: PatternSet::new(PatternList::Include, include)?,
            exclude: PatternSet::new(PatternList::Exclude, exclude)?,
        })
    }

    /// Whether `topic` is mirrored, and why or why not.
    pub fn judge(&self, topic: &TopicName) -> SelectionVerdict {
        self.judge_by(topic, |list, pattern| self.patterns(list)[pattern].is_match(topic.as_str()).ok())
    }

    /// As [`judge`](Self::judge), by an oracle that knows whether a pattern of a list matches `topic`; `None` where it
    /// gave up. For those who need to know of every pattern anyway.
    pub fn judge_by(
        &self,
        topic: &TopicName,
        is_match: impl Fn(PatternList, usize) -> Option<bool>,
    ) -> SelectionVerdict {
        let pattern = match first_match(self.include.patterns.len(), |pattern| is_match(PatternList::Include, pattern))
        {
            Ok(Some(pattern)) => pattern,
            Ok(None) => return SelectionVerdict::NotIncluded,
            Err(Undecided { pattern }) => {
                return SelectionVerdict::Undecided { list: PatternList::Include, pattern };
            }
        };
        match first_match(self.exclude.patterns.len(), |pattern| is_match(PatternList::Exclude, pattern)) {
            Ok(Some(pattern)) => return SelectionVerdict::Excluded { pattern },
            Ok(None) => {}
            Err(Undecided { pattern }) => {
                return SelectionVerdict::Undecided { list: PatternList::Exclude, pattern };
            }
        }
        match InternalRule::of(topic) {
            Some(rule) => match self.include.literals.get(topic.as_str()) {
                Some(&pattern) => SelectionVerdict::Included { pattern },
                None => SelectionVerdict::Internal { rule },
            },
            None => SelectionVerdict::Included { pattern },
        }
    }

    fn patterns(&self, list: PatternList) -> &[NamePattern] {
        match list {
            PatternList::Include => self.include(),
            PatternList::Exclude => self.exclude(),
        }
    }

    /// The include list.
    pub fn include(&self) -> &[NamePattern] {
        &self.include.patterns
    }

    /// The exclude list.
    pub fn exclude(&self) -> &[NamePattern] {
        &self.exclude.patterns
    }

    /// Every pattern that needs the backtracking engine: its verdicts may be [`SelectionVerdict::Undecided`].
    pub fn backtracking_patterns(&self) -> impl Iterator<Item = (PatternList, usize, &NamePattern)> {
        let lists = [(PatternList::Include, &self.include), (PatternList::Exclude, &self.exclude)];
        lists.into_iter().flat_map(|(list, set)| {
            let backtracking = |(_, pattern): &(usize, &NamePattern)| pattern.dialect() == PatternDialect::Backtracking;
            set.patterns.iter().enumerate().filter(backtracking).map(move |(index, pattern)| (list, index, pattern))
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct PatternSet {
    patterns: Vec<NamePattern>,
    /// Entries that spell out one name, by that name.
    literals: HashMap<String, usize>,
}

/// The pattern that gave up.
struct Undecided {
    pattern: usize,
}

impl PatternSet {
    fn new(list: PatternList, texts: &[String]) -> Result<Self, SelectionError> {
        if texts.len() > PATTERNS_MAX {
            return Err(SelectionError::TooMany { list, n_patterns: texts.len() });
        }
        let mut patterns = Vec::with_capacity(texts.len());
        let mut literals = HashMap::new();
        for (index, text) in texts.iter().enumerate() {
            let pattern = NamePattern::new(text).map_err(|error| SelectionError::Pattern { list, index, error })?;
            if let Some(name) = pattern.literal() {
                literals.entry(name).or_insert(index);
            }
            patterns.push(pattern);
        }
        Ok(Self { patterns, literals })
    }
}

/// A pattern that matches beats one that gave up, whichever comes first.
fn first_match(n_patterns: usize, is_match: impl Fn(usize) -> Option<bool>) -> Result<Option<usize>, Undecided> {
    let mut undecided = None;
    for index in 0..n_patterns {
        match is_match(index) {
            Some(true) => return Ok(Some(index)),
            Some(false) => {}
            None => undecided = undecided.or(Some(Undecided { pattern: index })),
        }
    }
    undecided.map_or(Ok(None), Err)
}

/// How many patterns a list may have. With 10,000 topics on the source this is ten million matches per refresh, some
/// seconds of one core.
pub const PATTERNS_MAX: usize = 1_000;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn selection(include: &[&str], exclude: &[&str]) -> Selection {
        let owned = |texts: &[&str]| texts.iter().map(|text| text.to_string()).collect::<Vec<_>>();
        Selection::new(&owned(include), &owned(exclude)).expect("valid patterns")
    }

    #[test]
    fn exclude_wins_over_include() {
        let selection = selection(&["orders.*", ".*-eu"], &[".*-dlq"]);
        let verdicts = [
            ("orders", SelectionVerdict::Included { pattern: 0 }),
            ("carts-eu", SelectionVerdict::Included { pattern: 1 }),
            ("orders-dlq", SelectionVerdict::Excluded { pattern: 0 }),
            ("carts-dlq", SelectionVerdict::NotIncluded),
            ("carts", SelectionVerdict::NotIncluded),
        ];
        for (name, verdict) in verdicts {
            assert_eq!(selection.judge(&name.into()), verdict, "{name}");
        }
    }

    #[test]
    fn internal_topics_must_be_named_literally() {
        let broad = selection(&[".*", "__.*"], &[]);
        for name in ["__consumer_offsets", "mm2-configs.eu.internal", "heartbeats", "connect-status"] {
            assert!(matches!(broad.judge(&name.into()), SelectionVerdict::Internal { .. }), "{name}");
        }
        let literal = selection(&[".*", "heartbeats", r"mm2-configs\.eu.internal"], &[]);
        assert_eq!(literal.judge(&"heartbeats".into()), SelectionVerdict::Included { pattern: 1 });
        assert_eq!(literal.judge(&"mm2-configs.eu.internal".into()), SelectionVerdict::Included { pattern: 2 });
        // The plain dots of the entry match this one too, but do not name it.
        let lookalike = "mm2-configs-eu.internal".into();
        assert_eq!(literal.judge(&lookalike), SelectionVerdict::Internal { rule: InternalRule::MirrorMaker });
        let excluded = selection(&["heartbeats"], &["heart.*"]);
        assert_eq!(excluded.judge(&"heartbeats".into()), SelectionVerdict::Excluded { pattern: 0 });
    }

    #[test]
    fn a_pattern_that_gives_up_is_seen() {
        let selection = selection(&[r"((a*)*)*\1b(?!x)", "b.*"], &[]);
        let name = "a".repeat(200);
        let undecided = SelectionVerdict::Undecided { list: PatternList::Include, pattern: 0 };
        assert_eq!(selection.judge(&name.as_str().into()), undecided);
        assert_eq!(selection.judge(&"by".into()), SelectionVerdict::Included { pattern: 1 });
        let backtracking: Vec<_> = selection.backtracking_patterns().map(|(list, index, _)| (list, index)).collect();
        assert_eq!(backtracking, [(PatternList::Include, 0)]);
    }

    #[test]
    fn classic_catastrophes_are_harmless() {
        let selection = selection(&["(a+)+$", "(a|a)*b", "(.*)*c"], &[]);
        let name: TopicName = "a".repeat(249).into();
        for _ in 0..1_000 {
            selection.judge(&name);
        }
    }

    #[test]
    fn an_error_names_list_and_entry() {
        let error = Selection::new(&["ok".into(), "a(".into()], &[]).expect_err("unclosed");
        assert_eq!(error.to_string(), "include entry 2: pattern `a(` is not a regular expression: unclosed group");
        let error = Selection::new(&[], &[]).expect_err("nothing");
        assert_eq!(error.to_string(), "include is empty: no topic would be mirrored (for all topics write \".*\")");
        let error = Selection::new(&["a".into()], &vec!["b".to_owned(); 1_001]).expect_err("too many");
        assert_eq!(error.to_string(), "exclude has 1001 entries, more than the 1000 allowed");
    }

    proptest! {
        #[test]
        fn a_literal_include_selects_exactly_its_topic(name in "[a-z0-9_-]{1,30}", other in "[a-z0-9_-]{1,30}") {
            let selection = selection(&[&name], &[]);
            prop_assert!(selection.judge(&name.as_str().into()).is_included());
            prop_assert_eq!(selection.judge(&other.as_str().into()).is_included(), name == other);
        }

        #[test]
        fn no_pattern_panics(pattern in "[a-c.*+?(){}|\\[\\]\\\\^$0-9,!<>=:-]{0,20}", name in "[a-c.]{0,20}") {
            if let Ok(selection) = Selection::new(&[pattern], &[]) {
                selection.judge(&name.into());
            }
        }
    }
}
