//! The topics that are shown, in their order, and the partitions of one.

use std::cmp::Ordering;
use std::sync::Arc;

use serde_json::Value;

use crate::model::{SelectionVerdict, TopicName};
use crate::report::number;
use crate::tui::model::Model;
use crate::tui::model::listing::{self, Listing};
use crate::tui::model::topics::cluster_view::TopicEntry;
use crate::tui::model::topics::{Rows, RowsKey};
use crate::tui::services::ListedPartition;

/// Name, partitions, replicas, records, rate, settings, flow.
pub(super) const SORTS: usize = 7;
/// The column of the records.
pub(super) const SORT_RECORDS: usize = 3;
/// The column of the rate.
pub(super) const SORT_RATE: usize = 4;
/// The column of the settings.
pub(super) const SORT_KEEP: usize = 5;

/// The topics that are shown. Made anew only when something of it has changed.
pub(in crate::tui) fn rows(model: &Model) -> Arc<Rows> {
    let topics = &model.topics;
    let list = &topics.list;
    let key = RowsKey {
        cluster: topics.cluster.clone(),
        version: topics.view().map_or(0, |view| view.version),
        filter: list.filter_line.text().to_owned(),
        is_filter_wrong: list.filter_error.is_some(),
        sort: list.sort,
        is_problems_only: list.is_problems_only,
        is_internal_shown: topics.is_internal_shown,
    };
    let mut cached = topics.rows.borrow_mut();
    match &*cached {
        Some((known, rows)) if *known == key => Arc::clone(rows),
        _ => {
            let rows = Arc::new(make(model));
            *cached = Some((key, Arc::clone(&rows)));
            rows
        }
    }
}

fn make(model: &Model) -> Rows {
    let Some(view) = model.topics.view() else { return Rows::default() };
    let list = &model.topics.list;
    let mut fits = list.filter.matcher();
    let is_hidden = |entry: &TopicEntry| entry.listed.is_internal && !model.topics.is_internal_shown;
    let hidden_internal = view.entries.iter().filter(|entry| is_hidden(entry)).count();
    let mut places: Vec<usize> = (0..view.entries.len())
        .filter(|place| {
            let entry = &view.entries[*place];
            !is_hidden(entry) && (!list.is_problems_only || entry.has_problem()) && fits(entry.listed.name.as_str())
        })
        .collect();
    let order = |a: &usize, b: &usize| {
        let order = compare(&view.entries[*a], &view.entries[*b], list.sort.column);
        let order = if list.sort.is_descending { order.reverse() } else { order };
        // By name where there is nothing else.
        order.then(a.cmp(b))
    };
    places.sort_by(order);
    Rows {
        keys: places.iter().map(|place| view.entries[*place].listed.name.to_string()).collect(),
        total: view.entries.len() - hidden_internal,
        places,
        hidden_internal,
    }
}

/// What is not known comes before everything else.
fn compare(a: &TopicEntry, b: &TopicEntry, column: usize) -> Ordering {
    let rate = |entry: &TopicEntry| entry.rate().map_or(-1.0, |(rate, _)| rate);
    match column {
        1 => a.listed.partitions.cmp(&b.listed.partitions),
        2 => a.listed.replication_factor.cmp(&b.listed.replication_factor),
        SORT_RECORDS => a.records().cmp(&b.records()),
        SORT_RATE => rate(a).total_cmp(&rate(b)),
        SORT_KEEP => retention(a).cmp(&retention(b)),
        6 => flow_word(a).cmp(&flow_word(b)),
        _ => a.listed.name.cmp(&b.listed.name),
    }
}

/// How long records are kept: not known, for a time, for ever, by key.
fn retention(entry: &TopicEntry) -> (u8, i64) {
    match &entry.settings {
        Some(Ok(settings)) if settings.policy.is_some() && settings.is_compacted() => (3, 0),
        Some(Ok(settings)) => match settings.retention_ms {
            Some(ms) if ms < 0 => (2, 0),
            Some(ms) => (1, ms),
            None => (0, 0),
        },
        _ => (0, 0),
    }
}

/// How long records are kept, in a word; `None` when it is not known.
pub(in crate::tui) fn keep_word(entry: &TopicEntry) -> Option<String> {
    let Some(Ok(settings)) = &entry.settings else { return None };
    if settings.policy.is_some() && settings.is_compacted() {
        return Some("compact".into());
    }
    settings.retention_ms.map(|ms| match u64::try_from(ms) {
        Ok(ms) => number::duration_short(ms / 1_000),
        Err(_) => "forever".into(),
    })
}

/// What the flows do with a topic, in a word: the flow that mirrors it, or why none does.
pub(in crate::tui) fn flow_word(entry: &TopicEntry) -> Option<String> {
    let verdicts = &entry.listed.verdicts;
    let mut mirroring = verdicts.iter().filter(|verdict| verdict.target_topic().is_some());
    if let Some(first) = mirroring.next() {
        let more = match mirroring.count() {
            0 => String::new(),
            n => format!(" +{n}"),
        };
        return Some(format!("{}{more}", first.flow));
    }
    let has = |is: fn(&SelectionVerdict) -> bool| verdicts.iter().any(|verdict| is(&verdict.verdict));
    if has(|verdict| matches!(verdict, SelectionVerdict::Undecided { .. })) {
        Some("undecided".into())
    } else if has(SelectionVerdict::is_included) {
        Some("no name".into())
    } else if has(|verdict| matches!(verdict, SelectionVerdict::Excluded { .. })) {
        Some("excl".into())
    } else if has(|verdict| matches!(verdict, SelectionVerdict::Internal { .. })) || entry.listed.is_internal {
        Some("internal".into())
    } else {
        None
    }
}

