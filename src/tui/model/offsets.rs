//! Where a flow's partitions go on, as it is edited: what was read, what is staged, and what of it is shown.

pub(in crate::tui) mod cell_line;
pub(in crate::tui) mod changes;
pub(in crate::tui) mod draft;
pub(in crate::tui) mod row;
pub(in crate::tui) mod sheet;
pub(in crate::tui) mod sums;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::list::ListState;
use super::live::Arrangement;
use super::memo::Memo;
use crate::model::{FlowName, FlowOffsets, TopicName, TopicPartition};
use crate::tui::services::{JobError, RecordSample, SavedFile};

use cell_line::CellLine;
use changes::Changes;
use draft::Draft;
use row::Row;
use sheet::Sheet;
use sums::Sums;

/// The state of the page.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct OffsetsPage {
    /// The flow whose positions are edited; `None` while one is to be chosen.
    pub(in crate::tui) flow: Option<FlowName>,
    /// What is known and staged, by flow: to look at another loses nothing.
    pub(in crate::tui) desks: BTreeMap<FlowName, Desk>,
    /// The flows one can choose from.
    pub(in crate::tui) flows: ListState,
    /// The partitions.
    pub(in crate::tui) list: ListState,
    /// The position that is being typed.
    pub(in crate::tui) line: Option<CellLine>,
    /// The row the cursor is to go to once it is known.
    pub(in crate::tui) wanted: Option<TopicPartition>,
    /// What is about to be set, while it is looked at before.
    pub(in crate::tui) review: Option<ListState>,
    /// The rows in their order.
    pub(in crate::tui) sheet: Memo<(FlowName, u64, EditScope, bool, Arrangement), Sheet>,
    /// What they come to.
    pub(in crate::tui) sums: Memo<(FlowName, u64, EditScope), Sums>,
    /// What is staged, as it would be set.
    pub(in crate::tui) changes: Memo<(FlowName, u64), Changes>,
}

/// What is known of a flow's positions, and staged.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct Desk {
    /// Where the flow stands.
    pub(in crate::tui) offsets: Option<Arc<FlowOffsets>>,
    /// Why that could not be read the last time.
    pub(in crate::tui) error: Option<JobError>,
    /// When it was tried last (uptime).
    pub(in crate::tui) tried: Option<Duration>,
    /// What is staged.
    pub(in crate::tui) draft: Draft,
    /// Why it could not be looked up the last time, and when that was (uptime).
    pub(in crate::tui) lookup_error: Option<(JobError, Duration)>,
    /// Times of records, by partition.
    pub(in crate::tui) times: BTreeMap<TopicPartition, KnownTime>,
    /// How large records are; `None` where that was asked for in vain.
    pub(in crate::tui) samples: BTreeMap<TopicName, Option<RecordSample>>,
    /// What of the flow is shown.
    pub(in crate::tui) scope: EditScope,
    /// The topic that is shown, or was.
    pub(in crate::tui) topic: Option<TopicName>,
    /// What was marked when it was last asked for.
    pub(in crate::tui) marked: Option<Arc<MarkedRows>>,
    /// Whether only what is edited is shown.
    pub(in crate::tui) is_edited_only: bool,
    /// Positions that are on their way.
    pub(in crate::tui) setting: Option<Setting>,
    /// Changes with everything that rows and sums depend on.
    pub(in crate::tui) version: u64,
}

/// What of a flow is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::tui) enum EditScope {
    /// All of it.
    #[default]
    Flow,
    /// One topic.
    Topic(TopicName),
    /// What was marked.
    Marked(Arc<MarkedRows>),
}

/// Topics and partitions that were marked somewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::tui) struct MarkedRows {
    pub(in crate::tui) topics: BTreeSet<TopicName>,
    pub(in crate::tui) partitions: BTreeSet<TopicPartition>,
}

/// The time of the first record at or behind an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) struct KnownTime {
    /// The offset that was asked for.
    pub(in crate::tui) offset: i64,
    /// Ms since 1970; `None` where there is no record, or it did not tell.
    pub(in crate::tui) record_ms: Option<i64>,
    /// When it was asked for (uptime).
    pub(in crate::tui) at: Duration,
}

/// Positions the engine was told to set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui) struct Setting {
    /// How many.
    pub(in crate::tui) count: usize,
    /// Where the old ones are; `None` while they are being saved.
    pub(in crate::tui) saved: Option<PathBuf>,
    /// Which the engine has set, or why none; `None` while it is at it.
    pub(in crate::tui) outcome: Option<Result<Vec<TopicPartition>, String>>,
}

