//! The run as JSON: one object per line. What is in them is told in `SCHEMA.md`.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;

use super::summary::{Beginnings, BlockedPlace, Summary, blocked_places};
use crate::engine::{Event, FlowSnapshot, FlowState, Snapshot, Totals};
use crate::model::{ClusterName, FlowName, GroupName};
use crate::telemetry::is_hidden;

/// What the lines mean, for the documentation.
pub const SCHEMA: &str = include_str!("SCHEMA.md");

/// The part of the schema about `kmirror run`, and the part about `kmirror check` and the lists.
#[cfg(test)]
pub(super) fn schema_parts() -> (&'static str, &'static str) {
    SCHEMA.split_once("\n# The JSON of `kmirror check").expect("both parts are there")
}

/// Tells a run as JSON.
pub struct JsonReport {
    out: Box<dyn Write + Send>,
    interval_ms: i64,
    sampled_at_ms: Option<i64>,
    beginnings: Beginnings,
}

impl std::fmt::Debug for JsonReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JsonReport").field("interval_ms", &self.interval_ms).finish_non_exhaustive()
    }
}

/// One line.
#[derive(Serialize)]
#[serde(rename_all = "snake_case", tag = "type")]
enum Record<'a> {
    Event(&'a Event),
    Sample(&'a Sample<'a>),
    Summary {
        at_ms: i64,
        #[serde(flatten)]
        summary: &'a Summary,
    },
}

/// How a flow is doing.
#[derive(Serialize)]
struct Sample<'a> {
    at_ms: i64,
    flow: &'a FlowName,
    source: &'a ClusterName,
    target: &'a ClusterName,
    group: &'a GroupName,
    state: &'a FlowState,
    totals: Totals,
    records_per_second: f64,
    bytes_per_second: f64,
    lag_records: Option<u64>,
    lag_bytes: Option<u64>,
    unseen_lanes: u64,
    lag_ms: Option<u64>,
    eta_seconds: Option<u64>,
    in_flight_bytes: u64,
    n_topics: usize,
    n_lanes: usize,
    commits: u64,
    commit_failures: u64,
    faults: u64,
    blocked: Vec<BlockedPlace>,
}

impl JsonReport {
    /// A report to `out`, with samples `interval_ms` apart.
    pub fn new(out: Box<dyn Write + Send>, interval_ms: u64) -> Self {
        let interval_ms = i64::try_from(interval_ms).unwrap_or(i64::MAX);
        Self { out, interval_ms, sampled_at_ms: None, beginnings: Beginnings::default() }
    }

    pub(super) fn event(&mut self, event: &Event) -> io::Result<()> {
        self.write(&Record::Event(event))?;
        self.out.flush()
    }

    pub(super) fn tick(&mut self, snapshot: &Snapshot) -> io::Result<()> {
        self.beginnings.learn(snapshot);
        let is_due = |at_ms: i64| snapshot.at_ms.saturating_sub(at_ms) >= self.interval_ms;
        if snapshot.flows.is_empty() || !self.sampled_at_ms.is_none_or(is_due) {
            return Ok(());
        }
        self.sampled_at_ms = Some(snapshot.at_ms);
        for flow in &snapshot.flows {
            self.write(&Record::Sample(&sample(snapshot.at_ms, flow)))?;
        }
        self.out.flush()
    }

    pub(super) fn note(&mut self, snapshot: &Snapshot) {
        self.beginnings.learn(snapshot);
    }

    pub(super) fn finish(&mut self, snapshot: &Snapshot) -> io::Result<()> {
        self.beginnings.learn(snapshot);
        for summary in self.beginnings.summaries(snapshot) {
            self.write(&Record::Summary { at_ms: snapshot.at_ms, summary: &summary })?;
        }
        self.out.flush()
    }

    fn write(&mut self, record: &Record<'_>) -> io::Result<()> {
        write_line(&mut self.out, record)
    }
}

/// `value` as one line of JSON, with hidden characters as `\u` escapes: JSON itself lets DEL, C1 controls, text
/// direction overrides and line separators through.
pub(super) fn write_line(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_string(value).map_err(io::Error::other)?;
    writeln!(out, "{}", escape_hidden(text))
}

fn escape_hidden(text: String) -> String {
    if !text.contains(is_hidden) {
        return text;
    }
    // Hidden characters stand within strings only, as everything else is ASCII punctuation, digits and words.
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let written = write!(escaped, "\\u{unit:04x}");
                debug_assert!(written.is_ok(), "a String takes everything");
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

fn sample(at_ms: i64, flow: &FlowSnapshot) -> Sample<'_> {
    Sample {
        at_ms,
        flow: &flow.flow,
        source: &flow.source,
        target: &flow.target,
        group: &flow.group,
        state: &flow.state,
        totals: flow.totals,
        records_per_second: flow.records_per_second,
        bytes_per_second: flow.bytes_per_second,
        lag_records: flow.lag_records,
        lag_bytes: flow.lag_bytes,
        unseen_lanes: flow.unseen_lanes,
        lag_ms: flow.lag_ms,
        eta_seconds: flow.eta_seconds,
        in_flight_bytes: flow.in_flight_bytes,
        n_topics: flow.topics.len(),
        n_lanes: flow.topics.iter().map(|topic| topic.lanes.len()).sum(),
        commits: flow.commits,
        commit_failures: flow.commit_failures,
        faults: flow.faults,
        blocked: blocked_places(flow),
    }
}

#[cfg(test)]
mod tests;
