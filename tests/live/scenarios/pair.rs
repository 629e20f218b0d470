//! A source, a target and the flow between them, as most scenarios need it.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::rig::broker::Broker;
use crate::rig::cluster::unique;
use crate::rig::compare::{compare, compare_partitions};
use crate::rig::kmirror::{Finished, Home, Kmirror};
use crate::rig::properties::MIRROR_USER;
use crate::rig::verdict::{Alterations, Verdict};
use crate::rig::wait::{wait_until, wait_until_true};
use crate::rig::wire::{Isolation, Position};

/// How long a run may take that copies what a scenario has written.
pub(super) const COPY_MAX: Duration = Duration::from_secs(120);
/// How long a run may take to end once it was told to.
pub(super) const END_MAX: Duration = Duration::from_secs(45);
/// How long something may take that happens within a refresh interval.
pub(super) const SOON: Duration = Duration::from_secs(60);

/// A line of the flow's table that lets an instance follow a killed one soon. Brokers allow no less by default.
pub(super) const SHORT_SESSION: &str = "session_timeout = \"6s\"\n";

/// Two brokers and a home whose configuration has one flow `f` between them.
pub(super) struct Pair<'a> {
    pub(super) source: &'a Broker,
    pub(super) target: &'a Broker,
    pub(super) home: Home,
    /// The flow's group: another one in every trial, which share the brokers.
    pub(super) group: String,
    /// What the copy may change.
    pub(super) allowed: Alterations,
    clusters: String,
}

impl<'a> Pair<'a> {
    /// A flow for the topics that `include` matches. `options` are more lines of its table; refresh and commit
    /// intervals are short unless they say otherwise.
    pub(super) fn new(source: &'a Broker, target: &'a Broker, include: &str, options: &str) -> Result<Self> {
        Self::at(source, target, &target.address(), include, options)
    }

    /// The same, with another address for the target.
    pub(super) fn at(
        source: &'a Broker,
        target: &'a Broker,
        target_address: &str,
        include: &str,
        options: &str,
    ) -> Result<Self> {
        let clusters =
            format!("{}{}", cluster("a", &source.address(), told(source)), cluster("b", target_address, told(target)));
        Self::with_clusters(source, target, clusters, include, options)
    }

    /// The same, with the rights of the mirror's user on both.
    pub(super) fn guarded(source: &'a Broker, target: &'a Broker, include: &str, options: &str) -> Result<Self> {
        let (user, password) = MIRROR_USER;
        let access = format!(
            "[clusters.NAME.properties]\n\"security.protocol\" = \"SASL_PLAINTEXT\"\n\"sasl.mechanism\" = \"PLAIN\"\n\
             \"sasl.username\" = \"{user}\"\n\"sasl.password\" = \"{password}\"\n"
        );
        let [a, b] = [("a", source), ("b", target)].map(|(name, broker)| {
            Ok::<_, anyhow::Error>(cluster(name, &broker.guarded_address()?, &access.replace("NAME", name)))
        });
        Self::with_clusters(source, target, a? + &b?, include, options)
    }

    /// The same, with what the configuration says of the versions of the source and the target.
    pub(super) fn told(
        source: &'a Broker,
        target: &'a Broker,
        versions: [&str; 2],
        include: &str,
        options: &str,
    ) -> Result<Self> {
        let [a, b] = versions.map(|version| format!("version = \"{version}\"\n"));
        let clusters = format!("{}{}", cluster("a", &source.address(), &a), cluster("b", &target.address(), &b));
        Self::with_clusters(source, target, clusters, include, options)
    }

    fn with_clusters(
        source: &'a Broker,
        target: &'a Broker,
        clusters: String,
        include: &str,
        options: &str,
    ) -> Result<Self> {
        let (home, group, allowed) = (Home::new("")?, unique("kmirror-f"), Alterations::RECORD_LANE);
        let pair = Self { source, target, home, group, allowed, clusters };
        pair.reconfigure(include, options)?;
        Ok(pair)
    }

    /// Gives the flow other options.
    pub(super) fn reconfigure(&self, include: &str, options: &str) -> Result<()> {
        self.home.write_config(&self.config(include, options))
    }

    /// A second home for the same flow, as another machine would have it.
    pub(super) fn second_home(&self, include: &str, options: &str) -> Result<Home> {
        Home::new(&self.config(include, options))
    }

    /// Adds another flow to the file, between the same clusters and with a group of its own name.
    pub(super) fn add_flow(&self, flow: &str, include: &str, options: &str) -> Result<()> {
        let before = fs::read_to_string(self.home.config()).context("read the config file")?;
        let group = format!("{}-{flow}", self.group);
        self.home.write_config(&format!("{before}{}", flow_table(flow, include, &group, options)))
    }

