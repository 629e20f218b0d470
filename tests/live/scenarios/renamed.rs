//! A flow renamed onto the same target is noticed before it copies anything twice, and offers: adopt the old flow's
//! progress, rename targets, or go on knowingly.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::pair::{COPY_MAX, END_MAX, SOON, json_lines, require_code, start_in, summary, tail, wait_for};
use crate::rig::broker::Broker;
use crate::rig::checker::check;
use crate::rig::cluster::{shared, unique};
use crate::rig::corpus::Bulk;
use crate::rig::kmirror::{Finished, Home, Kmirror};
use crate::rig::scenario::Scenario;
use crate::rig::verdict::{Alterations, Verdict};
use crate::rig::version::{V0_9, V0_10, V2_4, V3_9, V4_3, Version};
use crate::rig::wait::wait_until_true;
use crate::rig::wire::{Isolation, Position};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::live(
        "field/a_flow_renamed_onto_the_same_target_is_noticed_before_it_copies_anything_twice/adopts_3_9_to_4_3",
        || adopts(&V3_9, &V4_3),
    ),
    Scenario::live(
        "field/a_flow_renamed_onto_the_same_target_is_noticed_before_it_copies_anything_twice/adopts_4_3_to_3_9",
        || adopts(&V4_3, &V3_9),
    ),
    Scenario::live(
        "field/a_flow_renamed_onto_the_same_target_is_noticed_before_it_copies_anything_twice/adopts_2_4",
        || adopts(&V2_4, &V2_4),
    ),
    Scenario::live(
        "field/a_flow_renamed_onto_the_same_target_is_noticed_before_it_copies_anything_twice/adopts_0_9_to_3_9",
        || adopts(&V0_9, &V3_9),
    ),
    Scenario::live(
        "field/a_flow_renamed_onto_the_same_target_is_noticed_before_it_copies_anything_twice/adopts_0_10_to_3_9",
        || adopts(&V0_10, &V3_9),
    ),
    Scenario::live(
        "field/a_flow_renamed_onto_the_same_target_is_noticed_before_it_copies_anything_twice/adopts_3_9_to_0_9",
        || adopts(&V3_9, &V0_9),
    ),
    Scenario::live(
        "field/a_flow_renamed_onto_the_same_target_is_noticed_before_it_copies_anything_twice/targets_renamed",
        targets_are_renamed,
    ),
    Scenario::live(
        "field/a_flow_renamed_onto_the_same_target_is_noticed_before_it_copies_anything_twice/knowingly",
        goes_on_knowingly,
    ),
    Scenario::live(
        "field/a_flow_renamed_onto_the_same_target_is_noticed_before_it_copies_anything_twice/running_4_3",
        || still_running(&V4_3, &V3_9),
    ),
    Scenario::live(
        "field/a_flow_renamed_onto_the_same_target_is_noticed_before_it_copies_anything_twice/running_3_9",
        || still_running(&V3_9, &V4_3),
    ),
    Scenario::live(
        "field/a_flow_renamed_onto_the_same_target_is_noticed_before_it_copies_anything_twice/other_target",
        another_target,
    ),
];

const PARTITIONS: i32 = 3;

/// One topic, and flows of several names that mirror it.
struct Renaming<'a> {
    source: &'a Broker,
    target: &'a Broker,
    topic: String,
    home: Home,
}

impl<'a> Renaming<'a> {
    /// Flow `old` has copied 300 records and was stopped. 150 more came, and the flow is called `new` from now on.
    fn begin(source: &'a Broker, target: &'a Broker) -> Result<Self> {
        let topic = unique("renamed");
        source.create_topic(&topic, PARTITIONS, &[])?;
        if !target.version().creates_topics {
            target.create_topic(&topic, PARTITIONS, &[])?;
        }
        Bulk::new(300, 100).write(source, &topic)?;
        let renaming = Self { source, target, topic, home: Home::new("")? };
        renaming.configure("old", "")?;
        require_code(&renaming.run(&[])?, 0)?;
        ensure!(renaming.n_on_target()? == 300, "the old flow's records");
        Bulk { first: 300, ..Bulk::new(150, 100) }.write(source, &renaming.topic)?;
        renaming.configure("new", "")?;
        Ok(renaming)
    }

    fn flow(&self, stem: &str) -> String {
        format!("{stem}-{}", self.topic)
    }

    fn group(&self, stem: &str) -> String {
        format!("kmirror.{}", self.flow(stem))
    }

    fn config(&self, stem: &str, target: &Broker, options: &str) -> String {
        let cluster = |name: &str, broker: &Broker| {
            let version = if broker.version().answers_api_versions { "" } else { "version = \"0.9.0.1\"\n" };
            format!("[clusters.{name}]\nbootstrap_servers = \"{}\"\n{version}", broker.address())
        };
        format!(
            "{}{}[flows.{}]\nsource = \"a\"\ntarget = \"b\"\ninclude = ['{}']\nrefresh_interval = \"2s\"\n\
             commit_interval = \"1s\"\n{options}\n",
            cluster("a", self.source),
            cluster("b", target),
            self.flow(stem),
            self.topic
        )
    }

