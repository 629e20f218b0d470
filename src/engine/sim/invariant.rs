//! The invariants, one predicate each, over a ledger of what every source partition owes to its target.
//!
//! The ids are those of the reliability reference: I1 nothing is lost, I2/I3 in order and gap-free with rewinds only,
//! I4 bounded duplicates, I6 nothing foreign, I7 progress never ahead of the target, I9 nothing is written where a
//! decision is needed.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::TopicPartition;

/// An invariant that does not hold, with its id.
pub(super) type Violation = String;

#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) partitions: BTreeMap<TopicPartition, Account>,
}

/// What one source partition, in one life of its topic, owes to its target.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// The life of the source topic this is about.
    pub(super) source_id: u32,
    /// Records written to the source and not compacted away. Retention takes nothing from here: that is a loss.
    written: BTreeSet<i64>,
    /// Those of them that are on the target.
    pub(super) landed: BTreeSet<i64>,
    /// Those of them, from the start on, that are neither there nor given up.
    owed: BTreeSet<i64>,
    /// Where mirroring began, by the first position the group took.
    start: Option<i64>,
    pub(super) committed: Option<i64>,
    /// A position the engine has said it will begin at, and not committed yet.
    announced: Option<i64>,
    /// Positions an operator named and then named others: each may still reach the group.
    superseded: BTreeSet<i64>,
    /// A position an operator wants to be set.
    pub(super) ordered: Option<i64>,
    /// Whether an operator, or the rule for untouched partitions, lets the next announced position count.
    pub(super) may_jump: bool,
    /// Offsets that landed once more, and how many were bound to by stops that were not graceful.
    pub(super) duplicates: u64,
    pub(super) licence: u64,
    /// Source or target were replaced: nothing may be written until an operator decides.
    pub(super) needs_decision: bool,
}

impl Ledger {
    pub(super) fn account(&mut self, partition: &TopicPartition) -> &mut Account {
        self.partitions.entry(partition.clone()).or_default()
    }

    /// I1 at rest: all that is owed is on the target.
    pub(super) fn check_nothing_is_lost(&self) -> Result<(), Violation> {
        for (partition, account) in &self.partitions {
            if let Some(first) = account.owed.first() {
                return Err(format!("I1: {partition}@{first} and {} more are not there", account.owed.len() - 1));
            }
        }
        Ok(())
    }
}

impl Account {
    /// A record was written to the source.
    pub(super) fn write(&mut self, offset: i64) {
        self.written.insert(offset);
        if self.start.is_none_or(|start| offset >= start) {
            self.owed.insert(offset);
        }
    }

    /// The source compacted a record away: nobody can want it any more.
    pub(super) fn compact(&mut self, offset: i64) {
        self.written.remove(&offset);
        self.owed.remove(&offset);
    }

    /// An operator had it left out.
    pub(super) fn give_up(&mut self, offset: i64) {
        self.owed.remove(&offset);
    }

    /// The engine begins a lane here, at a position the group does not have yet.
    pub(super) fn announce(&mut self, position: Option<i64>) {
        let named = self.announced.filter(|named| self.may_jump && Some(*named) != position);
        self.superseded.extend(named);
        self.announced = position;
    }

    fn begin_at(&mut self, position: i64) {
        self.start = Some(position);
        self.owed = self.written.range(position..).filter(|offset| !self.landed.contains(offset)).copied().collect();
        self.licence += self.landed.range(position..).count() as u64;
        self.needs_decision = false;
    }

    /// The group took a position. I7: everything before it is on the target.
    pub(super) fn commit(&mut self, position: i64) -> Result<(), Violation> {
        let is_first = self.start.is_none();
        let is_announced = self.announced == Some(position);
        if self.superseded.remove(&position) && !is_announced {
            self.begin_at(position);
        }
        if is_first || (self.may_jump && is_announced) {
            self.begin_at(position);
            // A first position that was on its way when an operator named another one does not use up his word.
            self.may_jump &= !is_announced && self.announced.is_some();
        }
        if is_announced {
            self.announced = None;
        }
        self.committed = Some(position);
        self.check_progress()
    }

