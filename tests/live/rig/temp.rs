//! Temporary folders that name their owner, so that what a killed test left is swept by the next one.

use std::env;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use tempfile::TempDir;

/// A folder removed when dropped.
pub(crate) fn dir(what: &str) -> Result<TempDir> {
    let prefix = format!("{PREFIX}{}-{what}-", std::process::id());
    TempDir::with_prefix(prefix).with_context(|| format!("create a temporary folder for {what}"))
}

/// Removes the folders of test processes that no longer exist.
pub(crate) fn sweep() {
    let Ok(entries) = fs::read_dir(env::temp_dir()) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(PREFIX)).and_then(|rest| rest.split('-').next());
        let owner: Option<u32> = owner.and_then(|pid| pid.parse().ok());
        if owner.is_some_and(|pid| !Path::new(&format!("/proc/{pid}")).exists()) {
            // Someone else's, or swept by another process this very moment: not ours to fail on.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

const PREFIX: &str = "kmirror-live-";
