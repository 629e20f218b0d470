//! The guard of a console: refuses what may not be, and writes down who wanted what.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;

use crate::engine::{Command, Guard};

/// The file's name, in the state folder.
const FILE: &str = "audit.jsonl";

/// Admits commands unless the console may only look. Each goes into `audit.jsonl`, a line of JSON.
pub(super) struct Audit {
    is_read_only: bool,
    folder: Option<PathBuf>,
    user: String,
}

/// A line of the file.
#[derive(Serialize)]
struct Entry<'a> {
    at: Timestamp,
    user: &'a str,
    pid: u32,
    is_admitted: bool,
    #[serde(flatten)]
    command: &'a Command,
}

impl Audit {
    /// A guard that writes into `folder`.
    pub(super) fn new(is_read_only: bool, folder: Option<PathBuf>) -> Self {
        // Who became root by sudo is still somebody.
        let user = ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
        Self { is_read_only, folder, user: user.unwrap_or_else(|| "unknown".into()) }
    }

    fn write(&self, command: &Command, is_admitted: bool) -> io::Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let entry = Entry { at: Timestamp::now(), user: &self.user, pid: std::process::id(), is_admitted, command };
        let line = serde_json::to_string(&entry)? + "\n";
        std::fs::create_dir_all(folder)?;
        let mut file = OpenOptions::new().create(true).append(true).mode(0o600).open(folder.join(FILE))?;
        file.write_all(line.as_bytes())
    }
}

impl Guard for Audit {
    fn admit(&self, command: &Command) -> Result<(), String> {
        let is_admitted = !self.is_read_only;
        // A full disk must not keep anybody from pausing a flow.
        if let Err(error) = self.write(command, is_admitted) {
            tracing::warn!("a command is not in the audit log: {error}");
        }
        if is_admitted { Ok(()) } else { Err("this console may only look: it was started with --read-only".into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_leaves_a_line() {
        let folder = tempfile::tempdir().expect("folder");
        let command = Command::Start { flow: "orders".into() };
        let audit = |is_read_only| Audit::new(is_read_only, Some(folder.path().to_owned()));
        assert_eq!(audit(false).admit(&command), Ok(()));
        assert!(audit(true).admit(&command).expect_err("refused").contains("--read-only"));
        let text = std::fs::read_to_string(folder.path().join(FILE)).expect("written");
        let lines: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!((&lines[0]["command"], &lines[0]["flow"]), (&"start".into(), &"orders".into()));
        assert_eq!((&lines[0]["is_admitted"], &lines[1]["is_admitted"]), (&true.into(), &false.into()));
        assert!(lines[0]["user"].is_string() && lines[0]["at"].is_string());
    }

    #[test]
    fn a_log_that_cannot_be_written_stops_nobody() {
        let audit = Audit::new(false, Some(PathBuf::from("/dev/null/nowhere")));
        assert_eq!(audit.admit(&Command::Start { flow: "orders".into() }), Ok(()));
    }
}
