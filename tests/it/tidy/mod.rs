//! The law of the sources, as a test: who may name what, how long files and lines are, and that nothing is left lying
//! about.

mod law;
mod source;
mod token;
mod tree;

use std::collections::BTreeMap;

use law::offences;
use source::names;
use token::{Kind, tokens};
use tree::{Source, sources};

/// A file of more lines has more than one subject.
const FILE_LINES_MAX: usize = 600;
/// As rustfmt has it; it leaves comments alone.
const LINE_COLUMNS_MAX: usize = 120;

#[test]
fn modules_name_only_what_they_may() {
    report(sources().iter().flat_map(imports).collect());
}

#[test]
fn files_and_lines_are_short_and_documented() {
    report(sources().iter().flat_map(|source| shape(&source.file, &source.text)).collect());
}

#[test]
fn every_file_is_part_of_something() {
    let dead = sources().into_iter().filter(|source| !source.is_reached);
    report(dead.map(|source| format!("{}:1: no `mod` names this file", source.file)).collect());
}

#[test]
fn planted_offences_are_found() {
    let planted = [
        ("src/model/plan.rs", "use std::{fs, time::SystemTime};", 2),
        ("src/model/plan.rs", "fn f() { let now = Instant::now(); }", 1),
        ("src/model/plan.rs", "use super::super::engine::Fault;\nuse crate::{model, config::Config};", 2),
        ("src/config/load.rs", "use crate::engine::Engine;", 1),
        ("src/engine/lane.rs", "fn f() { println!(\"{}\", std::env::var(\"X\")); }", 2),
        ("src/engine/lane.rs", "use rdkafka::producer::Producer;", 1),
        ("src/engine/lane.rs", "use jiff::Timestamp;\nfn f() { Timestamp::now() }", 1),
        ("src/report/line.rs", "use ratatui::Frame;", 1),
        ("src/report/line.rs", "fn f(x: crate::kafka::KafkaClusters) {}", 1),
        ("src/telemetry/mod.rs", "pub use crate::report::Reporter;", 1),
        ("src/kafka/context.rs", "use crate::config::Config;\nfn f() { unsafe { g() } }", 2),
        ("src/demo/mod.rs", "use crate::kafka::ffi;", 1),
        ("src/cli.rs", "use crossterm::event;", 1),
        ("src/tui/runtime.rs", "use crate::config::Config;\nuse crate::engine::ports::Kafka;", 2),
        ("src/tui/view/flows.rs", "use std::fs;\nfn f() { Timestamp::now() }", 2),
        ("tests/it/mock.rs", "use std::thread;\nfn f() { thread::sleep(x); todo!() }", 2),
    ];
    for (file, text, count) in planted {
        let found = offences(file, &names(text, "crate::model::plan"));
        assert_eq!(found.len(), count, "{file}: {text}\n{found:#?}");
        assert!(found.iter().all(|offence| offence.starts_with(&format!("{file}:"))), "{found:?}");
    }
}

#[test]
fn innocent_code_is_left_alone() {
    let innocent = [
        (
            "src/model/plan.rs",
            "// std::fs is not used\nuse std::fmt; const X: &str = \"std::fs\"; use jiff::Timestamp;",
        ),
        ("src/model/plan.rs", "#[cfg(test)]\nmod tests { use std::fs; }"),
        ("src/engine/lane.rs", "use crate::model::Span;\nfn f() { self.kafka.transport(); engine::ports() }"),
        ("src/kafka/context.rs", "#![expect(unsafe_code)]\nuse rdkafka::ClientContext; use crate::engine::Fault;"),
        ("src/run.rs", "use crate::{engine, kafka, report};"),
        ("src/kafka/ffi/mod.rs", "unsafe fn f() {}"),
        ("tests/live/rig/wait.rs", "fn f() { std::thread::sleep(x) }"),
    ];
    for (file, text) in innocent {
        assert_eq!(offences(file, &names(text, "crate::model::plan")), Vec::<String>::new(), "{file}: {text}");
    }
}

#[test]
fn planted_shapes_are_found() {
    let long_line = format!("//! x\n// {}", "é".repeat(118));
    assert_eq!(shape("a.rs", &long_line).len(), 1);
    assert_eq!(shape("a.rs", &format!("//! x\nf(\"{}\");", "é".repeat(118))), Vec::<String>::new());
    assert_eq!(shape("a.rs", &"//! x\n".repeat(601)).len(), 1);
    assert_eq!(shape("a.rs", "use x;").len(), 1);
    assert_eq!(shape("a.rs", &format!("//! {}: later", UNFINISHED[0])).len(), 1);
    assert_eq!(shape("a.rs", &format!("//! x\n// {}", "é".repeat(117))), Vec::<String>::new());
}

fn imports(source: &Source) -> Vec<String> {
    if source.is_test && source.file.starts_with("src/") {
        return Vec::new();
    }
    offences(&source.file, &names(&source.text, &source.module))
}

fn shape(file: &str, text: &str) -> Vec<String> {
    let mut offences = Vec::new();
    let lines = text.lines().count();
    if lines > FILE_LINES_MAX {
        offences.push(format!("{file}:{lines}: {lines} lines; {FILE_LINES_MAX} are the most"));
    }
    let is_documented = text.starts_with("//!") || text.starts_with("#![doc = include_str!");
    if !is_documented {
        offences.push(format!("{file}:1: does not begin with what it is, as `//! ...`"));
    }
    let quoted = quoted_columns(text);
    for (number, line) in (1..).zip(text.lines()) {
        let columns = line.chars().count();
        let excused = quoted.get(&number).copied().unwrap_or(0);
        if columns > LINE_COLUMNS_MAX + excused {
            offences.push(format!("{file}:{number}: {columns} columns; {LINE_COLUMNS_MAX} are the most"));
        }
        if let Some(word) = UNFINISHED.iter().find(|word| line.contains(**word)) {
            offences.push(format!("{file}:{number}: {word}: what is not finished is not here"));
        }
    }
    offences
}

/// By line, the columns of what is in quotes: messages and expected output are as long as they are.
fn quoted_columns(text: &str) -> BTreeMap<usize, usize> {
    let mut columns = BTreeMap::new();
    for token in tokens(text) {
        let Kind::Text(quoted) = token.kind else { continue };
        for (line, piece) in (token.line..).zip(quoted.lines()) {
            *columns.entry(line).or_default() += piece.chars().count();
        }
    }
    columns
}

#[track_caller]
fn report(offences: Vec<String>) {
    assert!(offences.is_empty(), "{} offences:\n{}", offences.len(), offences.join("\n"));
}

/// In two parts, so that this file has none.
const UNFINISHED: &[&str] = &[concat!("FIX", "ME"), concat!("XX", "X")];
