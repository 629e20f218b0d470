//! JVM processes of one Kafka version.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::jars;
use super::process::Process;
use super::version::{Logging, Version};

/// Where a version's JVMs run: its jars, its logging set-up, and the file all of their output goes to.
#[derive(Debug)]
pub(crate) struct Java {
    version: &'static Version,
    libs: PathBuf,
    dir: PathBuf,
}

/// What a JVM may use.
#[derive(Clone, Copy, Debug)]
pub(crate) enum JvmSize {
    /// Up in little time and memory, for tests that check what is done, not how fast.
    Small { heap_mb: u32 },
    /// As Kafka's own scripts start it, for benches.
    Full { heap_mb: u32 },
}

impl JvmSize {
    fn flags(self) -> Vec<String> {
        let (heap_mb, flags): (u32, &[&str]) = match self {
            Self::Small { heap_mb } => (heap_mb, &["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]),
            Self::Full { heap_mb } => (heap_mb, KAFKA_FLAGS),
        };
        [format!("-Xmx{heap_mb}m")].into_iter().chain(flags.iter().map(|flag| (*flag).to_owned())).collect()
    }
}

impl Java {
    /// Prepares JVMs of `version` working in `dir`.
    pub(crate) fn prepare(version: &'static Version, dir: &Path) -> Result<Self> {
        let libs = jars::fetch(version)?;
        let (name, text) = match version.logging {
            Logging::Log4j1 => ("log4j.properties", LOG4J1),
            Logging::Log4j2 => ("log4j2.properties", LOG4J2),
        };
        fs::write(dir.join(name), text).with_context(|| format!("write {name}"))?;
        Ok(Self { version, libs, dir: dir.to_owned() })
    }

    /// Starts `main` with `arguments`; everything it prints goes to `log` in the working folder.
    pub(crate) fn start(&self, main: &str, size: JvmSize, log: &str, arguments: &[&str]) -> Result<Process> {
        let file = self.open_log(log)?;
        let mut command = Command::new("java");
        command
            .args(size.flags())
            .args(["-Djava.net.preferIPv4Stack=true", "-Djava.awt.headless=true"])
            .arg(self.logging_flag())
            .arg("-cp")
            .arg(self.libs.join("*"))
            .arg(main)
            .args(arguments)
            .current_dir(&self.dir)
            .stdin(Stdio::null())
            .stdout(file.try_clone().context("share the log")?)
            .stderr(file);
        Process::spawn(&format!("{main} {}", self.version.name), command)
    }

    /// Runs `main` to its end and demands success.
    pub(crate) fn run(&self, main: &str, arguments: &[&str]) -> Result<()> {
        let log = format!("{}.log", main.rsplit('.').next().unwrap_or(main));
        let exit = self.start(main, JvmSize::Small { heap_mb: 128 }, &log, arguments)?.wait(TOOL_TIMEOUT)?;
        if !exit.status.success() {
            bail!("run {main} {arguments:?}: {}\n{}", exit.status, self.log_tail(&log));
        }
        Ok(())
    }

    /// The end of what `log` holds, for messages about failures.
    pub(crate) fn log_tail(&self, log: &str) -> String {
        let bytes = fs::read(self.dir.join(log)).unwrap_or_default();
        let tail = bytes.len().saturating_sub(LOG_TAIL_BYTES);
        format!("--- end of {log} of {} ---\n{}", self.version.name, String::from_utf8_lossy(&bytes[tail..]))
    }

    /// All that `log` holds.
    pub(crate) fn log(&self, log: &str) -> Result<String> {
        let bytes = fs::read(self.dir.join(log)).with_context(|| format!("read {log}"))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn open_log(&self, log: &str) -> Result<File> {
        let path = self.dir.join(log);
        OpenOptions::new().create(true).append(true).open(&path).with_context(|| format!("open {}", path.display()))
    }

    fn logging_flag(&self) -> String {
        let dir = self.dir.display();
        match self.version.logging {
            Logging::Log4j1 => format!("-Dlog4j.configuration=file:{dir}/log4j.properties"),
            Logging::Log4j2 => format!("-Dlog4j2.configurationFile={dir}/log4j2.properties"),
        }
    }
}

/// KAFKA_JVM_PERFORMANCE_OPTS of `kafka-run-class.sh`.
const KAFKA_FLAGS: &[&str] = &[
    "-server",
    "-XX:+UseG1GC",
    "-XX:MaxGCPauseMillis=20",
    "-XX:InitiatingHeapOccupancyPercent=35",
    "-XX:+ExplicitGCInvokesConcurrent",
];

/// A tool is one JVM start and a request or two: 1-3 s here, more beside a busy broker.
const TOOL_TIMEOUT: Duration = Duration::from_secs(60);
/// Enough for the stack trace that matters.
const LOG_TAIL_BYTES: usize = 6_000;

/// To the standard output, which is a file: what the JVM itself prints then stands in the same place.
const LOG4J1: &str = "\
log4j.rootLogger=INFO, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d %p %c{1}: %m%n
";

const LOG4J2: &str = "\
status=warn
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d %p %c{1}: %m%n
rootLogger.level=info
rootLogger.appenderRef.out.ref=out
";
