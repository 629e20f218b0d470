//! How rates and lag went, for charts: a ring of samples per flow and per topic. What was not seen is a gap.

mod arrivals;

use std::collections::{BTreeMap, HashMap, VecDeque};

use crate::engine::{FlowSnapshot, FlowState, Snapshot, WaitingReason};
use crate::model::{FlowName, TopicName};

use super::summary::{FlowSummary, Summaries};
use arrivals::Arrivals;

/// The histories of all flows and their topics.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct Histories {
    flows: BTreeMap<FlowName, FlowHistory>,
}

/// How a flow went.
#[derive(Clone, Debug)]
pub(in crate::tui) struct FlowHistory {
    /// Records per second on the target.
    pub(in crate::tui) records_per_second: Series,
    /// Bytes per second on the target.
    pub(in crate::tui) bytes_per_second: Series,
    /// Records behind.
    pub(in crate::tui) lag_records: Series,
    /// Records per second that come into the source topics.
    pub(in crate::tui) arriving_per_second: Series,
    /// By topic.
    pub(in crate::tui) topics: HashMap<TopicName, TopicHistory>,
    arrivals: Arrivals,
}

/// How a topic went.
#[derive(Clone, Debug)]
pub(in crate::tui) struct TopicHistory {
    /// Records per second on the target.
    pub(in crate::tui) records_per_second: Ring,
    /// Records behind.
    pub(in crate::tui) lag_records: Ring,
    /// Records copied so far, and when that was.
    last: Option<(i64, u64)>,
}

/// Samples at two paces: the last quarter of an hour by the second, the last six hours by 24 seconds.
#[derive(Clone, Debug)]
pub(in crate::tui) struct Series {
    fine: Ring,
    coarse: Ring,
}

/// Samples at one pace. Each covers `step_ms`; within it the latest wins.
#[derive(Clone, Debug)]
pub(in crate::tui) struct Ring {
    step_ms: i64,
    capacity: usize,
    /// The number of the newest sample's step since 1970.
    newest: Option<i64>,
    samples: VecDeque<f32>,
}

const FINE: (i64, usize) = (1_000, 900);
const COARSE: (i64, usize) = (24_000, 900);
/// Ten thousand topics must fit: 60 samples of 5 seconds.
const TOPIC: (i64, usize) = (5_000, 60);

impl Histories {
    /// Takes a snapshot in.
    pub(in crate::tui) fn record(&mut self, snapshot: &Snapshot, summaries: &Summaries) {
        self.flows.retain(|name, _| snapshot.flow(name).is_some());
        for flow in &snapshot.flows {
            let history = self.flows.entry(flow.flow.clone()).or_insert_with(FlowHistory::new);
            history.record(flow, &summaries.get(flow), snapshot.at_ms);
        }
    }

    /// How a flow went.
    pub(in crate::tui) fn flow(&self, name: &FlowName) -> Option<&FlowHistory> {
        self.flows.get(name)
    }
}

impl FlowHistory {
    fn new() -> Self {
        let series = || Series { fine: Ring::new(FINE), coarse: Ring::new(COARSE) };
        Self {
            records_per_second: series(),
            bytes_per_second: series(),
            lag_records: series(),
            arriving_per_second: series(),
            topics: HashMap::new(),
            arrivals: Arrivals::default(),
        }
    }

    fn record(&mut self, flow: &FlowSnapshot, summary: &FlowSummary, at_ms: i64) {
        let is_known = is_known(&flow.state);
        let known = |value: f64| if is_known { value as f32 } else { f32::NAN };
        self.records_per_second.push(at_ms, known(flow.records_per_second));
        self.bytes_per_second.push(at_ms, known(flow.bytes_per_second));
        // Half of the lag is not the lag.
        let lag = |records: Option<u64>, unseen: u64| match records {
            Some(records) if unseen == 0 => known(records as f64),
            _ => f32::NAN,
        };
        self.lag_records.push(at_ms, lag(flow.lag_records, flow.unseen_lanes));
        let arriving = if is_known {
            self.arrivals.record(flow, summary, at_ms)
        } else {
            self.arrivals.forget();
            None
        };
        self.arriving_per_second.push(at_ms, arriving.map_or(f32::NAN, |rate| rate as f32));
        for (topic, sums) in flow.topics.iter().zip(&summary.topics) {
            let history = match self.topics.get_mut(&topic.source) {
                Some(history) => history,
                None => self.topics.entry(topic.source.clone()).or_insert_with(TopicHistory::new),
            };
            let unseen = sums.unseen_lanes as u64 + u64::from(topic.lanes.is_empty());
            history.record(at_ms, sums.records, lag(sums.known_lag, unseen));
        }
    }
}

/// A flow that does not run, or cannot see a cluster, knows nothing: a gap, not a zero. One that waits for something
/// else, such as an open transaction in one of its topics, sees well enough.
fn is_known(state: &FlowState) -> bool {
    match state {
        FlowState::Stopped | FlowState::Refused { .. } | FlowState::Starting | FlowState::Joining => false,
        FlowState::Waiting { why } => matches!(
            why,
            WaitingReason::NotEnoughReplicas
                | WaitingReason::LeaderUnreachable { .. }
                | WaitingReason::LeaderUnavailable { .. }
                | WaitingReason::OpenTransaction
                | WaitingReason::NoProgress { .. }
                | WaitingReason::Throttled { .. }
        ),
        _ => true,
    }
}

