//! `[keymap]`: other keys for the console's actions, by action. Which actions there are the console knows.

use std::collections::BTreeMap;

use super::document::{Entry, Section};
use super::error::{ConfigProblem, Findings};

/// Keys by the action's name, as written.
pub(super) fn keymap(root: &Section<'_>, findings: &mut Findings) -> BTreeMap<String, Vec<String>> {
    let Some(section) = root.get("keymap").and_then(|entry| findings.keep(entry.section())) else {
        return BTreeMap::new();
    };
    let mut keymap = BTreeMap::new();
    for entry in section.entries() {
        if let Some(keys) = findings.keep(keys(&entry)) {
            keymap.insert(entry.key.to_owned(), keys);
        }
    }
    keymap
}

/// One text, or a list of texts.
fn keys(entry: &Entry<'_>) -> Result<Vec<String>, ConfigProblem> {
    match entry.as_text() {
        Some(text) => Ok(vec![text.to_owned()]),
        None => entry
            .elements("a key such as \"S\" or \"ctrl-r\", or a list of keys")?
            .iter()
            .map(|element| element.text().map(str::to_owned))
            .collect(),
    }
}
