//! Keys of the topics.

use crate::tui::keymap::binding::Binding;

/// The rows.
pub(in crate::tui::keymap) const BINDINGS: &[Binding] = &[];
