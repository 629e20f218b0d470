//! The topics of a flow as rows: summed up over their lanes once per snapshot, then filtered and sorted.

use std::cmp::Ordering;
use std::collections::HashSet;

use super::row_state::RowState;
use crate::engine::{FlowSnapshot, TopicSnapshot};
use crate::tui::model::list::{ListState, RowKeys};
use crate::tui::model::summary::{FlowSummary, SlowestLane, TopicSummary};

/// The numbers of the columns one can sort by.
pub(in crate::tui) const NAME: usize = 0;
pub(in crate::tui) const PARTITIONS: usize = 1;
pub(in crate::tui) const RATE: usize = 2;
pub(in crate::tui) const LAG: usize = 3;
pub(in crate::tui) const ETA: usize = 4;
pub(in crate::tui) const DELAY: usize = 5;
pub(in crate::tui) const STATE: usize = 6;
/// How many they are.
pub(in crate::tui) const SORTS: usize = 7;

/// The rows, and what is true of all of them.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct TopicRows {
    /// All topics, in the snapshot's order.
    pub(in crate::tui) all: Vec<TopicRow>,
    /// Those shown, as places in `all`.
    pub(in crate::tui) shown: Vec<usize>,
    /// Their names.
    pub(in crate::tui) keys: RowKeys,
    /// The lane that decides how long the flow needs.
    pub(in crate::tui) slowest: Option<Slowest>,
    /// Lanes and topics that are blocked, and lanes that wait.
    pub(in crate::tui) blocked: usize,
    pub(in crate::tui) waiting: usize,
    /// Whether some lane reads.
    pub(in crate::tui) is_read: bool,
    /// Whether every lane there is does, so that what is known of the source is all there is to know.
    pub(in crate::tui) is_all_read: bool,
}

/// One topic.
#[derive(Clone, Debug)]
pub(in crate::tui) struct TopicRow {
    pub(in crate::tui) state: RowState,
    pub(in crate::tui) partitions: i32,
    pub(in crate::tui) records_per_second: f64,
    /// `None` when it is not known of any lane.
    pub(in crate::tui) lag_records: Option<u64>,
    /// Whether the lag of every lane is known.
    pub(in crate::tui) is_seen: bool,
    /// That of the slowest lane; `None` when one does not get nearer.
    pub(in crate::tui) eta_seconds: Option<u64>,
    /// The greatest of the lanes that move.
    pub(in crate::tui) delay_ms: Option<u64>,
}

/// The lane that takes longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) struct Slowest {
    /// The place of its topic in the snapshot.
    pub(in crate::tui) topic: usize,
    pub(in crate::tui) lane: SlowestLane,
}

impl TopicRows {
    /// Arranges a flow's topics as the list says. With 200,000 lanes a walk over them takes milliseconds: what they
    /// tell is in the summary.
    pub(in crate::tui) fn new(flow: &FlowSnapshot, summary: &FlowSummary, list: &ListState) -> Self {
        let mut rows = Self { blocked: flow.blocked_topics().count(), ..Self::default() };
        rows.is_all_read = rows.blocked == 0;
        for (place, (topic, sums)) in flow.topics.iter().zip(&summary.topics).enumerate() {
            rows.blocked += sums.blocked_lanes;
            rows.waiting += sums.waiting_lanes;
            rows.is_read |= sums.read_lanes > 0;
            rows.is_all_read &= sums.read_lanes == topic.lanes.len();
            rows.all.push(TopicRow::new(topic, sums));
            let slowest = sums.slowest.map(|lane| Slowest { topic: place, lane });
            rows.slowest = rows.slowest.into_iter().chain(slowest).max_by_key(|slowest| slowest.lane.rank());
        }
        let mut fits = list.filter.matcher();
        let is_shown = |index: &usize| {
            let topic = &flow.topics[*index];
            (!list.is_problems_only || rows.all[*index].state.is_problem())
                && (fits(topic.source.as_str()) || fits(topic.target.as_str()))
        };
        rows.shown = (0..flow.topics.len()).filter(is_shown).collect();
        rows.shown.sort_by(|a, b| {
            let order = rows.all[*a].compare(&rows.all[*b], list.sort.column);
            let order = if list.sort.is_descending { order.reverse() } else { order };
            let by_name = || flow.topics[*a].source.cmp(&flow.topics[*b].source);
            match list.sort.column {
                NAME if list.sort.is_descending => by_name().reverse(),
                _ => order.then_with(by_name),
            }
        });
        rows.keys = rows.shown.iter().map(|index| flow.topics[*index].source.to_string()).collect();
        rows
    }
}

/// The place of a topic in the snapshot.
pub(in crate::tui) fn place(flow: &FlowSnapshot, name: &str) -> Option<usize> {
    flow.topics.iter().position(|topic| topic.source.as_str() == name)
}

