//! Signals: the first asks to end in order, the second ends at once.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that ask kmirror to end.
pub(super) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Option<Signal>,
}

impl Signals {
    /// Takes the signals over from now on.
    ///
    /// # Errors
    /// When the system does not let us.
    pub(super) fn take() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: Some(signal(SignalKind::hangup())?),
        })
    }

    /// Without the one that says the terminal is gone: it comes from the terminal, and again from the shell.
    pub(super) fn without_hangup(self) -> Self {
        Self { hangup: None, ..self }
    }

    /// Waits for the next one. Safe to cancel.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = async {
                match &mut self.hangup {
                    Some(hangup) => hangup.recv().await,
                    None => std::future::pending().await,
                }
            } => {}
        }
    }
}
