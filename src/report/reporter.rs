//! A run told to somebody, in words or as JSON.

use std::io;

use super::json::JsonReport;
use super::text::TextReport;
use crate::engine::{Event, Snapshot};

/// Tells a run. An error means that nobody listens any more ([`io::ErrorKind::BrokenPipe`]) or that the disk is full;
/// it is no reason to stop the mirror.
#[derive(Debug)]
pub enum Reporter {
    /// In words.
    Text(Box<TextReport>),
    /// As JSON lines.
    Json(JsonReport),
}

impl Reporter {
    /// Something happened.
    ///
    /// # Errors
    /// When it could not be written.
    pub fn event(&mut self, event: &Event) -> io::Result<()> {
        match self {
            Self::Text(report) => report.event(event),
            Self::Json(report) => report.event(event),
        }
    }

    /// Time has passed. To be called for every snapshot, or about once a second: the report keeps its own intervals.
    ///
    /// # Errors
    /// When it could not be written.
    pub fn tick(&mut self, snapshot: &Snapshot) -> io::Result<()> {
        match self {
            Self::Text(report) => report.tick(snapshot),
            Self::Json(report) => report.tick(snapshot),
        }
    }

    /// Takes note of a snapshot without a word: flows are counted from when they were first seen.
    pub fn note(&mut self, snapshot: &Snapshot) {
        match self {
            Self::Text(report) => report.note(snapshot),
            Self::Json(report) => report.note(snapshot),
        }
    }

    /// It is over: tells what was done.
    ///
    /// # Errors
    /// When it could not be written.
    pub fn finish(&mut self, snapshot: &Snapshot) -> io::Result<()> {
        match self {
            Self::Text(report) => report.finish(snapshot),
            Self::Json(report) => report.finish(snapshot),
        }
    }
}

impl From<TextReport> for Reporter {
    fn from(report: TextReport) -> Self {
        Self::Text(Box::new(report))
    }
}

impl From<JsonReport> for Reporter {
    fn from(report: JsonReport) -> Self {
        Self::Json(report)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{self, Paper};

    #[test]
    fn both_tell_a_whole_run() {
        let paper = Paper::default();
        let mut reporter = Reporter::from(JsonReport::new(Box::new(paper.clone()), 10_000));
        reporter.tick(&fixture::snapshot()).expect("told");
        reporter.finish(&fixture::snapshot()).expect("told");
        assert_eq!(paper.take().lines().count(), 4);
    }
}
