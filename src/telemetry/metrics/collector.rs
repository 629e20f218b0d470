//! From the latest snapshot to samples.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet};
use tokio::sync::watch;

use super::super::{DroppedLines, escape_untrusted};
use super::build_info::BuildInfo;
use super::table::{Metric, MetricSpec, TABLE};
use crate::engine::{BlockedReason, FlowSnapshot, FlowState, Histogram, LaneSnapshot, LaneState, Snapshot};

/// Names of the flow's states, as [`flow_state`] gives them.
const FLOW_STATES: [&str; 10] =
    ["starting", "joining", "running", "caught_up", "waiting", "blocked", "paused", "draining", "stopped", "refused"];

/// Names of the lane's states, as [`lane_state`] gives them.
const LANE_STATES: [&str; 7] = ["starting", "copying", "caught_up", "waiting", "blocked", "paused", "draining"];

/// Reads the latest snapshot at every scrape.
#[derive(Debug)]
pub(super) struct SnapshotCollector {
    pub(super) snapshots: watch::Receiver<Arc<Snapshot>>,
    pub(super) dropped: DroppedLines,
    pub(super) build: BuildInfo,
}

impl Collector for SnapshotCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        // Cloned, so that the engine never waits for a slow scrape before it can publish.
        let snapshot = Arc::clone(&self.snapshots.borrow());
        for spec in TABLE {
            let family = encoder.encode_descriptor(spec.name, spec.help, None, spec.kind.encoded())?;
            self.encode_metric(spec, &snapshot, Family { encoder: family, spec })?;
        }
        Ok(())
    }
}

impl SnapshotCollector {
    fn encode_metric(&self, spec: &MetricSpec, snapshot: &Snapshot, mut family: Family<'_>) -> fmt::Result {
        let flows = &snapshot.flows;
        match spec.metric {
            Metric::Records => family.count_lanes(flows, |lane| lane.totals.records),
            Metric::Bytes => family.count_lanes(flows, |lane| lane.totals.bytes),
            Metric::LagRecords => family.gauge_lanes(flows, |lane| lane.lag_records.map(|lag| lag as f64)),
            Metric::Position => family.gauge_lanes(flows, |lane| Some(lane.position as f64)),
            Metric::Committed => family.gauge_lanes(flows, |lane| lane.committed.map(|offset| offset as f64)),
            Metric::LogStart => family.gauge_lanes(flows, |lane| lane.log_start.map(|offset| offset as f64)),
            Metric::HighWatermark => family.gauge_lanes(flows, |lane| lane.high_watermark.map(|offset| offset as f64)),
            Metric::LaneState => family.lane_states(flows),
            Metric::FlowState => family.flow_states(flows),
            Metric::BlockedLanes => family.reasons(flows, |flow| flow.blocked_lanes().map(|(_, _, why)| why).collect()),
            Metric::BlockedTopics => family.reasons(flows, |flow| flow.blocked_topics().map(|(_, why)| why).collect()),
            Metric::LagSeconds => family.gauge_flows(flows, |flow| flow.lag_ms.map(|ms| ms as f64 / 1000.0)),
            Metric::InFlightBytes => family.gauge_flows(flows, |flow| Some(flow.in_flight_bytes as f64)),
            Metric::Eta => family.gauge_flows(flows, |flow| flow.eta_seconds.map(|seconds| seconds as f64)),
            Metric::Faults => family.count_flows(flows, |flow| flow.faults),
            Metric::Commits => family.count_flows(flows, |flow| flow.commits),
            Metric::CommitFailures => family.count_flows(flows, |flow| flow.commit_failures),
            Metric::RecordsSkipped => family.count_flows(flows, |flow| flow.totals.skipped),
            Metric::Rewinds => family.count_flows(flows, |flow| flow.totals.rewinds),
            Metric::RecordsAltered => family.altered(flows),
            Metric::DeliveryLatency => family.latencies(flows),
            Metric::SnapshotTimestamp => family.gauge(&[], snapshot.at_ms as f64 / 1000.0),
            Metric::LogLinesDropped => family.counter(&[], self.dropped.total()),
            Metric::Build => {
                let build = &self.build;
                family.info(&[&build.version, &build.librdkafka, &build.features])
            }
        }
    }
}

/// One metric's samples on their way into the exposition.
struct Family<'a> {
    encoder: MetricEncoder<'a>,
    spec: &'static MetricSpec,
}