    fn config(&self, include: &str, options: &str) -> String {
        format!("{}{}", self.clusters, flow_table("f", include, &self.group, options))
    }

    /// Runs `kmirror check` for machines.
    pub(super) fn check(&self) -> Result<Finished> {
        self.home.run(&["check", "-c", "{config}", "--format", "json"], END_MAX)
    }

    /// Starts `kmirror run` with more arguments.
    pub(super) fn start(&self, more: &[&str]) -> Result<Kmirror> {
        start_in(&self.home, more)
    }

    /// Runs until caught up, and insists on success.
    pub(super) fn catch_up(&self) -> Result<Finished> {
        let done = self.run_until_caught_up(&[])?;
        require_code(&done, 0)?;
        Ok(done)
    }

    /// Runs until caught up, with more arguments.
    pub(super) fn run_until_caught_up(&self, more: &[&str]) -> Result<Finished> {
        self.start(&[&["--until-caught-up"], more].concat())?.finish(COPY_MAX)
    }

    /// Compares a topic on both sides, byte by byte.
    pub(super) fn compare(&self, topic: &str) -> Result<Verdict> {
        compare((self.source, topic), (self.target, topic), self.allowed)
            .with_context(|| format!("compare topic {topic}"))
    }

    /// The same, by partition.
    pub(super) fn compare_partitions(&self, topic: &str) -> Result<Vec<Verdict>> {
        compare_partitions((self.source, topic), (self.target, topic), self.allowed)
            .with_context(|| format!("compare topic {topic}"))
    }

    /// How many offsets the target's partitions of a topic have used; none while the topic does not exist.
    pub(super) fn n_on_target(&self, topic: &str) -> Result<i64> {
        n_written(self.target, topic)
    }

    /// Waits until that many records are on the target, while `run` runs.
    pub(super) fn wait_on_target(&self, run: &mut Kmirror, topic: &str, count: i64) -> Result<()> {
        wait_until_true(&format!("{count} records in `{topic}`"), COPY_MAX, || {
            ensure!(run.is_running()?, "kmirror ended early\n{}", run.tail());
            Ok(self.n_on_target(topic)? >= count)
        })
        .with_context(|| format!("{}\n{}", self.ends(topic), run.tail()))
    }

    /// Where the partitions of a topic end on both sides, for messages about failures.
    fn ends(&self, topic: &str) -> String {
        let ends = |broker: &Broker| {
            let (client, mut ends) = (broker.client(), Vec::new());
            for partition in 0..client.partitions(topic).unwrap_or(0) {
                ends.push(client.offset(topic, partition, Position::Latest, Isolation::ReadUncommitted).unwrap_or(-1));
            }
            ends
        };
        format!("ends on the source {:?}, on the target {:?}", ends(self.source), ends(self.target))
    }

    /// Waits until `run` says, from now on, that it is caught up with all of its lanes.
    pub(super) fn wait_caught_up(run: &mut Kmirror) -> Result<()> {
        let mark = run.stdout().len();
        wait_for_from(run, mark, "the end of the log", |line| {
            let is_clear = line["blocked"].as_array().is_some_and(Vec::is_empty);
            line["type"] == "sample" && line["state"]["state"] == "caught_up" && line["lag_records"] == 0 && is_clear
        })
        .map(drop)
    }

    /// I7: no committed offset is ahead of what the target holds without a hole. Gives the number of committed records.
    pub(super) fn require_truthful_progress(&self, topic: &str) -> Result<i64> {
        let committed = self.source.client().committed(&self.group, topic)?;
        ensure!(!committed.is_empty(), "nothing is committed: the first start writes down where it begins");
        let verdicts = self.compare_partitions(topic)?;
        let mut total = 0;
        for (partition, verdict) in (0_i32..).zip(&verdicts) {
            let Some(at) = committed.get(&partition) else { continue };
            let records = self.source.client().read(topic, partition, Isolation::ReadCommitted)?;
            let before = records.iter().filter(|record| record.offset < at.offset).count();
            ensure!(
                before <= verdict.contiguous,
                "I7: {topic}/{partition} is committed to {} ({before} records), the target has {} of them",
                at.offset,
                verdict.contiguous
            );
            total += i64::try_from(before)?;
        }
        Ok(total)
    }
}

/// How many offsets the partitions of a topic have used; none while the topic does not exist.
pub(super) fn n_written(broker: &Broker, topic: &str) -> Result<i64> {
    let client = broker.client();
    if client.topic(topic)?.is_none() {
        return Ok(0);
    }
    let partitions = client.partitions(topic)?;
    (0..partitions).map(|partition| client.offset(topic, partition, Position::Latest, Isolation::ReadUncommitted)).sum()
}

