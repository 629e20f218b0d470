//! What the partitions of the scope come to: records, bytes, what is copied twice, what is left out, what is gone.

use super::Desk;
use super::row::{Row, RowMark};
use crate::model::{FlowOffsets, TopicPartition};

/// Partitions that are named one by one; the others are counted.
const NAMED_MAX: usize = 3;

/// What the partitions of the scope come to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::tui) struct Sums {
    pub(in crate::tui) edited: Sum,
    pub(in crate::tui) problem: Sum,
    pub(in crate::tui) unchanged: Sum,
    pub(in crate::tui) total: Sum,
    /// Records that edits copy again.
    pub(in crate::tui) again: Worst,
    /// Records that edits leave out.
    pub(in crate::tui) left_out: Worst,
    /// Records that retention deleted before they were copied.
    pub(in crate::tui) lost: Worst,
    /// Edits that are being looked up.
    pub(in crate::tui) pending: usize,
}

/// Some partitions together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::tui) struct Sum {
    pub(in crate::tui) partitions: usize,
    /// Records to copy, at most.
    pub(in crate::tui) records: u64,
    /// Their bytes, estimated; `None` where no record was looked at.
    pub(in crate::tui) bytes: Option<f64>,
}

/// A number of records, and the partitions that have most of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::tui) struct Worst {
    pub(in crate::tui) records: u64,
    /// Partitions that have some.
    pub(in crate::tui) partitions: usize,
    /// The worst of them, the worst first.
    pub(in crate::tui) named: Vec<(TopicPartition, u64)>,
}

impl Sums {
    pub(in crate::tui) fn new(offsets: &FlowOffsets, desk: &Desk) -> Self {
        let mut sums = Self::default();
        for listed in offsets.partitions.iter().filter(|listed| desk.scope.covers(&listed.partition)) {
            let row = Row { listed, edit: desk.draft.edit(&listed.partition) };
            let effect = row.effect().unwrap_or_default();
            let bytes = desk.record_bytes(&listed.partition.topic).map(|bytes| bytes * effect.to_copy as f64);
            let group = match row.mark() {
                RowMark::Edited => &mut sums.edited,
                RowMark::Problem => &mut sums.problem,
                RowMark::Unchanged => &mut sums.unchanged,
            };
            group.add(effect.to_copy, bytes);
            sums.total.add(effect.to_copy, bytes);
            if row.edit.is_some() {
                sums.again.add(&listed.partition, effect.again);
                sums.left_out.add(&listed.partition, effect.left_out);
            }
            sums.lost.add(&listed.partition, listed.lost_records());
            sums.pending += usize::from(row.is_pending());
        }
        sums
    }
}

impl Sum {
    fn add(&mut self, records: u64, bytes: Option<f64>) {
        self.partitions += 1;
        self.records += records;
        self.bytes = match (self.bytes, bytes) {
            (Some(sum), Some(bytes)) => Some(sum + bytes),
            (sum, bytes) => sum.or(bytes),
        };
    }
}

impl Worst {
    /// Takes a partition in, if it has any.
    pub(in crate::tui) fn add(&mut self, partition: &TopicPartition, records: u64) {
        if records == 0 {
            return;
        }
        self.records += records;
        self.partitions += 1;
        let place = self.named.partition_point(|(_, known)| *known >= records);
        if place < NAMED_MAX {
            self.named.insert(place, (partition.clone(), records));
            self.named.truncate(NAMED_MAX);
        }
    }
}
