//! A source, a target and the flow between them, as most scenarios need it.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::rig::broker::Broker;
use crate::rig::compare::compare;
use crate::rig::kmirror::{Finished, Home, Kmirror};
use crate::rig::verdict::{Alterations, Verdict};

/// How long a run may take that copies what a scenario has written.
pub(super) const COPY_MAX: Duration = Duration::from_secs(120);
/// How long a run may take to end once it was told to.
pub(super) const END_MAX: Duration = Duration::from_secs(45);
/// How long something may take that happens within a refresh interval.
pub(super) const SOON: Duration = Duration::from_secs(60);

/// Two brokers and a home whose configuration has one flow `f` between them.
pub(super) struct Pair<'a> {
    pub(super) source: &'a Broker,
    pub(super) target: &'a Broker,
    pub(super) home: Home,
}

impl<'a> Pair<'a> {
    /// A flow for the topics that `include` matches. `options` are more lines of its table.
    pub(super) fn new(source: &'a Broker, target: &'a Broker, include: &str, options: &str) -> Result<Self> {
        let home = Home::new(&config(&source.address(), &target.address(), include, options))?;
        Ok(Self { source, target, home })
    }

    /// Gives the flow other options.
    pub(super) fn reconfigure(&self, include: &str, options: &str) -> Result<()> {
        self.home.write_config(&config(&self.source.address(), &self.target.address(), include, options))
    }

    /// Starts `kmirror run` with more arguments.
    pub(super) fn start(&self, more: &[&str]) -> Result<Kmirror> {
        self.home.start(&[&["run", "-c", "{config}", "--format", "json"], more].concat())
    }

    /// Runs until caught up, and insists on success.
    pub(super) fn catch_up(&self) -> Result<Finished> {
        let done = self.run_until_caught_up(&[])?;
        ensure!(done.code == Some(0), "exit code {:?}\n{}", done.code, tail(&done));
        Ok(done)
    }

    /// Runs until caught up, with more arguments.
    pub(super) fn run_until_caught_up(&self, more: &[&str]) -> Result<Finished> {
        self.start(&[&["--until-caught-up"], more].concat())?.finish(COPY_MAX)
    }

    /// Compares a topic on both sides, byte by byte.
    pub(super) fn compare(&self, topic: &str) -> Result<Verdict> {
        compare((self.source, topic), (self.target, topic), Alterations::RECORD_LANE)
            .with_context(|| format!("compare topic {topic}"))
    }
}

/// The last lines of a run.
pub(super) fn tail(done: &Finished) -> String {
    let last = |lines: &[String]| lines[lines.len().saturating_sub(30)..].join("\n");
    format!("--- stdout\n{}\n--- stderr\n{}", last(&done.stdout), last(&done.stderr))
}

fn config(source: &str, target: &str, include: &str, options: &str) -> String {
    format!(
        "[clusters.a]\nbootstrap_servers = \"{source}\"\n[clusters.b]\nbootstrap_servers = \"{target}\"\n\
         [flows.f]\nsource = \"a\"\ntarget = \"b\"\ninclude = ['{include}']\nrefresh_interval = \"2s\"\n\
         commit_interval = \"1s\"\n{options}\n"
    )
}
