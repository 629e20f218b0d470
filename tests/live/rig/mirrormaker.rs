//! MirrorMaker 1, as those run it who want to leave it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use super::broker::Broker;
use super::java::{Java, JvmSize};
use super::process::{Exit, Process};
use super::temp;
use super::version::{V0_9, Version};

/// How it reads, and so where its group keeps its positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// With the consumer that asks brokers; the only one since 2.0.
    Brokers,
    /// With the one that asks ZooKeeper, told to commit to Kafka (`offsets.storage=kafka`). Its members meet in
    /// ZooKeeper.
    ZooKeeper,
}

/// A running MirrorMaker 1. Killed when dropped.
#[derive(Debug)]
pub(crate) struct MirrorMaker {
    // Dropped in order: the process before its folder.
    process: Process,
    java: Java,
    _dir: TempDir,
}

impl MirrorMaker {
    /// Starts the one that came with `version`, in group `group`, for the topics that `include` matches. It commits
    /// every `commit_interval` and when it stops.
    pub(crate) fn start(
        version: &'static Version,
        reading: Reading,
        (source, target): (&Broker, &Broker),
        group: &str,
        include: &str,
        commit_interval: Duration,
    ) -> Result<Self> {
        let dir = temp::dir("mirrormaker")?;
        let java = Java::prepare(version, dir.path())?;
        let consumer = match reading {
            Reading::Brokers => format!(
                "bootstrap.servers={}\ngroup.id={group}\nauto.offset.reset=earliest\nsession.timeout.ms=6000\n\
                 heartbeat.interval.ms=1000\nmax.partition.fetch.bytes=65536\n",
                source.address()
            ),
            Reading::ZooKeeper => format!(
                "zookeeper.connect={}\ngroup.id={group}\nauto.offset.reset=smallest\noffsets.storage=kafka\n\
                 dual.commit.enabled=false\nzookeeper.session.timeout.ms=4000\n",
                source.zookeeper_address().context("read by a source without ZooKeeper")?
            ),
        };
        let producer = format!("bootstrap.servers={}\nacks=-1\nlinger.ms=5\n", target.address());
        let consumer = write(dir.path(), "consumer.properties", &consumer)?;
        let producer = write(dir.path(), "producer.properties", &producer)?;
        let interval = commit_interval.as_millis().to_string();
        let mut arguments = vec!["--consumer.config", &consumer, "--producer.config", &producer, "--num.streams", "2"];
        arguments.extend(["--offset.commit.interval.ms", &interval, "--whitelist", include]);
        if version.name == V0_9.name && reading == Reading::Brokers {
            arguments.push("--new.consumer");
        }
        let process = java.start("kafka.tools.MirrorMaker", JvmSize::Small { heap_mb: 256 }, LOG, &arguments)?;
        Ok(Self { process, java, _dir: dir })
    }

    /// Has it ended?
    pub(crate) fn is_running(&mut self) -> Result<bool> {
        Ok(self.process.try_exit()?.is_none())
    }

    /// SIGTERM and wait: what it has read is sent and committed.
    pub(crate) fn stop(&mut self) -> Result<Exit> {
        self.process.stop(STOP_PATIENCE).with_context(|| self.log_tail())
    }

    /// SIGKILL: what it sent since its last commit is not committed.
    pub(crate) fn kill(&mut self) -> Result<Exit> {
        self.process.kill()
    }

    /// The end of its log.
    pub(crate) fn log_tail(&self) -> String {
        self.java.log_tail(LOG)
    }
}

fn write(dir: &Path, name: &str, text: &str) -> Result<String> {
    let path = dir.join(name);
    fs::write(&path, text).with_context(|| format!("write {name}"))?;
    Ok(path.display().to_string())
}

const LOG: &str = "mirrormaker.log";
/// It flushes, commits and leaves its group: 1-3 s here.
const STOP_PATIENCE: Duration = Duration::from_secs(45);
