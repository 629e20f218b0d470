//! One broker: a JVM process on 127.0.0.1 with its data in a temporary folder.
//!
//! ```text
//!   start ──> running ──stop/kill──> stopped ──start_again──> running   same port, same data
//!                │  ^
//!             pause resume                                     SIGSTOP, SIGCONT
//! ```

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use tempfile::TempDir;

use super::java::{Java, JvmSize};
use super::port;
use super::process::{Process, Signal};
use super::properties::{self, MIRROR_USER, Ports};
use super::temp;
use super::version::{Keeper, Version};
use super::wait::wait_until_true;
use super::wire::{Client, Greeting, Isolation, Position};
use super::zookeeper::ZooKeeper;

/// A broker and, for old versions, its ZooKeeper. Ended when dropped.
#[derive(Debug)]
pub(crate) struct Broker {
    version: &'static Version,
    size: JvmSize,
    ports: Ports,
    // Fields are dropped in order: the broker before its ZooKeeper, the folder last.
    process: Mutex<Option<Process>>,
    keeper: Option<ZooKeeper>,
    java: Java,
    start_time: Duration,
    dir: TempDir,
}

impl Broker {
    /// Starts a broker of `version` and waits until it is ready.
    pub(crate) fn start(version: &'static Version) -> Result<Self> {
        Self::start_with(version, &[])
    }

    /// Like [`Self::start`], with server properties that win over the rig's own.
    pub(crate) fn start_with(version: &'static Version, properties: &[(&str, &str)]) -> Result<Self> {
        Self::launch(version, SMALL, Ports { open: port::reserve()?, guarded: None }, properties)
    }

    /// Like [`Self::start_with`], with another JVM than tests need.
    pub(crate) fn start_sized(version: &'static Version, size: JvmSize, properties: &[(&str, &str)]) -> Result<Self> {
        Self::launch(version, size, Ports { open: port::reserve()?, guarded: None }, properties)
    }

    /// With a second listener for the mirror: SASL/PLAIN as [`MIRROR_USER`], who may nothing until granted
    /// (`Client::grant`). The rig's own listener stays open. From 2.4 on.
    pub(crate) fn start_guarded(version: &'static Version, properties: &[(&str, &str)]) -> Result<Self> {
        ensure!(properties::can_guard(version), "guard broker {}: from 2.4 on only", version.name);
        Self::launch(version, SMALL, Ports { open: port::reserve()?, guarded: Some(port::reserve()?) }, properties)
    }

    fn launch(version: &'static Version, size: JvmSize, ports: Ports, overrides: &[(&str, &str)]) -> Result<Self> {
        let began = Instant::now();
        let dir = temp::dir(version.name)?;
        let java = Java::prepare(version, dir.path())?;
        let (keeper, metadata) = match version.keeper {
            Keeper::KRaft => (None, properties::kraft(ports, port::reserve()?)),
            Keeper::ZooKeeper => {
                let keeper = ZooKeeper::start(&java, dir.path())?;
                let metadata = properties::zookeeper(&keeper.address());
                (Some(keeper), metadata)
            }
        };
        let overrides: String = overrides.iter().map(|(key, value)| format!("{key}={value}\n")).collect();
        let common = properties::common(version, ports);
        let text = format!("{common}{metadata}log.dirs={}\n{overrides}", data_in(&dir).display());
        fs::write(dir.path().join("server.properties"), text).context("write server.properties")?;
        if version.keeper == Keeper::KRaft {
            let config = dir.path().join("server.properties").display().to_string();
            let cluster_id = cluster_id(ports.open);
            java.run("kafka.tools.StorageTool", &["format", "-t", &cluster_id, "-c", &config, "--ignore-formatted"])?;
        }
        let mut broker =
            Self { version, size, ports, process: Mutex::new(None), keeper, java, start_time: Duration::ZERO, dir };
        broker.start_again()?;
        broker.start_time = began.elapsed();
        Ok(broker)
    }

