//! The one table of metrics: the collector, the documentation and the tests are made from it.

use std::fmt::Write;

use prometheus_client::metrics::MetricType;

/// A metric's identity, for which the collector knows the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is described by its line in TABLE")]
pub enum Metric {
    Records,
    Bytes,
    LagRecords,
    LagSeconds,
    Position,
    Committed,
    LogStart,
    HighWatermark,
    LaneState,
    FlowState,
    BlockedLanes,
    BlockedTopics,
    Faults,
    Commits,
    CommitFailures,
    RecordsAltered,
    RecordsSkipped,
    Rewinds,
    InFlightBytes,
    DeliveryLatency,
    Eta,
    SnapshotTimestamp,
    LogLinesDropped,
    Build,
}

/// A metric's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// Grows only; its samples' names end in `_total`.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts per bucket, with `_sum` and `_count`.
    Histogram,
    /// Labels that say it all; its sample's name ends in `_info`.
    Info,
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct MetricSpec {
    /// Which metric.
    pub metric: Metric,
    /// Its family's name, without the suffix its type adds.
    pub name: &'static str,
    /// Its type.
    pub kind: MetricKind,
    /// Its labels, in order.
    pub labels: &'static [&'static str],
    /// What it says.
    pub help: &'static str,
}

const NONE: &[&str] = &[];
const FLOW: &[&str] = &["flow"];
/// `topic` is the source topic.
const LANE: &[&str] = &["flow", "topic", "partition"];

/// Every metric there is.
///
/// What must survive a partition's move to another instance is counted per flow; a sum over lanes would fall when one
/// leaves, which a reader of counters takes for a restart.
pub const TABLE: &[MetricSpec] = &[
    counter(Metric::Records, "kmirror_records", LANE, "Records acknowledged by the target"),
    counter(Metric::Bytes, "kmirror_bytes", LANE, "Key, value and header bytes of the records acknowledged"),
    gauge(
        Metric::LagRecords,
        "kmirror_lag_records",
        LANE,
        "Records between the position and the end of the source partition, an upper bound where the log has holes",
    ),
    gauge(
        Metric::LagSeconds,
        "kmirror_lag_seconds",
        FLOW,
        "Age of the newest copied record of the partition furthest behind, 0 when caught up",
    ),
    gauge(Metric::Position, "kmirror_position", LANE, "Next source offset to be settled: all before it is copied"),
    gauge(Metric::Committed, "kmirror_committed", LANE, "Position the flow's group has"),
    gauge(Metric::LogStart, "kmirror_log_start", LANE, "First offset the source partition still has"),
    gauge(Metric::HighWatermark, "kmirror_high_watermark", LANE, "End offset of the source partition"),
    gauge(
        Metric::LaneState,
        "kmirror_lane_state",
        &["flow", "topic", "partition", "state"],
        "1 for the state the partition is in, 0 for the others",
    ),
    gauge(
        Metric::FlowState,
        "kmirror_flow_state",
        &["flow", "state"],
        "1 for the state the flow is in, 0 for the others",
    ),
    gauge(
        Metric::BlockedLanes,
        "kmirror_blocked_lanes",
        &["flow", "reason"],
        "Partitions that wait for an operator, by reason; no series without one",
    ),
    gauge(
        Metric::BlockedTopics,
        "kmirror_blocked_topics",
        &["flow", "reason"],
        "Topics that are not mirrored until something is put right, by reason; no series without one",
    ),
    counter(Metric::Faults, "kmirror_faults", FLOW, "Problems met at either cluster, of all kinds"),
    counter(Metric::Commits, "kmirror_commits", FLOW, "Commits of progress the group has taken"),
    counter(Metric::CommitFailures, "kmirror_commit_failures", FLOW, "Commits of progress that failed"),
    counter(
        Metric::RecordsAltered,
        "kmirror_records_altered",
        &["flow", "kind"],
        "Records that could not be carried exactly, by what was changed",
    ),
    counter(Metric::RecordsSkipped, "kmirror_records_skipped", FLOW, "Records left out at an operator's word"),
    counter(Metric::Rewinds, "kmirror_rewinds", FLOW, "Times a partition went back to send records again"),
    gauge(
        Metric::InFlightBytes,
        "kmirror_in_flight_bytes",
        FLOW,
        "Bytes taken from the source and not acknowledged by the target",
    ),
    MetricSpec {
        metric: Metric::DeliveryLatency,
        name: "kmirror_delivery_latency_seconds",
        kind: MetricKind::Histogram,
        labels: FLOW,
        help: "Time from reading records to their acknowledgement",
    },
    gauge(
        Metric::Eta,
        "kmirror_eta_seconds",
        FLOW,
        "Time until the lag is gone at the present rate, no series when it does not shrink",
    ),
    gauge(
        Metric::SnapshotTimestamp,
        "kmirror_snapshot_timestamp_seconds",
        NONE,
        "When these values were true, in seconds since 1970",
    ),
    counter(
        Metric::LogLinesDropped,
        "kmirror_log_lines_dropped",
        NONE,
        "Log lines lost because the disk was too slow or full",
    ),
    MetricSpec {
        metric: Metric::Build,
        name: "kmirror_build",
        kind: MetricKind::Info,
        labels: &["version", "librdkafka", "features"],
        help: "What this binary is made of",
    },
];

const fn counter(
    metric: Metric,
    name: &'static str,
    labels: &'static [&'static str],
    help: &'static str,
) -> MetricSpec {
    MetricSpec { metric, name, kind: MetricKind::Counter, labels, help }
}

const fn gauge(metric: Metric, name: &'static str, labels: &'static [&'static str], help: &'static str) -> MetricSpec {
    MetricSpec { metric, name, kind: MetricKind::Gauge, labels, help }
}

impl MetricKind {
    /// The word in the exposition.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Info => "info",
        }
    }

    pub(super) fn encoded(self) -> MetricType {
        match self {
            Self::Counter => MetricType::Counter,
            Self::Gauge => MetricType::Gauge,
            Self::Histogram => MetricType::Histogram,
            Self::Info => MetricType::Info,
        }
    }
}

impl MetricSpec {
    /// The name its samples carry, which is the one to query.
    pub fn sample_name(&self) -> String {
        let suffix = match self.kind {
            MetricKind::Counter => "_total",
            MetricKind::Info => "_info",
            MetricKind::Gauge | MetricKind::Histogram => "",
        };
        format!("{}{suffix}", self.name)
    }
}

/// The table in Markdown, for the documentation.
pub fn describe_table() -> String {
    let mut text = String::from("| metric | type | labels | what it says |\n|---|---|---|---|\n");
    for spec in TABLE {
        let (name, kind, labels) = (spec.sample_name(), spec.kind.as_str(), spec.labels.join(", "));
        let written = writeln!(text, "| `{name}` | {kind} | {labels} | {} |", spec.help);
        debug_assert!(written.is_ok(), "a String takes everything");
    }
    text
}
