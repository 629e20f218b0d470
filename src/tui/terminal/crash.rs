//! When kmirror itself fails: the screen is restored, what is known is written to a file, and its path printed.

use std::backtrace::Backtrace;
use std::fs;
use std::io::Write;
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crossterm::terminal::disable_raw_mode;

use super::session::LEAVE;

/// Whether the terminal is ours, so that it must be given back before anything is printed.
static IS_ON_SCREEN: AtomicBool = AtomicBool::new(false);
static ARMED: Once = Once::new();

/// Log lines that go into the file.
const LOG_LINES: usize = 200;
/// Where they are looked for from the end of the log.
const LOG_BYTES_MAX: usize = 64 * 1024;

/// Tells whether the terminal is ours.
pub(super) fn set_on_screen(is_on_screen: bool) {
    IS_ON_SCREEN.store(is_on_screen, Ordering::SeqCst);
}

/// From now on a panic is told in a file of `folder`. One of another thread leaves the screen alone.
pub(super) fn arm(folder: Option<&Path>) {
    let folder = folder.map_or_else(std::env::temp_dir, Path::to_owned);
    let screen = thread::current().id();
    ARMED.call_once(|| {
        std::panic::set_hook(Box::new(move |panic| {
            let is_on_screen = thread::current().id() == screen && IS_ON_SCREEN.swap(false, Ordering::SeqCst);
            if is_on_screen {
                let _ = std::io::stdout().write_all(LEAVE);
                let _ = std::io::stdout().flush();
                let _ = disable_raw_mode();
            }
            tell(panic, &folder, is_on_screen);
        }));
    });
}

fn tell(panic: &PanicHookInfo<'_>, folder: &Path, is_on_screen: bool) {
    let report = report(panic, folder);
    let path = folder.join(format!("kmirror.crash.{}.txt", jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ")));
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(&path, &report));
    tracing::error!("crashed: {panic}");
    if !is_on_screen {
        return;
    }
    // stderr goes to a file at this moment, so that this must be said on the terminal itself.
    let mut out = std::io::stdout();
    let _ = writeln!(out, "kmirror crashed: {panic}");
    let _ = match written {
        Ok(()) => writeln!(out, "What is known about it is in {}", path.display()),
        Err(error) => writeln!(out, "{report}\n(cannot write {}: {error})", path.display()),
    };
}

fn report(panic: &PanicHookInfo<'_>, folder: &Path) -> String {
    let thread = thread::current();
    let name = thread.name().unwrap_or("unnamed");
    let version = env!("CARGO_PKG_VERSION");
    let backtrace = Backtrace::force_capture();
    format!(
        "kmirror {version}, thread {name}\n{panic}\n\n{backtrace}\n\nLog:\n{}",
        log_tail(folder).unwrap_or_default()
    )
}

/// The last lines of the newest log.
fn log_tail(folder: &Path) -> Option<String> {
    let is_log = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.starts_with("kmirror.2") && name.ends_with(".log")
    };
    let newest = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).filter(is_log).max()?;
    let bytes = fs::read(newest).ok()?;
    let text = String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(LOG_BYTES_MAX)..]).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    Some(lines[lines.len().saturating_sub(LOG_LINES)..].join("\n"))
}
