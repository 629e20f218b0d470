//! The terminal: what it can show, what is typed on it, and leaving it as it was found.

mod capability;
mod crash;
mod encoder;
mod hangup;
mod input;
mod output;
mod painter;
mod session;
mod signals;

pub use capability::ColorChoice;
pub(super) use capability::{Capability, detect};
pub(super) use hangup::watch_hangup;
pub(super) use input::{InputReader, Typed};
pub(super) use output::Output;
pub(super) use painter::Painter;
pub(super) use session::Session;
pub(super) use signals::{Signal, Signals};

/// Why the terminal cannot be used. Reads well after "failed to".
#[derive(Debug, thiserror::Error)]
#[error("{operation}: {error}")]
pub struct TerminalError {
    operation: &'static str,
    error: std::io::Error,
}

impl TerminalError {
    /// For `map_err`.
    fn of(operation: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |error| Self { operation, error }
    }
}