    fn configure(&self, stem: &str, options: &str) -> Result<()> {
        self.home.write_config(&self.config(stem, self.target, options))
    }

    fn run(&self, more: &[&str]) -> Result<Finished> {
        start_in(&self.home, &[&["--until-caught-up"], more].concat())?.finish(COPY_MAX)
    }

    fn check(&self) -> Result<Finished> {
        self.home.run(&["check", "-c", "{config}"], SOON)
    }

    fn n_on_target(&self) -> Result<i64> {
        n_records(self.target, &self.topic)
    }

    /// Every record of the source is on the target once, in order.
    fn require_exact(&self) -> Result<Verdict> {
        let mut total = Verdict::default();
        for partition in 0..PARTITIONS {
            let read = self.source.client().read(&self.topic, partition, Isolation::ReadCommitted)?;
            let found = self.target.client().read(&self.topic, partition, Isolation::ReadUncommitted)?;
            // The oldest format has no timestamps to compare.
            let timestamps = [self.source, self.target].iter().any(|broker| !broker.version().answers_api_versions);
            let verdict = check(&read, &found, Alterations { timestamps, ..Alterations::RECORD_LANE });
            verdict.require_exact()?;
            total += verdict;
        }
        ensure!(total.target == 450, "{total}");
        Ok(total)
    }

    /// The run was blocked, names the old flow, and nothing of the new flow has happened.
    fn require_noticed(&self, done: &Finished) -> Result<()> {
        require_code(done, 3)?;
        let why = blocked_event(&done.stdout, &self.topic, 0)?;
        let by = &why["by"];
        ensure!(why["target_end"] == 100 && by["position"] == 100, "{why}");
        ensure!(by["group"] == self.group("old") && by["flow"] == self.flow("old"), "{why}");
        // Brokers before 0.10.1 have no id to tell their cluster by, only their addresses.
        let is_certain = self.target.version().answers_api_versions;
        ensure!(by["is_active"] == false && by["is_certain"] == is_certain, "{why}");
        let blocked = summary(done)?["blocked"].as_array().cloned().unwrap_or_default();
        ensure!(blocked.len() == 3 && blocked.iter().all(|entry| entry["reason"] == REASON), "{blocked:?}");
        self.require_untouched()
    }

    fn require_untouched(&self) -> Result<()> {
        ensure!(self.n_on_target()? == 300, "{} records on the target", self.n_on_target()?);
        // 0.9 is not asked: the wire client speaks newer versions of that request only.
        if self.source.version().creates_topics {
            let committed = self.source.client().committed(&self.group("new"), &self.topic)?;
            ensure!(committed.is_empty(), "the new flow has progress: {committed:?}");
        }
        Ok(())
    }
}

const REASON: &str = "written_by_other_flow";

fn n_records(broker: &Broker, topic: &str) -> Result<i64> {
    let client = broker.client();
    let end = |partition| client.offset(topic, partition, Position::Latest, Isolation::ReadUncommitted);
    (0..PARTITIONS).map(end).sum()
}

/// Why a partition is blocked, as the run has told.
fn blocked_event(lines: &[String], topic: &str, partition: i32) -> Result<Value> {
    let is_it = |line: &Value| {
        line["event"] == "lane_state"
            && line["partition"]["topic"] == topic
            && line["partition"]["partition"] == partition
            && line["state"]["why"]["reason"] == REASON
    };
    let found = json_lines(lines)?.into_iter().find(is_it);
    let found = found.with_context(|| format!("{topic}/{partition} is not blocked for it\n{}", lines.join("\n")))?;
    Ok(found["state"]["why"].clone())
}

/// `check` says it before, the run writes nothing, and with the word given it goes on exactly.
fn adopts(from: &'static Version, to: &'static Version) -> Result<String> {
    let source = shared(from)?;
    // One broker cannot be both ends under one name: a pair of the same version gets a broker of its own.
    let own = if from.name == to.name { Some(Broker::start(to)?) } else { None };
    let target = own.as_ref().map_or_else(|| shared(to), Ok)?;
    let renaming = Renaming::begin(source, target)?;
    let adopt = format!("{}={}", renaming.flow("new"), renaming.group("old"));
    let checked = renaming.check()?;
    require_code(&checked, 3)?;
    let told = checked.stdout.join("\n");
    for words in [&format!("flow `{}`", renaming.flow("old")), &format!("--adopt {adopt}"), "target_not_empty"] {
        ensure!(told.contains(words), "check does not say `{words}`\n{told}");
    }
    renaming.require_untouched()?;
    renaming.require_noticed(&renaming.run(&[])?)?;

    let done = renaming.run(&["--adopt", &adopt])?;
    require_code(&done, 0)?;
    let adopted = json_lines(&done.stdout)?.into_iter().find(|line| line["event"] == "adopted");
    let adopted = adopted.with_context(|| format!("no adoption\n{}", tail(&done)))?;
    ensure!(adopted["partitions"] == 3 && adopted["group"] == renaming.group("old"), "{adopted}");
    let verdict = renaming.require_exact()?;
    // From now on it is a flow like any other: `check` has nothing to say, the next run needs no word.
    require_code(&renaming.check()?, 0)?;
    require_code(&renaming.run(&[])?, 0)?;
    require_code(&renaming.run(&["--adopt", &adopt])?, 0)?;
    renaming.require_exact()?;
    Ok(verdict.to_string())
}

