//! kmirror mirrors Kafka topics between clusters.

pub mod model;

pub mod config;

pub mod cli;
