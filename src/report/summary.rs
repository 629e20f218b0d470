//! What a run has done, per flow.

use std::collections::BTreeMap;

use serde::Serialize;

use super::event_text::{counted, place_text};
use super::line::{Line, Tone};
use super::number;
use super::status_line::{state_reason, state_word};
use crate::engine::{FlowSnapshot, FlowState, Snapshot, Totals};
use crate::model::{FlowName, TopicName};

/// So many blocked places are listed in text; JSON has all.
const BLOCKED_LISTED_MAX: usize = 20;

/// One flow's run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// The flow.
    pub flow: FlowName,
    /// Its last state.
    pub state: FlowState,
    /// What it has moved.
    pub totals: Totals,
    /// From the first snapshot with the flow to the last.
    pub duration_ms: u64,
    /// Records per second over that time.
    pub records_per_second_mean: f64,
    /// Bytes per second over that time.
    pub bytes_per_second_mean: f64,
    /// Records that are left on the source.
    pub lag_records: Option<u64>,
    /// What waits for an operator.
    pub blocked: Vec<BlockedPlace>,
}

/// A lane or a topic that waits for an operator.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BlockedPlace {
    /// The source topic.
    pub topic: TopicName,
    /// The partition; absent when the topic is blocked as a whole.
    pub partition: Option<i32>,
    /// The reason's name.
    pub reason: &'static str,
    /// The reason in words.
    pub text: String,
}

/// When each flow was first seen.
#[derive(Debug, Default)]
pub(super) struct Beginnings(BTreeMap<FlowName, i64>);

impl Beginnings {
    pub(super) fn learn(&mut self, snapshot: &Snapshot) {
        for flow in &snapshot.flows {
            if !self.0.contains_key(flow.flow.as_str()) {
                self.0.insert(flow.flow.clone(), snapshot.at_ms);
            }
        }
    }

    pub(super) fn summaries(&self, snapshot: &Snapshot) -> Vec<Summary> {
        let begin = |flow: &FlowSnapshot| self.0.get(flow.flow.as_str()).copied().unwrap_or(snapshot.at_ms);
        let duration_ms = |flow| u64::try_from(snapshot.at_ms.saturating_sub(begin(flow))).unwrap_or(0);
        snapshot.flows.iter().map(|flow| summary(flow, duration_ms(flow))).collect()
    }
}

/// Everything of a flow that waits for an operator.
pub(super) fn blocked_places(flow: &FlowSnapshot) -> Vec<BlockedPlace> {
    let topics = flow.blocked_topics().map(|(topic, why)| (topic, None, why));
    let lanes = flow.blocked_lanes().map(|(topic, lane, why)| (topic, Some(lane.partition), why));
    let places = topics.chain(lanes);
    places
        .map(|(topic, partition, why)| BlockedPlace {
            topic: topic.source.clone(),
            partition,
            reason: why.label(),
            text: why.to_string(),
        })
        .collect()
}

fn summary(flow: &FlowSnapshot, duration_ms: u64) -> Summary {
    // A run shorter than a millisecond has no rate worth the name.
    let seconds = duration_ms.max(1) as f64 / 1000.0;
    Summary {
        flow: flow.flow.clone(),
        state: flow.state.clone(),
        totals: flow.totals,
        duration_ms,
        records_per_second_mean: flow.totals.records as f64 / seconds,
        bytes_per_second_mean: flow.totals.bytes as f64 / seconds,
        lag_records: flow.lag_records,
        blocked: blocked_places(flow),
    }
}

impl Summary {
    /// The summary in words.
    pub fn lines(&self) -> Vec<Line> {
        let totals = &self.totals;
        let (word, tone) = state_word(&self.state);
        let why = state_reason(&self.state).map_or(String::new(), |why| format!(": {why}"));
        let mut lines = vec![
            Line::plain(format!("{}: ", self.flow)).with(tone, word).with(Tone::Plain, why),
            Line::plain(format!(
                "  {} records, {} in {}: {}, {}",
                number::exact(totals.records),
                number::bytes(totals.bytes),
                number::duration(self.duration_ms / 1000),
                number::records_rate(self.records_per_second_mean),
                number::bytes_rate(self.bytes_per_second_mean),
            )),
        ];
        if let Some(lag_records) = self.lag_records.filter(|lag_records| *lag_records > 0) {
            lines.push(Line::plain(format!("  {} records are left to copy", number::exact(lag_records))));
        }
        let altered = totals.altered;
        let facts = [
            (totals.skipped, "left out at an operator's word"),
            (altered.timestamp_zero, "altered: timestamp 0 written as 1"),
            (altered.headers_dropped, "altered: headers dropped, the target has none"),
            (altered.timestamps_dropped, "altered: timestamp dropped, the target has none"),
        ];
        for (count, what) in facts.into_iter().filter(|(count, _)| *count > 0) {
            lines.push(Line::default().with(Tone::Warning, format!("  {} {what}", counted(count, "record"))));
        }
        if totals.rewinds > 0 {
            lines.push(Line::plain(format!(
                "  went back {}; records may be there twice",
                counted(totals.rewinds, "time")
            )));
        }
        lines.extend(self.blocked.iter().take(BLOCKED_LISTED_MAX).map(|place| {
            let name = place_text(&place.topic, place.partition);
            Line::plain("  ").with(Tone::Bad, format!("{name} is blocked: {}", place.text))
        }));
        if let Some(more @ 1..) = self.blocked.len().checked_sub(BLOCKED_LISTED_MAX) {
            lines.push(Line::default().with(Tone::Bad, format!("  and {more} more are blocked")));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;
    use crate::report::line::Colour;

    #[test]
    fn a_run_is_summed_up() {
        let mut snapshot = fixture::snapshot();
        let mut beginnings = Beginnings::default();
        beginnings.learn(&snapshot);
        snapshot.at_ms += 25_600;
        let lines = beginnings.summaries(&snapshot).iter().flat_map(Summary::lines).collect::<Vec<_>>();
        let text: String = lines.iter().map(|line| line.render(Colour::Never) + "\n").collect();
        insta::assert_snapshot!(text, @r#"
        eu-to-us: running
          1,234,567 records, 1.2 GiB in 25s: 48.2k/s, 48.4 MiB/s
          1,240,000 records are left to copy
          1 record left out at an operator's word
          2 records altered: timestamp 0 written as 1
          went back 3 times; records may be there twice
          topic payments is blocked: target topic `eu.payments` has 6 partitions, the source has 12
          orders/1 is blocked: record at offset 4711 is too large for the target: 2000000 bytes uncompressed, max.message.bytes is 1048588
        audit: waiting: target broker unreachable: connection refused
          0 records, 0 B in 25s: 0/s, 0 B/s
          900 records are left to copy
        "#);
    }

    #[test]
    fn a_long_list_is_cut() {
        let mut flow = fixture::running();
        let lane = flow.topics[0].lanes[1].clone();
        flow.topics[0].lanes = vec![lane; 30];
        let lines = summary(&flow, 0).lines();
        assert_eq!(lines.last().expect("lines").render(Colour::Never), "  and 11 more are blocked");
    }
}
