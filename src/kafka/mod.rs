//! Kafka through librdkafka: implements [`engine::ports`](crate::engine::ports).
//!
//! The only module that knows rdkafka. It knows no configuration file, no screen, and takes no decision about the mirror:
//! it reports faults and does what the ports ask. All `unsafe` is in [`ffi`].

mod connection_problem;
mod context;
mod fault_map;
mod property;
mod settings;

pub use settings::{BrokerVersion, ClusterSettings, ReadProperties};
