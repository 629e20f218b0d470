//! Signals that concern the console.

use tokio::signal::unix::{self, SignalKind};

use super::TerminalError;

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum Signal {
    /// End in order.
    End,
    /// Let the shell have the terminal.
    Suspend,
    /// The terminal is ours again.
    Continue,
    /// The terminal has another size.
    Resized,
}

/// The signals, from now on.
pub(in crate::tui) struct Signals {
    interrupt: unix::Signal,
    terminate: unix::Signal,
    hangup: unix::Signal,
    stop: unix::Signal,
    go_on: unix::Signal,
    resize: unix::Signal,
}

impl Signals {
    /// Takes the signals over.
    ///
    /// # Errors
    /// When the system does not let us.
    pub(in crate::tui) fn take() -> Result<Self, TerminalError> {
        let take = |kind| unix::signal(kind).map_err(TerminalError::of("take the signals over"));
        let number = |signal: rustix::process::Signal| SignalKind::from_raw(signal.as_raw());
        Ok(Self {
            interrupt: take(SignalKind::interrupt())?,
            terminate: take(SignalKind::terminate())?,
            hangup: take(SignalKind::hangup())?,
            stop: take(number(rustix::process::Signal::TSTP))?,
            go_on: take(number(rustix::process::Signal::CONT))?,
            resize: take(SignalKind::window_change())?,
        })
    }

    /// Waits for the next one. Safe to cancel.
    pub(in crate::tui) async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::End,
            _ = self.terminate.recv() => Signal::End,
            _ = self.hangup.recv() => Signal::End,
            _ = self.stop.recv() => Signal::Suspend,
            _ = self.go_on.recv() => Signal::Continue,
            _ = self.resize.recv() => Signal::Resized,
        }
    }
}
