//! What a flow does with a topic, and by which rule: told alike by `kmirror topics`, `kmirror check` and the console.

use crate::config::FlowConfig;
use crate::model::{NamePattern, PatternList, SelectionVerdict, TopicName};

/// Why a topic is not mirrored; `None` when it is.
pub(super) fn why_not(config: &FlowConfig, verdict: &SelectionVerdict) -> Option<String> {
    match verdict {
        SelectionVerdict::Included { .. } => None,
        SelectionVerdict::NotIncluded => Some("no include pattern matches".into()),
        SelectionVerdict::Excluded { .. } => Some(format!("excluded by `{}`", pattern(config, verdict))),
        SelectionVerdict::Internal { rule } => Some(rule.to_string()),
        SelectionVerdict::Undecided { list, .. } => Some(format!(
            "undecided: {list} pattern `{}` gave up on this name; write a simpler one",
            pattern(config, verdict)
        )),
    }
}

/// What a mirrored topic is called on the target, in words.
pub(super) fn mirrored_as(flow: &FlowConfig, topic: &TopicName) -> String {
    match flow.rename.target_topic(topic) {
        Ok(target) if target == *topic => "mirrored".to_owned(),
        Ok(target) => format!("mirrored to {target}"),
        Err(error) => error.to_string(),
    }
}

/// The pattern that decided; empty when none did.
pub(super) fn pattern<'a>(config: &'a FlowConfig, verdict: &SelectionVerdict) -> &'a str {
    let selection = &config.selection;
    let (patterns, index) = match verdict {
        SelectionVerdict::Included { pattern } => (selection.include(), pattern),
        SelectionVerdict::Excluded { pattern } => (selection.exclude(), pattern),
        SelectionVerdict::Undecided { list: PatternList::Include, pattern } => (selection.include(), pattern),
        SelectionVerdict::Undecided { list: PatternList::Exclude, pattern } => (selection.exclude(), pattern),
        SelectionVerdict::NotIncluded | SelectionVerdict::Internal { .. } => return "",
    };
    patterns.get(*index).map(NamePattern::as_str).unwrap_or_default()
}
