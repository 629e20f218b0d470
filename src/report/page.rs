//! How something is printed that is printed once.

use std::io::{self, Write};

use super::line::{Colour, Line};

/// Words or JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs: one object per line.
    Json,
}

/// What the printed thing is to look like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Words or JSON.
    pub format: Format,
    /// Columns to keep to; `None` where there is no terminal, so that nothing is cut off.
    pub width: Option<usize>,
    /// Whether tones are coloured.
    pub colour: Colour,
}

impl Page {
    /// Prints `lines`, escaped.
    ///
    /// # Errors
    /// When `out` does not take them.
    pub fn write(&self, out: &mut dyn Write, lines: impl IntoIterator<Item = Line>) -> io::Result<()> {
        lines.into_iter().try_for_each(|line| writeln!(out, "{}", line.render(self.colour)))
    }
}
