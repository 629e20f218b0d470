//! What is staged: an edit per partition, with the way back and forward again.

use std::collections::BTreeMap;

use crate::model::{EditPosition, EditRefusal, EditedOffset, PositionEdit, ResolvedEdit, TopicPartition};

/// Steps that can be taken back.
const STEPS_MAX: usize = 200;

/// Edits, and how they came to be.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct Draft {
    edits: BTreeMap<TopicPartition, Edit>,
    done: Vec<Step>,
    undone: Vec<Step>,
}

/// Where one partition is to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui) struct Edit {
    /// As it was typed.
    pub(in crate::tui) at: EditPosition,
    /// What that means; `None` until it was looked up. Only what was looked up is ever set.
    pub(in crate::tui) found: Option<Found>,
}

/// What an edit meant when it was looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui) struct Found {
    /// Its offset, or why it must not be.
    pub(in crate::tui) result: Result<EditedOffset, EditRefusal>,
    /// When, ms since 1970.
    pub(in crate::tui) at_ms: i64,
}

/// What one key did.
type Step = Vec<Change>;

/// What it did to one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Change {
    partition: TopicPartition,
    before: Option<EditPosition>,
    after: Option<EditPosition>,
}

impl Draft {
    /// The edits, by partition.
    pub(in crate::tui) fn edits(&self) -> &BTreeMap<TopicPartition, Edit> {
        &self.edits
    }

    /// The edit of a partition.
    pub(in crate::tui) fn edit(&self, partition: &TopicPartition) -> Option<&Edit> {
        self.edits.get(partition)
    }

    pub(in crate::tui) fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// Stages where partitions are to go on, as one step; at the checkpoint is no edit. Tells how many that changes.
    pub(in crate::tui) fn stage(&mut self, edits: impl IntoIterator<Item = (TopicPartition, EditPosition)>) -> usize {
        let step: Step = edits
            .into_iter()
            .map(|(partition, at)| Change {
                before: self.edits.get(&partition).map(|edit| edit.at.clone()),
                after: (at != EditPosition::CHECKPOINT).then_some(at),
                partition,
            })
            .filter(|change| change.before != change.after)
            .collect();
        let count = step.len();
        if count > 0 {
            self.apply(&step, |change| &change.after);
            self.done.push(step);
            self.undone.clear();
            if self.done.len() > STEPS_MAX {
                self.done.remove(0);
            }
        }
        count
    }

    /// Takes all edits away, as one step.
    pub(in crate::tui) fn reset(&mut self) -> usize {
        let all: Vec<TopicPartition> = self.edits.keys().cloned().collect();
        self.stage(all.into_iter().map(|partition| (partition, EditPosition::CHECKPOINT)))
    }

    /// These are set: no edits any more. What was before is past, and no step leads back there.
    pub(in crate::tui) fn settle(&mut self, partitions: &[TopicPartition]) {
        for partition in partitions {
            self.edits.remove(partition);
        }
        self.done.clear();
        self.undone.clear();
    }

    /// Takes the last step back; tells how many partitions that changes.
    pub(in crate::tui) fn undo(&mut self) -> usize {
        let Some(step) = self.done.pop() else { return 0 };
        self.apply(&step, |change| &change.before);
        self.undone.push(step);
        self.undone.last().map_or(0, Vec::len)
    }

    /// Does again what was taken back last.
    pub(in crate::tui) fn redo(&mut self) -> usize {
        let Some(step) = self.undone.pop() else { return 0 };
        self.apply(&step, |change| &change.after);
        self.done.push(step);
        self.done.last().map_or(0, Vec::len)
    }

    pub(in crate::tui) fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    pub(in crate::tui) fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// What is not looked up yet, at most so much.
    pub(in crate::tui) fn unknown(&self, count_max: usize) -> Vec<PositionEdit> {
        let unknown = self.edits.iter().filter(|(_, edit)| edit.found.is_none()).take(count_max);
        unknown.map(|(partition, edit)| PositionEdit { partition: partition.clone(), at: edit.at.clone() }).collect()
    }