impl Family<'_> {
    fn counter(&mut self, values: &[&str], count: u64) -> fmt::Result {
        if values.is_empty() {
            return self.encoder.encode_counter::<NoLabelSet, u64, u64>(&count, None);
        }
        let labels = self.labels(values);
        self.encoder.encode_family(&labels.as_slice())?.encode_counter::<NoLabelSet, u64, u64>(&count, None)
    }

    fn gauge(&mut self, values: &[&str], value: f64) -> fmt::Result {
        if values.is_empty() {
            return self.encoder.encode_gauge(&value);
        }
        let labels = self.labels(values);
        self.encoder.encode_family(&labels.as_slice())?.encode_gauge(&value)
    }

    fn info(&mut self, values: &[&str]) -> fmt::Result {
        let labels = self.labels(values);
        self.encoder.encode_info(&labels.as_slice())
    }

    /// Label values may come from a broker, and the exposition may be looked at in a terminal.
    fn labels(&self, values: &[&str]) -> Vec<(&'static str, String)> {
        debug_assert_eq!(values.len(), self.spec.labels.len(), "{}", self.spec.name);
        let escaped = values.iter().map(|value| escape_untrusted(value).into_owned());
        self.spec.labels.iter().copied().zip(escaped).collect()
    }

    fn count_flows(&mut self, flows: &[Arc<FlowSnapshot>], count: impl Fn(&FlowSnapshot) -> u64) -> fmt::Result {
        flows.iter().try_for_each(|flow| self.counter(&[flow.flow.as_str()], count(flow)))
    }

    fn gauge_flows(
        &mut self,
        flows: &[Arc<FlowSnapshot>],
        value: impl Fn(&FlowSnapshot) -> Option<f64>,
    ) -> fmt::Result {
        let known = flows.iter().filter_map(|flow| Some((flow, value(flow)?)));
        known.into_iter().try_for_each(|(flow, value)| self.gauge(&[flow.flow.as_str()], value))
    }

    fn count_lanes(&mut self, flows: &[Arc<FlowSnapshot>], count: impl Fn(&LaneSnapshot) -> u64) -> fmt::Result {
        each_lane(flows, |place, lane| self.counter(&place, count(lane)))
    }

    fn gauge_lanes(
        &mut self,
        flows: &[Arc<FlowSnapshot>],
        value: impl Fn(&LaneSnapshot) -> Option<f64>,
    ) -> fmt::Result {
        each_lane(flows, |place, lane| value(lane).map_or(Ok(()), |value| self.gauge(&place, value)))
    }

    fn lane_states(&mut self, flows: &[Arc<FlowSnapshot>]) -> fmt::Result {
        each_lane(flows, |[flow, topic, partition], lane| {
            let current = lane_state(&lane.state);
            LANE_STATES.iter().try_for_each(|state| {
                self.gauge(&[flow, topic, partition, state], f64::from(u8::from(*state == current)))
            })
        })
    }

    fn flow_states(&mut self, flows: &[Arc<FlowSnapshot>]) -> fmt::Result {
        flows.iter().try_for_each(|flow| {
            let current = flow_state(&flow.state);
            FLOW_STATES
                .iter()
                .try_for_each(|state| self.gauge(&[flow.flow.as_str(), state], f64::from(u8::from(*state == current))))
        })
    }

    fn reasons(
        &mut self,
        flows: &[Arc<FlowSnapshot>],
        list: impl Fn(&FlowSnapshot) -> Vec<&BlockedReason>,
    ) -> fmt::Result {
        flows.iter().try_for_each(|flow| {
            let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
            for reason in list(flow) {
                *counts.entry(reason.label()).or_default() += 1;
            }
            counts.iter().try_for_each(|(label, count)| self.gauge(&[flow.flow.as_str(), label], f64::from(*count)))
        })
    }

    fn altered(&mut self, flows: &[Arc<FlowSnapshot>]) -> fmt::Result {
        flows.iter().try_for_each(|flow| {
            let altered = flow.totals.altered;
            let kinds = [
                ("timestamp_zero", altered.timestamp_zero),
                ("headers_dropped", altered.headers_dropped),
                ("timestamps_dropped", altered.timestamps_dropped),
            ];
            kinds.iter().try_for_each(|(kind, count)| self.counter(&[flow.flow.as_str(), kind], *count))
        })
    }

    fn latencies(&mut self, flows: &[Arc<FlowSnapshot>]) -> fmt::Result {
        flows.iter().try_for_each(|flow| {
            let latency = &flow.delivery_latency;
            let bounds = Histogram::BOUNDS_MS.iter().map(|ms| *ms as f64 / 1000.0).chain([f64::INFINITY]);
            let buckets: Vec<(f64, u64)> = bounds.zip(latency.counts).collect();
            let labels = self.labels(&[flow.flow.as_str()]);
            self.encoder.encode_family(&labels.as_slice())?.encode_histogram::<NoLabelSet>(
                latency.sum_ms / 1000.0,
                latency.total(),
                &buckets,
                None,
            )
        })
    }
}

fn each_lane(
    flows: &[Arc<FlowSnapshot>],
    mut encode: impl FnMut([&str; 3], &LaneSnapshot) -> fmt::Result,
) -> fmt::Result {
    for flow in flows {
        for topic in &flow.topics {
            for lane in &topic.lanes {
                encode([flow.flow.as_str(), topic.source.as_str(), &lane.partition.to_string()], lane)?;
            }
        }
    }
    Ok(())
}

fn flow_state(state: &FlowState) -> &'static str {
    match state {
        FlowState::Starting => "starting",
        FlowState::Joining => "joining",
        FlowState::Running => "running",
        FlowState::CaughtUp => "caught_up",
        FlowState::Waiting { .. } => "waiting",
        FlowState::Blocked { .. } => "blocked",
        FlowState::Paused => "paused",
        FlowState::Draining => "draining",
        FlowState::Stopped => "stopped",
        FlowState::Refused { .. } => "refused",
    }
}

fn lane_state(state: &LaneState) -> &'static str {
    match state {
        LaneState::Starting => "starting",
        LaneState::Copying => "copying",
        LaneState::CaughtUp => "caught_up",
        LaneState::Waiting { .. } => "waiting",
        LaneState::Blocked { .. } => "blocked",
        LaneState::Paused => "paused",
        LaneState::Draining => "draining",
    }
}
