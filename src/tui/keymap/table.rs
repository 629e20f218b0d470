//! The table: a part per page, and those that apply to several.

mod clusters;
mod decide;
mod dialogs;
mod everywhere;
mod flows;
mod lists;
mod live;
mod logs;
mod topics;

use super::binding::Binding;

/// Every row.
pub(super) fn bindings() -> impl Iterator<Item = &'static Binding> {
    let parts: [&'static [Binding]; 9] = [
        flows::BINDINGS,
        topics::BINDINGS,
        live::BINDINGS,
        logs::BINDINGS,
        clusters::BINDINGS,
        lists::BINDINGS,
        everywhere::BINDINGS,
        dialogs::BINDINGS,
        decide::BINDINGS,
    ];
    parts.into_iter().flatten()
}