impl TopicHistory {
    fn new() -> Self {
        Self { records_per_second: Ring::new(TOPIC), lag_records: Ring::new(TOPIC), last: None }
    }

    fn record(&mut self, at_ms: i64, records: u64, lag: f32) {
        self.lag_records.push(at_ms, lag);
        let Some((last_ms, last)) = self.last else {
            self.last = Some((at_ms, records));
            return;
        };
        let elapsed_ms = at_ms - last_ms;
        if elapsed_ms < TOPIC.0 && records >= last {
            return;
        }
        // Counts begin anew when lanes are attached anew.
        let rate = if records < last || elapsed_ms <= 0 {
            f32::NAN
        } else {
            ((records - last) as f64 * 1_000.0 / elapsed_ms as f64) as f32
        };
        self.records_per_second.push(at_ms, rate);
        self.last = Some((at_ms, records));
    }
}

impl Series {
    fn push(&mut self, at_ms: i64, value: f32) {
        self.fine.push(at_ms, value);
        self.coarse.push(at_ms, value);
    }

    /// The samples of the last `window_ms` before `now_ms`, the oldest first, in `columns` columns: each the mean of
    /// what lies in it, `NaN` where nothing is known. A column's borders do not move with `now_ms`, so that a chart
    /// moves by whole columns.
    pub(in crate::tui) fn columns(&self, now_ms: i64, window_ms: i64, columns: usize) -> Vec<f32> {
        let is_fine = window_ms <= FINE.0 * i64::try_from(FINE.1).unwrap_or(i64::MAX);
        (if is_fine { &self.fine } else { &self.coarse }).columns(now_ms, window_ms, columns)
    }

    /// The newest sample.
    pub(in crate::tui) fn last(&self) -> f32 {
        self.fine.last()
    }

    /// The least and the greatest of the last quarter of an hour, where something is known.
    pub(in crate::tui) fn range(&self) -> Option<(f32, f32)> {
        let known = self.fine.samples.iter().copied().filter(|value| !value.is_nan());
        known.fold(None, |range, value| match range {
            None => Some((value, value)),
            Some((low, high)) => Some((low.min(value), high.max(value))),
        })
    }

    /// By how much it changes per second, over the last `window_ms` before `now_ms`; `None` when too little of them is
    /// known.
    pub(in crate::tui) fn slope(&self, now_ms: i64, window_ms: i64) -> Option<f64> {
        let count = usize::try_from(window_ms / FINE.0).unwrap_or(0);
        let values = self.fine.columns(now_ms, window_ms, count);
        let mut known = (0_u32..).zip(values).filter(|(_, value)| !value.is_nan());
        let (first_at, first) = known.next()?;
        let (last_at, last) = known.last()?;
        let seconds = f64::from(last_at - first_at) * FINE.0 as f64 / 1_000.0;
        (seconds >= 3.0).then(|| f64::from(last - first) / seconds)
    }

    /// The newest sample of the last seconds before `now_ms`.
    pub(in crate::tui) fn latest(&self, now_ms: i64) -> Option<f32> {
        self.fine.columns(now_ms, 5_000, 5).into_iter().rev().find(|value| !value.is_nan())
    }
}

impl Ring {
    /// So many samples at this pace.
    pub(in crate::tui) fn new((step_ms, capacity): (i64, usize)) -> Self {
        Self { step_ms, capacity, newest: None, samples: VecDeque::new() }
    }

    /// Takes a sample in; `NaN` is a gap.
    pub(in crate::tui) fn push(&mut self, at_ms: i64, value: f32) {
        let step = at_ms.div_euclid(self.step_ms);
        match self.newest {
            Some(newest) if step < newest => return,
            Some(newest) if step == newest => drop(self.samples.pop_back()),
            Some(newest) => {
                let missed = usize::try_from(step - newest - 1).unwrap_or(usize::MAX).min(self.capacity);
                self.samples.extend(std::iter::repeat_n(f32::NAN, missed));
            }
            None => {}
        }
        self.newest = Some(step);
        self.samples.push_back(value);
        let surplus = self.samples.len().saturating_sub(self.capacity);
        self.samples.drain(..surplus);
    }

    /// The newest sample.
    pub(in crate::tui) fn last(&self) -> f32 {
        self.samples.back().copied().unwrap_or(f32::NAN)
    }

    /// As [`Series::columns`].
    pub(in crate::tui) fn columns(&self, now_ms: i64, window_ms: i64, columns: usize) -> Vec<f32> {
        let count = i64::try_from(columns).unwrap_or(i64::MAX).max(1);
        let width_ms = (window_ms / count).max(self.step_ms);
        let last = now_ms.div_euclid(width_ms);
        (0..count).map(|column| self.mean((last - count + 1 + column) * width_ms, width_ms)).collect()
    }

