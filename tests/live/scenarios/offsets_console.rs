//! Positions that are chosen in the console, on a flow that has never run and on one that runs: exactly these records
//! arrive.

use anyhow::{Context as _, Result};

use super::offsets::{require_committed, require_ranges, written};
use super::pair::SOON;
use crate::rig::scenario::Scenario;
use crate::rig::version::{V0_9, V4_3, Version};
use crate::rig::wait::wait_until_true;
use crate::terminal::{Setup, Terminal};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::live("offsets/chosen_in_the_console/0.9", || chosen(&V0_9)),
    Scenario::live("offsets/chosen_in_the_console/4.3", || chosen(&V4_3)),
];

/// Reviews what is staged, and sets it.
fn set(terminal: &mut Terminal, count: &str) {
    terminal.press("\x13");
    terminal.wait_for(&["What that does", "enter set them"]);
    terminal.press("\r");
    terminal.wait_for(&[&format!("Set {count} of f?")]);
    terminal.press("y");
    terminal.wait_for(&[&format!("{count} of f set; the old ones are in")]);
}

fn chosen(from: &'static Version) -> Result<String> {
    let (pair, topic) = written(from, "start = \"latest\"\nautostart = false\n")?;
    let config = pair.home.config();
    let config = config.to_str().context("a path")?;
    let mut terminal = Terminal::start(&Setup { arguments: &["-c", config], ..Setup::default() });
    terminal.wait_for(&["stopped"]);
    terminal.press("o");
    terminal.wait_for(&["flow is stopped", "has no progress: it begins at latest"]);
    // The last 50 of partition 0, from an offset on in partition 1, nothing of partition 2.
    terminal.press("n50\r");
    terminal.wait_for(&["1 edit staged", "50 records before the end"]);
    terminal.press("j=270\r");
    terminal.wait_for(&["2 edits staged", "copies 30 of 300 records"]);
    set(&mut terminal, "2 positions");
    require_committed(&pair, &topic, &[(0, 250), (1, 270), (2, 300)])?;
    terminal.press("1r");
    wait_until_true("the chosen records", SOON, || Ok(pair.n_on_target(&topic)? >= 80))?;
    terminal.wait_for(&["caught up"]);

    // Of a flow that runs: one partition goes back, the others stay.
    terminal.press("4");
    terminal.wait_for(&["flow is caught up", "goes on at its checkpoint 300"]);
    terminal.press("gg=100\r");
    terminal.wait_for(&["1 edit staged", "200 of them the target has already"]);
    set(&mut terminal, "1 position");
    wait_until_true("the records again", SOON, || Ok(pair.n_on_target(&topic)? >= 280))?;
    wait_until_true(
        "progress",
        SOON,
        || Ok(require_committed(&pair, &topic, &[(0, 300), (1, 300), (2, 300)]).is_ok()),
    )?;
    terminal.press("q");
    terminal.wait_for(&["Leave kmirror?"]);
    terminal.press("y");
    anyhow::ensure!(terminal.wait_for_end() == 0, "{}", terminal.screen());
    require_ranges(&pair, &topic, 0, &[(250, 300), (100, 300)])?;
    require_ranges(&pair, &topic, 1, &[(270, 300)])?;
    require_ranges(&pair, &topic, 2, &[])?;
    Ok(format!("target={}", pair.n_on_target(&topic)?))
}
