//! Positions of a flow that runs, set in the console, and brought back.

use crate::terminal::Terminal;

/// Opens the positions of the topic with few partitions.
fn open(terminal: &mut Terminal) {
    terminal.wait_for(&["demo-east", "caught up"]);
    terminal.press("o");
    terminal.wait_for(&["Effect on the whole flow", "audit.log", "watermarks"]);
    terminal.press("f");
    terminal.wait_for(&["Effect on audit.log", "goes on at its checkpoint"]);
}

#[test]
fn positions_are_set_while_the_flow_runs_and_brought_back() {
    let mut terminal = Terminal::kmirror(&["demo"]);
    open(&mut terminal);
    // What lies beyond the end is refused while it is typed.
    terminal.press("=99,999,999\r");
    terminal.wait_for(&["is beyond the end of the log"]);
    terminal.press("\x1b");
    terminal.wait_for(&["earliest  l latest"]);
    terminal.press("e");
    terminal.wait_for(&["1 edit staged", "the oldest record there is", "the target has already"]);
    terminal.press("\x13");
    terminal.wait_for(&[
        "Review  1 positions of demo",
        "these partitions are paused, moved and resumed",
        "enter set them",
    ]);
    terminal.press("\r");
    terminal.wait_for(&["Set 1 position of demo?", "the target gets them twice"]);
    terminal.press("y");
    terminal.wait_for(&["1 position of demo set; the old ones are in"]);
    let saved = terminal.home().path().join("state/kmirror/exports");
    let files: Vec<_> = std::fs::read_dir(&saved).expect("the folder for exports").collect();
    assert_eq!(files.len(), 1, "{files:?}");
    // Staged again from there: its partition is elsewhere now, the others have gone on as well.
    terminal.press("b");
    terminal.wait_for(&["Saved positions of demo", ".offsets.toml"]);
    terminal.press("\r");
    terminal.wait_for(&["staged;", "edits staged"]);
    terminal.press("\x13");
    terminal.wait_for(&["audit.log/0", "enter set them"]);
    terminal.press("\r");
    terminal.wait_for(&["positions of demo?"]);
    terminal.press("y");
    terminal.wait_for(&["positions of demo set; the old ones are in", "none: every partition goes on where it is"]);
}