/// The places of topics in the snapshot, in its order. They may be thousands.
pub(in crate::tui) fn places(flow: &FlowSnapshot, names: &[String]) -> Vec<usize> {
    let wanted: HashSet<&str> = names.iter().map(String::as_str).collect();
    let topics = flow.topics.iter().enumerate();
    topics.filter(|(_, topic)| wanted.contains(topic.source.as_str())).map(|(place, _)| place).collect()
}

impl TopicRow {
    fn new(topic: &TopicSnapshot, sums: &TopicSummary) -> Self {
        Self {
            state: RowState::of_topic(topic, sums.worst),
            partitions: topic.partitions,
            records_per_second: sums.records_per_second,
            lag_records: sums.known_lag,
            is_seen: sums.unseen_lanes == 0,
            eta_seconds: sums.eta_seconds,
            delay_ms: sums.delay_ms,
        }
    }

    fn compare(&self, other: &Self, column: usize) -> Ordering {
        match column {
            PARTITIONS => self.partitions.cmp(&other.partitions),
            RATE => self.records_per_second.total_cmp(&other.records_per_second),
            LAG => self.lag_records.cmp(&other.lag_records),
            // Who will never be done comes last.
            ETA => self.eta_seconds.unwrap_or(u64::MAX).cmp(&other.eta_seconds.unwrap_or(u64::MAX)),
            DELAY => self.delay_ms.cmp(&other.delay_ms),
            STATE => self.state.cmp(&other.state),
            _ => Ordering::Equal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::LaneState;
    use crate::report::fixture as mirror;
    use crate::tui::model::list::Sort;

    fn flow() -> FlowSnapshot {
        let mut flow = mirror::running();
        let mut clicks = flow.topics[0].clone();
        clicks.source = "clicks".into();
        clicks.lanes = vec![mirror::lane(0, LaneState::CaughtUp), mirror::lane(1, LaneState::Copying)];
        (clicks.lanes[0].lag_records, clicks.lanes[0].eta_seconds) = (Some(0), Some(0));
        (clicks.lanes[1].lag_records, clicks.lanes[1].eta_seconds) = (Some(7), None);
        flow.topics.push(clicks);
        flow
    }

    fn rows_of(flow: &FlowSnapshot, list: &ListState) -> TopicRows {
        TopicRows::new(flow, &FlowSummary::new(flow), list)
    }

    fn sorted_by(column: usize, is_descending: bool) -> Vec<String> {
        let list = ListState { sort: Sort { column, is_descending }, ..ListState::default() };
        rows_of(&flow(), &list).keys.to_vec()
    }

    #[test]
    fn topics_are_summed_up_over_their_lanes() {
        let rows = rows_of(&flow(), &ListState::default());
        let orders = &rows.all[0];
        assert_eq!((orders.lag_records, orders.eta_seconds, orders.delay_ms), (Some(2_578), Some(310), Some(3_900)));
        assert_eq!(orders.state, RowState::Blocked);
        assert_eq!((rows.all[1].lag_records, rows.all[1].delay_ms), (None, None), "what nobody knows is not 0");
        assert_eq!(rows.all[2].eta_seconds, None);
        assert_eq!((rows.blocked, rows.waiting, rows.is_all_read), (2, 0, false));
        assert_eq!((place(&flow(), "clicks"), place(&flow(), "x")), (Some(2), None));
        assert_eq!(places(&flow(), &["clicks".into(), "x".into(), "orders".into()]), [0, 2]);
    }

    #[test]
    fn the_slowest_lane_is_one_that_gets_no_nearer_if_there_is_one() {
        let rows = rows_of(&flow(), &ListState::default());
        let slowest = rows.slowest.expect("somebody is behind");
        assert_eq!((slowest.topic, slowest.lane.partition, slowest.lane.eta_seconds), (2, 1, None));
        let mut flow = flow();
        flow.topics.truncate(1);
        let slowest = rows_of(&flow, &ListState::default()).slowest.expect("somebody is behind");
        assert_eq!(
            (slowest.lane.partition, slowest.lane.eta_seconds),
            (0, Some(310)),
            "a blocked lane is not slow, it is blocked"
        );
    }

    #[test]
    fn rows_are_sorted_and_filtered() {
        assert_eq!(sorted_by(NAME, false), ["clicks", "orders", "payments"]);
        assert_eq!(sorted_by(NAME, true), ["payments", "orders", "clicks"]);
        assert_eq!(sorted_by(LAG, true), ["orders", "clicks", "payments"]);
        assert_eq!(sorted_by(PARTITIONS, true), ["payments", "clicks", "orders"]);
        assert_eq!(sorted_by(STATE, false), ["orders", "payments", "clicks"]);
        let list = ListState { is_problems_only: true, ..ListState::default() };
        assert_eq!(*rows_of(&flow(), &list).keys, ["orders", "payments"]);
    }
}
