//! Keys of every list.

use crate::tui::keymap::action::Action;
use crate::tui::keymap::binding::{Binding, Context, Group};

/// The rows.
pub(in crate::tui::keymap) const BINDINGS: &[Binding] = &[
    Binding::new(Context::List, &["j", "down"], Action::Down, 0, "down", "one row down").under(Group::Move),
    Binding::new(Context::List, &["k", "up"], Action::Up, 0, "up", "one row up").under(Group::Move),
    Binding::new(Context::List, &["^d", "pgdn"], Action::PageDown, 0, "page down", "one page down").under(Group::Move),
    Binding::new(Context::List, &["^u", "pgup"], Action::PageUp, 0, "page up", "one page up").under(Group::Move),
    Binding::new(Context::List, &["g g", "home"], Action::First, 0, "first", "to the first row").under(Group::Move),
    Binding::new(Context::List, &["G", "end"], Action::Last, 0, "last", "to the last row").under(Group::Move),
    Binding::new(Context::List, &["enter"], Action::Open, 2, "open", "open the row").under(Group::List),
    Binding::new(Context::List, &["/"], Action::Filter, 20, "filter", "show only rows that match").under(Group::List),
    Binding::new(Context::List, &["s"], Action::Sort, 30, "sort", "sort by the next column").under(Group::List),
    Binding::new(Context::List, &["v"], Action::Reverse, 0, "reverse", "sort the other way round").under(Group::List),
    Binding::new(Context::List, &["!"], Action::Problems, 25, "problems", "show only rows with problems")
        .under(Group::List),
    Binding::new(Context::List, &["n"], Action::NextProblem, 0, "next problem", "to the next row with a problem")
        .under(Group::List),
    Binding::new(
        Context::List,
        &["N"],
        Action::PreviousProblem,
        0,
        "problem before",
        "to the row with a problem before",
    )
    .under(Group::List),
    Binding::new(Context::List, &["space"], Action::Mark, 60, "mark", "mark the row").under(Group::List),
    Binding::new(Context::List, &["A"], Action::MarkAll, 0, "mark all", "mark every row shown, or none")
        .under(Group::List),
    Binding::new(Context::List, &["y"], Action::Copy, 50, "copy", "copy the name").under(Group::List),
    Binding::new(Context::List, &["Y"], Action::CopyRow, 0, "copy row", "copy the whole row").under(Group::List),
    Binding::new(Context::List, &["w"], Action::Write, 70, "write", "write the list to a file, as CSV or JSON")
        .under(Group::List),
];
