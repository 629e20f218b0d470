//! kmirror mirrors Kafka topics between clusters.

pub mod engine;
pub mod kafka;
pub mod model;

pub mod config;
