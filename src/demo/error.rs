//! What can go wrong with the demo's clusters.

use rdkafka::error::KafkaError;
use thiserror::Error;

use crate::engine::Side;

/// A demo cluster did not do what it was told. Reads well after "failed to".
#[derive(Debug, Error)]
#[error("{operation} on the demo's {side} cluster: {detail}")]
pub struct DemoError {
    operation: String,
    side: Side,
    detail: String,
}

impl DemoError {
    pub(super) fn new(operation: impl Into<String>, side: Side, detail: impl ToString) -> Self {
        Self { operation: operation.into(), side, detail: detail.to_string() }
    }

    /// For `map_err`.
    pub(super) fn of(operation: impl Into<String>, side: Side) -> impl FnOnce(KafkaError) -> Self {
        move |error| Self::new(operation, side, error)
    }
}
