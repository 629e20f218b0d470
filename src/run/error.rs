//! A run that cannot be: a message for the user, and an exit code.

use std::fmt;
use std::io::Write;

use crate::engine::{Fault, FaultKind};
use crate::report::ExitCode;
use crate::telemetry::escape_untrusted;

/// Why kmirror ends without having done what was asked. Displays as a fragment that reads well after "failed to".
#[derive(Debug)]
pub struct RunError {
    /// The exit code.
    pub code: ExitCode,
    message: String,
}

impl RunError {
    /// Wrong usage or configuration.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self { code: ExitCode::Usage, message: message.into() }
    }

    /// Anything else.
    pub(super) fn failed(message: impl Into<String>) -> Self {
        Self { code: ExitCode::Failed, message: message.into() }
    }

    /// What a cluster's fault made impossible.
    pub(super) fn at(fault: &Fault, message: impl Into<String>) -> Self {
        let code = match fault.kind {
            FaultKind::Unreachable | FaultKind::Authentication | FaultKind::Tls => ExitCode::Unreachable,
            _ => ExitCode::Failed,
        };
        Self { code, message: message.into() }
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Brokers' words are in it; line breaks of our own stay.
        let lines: Vec<_> = self.message.lines().map(escape_untrusted).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for RunError {}

/// Tells the user something doubtful. A closed stderr is no reason to stop.
pub(super) fn warn(text: &str) {
    let _ = writeln!(std::io::stderr(), "warning: {}", escape_untrusted(text));
}
