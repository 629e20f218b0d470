//! kmirror mirrors Kafka topics between clusters.

pub mod cli;
pub mod config;
pub mod demo;
pub mod engine;
pub mod kafka;
pub mod model;
pub mod report;
pub mod run;
pub mod telemetry;
