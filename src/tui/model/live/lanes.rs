//! The partitions of a topic as rows, filtered and sorted.

use std::cmp::Ordering;

use super::row_state::{RowState, Why};
use crate::engine::{LaneSnapshot, TopicSnapshot};
use crate::tui::model::list::{ListState, RowKeys};

/// The numbers of the columns one can sort by.
pub(in crate::tui) const PARTITION: usize = 0;
pub(in crate::tui) const STATE: usize = 1;
pub(in crate::tui) const POSITION: usize = 2;
pub(in crate::tui) const LAG: usize = 3;
pub(in crate::tui) const DELAY: usize = 4;
pub(in crate::tui) const RATE: usize = 5;
pub(in crate::tui) const ETA: usize = 6;
/// How many they are.
pub(in crate::tui) const SORTS: usize = 7;

/// The lanes shown, as places in the topic's snapshot, and their keys: the numbers of the partitions.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct LaneRows {
    pub(in crate::tui) shown: Vec<usize>,
    pub(in crate::tui) keys: RowKeys,
}

impl LaneRows {
    /// Arranges a topic's lanes as the list says. The filter looks at number, state and reason.
    pub(in crate::tui) fn new(topic: &TopicSnapshot, list: &ListState) -> Self {
        let lanes = &topic.lanes;
        let mut fits = list.filter.matcher();
        let is_shown = |index: &usize| {
            let lane = &lanes[*index];
            let state = RowState::of_lane(&lane.state);
            (!list.is_problems_only || state.is_problem()) && (list.filter.is_all() || fits(&words(lane, state)))
        };
        let mut shown: Vec<usize> = (0..lanes.len()).filter(is_shown).collect();
        shown.sort_by(|a, b| {
            let order = compare(&lanes[*a], &lanes[*b], list.sort.column);
            let order = if list.sort.is_descending { order.reverse() } else { order };
            order.then(lanes[*a].partition.cmp(&lanes[*b].partition))
        });
        let keys = shown.iter().map(|index| lanes[*index].partition.to_string()).collect();
        Self { shown, keys }
    }
}

fn words(lane: &LaneSnapshot, state: RowState) -> String {
    let why = Why::of_lane(&lane.state).map(|why| why.to_string()).unwrap_or_default();
    format!("{} {} {why}", lane.partition, state.word())
}

fn compare(a: &LaneSnapshot, b: &LaneSnapshot, column: usize) -> Ordering {
    match column {
        STATE => RowState::of_lane(&a.state).cmp(&RowState::of_lane(&b.state)),
        POSITION => a.position.cmp(&b.position),
        LAG => a.lag_records.cmp(&b.lag_records),
        DELAY => a.delay_ms.cmp(&b.delay_ms),
        RATE => a.records_per_second.total_cmp(&b.records_per_second),
        // Who will never be done comes last.
        ETA => a.eta_seconds.unwrap_or(u64::MAX).cmp(&b.eta_seconds.unwrap_or(u64::MAX)),
        _ => a.partition.cmp(&b.partition),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::LaneState;
    use crate::report::fixture as mirror;
    use crate::tui::model::input_line::InputLine;
    use crate::tui::model::list::Sort;

    fn keys(change: impl FnOnce(&mut ListState)) -> Vec<String> {
        let mut topic = mirror::running().topics.remove(0);
        topic.lanes.push(mirror::lane(10, LaneState::Paused));
        topic.lanes[2].lag_records = Some(9_000);
        topic.lanes.reverse();
        let mut list = ListState::default();
        change(&mut list);
        list.apply_filter();
        LaneRows::new(&topic, &list).keys.to_vec()
    }

    #[test]
    fn partitions_are_sorted_by_number_and_found_by_what_they_do() {
        assert_eq!(keys(|_| ()), ["0", "1", "10"]);
        assert_eq!(keys(|list| list.sort = Sort { column: LAG, is_descending: true }), ["10", "0", "1"]);
        assert_eq!(keys(|list| list.sort.column = STATE), ["1", "10", "0"]);
        assert_eq!(keys(|list| list.filter_line = InputLine::new("paused")), ["10"]);
        assert_eq!(keys(|list| list.filter_line = InputLine::new("max.message.bytes")), ["1"]);
        assert_eq!(keys(|list| list.is_problems_only = true), ["1"]);
    }
}