impl Setting {
    /// So many positions, of which nothing is known yet.
    pub(in crate::tui) fn of(count: usize) -> Self {
        Self { count, saved: None, outcome: None }
    }
}

/// The files of saved positions there are, to choose from.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct SavedChoice {
    /// The flow.
    pub(in crate::tui) flow: Option<FlowName>,
    /// The files, the newest first, or why they are not known; `None` while they are looked for.
    pub(in crate::tui) files: Option<Result<Vec<SavedFile>, String>>,
    pub(in crate::tui) cursor: usize,
}

impl EditScope {
    /// Whether a partition belongs to it.
    pub(in crate::tui) fn covers(&self, partition: &TopicPartition) -> bool {
        match self {
            Self::Flow => true,
            Self::Topic(topic) => partition.topic == *topic,
            Self::Marked(marked) => marked.topics.contains(&partition.topic) || marked.partitions.contains(partition),
        }
    }
}

impl OffsetsPage {
    /// What is known of the flow that is shown.
    pub(in crate::tui) fn desk(&self) -> Option<&Desk> {
        self.desks.get(self.flow.as_ref()?)
    }

    /// The same, to be changed.
    pub(in crate::tui) fn desk_mut(&mut self) -> Option<&mut Desk> {
        self.desks.get_mut(self.flow.as_ref()?)
    }

    /// The flows with edits that are not set, each with their number.
    pub(in crate::tui) fn staged(&self) -> Vec<String> {
        let edited = self.desks.iter().filter(|(_, desk)| !desk.draft.is_empty());
        edited.map(|(flow, desk)| format!("{} of {flow}", desk.draft.edits().len())).collect()
    }

    /// The rows that are shown, in their order.
    pub(in crate::tui) fn sheet(&self) -> Option<Arc<Sheet>> {
        let (flow, desk) = (self.flow.clone()?, self.desk()?);
        let offsets = desk.offsets.as_ref()?;
        let key = (flow, desk.version, desk.scope.clone(), desk.is_edited_only, Arrangement::of(&self.list));
        Some(self.sheet.get(key, || Sheet::new(offsets, desk, &self.list)))
    }

    /// What the rows of the scope come to, whether they are shown or not.
    pub(in crate::tui) fn sums(&self) -> Option<Arc<Sums>> {
        let (flow, desk) = (self.flow.clone()?, self.desk()?);
        let offsets = desk.offsets.as_ref()?;
        Some(self.sums.get((flow, desk.version, desk.scope.clone()), || Sums::new(offsets, desk)))
    }

    /// All that is staged, in the scope or not, as it would be set.
    pub(in crate::tui) fn changes(&self) -> Option<Arc<Changes>> {
        let (flow, desk) = (self.flow.clone()?, self.desk()?);
        let offsets = desk.offsets.as_ref()?;
        Some(self.changes.get((flow, desk.version), || Changes::new(offsets, &desk.draft)))
    }

    /// The row of a key of the list.
    pub(in crate::tui) fn row(&self, key: &str) -> Option<Row<'_>> {
        self.desk()?.row(&partition_of(key)?)
    }

    /// The row the cursor is on.
    pub(in crate::tui) fn row_at_hand(&self) -> Option<Row<'_>> {
        self.row(self.list.selected.as_deref()?)
    }
}

impl Desk {
    /// What there is of a partition.
    pub(in crate::tui) fn row(&self, partition: &TopicPartition) -> Option<Row<'_>> {
        let listed = self.offsets.as_ref()?.of(partition)?;
        Some(Row { listed, edit: self.draft.edit(partition) })
    }

    /// How many bytes a record of a topic has, by those that were looked at: of the topic, or of all.
    pub(in crate::tui) fn record_bytes(&self, topic: &TopicName) -> Option<f64> {
        let of = |samples: &mut dyn Iterator<Item = &RecordSample>| {
            let (offsets, bytes) =
                samples.fold((0_u64, 0_u64), |sum, next| (sum.0 + next.offsets, sum.1 + next.size_bytes));
            (offsets > 0).then(|| bytes as f64 / offsets as f64)
        };
        let own = self.samples.get(topic).and_then(Option::as_ref);
        of(&mut own.into_iter()).or_else(|| of(&mut self.samples.values().flatten()))
    }

    /// How many records were looked at for the sake of their sizes.
    pub(in crate::tui) fn sampled_records(&self) -> u64 {
        self.samples.values().flatten().map(|sample| sample.records).sum()
    }
}

/// The partition of a row's key, `topic/3`.
pub(in crate::tui) fn partition_of(key: &str) -> Option<TopicPartition> {
    let (topic, partition) = key.rsplit_once('/')?;
    Some(TopicPartition::new(topic, partition.parse().ok()?))
}
