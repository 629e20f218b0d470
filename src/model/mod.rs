//! The vocabulary: the words every other module speaks.
//!
//! Pure values and pure functions. Nothing here does I/O, reads a clock, spawns a task or knows that rdkafka,
//! tokio or a terminal exists; `tests/it/tidy.rs` proves it.

mod limits;
mod name;
mod partition;
mod span;
mod watermark;

pub use limits::{Judgement, RecordFacts, Refusal, TargetLimits};
pub use name::{ClusterName, FlowName, GroupName, TopicName};
pub use partition::TopicPartition;
pub use span::Span;
pub use watermark::{Watermark, WatermarkError};
