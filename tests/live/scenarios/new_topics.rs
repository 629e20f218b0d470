//! Topics that appear after a flow began, where it asks before it mirrors such ones.

use anyhow::{Context as _, Result, anyhow, ensure};
use kmirror::config::Config;
use kmirror::engine::{BlockedReason, Command, Engine, TopicState};

use super::pair::{
    END_MAX, Pair, SOON, blocked_in_summary, is_topic_blocked, json_lines, require_code, tail, wait_for,
};
use crate::rig::cluster::{shared, unique};
use crate::rig::corpus::Bulk;
use crate::rig::scenario::Scenario;
use crate::rig::version::{V1_0, V3_9, V4_3, Version};
use crate::rig::wait::wait_until_true;
use crate::support::start_engine;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::live("topics/asked_about/3.9", || asked_about(&V3_9, &V4_3)),
    Scenario::live("topics/asked_about/1.0", || asked_about(&V1_0, &V3_9)),
    Scenario::live("topics/asked_about_from_nothing", || from_nothing(&V3_9, &V4_3)),
    Scenario::live("topics/decided_under_way", || decided_under_way(&V4_3, &V3_9)),
];

const ASK: &str = "start = \"latest\"\nnew_topics = \"ask\"\n";

/// Nothing of it is on the target, by whatever run, until one is told to mirror it.
fn asked_about(from: &'static Version, to: &'static Version) -> Result<String> {
    let (source, target, stem) = (shared(from)?, shared(to)?, unique("asked"));
    let (old, new) = (format!("{stem}-old"), format!("{stem}-new"));
    source.create_topic(&old, 2, &[])?;
    let pair = Pair::new(source, target, &format!("{stem}-.*"), ASK)?;
    let mut run = pair.start(&[])?;
    wait_for(&mut run, "the start", |line| line["type"] == "sample" && line["state"]["state"] == "caught_up")?;
    source.create_topic(&new, 3, &[])?;
    Bulk::new(600, 100).write(source, &new)?;
    wait_for(&mut run, "the question", |line| is_topic_blocked(line, &new, "new_topic"))?;
    Bulk::new(400, 100).write(source, &old)?;
    pair.wait_on_target(&mut run, &old, 400)?;
    let done = run.terminate(END_MAX)?;
    require_code(&done, 3)?;
    ensure!(blocked_in_summary(&done, &new, None)?["reason"] == "new_topic", "{}", tail(&done));
    let check = pair.check()?;
    let lines = json_lines(&check.stdout)?;
    let told = lines.iter().find(|line| line["type"] == "topic" && line["topic"] == new.as_str());
    let told = told.with_context(|| format!("the topic is not shown\n{}", tail(&check)))?;
    ensure!(told["verdict"] == "blocked" && told["blocked"][0]["reason"] == "new_topic", "{told}");
    require_code(&pair.run_until_caught_up(&[])?, 3)?;
    ensure!(target.client().topic(&new)?.is_none(), "it was created, and nobody has decided about it");
    require_code(&pair.run_until_caught_up(&["--mirror-new", &format!("f:{new}")])?, 0)?;
    Bulk { first: 600, ..Bulk::new(50, 100) }.write(source, &new)?;
    pair.catch_up()?;
    let mut verdict = pair.compare(&new)?;
    verdict += pair.compare(&old)?;
    verdict.require_exact()?;
    Ok(verdict.to_string())
}

/// A flow that has found nothing yet has no progress. Its next start is not the first all the same.
fn from_nothing(from: &'static Version, to: &'static Version) -> Result<String> {
    let (source, target, topic) = (shared(from)?, shared(to)?, unique("nothing"));
    let pair = Pair::new(source, target, &topic, ASK)?;
    let mut run = pair.start(&[])?;
    wait_for(&mut run, "the start", |line| line["type"] == "sample" && line["state"]["state"] == "caught_up")?;
    source.create_topic(&topic, 2, &[])?;
    Bulk::new(500, 100).write(source, &topic)?;
    wait_for(&mut run, "the question", |line| is_topic_blocked(line, &topic, "new_topic"))?;
    require_code(&run.terminate(END_MAX)?, 3)?;
    require_code(&pair.run_until_caught_up(&[])?, 3)?;
    ensure!(target.client().topic(&topic)?.is_none(), "it was created, and nobody has decided about it");
    require_code(&pair.run_until_caught_up(&["--mirror-new", &format!("f:{topic}")])?, 0)?;
    pair.catch_up()?;
    let verdict = pair.compare(&topic)?;
    verdict.require_exact()?;
    Ok(verdict.to_string())
}

/// As the console does: one topic is left alone, the other mirrored, and what runs goes on.
fn decided_under_way(from: &'static Version, to: &'static Version) -> Result<String> {
    let (source, target, stem) = (shared(from)?, shared(to)?, unique("decided"));
    let [old, wanted, unwanted] = ["old", "wanted", "unwanted"].map(|name| format!("{stem}-{name}"));
    source.create_topic(&old, 1, &[])?;
    let pair = Pair::new(source, target, &format!("{stem}-.*"), ASK)?;
    let runtime = tokio::runtime::Runtime::new()?;
    let _entered = runtime.enter();
    let config = Config::load(&pair.home.config()).map_err(|error| anyhow!("{error}"))?;
    let mut engine = start_engine(&config);
    wait_until_true("the start", SOON, || Ok(state(&engine, &old).is_some()))?;
    for topic in [&wanted, &unwanted] {
        source.create_topic(topic, 2, &[])?;
        Bulk::new(500, 100).write(source, topic)?;
    }
    let held_back = Some(TopicState::Blocked { why: BlockedReason::NewTopic });
    for topic in [&wanted, &unwanted] {
        wait_until_true("the question", SOON, || Ok(state(&engine, topic) == held_back))?;
    }
    engine.send(Command::IgnoreTopic { flow: "f".into(), topic: unwanted.as_str().into() });
    engine.send(Command::MirrorTopic { flow: "f".into(), topic: wanted.as_str().into() });
    wait_until_true("one to be copied", SOON, || Ok(pair.n_on_target(&wanted)? >= 500))?;
    wait_until_true("the other to be left alone", SOON, || Ok(state(&engine, &unwanted) == Some(TopicState::Ignored)))?;
    engine.send(Command::Shutdown { drain_timeout: END_MAX });
    while runtime.block_on(engine.next_event()).is_some() {}
    ensure!(target.client().topic(&unwanted)?.is_none(), "it was to be left alone");
    // The next run knows the one, and asks about the other again.
    let done = pair.run_until_caught_up(&[])?;
    require_code(&done, 3)?;
    blocked_in_summary(&done, &unwanted, None)?;
    let verdict = pair.compare(&wanted)?;
    verdict.require_exact()?;
    Ok(verdict.to_string())
}

fn state(engine: &Engine, topic: &str) -> Option<TopicState> {
    let snapshot = engine.snapshots().borrow().clone();
    let mut topics = snapshot.flows.iter().flat_map(|flow| &flow.topics);
    topics.find(|found| found.source.as_str() == topic).map(|found| found.state.clone())
}
