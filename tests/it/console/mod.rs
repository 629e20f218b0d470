//! The console as its users have it: the real binary in a terminal.

mod editor;
mod offsets;
mod slow;

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::wait_until;
use crate::terminal::{Setup, Terminal};

/// How long a change of a file may take to be seen.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the console sends first and last.
const ENTER: &[u8] = b"\x1b[?1049h";
const LEAVE: &[u8] = b"\x1b[?1049l";
/// The beginning of a frame.
const FRAME: &[u8] = b"\x1b[?2026h";
/// Two clusters nobody is at home in, and a flow that waits for a key.
const NOBODY: &str = r#"
[clusters.a]
bootstrap_servers = "127.0.0.1:1"
env = "prod"
[clusters.b]
bootstrap_servers = "127.0.0.1:2"
[flows.orders]
source = "a"
target = "b"
include = ["orders"]
autostart = false
"#;

fn occurrences(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes.windows(wanted.len()).filter(|window| *window == wanted).count()
}

/// A console over a configuration whose flow does not run.
fn idle(variables: &[(&str, &str)], arguments: &[&str]) -> Terminal {
    let files = [("config/kmirror/kmirror.toml", NOBODY)];
    let terminal = Terminal::start(&Setup { size: (80, 24), variables, arguments, files: &files, ..Setup::default() });
    terminal.wait_for(&["1 Flows", "orders", "stopped"]);
    terminal
}

#[track_caller]
fn assert_restored(terminal: &Terminal) {
    assert!(!terminal.is_on_other_screen() && !terminal.is_cursor_hidden(), "{}", terminal.screen());
    assert!(terminal.is_cooked(), "the terminal is still raw");
    let shown = terminal.shown();
    assert_eq!(occurrences(&shown.bytes, ENTER), occurrences(&shown.bytes, LEAVE));
}

#[test]
fn a_theme_is_shown_as_it_is_saved_and_a_broken_one_is_told() {
    let theme =
        |color: &str| format!("appearance = \"dark\"\ninherit = \"default-dark\"\n[roles]\ntext = \"{color}\"\n");
    let name = "config/kmirror/themes/mine.toml";
    let first = theme("#0a0b0c");
    let files = [("config/kmirror/kmirror.toml", NOBODY), (name, first.as_str())];
    let arguments = ["--theme", "mine"];
    let terminal = Terminal::start(&Setup { size: (80, 24), arguments: &arguments, files: &files, ..Setup::default() });
    terminal.wait_for(&["1 Flows", "orders", "stopped"]);
    let is_drawn_in = |color: &[u8]| occurrences(&terminal.shown().bytes, color) > 0;
    assert!(is_drawn_in(b"38;2;10;11;12"), "{}", terminal.screen());
    terminal.home().write(name, &theme("#0d0e0f"));
    wait_until("the new colour", PATIENCE, || is_drawn_in(b"38;2;13;14;15").then_some(()));
    terminal.home().write(name, "[roles\n");
    terminal.wait_for(&["failed to", "mine"]);
    // What is drawn from now on is drawn as before.
    terminal.shown().bytes.clear();
    terminal.resize((100, 30));
    wait_until("the old colour", PATIENCE, || is_drawn_in(b"38;2;13;14;15").then_some(()));
}

#[test]
fn the_demo_is_shown_and_left_in_order() {
    let mut terminal = Terminal::kmirror(&["demo"]);
    terminal.wait_for(&["kmirror", "1 Flows", "demo-east", "caught up"]);
    assert!(terminal.is_on_other_screen() && terminal.is_cursor_hidden());
    terminal.press("2");
    terminal.wait_for(&["orders.created", "clickstream"]);
    terminal.press("q");
    terminal.wait_for(&["Leave kmirror?"]);
    terminal.press("y");
    assert_eq!(terminal.wait_for_end(), 0, "{}", terminal.screen());
    assert_restored(&terminal);
    assert!(terminal.screen().contains("demo: stopped"), "{}", terminal.screen());
}

#[test]
fn without_a_configuration_there_is_a_console_too() {
    let mut terminal = Terminal::kmirror(&[]);
    terminal.wait_for(&["There is no configuration yet"]);
    terminal.press("q");
    assert_eq!(terminal.wait_for_end(), 0);
    assert_restored(&terminal);
}

#[test]
fn two_addresses_are_enough() {
    let addresses = ["--source", "127.0.0.1:1", "--target", "127.0.0.1:2", "--include", "orders"];
    let mut terminal = Terminal::kmirror(&addresses);
    terminal.wait_for(&["adhoc", "stopped"]);
    terminal.press("q");
    assert_eq!(terminal.wait_for_end(), 0);
}

#[test]
fn an_idle_console_writes_nothing() {
    let mut terminal = idle(&[], &[]);
    // A second has several turns of its clock and its data.
    terminal.wait_for_silence(Duration::from_millis(1_500));
    let before = terminal.shown().bytes.len();
    terminal.press("g");
    terminal.wait_for(&["g g first"]);
    let echo = terminal.shown().bytes.len() - before;
    assert!(echo <= 600, "{echo} bytes for a key");
    assert!(before <= 13_000, "{before} bytes until then");
}

