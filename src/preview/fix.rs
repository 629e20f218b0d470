//! What can be done about a finding: a change to the draft.

use super::check::{RuleList, RuleRef};
use crate::config::{FlowDraft, FlowSetting, RenameDraft, RenameRuleDraft};

/// A change that is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, in a few words: "write `orders\.v1`".
    pub text: String,
    /// The change.
    pub change: DraftChange,
}

/// A change to a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DraftChange {
    /// The rule's pattern is another one.
    Replace {
        /// Which rule.
        rule: RuleRef,
        /// Its new pattern.
        with: String,
    },
    /// The rule is several.
    Split {
        /// Which rule.
        rule: RuleRef,
        /// The patterns in its place.
        into: Vec<String>,
    },
    /// The rule goes.
    Remove {
        /// Which rule.
        rule: RuleRef,
    },
    /// A pattern is added at the end of a list.
    Add {
        /// Which list; rename rules are not added so.
        list: RuleList,
        /// The pattern.
        pattern: String,
    },
    /// The exclude list, which the draft left to `[defaults]`, becomes the flow's own.
    Exclude {
        /// Its patterns.
        patterns: Vec<String>,
    },
    /// A setting is another one, or left to the defaults.
    Set {
        /// Which setting.
        setting: FlowSetting,
        /// Its value.
        value: Option<String>,
    },
    /// Several, in their order.
    All(Vec<DraftChange>),
}

impl DraftChange {
    /// Makes the change. What it is about and is not there (any more) is left alone.
    pub fn apply(&self, draft: &mut FlowDraft) {
        match self {
            Self::Replace { rule, with } => {
                if let Some(pattern) = pattern_of(draft, *rule) {
                    pattern.clone_from(with);
                }
            }
            Self::Split { rule, into } => {
                if let Some(patterns) = patterns_of(draft, rule.list)
                    && rule.index < patterns.len()
                {
                    patterns.splice(rule.index..=rule.index, into.iter().cloned());
                }
            }
            Self::Remove { rule } => remove(draft, *rule),
            Self::Add { list, pattern } => match list {
                RuleList::Include => draft.include.push(pattern.clone()),
                RuleList::Exclude => draft.exclude.get_or_insert_default().push(pattern.clone()),
                RuleList::Rename => {}
            },
            Self::Exclude { patterns } => draft.exclude = Some(patterns.clone()),
            Self::Set { setting, value } => draft.set(*setting, value.clone()),
            Self::All(changes) => changes.iter().for_each(|change| change.apply(draft)),
        }
    }
}

fn patterns_of(draft: &mut FlowDraft, list: RuleList) -> Option<&mut Vec<String>> {
    match list {
        RuleList::Include => Some(&mut draft.include),
        RuleList::Exclude => draft.exclude.as_mut(),
        RuleList::Rename => None,
    }
}

fn rename_rules(draft: &mut FlowDraft) -> Option<&mut Vec<RenameRuleDraft>> {
    match &mut draft.rename {
        Some(RenameDraft::Rules(rules)) => Some(rules),
        Some(RenameDraft::Identity | RenameDraft::Prefix { .. }) | None => None,
    }
}

fn pattern_of(draft: &mut FlowDraft, rule: RuleRef) -> Option<&mut String> {
    match rule.list {
        RuleList::Rename => rename_rules(draft)?.get_mut(rule.index).map(|rule| &mut rule.pattern),
        list => patterns_of(draft, list)?.get_mut(rule.index),
    }
}

fn remove(draft: &mut FlowDraft, rule: RuleRef) {
    if let Some(patterns) = patterns_of(draft, rule.list)
        && rule.index < patterns.len()
    {
        patterns.remove(rule.index);
    }
    if rule.list == RuleList::Rename
        && let Some(rules) = rename_rules(draft)
        && rule.index < rules.len()
    {
        rules.remove(rule.index);
        if rules.is_empty() {
            draft.rename = None;
        }
    }
}
