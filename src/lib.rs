//! kmirror mirrors Kafka topics between clusters.

pub mod model;
