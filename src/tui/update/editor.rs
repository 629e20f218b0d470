//! A flow that is edited, with what its rules come to.

use crate::tui::keymap::Context;
use crate::tui::model::Model;
use crate::tui::page::Page;

/// The page.
pub(in crate::tui) struct Editor;

impl Page for Editor {
    fn contexts(&self, _model: &Model) -> Vec<Context> {
        vec![Context::Editor]
    }
}
