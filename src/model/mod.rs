//! The vocabulary: the words every other module speaks.
//!
//! Pure values and pure functions. Nothing here does I/O, reads a clock, spawns a task or knows that rdkafka,
//! tokio or a terminal exists; `tests/it/tidy.rs` proves it.

mod name;
mod partition;

pub use name::{ClusterName, FlowName, GroupName, TopicName};
pub use partition::TopicPartition;