/// The second way: both flows are wanted, so the new one writes topics of other names.
fn targets_are_renamed() -> Result<String> {
    let (source, target) = (shared(&V3_9)?, shared(&V4_3)?);
    let renaming = Renaming::begin(source, target)?;
    renaming.require_noticed(&renaming.run(&[])?)?;
    renaming.configure("new", "rename = { prefix = \"new\", separator = \".\" }")?;
    require_code(&renaming.check()?, 0)?;
    require_code(&renaming.run(&[])?, 0)?;
    ensure!(renaming.n_on_target()? == 300, "the old flow's topic was written to");
    ensure!(n_records(target, &format!("new.{}", renaming.topic))? == 450, "the new topic has all");
    Ok(String::new())
}

/// The third way, as a word for one topic and as a line of the configuration.
fn goes_on_knowingly() -> Result<String> {
    let (source, target) = (shared(&V3_9)?, shared(&V4_3)?);
    let renaming = Renaming::begin(source, target)?;
    let word = format!("{}:{}=earliest", renaming.flow("new"), renaming.topic);
    require_code(&renaming.run(&["--resume-at", &word])?, 0)?;
    ensure!(renaming.n_on_target()? == 300 + 450, "{} records", renaming.n_on_target()?);
    let renaming = Renaming::begin(source, target)?;
    renaming.configure("new", "target_not_empty = \"append\"")?;
    require_code(&renaming.run(&[])?, 0)?;
    ensure!(renaming.n_on_target()? == 300 + 450, "{} records", renaming.n_on_target()?);
    Ok(String::new())
}

/// The old flow was not stopped: it is named as running, and its progress is not taken while it moves.
fn still_running(from: &'static Version, to: &'static Version) -> Result<String> {
    let (source, target) = (shared(from)?, shared(to)?);
    let renaming = Renaming::begin(source, target)?;
    let old_home = Home::new(&renaming.config("old", target, ""))?;
    let mut old = start_in(&old_home, &[])?;
    let wait_for_copies = |old: &mut Kmirror| {
        wait_until_true("all records", COPY_MAX, || {
            ensure!(old.is_running()?, "the old flow ended\n{}", old.tail());
            Ok(renaming.n_on_target()? == 450)
        })
    };
    wait_for_copies(&mut old)?;
    let done = renaming.run(&[])?;
    require_code(&done, 3)?;
    let why = blocked_event(&done.stdout, &renaming.topic, 0)?;
    ensure!(why["by"]["is_active"] == true, "{why}");

    let adopt = format!("{}={}", renaming.flow("new"), renaming.flow("old"));
    let done = renaming.run(&["--adopt", &adopt])?;
    require_code(&done, 2)?;
    let refused = |line: &Value| {
        line["state"]["state"] == "refused"
            && line["state"]["why"].as_str().is_some_and(|why| why.contains("stop it first"))
    };
    ensure!(json_lines(&done.stdout)?.iter().any(refused), "{}", tail(&done));
    ensure!(renaming.n_on_target()? == 450, "something was copied");

    wait_for(&mut old, "the old flow's last commit", |line| line["type"] == "sample" && line["commits"] != 0)?;
    require_code(&old.terminate(END_MAX)?, 0)?;
    require_code(&renaming.run(&["--adopt", &adopt])?, 0)?;
    Ok(renaming.require_exact()?.to_string())
}

/// Another flow mirrors the same topic, but elsewhere: what is on this target is not its work.
fn another_target() -> Result<String> {
    let (source, target, elsewhere) = (shared(&V3_9)?, shared(&V4_3)?, shared(&V2_4)?);
    let renaming = Renaming::begin(source, elsewhere)?;
    target.create_topic(&renaming.topic, PARTITIONS, &[])?;
    Bulk::new(300, 100).write(target, &renaming.topic)?;
    renaming.home.write_config(&renaming.config("new", target, ""))?;
    let done = renaming.run(&[])?;
    require_code(&done, 3)?;
    let blocked = summary(&done)?["blocked"].as_array().cloned().unwrap_or_default();
    ensure!(blocked.len() == 3 && blocked.iter().all(|entry| entry["reason"] == "progress_missing"), "{blocked:?}");
    let adopt = format!("{}={}", renaming.flow("new"), renaming.group("old"));
    let done = renaming.run(&["--adopt", &adopt])?;
    require_code(&done, 2)?;
    ensure!(done.stdout.iter().any(|line| line.contains("went to other topics")), "{}", tail(&done));
    ensure!(n_records(target, &renaming.topic)? == 300, "something was copied");
    Ok(String::new())
}