    /// Its version.
    pub(crate) fn version(&self) -> &'static Version {
        self.version
    }

    /// `HOST:PORT`, the same after every restart.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.ports.open)
    }

    /// `HOST:PORT` of the guarded listener.
    pub(crate) fn guarded_address(&self) -> Result<String> {
        let port = self.ports.guarded.with_context(|| format!("broker {} is not guarded", self.version.name))?;
        Ok(format!("127.0.0.1:{port}"))
    }

    /// A wire client with the rights of the mirror's user.
    pub(crate) fn guarded_client(&self) -> Result<Client> {
        Ok(Client::new(&self.guarded_address()?, Greeting::Login(MIRROR_USER)))
    }

    /// How long the first start took, until ready.
    pub(crate) fn start_time(&self) -> Duration {
        self.start_time
    }

    /// A wire client of its own connection. It reconnects after a restart.
    pub(crate) fn client(&self) -> Client {
        let greeting = if self.version.answers_api_versions { Greeting::Versions } else { Greeting::Silent };
        Client::new(&self.address(), greeting)
    }

    /// Starts it after [`Self::stop`] or [`Self::kill`], on the same port and data, and waits until it is ready.
    pub(crate) fn start_again(&self) -> Result<()> {
        let config = self.dir.path().join("server.properties").display().to_string();
        {
            let mut process = self.process()?;
            if process.is_some() {
                bail!("start broker {}: it runs already", self.address());
            }
            *process = Some(self.java.start("kafka.Kafka", self.size, LOG, &[&config])?);
        }
        self.wait_ready().with_context(|| self.log_tail())
    }

    /// SIGTERM and wait: segments closed, leadership given up.
    pub(crate) fn stop(&self) -> Result<()> {
        self.take_process()?.stop(STOP_PATIENCE).map(drop)
    }

    /// SIGKILL: a crash.
    pub(crate) fn kill(&self) -> Result<()> {
        self.take_process()?.kill().map(drop)
    }

    /// A clean bounce.
    pub(crate) fn restart(&self) -> Result<()> {
        self.stop()?;
        self.start_again()
    }

    /// A clean stop, and a start as another version: same port, same data, same ZooKeeper.
    pub(crate) fn upgrade(self, version: &'static Version) -> Result<Self> {
        self.stop()?;
        let keeper = self.keeper.as_ref().context("upgrade: with ZooKeeper only")?;
        let metadata = properties::zookeeper(&keeper.address());
        let text = properties::common(version, self.ports)
            + &metadata
            + &format!("log.dirs={}\n", data_in(&self.dir).display());
        fs::write(self.dir.path().join("server.properties"), text).context("write server.properties")?;
        let upgraded = Self { version, java: Java::prepare(version, self.dir.path())?, ..self };
        upgraded.start_again()?;
        Ok(upgraded)
    }

    /// SIGSTOP: connections stay open and nothing answers.
    pub(crate) fn pause(&self) -> Result<()> {
        self.signal(Signal::Stop)
    }

    /// SIGCONT after [`Self::pause`].
    pub(crate) fn resume(&self) -> Result<()> {
        self.signal(Signal::Continue)
    }

    /// Creates a topic, over the protocol or, where the version cannot, with its own tool.
    pub(crate) fn create_topic(&self, topic: &str, partitions: i32, configs: &[(&str, &str)]) -> Result<()> {
        match &self.keeper {
            Some(keeper) if !self.version.creates_topics => {
                let partitions = partitions.to_string();
                let address = keeper.address();
                let configs: Vec<String> = configs.iter().map(|(key, value)| format!("{key}={value}")).collect();
                let mut arguments = vec!["--zookeeper", &address, "--create", "--topic", topic];
                arguments.extend(["--partitions", &partitions, "--replication-factor", "1"]);
                arguments.extend(configs.iter().flat_map(|config| ["--config", config]));
                self.java.run("kafka.admin.TopicCommand", &arguments)?;
            }
            _ => self.client().create_topic(topic, partitions, configs)?,
        }
        self.wait_for_partitions(topic, partitions)
    }

    fn wait_for_partitions(&self, topic: &str, partitions: i32) -> Result<()> {
        let client = self.client();
        let what = format!("every partition of `{topic}` on {}", self.version.name);
        wait_until_true(&what, READY_TIMEOUT, || {
            Ok(client.topic(topic)?.is_some_and(|info| info.has_leaders(usize::try_from(partitions).unwrap_or(0))))
        })?;
        // Metadata names leaders before they lead: a partition that answers is one that takes writes.
        for partition in 0..partitions {
            client.offset(topic, partition, Position::Latest, Isolation::ReadUncommitted)?;
        }
        Ok(())
    }

    /// Gives a topic more partitions, `partitions` in all; by its own tool where the version cannot over the protocol.
    pub(crate) fn add_partitions(&self, topic: &str, partitions: i32) -> Result<()> {
        match &self.keeper {
            Some(keeper) if !self.version.creates_topics => {
                let (address, partitions) = (keeper.address(), partitions.to_string());
                let arguments = ["--zookeeper", &address, "--alter", "--topic", topic, "--partitions", &partitions];
                self.java.run("kafka.admin.TopicCommand", &arguments)?;
            }
            _ => self.client().create_partitions(topic, partitions)?,
        }
        self.wait_for_partitions(topic, partitions)
    }

    /// Runs one of the tools in its jars, which must succeed.
    pub(crate) fn run_tool(&self, main: &str, arguments: &[&str]) -> Result<()> {
        self.java.run(main, arguments)
    }

    /// Where its ZooKeeper is, if it has one.
    pub(crate) fn zookeeper_address(&self) -> Option<String> {
        self.keeper.as_ref().map(ZooKeeper::address)
    }

    /// Sets `message.format.version` of a topic that has no other config of its own, the way its version does it.
    pub(crate) fn set_format(&self, topic: &str, version: &str) -> Result<()> {
        let (client, name) = (self.client(), "message.format.version");
        if client.broker_max(INCREMENTAL_ALTER_CONFIGS).is_ok() {
            return client.alter_topic_config(topic, name, Some(version));
        }
        if client.broker_max(ALTER_CONFIGS).is_ok() {
            return client.replace_topic_config(topic, name, version);
        }
        let address = self.keeper.as_ref().context("a broker without AlterConfigs has a ZooKeeper")?.address();
        let entity = ["--zookeeper", &address, "--alter", "--entity-type", "topics", "--entity-name", topic];
        self.java
            .run("kafka.admin.ConfigCommand", &[&entity[..], &["--add-config", &format!("{name}={version}")]].concat())
            .map(drop)
    }

    /// Runs a command line of `kafka-topics.sh` as it is told to a user, with where its ZooKeeper is put in.
    pub(crate) fn type_topics_command(&self, command: &str) -> Result<()> {
        let keeper = self.keeper.as_ref().context("this version has no ZooKeeper")?;
        let command = command.replace("ZOOKEEPER:2181", &keeper.address());
        let mut words = command.split(' ');
        ensure!(words.next() == Some("kafka-topics.sh"), "another tool: {command}");
        self.java.run("kafka.admin.TopicCommand", &words.collect::<Vec<_>>()).map(drop)
    }

    /// The end of its log.
    pub(crate) fn log_tail(&self) -> String {
        self.java.log_tail(LOG)
    }

    /// How often an exception was too much for one of its network threads: see [`Version::answers_api_versions`].
    pub(crate) fn n_stumbles(&self) -> Result<usize> {
        Ok(self.java.log(LOG)?.matches("Processor got uncaught exception").count())
    }

    /// Removes its data: a static broker's folder is never dropped.
    pub(crate) fn remove_data(&self) {
        let _ = fs::remove_dir_all(self.dir.path());
    }

    /// An open port is not a ready broker: metadata must list it and a group coordinator must be found.
    fn wait_ready(&self) -> Result<()> {
        let client = self.client();
        wait_until_true(&format!("broker {} to be ready", self.version.name), READY_TIMEOUT, || {
            if let Some(exit) = self.process()?.as_mut().context("the broker is stopped")?.try_exit()? {
                bail!("start broker {}: it ended with {}", self.version.name, exit.status);
            }
            // Refused connections and "not available yet" are what we wait through.
            Ok(client.is_ready().unwrap_or(false))
        })
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        self.process()?.as_mut().with_context(|| format!("send {signal:?}: the broker is stopped"))?.signal(signal)
    }

    fn take_process(&self) -> Result<Process> {
        self.process()?.take().with_context(|| format!("end broker {}: it is stopped already", self.address()))
    }

    fn process(&self) -> Result<MutexGuard<'_, Option<Process>>> {
        self.process.lock().map_err(|_| anyhow::anyhow!("a test panicked while it held broker {}", self.address()))
    }
}

const ALTER_CONFIGS: i16 = 33;
const INCREMENTAL_ALTER_CONFIGS: i16 = 44;
fn data_in(dir: &TempDir) -> PathBuf {
    dir.path().join("data")
}

const LOG: &str = "broker.log";
/// Enough for tests; the machine runs several brokers beside the mirror.
const SMALL: JvmSize = JvmSize::Small { heap_mb: 256 };
/// Measured 2-5 s alone; two at once with a compiler beside them take longer.
const READY_TIMEOUT: Duration = Duration::from_secs(90);
/// A controlled shutdown takes 1-3 s here.
const STOP_PATIENCE: Duration = Duration::from_secs(30);
/// 22 characters of base64, other ones for each cluster: kmirror refuses to mirror a cluster onto itself. The last
/// character holds the two bits that are left of 16 bytes.
fn cluster_id(port: u16) -> String {
    format!("a21pcnJvci1saXZl{port:05}A")
}
