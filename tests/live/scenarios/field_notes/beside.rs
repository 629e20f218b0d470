//! Two flows of one file: what happens to one is nothing to the other.

use anyhow::{Result, ensure};

use super::super::pair::{COPY_MAX, END_MAX, Pair, json_lines, require_code};
use super::load::Load;
use crate::rig::cluster::{shared, unique};
use crate::rig::corpus::Bulk;
use crate::rig::kmirror::Kmirror;
use crate::rig::scenario::Scenario;
use crate::rig::version::{V3_9, V4_3, Version};
use crate::rig::wait::wait_until_true;

pub(in crate::scenarios) const SCENARIOS: &[Scenario] = &[
    Scenario::live("field/one_flow_stopped_and_started_beside_another_that_goes_on/3.9", || beside(&V3_9, &V4_3)),
    Scenario::live("field/one_flow_stopped_and_started_beside_another_that_goes_on/4.3", || beside(&V4_3, &V3_9)),
];

/// Flow `g` copies under load while `f` is stopped and started, in order and by a kill.
fn beside(from: &'static Version, to: &'static Version) -> Result<String> {
    let (source, target, stem) = (shared(from)?, shared(to)?, unique("beside"));
    let (stopped, going) = (format!("{stem}-stopped"), format!("{stem}-going"));
    for topic in [&stopped, &going] {
        source.create_topic(topic, 3, &[])?;
    }
    let pair = Pair::new(source, target, &stopped, "")?;
    pair.add_flow("g", &going, "")?;
    let mut g = pair.start(&["--flow", "g"])?;
    let load = Load::start(source, &going, 0);
    pair.wait_on_target(&mut g, &going, 100)?;
    let mark = g.stdout().len();
    for round in 0..3 {
        Bulk { first: round * 500, ..Bulk::new(500, 200) }.write(source, &stopped)?;
        let mut f = pair.start(&["--flow", "f"])?;
        pair.wait_on_target(&mut f, &stopped, i64::try_from((round + 1) * 500)?)?;
        goes_on(&pair, &mut g, &going)?;
        require_code(&f.terminate(END_MAX)?, 0)?;
        goes_on(&pair, &mut g, &going)?;
    }
    load.finish()?;
    Pair::wait_caught_up(&mut g)?;
    let done = g.terminate(END_MAX)?;
    require_code(&done, 0)?;
    for line in json_lines(&done.stdout)?.iter().skip(mark) {
        ensure!(line["flow"] == "g", "a word about the other flow: {line}");
        let is_disturbance =
            ["assigned", "rewound", "trouble", "commit_failed"].iter().any(|name| line["event"] == *name)
                || (line["event"] == "revoked" && line["lost"] == true)
                || ["waiting", "blocked"].iter().any(|state| line["state"]["state"] == *state);
        ensure!(!is_disturbance, "the flow beside was disturbed: {line}");
    }
    let mut verdict = pair.compare(&going)?;
    verdict += pair.compare(&stopped)?;
    verdict.require_exact()?;
    Ok(verdict.to_string())
}

/// The load never ends, so a flow that copies gains records at any time.
fn goes_on(pair: &Pair<'_>, run: &mut Kmirror, topic: &str) -> Result<()> {
    let before = pair.n_on_target(topic)?;
    wait_until_true("records of the flow beside", COPY_MAX, || {
        ensure!(run.is_running()?, "the flow beside ended\n{}", run.tail());
        Ok(pair.n_on_target(topic)? >= before + 500)
    })
}
