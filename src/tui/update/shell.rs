//! What a shell can do as well: a list of commands, to be copied.

use crate::tui::effect::Effect;
use crate::tui::equivalent::of_page;
use crate::tui::keymap::Action;
use crate::tui::model::Model;
use crate::tui::model::overlay::{Overlay, Shell};
use crate::tui::model::toast::ToastTone;

use super::toast;

pub(super) fn open(model: &mut Model) {
    let commands = of_page(model);
    if commands.is_empty() {
        let why = if model.inventory.is_demo { ": the demo's clusters are in this process only" } else { "" };
        toast(model, ToastTone::Info, format!("no command in a shell does what is here{why}"));
    } else {
        model.overlays.push(Overlay::Shell(Box::new(Shell { commands, cursor: 0 })));
    }
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Overlay::Shell(shell)) = model.overlays.last_mut() else { return Vec::new() };
    match action {
        Action::Down => shell.cursor = (shell.cursor + 1).min(shell.commands.len().saturating_sub(1)),
        Action::Up => shell.cursor = shell.cursor.saturating_sub(1),
        Action::Copy => {
            let copied = shell.commands.get(shell.cursor).map(|chosen| Effect::Copy(chosen.command.clone()));
            return copied.into_iter().collect();
        }
        _ => drop(model.overlays.pop()),
    }
    Vec::new()
}
