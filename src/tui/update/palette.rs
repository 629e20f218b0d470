//! The palette: actions by name.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::tui::effect::Effect;
use crate::tui::keymap::{Action, Binding, keys_text};
use crate::tui::model::Model;
use crate::tui::model::overlay::{Overlay, Palette, PaletteEntry};

/// The actions that fit what is typed, the best first.
pub(in crate::tui) fn entries(model: &Model, palette: &Palette) -> Vec<(&'static Binding, PaletteEntry)> {
    let pattern = Pattern::parse(palette.line.text(), CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut found: Vec<(u32, &'static Binding, PaletteEntry)> = Vec::new();
    for bound in model.keymap.within(&palette.contexts) {
        let binding = bound.binding;
        let is_known = found.iter().any(|(_, _, entry)| entry.action == binding.action);
        if is_known || is_pointless(binding.action) {
            continue;
        }
        let text = format!("{} {}", binding.action.name(), binding.label);
        let Some(score) = pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher) else { continue };
        let keys = bound.keys.first().map(|keys| keys_text(keys)).unwrap_or_default();
        found.push((score, binding, PaletteEntry { action: binding.action, label: binding.label, keys }));
    }
    found.sort_by_key(|(score, _, _)| std::cmp::Reverse(*score));
    found.into_iter().map(|(_, binding, entry)| (binding, entry)).collect()
}

/// Whether nobody looks for it by name.
fn is_pointless(action: Action) -> bool {
    matches!(action, Action::Palette | Action::Down | Action::Up | Action::PageDown | Action::PageUp)
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Overlay::Palette(palette)) = model.overlays.last() else { return Vec::new() };
    let entries = entries(model, palette);
    let cursor = palette.cursor.min(entries.len().saturating_sub(1));
    let chosen = entries.get(cursor).map(|(binding, _)| *binding);
    let moved = match action {
        Action::Down => (cursor + 1).min(entries.len().saturating_sub(1)),
        Action::Up => cursor.saturating_sub(1),
        _ => {
            model.overlays.pop();
            return match chosen.filter(|_| action == Action::Accept) {
                Some(binding) => super::act::perform(model, binding),
                None => Vec::new(),
            };
        }
    };
    if let Some(Overlay::Palette(palette)) = model.overlays.last_mut() {
        palette.cursor = moved;
    }
    Vec::new()
}