/// The list as it is written to a file.
pub(super) fn listing(model: &Model, row: Option<&str>) -> Listing {
    let heads = &[
        "topic",
        "partitions",
        "replication_factor",
        "records_at_most",
        "records_per_second",
        "cleanup_policy",
        "retention_ms",
        "flow",
        "problem",
    ];
    let Some(view) = model.topics.view() else { return Listing { heads, rows: Vec::new() } };
    let rows = rows(model);
    let entries = rows.places.iter().map(|place| &view.entries[*place]);
    let wanted = entries.filter(|entry| row.is_none_or(|row| entry.listed.name.as_str() == row));
    let cells = |entry: &TopicEntry| {
        let settings = entry.settings.as_ref().and_then(|settings| settings.as_ref().ok());
        let listed = &entry.listed;
        let problems = problems(entry);
        vec![
            listed.name.as_str().into(),
            listed.partitions.into(),
            listed.replication_factor.into(),
            entry.records().into(),
            entry.rate().map_or(Value::Null, |(rate, _)| listing::rate(rate)),
            settings.and_then(|settings| settings.policy.clone()).into(),
            settings.and_then(|settings| settings.retention_ms).into(),
            flow_word(entry).into(),
            (!problems.is_empty()).then(|| problems.join("; ")).into(),
        ]
    };
    Listing { heads, rows: wanted.map(cells).collect() }
}

/// What is wrong with a topic, in words.
pub(in crate::tui) fn problems(entry: &TopicEntry) -> Vec<String> {
    let listed = &entry.listed;
    if let Some(fault) = &listed.fault {
        return vec![format!("cannot be described: {fault}")];
    }
    let mut problems = Vec::new();
    match listed.leaderless {
        0 => {}
        1 => problems.push("1 partition has no leader".to_owned()),
        n => problems.push(format!("{n} partitions have no leader")),
    }
    if entry.is_under_replicated() {
        problems.push(format!(
            "under-replicated: only {} of {} replicas in sync",
            listed.in_sync_replicas_min, listed.replication_factor
        ));
    }
    problems
}

/// A partition, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::tui) struct PartitionRow {
    pub(in crate::tui) number: i32,
    /// Start and end of its log.
    pub(in crate::tui) log: Option<(i64, i64)>,
    /// Who holds it; `None` before that was asked.
    pub(in crate::tui) facts: Option<ListedPartition>,
}

impl PartitionRow {
    /// Whether nobody leads it, or replicas are missing.
    pub(in crate::tui) fn has_problem(&self) -> bool {
        self.facts.is_some_and(|facts| facts.leader.is_none() || facts.in_sync_replicas < facts.replicas)
    }
}

/// The partitions of a topic that are shown, in their order.
pub(in crate::tui) fn partitions(model: &Model, topic: &TopicName) -> Vec<PartitionRow> {
    let list = &model.topics.partitions;
    let mut fits = list.filter.matcher();
    let mut rows = all_partitions(model, topic);
    rows.retain(|row| (!list.is_problems_only || row.has_problem()) && fits(&row.number.to_string()));
    let size = |row: &PartitionRow| row.log.map(|(low, high)| high - low);
    let leader = |row: &PartitionRow| row.facts.and_then(|facts| facts.leader);
    let order = |a: &PartitionRow, b: &PartitionRow| match list.sort.column {
        1 => a.log.map(|log| log.0).cmp(&b.log.map(|log| log.0)),
        2 => a.log.map(|log| log.1).cmp(&b.log.map(|log| log.1)),
        3 => size(a).cmp(&size(b)),
        4 => leader(a).cmp(&leader(b)),
        _ => a.number.cmp(&b.number),
    };
    rows.sort_by(|a, b| if list.sort.is_descending { order(b, a) } else { order(a, b) });
    rows
}

/// Every partition of a topic by number.
pub(in crate::tui) fn all_partitions(model: &Model, topic: &TopicName) -> Vec<PartitionRow> {
    let Some(entry) = model.topics.entry(topic) else { return Vec::new() };
    let detail = model.topics.detail(topic).and_then(|detail| detail.answer.as_ref().ok());
    let facts = |number: i32| {
        let partitions = &detail?.partitions;
        let place = partitions.binary_search_by_key(&number, |facts| facts.partition).ok()?;
        partitions.get(place).copied()
    };
    let row = |number: i32| {
        let log = usize::try_from(number).ok().and_then(|place| entry.logs.get(place).copied().flatten());
        PartitionRow { number, log, facts: facts(number) }
    };
    (0..entry.listed.partitions).map(row).collect()
}

pub(super) fn partitions_listing(model: &Model, topic: &TopicName, row: Option<&str>) -> Listing {
    let heads = &["topic", "partition", "low", "high", "leader", "replicas", "in_sync_replicas"];
    let is_wanted = |found: &PartitionRow| row.is_none_or(|row| found.number.to_string() == row);
    let cells = |row: PartitionRow| {
        vec![
            topic.as_str().into(),
            row.number.into(),
            row.log.map(|log| log.0).into(),
            row.log.map(|log| log.1).into(),
            row.facts.and_then(|facts| facts.leader).into(),
            row.facts.map(|facts| facts.replicas).into(),
            row.facts.map(|facts| facts.in_sync_replicas).into(),
        ]
    };
    Listing { heads, rows: partitions(model, topic).into_iter().filter(is_wanted).map(cells).collect() }
}
