//! Who copies, and how each is started.

use std::env;
use std::fmt;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use super::bare;
use super::data::Data;
use super::measure::Bench;
use super::options::InFlight;
use super::rig::java::{Java, JvmSize};
use super::rig::process::Process;
use super::rig::version::{Keeper, Logging, V3_9, Version};

/// One that copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contender {
    Bare { in_flight: InFlight },
    Kmirror { in_flight: InFlight },
    MirrorMaker2,
    MirrorMaker1,
}

impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bare { in_flight } => write!(f, "bare {in_flight}"),
            Self::Kmirror { in_flight } => write!(f, "kmirror {in_flight}"),
            Self::MirrorMaker2 => f.write_str("mm2 4.3.0"),
            Self::MirrorMaker1 => f.write_str("mm1 3.9.2"),
        }
    }
}

impl Contender {
    /// Whether it ends by itself when everything is copied.
    pub(crate) fn ends_by_itself(self) -> bool {
        matches!(self, Self::Bare { .. } | Self::Kmirror { .. })
    }

    /// What `tag` and this contender make of a topic's name.
    pub(crate) fn target_topic(self, tag: &str, topic: &str) -> String {
        match self {
            // It cannot rename.
            Self::MirrorMaker1 => topic.to_owned(),
            _ => format!("{tag}.{topic}"),
        }
    }

    /// Starts it in `dir`, where its output goes to `log`. `tag` is of this run alone.
    pub(crate) fn start(self, bench: &Bench, data: &Data, tag: &str, dir: &Path, log: &str) -> Result<Process> {
        let (source, target) = (bench.source.address(), bench.target.address());
        match self {
            Self::Bare { in_flight } => {
                let program = env::current_exe().context("find this program")?;
                let topic = self.target_topic(tag, &data.topic);
                let arguments: [&str; 8] = [
                    bare::ARGUMENT,
                    &source,
                    &target,
                    &data.topic,
                    &topic,
                    &data.partitions.to_string(),
                    &data.shape.records.to_string(),
                    &in_flight.0.to_string(),
                ];
                bench.spawn("the bare loop", &program, &arguments, dir, log)
            }
            Self::Kmirror { in_flight } => {
                let config = dir.join("kmirror.toml");
                fs::write(&config, kmirror_toml(&source, &target, &data.topic, tag, in_flight))?;
                let config = config.display().to_string();
                let arguments = ["run", "-c", &config, "--until-caught-up", "--format", "json"];
                bench.spawn("kmirror", Path::new(env!("CARGO_BIN_EXE_kmirror")), &arguments, dir, log)
            }
            Self::MirrorMaker2 => {
                let java = Java::prepare(&MM2, dir)?;
                let config = dir.join("mm2.properties");
                fs::write(&config, mm2_properties(&source, &target, &data.topic, tag))?;
                let config = config.display().to_string();
                java.start("org.apache.kafka.connect.mirror.MirrorMaker", MM2_SIZE, log, &[&config])
            }
            Self::MirrorMaker1 => {
                let java = Java::prepare(&V3_9, dir)?;
                let (consumer, producer) = (dir.join("consumer.properties"), dir.join("producer.properties"));
                let reads = format!("bootstrap.servers={source}\ngroup.id={tag}\nauto.offset.reset=earliest\n");
                fs::write(&consumer, reads)?;
                fs::write(&producer, format!("bootstrap.servers={target}\n{TUNED}"))?;
                let (consumer, producer) = (consumer.display().to_string(), producer.display().to_string());
                let arguments = [
                    ["--consumer.config", &consumer],
                    ["--producer.config", &producer],
                    ["--num.streams", "2"],
                    ["--whitelist", &data.topic],
                ];
                java.start("kafka.tools.MirrorMaker", MM1_SIZE, log, arguments.as_flattened())
            }
        }
    }
}

impl Bench {
    fn spawn(&self, what: &str, program: &Path, arguments: &[&str], dir: &Path, log: &str) -> Result<Process> {
        let program = program.to_str().context("a path that is not UTF-8")?;
        let under: Vec<&str> = self.under.iter().flat_map(|under| under.split_whitespace()).collect();
        let line: Vec<&str> = under.into_iter().chain([program]).chain(arguments.iter().copied()).collect();
        let output = File::create(dir.join(log)).context("create the log")?;
        let mut command = Command::new(line[0]);
        command
            .args(&line[1..])
            .env("HOME", dir)
            .env("XDG_STATE_HOME", dir.join("state"))
            .env("XDG_CONFIG_HOME", dir.join("config"))
            .env_remove("KMIRROR_CONFIG")
            .stdin(Stdio::null())
            .stdout(output.try_clone().context("share the log")?)
            .stderr(output);
        // A profiler leaves its files where the bench was started.
        if self.under.is_none() {
            command.current_dir(dir);
        }
        Process::spawn(what, command)
    }
}

fn kmirror_toml(source: &str, target: &str, topic: &str, tag: &str, in_flight: InFlight) -> String {
    format!(
        "[clusters.a]\nbootstrap_servers = \"{source}\"\n[clusters.b]\nbootstrap_servers = \"{target}\"\n\
         [flows.{tag}]\nsource = \"a\"\ntarget = \"b\"\ninclude = ['{topic}']\n\
         rename = {{ prefix = \"{tag}\", separator = \".\" }}\n\
         [flows.{tag}.limits]\nin_flight_bytes = {}\n",
        in_flight.0
    )
}

/// The source cluster's alias is the prefix of the copy's name.
fn mm2_properties(source: &str, target: &str, topic: &str, tag: &str) -> String {
    let tuned: String = TUNED.lines().map(|line| format!("target.producer.{line}\n")).collect();
    format!(
        "clusters={tag},target\n{tag}.bootstrap.servers={source}\ntarget.bootstrap.servers={target}\n\
         {tag}->target.enabled=true\n{tag}->target.topics={topic}\ntarget->{tag}.enabled=false\n\
         tasks.max=2\nreplication.factor=1\n\
         checkpoints.topic.replication.factor=1\nheartbeats.topic.replication.factor=1\n\
         offset-syncs.topic.replication.factor=1\noffset.storage.replication.factor=1\n\
         status.storage.replication.factor=1\nconfig.storage.replication.factor=1\n\
         emit.heartbeats.enabled=false\nemit.checkpoints.enabled=false\n\
         sync.topic.configs.enabled=false\nsync.topic.acls.enabled=false\n{tuned}"
    )
}

/// What made both MirrorMakers fastest.
const TUNED: &str = "batch.size=262144\nlinger.ms=20\ncompression.type=lz4\nbuffer.memory=67108864\n";

/// As `connect-mirror-maker.sh` starts it.
const MM2_SIZE: JvmSize = JvmSize::Full { heap_mb: 2048 };
/// `kafka-mirror-maker.sh` gives it 256 MB, with which it spends its time collecting garbage.
const MM1_SIZE: JvmSize = JvmSize::Full { heap_mb: 1024 };

static MM2: Version = Version {
    name: "mm2-4.3.0",
    artifacts: &[
        ("org.apache.kafka", "connect-mirror", "4.3.0"),
        ("org.apache.kafka", "connect-runtime", "4.3.0"),
        ("org.apache.logging.log4j", "log4j-slf4j-impl", "2.25.4"),
    ],
    keeper: Keeper::KRaft,
    logging: Logging::Log4j2,
    has_transactions: true,
    has_zstd: true,
    answers_api_versions: true,
    creates_topics: true,
};