    /// The group took a position in a former life of the source topic, committed by who had not heard of the present
    /// one. It is no promise about that. But from now on there is progress, of another topic than the one there is, and
    /// I9: nothing is written until an operator has decided about that one.
    pub(super) fn commit_of_former_life(&mut self, position: i64) {
        if self.announced == Some(position) {
            // What an operator decided, if anything, was about the former life.
            self.announced = None;
            self.may_jump = false;
        }
        self.committed = Some(position);
        self.start.get_or_insert(0);
        self.needs_decision = true;
    }

    pub(super) fn check_progress(&self) -> Result<(), Violation> {
        match (self.committed, self.owed.first()) {
            (Some(committed), Some(first)) if *first < committed && !self.needs_decision => {
                Err(format!("I7: {committed} is committed, {first} is not on the target"))
            }
            _ => Ok(()),
        }
    }

    /// The owner of the lane took a span. I9: the position it begins at is committed.
    pub(super) fn take(&mut self, first: i64) -> Result<(), Violation> {
        if let Some(announced) = self.announced {
            return Err(format!("I9: a record is taken at {first} before its start {announced} is committed"));
        }
        match self.committed {
            None => Err(format!("I9: a record is taken at {first} before any position is committed")),
            Some(committed) if committed > first => Err(format!("I4: {first} is taken, {committed} is committed")),
            Some(_) => Ok(()),
        }
    }

    /// A record reached the target. `is_stray` when it was in flight behind one that was rejected.
    pub(super) fn land(&mut self, source_id: u32, offset: i64, is_stray: bool) -> Result<(), Violation> {
        if source_id != self.source_id {
            // In flight since before the topic was created again.
            return Ok(());
        }
        if self.needs_decision {
            return Err(format!("I9: offset {offset} is written before an operator has decided"));
        }
        if !self.written.contains(&offset) {
            return Err(format!("I6: offset {offset} is on the target and was never on the source"));
        }
        if self.start.is_none() {
            return Err(format!("I9: offset {offset} is written before any position is committed"));
        }
        self.owed.remove(&offset);
        if let Some(first) = self.owed.first().filter(|first| **first < offset && !is_stray) {
            return Err(format!("I3: offset {offset} is written before {first}"));
        }
        if !self.landed.insert(offset) {
            self.duplicates += 1;
        }
        self.check_duplicates(offset)
    }

    fn check_duplicates(&self, offset: i64) -> Result<(), Violation> {
        if self.duplicates > self.licence {
            let Self { duplicates, licence, .. } = self;
            return Err(format!("I4: offset {offset} is there again: {duplicates} duplicates, {licence} explained"));
        }
        Ok(())
    }

    /// A stop that was not graceful: what lies between the progress and `sent_to` may be written once more.
    pub(super) fn allow_again(&mut self, sent_to: i64) {
        let from = self.committed.or(self.start).unwrap_or(0);
        // A lane that was sent back before it stopped had sent more than it says.
        let sent_to = self.landed.last().map_or(sent_to, |last| sent_to.max(last + 1));
        if from < sent_to {
            self.licence += self.written.range(from..sent_to).count() as u64;
        }
    }

    /// The source topic was deleted and created again.
    pub(super) fn replace_source(&mut self, source_id: u32) {
        let was_begun = self.committed.is_some();
        *self = Self { source_id, committed: self.committed, ..Self::default() };
        // Without progress it is simply new, unless the target tells of its past.
        self.needs_decision = was_begun;
        self.start = was_begun.then_some(0);
    }

    /// The target topic was deleted: what was on it is gone.
    pub(super) fn lose_target(&mut self) {
        if self.committed.is_none() {
            return;
        }
        self.needs_decision = true;
        self.landed.clear();
    }

    /// The target topic was deleted, and no progress tells that it was ever there: it is made again, and written from
    /// the position on.
    pub(super) fn lose_unwritten_target(&mut self) {
        self.landed.clear();
        if let Some(committed) = self.committed {
            self.begin_at(committed);
        }
    }

    /// Whether the position is nothing but a promise so far.
    pub(super) fn is_untouched(&self) -> bool {
        self.landed.is_empty()
    }
}
