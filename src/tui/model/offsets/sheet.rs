//! The rows that are shown, in their order. Made anew only when what they depend on has changed: there may be 200,000.

use std::cmp::Reverse;
use std::fmt::Write as _;

use super::Desk;
use super::row::{Row, RowMark};
use crate::model::{FlowOffsets, TopicPartition};
use crate::report::number;
use crate::tui::model::list::{ListState, RowKeys};

/// The numbers of the columns one can sort by.
pub(in crate::tui) const PARTITION: usize = 0;
pub(in crate::tui) const HIGH: usize = 1;
pub(in crate::tui) const CHECKPOINT: usize = 2;
pub(in crate::tui) const TO_COPY: usize = 3;
/// How many they are.
pub(in crate::tui) const SORTS: usize = 4;

/// Digits of the greatest partition.
const NUMBER_COLUMNS_MAX: usize = 10;

/// Rows as places among the flow's partitions, and their keys: `topic/3`.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct Sheet {
    pub(in crate::tui) places: Vec<usize>,
    pub(in crate::tui) keys: RowKeys,
    /// Partitions of the scope, shown or not.
    pub(in crate::tui) total: usize,
    /// Whether they belong to more than one topic.
    pub(in crate::tui) has_topics: bool,
    /// Columns the largest offset takes, and the largest number of records to copy.
    pub(in crate::tui) widths: (usize, usize),
}

impl Sheet {
    /// Arranges the partitions of the scope. The filter looks at topic and number.
    pub(in crate::tui) fn new(offsets: &FlowOffsets, desk: &Desk, list: &ListState) -> Self {
        let all = &offsets.partitions;
        let row = |place: usize| Row { listed: &all[place], edit: desk.draft.edit(&all[place].partition) };
        let scope: Vec<usize> = (0..all.len()).filter(|place| desk.scope.covers(&all[*place].partition)).collect();
        let (mut fits, mut name) = (list.filter.matcher(), String::new());
        let is_shown = |place: &usize| {
            let row = row(*place);
            let is_wanted = (!list.is_problems_only || row.mark() == RowMark::Problem)
                && (!desk.is_edited_only || row.edit.is_some());
            is_wanted && (list.filter.is_all() || fits(key_in(&mut name, &all[*place].partition)))
        };
        let topic = |place: &usize| &all[*place].partition.topic;
        let has_topics = scope.first().is_some_and(|first| scope.iter().any(|place| topic(place) != topic(first)));
        let total = scope.len();
        let largest = |number: &dyn Fn(usize) -> Option<i64>| {
            scope.iter().filter_map(|place| number(*place)).max().map_or(1, |number| number::exact(number).len())
        };
        let of_offset = largest(&|place| all[place].high.max(all[place].progress.map(|progress| progress.offset)));
        let of_copy = largest(&|place| Some(all[place].high? - all[place].low?));
        let mut places: Vec<usize> = scope.iter().copied().filter(is_shown).collect();
        match list.sort.column {
            // The places are in the order of the partitions.
            PARTITION if list.sort.is_descending => places.reverse(),
            PARTITION => {}
            column => sort(&mut places, list.sort.is_descending, |place| number_in(row(place), column)),
        }
        let keys = places.iter().map(|place| key(&all[*place].partition)).collect();
        Self { places, keys, total, has_topics, widths: (of_offset, of_copy) }
    }
}

/// As a partition is displayed. `to_string` would let it grow bit by bit, 200,000 times.
fn key(partition: &TopicPartition) -> String {
    let mut key = String::with_capacity(partition.topic.as_str().len() + 1 + NUMBER_COLUMNS_MAX);
    key_in(&mut key, partition);
    key
}

fn key_in<'a>(key: &'a mut String, partition: &TopicPartition) -> &'a str {
    key.clear();
    key.push_str(partition.topic.as_str());
    key.push('/');
    // Nothing fails to be written to a string.
    let _ = write!(key, "{}", partition.partition);
    key
}

/// Each number is worked out once: looking an edit up, and what it comes to, costs more than comparing. Places with the
/// same number stay in their order.
fn sort(places: &mut Vec<usize>, is_descending: bool, number: impl Fn(usize) -> Option<i128>) {
    let mut numbered: Vec<(Option<i128>, usize)> = places.iter().map(|place| (number(*place), *place)).collect();
    if is_descending {
        numbered.sort_unstable_by_key(|(number, place)| (Reverse(*number), *place));
    } else {
        numbered.sort_unstable();
    }
    places.clear();
    places.extend(numbered.into_iter().map(|(_, place)| place));
}

fn number_in(row: Row<'_>, column: usize) -> Option<i128> {
    match column {
        HIGH => row.listed.high.map(i128::from),
        CHECKPOINT => row.listed.progress.map(|progress| progress.offset.into()),
        _ => row.effect().map(|effect| effect.to_copy.into()),
    }
}
