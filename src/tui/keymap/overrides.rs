//! The user's keys: `[keymap]` of a configuration, by action.

use std::collections::BTreeMap;

use crokey::KeyCombination;
use thiserror::Error;

use super::{Action, Context, Keymap, keys_text, parse_keys};
use crate::config::nearest;

/// Why keys cannot be as a configuration has them. Reads well after "failed to".
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum KeymapError {
    /// No such action.
    #[error("bind keys to `{name}`: there is no such action{}", near(name))]
    Unknown {
        /// The name.
        name: String,
    },
    /// Not a key.
    #[error("bind keys to `{action}`: {problem}")]
    NoKey {
        /// The action's name.
        action: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// A key that does two things in one place.
    #[error("bind `{keys}`: it would be both `{first}` and `{second}`; give one of them other keys in [keymap]")]
    Conflict {
        /// The key or chord.
        keys: String,
        /// One action's name.
        first: &'static str,
        /// The other's.
        second: &'static str,
    },
}

fn near(name: &str) -> String {
    let names = Action::ALL.iter().map(|action| action.name());
    nearest(name, names).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}

impl Keymap {
    /// The table with other keys for some actions. No keys at all leave an action to the palette.
    ///
    /// # Errors
    /// With everything that is wrong.
    pub fn with_overrides(overrides: &BTreeMap<String, Vec<String>>) -> Result<Self, Vec<KeymapError>> {
        let mut keymap = Self::default();
        let mut errors = Vec::new();
        for (name, texts) in overrides {
            let Some(action) = Action::named(name) else {
                errors.push(KeymapError::Unknown { name: name.clone() });
                continue;
            };
            let no_key = |problem| KeymapError::NoKey { action: action.name(), problem };
            match texts.iter().map(|text| parse_keys(text)).collect::<Result<Vec<_>, _>>() {
                Ok(keys) => keymap.rebind(action, &keys),
                Err(problem) => errors.push(no_key(problem)),
            }
        }
        errors.extend(keymap.conflicts());
        if errors.is_empty() { Ok(keymap) } else { Err(errors) }
    }

    fn rebind(&mut self, action: Action, keys: &[Vec<KeyCombination>]) {
        for bound in self.bindings.iter_mut().filter(|bound| bound.binding.action == action) {
            bound.keys = keys.to_vec();
        }
    }

    /// Keys that do two things in one place, or that are the beginning of a chord there.
    pub(super) fn conflicts(&self) -> Vec<KeymapError> {
        let mut taken: Vec<(Context, &[KeyCombination], Action)> = Vec::new();
        let mut conflicts = Vec::new();
        for bound in &self.bindings {
            for keys in &bound.keys {
                let (context, action) = (bound.binding.context, bound.binding.action);
                let clash = taken.iter().find(|(other_context, other, other_action)| {
                    *other_context == context
                        && *other_action != action
                        && (other.starts_with(keys) || keys.starts_with(other))
                });
                if let Some((_, other, first)) = clash {
                    let shorter = if other.len() < keys.len() { other } else { keys.as_slice() };
                    let (first, second) = (first.name(), action.name());
                    let conflict = KeymapError::Conflict { keys: keys_text(shorter), first, second };
                    // Actions that are bound on several pages are told once.
                    if !conflicts.contains(&conflict) {
                        conflicts.push(conflict);
                    }
                }
                taken.push((context, keys, action));
            }
        }
        conflicts
    }
}
