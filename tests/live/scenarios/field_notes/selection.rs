//! `include` and `exclude`, at the start and changed later.

use anyhow::{Result, ensure};

use super::super::pair::{Pair, json_lines, summary};
use crate::rig::broker::Broker;
use crate::rig::cluster::{shared, unique};
use crate::rig::corpus::Bulk;
use crate::rig::scenario::Scenario;
use crate::rig::version::{V0_9, V3_9, V4_3, Version};

pub(in crate::scenarios) const SCENARIOS: &[Scenario] = &[
    Scenario::live("field/start_limited_by_regex/0.9", || widened_and_narrowed(&V0_9)),
    Scenario::live("field/start_limited_by_regex/3.9", || widened_and_narrowed(&V3_9)),
];

/// Only what matches; `exclude` wins; what a wider pattern adds comes from its beginning; what a narrower one leaves
/// out stands still, and goes on where it stood when it is back.
fn widened_and_narrowed(from: &'static Version) -> Result<String> {
    let (source, target, stem) = (shared(from)?, shared(&V4_3)?, unique("regex"));
    let topics @ [orders, carts, dead, users] =
        &["orders", "carts", "carts-dlq", "users"].map(|name| format!("{stem}.{name}"));
    let mut first = 0;
    let mut write_all = || -> Result<()> {
        for topic in topics {
            Bulk { first, ..Bulk::new(200, 200) }.write(source, topic)?;
        }
        first += 200;
        Ok(())
    };
    topics.iter().try_for_each(|topic| source.create_topic(topic, 2, &[]))?;
    write_all()?;
    let pattern = |rest: &str| format!(r"{}\.{rest}", stem.replace('.', r"\."));
    let exclude = "exclude = ['.*-dlq']\n";

    let pair = Pair::new(source, target, &pattern("(orders|carts.*)"), exclude)?;
    pair.catch_up()?;
    require(&pair, &[(orders, 200), (carts, 200), (dead, 0), (users, 0)])?;
    ensure!(target.client().topic(dead)?.is_none() && target.client().topic(users)?.is_none(), "topics were created");

    // Wider. What is new to the flow has all of its records copied, though the flow starts at latest by now.
    write_all()?;
    pair.reconfigure(&pattern(".*"), &format!("start = \"latest\"\n{exclude}"))?;
    pair.catch_up()?;
    require(&pair, &[(orders, 400), (carts, 400), (dead, 0), (users, 400)])?;

    // Narrower.
    write_all()?;
    pair.reconfigure(&pattern("orders"), exclude)?;
    let done = pair.catch_up()?;
    let lines = json_lines(&done.stdout)?;
    ensure!(!lines.iter().any(|line| line["topic"] == carts.as_str()), "a word about a topic that is not included");
    require(&pair, &[(orders, 600), (carts, 400), (dead, 0), (users, 400)])?;

    // And wide again, without the exclusion.
    pair.reconfigure(&pattern(".*"), "")?;
    let done = pair.catch_up()?;
    require(&pair, &[(orders, 600), (carts, 600), (dead, 600), (users, 600)])?;
    let moved = summary(&done)?["totals"]["records"].clone();
    ensure!(moved == 1_000, "{moved} records moved");
    let mut total = crate::rig::verdict::Verdict::default();
    for topic in topics {
        total += pair.compare(topic)?;
    }
    total.require_exact()?;
    Ok(total.to_string())
}

fn require(pair: &Pair<'_>, expected: &[(&String, i64)]) -> Result<()> {
    let found = expected.iter().map(|(topic, _)| pair.n_on_target(topic)).collect::<Result<Vec<_>>>()?;
    let expected: Vec<i64> = expected.iter().map(|(_, count)| *count).collect();
    ensure!(found == expected, "{found:?} records on {}, not {expected:?}", Broker::address(pair.target));
    Ok(())
}
