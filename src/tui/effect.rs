//! What the console wants done: everything `update` cannot do by itself.

use std::path::PathBuf;

use super::services::{Job, JobKey};
use super::theme::ThemeName;
use crate::engine::Command;

/// One thing to be done.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::tui) enum Effect {
    /// Send an order to the engine.
    Send(Command),
    /// Do a job; its answer comes as a message.
    Run(Job),
    /// Nobody waits for the answers of this key any more.
    Cancel(JobKey),
    /// Copy text to the user's clipboard.
    Copy(String),
    /// Write a file into the folder for exports, named like this.
    WriteFile {
        /// The file's name.
        name: String,
        /// What is to be in it.
        text: String,
    },
    /// The same with bytes that are no text.
    WriteBytes {
        /// The file's name.
        name: String,
        /// What is to be in it.
        bytes: Vec<u8>,
    },
    /// Show this theme from now on, and watch its file.
    UseTheme(ThemeName),
    /// Draw everything anew.
    Redraw,
    /// Let the shell have the terminal until it brings us back.
    Suspend,
    /// Leave the console.
    End,
    /// Leave it, to come back over something else.
    Reopen(Reopen),
}

/// What a console is opened over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reopen {
    /// The demo.
    Demo,
    /// A configuration file.
    File(PathBuf),
}
