//! The rows as text, to be written and copied.

use jiff::Timestamp;
use serde_json::Value;

use crate::tui::model::Model;
use crate::tui::model::listing::Listing;
use crate::tui::model::offsets::row::Row;

use super::{flows, record_ms};

const HEADS: &[&str] = &[
    "topic",
    "partition",
    "low",
    "high",
    "checkpoint",
    "start_at",
    "offset",
    "record_time",
    "to_copy",
    "again",
    "left_out",
    "lost",
    "problem",
];

/// The rows that are shown, or the one of this key.
pub(super) fn listing(model: &Model, row: Option<&str>) -> Listing {
    let page = &model.offsets;
    if page.flow.is_none() {
        let flows = flows(model).into_iter().map(|flow| vec![flow.as_str().into()]);
        return Listing { heads: &["flow"], rows: flows.collect() };
    }
    let keys = model.page().rows(model);
    let wanted = keys.iter().filter(|key| row.is_none_or(|row| row == key.as_str()));
    let rows = wanted.filter_map(|key| page.row(key)).map(|row| cells(model, row));
    Listing { heads: HEADS, rows: rows.collect() }
}

fn cells(model: &Model, row: Row<'_>) -> Vec<Value> {
    let listed = row.listed;
    let effect = row.effect();
    let time = record_ms(model, &row).and_then(|ms| Timestamp::from_millisecond(ms).ok());
    vec![
        listed.partition.topic.as_str().into(),
        listed.partition.partition.into(),
        listed.low.into(),
        listed.high.into(),
        listed.progress.map(|progress| progress.offset).into(),
        start_at(row).into(),
        row.position().into(),
        time.map(|time| time.to_string()).into(),
        effect.map(|effect| effect.to_copy).into(),
        effect.map(|effect| effect.again).into(),
        effect.map(|effect| effect.left_out).into(),
        listed.lost_records().into(),
        row.problem().map(|problem| problem.to_string()).into(),
    ]
}

/// By which position the row goes on, as it can be typed.
fn start_at(row: Row<'_>) -> String {
    match (row.edit, row.listed.progress, &row.listed.start) {
        (Some(edit), ..) => edit.at.to_string(),
        (None, Some(_), _) => "checkpoint".into(),
        (None, None, Some(start)) => start.at.to_string(),
        (None, None, None) => String::new(),
    }
}

/// The row of the cursor, as `kmirror offsets set` takes it.
pub(super) fn copied(model: &Model) -> Option<String> {
    let row = model.offsets.row_at_hand()?;
    let position = row.position().map_or_else(|| start_at(row), |position| position.to_string());
    let partition = &row.listed.partition;
    Some(format!("{}:{}={position}", partition.topic, partition.partition))
}
