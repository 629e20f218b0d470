//! The tasks drawer: what runs can be given up.

use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::model::Model;
use crate::tui::model::overlay::Overlay;

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let last = model.tasks.len().saturating_sub(1);
    let Some(Overlay::Tasks(cursor)) = model.overlays.last_mut() else { return Vec::new() };
    *cursor = (*cursor).min(last);
    match action {
        Action::Down => *cursor = (*cursor + 1).min(last),
        Action::Up => *cursor = cursor.saturating_sub(1),
        Action::CancelTask if !model.tasks.is_empty() => {
            let key = model.tasks.remove(*cursor).job.key();
            return vec![Effect::Cancel(key)];
        }
        Action::CancelTask => {}
        _ => drop(model.overlays.pop()),
    }
    Vec::new()
}
