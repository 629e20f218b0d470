//! Where a flow stands in every partition of its source, and what an edit of its positions would do.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ClusterName, EditPosition, FlowName, GroupName, StartPosition, TopicName, TopicPartition};

/// Where a flow stands, as its source tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowOffsets {
    /// The flow.
    pub flow: FlowName,
    /// Its group on the source, which carries the progress.
    pub group: GroupName,
    /// When the ends of the logs were asked for, ms since 1970.
    pub asked_at_ms: i64,
    /// Whether the group has progress for any partition: if not, the flow's start is still to come.
    pub has_progress: bool,
    /// Who is in the group now.
    pub members: Vec<GroupMember>,
    /// Why that is not known: some brokers do not tell.
    pub members_fault: Option<String>,
    /// Every partition of the topics the flow selects, in order.
    pub partitions: Vec<PartitionOffsets>,
}

impl FlowOffsets {
    /// What there is of a partition.
    pub fn of(&self, partition: &TopicPartition) -> Option<&PartitionOffsets> {
        let found = self.partitions.binary_search_by(|listed| listed.partition.cmp(partition)).ok()?;
        self.partitions.get(found)
    }

    /// Where the flow stands in the partitions that have progress.
    pub fn progress(&self) -> impl Iterator<Item = (TopicPartition, i64)> {
        let listed = self.partitions.iter();
        listed.filter_map(|listed| Some((listed.partition.clone(), listed.progress.as_ref()?.offset)))
    }

    /// Members that are no instance of the flow.
    pub fn foreign_members(&self) -> impl Iterator<Item = &GroupMember> {
        self.members.iter().filter(|member| !member.is_of_flow)
    }
}

/// Somebody in the flow's group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupMember {
    /// Client id and address: `kmirror-orders-0 on 10.0.0.7`. From the broker: to be escaped where it is drawn.
    pub name: String,
    /// Whether it is an instance of the flow, by its client id: of this process or another.
    pub is_of_flow: bool,
}

/// Where a flow stands in one partition of its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionOffsets {
    /// The source partition.
    pub partition: TopicPartition,
    /// Start of its log: the oldest record there is.
    pub low: Option<i64>,
    /// End of its log, as a read_committed reader sees it.
    pub high: Option<i64>,
    /// How far the flow has come.
    pub progress: Option<Progress>,
    /// By which rule it begins, where it has no progress.
    pub start: Option<StartRule>,
    /// Why an end of the log is not known.
    pub fault: Option<String>,
}

/// How far a flow has come in a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The next offset to copy.
    pub offset: i64,
    /// Who wrote it down.
    pub author: ProgressAuthor,
}

/// Who wrote a position down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProgressAuthor {
    /// This flow, by its note.
    Flow,
    /// Another flow of kmirror, by its note.
    OtherFlow,
    /// Another tool: there is no note.
    Hand,
}

/// Where a partition without progress begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartRule {
    /// The rule. `earliest` for a partition that is newer than the flow's progress, whatever the flow's start is.
    pub at: StartPosition,
    /// What it means now, where that can be known.
    pub offset: Option<i64>,
}

impl PartitionOffsets {
    /// Where the flow goes on if nothing is edited.
    pub fn position(&self) -> Option<i64> {
        self.progress.map(|progress| progress.offset).or_else(|| self.start.as_ref()?.offset)
    }

    /// Records that retention deleted before they were copied, at most: from the progress to the log's start.
    pub fn lost_records(&self) -> u64 {
        match (self.progress, self.low) {
            (Some(progress), Some(low)) => distance(progress.offset, low),
            _ => 0,
        }
    }

    /// What it means to go on at `position`. `None` while the log's ends are not known.
    pub fn effect_of(&self, position: i64) -> Option<MoveEffect> {
        let (low, high) = (self.low?, self.high?);
        let from = position.max(low);
        let mut effect = MoveEffect { to_copy: distance(from, high), ..MoveEffect::default() };
        if let Some(progress) = self.progress {
            let copied_to = progress.offset.max(low);
            effect.again = distance(from, copied_to);
            effect.left_out = distance(copied_to, from);
        }
        Some(effect)
    }
}

/// From `from` to `to`, if that is forward.
fn distance(from: i64, to: i64) -> u64 {
    u64::try_from(to.saturating_sub(from)).unwrap_or(0)
}

/// What a partition has to do from a position on. Offsets: at most so many records, where the log has holes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveEffect {
    /// Records to copy, up to the log's end.
    #[serde(rename = "to_copy_records")]
    pub to_copy: u64,
    /// Those among them that were copied before: the target gets them twice.
    #[serde(rename = "again_records")]
    pub again: u64,
    /// Records behind the progress that are never copied.
    #[serde(rename = "left_out_records")]
    pub left_out: u64,
}

impl std::ops::AddAssign for MoveEffect {
    fn add_assign(&mut self, other: Self) {
        self.to_copy += other.to_copy;
        self.again += other.again;
        self.left_out += other.left_out;
    }
}

