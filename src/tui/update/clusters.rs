//! The clusters.

use crate::tui::keymap::Context;
use crate::tui::model::Model;
use crate::tui::page::Page;

/// The page.
pub(in crate::tui) struct Clusters;

impl Page for Clusters {
    fn contexts(&self, _model: &Model) -> Vec<Context> {
        vec![Context::Clusters]
    }
}
