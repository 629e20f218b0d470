//! Rules that hardly mean what they look like.

use super::{Check, CheckId, Severity, plural};
use crate::model::{NamePattern, PatternDialect, PatternList, PatternNoteKind, TopicName, explain_pattern};
use crate::preview::check::{CheckPlace, RuleList, RuleRef};
use crate::preview::evaluate::Evaluated;
use crate::preview::fix::{DraftChange, Fix};
use crate::preview::java::rewrite;
use crate::preview::near::searching;
use crate::preview::syntax::empty_branch;

/// Findings about the rules of both lists and of the rename, each by itself.
pub(super) fn patterns(evaluated: &Evaluated<'_>) -> Vec<Check> {
    let rules = evaluated.ground.rules;
    let lists = [
        (RuleList::Include, rules.selection.include().iter().collect::<Vec<_>>()),
        (RuleList::Exclude, rules.selection.exclude().iter().collect()),
        (RuleList::Rename, rename_patterns(evaluated)),
    ];
    let mut checks = Vec::new();
    for (list, patterns) in lists {
        for (index, pattern) in patterns.into_iter().enumerate() {
            let rule = Rule { rule: RuleRef { list, index }, pattern, evaluated };
            checks.extend(rule.notes());
            checks.extend(rule.empty_branch());
            checks.extend(rule.java());
        }
    }
    checks.extend(
        evaluated.searched.iter().filter_map(|(index, topics)| unanchored(evaluated, *index, topics.as_slice())),
    );
    checks
}

fn rename_patterns<'a>(evaluated: &Evaluated<'a>) -> Vec<&'a NamePattern> {
    match &evaluated.ground.rules.rename {
        crate::model::RenamePolicy::Rules(rules) => rules.iter().map(|rule| &rule.pattern).collect(),
        crate::model::RenamePolicy::Identity | crate::model::RenamePolicy::Prefix { .. } => Vec::new(),
    }
}

struct Rule<'e, 'a> {
    rule: RuleRef,
    pattern: &'a NamePattern,
    evaluated: &'e Evaluated<'a>,
}

impl Rule<'_, '_> {
    fn finding(&self, id: CheckId, severity: Severity, text: String) -> Check {
        Check { place: CheckPlace::Rule(self.rule), ..Check::new(id, severity, text) }
    }

    /// A rule that stands in `[defaults]` is not the draft's to change.
    fn is_own(&self) -> bool {
        self.rule.list != RuleList::Exclude || self.evaluated.ground.draft.exclude.is_some()
    }

    fn replace(&self, with: String) -> Option<Fix> {
        let fix = Fix { text: format!("write `{with}`"), change: DraftChange::Replace { rule: self.rule, with } };
        self.is_own().then_some(fix)
    }

    fn matched(&self) -> Vec<&TopicName> {
        let list = match self.rule.list {
            RuleList::Include => PatternList::Include,
            RuleList::Exclude => PatternList::Exclude,
            RuleList::Rename => return Vec::new(),
        };
        let topics = self.evaluated.ground.facts.source.topics().iter().enumerate();
        let matches = self.evaluated.ground.matches;
        topics
            .filter(|(index, _)| matches.is_match(list, self.rule.index, *index))
            .map(|(_, fact)| &fact.name)
            .collect()
    }

    fn notes(&self) -> Vec<Check> {
        let notes = explain_pattern(self.pattern.as_str());
        let concerns = |kind: PatternNoteKind| self.rule.list == RuleList::Include || kind.concerns_exclude();
        let notes = notes.into_iter().filter(|note| concerns(note.kind) || note.kind == PatternNoteKind::EveryName);
        notes
            .filter_map(|note| {
                let text = format!("{}: {}; {}", self.rule, note.text, note.suggestion);
                match note.kind {
                    PatternNoteKind::Comma
                    | PatternNoteKind::Blank
                    | PatternNoteKind::LeadingStar
                    | PatternNoteKind::UnderscoreStar => Some(self.other_tool(note.kind, text)),
                    PatternNoteKind::InternalTopics => {
                        let matched = self.matched();
                        let text = format!("{text}; {} it matches", plural(matched.len(), "internal topic"));
                        Some(self.finding(CheckId::InternalTopics, Severity::Warning, text).about(matched))
                    }
                    PatternNoteKind::EveryName => Some(self.every_name()),
                    PatternNoteKind::PlainDot => self.plain_dot(),
                    PatternNoteKind::RepetitionComma | PatternNoteKind::AnyOrNone => None,
                }
            })
            .collect()
    }

