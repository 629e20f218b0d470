//! Topics that are not included, and nearly are: but for upper and lower case, but for one character, or because a rule
//! must match the whole name.

use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use super::check::{RuleList, RuleRef};
use super::facts::TopicFact;
use super::fix::{DraftChange, Fix};
use super::outcome::{NearMiss, NearMissKind};
use super::syntax::{Choosy, choosy_parts};
use crate::model::{NamePattern, PatternDialect, SelectionVerdict};

/// More is no list to read. The busiest are kept.
const NEAR_MISSES_MAX: usize = 50;
/// Parts of a rule that are loosened; each is compiled some times when a topic nearly matches.
const PARTS_MAX: usize = 8;
/// Topics for which the part that misses them is looked for: it compiles patterns.
const CLASS_MISSES_MAX: usize = 8;
/// A name's whole alphabet.
const ANY: &str = "[A-Za-z0-9._-]";
/// What is added to a class, and how it is said.
const ADDITIONS: [(&str, &str); 6] = [
    (".", "a dot"),
    (r"\-", "a dash"),
    ("_", "an underscore"),
    ("0-9", "a digit"),
    ("a-z", "a letter"),
    ("A-Z", "a capital"),
];

/// The rules, loosened in three ways. Rules of Java's syntax are left out.
pub(super) struct NearRules {
    rules: Vec<(usize, String)>,
    any_case: RegexSet,
    unanchored: RegexSet,
    loose: RegexSet,
}

impl NearRules {
    pub(super) fn of(include: &[NamePattern]) -> Option<Self> {
        let plain = include.iter().enumerate().filter(|(_, pattern)| pattern.dialect() == PatternDialect::Linear);
        let rules: Vec<(usize, String)> = plain.map(|(index, pattern)| (index, pattern.as_str().to_owned())).collect();
        let set = |form: &dyn Fn(&str) -> String, is_case_ignored: bool| {
            RegexSetBuilder::new(rules.iter().map(|(_, text)| form(text)))
                .unicode(false)
                .case_insensitive(is_case_ignored)
                .build()
                .ok()
        };
        let any_case = set(&|text| whole(text), true)?;
        let unanchored = set(&|text| format!("(?:{text})"), false)?;
        let loose = set(&|text| whole(&loosened(text, &choosy_parts(text))), false)?;
        Some(Self { rules, any_case, unanchored, loose })
    }

    /// For each rule, how many more topics it would match as a search, and the first of them. `is_match` tells what it
    /// matches as it is.
    pub(super) fn searched<'a>(
        &self,
        topics: &'a [TopicFact],
        is_match: impl Fn(usize, usize) -> bool,
    ) -> Vec<(usize, Vec<&'a TopicFact>)> {
        let mut more: Vec<(usize, Vec<&TopicFact>)> = self.rules.iter().map(|(rule, _)| (*rule, Vec::new())).collect();
        for (index, topic) in topics.iter().enumerate() {
            for found in &self.unanchored.matches(topic.name.as_str().as_bytes()) {
                if let Some((rule, topics)) = more.get_mut(found)
                    && !is_match(*rule, index)
                {
                    topics.push(topic);
                }
            }
        }
        more
    }

    /// Topics that nearly match, the busiest first.
    pub(super) fn misses<'a>(
        &self,
        topics: impl Iterator<Item = (&'a TopicFact, &'a SelectionVerdict)>,
    ) -> Vec<NearMiss> {
        let mut misses = Vec::new();
        let mut classes_left = CLASS_MISSES_MAX;
        for (topic, verdict) in topics {
            if !matches!(verdict, SelectionVerdict::NotIncluded) {
                continue;
            }
            let name = topic.name.as_str().as_bytes();
            let first = |set: &RegexSet| set.matches(name).iter().next().and_then(|found| self.rules.get(found));
            let miss = if let Some((rule, text)) = first(&self.any_case) {
                Some(case_miss(topic, *rule, text))
            } else if classes_left > 0
                && let Some((rule, text)) = first(&self.loose)
                && let Some(miss) = class_miss(topic, *rule, text)
            {
                classes_left -= 1;
                Some(miss)
            } else {
                first(&self.unanchored).map(|(rule, text)| search_miss(topic, *rule, text))
            };
            misses.extend(miss);
        }
        misses.sort_by_key(|miss| (miss.kind, std::cmp::Reverse(miss.records_per_second)));
        misses.truncate(NEAR_MISSES_MAX);
        misses
    }
}

fn whole(text: &str) -> String {
    format!(r"\A(?:{text})\z")
}

fn case_miss(topic: &TopicFact, rule: usize, text: &str) -> NearMiss {
    let with = format!("(?i){text}");
    miss(topic, rule, NearMissKind::Case, "upper and lower case differ".to_owned(), with)
}

fn search_miss(topic: &TopicFact, rule: usize, text: &str) -> NearMiss {
    let why = "the rule matches a part of the name, and must match the whole of it".to_owned();
    miss(topic, rule, NearMissKind::Unanchored, why, searching(text))
}

/// The pattern that finds `text` anywhere in a name.
pub(super) fn searching(text: &str) -> String {
    let bare = text.trim_start_matches('^');
    let bare = bare.strip_suffix('$').filter(|bare| !bare.ends_with('\\')).unwrap_or(bare);
    if bare.contains('|') { format!(".*(?:{bare}).*") } else { format!(".*{bare}.*") }
}

/// The one part that is in the way, and the kind of character that would have to be in it.
fn class_miss(topic: &TopicFact, rule: usize, text: &str) -> Option<NearMiss> {
    let name = topic.name.as_str().as_bytes();
    let is_match = |text: &str| compiled(&whole(text)).is_some_and(|regex| regex.is_match(name));
    for part in choosy_parts(text).into_iter().take(PARTS_MAX) {
        let with = |class: &str| format!("{}{class}{}", &text[..part.place.start], &text[part.place.end..]);
        if !is_match(&with(ANY)) {
            continue;
        }
        for (addition, words) in ADDITIONS {
            let wider = with(&format!("[{}{addition}]", part.inside));
            if is_match(&wider) {
                let why = format!("{words} stands where the rule has `{}`", &text[part.place.clone()]);
                return Some(miss(topic, rule, NearMissKind::Class, why, wider));
            }
        }
    }
    None
}

fn miss(topic: &TopicFact, rule: usize, kind: NearMissKind, why: String, with: String) -> NearMiss {
    let rule = RuleRef { list: RuleList::Include, index: rule };
    NearMiss {
        topic: topic.name.clone(),
        rule,
        kind,
        why,
        fix: Fix { text: format!("write `{with}`"), change: DraftChange::Replace { rule, with } },
        records_per_second: topic.log.and_then(|log| log.records_per_second),
    }
}

/// With every choosy part open to any character: what does not match this, no single part keeps from matching.
fn loosened(text: &str, parts: &[Choosy]) -> String {
    let mut loose = String::with_capacity(text.len());
    let mut end = 0;
    for part in parts.iter().take(PARTS_MAX) {
        loose.push_str(&text[end..part.place.start]);
        loose.push_str(ANY);
        end = part.place.end;
    }
    loose.push_str(&text[end..]);
    loose
}

fn compiled(text: &str) -> Option<Regex> {
    RegexBuilder::new(text).unicode(false).build().ok()
}
