//! What only a walk over every lane tells, walked once for each snapshot: with 200,000 lanes a walk takes milliseconds,
//! and a screen asks several times.

use std::sync::Arc;

use super::live::row_state::RowState;
use crate::engine::{FlowSnapshot, LaneSnapshot, LaneState, Snapshot, TopicSnapshot};

/// The summaries of a snapshot's flows.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct Summaries(Vec<(Arc<FlowSnapshot>, Arc<FlowSummary>)>);

/// A flow, summed up.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct FlowSummary {
    /// Its topics, in the snapshot's order.
    pub(in crate::tui) topics: Vec<TopicSummary>,
    /// Lanes that are blocked, as places of topic and lane.
    pub(in crate::tui) blocked_lanes: Vec<(usize, usize)>,
    /// Whether an operator holds a lane.
    pub(in crate::tui) has_paused_lanes: bool,
}

/// A topic, summed up over its lanes.
#[derive(Clone, Copy, Debug)]
pub(in crate::tui) struct TopicSummary {
    pub(in crate::tui) records: u64,
    pub(in crate::tui) records_per_second: f64,
    /// Of the lanes whose lag is known; `None` when there is none.
    pub(in crate::tui) known_lag: Option<u64>,
    /// Lanes that wait for the source, so that their lag is not known.
    pub(in crate::tui) unseen_lanes: usize,
    pub(in crate::tui) ends: Ends,
    /// The state of the lane that needs somebody most.
    pub(in crate::tui) worst: Option<RowState>,
    /// When the last lane that may move is there; `None` when one does not get nearer.
    pub(in crate::tui) eta_seconds: Option<u64>,
    /// The greatest of the lanes that move.
    pub(in crate::tui) delay_ms: Option<u64>,
    /// The lane that takes longest.
    pub(in crate::tui) slowest: Option<SlowestLane>,
    pub(in crate::tui) blocked_lanes: usize,
    pub(in crate::tui) waiting_lanes: usize,
    /// Lanes that are read.
    pub(in crate::tui) read_lanes: usize,
}

/// A lane that is behind, and may move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) struct SlowestLane {
    pub(in crate::tui) partition: i32,
    /// `None` is never, at its present pace.
    pub(in crate::tui) eta_seconds: Option<u64>,
    lag_records: u64,
}

/// The ends of the logs of a topic's lanes that read: only those hear where their logs end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tui) struct Ends {
    /// Which partitions they belong to: how many, and the sum of their numbers.
    pub(in crate::tui) partitions: (usize, i64),
    pub(in crate::tui) sum: i64,
}

impl Summaries {
    /// Sums up those flows that were not seen before.
    pub(in crate::tui) fn new(snapshot: &Snapshot, before: &Self) -> Self {
        let summary = |flow: &Arc<FlowSnapshot>| {
            let known = before.of(flow).map(Arc::clone);
            (Arc::clone(flow), known.unwrap_or_else(|| Arc::new(FlowSummary::new(flow))))
        };
        Self(snapshot.flows.iter().map(summary).collect())
    }

    /// That of a flow of the snapshot, which is known by its place in memory.
    fn of(&self, flow: &FlowSnapshot) -> Option<&Arc<FlowSummary>> {
        self.0.iter().find(|(known, _)| std::ptr::eq(known.as_ref(), flow)).map(|(_, summary)| summary)
    }

    /// That of any flow: made now for one that is not of the snapshot.
    pub(in crate::tui) fn get(&self, flow: &FlowSnapshot) -> Arc<FlowSummary> {
        self.of(flow).map_or_else(|| Arc::new(FlowSummary::new(flow)), Arc::clone)
    }
}

impl FlowSummary {
    /// Walks over all lanes.
    pub(in crate::tui) fn new(flow: &FlowSnapshot) -> Self {
        let mut summary = Self { topics: Vec::with_capacity(flow.topics.len()), ..Self::default() };
        for (place, topic) in flow.topics.iter().enumerate() {
            let mut sums = TopicSummary::default();
            for (lane_place, lane) in topic.lanes.iter().enumerate() {
                sums.add(lane);
                match lane.state {
                    LaneState::Blocked { .. } => summary.blocked_lanes.push((place, lane_place)),
                    LaneState::Paused => summary.has_paused_lanes = true,
                    _ => {}
                }
            }
            summary.topics.push(sums);
        }
        summary
    }

    /// The lanes that are blocked, with their topics, of the flow that was summed up.
    pub(in crate::tui) fn blocked_lanes<'a>(
        &'a self,
        flow: &'a FlowSnapshot,
    ) -> impl Iterator<Item = (&'a TopicSnapshot, &'a LaneSnapshot)> {
        self.blocked_lanes.iter().map(|(topic, lane)| (&flow.topics[*topic], &flow.topics[*topic].lanes[*lane]))
    }

    /// The places of the topics that are furthest behind, so many of them.
    pub(in crate::tui) fn furthest_behind(&self, flow: &FlowSnapshot, count: usize) -> Vec<usize> {
        let order = |a: &usize, b: &usize| {
            let by_lag = self.topics[*b].lag_records().cmp(&self.topics[*a].lag_records());
            by_lag.then_with(|| flow.topics[*a].source.cmp(&flow.topics[*b].source))
        };
        let mut places: Vec<usize> = (0..self.topics.len()).collect();
        if count < places.len() {
            places.select_nth_unstable_by(count, order);
            places.truncate(count);
        }
        places.sort_unstable_by(order);
        places
    }
}