    /// Everything must be looked up again.
    pub(in crate::tui) fn forget(&mut self) {
        self.edits.values_mut().for_each(|edit| edit.found = None);
    }

    /// What edits mean. Those that have changed since they were asked for are left aside.
    pub(in crate::tui) fn found(&mut self, resolved: &[ResolvedEdit], now_ms: i64) {
        for ResolvedEdit { edit: PositionEdit { partition, at }, result } in resolved {
            if let Some(edit) = self.edits.get_mut(partition).filter(|edit| edit.at == *at) {
                edit.found = Some(Found { result: result.clone(), at_ms: now_ms });
            }
        }
    }

    fn apply(&mut self, step: &[Change], side: impl Fn(&Change) -> &Option<EditPosition>) {
        for change in step {
            match side(change) {
                Some(at) => {
                    self.edits.insert(change.partition.clone(), Edit { at: at.clone(), found: None });
                }
                None => drop(self.edits.remove(&change.partition)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::StartPosition;

    fn partition(number: i32) -> TopicPartition {
        TopicPartition::new("orders", number)
    }

    fn offset(offset: i64) -> EditPosition {
        StartPosition::Offset(offset).into()
    }

    fn staged(draft: &Draft) -> Vec<(i32, String)> {
        draft.edits.iter().map(|(partition, edit)| (partition.partition, edit.at.to_string())).collect()
    }

    fn resolved(number: i32, at: i64) -> ResolvedEdit {
        let edit = PositionEdit { partition: partition(number), at: offset(at) };
        ResolvedEdit { edit, result: Ok(EditedOffset { offset: at, record_ms: None, remark: None }) }
    }

    #[test]
    fn steps_are_taken_back_and_done_again() {
        let mut draft = Draft::default();
        assert_eq!(draft.stage([(partition(0), offset(5)), (partition(1), offset(5))]), 2);
        assert_eq!(draft.stage([(partition(0), offset(5))]), 0, "nothing changes");
        assert_eq!(draft.stage([(partition(0), EditPosition::CHECKPOINT), (partition(2), offset(7))]), 2);
        assert_eq!(staged(&draft), [(1, "5".into()), (2, "7".into())]);
        assert_eq!(draft.undo(), 2);
        assert_eq!(staged(&draft), [(0, "5".into()), (1, "5".into())]);
        assert_eq!((draft.undo(), draft.undo(), draft.redo(), draft.redo(), draft.redo()), (2, 0, 2, 2, 0));
        assert_eq!(staged(&draft), [(1, "5".into()), (2, "7".into())]);
        assert_eq!((draft.reset(), draft.is_empty()), (2, true));
        draft.undo();
        draft.stage([(partition(9), offset(1))]);
        assert!(!draft.can_redo(), "what was taken back is gone once something else is done");
    }

    #[test]
    fn an_answer_counts_only_for_what_was_asked() {
        let mut draft = Draft::default();
        draft.stage([(partition(0), offset(5)), (partition(1), offset(6))]);
        assert_eq!(draft.unknown(1).len(), 1);
        draft.found(&[resolved(0, 4), resolved(1, 6), resolved(2, 6)], 77);
        assert_eq!(draft.unknown(9).len(), 1, "partition 0 has another position now");
        draft.stage([(partition(1), offset(7))]);
        assert_eq!(draft.unknown(9).len(), 2);
        draft.undo();
        assert_eq!(draft.unknown(9).len(), 2, "looked up again: the log has moved meanwhile");
    }

    proptest! {
        #[test]
        fn undoing_all_steps_leads_back_to_the_beginning(steps in prop::collection::vec((0..4_i32, 0..3_i64), 0..20)) {
            let mut draft = Draft::default();
            for (number, at) in &steps {
                let at = if *at == 0 { EditPosition::CHECKPOINT } else { offset(*at) };
                draft.stage([(partition(*number), at)]);
            }
            let before = staged(&draft);
            let mut count = 0;
            while draft.can_undo() {
                draft.undo();
                count += 1;
            }
            prop_assert!(draft.is_empty());
            for _ in 0..count {
                draft.redo();
            }
            prop_assert_eq!(staged(&draft), before);
        }
    }
}
