//! Pieces of screens that know nothing of the mirror.

pub(super) mod chart;
pub(super) mod fields;
pub(super) mod filter;
pub(super) mod line_filter;
pub(super) mod list_line;
pub(super) mod panel;
pub(super) mod payload;
pub(super) mod pen;
pub(super) mod sparkline;
pub(super) mod symbols;
pub(super) mod table;
pub(super) mod text;
