//! Notices when a theme's file changes.

use std::path::PathBuf;
use std::time::Duration;

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{Instant, sleep_until};

/// Watches folders.
pub(in crate::tui) struct ThemeWatch {
    /// Watches as long as it is there.
    _watcher: Option<RecommendedWatcher>,
    changes: UnboundedReceiver<()>,
    /// When the last change is old enough to be read: editors write in several steps.
    settled: Option<Instant>,
}

/// How long a file must have been left alone.
const SETTLE: Duration = Duration::from_millis(100);

impl ThemeWatch {
    /// Watches these folders. Where that is not possible, changes are not seen.
    pub(in crate::tui) fn start(folders: &[PathBuf]) -> Self {
        let (sender, changes) = unbounded_channel();
        let notice = move |event: notify::Result<Event>| {
            if event.is_ok_and(|event| !matches!(event.kind, EventKind::Access(_))) {
                let _ = sender.send(());
            }
        };
        let mut watcher = if folders.is_empty() { None } else { notify::recommended_watcher(notice).ok() };
        for folder in folders {
            if let Some(watcher) = &mut watcher {
                // A folder that cannot be watched is one whose changes are not seen.
                let _ = watcher.watch(folder, RecursiveMode::NonRecursive);
            }
        }
        Self { _watcher: watcher, changes, settled: None }
    }

    /// Waits until something has changed and been left alone. Safe to cancel; never comes when nothing is watched.
    pub(in crate::tui) async fn changed(&mut self) {
        loop {
            let settled = self.settled;
            tokio::select! {
                Some(()) = self.changes.recv() => self.settled = Some(Instant::now() + SETTLE),
                () = async { sleep_until(settled.unwrap_or_else(Instant::now)).await }, if settled.is_some() => {
                    self.settled = None;
                    return;
                }
                else => std::future::pending::<()>().await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_that_changes_is_noticed() {
        let folder = tempfile::tempdir().expect("folder");
        let mut watch = ThemeWatch::start(&[folder.path().to_owned()]);
        std::fs::write(folder.path().join("nord.toml"), "[roles]").expect("write");
        tokio::time::timeout(Duration::from_secs(10), watch.changed()).await.expect("noticed");
    }

    #[tokio::test(start_paused = true)]
    async fn without_folders_nothing_ever_changes() {
        let mut watch = ThemeWatch::start(&[]);
        tokio::time::timeout(Duration::from_secs(10), watch.changed()).await.expect_err("nothing");
    }
}