impl Default for TopicSummary {
    fn default() -> Self {
        Self {
            records: 0,
            records_per_second: 0.0,
            known_lag: None,
            unseen_lanes: 0,
            ends: Ends::default(),
            worst: None,
            // Nobody is behind, so far.
            eta_seconds: Some(0),
            delay_ms: None,
            slowest: None,
            blocked_lanes: 0,
            waiting_lanes: 0,
            read_lanes: 0,
        }
    }
}

impl TopicSummary {
    /// Records behind, as far as it is known.
    pub(in crate::tui) fn lag_records(&self) -> u64 {
        self.known_lag.unwrap_or(0)
    }

    fn add(&mut self, lane: &LaneSnapshot) {
        let state = RowState::of_lane(&lane.state);
        self.records += lane.totals.records;
        self.records_per_second += lane.records_per_second;
        self.known_lag = match (self.known_lag, lane.lag_records) {
            (Some(sum), Some(lag)) => Some(sum + lag),
            (sum, lag) => sum.or(lag),
        };
        self.worst = Some(self.worst.map_or(state, |worst| worst.min(state)));
        if lane.records_per_second > 0.0 {
            self.delay_ms = self.delay_ms.max(lane.delay_ms);
        }
        match state {
            RowState::Blocked => self.blocked_lanes += 1,
            RowState::Waiting => {
                self.waiting_lanes += 1;
                self.unseen_lanes += usize::from(lane.is_unseen());
            }
            RowState::Copying | RowState::CaughtUp => {
                self.read_lanes += 1;
                self.ends.add(lane);
            }
            _ => {}
        }
        if !matches!(state, RowState::Blocked | RowState::Paused | RowState::Draining) {
            self.eta_seconds = self.eta_seconds.and_then(|slowest| Some(lane.eta_seconds?.max(slowest)));
            // Of two that take as long, the later.
            self.slowest = self.slowest.into_iter().chain(SlowestLane::of(lane)).max_by_key(SlowestLane::rank);
        }
    }
}

impl Ends {
    fn add(&mut self, lane: &LaneSnapshot) {
        let Some(end) = lane.high_watermark else { return };
        self.partitions.0 += 1;
        self.partitions.1 += i64::from(lane.partition);
        self.sum += end;
    }
}

impl SlowestLane {
    fn of(lane: &LaneSnapshot) -> Option<Self> {
        let lag_records = lane.lag_records.filter(|lag| *lag > 0)?;
        let slowest = Self { partition: lane.partition, eta_seconds: lane.eta_seconds, lag_records };
        (lane.eta_seconds != Some(0)).then_some(slowest)
    }

    /// The greatest takes longest.
    pub(in crate::tui) fn rank(&self) -> (u64, u64) {
        (self.eta_seconds.unwrap_or(u64::MAX), self.lag_records)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture as mirror;

    #[test]
    fn a_summary_says_what_the_lanes_say() {
        let flow = mirror::running();
        let summary = FlowSummary::new(&flow);
        let told: Vec<_> = flow.blocked_lanes().map(|(topic, lane, _)| (&topic.source, lane.partition)).collect();
        let found: Vec<_> = summary.blocked_lanes(&flow).map(|(topic, lane)| (&topic.source, lane.partition)).collect();
        assert!(!found.is_empty());
        assert_eq!(found, told);
        for (topic, sums) in flow.topics.iter().zip(&summary.topics) {
            assert_eq!(sums.records, topic.lanes.iter().map(|lane| lane.totals.records).sum::<u64>());
            assert_eq!(sums.lag_records(), topic.lanes.iter().filter_map(|lane| lane.lag_records).sum::<u64>());
        }
    }

    #[test]
    fn those_furthest_behind_are_the_first_of_all_in_that_order() {
        let flow = mirror::running();
        let summary = FlowSummary::new(&flow);
        let all = summary.furthest_behind(&flow, usize::MAX);
        assert_eq!(all.len(), flow.topics.len());
        assert!(all.is_sorted_by_key(|place| std::cmp::Reverse(summary.topics[*place].lag_records())));
        for count in 0..all.len() {
            assert_eq!(summary.furthest_behind(&flow, count), all[..count]);
        }
    }

    #[test]
    fn what_has_not_changed_is_not_walked_again() {
        let snapshot = mirror::snapshot();
        let first = Summaries::new(&snapshot, &Summaries::default());
        let again = Summaries::new(&snapshot, &first);
        for flow in &snapshot.flows {
            assert!(Arc::ptr_eq(&first.get(flow), &again.get(flow)));
        }
    }
}
