//! A flow is made in the demo, by keys alone: its rules are seen to match, it is saved, and it runs.

use crate::terminal::Terminal;

#[test]
fn a_flow_is_made_by_keys_and_runs() {
    let mut terminal = Terminal::kmirror(&["demo"]);
    terminal.wait_for(&["demo-east", "caught up"]);
    terminal.press("a");
    terminal.wait_for(&["New flow", "demo-east-to-demo-west"]);
    // Its name, in place of the one that was proposed.
    terminal.press("\r\x15mine\r");
    terminal.wait_for(&["editor › mine *"]);
    // A rule; what it nearly matches is seen while it is typed.
    terminal.press("ausers");
    terminal.wait_for(&["NEAR MISSES", "users.profiles", "+ 0 mirrored"]);
    terminal.press("\\.profiles");
    terminal.wait_for(&["+ 1 mirrored", "matched in"]);
    // The first version of a rule is wrong, and the last preview stays until it is right again.
    terminal.press("(");
    terminal.wait_for(&["as before the mistake", "^s blocked: 1 error"]);
    terminal.press("\x7f\r");
    terminal.wait_for(&["+ 1 mirrored", "matched in"]);
    terminal.press("\x13");
    terminal.wait_for(&["Save flow mine", "enter saves it"]);
    terminal.press("\r");
    terminal.wait_for(&["flow mine is taken over"]);
    terminal.press("r");
    terminal.press("1");
    terminal.wait_for(&["mine", "caught up"]);
    terminal.press("q");
    terminal.wait_for(&["Leave kmirror?"]);
    terminal.press("y");
    assert_eq!(terminal.wait_for_end(), 0, "{}", terminal.screen());
    assert!(terminal.screen().contains("mine: "), "{}", terminal.screen());
}
