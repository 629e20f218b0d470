//! Patterns that are read in several ways, on a broker that has a topic for each of them.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::super::pair::{COPY_MAX, END_MAX, Pair, json_lines, require_code, tail};
use crate::rig::broker::Broker;
use crate::rig::cluster::{shared, unique};
use crate::rig::corpus::Bulk;
use crate::rig::scenario::Scenario;
use crate::rig::version::{V3_9, V4_3};

pub(in crate::scenarios) const SCENARIOS: &[Scenario] = &[Scenario::live(
    "field/and_a_comma_inside_1_3_do_what_the_docs_say_and_check_explains_the_difference/3.9",
    patterns,
)];

/// One pattern: the flow that has it, what it selects, and words of what `check` says about it.
struct Pattern {
    flow: &'static str,
    text: &'static str,
    selected: &'static [&'static str],
    explained: &'static [&'static str],
}

const TOPICS: &[&str] = &["_", "__", "___", "__x", "_x", "a", "aa", "aaa", "aaaa"];
const USERS: &[&str] = &["_", "_x", "a", "aa", "aaa", "aaaa"];
const EVERY_NAME: &str = "`.*` and `.+` are the same";
const INTERNAL: &str = "topics whose name starts with `__` are internal and are mirrored only when named in full";
const UNDERSCORES: &str = "`_*` is any number of underscores and nothing else";

const PATTERNS: &[Pattern] = &[
    Pattern { flow: "any", text: ".*", selected: USERS, explained: &[EVERY_NAME] },
    Pattern { flow: "some", text: ".+", selected: USERS, explained: &[EVERY_NAME] },
    Pattern { flow: "star", text: "__*", selected: &["_"], explained: &[UNDERSCORES, "write `__.*`", INTERNAL] },
    Pattern { flow: "dots", text: "__.*", selected: &[], explained: &[INTERNAL] },
    Pattern { flow: "named", text: "__x", selected: &["__x"], explained: &[] },
    Pattern {
        flow: "braces",
        text: "a{1,3}",
        selected: &["a", "aa", "aaa"],
        explained: &["the comma in `{1,3}` separates nothing", "1 to 3 times"],
    },
    Pattern {
        flow: "comma",
        text: "a{1,3},_x",
        selected: &[],
        explained: &["no topic name holds one", "write separate entries: \"a{1,3}\", \"_x\""],
    },
];

fn patterns() -> Result<String> {
    let source = Broker::start(&V3_9)?;
    let (target, stem) = (shared(&V4_3)?, unique("patterns"));
    for topic in TOPICS {
        source.create_topic(topic, 1, &[])?;
        Bulk::new(10, 50).write(&source, topic)?;
    }
    source.client().commit("somebody", "a", 0, 1, "")?;
    let pair = Pair::new(&source, target, "no-such-topic", "")?;
    for Pattern { flow, text, .. } in PATTERNS {
        pair.add_flow(flow, text, &format!("rename = {{ prefix = \"{stem}.{flow}\" }}\n"))?;
    }
    for pattern in PATTERNS {
        checked(&pair, pattern).with_context(|| format!("check of `{}`", pattern.text))?;
        copied(&pair, &format!("{stem}.{}.", pattern.flow), pattern)
            .with_context(|| format!("run of `{}`", pattern.text))?;
    }
    Ok(format!("patterns={}", PATTERNS.len()))
}

fn checked(pair: &Pair<'_>, pattern: &Pattern) -> Result<()> {
    let arguments = ["check", "-c", "{config}", "--flow", pattern.flow];
    let text = pair.home.run(&arguments, END_MAX)?;
    require_code(&text, 0)?;
    // Lines are wrapped.
    let words = text.stdout.iter().flat_map(|line| line.split_whitespace()).collect::<Vec<_>>().join(" ");
    for explained in pattern.explained {
        ensure!(words.contains(explained), "does not say: {explained}\n{}", tail(&text));
    }
    let json = pair.home.run(&[&arguments[..], &["--format", "json"]].concat(), END_MAX)?;
    require_code(&json, 0)?;
    let lines = json_lines(&json.stdout)?;
    let flow = lines.iter().find(|line| line["type"] == "flow").context("no line for the flow")?;
    let notes = flow["pattern_notes"].as_array().context("no notes")?;
    ensure!(pattern.explained.is_empty() == notes.is_empty(), "{notes:?}");
    let said: String = notes
        .iter()
        .map(|note| format!("{} {} ", note["text"], note["suggestion"]))
        .collect::<String>()
        .replace("\\\"", "\"");
    for explained in pattern.explained {
        ensure!(said.contains(explained), "does not say: {explained}\n{said}");
    }
    for topic in TOPICS.iter().chain(&["__consumer_offsets"]) {
        let line =
            lines.iter().find(|line| line["topic"] == *topic).with_context(|| format!("nothing on `{topic}`"))?;
        let is_mirrored = pattern.selected.contains(topic);
        ensure!((line["verdict"] == "mirrored") == is_mirrored, "{line}");
        ensure!(is_mirrored || reason_of(line) == why_not(pattern, topic), "{line}");
    }
    Ok(())
}

fn reason_of(line: &Value) -> &str {
    line["why"].as_str().unwrap_or_default()
}

/// A topic that a pattern matches is left alone only because it is internal.
fn why_not(pattern: &Pattern, topic: &str) -> &'static str {
    let is_matched = match pattern.text {
        ".*" | ".+" => true,
        "__*" => topic.chars().all(|c| c == '_'),
        "__.*" => topic.starts_with("__"),
        _ => false,
    };
    if is_matched { "internal: its name starts with `__`" } else { "no include pattern matches" }
}

fn copied(pair: &Pair<'_>, prefix: &str, pattern: &Pattern) -> Result<()> {
    let run = pair.start(&["--until-caught-up", "--flow", pattern.flow])?;
    require_code(&run.finish(COPY_MAX)?, 0)?;
    let topics = pair.target.client().topics()?;
    let found: BTreeSet<&str> = topics.iter().filter_map(|topic| topic.name.strip_prefix(prefix)).collect();
    let expected: BTreeSet<&str> = pattern.selected.iter().copied().collect();
    ensure!(found == expected, "{found:?} on the target, not {expected:?}");
    for topic in expected {
        let count = pair.n_on_target(&format!("{prefix}{topic}"))?;
        ensure!(count == 10, "{count} records of `{topic}`");
    }
    Ok(())
}
