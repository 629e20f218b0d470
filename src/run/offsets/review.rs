//! What setting positions would mean, row by row.

use crate::model::{FlowOffsets, MoveEffect, ResolvedEdit, SetPosition};
use crate::report::ReviewRow;

/// What is to be set, for somebody to look at.
pub(super) struct Review {
    pub(super) rows: Vec<ReviewRow>,
    pub(super) positions: Vec<SetPosition>,
    /// Why none may be set.
    pub(super) refused: Option<String>,
}

pub(super) fn review(offsets: &FlowOffsets, resolved: &[ResolvedEdit]) -> Review {
    let mut positions = Vec::new();
    let mut refused = None;
    let mut rows = Vec::new();
    for edit in resolved {
        let partition = &edit.edit.partition;
        let listed = offsets.of(partition);
        let mut row = ReviewRow {
            flow: offsets.flow.clone(),
            topic: partition.topic.clone(),
            partition: partition.partition,
            at: edit.edit.at.to_string(),
            before: listed.and_then(|listed| listed.progress).map(|progress| progress.offset),
            after: None,
            record_ms: None,
            effect: MoveEffect::default(),
            remark: None,
            refused: None,
        };
        match &edit.result {
            Ok(found) => {
                row.after = Some(found.offset);
                row.record_ms = found.record_ms;
                row.effect = listed.and_then(|listed| listed.effect_of(found.offset)).unwrap_or_default();
                row.remark = found.remark.as_ref().map(ToString::to_string);
                let offset = found.offset;
                positions.push(SetPosition { topic: partition.topic.clone(), partition: partition.partition, offset });
            }
            Err(why) => {
                row.refused = Some(why.to_string());
                refused.get_or_insert_with(|| format!("{partition}: {why}"));
            }
        }
        rows.push(row);
    }
    Review { rows, positions, refused }
}
