//! Where a flow stands in its source's partitions: what is asked, what is set, and what comes back.
//!
//! What is looked at and what an edit means is `model`'s vocabulary ([`FlowOffsets`](crate::model::FlowOffsets),
//! [`ResolvedEdit`](crate::model::ResolvedEdit)): the command line shows the same.

use std::path::PathBuf;

pub use crate::model::RecordTimes;
use crate::model::{FlowName, PositionEdit, SetPosition, TopicPartition};

/// A question about the positions of a flow, or a change of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OffsetsJob {
    /// Where the flow stands in every partition it selects, whether it runs or not. Answered by
    /// `JobResult::FlowOffsets`.
    Read,
    /// What edits mean now. Of several, the latest counts. Answered by `JobResult::ResolvedOffsets`, in the same order.
    Resolve {
        /// The edits.
        edits: Vec<PositionEdit>,
    },
    /// Timestamps of the first records at or behind offsets. Answered by `JobResult::RecordTimes`.
    RecordTimes {
        /// Partitions with their offsets.
        offsets: Vec<(TopicPartition, i64)>,
    },
    /// Writes the flow's progress to a file. Answered by `JobResult::OffsetsSaved`.
    Save {
        /// The file; `None` for one in the state folder, named after flow and time.
        path: Option<PathBuf>,
    },
    /// Reads such a file. Answered by `JobResult::SavedOffsets`.
    ReadSaved {
        /// The file; `None` for the newest of this flow in the state folder.
        path: Option<PathBuf>,
    },
    /// Which files of saved positions of the flow there are in the state folder. Answered by `JobResult::SavedFiles`.
    ListSaved,
    /// Saves the flow's progress to a file, then orders the engine to set positions. Answered by
    /// `JobResult::OffsetsSaved`, with the file that brings the old ones back; whether they were set is told by the
    /// engine's events `PositionsSet` and `Refused`.
    Set {
        /// Where each partition is to go on: offsets that `Resolve` has found.
        positions: Vec<SetPosition>,
    },
}

/// What an [`OffsetsJob`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OffsetsJobKey {
    /// [`OffsetsJob::Read`].
    Read,
    /// [`OffsetsJob::Resolve`].
    Resolve,
    /// [`OffsetsJob::RecordTimes`].
    RecordTimes,
    /// [`OffsetsJob::Save`], [`OffsetsJob::ReadSaved`], [`OffsetsJob::ListSaved`].
    File,
    /// [`OffsetsJob::Set`].
    Set,
}

/// A file of saved positions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedFile {
    /// Where it is.
    pub path: PathBuf,
    /// When it was saved, ms since 1970.
    pub saved_at_ms: i64,
    /// How many positions are in it.
    pub positions: usize,
}

impl OffsetsJob {
    /// What it is about.
    pub fn key(&self) -> OffsetsJobKey {
        match self {
            Self::Read => OffsetsJobKey::Read,
            Self::Resolve { .. } => OffsetsJobKey::Resolve,
            Self::RecordTimes { .. } => OffsetsJobKey::RecordTimes,
            Self::Save { .. } | Self::ReadSaved { .. } | Self::ListSaved => OffsetsJobKey::File,
            Self::Set { .. } => OffsetsJobKey::Set,
        }
    }

    /// What it does, for the tasks drawer.
    pub fn describe(&self, flow: &FlowName) -> String {
        match self {
            Self::Read => format!("read the positions of {flow}"),
            Self::Resolve { edits } => format!("look up {} positions for {flow}", edits.len()),
            Self::RecordTimes { offsets } => format!("look up the times of {} records for {flow}", offsets.len()),
            Self::Save { .. } => format!("save the positions of {flow}"),
            Self::ReadSaved { .. } => format!("read saved positions of {flow}"),
            Self::ListSaved => format!("look for saved positions of {flow}"),
            Self::Set { positions } => format!("set {} positions of {flow}", positions.len()),
        }
    }

    /// Whether it is asked for again and again by the page that shows what comes of it.
    pub fn is_routine(&self) -> bool {
        matches!(self, Self::Read | Self::Resolve { .. } | Self::RecordTimes { .. })
    }
}
