//! The palette: actions by name, some with what they are given.
//!
//! What is typed is looked for among the names of actions and what they do. Behind the name of an action that can be
//! given something, and a blank, it is looked for among what that may be (`argument.rs`).

pub(in crate::tui) mod argument;

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::tui::effect::Effect;
use crate::tui::keymap::{Action, Binding, Keymap, keys_text};
use crate::tui::model::Model;
use crate::tui::model::input_line::InputLine;
use crate::tui::model::overlay::{Overlay, Palette, PaletteEntry};
use crate::tui::model::toast::ToastTone;

use super::toast;
use argument::Argument;

/// Former commands that are kept.
const COMMANDS_MAX: usize = 50;
/// More of what an action can be given are not looked through by eye.
const WORDS_MAX: usize = 100;

type Entry = (&'static Binding, PaletteEntry);

pub(super) fn open(model: &mut Model) {
    let palette = Palette { contexts: model.contexts(), ..Palette::default() };
    model.overlays.push(Overlay::Palette(palette));
}

/// Opens it where an action only lacks what it is given.
pub(super) fn open_for(model: &mut Model, action: Action) -> Vec<Effect> {
    let line = InputLine::new(&format!("{} ", action.name()));
    let palette = Palette { line, contexts: model.contexts(), ..Palette::default() };
    model.overlays.push(Overlay::Palette(palette));
    Vec::new()
}

/// What fits what is typed, the best first.
pub(in crate::tui) fn entries(model: &Model, palette: &Palette) -> Vec<Entry> {
    let text = palette.line.text();
    match given(&model.keymap, palette, text) {
        Some((binding, argument, typed)) => words(model, binding, &argument, typed),
        None => actions(model, palette, text),
    }
}

/// The action a line begins with, when it can be given something, and what it is given.
fn given<'a>(keymap: &Keymap, palette: &Palette, text: &'a str) -> Option<(&'static Binding, Argument, &'a str)> {
    let (name, typed) = text.trim_start().split_once(' ')?;
    let takers = || {
        let bindings = keymap.within(&palette.contexts).map(|bound| bound.binding);
        bindings.filter_map(|binding| Some((binding, argument::of(binding.action)?)))
    };
    // `topic` is as good as `topics`.
    let exact = takers().find(|(binding, _)| binding.action.name() == name);
    let (binding, argument) =
        exact.or_else(|| takers().find(|(binding, _)| !name.is_empty() && binding.action.name().starts_with(name)))?;
    Some((binding, argument, typed.trim_start()))
}

fn actions(model: &Model, palette: &Palette, text: &str) -> Vec<Entry> {
    let mut matcher = Search::new(text);
    let mut found: Vec<(u32, Entry)> = Vec::new();
    for bound in model.keymap.within(&palette.contexts) {
        let binding = bound.binding;
        let is_known = found.iter().any(|(_, (_, entry))| entry.action == binding.action);
        if is_known || is_pointless(binding.action) {
            continue;
        }
        let action = binding.action;
        let Some(score) = matcher.score(&format!("{} {}", action.name(), binding.label)) else { continue };
        let argument = argument::of(action);
        let name =
            argument.as_ref().map_or_else(|| action.name().to_owned(), |it| format!("{} {}", action.name(), it.name));
        let keys = bound.keys.first().map(|keys| keys_text(keys)).unwrap_or_default();
        let (text, label) = (action.name().to_owned(), binding.label.to_owned());
        found.push((score, (binding, PaletteEntry { action, text, name, label, keys, word: None })));
    }
    // What was run lately is wanted again.
    let recent = |entry: &PaletteEntry| {
        let is_of = |command: &&String| command.split(' ').next() == Some(entry.action.name());
        model.commands.iter().rev().take_while(|command| !is_of(command)).count()
    };
    if text.is_empty() {
        found.sort_by_key(|(_, (_, entry))| recent(entry));
    } else {
        // A name that begins so is what is meant, and what `tab` completes.
        found.sort_by_key(|(score, (_, entry))| (!entry.text.starts_with(text), std::cmp::Reverse(*score)));
    }
    found.into_iter().map(|(_, entry)| entry).collect()
}

fn words(model: &Model, binding: &'static Binding, argument: &Argument, typed: &str) -> Vec<Entry> {
    let mut matcher = Search::new(typed);
    let all = (argument.words)(model).into_iter();
    let mut found: Vec<_> = all.filter_map(|(word, label)| Some((matcher.score(&word)?, word, label))).collect();
    // Those that fit alike stay in their own order.
    found.sort_by_key(|(score, ..)| std::cmp::Reverse(*score));
    found.truncate(WORDS_MAX);
    let entry = |(_, word, label): (u32, String, String)| {
        let text = format!("{} {word}", binding.action.name());
        let (action, name, keys) = (binding.action, word.clone(), String::new());
        (binding, PaletteEntry { action, text, name, label, keys, word: Some(word) })
    };
    found.into_iter().map(entry).collect()
}

/// Finds text that has the letters of what is typed in their order.
struct Search {
    pattern: Pattern,
    matcher: Matcher,
    buffer: Vec<char>,
}

impl Search {
    fn new(typed: &str) -> Self {
        let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
        Self { pattern, matcher: Matcher::new(Config::DEFAULT), buffer: Vec::new() }
    }

