//! The README's promises from the field and the trials: the same words, each way.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context as _, Result, ensure};

use super::super::scenarios;
use crate::rig::scenario::Scenario;

pub(in crate::scenarios) const SCENARIOS: &[Scenario] =
    &[Scenario::pure("promises/every_field_note_in_the_readme_has_its_trial", compared)];

fn compared() -> Result<String> {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let promised = promises(&fs::read_to_string(readme).context("read README.md")?)?;
    let tried: BTreeSet<String> = scenarios()
        .iter()
        .filter_map(|scenario| scenario.name.strip_prefix("field/")?.split('/').next())
        .map(str::to_owned)
        .collect();
    let untried: Vec<&String> = promised.difference(&tried).collect();
    let unpromised: Vec<&String> = tried.difference(&promised).collect();
    ensure!(untried.is_empty(), "promised in README.md, but there is no trial `field/...`: {untried:?}");
    ensure!(unpromised.is_empty(), "tried, but not a line of README.md's \"{HEADING}\": {unpromised:?}");
    Ok(format!("promises={}", promised.len()))
}

/// What stands in bold at the beginning of each entry of the section, as trials spell it.
fn promises(readme: &str) -> Result<BTreeSet<String>> {
    let section = readme.split(HEADING).nth(1).with_context(|| format!("README.md has no \"{HEADING}\""))?;
    let section = section.split("\n## ").next().unwrap_or_default();
    let entries: Vec<&str> = section.split("\n* ").skip(1).collect();
    ensure!(!entries.is_empty(), "\"{HEADING}\" has no entries");
    entries
        .into_iter()
        .map(|entry| {
            let bold = entry.strip_prefix("**").and_then(|rest| Some(rest.split_once("**")?.0));
            Ok(spelt(bold.with_context(|| format!("an entry that promises nothing in bold: {entry}"))?))
        })
        .collect()
}

/// Words with underscores between, without anything else.
fn spelt(text: &str) -> String {
    let is_between = |c: char| !c.is_ascii_alphanumeric();
    let words: Vec<String> = text.split(is_between).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    words.join("_")
}

const HEADING: &str = "### From the field\n";