    /// The mean of what is known between two times.
    fn mean(&self, from_ms: i64, width_ms: i64) -> f32 {
        let Some(newest) = self.newest else { return f32::NAN };
        let oldest = newest + 1 - i64::try_from(self.samples.len()).unwrap_or(0);
        let steps = from_ms.div_euclid(self.step_ms)..(from_ms + width_ms).div_euclid(self.step_ms);
        let at = |step: i64| usize::try_from(step - oldest).ok().and_then(|index| self.samples.get(index).copied());
        let known = steps.filter_map(at).filter(|value| !value.is_nan());
        let (sum, count) = known.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
        if count == 0.0 { f32::NAN } else { sum / count }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::LaneState;
    use crate::report::fixture as mirror;

    fn ring(samples: &[(i64, f32)]) -> Ring {
        let mut ring = Ring::new((1_000, 5));
        samples.iter().for_each(|(at_ms, value)| ring.push(*at_ms, *value));
        ring
    }

    fn shown(values: &[f32]) -> String {
        let shown = |value: &f32| if value.is_nan() { "-".to_owned() } else { value.to_string() };
        values.iter().map(shown).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_was_not_seen_is_a_gap() {
        let ring = ring(&[(1_000, 1.0), (1_900, 2.0), (2_000, 3.0), (5_000, 6.0)]);
        assert_eq!(shown(&ring.columns(5_500, 6_000, 6)), "- 2 3 - - 6");
    }

    #[test]
    fn old_samples_go_and_late_ones_are_not_taken() {
        let ring = ring(&[(1_000, 1.0), (60_000, 2.0), (59_000, 9.0), (61_000, 3.0)]);
        assert!(ring.samples.len() <= 5);
        assert_eq!(shown(&ring.columns(61_000, 3_000, 3)), "- 2 3");
    }

    #[test]
    fn columns_are_means_and_stand_still_between_their_borders() {
        let samples: Vec<(i64, f32)> = (0..5).map(|n| (n * 1_000, n as f32)).collect();
        let ring = ring(&samples);
        assert_eq!(shown(&ring.columns(4_000, 4_000, 2)), "2.5 4");
        assert_eq!(shown(&ring.columns(5_999, 4_000, 2)), "2.5 4");
        assert_eq!(shown(&ring.columns(6_000, 4_000, 2)), "4 -");
    }

    #[test]
    fn a_lag_that_is_known_in_part_is_a_gap() {
        let mut snapshot = mirror::snapshot();
        let flow = Arc::make_mut(&mut snapshot.flows[0]);
        flow.topics[0].lanes[0].state = LaneState::Waiting { why: mirror::leader_unreachable() };
        flow.topics[0].lanes[0].lag_records = None;
        flow.unseen_lanes = 1;
        let (name, topic) = (flow.flow.clone(), flow.topics[0].source.clone());
        let mut histories = Histories::default();
        histories.record(&snapshot, &Summaries::new(&snapshot, &Summaries::default()));
        let history = histories.flow(&name).expect("it was recorded");
        assert!(history.lag_records.last().is_nan() && !history.records_per_second.last().is_nan());
        assert!(history.topics[&topic].lag_records.last().is_nan());
    }

    #[test]
    fn only_who_sees_both_clusters_knows_anything() {
        let mut histories = Histories::default();
        let mut snapshot = mirror::snapshot();
        snapshot.flows.truncate(1);
        let waiting = |why| FlowState::Waiting { why };
        let states = [
            FlowState::Running,
            waiting(mirror::unreachable()),
            waiting(WaitingReason::OpenTransaction),
            FlowState::Stopped,
        ];
        for (second, state) in (0..).zip(states) {
            snapshot.at_ms = second * 1_000;
            mirror::flow_mut(&mut snapshot, 0).state = state;
            histories.record(&snapshot, &Summaries::new(&snapshot, &Summaries::default()));
        }
        let history = histories.flow(&"eu-to-us".into()).expect("recorded");
        assert_eq!(shown(&history.lag_records.columns(3_000, 4_000, 4)), "1240000 - 1240000 -");
    }

    #[test]
    fn a_slope_needs_some_seconds() {
        let mut series = Series { fine: Ring::new(FINE), coarse: Ring::new(COARSE) };
        series.push(0, 900.0);
        assert_eq!(series.slope(0, 10_000), None);
        (1..=2).for_each(|second| series.push(second * 1_000, 900.0));
        assert_eq!(series.slope(2_500, 10_000), None);
        series.push(5_000, f32::NAN);
        series.push(6_000, 300.0);
        assert_eq!(series.slope(6_500, 10_000), Some(-100.0));
        assert_eq!(series.slope(60_000, 10_000), None, "that was long ago");
    }

    #[test]
    fn a_topics_rate_comes_from_what_was_copied() {
        let mut topic = TopicHistory::new();
        for (at_ms, records) in [(0, 100), (1_000, 200), (5_000, 600), (10_000, 600), (15_000, 10)] {
            topic.record(at_ms, records, 0.0);
        }
        assert_eq!(shown(&topic.records_per_second.columns(15_000, 20_000, 4)), "- 100 0 -");
    }
}
