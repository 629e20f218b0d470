//! kmirror mirrors Kafka topics between clusters.

pub mod engine;
pub mod model;
pub mod report;
pub mod telemetry;
