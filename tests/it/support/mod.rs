//! What the tests share.

mod command;
mod dir;
mod engine;
mod mock_kafka;
mod wait;

pub(crate) use command::TestCommand;
pub(crate) use dir::TestDir;
pub(crate) use engine::{cluster_settings, flow_specs, start_engine};
pub(crate) use mock_kafka::{MockKafka, TestRecord, partition_leaders, plain_consumer, record_counts};
pub(crate) use wait::{wait_or_tell, wait_until};
