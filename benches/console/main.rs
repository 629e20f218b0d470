//! What a key press and a snapshot cost the console, with 10,000 topics of 20 partitions each.
//!
//! `cargo bench --bench console` prints, for each page, the time from news to bytes (update and draw): median, 99th
//! percentile and worst, and the most bytes a terminal of 120 columns and 36 rows would get for it. A frame at 60 Hz is
//! 16 ms. `cargo bench --bench console -- live` measures only the pages with that in their names.
//!
//! A new page is a row in [`PAGES`].

#![allow(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod editor;
mod flows;
mod mirror;

use std::time::{Duration, Instant};

use kmirror::tui::Rehearsal;

use mirror::{Mirror, PARTITIONS, TOPICS, answer};

const SIZE: (u16, u16) = (120, 36);
const ROUNDS: usize = 100;

/// What is looked at, and the keys that lead there.
const PAGES: &[(&str, &str)] = &[
    ("flows", "1"),
    ("topics", "2"),
    ("editor", "1 e"),
    ("editor, all topics", "1 e p"),
    ("live", "1 enter"),
    ("live, one topic's partitions", "1 enter enter"),
    ("offsets", "1 o"),
    ("logs", "6"),
    ("clusters", "7"),
];

/// What is done there: its name, the keys before that do not count, and those that do.
const STEPS: &[(&str, &str, &str)] = &[
    ("the cursor down", "", "j"),
    ("a page down", "", "pgdn"),
    ("the last row", "g g", "G"),
    ("another order", "", "s"),
    ("problems only", "", "!"),
];

fn main() {
    // cargo itself passes `--bench`.
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with("--")).unwrap_or_default();
    let mut mirror = Mirror::new();
    println!("{TOPICS} topics x {PARTITIONS} partitions, {SIZE:?}, {ROUNDS} rounds: ms from news to bytes");
    println!("{:<54} {:>8} {:>8} {:>8} {:>8}", "", "median", "p99", "worst", "bytes");
    if "flow preview".contains(&wanted) {
        let mut editor = editor::Editor::new(TOPICS);
        measure("flow preview", "a letter of a rule", || (editor.type_a_letter(), 0));
    }
    for (page, keys) in PAGES.iter().filter(|(page, _)| page.contains(&wanted)) {
        look_at(page, keys, &mut mirror);
    }
}

fn look_at(page: &str, keys: &str, mirror: &mut Mirror) {
    let mut console = Rehearsal::new(SIZE, answer);
    // So that histories have something in them.
    (0..20).for_each(|_| console.show(mirror.next()));
    console.press(keys);
    console.draw();
    measure(page, "a snapshot", || {
        let snapshot = mirror.next();
        timed(&mut console, |console| console.show(snapshot))
    });
    for (what, before, keys) in STEPS {
        measure(page, what, || {
            console.press(before);
            console.draw();
            timed(&mut console, |console| console.press(keys))
        });
    }
    if page == "editor" {
        return rule(page, keys, mirror);
    }
    if page == "offsets" {
        console.press("esc g g");
        let mut edits = ["e", "l"].into_iter().cycle();
        let mut edit = || edits.next().unwrap_or("e");
        measure(page, "an edit", || timed(&mut console, |console| console.press(edit())));
    }
    console.press("/");
    let mut letters = "t o p i c".split(' ').cycle();
    measure(page, "a letter of the filter", || {
        let letter = letters.next().unwrap_or("t");
        if letter == "t" {
            console.press("^u");
            console.draw();
        }
        timed(&mut console, |console| console.press(letter))
    });
}

/// What a letter of a rule costs until all topics are judged again and drawn: who types sees it within a frame.
fn rule(page: &str, keys: &str, mirror: &mut Mirror) {
    let mut console = Rehearsal::new(SIZE, answer);
    console.show(mirror.next());
    console.press(keys);
    console.press("enter");
    console.draw();
    let mut letters = "t o p i c . 0 0 . *".split(' ').cycle();
    measure(page, "a letter of a rule, all judged anew", || {
        let letter = letters.next().unwrap_or("t");
        if letter == "t" {
            console.press("^u");
            console.draw();
        }
        timed(&mut console, |console| console.press(letter))
    });
}

/// How long it takes from news to bytes, and how many those are.
fn timed(console: &mut Rehearsal, news: impl FnOnce(&mut Rehearsal)) -> (Duration, usize) {
    let started = Instant::now();
    news(console);
    let bytes = console.draw();
    (started.elapsed(), bytes)
}

fn measure(page: &str, what: &str, round: impl FnMut() -> (Duration, usize)) {
    let mut rounds: Vec<(Duration, usize)> = std::iter::repeat_with(round).take(ROUNDS).collect();
    rounds.sort();
    let at = |share: f64| rounds[((ROUNDS - 1) as f64 * share) as usize].0.as_secs_f64() * 1_000.0;
    let bytes = rounds.iter().map(|(_, bytes)| *bytes).max().unwrap_or(0);
    let what = format!("{page}: {what}");
    println!("{what:<54} {:>8.2} {:>8.2} {:>8.2} {bytes:>8}", at(0.5), at(0.99), at(1.0));
}
