//! The vocabulary: the words every other module speaks.
//!
//! Pure values and pure functions. Nothing here does I/O, reads a clock, spawns a task or knows that rdkafka,
//! tokio or a terminal exists; `tests/it/tidy.rs` proves it.

mod browse;
mod delays;
mod duration;
mod edit_position;
mod excerpt;
mod explain;
mod flow_offsets;
mod internal;
mod limits;
mod name;
mod neighbour;
mod pace;
mod partition;
mod pattern;
mod plan;
mod policy;
mod proposal;
mod rate;
mod right;
mod selection;
mod span;
mod start;
mod version;
mod watermark;

pub use browse::{BrowseFrom, BrowseRequest, BrowsedBytes, BrowsedPage, BrowsedRecord, ReachResult, ReachStep};
pub use delays::Delays;
pub use duration::{DurationMs, ParseDurationError, parse_duration_ms};
pub use edit_position::{EditPosition, ParseEditError};
pub use excerpt::{escaped, excerpt};
pub use explain::{PatternNote, PatternNoteKind, escape_plain_dots, explain_pattern};
pub use flow_offsets::{
    EditRefusal, EditRemark, EditedOffset, FlowOffsets, GroupMember, MoveEffect, PartitionOffsets, PositionEdit,
    Progress, ProgressAuthor, RecordTimes, ResolvedEdit, SavedOffsets, SetPosition, StartRule,
};
pub use internal::InternalRule;
pub use limits::{Judgement, RecordFacts, Refusal, TargetLimits};
pub use name::{ClusterName, FlowName, GroupName, TopicName};
pub use neighbour::{Direction, Neighbour};
pub use pace::{Pace, PaceSample};
pub use partition::TopicPartition;
pub use pattern::{NamePattern, PatternDialect, PatternError, UndecidedError};
pub use plan::{Conflict, Plan};
pub use policy::{IllegalTopicName, PolicyError, RenameError, RenamePolicy, RenameRule, Replacement, legal_topic_name};
pub use proposal::{PatternProposal, propose_patterns, quoted};
pub use rate::{RateMeter, RateSample, Rates};
pub use right::{Operation, Resource};
pub use selection::{PATTERNS_MAX, PatternList, Selection, SelectionError, SelectionVerdict};
pub use span::Span;
pub use start::{GRAMMAR as START_GRAMMAR, ParseStartError, StartPosition};
pub use version::{KafkaVersion, ParseVersionError, VersionRange};
pub use watermark::{Watermark, WatermarkError};
