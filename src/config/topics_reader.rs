//! Reads which topics a flow mirrors and what they are called.

use crate::model::{NamePattern, PATTERNS_MAX, RenamePolicy, RenameRule, Selection, escaped, excerpt, explain_pattern};

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

/// `"identity"`, a table or several. The example's words, as an error says them.
const RENAME_EXPECTED: &str = "\"identity\", { prefix = \"dc-a\", separator = \".\" }, { pattern = \"(.*)-v1\", \
                               replacement = \"$1\" } or a list of such patterns";

pub(super) fn rename(layers: &Layers<'_>, findings: &mut Findings) -> RenamePolicy {
    layers.get("rename").and_then(|entry| written_rename(&entry, findings)).unwrap_or(RenamePolicy::Identity)
}

/// `None` where it is the identity, or wrong.
fn written_rename(entry: &Entry<'_>, findings: &mut Findings) -> Option<RenamePolicy> {
    if entry.as_text() == Some("identity") {
        return None;
    }
    let policy = if entry.is_list() {
        let elements = findings.keep(entry.elements(RENAME_EXPECTED))?;
        let rules: Vec<_> = elements.iter().map(|element| rename_rule(element, findings)).collect();
        RenamePolicy::rules(rules.into_iter().collect::<Option<_>>()?)
    } else {
        let Ok(section) = entry.section() else {
            findings.problems.push(entry.mismatch(RENAME_EXPECTED));
            return None;
        };
        section.refuse_unknown(RENAME_KEYS, &[], findings);
        let is_prefix = section.get("prefix").is_some() && !has_any(&section, RULE_KEYS);
        let is_rule = !has_any(&section, PREFIX_KEYS) && RULE_KEYS.iter().all(|key| section.get(key).is_some());
        match (is_prefix, is_rule) {
            (true, _) => {
                let prefix = text_of(&section, "prefix", findings)?;
                let separator = section.get("separator").map(|entry| findings.keep(entry.text()));
                RenamePolicy::prefix(prefix, separator.unwrap_or(Some("."))?)
            }
            (_, true) => Ok(RenamePolicy::Rules(vec![rename_rule(entry, findings)?])),
            _ => {
                findings.problems.push(entry.problem(format!("expected {RENAME_EXPECTED}")));
                return None;
            }
        }
    };
    findings.keep(policy.map_err(|error| entry.problem(error.to_string())))
}

const PREFIX_KEYS: &[&str] = &["prefix", "separator"];
const RULE_KEYS: &[&str] = &["pattern", "replacement"];

fn has_any(section: &Section<'_>, keys: &[&str]) -> bool {
    keys.iter().any(|key| section.get(key).is_some())
}

fn rename_rule(entry: &Entry<'_>, findings: &mut Findings) -> Option<RenameRule> {
    let section = findings.keep(entry.section())?;
    section.refuse_unknown(RENAME_KEYS, &[], findings);
    if let Some(foreign) = PREFIX_KEYS.iter().find_map(|key| section.get(key)) {
        findings.problems.push(foreign.problem("belongs to a single rename, not into a list of patterns"));
    }
    let pattern = text_of(&section, "pattern", findings);
    let replacement = text_of(&section, "replacement", findings);
    findings.keep(RenameRule::new(pattern?, replacement?).map_err(|error| entry.problem(error.to_string())))
}

fn text_of<'a>(section: &Section<'a>, key: &str, findings: &mut Findings) -> Option<&'a str> {
    findings.keep(section.require(key, &format!("{key} = \"...\"")).and_then(|entry| entry.text()))
}
