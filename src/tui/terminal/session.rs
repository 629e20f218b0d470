//! Having the terminal, and giving it back as it was.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use crossterm::terminal::{disable_raw_mode, enable_raw_mode};

use super::output::Output;
use super::{TerminalError, crash};

/// The other screen, no cursor, pasted text marked as such, the title kept aside and ours set. The title never changes:
/// what is in it would be seen where nobody expects it.
const ENTER: &[u8] = b"\x1b[22;0t\x1b]0;kmirror\x07\x1b[?1049h\x1b[?25l\x1b[?2004h";
/// The opposite, and the end of a frame that may have been cut off.
pub(super) const LEAVE: &[u8] = b"\x1b[?2026l\x1b[0m\x1b[?2004l\x1b[?25h\x1b[?1049l\x1b[23;0t";

/// The terminal, while it is ours.
pub(in crate::tui) struct Session {
    output: Output,
    _stderr: Option<Stderr>,
    is_entered: bool,
}

impl Session {
    /// Takes the terminal over. What libraries print to stderr goes into `folder` meanwhile, and so do crash reports.
    ///
    /// # Errors
    /// When there is no terminal.
    pub(in crate::tui) async fn enter(folder: Option<&Path>) -> Result<Self, TerminalError> {
        // Whether there are colours is decided by us; without this crossterm prints resets in their place.
        crossterm::style::force_color_output(true);
        let mut session = Self { output: Output::start()?, _stderr: Stderr::redirect(folder), is_entered: false };
        crash::arm(folder);
        session.resume().await?;
        Ok(session)
    }

    /// Where frames go.
    pub(in crate::tui) fn output(&mut self) -> &mut Output {
        &mut self.output
    }

    /// Takes the terminal again after [`pause`](Self::pause), or after somebody else had it.
    ///
    /// # Errors
    /// When it is gone.
    pub(in crate::tui) async fn resume(&mut self) -> Result<(), TerminalError> {
        enable_raw_mode().map_err(TerminalError::of("take over the terminal"))?;
        crash::set_on_screen(true);
        self.output.finish(ENTER).await;
        self.is_entered = true;
        Ok(())
    }

    /// Gives the terminal back for a while.
    pub(in crate::tui) async fn pause(&mut self) {
        self.output.finish(LEAVE).await;
        crash::set_on_screen(false);
        let _ = disable_raw_mode();
        self.is_entered = false;
    }

    /// Gives the terminal back.
    pub(in crate::tui) async fn leave(mut self) {
        self.pause().await;
    }
}

impl Drop for Session {
    /// For a way out nobody thought of. The screen itself was restored by the crash hook.
    fn drop(&mut self) {
        if self.is_entered {
            let _ = disable_raw_mode();
        }
    }
}

/// This process's stderr, while it goes to a file.
pub(in crate::tui) struct Stderr {
    before: OwnedFd,
}

impl Stderr {
    /// From now on what is printed to stderr goes to `FOLDER/kmirror.stderr.log`, or nowhere.
    pub(in crate::tui) fn redirect(folder: Option<&Path>) -> Option<Self> {
        let before = io::stderr().as_fd().try_clone_to_owned().ok()?;
        let file = folder.and_then(|folder| open(folder).ok()).or_else(|| File::create("/dev/null").ok())?;
        rustix::stdio::dup2_stderr(&file).ok()?;
        Some(Self { before })
    }
}

impl Drop for Stderr {
    fn drop(&mut self) {
        let _ = io::stderr().flush();
        let _ = rustix::stdio::dup2_stderr(&self.before);
    }
}

fn open(folder: &Path) -> io::Result<File> {
    std::fs::create_dir_all(folder)?;
    OpenOptions::new().create(true).append(true).open(folder.join("kmirror.stderr.log"))
}
