//! The console over a line that delays everything by 200 ms and lets little through: what is typed takes effect in its
//! order, and screens nobody would have seen are not sent.

use std::fmt::Write;
use std::time::Duration;

use super::{FRAME, assert_restored, occurrences};
use crate::terminal::{Link, Setup, Terminal};

const FLOWS: usize = 40;
const LINK: Link = Link { delay: Duration::from_millis(200), bytes_per_second: 4_000, keys_per_second: 120 };
/// Longer than anything is under way.
const QUIET: Duration = Duration::from_millis(1_500);

/// A console over many flows that do not run.
fn far_away() -> Terminal {
    let mut configuration = String::from(
        "[clusters.a]\nbootstrap_servers = \"127.0.0.1:1\"\n[clusters.b]\nbootstrap_servers = \"127.0.0.1:2\"\n",
    );
    for number in 0..FLOWS {
        let flow = format!("[flows.flow-{number:02}]\nsource = \"a\"\ntarget = \"b\"\ninclude = [\"t{number:02}\"]");
        writeln!(configuration, "{flow}\nautostart = false").expect("text");
    }
    let files = [("config/kmirror/kmirror.toml", configuration.as_str())];
    let terminal = Terminal::start(&Setup { size: (80, 24), files: &files, link: Some(LINK), ..Setup::default() });
    terminal.wait_for(&["1 Flows", "flow-00", "? help"]);
    terminal.wait_for_silence(QUIET);
    terminal
}

fn frames(terminal: &Terminal) -> usize {
    occurrences(&terminal.shown().bytes, FRAME)
}

fn leave(mut terminal: Terminal) {
    terminal.press("q");
    assert_eq!(terminal.wait_for_end(), 0, "{}", terminal.screen());
    terminal.wait_for_shell();
    assert_restored(&terminal);
}

#[test]
fn a_key_that_is_held_does_not_pile_up_screens() {
    let mut terminal = far_away();
    let before = frames(&terminal);
    for key in ["j", "k"] {
        (0..FLOWS + 5).for_each(|_| terminal.press(key));
    }
    // Arrows, of which the line may let through one byte at a time.
    (0..7).for_each(|_| terminal.press("\x1b[B"));
    terminal.press("\r");
    terminal.wait_for(&["live", "flow-07"]);
    let keys = 2 * (FLOWS + 5) + 8;
    let sent = frames(&terminal) - before;
    assert!(sent < keys * 2 / 3, "{sent} screens for {keys} keys");
    assert!(!terminal.screen().contains("nowhere else"), "an arrow was taken for escape and a bracket");
    leave(terminal);
}

#[test]
fn a_filter_that_is_typed_blindly_is_what_was_typed() {
    let mut terminal = far_away();
    for key in ["/", "f", "l", "o", "w", "-", "3", "7", "\x7f", "8", "\x1b[A", "\x1b[B", "\r"] {
        terminal.press(key);
    }
    terminal.wait_for(&["1 of 40", "flow-38"]);
    terminal.wait_for_silence(QUIET);
    let screen = terminal.screen();
    assert!(!screen.contains("flow-37") && !screen.contains("flow-00"), "{screen}");
    terminal.press("\x1b");
    terminal.wait_for(&["flow-37"]);
    leave(terminal);
}

#[test]
fn a_storm_of_sizes_ends_in_one_screen_far_away_too() {
    let mut terminal = far_away();
    let before = frames(&terminal);
    for step in 0..60 {
        terminal.resize((60 + step, 12 + step / 3));
    }
    terminal.resize((100, 30));
    terminal.press("?");
    terminal.wait_for(&["Keys", "esc close"]);
    terminal.wait_for_silence(QUIET);
    let sent = frames(&terminal) - before;
    assert!(sent < 20, "{sent} screens for 61 sizes");
    terminal.press("\x1b");
    terminal.wait_for(&["? help", "flow-00"]);
    leave(terminal);
}
