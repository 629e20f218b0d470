//! The rules of a draft, compiled; each that cannot be is told at its place.

use super::check::{Check, CheckId, CheckPlace, RuleList, RuleRef, Severity};
use super::fix::{DraftChange, Fix};
use super::java::rewrite;
use super::syntax::error_span;
use crate::config::{FlowConfig, FlowDraft, RenameDraft};
use crate::model::{NamePattern, PatternError, PolicyError, RenamePolicy, RenameRule, Selection};

/// Rules that can be used.
pub(super) struct Rules {
    pub(super) selection: Selection,
    pub(super) rename: RenamePolicy,
}

/// The rules of `draft`. What it leaves to the defaults comes from `config`, the draft as it would be used.
pub(super) fn compile(draft: &FlowDraft, config: Option<&FlowConfig>) -> Result<Rules, Vec<Check>> {
    let mut wrong = Vec::new();
    for (list, patterns) in [(RuleList::Include, Some(&draft.include)), (RuleList::Exclude, draft.exclude.as_ref())] {
        for (index, pattern) in patterns.into_iter().flatten().enumerate() {
            if let Err(error) = NamePattern::new(pattern) {
                wrong.push(invalid_pattern(RuleRef { list, index }, pattern, &error));
            }
        }
    }
    let rename = rename_policy(draft, config, &mut wrong);
    if draft.include.is_empty() {
        let text = "nothing is included: no topic would be mirrored";
        let place = CheckPlace::Field("include".to_owned());
        wrong.push(Check { place, ..Check::new(CheckId::NothingIncluded, Severity::Error, text) });
    }
    let inherited = || config.map(|config| config.selection.exclude()).unwrap_or_default();
    let exclude = match &draft.exclude {
        Some(exclude) => exclude.clone(),
        None => inherited().iter().map(|pattern| pattern.as_str().to_owned()).collect(),
    };
    if !wrong.is_empty() {
        return Err(wrong);
    }
    match (Selection::new(&draft.include, &exclude), rename) {
        (Ok(selection), Some(rename)) => Ok(Rules { selection, rename }),
        (Err(error), _) => Err(vec![Check::new(CheckId::InvalidPattern, Severity::Error, error.to_string())]),
        (_, None) => Err(Vec::new()),
    }
}

fn rename_policy(draft: &FlowDraft, config: Option<&FlowConfig>, wrong: &mut Vec<Check>) -> Option<RenamePolicy> {
    let field = || CheckPlace::Field("rename".to_owned());
    let policy = match &draft.rename {
        None => return Some(config.map_or(RenamePolicy::Identity, |config| config.rename.clone())),
        Some(RenameDraft::Identity) => return Some(RenamePolicy::Identity),
        Some(RenameDraft::Prefix { prefix, separator }) => {
            RenamePolicy::prefix(prefix, separator.as_deref().unwrap_or("."))
        }
        Some(RenameDraft::Rules(rules)) => {
            let mut compiled = Vec::new();
            for (index, rule) in rules.iter().enumerate() {
                match RenameRule::new(&rule.pattern, &rule.replacement) {
                    Ok(rule) => compiled.push(rule),
                    Err(error) => {
                        wrong.push(invalid_rename(RuleRef { list: RuleList::Rename, index }, &rule.pattern, &error));
                    }
                }
            }
            if compiled.len() < rules.len() {
                return None;
            }
            RenamePolicy::rules(compiled)
        }
    };
    match policy {
        Ok(policy) => Some(policy),
        Err(error) => {
            let check = Check::new(CheckId::InvalidReplacement, Severity::Error, error.to_string());
            wrong.push(Check { place: field(), ..check });
            None
        }
    }
}

fn invalid_rename(rule: RuleRef, pattern: &str, error: &PolicyError) -> Check {
    match error {
        PolicyError::Pattern(error) => invalid_pattern(rule, pattern, error),
        PolicyError::EmptyPrefix
        | PolicyError::IllegalCharacter { .. }
        | PolicyError::RuleCount { .. }
        | PolicyError::UnknownGroup { .. }
        | PolicyError::StrayDollar { .. } => Check {
            place: CheckPlace::Rule(rule),
            ..Check::new(CheckId::InvalidReplacement, Severity::Error, error.to_string())
        },
    }
}

/// With the place of the mistake, and what was likely meant.
fn invalid_pattern(rule: RuleRef, pattern: &str, error: &PatternError) -> Check {
    let place = CheckPlace::Rule(rule);
    let replace =
        |with: String| Some(Fix { text: format!("write `{with}`"), change: DraftChange::Replace { rule, with } });
    if matches!(error, PatternError::Empty) {
        let text = format!("{rule} is empty, and no topic's name is");
        let fix = Some(Fix { text: "remove the rule".to_owned(), change: DraftChange::Remove { rule } });
        return Check { place, fix, ..Check::new(CheckId::EmptyPattern, Severity::Error, text) };
    }
    let rewritten = || {
        let rewrite = rewrite(pattern)?;
        let is_whole = rewrite.exclude.is_empty() && NamePattern::new(&rewrite.pattern).is_ok();
        is_whole.then_some(rewrite.pattern)
    };
    let fix = match pattern.strip_prefix('*') {
        Some(rest) => replace(format!(".*{rest}")),
        None => rewritten().and_then(replace),
    };
    let id = CheckId::InvalidPattern;
    let span = match error {
        PatternError::NotAscii { character, .. } => {
            pattern.find(*character).map(|start| start..start + character.len_utf8())
        }
        PatternError::Empty | PatternError::TooLong { .. } | PatternError::TooCostly { .. } => None,
        PatternError::Syntax { .. } => error_span(pattern),
    };
    Check { place, fix, span, ..Check::new(id, Severity::Error, error.to_string()) }
}

impl Check {
    /// A finding about the flow as a whole.
    pub(super) fn new(id: CheckId, severity: Severity, text: impl Into<String>) -> Self {
        Self {
            id,
            severity,
            text: text.into(),
            place: CheckPlace::Flow,
            span: None,
            topics: Vec::new(),
            n_topics: 0,
            fix: None,
        }
    }
}
