//! What is staged, as it would be set: from where to where, and what that means.

use super::draft::Draft;
use super::row::Row;
use super::sums::Worst;
use crate::model::{EditPosition, FlowOffsets, MoveEffect, SetPosition, TopicPartition};
use crate::tui::model::list::RowKeys;

/// All that is staged.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::tui) struct Changes {
    /// By partition. What leads to where the progress is already is not among them.
    pub(in crate::tui) moves: Vec<PlannedMove>,
    pub(in crate::tui) keys: RowKeys,
    /// What must not be, with the reason.
    pub(in crate::tui) refused: Vec<(TopicPartition, String)>,
    /// Edits that are being looked up.
    pub(in crate::tui) pending: usize,
    /// Edits that change nothing.
    pub(in crate::tui) idle: usize,
    /// What all moves come to.
    pub(in crate::tui) total: MoveEffect,
    pub(in crate::tui) again: Worst,
    pub(in crate::tui) left_out: Worst,
    pub(in crate::tui) lost: Worst,
}

/// One partition that goes on elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui) struct PlannedMove {
    pub(in crate::tui) partition: TopicPartition,
    /// As it was typed.
    pub(in crate::tui) at: EditPosition,
    /// The progress.
    pub(in crate::tui) from: Option<i64>,
    pub(in crate::tui) to: i64,
    pub(in crate::tui) effect: MoveEffect,
}

impl Changes {
    pub(in crate::tui) fn new(offsets: &FlowOffsets, draft: &Draft) -> Self {
        let mut changes = Self::default();
        for (partition, edit) in draft.edits() {
            let Some(listed) = offsets.of(partition) else {
                changes.refused.push((partition.clone(), "the flow does not mirror this partition any more".into()));
                continue;
            };
            let row = Row { listed, edit: Some(edit) };
            match (row.position(), row.problem()) {
                (_, Some(problem)) => changes.refused.push((partition.clone(), problem.to_string())),
                (None, None) => changes.pending += 1,
                (Some(to), None) => changes.add(row, edit.at.clone(), to),
            }
        }
        changes.keys = changes.moves.iter().map(|planned| planned.partition.to_string()).collect();
        changes
    }

    fn add(&mut self, row: Row<'_>, at: EditPosition, to: i64) {
        let from = row.listed.progress.map(|progress| progress.offset);
        if from == Some(to) {
            self.idle += 1;
            return;
        }
        let partition = row.listed.partition.clone();
        let effect = row.effect().unwrap_or_default();
        self.total += effect;
        self.again.add(&partition, effect.again);
        self.left_out.add(&partition, effect.left_out);
        self.lost.add(&partition, row.listed.lost_records());
        self.moves.push(PlannedMove { partition, at, from, to, effect });
    }

    /// Why it cannot be set as it is.
    pub(in crate::tui) fn hindrance(&self) -> Option<String> {
        match (self.pending, self.refused.as_slice(), self.moves.len()) {
            (_, [(partition, why), rest @ ..], _) => {
                let more = if rest.is_empty() { String::new() } else { format!(" (and {} more)", rest.len()) };
                Some(format!("{partition} cannot be set: {why}{more}"))
            }
            (1, ..) => Some("1 position is still being looked up".into()),
            (2.., ..) => Some(format!("{} positions are still being looked up", self.pending)),
            (0, _, 0) if self.idle > 0 => Some("every staged position is where the checkpoint is already".into()),
            (0, _, 0) => Some("nothing is staged".into()),
            _ => None,
        }
    }

    /// As the engine is told.
    pub(in crate::tui) fn positions(&self) -> Vec<SetPosition> {
        let set = |planned: &PlannedMove| SetPosition {
            topic: planned.partition.topic.clone(),
            partition: planned.partition.partition,
            offset: planned.to,
        };
        self.moves.iter().map(set).collect()
    }
}