/// One partition to be set, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PositionEdit {
    /// The source partition.
    pub partition: TopicPartition,
    /// Where it is to go on.
    pub at: EditPosition,
}

/// What a [`PositionEdit`] means now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedEdit {
    /// The edit.
    pub edit: PositionEdit,
    /// Its offset, or why it must not be.
    pub result: Result<EditedOffset, EditRefusal>,
}

/// An edit as an offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditedOffset {
    /// The next offset to copy.
    pub offset: i64,
    /// Timestamp of the first record at or behind it, ms since 1970: `None` where there is none, or it has none, or it
    /// was not looked for.
    pub record_ms: Option<i64>,
    /// What should be said about it.
    pub remark: Option<EditRemark>,
}

/// What should be said about an edit. Its text is a sentence without its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditRemark {
    /// No record is so young.
    AfterLastRecord,
    /// The log does not go back so far.
    BeforeFirstRecord,
    /// There are fewer records than asked for.
    FewerRecords,
    /// The group has no position there.
    GroupHasNone(GroupName),
}

impl fmt::Display for EditRemark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AfterLastRecord => f.write_str("no record is so young: this is the end of the log, as `latest`"),
            Self::BeforeFirstRecord => f.write_str("the log does not go back so far: this is its start, as `earliest`"),
            Self::FewerRecords => f.write_str("the log holds no more than that: this is its start, as `earliest`"),
            Self::GroupHasNone(group) => {
                write!(f, "group `{group}` has no position here: this is the start of the log, as `earliest`")
            }
        }
    }
}

/// Why a position must not be set. Its text is a sentence without its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditRefusal {
    /// It lies behind the end of the log.
    BeyondHigh {
        /// What was asked for.
        offset: i64,
        /// The end.
        high: i64,
    },
    /// It lies before the start of the log.
    BelowLow {
        /// What was asked for.
        offset: i64,
        /// The start.
        low: i64,
        /// The end.
        high: i64,
    },
    /// It is relative to progress that there is not.
    NoProgress,
    /// The flow does not select the topic, or it has no such partition.
    NotSelected,
    /// The source does not tell; in words.
    Unknown(String),
}

impl fmt::Display for EditRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BeyondHigh { offset, high } => {
                write!(f, "offset {offset} is beyond the end of the log, which is {high}")
            }
            Self::BelowLow { offset, low, high } => {
                write!(f, "offset {offset} is older than the log, which holds {low} to {high}")
            }
            Self::NoProgress => f.write_str("it is relative to the progress, and there is none"),
            Self::NotSelected => f.write_str("the flow does not mirror this partition"),
            Self::Unknown(why) => f.write_str(why),
        }
    }
}

/// Timestamps of records, ms since 1970: with the offset that was asked for, and `None` where there is no record at or
/// behind it, or it has no timestamp. Partitions that did not answer in time are absent.
pub type RecordTimes = BTreeMap<TopicPartition, (i64, Option<i64>)>;

/// One partition to be set, resolved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SetPosition {
    /// The source topic.
    pub topic: TopicName,
    /// Its partition.
    pub partition: i32,
    /// The next offset to copy.
    pub offset: i64,
}

impl SetPosition {
    /// Which partition.
    pub fn partition(&self) -> TopicPartition {
        TopicPartition::new(self.topic.clone(), self.partition)
    }
}

/// Positions of a flow in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedOffsets {
    /// The flow.
    pub flow: FlowName,
    /// Its group.
    pub group: GroupName,
    /// The source cluster's name.
    pub source: ClusterName,
    /// When it was saved.
    pub saved_at: Timestamp,
    /// The positions the group had. Partitions without progress are not among them.
    #[serde(default)]
    pub positions: Vec<SetPosition>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partition(low: i64, high: i64, progress: Option<i64>) -> PartitionOffsets {
        PartitionOffsets {
            partition: TopicPartition::new("orders", 0),
            low: Some(low),
            high: Some(high),
            progress: progress.map(|offset| Progress { offset, author: ProgressAuthor::Flow }),
            start: None,
            fault: None,
        }
    }

    #[test]
    fn a_move_copies_again_or_leaves_out() {
        let effect = |partition: &PartitionOffsets, at| {
            let effect = partition.effect_of(at).expect("known ends");
            (effect.to_copy, effect.again, effect.left_out)
        };
        let some = partition(100, 200, Some(150));
        assert_eq!(effect(&some, 150), (50, 0, 0));
        assert_eq!(effect(&some, 120), (80, 30, 0));
        assert_eq!(effect(&some, 170), (30, 0, 20));
        assert_eq!(effect(&some, 0), (100, 50, 0), "what is gone is not copied");
        let overtaken = partition(100, 200, Some(90));
        assert_eq!((effect(&overtaken, 100), overtaken.lost_records()), ((100, 0, 0), 10));
        assert_eq!(effect(&overtaken, 130), (70, 0, 30), "what retention took was left out by nobody");
        assert_eq!(effect(&partition(100, 200, None), 180), (20, 0, 0), "nothing was copied before");
        assert_eq!(PartitionOffsets { high: None, ..some }.effect_of(150), None);
    }
}