    fn score(&mut self, text: &str) -> Option<u32> {
        self.pattern.score(Utf32Str::new(text, &mut self.buffer), &mut self.matcher)
    }
}

/// Whether nobody looks for it by name.
fn is_pointless(action: Action) -> bool {
    matches!(action, Action::Palette | Action::Down | Action::Up | Action::PageDown | Action::PageUp)
}

/// What `tab` would add to the line.
pub(in crate::tui) fn ghost(model: &Model, palette: &Palette) -> Option<String> {
    let typed = palette.line.text();
    if typed.is_empty() || !palette.line.halves().1.is_empty() {
        return None;
    }
    let entries = entries(model, palette);
    let (_, entry) = entries.get(palette.cursor.min(entries.len().checked_sub(1)?))?;
    let rest = entry.text.strip_prefix(typed)?;
    (!rest.is_empty()).then(|| rest.to_owned())
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Overlay::Palette(palette)) = model.overlays.last() else { return Vec::new() };
    let entries = entries(model, palette);
    let last = entries.len().saturating_sub(1);
    let cursor = palette.cursor.min(last);
    let chosen = entries.into_iter().nth(cursor);
    match action {
        Action::Down => move_to(model, (cursor + 1).min(last)),
        Action::Up => move_to(model, cursor.saturating_sub(1)),
        Action::Complete => complete(model, chosen.as_ref()),
        Action::CommandBefore => recall(model, true),
        Action::CommandAfter => recall(model, false),
        Action::Accept => return accept(model, chosen),
        _ => drop(model.overlays.pop()),
    }
    Vec::new()
}

fn palette_mut(model: &mut Model) -> Option<&mut Palette> {
    match model.overlays.last_mut() {
        Some(Overlay::Palette(palette)) => Some(palette),
        _ => None,
    }
}

fn move_to(model: &mut Model, cursor: usize) {
    if let Some(palette) = palette_mut(model) {
        palette.cursor = cursor;
    }
}

/// Writes what is chosen into the line; behind an action that can be given something, a blank.
fn complete(model: &mut Model, chosen: Option<&Entry>) {
    let Some((binding, entry)) = chosen else { return };
    let is_to_be_given = entry.word.is_none() && argument::of(binding.action).is_some();
    let text = format!("{}{}", entry.text, if is_to_be_given { " " } else { "" });
    if let Some(palette) = palette_mut(model) {
        (palette.line, palette.cursor, palette.recalled) = (InputLine::new(&text), 0, None);
    }
}

/// Brings a former command back into the line.
fn recall(model: &mut Model, is_before: bool) {
    let count = model.commands.len();
    let Some(Overlay::Palette(palette)) = model.overlays.last() else { return };
    let place = match (palette.recalled, is_before) {
        (None, false) => return,
        (None, true) => Some(0),
        (Some(place), true) => Some((place + 1).min(count.saturating_sub(1))),
        (Some(place), false) => place.checked_sub(1),
    };
    let text = place.and_then(|place| model.commands.get(count.checked_sub(place + 1)?)).cloned().unwrap_or_default();
    if let Some(palette) = palette_mut(model) {
        (palette.line, palette.cursor, palette.recalled) = (InputLine::new(&text), 0, place.filter(|_| count > 0));
    }
}

fn accept(model: &mut Model, chosen: Option<Entry>) -> Vec<Effect> {
    let Some(Overlay::Palette(palette)) = model.overlays.last() else { return Vec::new() };
    let typed = palette.line.text().to_owned();
    if let Some((binding, argument, typed)) = given(&model.keymap, palette, &typed) {
        let typed = typed.trim();
        let as_typed = || (argument.is_free && !typed.is_empty()).then(|| typed.to_owned());
        return match chosen.and_then(|(_, entry)| entry.word).or_else(as_typed) {
            Some(word) => run_with(model, binding, &argument, &word),
            None if typed.is_empty() && !argument.is_needed => run(model, binding),
            // Nothing there is fits what is typed.
            None => Vec::new(),
        };
    }
    match chosen {
        None => {
            model.overlays.pop();
            Vec::new()
        }
        Some(entry) if argument::of(entry.0.action).is_some_and(|argument| argument.is_needed) => {
            complete(model, Some(&entry));
            Vec::new()
        }
        Some((binding, _)) => run(model, binding),
    }
}

fn run(model: &mut Model, binding: &'static Binding) -> Vec<Effect> {
    model.overlays.pop();
    keep(model, binding.action.name().to_owned());
    super::act::perform(model, binding)
}

fn run_with(model: &mut Model, binding: &'static Binding, argument: &Argument, word: &str) -> Vec<Effect> {
    model.overlays.pop();
    keep(model, format!("{} {word}", binding.action.name()));
    let done = super::act::enabled(model, binding).and_then(|()| (argument.run)(model, word));
    done.unwrap_or_else(|reason| {
        toast(model, ToastTone::Warn, reason);
        Vec::new()
    })
}

fn keep(model: &mut Model, command: String) {
    model.commands.retain(|known| *known != command);
    model.commands.push(command);
    let surplus = model.commands.len().saturating_sub(COMMANDS_MAX);
    model.commands.drain(..surplus);
}
