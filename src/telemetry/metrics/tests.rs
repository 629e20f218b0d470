//! The exposition as a scraper sees it.

use super::*;
use crate::report::fixture::snapshot;

fn exposition(snapshot: Snapshot) -> String {
    let (_sender, receiver) = watch::channel(Arc::new(snapshot));
    let build = BuildInfo { version: "0.1.0".into(), librdkafka: "2.12.1".into(), features: "ssl,zstd".into() };
    Metrics::new(receiver, DroppedLines::default(), build).encode().expect("encoded")
}

#[test]
fn the_table_is_the_documented_one() {
    insta::assert_snapshot!(describe_table(), @r#"
    | metric | type | labels | what it says |
    |---|---|---|---|
    | `kmirror_records_total` | counter | flow, topic, partition | Records acknowledged by the target |
    | `kmirror_bytes_total` | counter | flow, topic, partition | Key, value and header bytes of the records acknowledged |
    | `kmirror_lag_records` | gauge | flow, topic, partition | Records between the position and the end of the source partition, an upper bound where the log has holes |
    | `kmirror_lag_seconds` | gauge | flow | Age of the newest copied record of the partition furthest behind, 0 when caught up |
    | `kmirror_position` | gauge | flow, topic, partition | Next source offset to be settled: all before it is copied |
    | `kmirror_committed` | gauge | flow, topic, partition | Position the flow's group has |
    | `kmirror_log_start` | gauge | flow, topic, partition | First offset the source partition still has |
    | `kmirror_high_watermark` | gauge | flow, topic, partition | End offset of the source partition |
    | `kmirror_lane_state` | gauge | flow, topic, partition, state | 1 for the state the partition is in, 0 for the others |
    | `kmirror_flow_state` | gauge | flow, state | 1 for the state the flow is in, 0 for the others |
    | `kmirror_blocked_lanes` | gauge | flow, reason | Partitions that wait for an operator, by reason; no series without one |
    | `kmirror_blocked_topics` | gauge | flow, reason | Topics that are not mirrored until something is put right, by reason; no series without one |
    | `kmirror_faults_total` | counter | flow | Problems met at either cluster, of all kinds |
    | `kmirror_commits_total` | counter | flow | Commits of progress the group has taken |
    | `kmirror_commit_failures_total` | counter | flow | Commits of progress that failed |
    | `kmirror_records_altered_total` | counter | flow, kind | Records that could not be carried exactly, by what was changed |
    | `kmirror_records_skipped_total` | counter | flow | Records left out at an operator's word |
    | `kmirror_rewinds_total` | counter | flow | Times a partition went back to send records again |
    | `kmirror_in_flight_bytes` | gauge | flow | Bytes taken from the source and not acknowledged by the target |
    | `kmirror_delivery_latency_seconds` | histogram | flow | Time from reading records to their acknowledgement |
    | `kmirror_eta_seconds` | gauge | flow | Time until the lag is gone at the present rate, no series when it does not shrink |
    | `kmirror_snapshot_timestamp_seconds` | gauge |  | When these values were true, in seconds since 1970 |
    | `kmirror_log_lines_dropped_total` | counter |  | Log lines lost because the disk was too slow or full |
    | `kmirror_build_info` | info | version, librdkafka, features | What this binary is made of |
    "#);
}

#[test]
fn names_are_well_formed_and_unique() {
    let mut seen = std::collections::BTreeSet::new();
    for spec in TABLE {
        assert!(spec.name.starts_with("kmirror_"), "{}", spec.name);
        assert!(!spec.name.ends_with("_total") && !spec.name.ends_with("_info"), "{}: suffix", spec.name);
        assert!(!spec.help.ends_with('.') && !spec.help.contains('\n'), "{}", spec.help);
        assert!(seen.insert(spec.name), "{} twice", spec.name);
    }
}

#[test]
fn every_metric_of_the_table_is_exposed_with_its_labels() {
    let text = exposition(snapshot());
    assert!(text.ends_with("# EOF\n"));
    for spec in TABLE {
        assert!(text.contains(&format!("# HELP {} {}\n", spec.name, spec.help)), "help of {}", spec.name);
        assert!(text.contains(&format!("# TYPE {} {}\n", spec.name, spec.kind.as_str())), "type of {}", spec.name);
        let name = match spec.kind {
            MetricKind::Histogram => format!("{}_bucket", spec.name),
            _ => spec.sample_name(),
        };
        let sample = text
            .lines()
            .find(|line| line.starts_with(&format!("{name}{{")) || line.starts_with(&format!("{name} ")))
            .unwrap_or_else(|| panic!("no sample of {name}:\n{text}"));
        for label in spec.labels {
            assert!(sample.contains(&format!("{label}=\"")), "{label} in {sample}");
        }
    }
}

#[test]
fn values_are_those_of_the_snapshot() {
    let text = exposition(snapshot());
    let values: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.ends_with(" 0") && !line.ends_with(" 0.0"))
        .collect();
    insta::assert_snapshot!(values.join("\n"), @r#"
    kmirror_records_total{flow="eu-to-us",topic="orders",partition="0"} 4600
    kmirror_records_total{flow="eu-to-us",topic="orders",partition="1"} 4600
    kmirror_bytes_total{flow="eu-to-us",topic="orders",partition="0"} 4600000
    kmirror_bytes_total{flow="eu-to-us",topic="orders",partition="1"} 4600000
    kmirror_lag_records{flow="eu-to-us",topic="orders",partition="0"} 1289.0
    kmirror_lag_records{flow="eu-to-us",topic="orders",partition="1"} 1289.0
    kmirror_lag_seconds{flow="eu-to-us"} 200.0
    kmirror_position{flow="eu-to-us",topic="orders",partition="0"} 4711.0
    kmirror_position{flow="eu-to-us",topic="orders",partition="1"} 4711.0
    kmirror_committed{flow="eu-to-us",topic="orders",partition="0"} 4700.0
    kmirror_committed{flow="eu-to-us",topic="orders",partition="1"} 4700.0
    kmirror_log_start{flow="eu-to-us",topic="orders",partition="0"} 100.0
    kmirror_log_start{flow="eu-to-us",topic="orders",partition="1"} 100.0
    kmirror_high_watermark{flow="eu-to-us",topic="orders",partition="0"} 6000.0
    kmirror_high_watermark{flow="eu-to-us",topic="orders",partition="1"} 6000.0
    kmirror_lane_state{flow="eu-to-us",topic="orders",partition="0",state="copying"} 1.0
    kmirror_lane_state{flow="eu-to-us",topic="orders",partition="1",state="blocked"} 1.0
    kmirror_flow_state{flow="eu-to-us",state="running"} 1.0
    kmirror_flow_state{flow="audit",state="waiting"} 1.0
    kmirror_blocked_lanes{flow="eu-to-us",reason="record_too_large"} 1.0
    kmirror_blocked_topics{flow="eu-to-us",reason="partition_count"} 1.0
    kmirror_faults_total{flow="eu-to-us"} 5
    kmirror_faults_total{flow="audit"} 1
    kmirror_commits_total{flow="eu-to-us"} 17
    kmirror_commit_failures_total{flow="eu-to-us"} 1
    kmirror_records_altered_total{flow="eu-to-us",kind="timestamp_zero"} 2
    kmirror_records_skipped_total{flow="eu-to-us"} 1
    kmirror_rewinds_total{flow="eu-to-us"} 3
    kmirror_in_flight_bytes{flow="eu-to-us"} 4194304.0
    kmirror_delivery_latency_seconds_sum{flow="eu-to-us"} 40.043
    kmirror_delivery_latency_seconds_count{flow="eu-to-us"} 3
    kmirror_delivery_latency_seconds_bucket{le="0.005",flow="eu-to-us"} 1
    kmirror_delivery_latency_seconds_bucket{le="0.01",flow="eu-to-us"} 1
    kmirror_delivery_latency_seconds_bucket{le="0.025",flow="eu-to-us"} 1
    kmirror_delivery_latency_seconds_bucket{le="0.05",flow="eu-to-us"} 2
    kmirror_delivery_latency_seconds_bucket{le="0.1",flow="eu-to-us"} 2
    kmirror_delivery_latency_seconds_bucket{le="0.25",flow="eu-to-us"} 2
    kmirror_delivery_latency_seconds_bucket{le="0.5",flow="eu-to-us"} 2
    kmirror_delivery_latency_seconds_bucket{le="1.0",flow="eu-to-us"} 2
    kmirror_delivery_latency_seconds_bucket{le="5.0",flow="eu-to-us"} 2
    kmirror_delivery_latency_seconds_bucket{le="30.0",flow="eu-to-us"} 2
    kmirror_delivery_latency_seconds_bucket{le="+Inf",flow="eu-to-us"} 3
    kmirror_eta_seconds{flow="eu-to-us"} 310.0
    kmirror_snapshot_timestamp_seconds 1772600767.0
    kmirror_build_info{version="0.1.0",librdkafka="2.12.1",features="ssl,zstd"} 1
    "#);
}

#[test]
fn a_hostile_name_forges_no_sample() {
    let mut hostile = snapshot();
    std::sync::Arc::make_mut(&mut hostile.flows[0]).topics[0].source = "a\"} 1\nforged 1\u{1b}[2J".into();
    let text = exposition(hostile);
    assert!(!text.lines().any(|line| line.starts_with("forged")), "{text}");
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn the_engine_is_alive_while_it_can_publish() {
    let (sender, receiver) = watch::channel(Arc::new(Snapshot::default()));
    let metrics = Metrics::new(receiver, DroppedLines::default(), BuildInfo::default());
    assert!(metrics.is_engine_alive());
    drop(sender);
    assert!(!metrics.is_engine_alive());
}
