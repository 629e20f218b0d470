//! What happened.

use crate::tui::keymap::Context;
use crate::tui::model::Model;
use crate::tui::page::Page;

/// The page.
pub(in crate::tui) struct Logs;

impl Page for Logs {
    fn contexts(&self, _model: &Model) -> Vec<Context> {
        vec![Context::Logs]
    }
}
