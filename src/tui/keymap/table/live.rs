//! Keys of a flow as it runs.

use crate::tui::keymap::binding::Binding;

/// The rows.
pub(in crate::tui::keymap) const BINDINGS: &[Binding] = &[];