    fn other_tool(&self, kind: PatternNoteKind, text: String) -> Check {
        let pattern = self.pattern.as_str();
        let fix = match kind {
            PatternNoteKind::Comma if self.rule.list != RuleList::Rename && self.is_own() => {
                let into: Vec<String> = pattern.split(',').map(|part| part.trim().to_owned()).collect();
                // The comma of a repetition separates nothing, and a rule is no place to guess.
                let is_plain = !pattern.contains(['{', '[']) && into.iter().all(|part| NamePattern::new(part).is_ok());
                let text = format!("write {} entries", into.len());
                is_plain.then_some(Fix { text, change: DraftChange::Split { rule: self.rule, into } })
            }
            PatternNoteKind::Blank => self.replace(pattern.replace(' ', "")),
            PatternNoteKind::LeadingStar => self.replace(format!(".{pattern}")),
            PatternNoteKind::UnderscoreStar => {
                pattern.strip_suffix("_*").and_then(|stem| self.replace(format!("{stem}_.*")))
            }
            _ => None,
        };
        Check { fix, ..self.finding(CheckId::OtherTool, Severity::Warning, text) }
    }

    fn every_name(&self) -> Check {
        let n_topics = self.evaluated.ground.facts.source.topics().len();
        let (severity, text) = match self.rule.list {
            RuleList::Include => {
                let text = "matches every topic there is and every one to come, but internal ones";
                (Severity::Warning, format!("{} `{}` {text}", self.rule, self.pattern))
            }
            RuleList::Exclude => {
                (Severity::Error, format!("{} `{}` excludes every topic: nothing is mirrored", self.rule, self.pattern))
            }
            RuleList::Rename => (Severity::Info, format!("{} `{}` matches every topic", self.rule, self.pattern)),
        };
        Check { n_topics, ..self.finding(CheckId::EveryName, severity, text) }
    }

    /// Said aloud only where the dot really matches more, now.
    fn plain_dot(&self) -> Option<Check> {
        let escaped = crate::model::escape_plain_dots(self.pattern.as_str())?;
        let strict = NamePattern::new(&escaped).ok()?;
        let matched = self.matched();
        let extra: Vec<&TopicName> =
            matched.into_iter().filter(|topic| strict.is_match(topic.as_str()) == Ok(false)).collect();
        let (severity, more) = match extra.first() {
            Some(first) => {
                let also = format!(": also `{first}`, {} in all", plural(extra.len(), "topic"));
                (Severity::Warning, also)
            }
            None => (Severity::Info, String::new()),
        };
        let text = format!("{}: a plain dot matches any one character{more}", self.rule);
        let check = self.finding(CheckId::PlainDot, severity, text).about(extra);
        Some(Check { fix: self.replace(escaped), ..check })
    }

    fn empty_branch(&self) -> Option<Check> {
        let (span, without) = empty_branch(self.pattern.as_str())?;
        let text = format!("{}: a branch of `{}` is empty", self.rule, &self.pattern.as_str()[span.clone()]);
        let check = self.finding(CheckId::EmptyBranch, Severity::Warning, text);
        Some(Check { span: Some(span), fix: self.replace(without), ..check })
    }

    fn java(&self) -> Option<Check> {
        if self.pattern.dialect() != PatternDialect::Backtracking {
            return None;
        }
        let text = format!("{}: look-around and the like may give up on a name, which is then not mirrored", self.rule);
        let fix = rewrite(self.pattern.as_str()).and_then(|rewrite| {
            let replace = self.replace(rewrite.pattern.clone())?;
            match (rewrite.exclude.is_empty(), self.rule.list) {
                (true, _) => Some(replace),
                // Excluded from all rules, which is what is meant where there is only this one.
                (false, RuleList::Include) => {
                    let Evaluated { ground, .. } = self.evaluated;
                    let exclude = Fix::exclude(ground.draft, ground.rules, rewrite.exclude);
                    let text = format!("{} and {}", replace.text, exclude.text);
                    Some(Fix { text, change: DraftChange::All(vec![replace.change, exclude.change]) })
                }
                (false, RuleList::Exclude | RuleList::Rename) => None,
            }
        });
        Some(Check { fix, ..self.finding(CheckId::JavaSyntax, Severity::Warning, text) })
    }
}

/// MirrorMaker and Connect match whole names, too; who comes from grep is told.
fn unanchored(evaluated: &Evaluated<'_>, index: usize, topics: &[&crate::preview::facts::TopicFact]) -> Option<Check> {
    let rule = RuleRef { list: RuleList::Include, index };
    let pattern = evaluated.ground.rules.selection.include().get(index)?.as_str();
    let first = topics.first()?;
    // Who spells a name out in full means that name.
    let count = evaluated.preview.include.get(index)?;
    if count.topics > 0 && !crate::preview::syntax::is_open_ended(pattern) {
        return None;
    }
    let severity = if count.topics == 0 { Severity::Warning } else { Severity::Info };
    let more = plural(topics.len(), "more topic");
    let text = format!("{rule} must match the whole name; as a search it would match {more}, such as `{}`", first.name);
    let with = searching(pattern);
    let fix = Fix { text: format!("write `{with}`"), change: DraftChange::Replace { rule, with } };
    let check =
        Check { place: CheckPlace::Rule(rule), fix: Some(fix), ..Check::new(CheckId::Unanchored, severity, text) };
    Some(check.about(topics.iter().map(|topic| &topic.name)))
}
