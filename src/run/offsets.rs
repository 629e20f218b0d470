//! Positions of flows: where they stand, what edits mean, and files that keep them. For the commands and the console.

mod saved;

pub(super) use saved::{all_saved, newest_saved, read_saved, save};
