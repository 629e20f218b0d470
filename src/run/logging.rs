//! Where the log goes, and what the terminal is.

use std::io::IsTerminal;

use super::error::{RunError, warn};
use crate::cli::GlobalArgs;
use crate::config::ConfigPaths;
use crate::telemetry::{LogGuard, LogOptions, start_logging};

/// Starts the log. Without a folder to write into, it goes to stderr.
pub(super) fn start(global: &GlobalArgs) -> Result<LogGuard, RunError> {
    let directory = global.log_dir.clone().or_else(|| ConfigPaths::find(None).state_dir);
    let options = LogOptions { to_stderr: directory.is_none(), directory, filter: Some(global.log_level.clone()) };
    let guard = start_logging(&options).map_err(|error| RunError::usage(error.to_string()))?;
    if let Some(warning) = &guard.warning {
        warn(&warning.to_string());
    }
    Ok(guard)
}

/// Whether somebody looks at what is printed.
pub(super) fn is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// Columns of the terminal; `None` when there is none.
pub(super) fn terminal_width() -> Option<usize> {
    console::Term::stdout().size_checked().map(|(_, columns)| usize::from(columns)).filter(|_| is_terminal())
}
