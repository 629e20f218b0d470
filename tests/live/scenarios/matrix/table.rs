//! The README's table of versions: no cell without a trial, no trial without a cell, and what a cell says is what its
//! trial found.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::rig::version::{ALL, Version};

/// What nobody has tried.
const UNTRIED: &str = "-";
const HEADING: &str = "## From which version to which";

/// What the README says of a pair.
pub(super) fn claim(from: &Version, to: &Version) -> Result<String> {
    let claims = read()?;
    let claim = claims.get(&(from.name.to_owned(), to.name.to_owned()));
    claim.cloned().with_context(|| format!("the README's table has no cell for {} to {}", from.name, to.name))
}

/// What a pair has lost, in the words of the table, from what kmirror counted.
pub(super) fn words(is_headers_dropped: bool, is_timestamps_dropped: bool) -> &'static str {
    match (is_headers_dropped, is_timestamps_dropped) {
        (false, false) => "whole",
        (true, false) => "no headers",
        (false, true) => "no timestamps",
        (true, true) => "no headers, no timestamps",
    }
}

/// Cells and trials (`matrix/0_9_to_4_3`) are one to one.
pub(super) fn is_what_is_tried(trials: &[&str]) -> Result<String> {
    let claims = read()?;
    let mut claimed: Vec<String> = Vec::new();
    for ((from, to), text) in &claims {
        ensure!(ALL.iter().any(|version| version.name == from), "the table's row {from} is no version of the rig");
        ensure!(ALL.iter().any(|version| version.name == to), "the table's column {to} is no version of the rig");
        if text != UNTRIED {
            claimed.push(format!("matrix/{}_to_{}", short(from), short(to)));
        }
    }
    let mut tried: Vec<String> = trials.iter().map(|name| (*name).to_owned()).collect();
    claimed.sort();
    tried.sort();
    ensure!(claimed == tried, "the README claims {claimed:?}\nthe trials are {tried:?}");
    Ok(format!("cells={} tried={}", claims.len(), tried.len()))
}

/// `0.10.2.2` is `0_10` in a trial's name: the first two numbers.
fn short(version: &str) -> String {
    version.split('.').take(2).collect::<Vec<_>>().join("_")
}

/// The cells by row and column.
fn read() -> Result<BTreeMap<(String, String), String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs::read_to_string(path).context("read README.md")?;
    let (_, section) = text.split_once(HEADING).with_context(|| format!("README.md has no `{HEADING}`"))?;
    let rows = section.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let mut rows = rows.map(cells).filter(|row| !row.iter().all(|cell| cell.starts_with("---")));
    let columns = rows.next().context("the table is empty")?;
    let mut claims = BTreeMap::new();
    for row in rows {
        ensure!(row.len() == columns.len(), "a row of {} cells under {} columns: {row:?}", row.len(), columns.len());
        let from = row[0].trim_matches('*').to_owned();
        for (to, cell) in columns.iter().zip(&row).skip(1) {
            let previous = claims.insert((from.clone(), to.clone()), cell.clone());
            ensure!(previous.is_none(), "the table has {from} to {to} twice");
        }
    }
    ensure!(!claims.is_empty(), "the table has no rows");
    Ok(claims)
}

fn cells(line: &str) -> Vec<String> {
    line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
}