/// Starts `kmirror run` in another home.
pub(super) fn start_in(home: &Home, more: &[&str]) -> Result<Kmirror> {
    home.start(&[&["run", "-c", "{config}", "--format", "json"], more].concat())
}

/// Fails unless the run ended with this code.
pub(super) fn require_code(done: &Finished, code: i32) -> Result<()> {
    if done.code != Some(code) {
        bail!("exit code {:?} instead of {code}\n{}", done.code, tail(done));
    }
    Ok(())
}

/// Waits for a line of JSON for which `is_wanted` holds.
pub(super) fn wait_for(run: &mut Kmirror, what: &str, is_wanted: impl Fn(&Value) -> bool) -> Result<Value> {
    wait_for_from(run, 0, what, is_wanted)
}

/// Like [`wait_for`], among the lines from the `first` on: what was said before does not count.
pub(super) fn wait_for_from(
    run: &mut Kmirror,
    first: usize,
    what: &str,
    is_wanted: impl Fn(&Value) -> bool,
) -> Result<Value> {
    let mut seen = first;
    wait_until(what, SOON, || {
        let is_running = run.is_running()?;
        let lines = run.stdout();
        let fresh = lines.get(seen..).unwrap_or_default();
        seen = lines.len().max(seen);
        let found = fresh.iter().filter_map(|line| serde_json::from_str(line).ok()).find(|value| is_wanted(value));
        ensure!(found.is_some() || is_running, "kmirror ended before");
        Ok(found)
    })
    .with_context(|| format!("wait for {what}\n{}", run.tail()))
}

/// Every line of a run as JSON; fails at the first that is not.
pub(super) fn json_lines(lines: &[String]) -> Result<Vec<Value>> {
    lines.iter().map(|line| serde_json::from_str(line).with_context(|| format!("not JSON: {line}"))).collect()
}

/// The summary of flow `f` at the end of a run.
pub(super) fn summary(done: &Finished) -> Result<Value> {
    let lines = json_lines(&done.stdout)?;
    lines.into_iter().rfind(|line| line["type"] == "summary").with_context(|| format!("no summary\n{}", tail(done)))
}

/// Whether a line says that this partition is blocked for this reason.
pub(super) fn is_lane_blocked(line: &Value, topic: &str, partition: i32, reason: &str) -> bool {
    line["event"] == "lane_state"
        && line["partition"]["topic"] == topic
        && line["partition"]["partition"] == partition
        && line["state"]["state"] == "blocked"
        && line["state"]["why"]["reason"] == reason
}

/// Whether a line says that this topic is blocked as a whole for this reason.
pub(super) fn is_topic_blocked(line: &Value, topic: &str, reason: &str) -> bool {
    line["event"] == "topic_state"
        && line["topic"] == topic
        && line["state"]["state"] == "blocked"
        && line["state"]["why"]["reason"] == reason
}

/// What the summary says is blocked, for this topic and partition (none: as a whole).
pub(super) fn blocked_in_summary(done: &Finished, topic: &str, partition: Option<i32>) -> Result<Value> {
    let summary = summary(done)?;
    let blocked = summary["blocked"].as_array().cloned().unwrap_or_default();
    let wanted = |entry: &Value| entry["topic"] == topic && entry["partition"] == serde_json::json!(partition);
    blocked.into_iter().find(wanted).with_context(|| format!("{topic}/{partition:?} is not blocked in {summary}"))
}

/// The last lines of a run.
pub(super) fn tail(done: &Finished) -> String {
    let last = |lines: &[String]| lines[lines.len().saturating_sub(30)..].join("\n");
    format!("--- stdout\n{}\n--- stderr\n{}", last(&done.stdout), last(&done.stderr))
}

/// What the configuration has to say of brokers that do not tell their version.
fn told(broker: &Broker) -> &'static str {
    if broker.version().answers_api_versions { "" } else { "version = \"0.9.0.1\"\n" }
}

fn cluster(name: &str, address: &str, more: &str) -> String {
    format!("[clusters.{name}]\nbootstrap_servers = \"{address}\"\n{more}")
}

fn flow_table(flow: &str, include: &str, group: &str, options: &str) -> String {
    let own = [("refresh_interval", "2s"), ("commit_interval", "1s")];
    let own = own.iter().filter(|(key, _)| !options.contains(key));
    let own: String = own.map(|(key, value)| format!("{key} = \"{value}\"\n")).collect();
    format!(
        "[flows.{flow}]\nsource = \"a\"\ntarget = \"b\"\ninclude = ['{include}']\ngroup = \"{group}\"\n{own}{options}\n"
    )
}
