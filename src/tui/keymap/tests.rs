//! The table: every key leads somewhere, to one place, and is told.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

fn overrides(pairs: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
    let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
    pairs.iter().map(|(action, texts)| ((*action).to_owned(), keys(texts))).collect()
}

fn errors(pairs: &[(&str, &[&str])]) -> Vec<String> {
    let errors = Keymap::with_overrides(&overrides(pairs)).map(|_| ()).expect_err("wrong");
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn every_key_of_the_table_can_be_read() {
    for binding in table::bindings() {
        for keys in binding.keys {
            assert!(parse_keys(keys).is_ok(), "{keys} of {:?}", binding.action);
        }
        assert!(!binding.label.is_empty() && !binding.hint.is_empty(), "{:?}", binding.action);
    }
}

#[test]
fn no_key_does_two_things_in_one_place() {
    assert_eq!(Keymap::default().conflicts(), []);
}

#[test]
fn every_binding_is_reached_by_each_of_its_keys() {
    let keymap = Keymap::default();
    for bound in keymap.all() {
        for keys in &bound.keys {
            let found = keymap.look_up(&[bound.binding.context], keys);
            let action = match found {
                Lookup::Found(binding) => binding.action,
                other => panic!("{}: {other:?}", keys_text(keys)),
            };
            assert_eq!(action, bound.binding.action, "{}", keys_text(keys));
        }
    }
}

#[test]
fn every_action_has_a_binding_and_a_name_of_its_own() {
    let bound: BTreeSet<Action> = table::bindings().map(|binding| binding.action).collect();
    let unbound: Vec<&Action> = Action::ALL.iter().filter(|action| !bound.contains(action)).collect();
    assert_eq!(unbound, Vec::<&Action>::new());
    let names: BTreeSet<&str> = Action::ALL.iter().map(|action| action.name()).collect();
    assert_eq!(names.len(), Action::ALL.len());
    assert!(Action::ALL.iter().all(|action| Action::named(action.name()) == Some(*action)));
}

#[test]
fn letters_that_follow_an_escape_are_harmless() {
    // A slow line may cut the sequence of an arrow key: its letters arrive as keys of their own.
    for binding in table::bindings() {
        let is_loose =
            binding.keys.iter().any(|key| matches!(*key, "[" | "O" | "A" | "B" | "C" | "D" | "H" | "F" | "~"));
        assert!(!(is_loose && binding.danger.is_mutating()), "{:?}", binding.action);
    }
}

#[test]
fn terminals_send_these_keys() {
    // Ctrl-H is backspace, Ctrl-I tab, Ctrl-M enter; Alt is escape and a letter.
    for binding in table::bindings() {
        for keys in binding.keys {
            assert!(!["^h", "^i", "^m", "ctrl-h", "ctrl-i", "ctrl-m"].contains(keys), "{keys}");
            assert!(!keys.contains("alt-"), "{keys}");
        }
    }
}

#[test]
fn inner_contexts_hide_outer_ones_and_chords_wait() {
    let keymap = Keymap::default();
    let contexts = [Context::Flows, Context::List, Context::Everywhere];
    let look_up = |keys: &str| match keymap.look_up(&contexts, &parse_keys(keys).expect("keys")) {
        Lookup::Found(binding) => binding.action.name(),
        Lookup::Prefix => "...",
        Lookup::Unbound => "-",
    };
    assert_eq!((look_up("g"), look_up("g g"), look_up("g x")), ("...", "first", "-"));
    assert_eq!((look_up("S"), look_up("?")), ("stop", "help"));
    let g = parse_keys("g").expect("key");
    let goes_on: Vec<String> = keymap.continuations(&contexts, &g).map(|(rest, _)| keys_text(rest)).collect();
    assert_eq!(goes_on, ["g"]);
}

#[test]
fn users_change_keys_by_action() {
    let keymap =
        Keymap::with_overrides(&overrides(&[("stop", &["ctrl-x"]), ("first", &["g f", "home"])])).expect("valid");
    let contexts = [Context::Flows, Context::List];
    let action = |keys: &str| match keymap.look_up(&contexts, &parse_keys(keys).expect("keys")) {
        Lookup::Found(binding) => Some(binding.action),
        _ => None,
    };
    assert_eq!((action("^x"), action("S")), (Some(Action::Stop), None));
    assert_eq!((action("g f"), action("g g")), (Some(Action::First), None));
    assert!(Keymap::with_overrides(&overrides(&[("mark", &[])])).is_ok(), "an action may be left to the palette");
}

#[test]
fn mistakes_in_a_keymap_are_told_all_at_once() {
    assert_eq!(
        errors(&[("stopp", &["x"]), ("pause", &["hyper-x"]), ("start", &["S"])]),
        [
            "bind keys to `pause`: `hyper-x` is no key; keys are written as q, S, ?, enter, space, f12 or ctrl-r",
            "bind keys to `stopp`: there is no such action; did you mean `stop`?",
            "bind `S`: it would be both `start` and `stop`; give one of them other keys in [keymap]",
        ]
    );
    assert_eq!(
        errors(&[("sort", &["g"])]),
        ["bind `g`: it would be both `first` and `sort`; give one of them other keys in [keymap]"]
    );
}
