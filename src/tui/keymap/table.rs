//! The table: a part per page, and those that apply to several.

mod cards;
mod clusters;
mod demo;
mod dialogs;
mod editor;
mod everywhere;
mod export;
mod flows;
mod lists;
mod live;
mod logs;
mod offsets;
mod topics;

use super::binding::Binding;

/// Every row.
pub(super) fn bindings() -> impl Iterator<Item = &'static Binding> {
    let parts: [&'static [Binding]; 13] = [
        flows::BINDINGS,
        topics::BINDINGS,
        offsets::BINDINGS,
        editor::BINDINGS,
        live::BINDINGS,
        logs::BINDINGS,
        clusters::BINDINGS,
        lists::BINDINGS,
        everywhere::BINDINGS,
        dialogs::BINDINGS,
        cards::BINDINGS,
        demo::BINDINGS,
        export::BINDINGS,
    ];
    parts.into_iter().flatten()
}
