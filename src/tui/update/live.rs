//! One flow as it runs.

use crate::tui::keymap::Context;
use crate::tui::model::Model;
use crate::tui::page::Page;

/// The page.
pub(in crate::tui) struct Live;

impl Page for Live {
    fn contexts(&self, _model: &Model) -> Vec<Context> {
        vec![Context::Live]
    }
}
