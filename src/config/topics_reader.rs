//! Reads which topics a flow mirrors and what they are called.

use crate::model::{NamePattern, PATTERNS_MAX, RenamePolicy, Selection, escaped, excerpt, explain_pattern};

use super::document::{Entry, Section};
use super::error::Findings;
use super::layers::Layers;

pub(super) const RENAME_KEYS: &[&str] = &["prefix", "separator", "pattern", "replacement"];

pub(super) fn selection(section: &Section<'_>, layers: &Layers<'_>, findings: &mut Findings) -> Option<Selection> {
    let include = findings.keep(section.require("include", "include = [\"orders-.*\"]"));
    let exclude = exclude_texts(layers, findings);
    let include = include?;
    let texts = findings.keep(include.texts())?;
    let texts = pattern_texts(texts, findings);
    // Both lists are fine on their own by now; what is left to refuse is an empty include.
    findings.keep(Selection::new(&texts?, &exclude?).map_err(|error| include.problem(error.to_string())))
}

pub(super) fn exclude_texts(layers: &Layers<'_>, findings: &mut Findings) -> Option<Vec<String>> {
    match layers.get("exclude") {
        Some(entry) => {
            let texts = findings.keep(entry.texts())?;
            pattern_texts(texts, findings)
        }
        None => Some(Vec::new()),
    }
}

/// The patterns of a list, each checked where its line is still known.
fn pattern_texts(entries: Vec<Entry<'_>>, findings: &mut Findings) -> Option<Vec<String>> {
    if let Some(first_too_many) = entries.get(PATTERNS_MAX) {
        // Before compiling any of them.
        let message = format!("the list has {} entries, more than the {PATTERNS_MAX} allowed", entries.len());
        findings.problems.push(first_too_many.problem(message));
        return None;
    }
    let mut texts = Some(Vec::new());
    for entry in entries {
        let Some(text) = findings.keep(entry.text()) else {
            texts = None;
            continue;
        };
        match NamePattern::new(text) {
            Ok(_) => {
                for note in explain_pattern(text).into_iter().filter(|note| note.kind.is_likely_mistake()) {
                    let message = format!("`{}`: {}; {}", excerpt(text), note.text, escaped(&note.suggestion));
                    findings.warn(entry.problem(message));
                }
                texts.iter_mut().for_each(|texts| texts.push(text.to_owned()));
            }
            Err(error) => {
                findings.problems.push(entry.problem(error.to_string()));
                texts = None;
            }
        }
    }
    texts
}

/// `"identity"`, or a table. The example's words, as an error says them.
const RENAME_EXPECTED: &str = "\"identity\", { prefix = \"dc-a\", separator = \".\" } or { pattern = \"(.*)-v1\", \
                               replacement = \"$1\" }";

pub(super) fn rename(layers: &Layers<'_>, findings: &mut Findings) -> RenamePolicy {
    let Some(entry) = layers.get("rename") else { return RenamePolicy::Identity };
    if let Some(text) = entry.as_text() {
        if text != "identity" {
            findings.problems.push(entry.mismatch(RENAME_EXPECTED));
        }
        return RenamePolicy::Identity;
    }
    let Ok(section) = entry.section() else {
        findings.problems.push(entry.mismatch(RENAME_EXPECTED));
        return RenamePolicy::Identity;
    };
    section.refuse_unknown(RENAME_KEYS, &[], findings);
    let mut part = |key: &str| section.get(key).map(|entry| findings.keep(entry.text()));
    let parts = (part("prefix"), part("separator"), part("pattern"), part("replacement"));
    let policy = match parts {
        (Some(prefix), separator, None, None) => match (prefix, separator.unwrap_or(Some("."))) {
            (Some(prefix), Some(separator)) => RenamePolicy::prefix(prefix, separator),
            _ => return RenamePolicy::Identity,
        },
        (None, None, Some(pattern), Some(replacement)) => match (pattern, replacement) {
            (Some(pattern), Some(replacement)) => RenamePolicy::pattern(pattern, replacement),
            _ => return RenamePolicy::Identity,
        },
        _ => {
            findings.problems.push(entry.problem(format!("expected {RENAME_EXPECTED}")));
            return RenamePolicy::Identity;
        }
    };
    findings.keep(policy.map_err(|error| entry.problem(error.to_string()))).unwrap_or(RenamePolicy::Identity)
}
