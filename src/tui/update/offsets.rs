//! Where a flow's partitions start, as it is edited.

use crate::tui::keymap::Context;
use crate::tui::model::Model;
use crate::tui::page::Page;

/// The page.
pub(in crate::tui) struct Offsets;

impl Page for Offsets {
    fn contexts(&self, _model: &Model) -> Vec<Context> {
        vec![Context::Offsets]
    }
}
