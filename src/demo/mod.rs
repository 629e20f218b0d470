//! Two Kafka clusters inside this process, with topics as an operator knows them and producers that keep writing.
//!
//! ```text
//!   traffic thread --writes--> demo-east (3 brokers) ==flow `demo`==> demo-west (3 brokers)
//!                              orders.created                          east.orders.created
//! ```
//!
//! The brokers are librdkafka's mock: real sockets on 127.0.0.1 that any Kafka client may open, records in memory. The
//! flow between them is an ordinary one ([`flow_config`]), run by the ordinary engine.
//!
//! Nothing here knows of the engine's inside, of a screen, of reports or of arguments, and nothing but this module and
//! `kafka/` knows rdkafka.
//!
//! What the mock cannot do: create or change topics over the protocol (so the target's are made here), read
//! configurations, look up offsets by time, keep aborted transactions back. It holds 5 MiB of a partition and then
//! drops the oldest: the rates in `topic` stay below that for more than an hour.

mod clusters;
mod error;
mod fault;
mod flow;
mod mock;
mod payload;
mod sample;
#[cfg(test)]
mod tests;
mod topic;
mod traffic;

pub use clusters::DemoClusters;
pub use error::DemoError;
pub use fault::DemoFault;
pub use flow::{FLOW, SOURCE, TARGET, TARGET_PREFIX, flow_config};
pub use topic::{DemoTopicShape, topic_shapes};
