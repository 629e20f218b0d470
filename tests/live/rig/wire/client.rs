//! The client: one connection, opened when needed, opened again after it broke.

use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context as _, Error, Result, anyhow};
use bytes::Bytes;
use kafka_protocol::protocol::{Request, StrBytes};

use super::connection::{Connection, Greeting};
use super::error::BrokerError;
use crate::rig::wait::wait_until;

/// A blocking client of one broker. Calls from several threads take turns.
#[derive(Debug)]
pub(crate) struct Client {
    address: String,
    greeting: Greeting,
    connection: Mutex<Option<Connection>>,
}

impl Client {
    /// A client of the broker at `address`; connects on the first call.
    pub(crate) fn new(address: &str, greeting: Greeting) -> Self {
        Self { address: address.to_owned(), greeting, connection: Mutex::new(None) }
    }

    /// Calls with the highest version both sides speak that is not above `cap`.
    pub(crate) fn call<R: Request>(&self, request: &R, cap: i16) -> Result<R::Response> {
        self.with_connection(|connection| {
            let version = connection.version_of::<R>(cap)?;
            connection.call_version(request, version)
        })
    }

    /// Calls with a body written by hand.
    pub(crate) fn call_bytes(&self, api_key: i16, version: i16, body: &[u8]) -> Result<Bytes> {
        self.with_connection(|connection| connection.call_bytes(api_key, version, body))
    }

    /// The highest version of an api the broker speaks.
    pub(crate) fn broker_max(&self, api_key: i16) -> Result<i16> {
        self.with_connection(|connection| {
            connection.broker_max(api_key).with_context(|| format!("the broker does not know api {api_key}"))
        })
    }

    /// Calls `attempt` until it succeeds, as long as the broker's refusals are of the kind that goes away.
    pub(crate) fn retry<T>(&self, what: &str, mut attempt: impl FnMut() -> Result<T>) -> Result<T> {
        let mut last: Option<Error> = None;
        let outcome = wait_until(what, RETRY_TIMEOUT, || match attempt() {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.downcast_ref::<BrokerError>().is_some_and(BrokerError::is_transient) => {
                last = Some(error);
                Ok(None)
            }
            Err(error) => Err(error),
        });
        outcome.map_err(|error| match last {
            Some(last) => error.context(format!("{last:#}")),
            None => error,
        })
    }

    /// A connection that failed in any way is dropped: what is left in it belongs to another answer.
    fn with_connection<T>(&self, call: impl FnOnce(&mut Connection) -> Result<T>) -> Result<T> {
        let mut slot = self.connection.lock().map_err(|_| anyhow!("a test panicked while it used this client"))?;
        // Looked at before the call and never called again after it: a write must not happen twice by our own doing.
        let mut connection = match slot.take().filter(|connection| !connection.is_stale()) {
            Some(connection) => connection,
            None => Connection::open(&self.address, self.greeting)?,
        };
        let answer = call(&mut connection).with_context(|| format!("call {}", self.address))?;
        *slot = Some(connection);
        Ok(answer)
    }
}

/// Text for the wire.
pub(super) fn text(value: &str) -> StrBytes {
    StrBytes::from_string(value.to_owned())
}

/// A coordinator loads in a second or two; a transaction ends in less.
const RETRY_TIMEOUT: Duration = Duration::from_secs(30);
