//! The theme picker: every step shows the theme at once.

use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::model::Model;
use crate::tui::model::overlay::Overlay;

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let last = model.theme_names.len().saturating_sub(1);
    let Some(Overlay::Themes(themes)) = model.overlays.last_mut() else { return Vec::new() };
    match action {
        Action::Down => themes.cursor = (themes.cursor + 1).min(last),
        Action::Up => themes.cursor = themes.cursor.saturating_sub(1),
        Action::Accept => {
            model.chosen_theme = model.theme_names.get(themes.cursor).cloned();
            model.overlays.pop();
            return Vec::new();
        }
        _ => {
            let before = themes.before.clone();
            model.overlays.pop();
            return vec![Effect::UseTheme(before)];
        }
    }
    model.theme_names.get(themes.cursor).cloned().map(Effect::UseTheme).into_iter().collect()
}
