//! Which key does what: one table for dispatch, footer, help, palette and the user's changes.

mod action;
mod binding;
mod key;
mod overrides;
mod table;

pub(in crate::tui) use action::Action;
pub(in crate::tui) use binding::{Binding, Context, Danger, Group};
pub(in crate::tui) use key::{keys_text, parse_keys};
pub use overrides::KeymapError;

use crokey::KeyCombination;

/// The bindings in force: the table with the user's changes.
#[derive(Clone, Debug)]
pub struct Keymap {
    bindings: Vec<Bound>,
}

/// A binding with the keys that lead to it now.
#[derive(Clone, Debug)]
pub(in crate::tui) struct Bound {
    /// The row of the table.
    pub(in crate::tui) binding: &'static Binding,
    /// Each is a key or a chord.
    pub(in crate::tui) keys: Vec<Vec<KeyCombination>>,
}

/// What a sequence of keys means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum Lookup {
    /// This.
    Found(&'static Binding),
    /// It is the beginning of a chord.
    Prefix,
    /// Nothing.
    Unbound,
}

impl Default for Keymap {
    fn default() -> Self {
        let bound = |binding: &'static Binding| {
            let keys = binding.keys.iter().filter_map(|keys| parse_keys(keys).ok()).collect();
            Bound { binding, keys }
        };
        Self { bindings: table::bindings().map(bound).collect() }
    }
}

impl Keymap {
    /// What `keys` mean where `contexts` apply, the innermost first. A complete chord of an outer context does not hide
    /// one that begins in an inner.
    pub(in crate::tui) fn look_up(&self, contexts: &[Context], keys: &[KeyCombination]) -> Lookup {
        for context in contexts {
            let here = || self.bindings.iter().filter(|bound| bound.binding.context == *context);
            if let Some(found) = here().find(|bound| bound.keys.iter().any(|bound| bound == keys)) {
                return Lookup::Found(found.binding);
            }
            if here().any(|bound| bound.keys.iter().any(|bound| bound.len() > keys.len() && bound.starts_with(keys))) {
                return Lookup::Prefix;
            }
        }
        Lookup::Unbound
    }

    /// The bindings of `contexts`, in the table's order, the innermost context first.
    pub(in crate::tui) fn within<'a>(&'a self, contexts: &'a [Context]) -> impl Iterator<Item = &'a Bound> {
        contexts.iter().flat_map(|context| self.bindings.iter().filter(move |bound| bound.binding.context == *context))
    }

    /// How an action that can be done everywhere is called for; nothing when its keys were taken away.
    pub(in crate::tui) fn key_of(&self, action: Action) -> Option<String> {
        let everywhere = [Context::Everywhere];
        let bound = self.within(&everywhere).find(|bound| bound.binding.action == action);
        bound.and_then(|bound| bound.keys.first()).map(|keys| keys_text(keys))
    }

    /// Every binding.
    #[cfg(test)]
    pub(in crate::tui) fn all(&self) -> &[Bound] {
        &self.bindings
    }

    /// How chords that begin with `keys` go on.
    pub(in crate::tui) fn continuations<'a>(
        &'a self,
        contexts: &'a [Context],
        keys: &'a [KeyCombination],
    ) -> impl Iterator<Item = (&'a [KeyCombination], &'static Binding)> {
        self.within(contexts).flat_map(move |bound| {
            let rest = bound.keys.iter().filter_map(move |whole| whole.strip_prefix(keys));
            rest.filter(|rest| !rest.is_empty()).map(|rest| (rest, bound.binding))
        })
    }
}

/// The names of all keys of the table, and letters for lines that are typed.
#[cfg(test)]
pub(in crate::tui) fn key_names() -> Vec<String> {
    let letters = ('a'..='z').map(|letter| letter.to_string());
    table::bindings().flat_map(|binding| binding.keys.iter().map(|keys| (*keys).to_owned())).chain(letters).collect()
}

#[cfg(test)]
mod tests;
