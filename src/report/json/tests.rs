//! Real output against its documentation.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;
use crate::engine::{EventKind, LaneState};
use crate::model::TopicPartition;
use crate::report::fixture::{self, Paper};

fn lines(tell: impl FnOnce(&mut JsonReport)) -> Vec<Value> {
    let paper = Paper::default();
    tell(&mut JsonReport::new(Box::new(paper.clone()), 10_000));
    paper.take().lines().map(|line| serde_json::from_str(line).expect("one JSON object per line")).collect()
}

fn event(kind: EventKind) -> Event {
    Event { at_ms: fixture::AT_MS, flow: "eu-to-us".into(), kind }
}

/// Everything there is to print: every kind of event with every reason, samples, summaries.
fn everything() -> Vec<Value> {
    let lane = || TopicPartition::new("orders", 1);
    let blocked = fixture::blocked_reasons().into_iter().map(|why| LaneState::Blocked { why });
    let waiting = fixture::waiting_reasons().into_iter().map(|why| LaneState::Waiting { why });
    let states = blocked.chain(waiting).map(|state| EventKind::LaneState { partition: lane(), state });
    let kinds: Vec<EventKind> = fixture::event_kinds().into_iter().chain(states).collect();
    lines(|report| {
        for kind in kinds {
            report.event(&event(kind)).expect("told");
        }
        report.tick(&fixture::snapshot()).expect("told");
        report.finish(&fixture::snapshot()).expect("told");
    })
}

/// Every key in `value`, and the words which keys that tell variants apart may have.
fn collect_words(value: &Value, words: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                words.insert(key.clone());
                let names_a_variant = ["type", "event", "state", "reason", "refusal"].contains(&key.as_str());
                if let (true, Value::String(variant)) = (names_a_variant, value)
                    && !variant.contains(' ')
                {
                    words.insert(variant.clone());
                }
                collect_words(value, words);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| collect_words(value, words)),
        _ => {}
    }
}

/// The words in the first columns of the schema's tables.
fn documented() -> BTreeSet<String> {
    let rows = schema_parts().0.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split_once('`')).map(|(word, _)| word.to_owned()).collect()
}

#[test]
fn the_schema_tells_all_there_is_and_nothing_else() {
    let mut words = BTreeSet::new();
    everything().iter().for_each(|line| collect_words(line, &mut words));
    let documented = documented();
    let missing: Vec<_> = words.difference(&documented).collect();
    assert!(missing.is_empty(), "not in SCHEMA.md: {missing:?}");
    // States a fixture need not go through are allowed beside what was seen.
    let states = ["joining", "caught_up", "paused", "draining", "stopped", "copying"];
    let unseen: Vec<_> = documented.difference(&words).filter(|word| !states.contains(&word.as_str())).collect();
    assert!(unseen.is_empty(), "in SCHEMA.md, but never printed: {unseen:?}");
}

#[test]
fn every_kind_of_event_is_in_the_fixture() {
    let seen: BTreeSet<usize> = fixture::event_kinds().iter().map(fixture::event_index).collect();
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), (0..fixture::N_EVENT_KINDS).collect::<Vec<_>>());
}

#[test]
fn an_event_is_its_serde_form_with_a_type() {
    let line = lines(|report| {
        let kind = EventKind::TopicCreated { topic: "eu.orders".into(), partitions: 3 };
        report.event(&event(kind)).expect("told");
    });
    let expected = r#"{"type":"event","at_ms":1772600767000,"flow":"eu-to-us","event":"topic_created","topic":"eu.orders","partitions":3}"#;
    assert_eq!(line, [serde_json::from_str::<Value>(expected).expect("json")]);
}

#[test]
fn samples_keep_their_interval() {
    let mut snapshot = fixture::snapshot();
    let lines = lines(|report| {
        for after_ms in [0, 1_000, 9_999, 10_000, 12_000] {
            snapshot.at_ms = fixture::AT_MS + after_ms;
            report.tick(&snapshot).expect("told");
        }
    });
    let times: Vec<i64> = lines.iter().map(|line| line["at_ms"].as_i64().expect("number") - fixture::AT_MS).collect();
    assert_eq!(times, [0, 0, 10_000, 10_000], "two flows, twice");
}

#[test]
fn a_sample_and_a_summary_as_documented() {
    let mut snapshot = fixture::snapshot();
    snapshot.flows.truncate(1);
    let paper = Paper::default();
    let mut report = JsonReport::new(Box::new(paper.clone()), 0);
    report.tick(&snapshot).expect("told");
    snapshot.at_ms += 20_000;
    report.finish(&snapshot).expect("told");
    insta::assert_snapshot!(paper.take().replace(",\"", ",\n\""), @r#"
    {"type":"sample",
    "at_ms":1772600767000,
    "flow":"eu-to-us",
    "source":"eu",
    "target":"us",
    "group":"kmirror.eu-to-us",
    "state":{"state":"running"},
    "totals":{"records":1234567,
    "bytes":1300000000,
    "skipped":1,
    "altered":{"timestamp_zero":2,
    "headers_dropped":0,
    "timestamps_dropped":0},
    "rewinds":3},
    "records_per_second":48210.0,
    "bytes_per_second":48300000.0,
    "lag_records":1240000,
    "lag_bytes":1270000000,
    "unseen_lanes":0,
    "lag_ms":200000,
    "eta_seconds":310,
    "in_flight_bytes":4194304,
    "n_topics":2,
    "n_lanes":2,
    "commits":17,
    "commit_failures":1,
    "faults":5,
    "blocked":[{"topic":"payments",
    "partition":null,
    "reason":"partition_count",
    "text":"target topic `eu.payments` has 6 partitions, the source has 12"},{"topic":"orders",
    "partition":1,
    "reason":"record_too_large",
    "text":"record at offset 4711 is too large for the target: 2000000 bytes uncompressed, max.message.bytes is 1048588"}]}
    {"type":"summary",
    "at_ms":1772600787000,
    "flow":"eu-to-us",
    "state":{"state":"running"},
    "totals":{"records":1234567,
    "bytes":1300000000,
    "skipped":1,
    "altered":{"timestamp_zero":2,
    "headers_dropped":0,
    "timestamps_dropped":0},
    "rewinds":3},
    "duration_ms":20000,
    "records_per_second_mean":61728.35,
    "bytes_per_second_mean":65000000.0,
    "lag_records":1240000,
    "blocked":[{"topic":"payments",
    "partition":null,
    "reason":"partition_count",
    "text":"target topic `eu.payments` has 6 partitions, the source has 12"},{"topic":"orders",
    "partition":1,
    "reason":"record_too_large",
    "text":"record at offset 4711 is too large for the target: 2000000 bytes uncompressed, max.message.bytes is 1048588"}]}
    "#);
}

#[test]
fn nothing_hidden_leaves_and_the_text_survives() {
    let text = "evil\n\u{1b}[2J\u{7f}\u{9b}\u{202e}\u{2028}\u{e0041}\"\\";
    let paper = Paper::default();
    let mut report = JsonReport::new(Box::new(paper.clone()), 0);
    report.event(&event(EventKind::Notice { text: text.into() })).expect("told");
    let written = paper.take();
    assert!(!written.trim_end_matches('\n').contains(is_hidden), "{written:?}");
    let value: Value = serde_json::from_str(&written).expect("json");
    assert_eq!(value["text"], text);
}
