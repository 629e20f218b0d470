//! Everything that can happen to the console.

use std::sync::Arc;
use std::time::Duration;

use crokey::KeyCombination;

use super::jobs::JobDone;
use super::services::News;
use super::theme::Theme;
use crate::engine::{Event, Snapshot};
use crate::telemetry::LogLine;

/// One thing that happened.
#[derive(Clone, Debug)]
pub(in crate::tui) enum Message {
    /// The console was opened, on the page where it was left the last time.
    Opened,
    /// Time has passed. Comes before the others of its turn.
    Clock(Now),
    /// It is time to show newer data, and to ask for it.
    Tick,
    /// A key was pressed.
    Key(KeyCombination),
    /// Text was pasted.
    Paste(String),
    /// The terminal has this many columns and rows.
    Resized(u16, u16),
    /// The mirror's state.
    Snapshot(Arc<Snapshot>),
    /// Something happened in the mirror.
    Event(Event),
    /// Lines were logged.
    Lines(Vec<LogLine>),
    /// The services have something to tell.
    News(News),
    /// A job has ended, and its answer is still wanted.
    JobDone(JobDone),
    /// A theme file was changed: the theme to show from now on, or why it stays as it is.
    ThemeChanged(Result<Box<Theme>, String>),
    /// Told by the runtime: a copy was made, a file written.
    Told(Told),
    /// A signal asks the console to end in order.
    EndRequested,
    /// What the terminal takes, for the debug overlay.
    Measured(Measures),
}

/// What the runtime has to say about an effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui) enum Told {
    /// It was done, in words.
    Good(String),
    /// It was done, or is so, and is doubtful.
    Doubtful(String),
    /// It could not be done, in words.
    Bad(String),
}

/// The time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tui) struct Now {
    /// Wall clock, ms since 1970.
    pub(in crate::tui) wall_ms: i64,
    /// Since the console was started.
    pub(in crate::tui) uptime: Duration,
}

/// What drawing costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tui) struct Measures {
    /// Frames written.
    pub(in crate::tui) frames: u64,
    /// Bytes written.
    pub(in crate::tui) bytes: u64,
    /// Bytes of the last frame.
    pub(in crate::tui) frame_bytes: usize,
    /// What the last frame took to be computed.
    pub(in crate::tui) draw: Duration,
    /// What the terminal took to accept it.
    pub(in crate::tui) write: Duration,
    /// How often data is shown anew.
    pub(in crate::tui) data_interval: Duration,
}
