//! The program under test, as a user runs it.

use std::fs;
use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use tempfile::TempDir;

use super::process::{Exit, Process, Signal};
use super::temp;
use super::wait::{let_pass, wait_until};

/// The home folder of one instance: its config file and its state. It outlives its runs, so that a run can follow a
/// crash.
#[derive(Debug)]
pub(crate) struct Home {
    dir: TempDir,
}

/// A run of kmirror. Killed when dropped.
#[derive(Debug)]
pub(crate) struct Kmirror {
    process: Process,
    stdout: Lines,
    stderr: Lines,
    readers: Vec<JoinHandle<()>>,
    peak_rss_bytes: Arc<AtomicU64>,
}

/// What a run left.
#[derive(Clone, Debug)]
pub(crate) struct Finished {
    /// Its exit code; none when a signal ended it.
    pub(crate) code: Option<i32>,
    /// User plus system time.
    pub(crate) cpu: Duration,
    /// The most memory it held, sampled every 50 ms.
    pub(crate) peak_rss_bytes: u64,
    /// Lines of its standard output.
    pub(crate) stdout: Vec<String>,
    /// Lines of its standard error.
    pub(crate) stderr: Vec<String>,
}

type Lines = Arc<Mutex<Vec<String>>>;

impl Home {
    /// A home with this text as `kmirror.toml`.
    pub(crate) fn new(config: &str) -> Result<Self> {
        let dir = temp::dir("home")?;
        let home = Self { dir };
        home.write_config(config)?;
        Ok(home)
    }

    /// Replaces the config file.
    pub(crate) fn write_config(&self, config: &str) -> Result<()> {
        fs::write(self.config(), config).context("write kmirror.toml")
    }

    /// The config file.
    pub(crate) fn config(&self) -> PathBuf {
        self.dir.path().join("kmirror.toml")
    }

