//! An error code a broker answered with.

use kafka_protocol::ResponseError;

/// A broker's refusal. Found with `error.downcast_ref::<BrokerError>()`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{operation}: {} ({code}){message}", name(*.code))]
pub(crate) struct BrokerError {
    /// What was asked, and of what.
    pub(crate) operation: String,
    /// Kafka's error code.
    pub(crate) code: i16,
    /// What the broker says beside it, if anything.
    pub(crate) message: String,
}

impl BrokerError {
    /// Nothing for code 0, else the error.
    pub(crate) fn check(operation: impl FnOnce() -> String, code: i16) -> Result<(), Self> {
        Self::check_with(operation, code, None)
    }

    /// Like [`Self::check`], with the broker's own words.
    pub(crate) fn check_with(operation: impl FnOnce() -> String, code: i16, message: Option<&str>) -> Result<(), Self> {
        if code == 0 {
            return Ok(());
        }
        let message = message.map(|text| format!(": {text}")).unwrap_or_default();
        Err(Self { operation: operation(), code, message })
    }

    /// It goes away by itself: elections, loading coordinators, metadata not there yet, a transaction still ending.
    pub(crate) fn is_transient(&self) -> bool {
        TRANSIENT.contains(&self.code)
    }
}

fn name(code: i16) -> String {
    ResponseError::try_from_code(code).map_or_else(|| "unknown error".to_owned(), |error| error.to_string())
}

/// UNKNOWN_TOPIC_OR_PARTITION (just created), LEADER_NOT_AVAILABLE, NOT_LEADER, COORDINATOR_LOAD_IN_PROGRESS,
/// COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR, CONCURRENT_TRANSACTIONS.
const TRANSIENT: [i16; 7] = [3, 5, 6, 14, 15, 16, 51];
