//! The rows as text, to be written and copied.

use jiff::Timestamp;

use crate::tui::model::Model;
use crate::tui::model::offsets::row::Row;

use super::{flows, record_ms};

const HEADS: [&str; 13] = [
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

/// The heads, then the rows that are shown, or the one of this key.
pub(super) fn table(model: &Model, row: Option<&str>) -> Vec<Vec<String>> {
    let page = &model.offsets;
    if page.flow.is_none() {
        let flows = flows(model).into_iter().map(|flow| vec![flow.to_string()]);
        return std::iter::once(vec!["flow".to_owned()]).chain(flows).collect();
    }
    let mut table = vec![HEADS.map(str::to_owned).to_vec()];
    let keys = model.page().rows(model);
    let wanted = keys.iter().filter(|key| row.is_none_or(|row| row == key.as_str()));
    table.extend(wanted.filter_map(|key| page.row(key)).map(|row| cells(model, row)));
    table
}

fn cells(model: &Model, row: Row<'_>) -> Vec<String> {
    let optional = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
    let listed = row.listed;
    let effect = row.effect();
    let count = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    let time = record_ms(model, &row).and_then(|ms| Timestamp::from_millisecond(ms).ok());
    vec![
        listed.partition.topic.to_string(),
        listed.partition.partition.to_string(),
        optional(listed.low),
        optional(listed.high),
        optional(listed.progress.map(|progress| progress.offset)),
        start_at(row),
        optional(row.position()),
        time.map(|time| time.to_string()).unwrap_or_default(),
        count(effect.map(|effect| effect.to_copy)),
        count(effect.map(|effect| effect.again)),
        count(effect.map(|effect| effect.left_out)),
        listed.lost_records().to_string(),
        row.problem().map(|problem| problem.to_string()).unwrap_or_default(),
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