    /// The folder itself; logs are somewhere below it.
    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Starts kmirror with `arguments`; `{config}` in one of them is the path of the config file.
    pub(crate) fn start(&self, arguments: &[&str]) -> Result<Kmirror> {
        let config = self.config().display().to_string();
        let mut command = Command::new(env!("CARGO_BIN_EXE_kmirror"));
        command
            .args(arguments.iter().map(|argument| argument.replace("{config}", &config)))
            .env("HOME", self.dir.path())
            .env("XDG_CONFIG_HOME", self.dir.path().join("config"))
            .env("XDG_STATE_HOME", self.dir.path().join("state"))
            .env("XDG_CACHE_HOME", self.dir.path().join("cache"))
            .env("XDG_RUNTIME_DIR", self.dir.path().join("run"))
            .env_remove("KMIRROR_CONFIG")
            .current_dir(self.dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = Process::spawn("kmirror", command)?;
        let (stdout, stderr) = process.take_output();
        let mut readers = Vec::new();
        let stdout = collect(stdout.context("kmirror's stdout")?, &mut readers);
        let stderr = collect(stderr.context("kmirror's stderr")?, &mut readers);
        let peak_rss_bytes = Arc::new(AtomicU64::new(0));
        watch_memory(process.pid(), &peak_rss_bytes);
        Ok(Kmirror { process, stdout, stderr, readers, peak_rss_bytes })
    }

    /// Runs kmirror to its end.
    pub(crate) fn run(&self, arguments: &[&str], deadline: Duration) -> Result<Finished> {
        self.start(arguments)?.finish(deadline)
    }
}

impl Kmirror {
    /// Waits for the first line of standard output or error that `is_wanted`. Fails when the run ends before.
    pub(crate) fn wait_for_line(
        &mut self,
        what: &str,
        deadline: Duration,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Result<String> {
        let found = wait_until(what, deadline, || {
            // Asked before looking: lines written right before the end are still seen.
            let exit = self.process.try_exit()?;
            let lines = [snapshot(&self.stdout), snapshot(&self.stderr)].concat();
            match (lines.into_iter().find(|line| is_wanted(line)), exit) {
                (Some(line), _) => Ok(Some(line)),
                (None, Some(exit)) => Err(anyhow!("wait for {what}: kmirror ended with {}", exit.status)),
                (None, None) => Ok(None),
            }
        });
        found.with_context(|| self.tail())
    }

    /// Lines of standard output so far.
    pub(crate) fn stdout(&self) -> Vec<String> {
        snapshot(&self.stdout)
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Has it ended?
    pub(crate) fn is_running(&mut self) -> Result<bool> {
        Ok(self.process.try_exit()?.is_none())
    }

    /// Sends a signal.
    pub(crate) fn signal(&mut self, signal: Signal) -> Result<()> {
        self.process.signal(signal)
    }

    /// Waits for it to end by itself.
    pub(crate) fn finish(mut self, deadline: Duration) -> Result<Finished> {
        let exit = self.process.wait(deadline).with_context(|| self.tail())?;
        self.finished(exit)
    }

    /// SIGTERM, then [`Self::finish`]: not insisted upon, a run that does not stop fails the test.
    pub(crate) fn terminate(mut self, deadline: Duration) -> Result<Finished> {
        self.signal(Signal::Terminate)?;
        self.finish(deadline)
    }

    /// SIGKILL: a crash.
    pub(crate) fn kill(mut self) -> Result<Finished> {
        let exit = self.process.kill()?;
        self.finished(exit)
    }

    /// The last lines of both outputs, for messages about failures.
    pub(crate) fn tail(&self) -> String {
        let tail = |lines: &Lines| {
            let lines = snapshot(lines);
            // Samples come every second and push out what happened; the last one says where it stands.
            let is_sample = |line: &&String| line.starts_with("{\"type\":\"sample\"");
            let told: Vec<&String> = lines.iter().filter(|line| !is_sample(line)).collect();
            let last = lines.iter().rfind(is_sample).cloned().unwrap_or_default();
            let told: Vec<&str> = told[told.len().saturating_sub(40)..].iter().map(|line| line.as_str()).collect();
            format!("{}\n{last}", told.join("\n"))
        };
        format!("--- kmirror's stdout ---\n{}\n--- kmirror's stderr ---\n{}", tail(&self.stdout), tail(&self.stderr))
    }

    fn finished(&mut self, exit: Exit) -> Result<Finished> {
        // The pipes are closed by now: both threads end after the last line.
        for reader in self.readers.drain(..) {
            reader.join().map_err(|_| anyhow!("a reader of kmirror's output panicked"))?;
        }
        Ok(Finished {
            code: exit.status.code(),
            cpu: exit.cpu,
            peak_rss_bytes: self.peak_rss_bytes.load(Ordering::Relaxed),
            stdout: snapshot(&self.stdout),
            stderr: snapshot(&self.stderr),
        })
    }
}

fn snapshot(lines: &Lines) -> Vec<String> {
    lines.lock().map(|lines| lines.clone()).unwrap_or_default()
}

fn collect(output: impl Read + Send + 'static, readers: &mut Vec<JoinHandle<()>>) -> Lines {
    let lines = Lines::default();
    let sink = Arc::clone(&lines);
    readers.push(thread::spawn(move || {
        // Not `lines()`: what is not UTF-8 must not end the reading.
        for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
            if let Ok(mut sink) = sink.lock() {
                sink.push(String::from_utf8_lossy(&line).into_owned());
            }
        }
    }));
    lines
}

/// Samples VmHWM until the process is gone. The kernel's own figure at the end (ru_maxrss) also counts the memory of
/// the test binary it was forked from.
fn watch_memory(pid: u32, peak: &Arc<AtomicU64>) {
    let peak = Arc::downgrade(peak);
    thread::spawn(move || {
        while let (Some(peak), Some(bytes)) = (peak.upgrade(), peak_rss_bytes(pid)) {
            peak.fetch_max(bytes, Ordering::Relaxed);
            let_pass(Duration::from_millis(50));
        }
    });
}

/// The most memory a running process has held.
pub(crate) fn peak_rss_bytes(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes << 10)
}
