//! What an operator does from end to end, by keys alone: a flow is made, limited, started, exported and left to go on
//! without the console.

use std::fs;

use anyhow::{Context as _, Result, ensure};

use super::offsets::{require_committed, require_ranges};
use super::pair::{COPY_MAX, Pair, SOON, require_code, tail};
use crate::rig::cluster::{shared, unique};
use crate::rig::corpus::Bulk;
use crate::rig::kmirror::Home;
use crate::rig::scenario::Scenario;
use crate::rig::version::{V3_9, V4_3};
use crate::rig::wait::wait_until_true;
use crate::rig::wire::Isolation;
use crate::terminal::{Setup, Terminal};

pub(super) const SCENARIOS: &[Scenario] =
    &[Scenario::live("console/a_flow_is_built_limited_run_exported_and_goes_on_headless", journey)];

/// What the user has written beside the clusters: nobody else touches it.
const COMMENT: &str = "# Where it goes to: ask Kim first.\n";

/// The first record of partition 2 that is young enough.
const YOUNG: usize = 5_000;

fn journey() -> Result<String> {
    let (source, target, topic) = (shared(&V3_9)?, shared(&V4_3)?, unique("journey"));
    source.create_topic(&topic, 3, &[])?;
    Bulk::new(36_000, 200).write(source, &topic)?;
    let mut pair = Pair::new(source, target, &topic, "")?;
    pair.group = "kmirror.journey".into();
    // No flow yet, and in an order that makes the one that is proposed go the wrong way.
    let [a, b] = [target, source].map(|broker| format!("bootstrap_servers = \"{}\"\n", broker.address()));
    let config = format!("{COMMENT}[clusters.a]\n{a}[clusters.b]\n{b}");
    pair.home.write_config(&config)?;
    let path = pair.home.config();
    let path = path.to_str().context("a path")?;

    let mut terminal = Terminal::start(&Setup { arguments: &["-c", path], ..Setup::default() });
    build(&mut terminal, &pair, &topic);
    let saved = fs::read_to_string(path)?;
    ensure!(saved.starts_with(&config) && saved.contains("[flows.journey]"), "{saved}");
    limit(&mut terminal, &pair, &topic)?;
    run(&mut terminal, &pair, &topic)?;
    let exported = export(&mut terminal, &pair)?;
    require_committed(&pair, &topic, &[(0, 12_000), (1, 12_000), (2, 12_000)])?;
    require_arrived(&pair, &topic, 12_000)?;

    // Somewhere else, with nothing but the file.
    Bulk { first: 36_000, ..Bulk::new(900, 200) }.write(source, &topic)?;
    let headless = Home::new(&exported)?;
    let done = headless.run(&["run", "-c", "{config}", "--until-caught-up"], COPY_MAX)?;
    require_code(&done, 0)?;
    require_arrived(&pair, &topic, 12_300).with_context(|| tail(&done))?;
    Ok(format!("target={}", pair.n_on_target(&topic)?))
}

/// A flow from b to a with the topic in it.
fn build(terminal: &mut Terminal, pair: &Pair<'_>, topic: &str) {
    terminal.wait_for(&["No flow is configured", "a makes one"]);
    terminal.press("a");
    terminal.wait_for(&["New flow", "a-to-b"]);
    terminal.press("\r\x15journey\r");
    terminal.wait_for(&["editor › journey *"]);
    terminal.press("\t ");
    terminal.wait_for(&[&format!("source    b  {}", pair.source.address())]);
    terminal.press("\t ");
    terminal.wait_for(&[&format!("target    a  {}", pair.target.address())]);
    terminal.press(&format!("a{topic}"));
    terminal.wait_for(&["+ 1 mirrored", "create 3p"]);
    terminal.press("\r");
    terminal.press("\x13");
    terminal.wait_for(&["Save flow journey", "enter saves it"]);
    terminal.press("\r");
    terminal.wait_for(&["flow journey is saved in"]);
}

/// The last 10,000 records of two partitions, and a time for the third.
fn limit(terminal: &mut Terminal, pair: &Pair<'_>, topic: &str) -> Result<()> {
    let written = pair.source.client().read(topic, 2, Isolation::ReadCommitted)?;
    let at = written[YOUNG].timestamp;
    let is_split = written.iter().enumerate().all(|(place, record)| (record.timestamp >= at) == (place >= YOUNG));
    ensure!(is_split, "the time must split the partition");
    let at = jiff::Timestamp::from_millisecond(at)?;
    terminal.press("1");
    terminal.wait_for(&["journey", "stopped"]);
    terminal.press("o");
    terminal.wait_for(&["flow is stopped", "has no progress: it begins at earliest"]);
    terminal.press("n10000\r");
    terminal.wait_for(&["1 edit staged", "copies 10,000 of 12,000 records"]);
    terminal.press("jn10000\r");
    terminal.wait_for(&["2 edits staged", "copies 10,000 of 12,000 records"]);
    terminal.press(&format!("jt\x15{at}\r"));
    terminal.wait_for(&["3 edits staged", "copies 7,000 of 12,000 records"]);
    terminal.press("\x13");
    terminal.wait_for(&["What that does", "copies 27,000 records", "enter set them"]);
    terminal.press("\r");
    terminal.wait_for(&["Set 3 positions of journey?"]);
    terminal.press("y");
    terminal.wait_for(&["3 positions of journey set; the old ones are in"]);
    terminal.wait_for(&["goes on at its checkpoint 5,000"]);
    require_committed(pair, topic, &[(0, 2_000), (1, 2_000), (2, 5_000)])
}

/// Until all of it is there.
fn run(terminal: &mut Terminal, pair: &Pair<'_>, topic: &str) -> Result<()> {
    terminal.press("1r");
    wait_until_true("the chosen records", SOON, || Ok(pair.n_on_target(topic)? >= 27_000))?;
    terminal.wait_for(&["caught up", "copied     27.0k records"]);
    require_arrived(pair, topic, 12_000)
}

/// Writes the flow to a file of its own, and leaves. Returns what is in that file.
fn export(terminal: &mut Terminal, pair: &Pair<'_>) -> Result<String> {
    terminal.press("x");
    terminal.wait_for(&["Export for headless mode", "(*) flow journey", "round trip: reads back equal"]);
    terminal.press("w");
    terminal.wait_for(&["exported to"]);
    terminal.press("q");
    terminal.wait_for(&["Leave kmirror?"]);
    terminal.press("y");
    ensure!(terminal.wait_for_end() == 0, "{}", terminal.screen());
    let exported = fs::read_to_string(pair.home.path().join("journey.toml"))?;
    ensure!(exported.contains(COMMENT) && exported.contains("[flows.journey]"), "{exported}");
    Ok(exported)
}

/// Of every partition just what was chosen, to the end, in order and once.
fn require_arrived(pair: &Pair<'_>, topic: &str, end: i64) -> Result<()> {
    for (partition, first) in [(0, 2_000), (1, 2_000), (2, YOUNG as i64)] {
        require_ranges(pair, topic, partition, &[(first, end)])?;
    }
    Ok(())
}
