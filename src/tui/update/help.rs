//! The help: moving in it and closing it; what is typed searches.

use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::model::Model;
use crate::tui::model::overlay::Overlay;

/// Lines of a page; the view stops at the end by itself.
const PAGE: usize = 10;

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let last = crate::tui::view::help_lines(model).saturating_sub(1);
    let Some(Overlay::Help(help)) = model.overlays.last_mut() else { return Vec::new() };
    match action {
        Action::Down => help.top = (help.top + 1).min(last),
        Action::Up => help.top = help.top.saturating_sub(1),
        Action::PageDown => help.top = (help.top + PAGE).min(last),
        Action::PageUp => help.top = help.top.saturating_sub(PAGE),
        _ => drop(model.overlays.pop()),
    }
    Vec::new()
}