#[test]
fn a_storm_of_sizes_ends_in_one_screen() {
    let mut terminal = idle(&[], &[]);
    let frames = |terminal: &Terminal| occurrences(&terminal.shown().bytes, FRAME);
    let before = frames(&terminal);
    for n in 0..60 {
        terminal.resize((40 + n * 2, 10 + n / 2));
    }
    terminal.resize((100, 30));
    terminal.press("?");
    terminal.wait_for(&["Keys", "start the flow, or let it go on"]);
    terminal.wait_for_silence(Duration::from_millis(500));
    let screen = terminal.screen();
    assert!(screen.lines().any(|line| line.contains("? help") || line.contains("esc close")), "{screen}");
    assert!(frames(&terminal) - before < 40, "{} frames", frames(&terminal) - before);
    // Together they would be alt-q.
    terminal.press("\x1b");
    terminal.wait_for(&["? help"]);
    terminal.press("q");
    assert_eq!(terminal.wait_for_end(), 0);
}

#[test]
fn signals_end_it_in_order() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let mut terminal = idle(&[], &[]);
        terminal.signal(signal);
        assert_eq!(terminal.wait_for_end(), 0, "{signal:?}");
        assert_restored(&terminal);
    }
}

#[test]
fn flows_are_stopped_when_the_terminal_is_gone() {
    let mut terminal = Terminal::kmirror(&["demo"]);
    terminal.wait_for(&["caught up"]);
    terminal.hang_up();
    let asked = Instant::now();
    assert_eq!(terminal.wait_for_end(), 0);
    assert!(asked.elapsed() < Duration::from_secs(20), "{:?}", asked.elapsed());
    let log = terminal.home().logs();
    assert!(log.contains("the console closes") && log.contains("kmirror ends"), "{log}");
}

#[test]
fn a_shell_can_have_the_terminal_for_a_while() {
    let files = [("config/kmirror/kmirror.toml", NOBODY)];
    let setup = Setup { program: "sh", arguments: &["-i"], size: (80, 24), files: &files, ..Setup::default() };
    let mut terminal = Terminal::start(&setup);
    terminal.press(&format!("{}\n", env!("CARGO_BIN_EXE_kmirror")));
    terminal.wait_for(&["1 Flows", "stopped"]);
    terminal.press("\x1a");
    terminal.wait_for_shell();
    terminal.wait_for(&["Stopped"]);
    terminal.press("fg\n");
    terminal.wait_for(&["1 Flows", "orders"]);
    assert!(terminal.is_on_other_screen());
    terminal.press("q");
    terminal.wait_for_shell();
    terminal.press("exit\n");
    assert_eq!(terminal.wait_for_end(), 0);
}

#[test]
fn who_has_no_shell_stays() {
    let mut terminal = idle(&[], &[]);
    terminal.press("\x1a");
    terminal.wait_for(&["there is no shell to go back to"]);
}

#[test]
fn a_crash_gives_the_terminal_back_and_tells_where_more_is() {
    let mut terminal = idle(&[], &[]);
    // Only in builds for tests: see `runtime.rs`.
    terminal.press("\x1c");
    assert_ne!(terminal.wait_for_end(), 0);
    assert_restored(&terminal);
    let screen = terminal.screen();
    assert!(screen.contains("kmirror crashed") && screen.contains("kmirror.crash."), "{screen}");
    let report = terminal.home().read_first("state/kmirror", "kmirror.crash.");
    assert!(report.contains("on demand") && report.contains("backtrace") || report.contains("runtime"), "{report}");
}

#[test]
fn no_color_means_none() {
    let terminal = idle(&[("NO_COLOR", "1")], &[]);
    let written = || String::from_utf8_lossy(&terminal.shown().bytes).into_owned();
    wait_until("the row of the cursor", PATIENCE, || written().contains("\x1b[7m").then_some(()));
    let text = written();
    let sgr = regex::Regex::new("\x1b\\[([0-9;:]*)m").expect("a pattern");
    let colors: Vec<&str> = sgr
        .captures_iter(&text)
        .filter_map(|found| found.get(1))
        .map(|codes| codes.as_str())
        .filter(|codes| codes.split(';').any(|code| matches!(code, "" | "38" | "48")) || is_color(codes))
        .collect();
    assert_eq!(colors, Vec::<&str>::new());
}

fn is_color(codes: &str) -> bool {
    codes
        .split(';')
        .filter_map(|code| code.parse::<u8>().ok())
        .any(|code| matches!(code, 30..=37 | 40..=47 | 90..=97 | 100..=107))
}

#[test]
fn who_may_only_look_starts_nothing() {
    let mut terminal = idle(&[], &["--read-only"]);
    terminal.wait_for(&["READ-ONLY"]);
    terminal.press("r");
    terminal.wait_for(&["this console may only look"]);
}

#[test]
fn production_is_seen_and_wants_its_name_typed() {
    let mut terminal = idle(&[], &[]);
    terminal.wait_for(&["PROD"]);
    terminal.press("r");
    terminal.wait_for(&["Start flow orders?", "PRODUCTION"]);
    terminal.press("n");
    terminal.press("q");
    assert_eq!(terminal.wait_for_end(), 0);
}

#[test]
fn a_keymap_is_used_and_its_mistakes_are_told() {
    let with = |keymap: &str| format!("{NOBODY}[keymap]\n{keymap}\n");
    let good = with("themes = \"X\"");
    let files = [("config/kmirror/kmirror.toml", good.as_str())];
    let mut terminal = Terminal::start(&Setup { files: &files, ..Setup::default() });
    terminal.wait_for(&["stopped"]);
    terminal.press("X");
    terminal.wait_for(&["gruvbox", "tokyonight"]);
    let bad = with("start = \"S\"\nthemse = \"X\"");
    let files = [("config/kmirror/kmirror.toml", bad.as_str())];
    let mut terminal = Terminal::start(&Setup { files: &files, ..Setup::default() });
    assert_eq!(terminal.wait_for_end(), 2);
    let screen = terminal.screen();
    assert!(screen.contains("did you mean `themes`?") && screen.contains("both `start` and `stop`"), "{screen}");
}
