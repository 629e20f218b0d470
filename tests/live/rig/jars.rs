//! Kafka's jars, fetched once by Maven into a cache outside the sources.
//!
//! ```text
//! $KMIRROR_JARS | $XDG_CACHE_HOME/kmirror-jars | ~/.cache/kmirror-jars
//!   3.9.2/pom.xml  3.9.2/lock  3.9.2/libs/*.jar  3.9.2/complete
//! ```

use std::env;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::process::Process;
use super::version::{Artifact, Version};
use super::wait::wait_until_true;

/// The folder holding every jar of `version`, fetched if this machine has not done it before.
pub(crate) fn fetch(version: &Version) -> Result<PathBuf> {
    let dir = cache_dir()?.join(version.name);
    fs::create_dir_all(&dir).with_context(|| format!("create {}", dir.display()))?;
    let (libs, complete) = (dir.join("libs"), dir.join("complete"));
    if complete.exists() {
        return Ok(libs);
    }
    // Another test process may be at it. The lock is released by the kernel when its owner ends, however it ends.
    let lock = File::create(dir.join("lock")).with_context(|| format!("create the lock in {}", dir.display()))?;
    wait_until_true(&format!("the jars of {} in another process", version.name), FETCH_TIMEOUT, || {
        match lock.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error).context("lock the jars"),
        }
    })?;
    if !complete.exists() {
        run_maven(&dir, version)?;
        fs::write(&complete, "").with_context(|| format!("create {}", complete.display()))?;
    }
    Ok(libs)
}

/// Why live tests cannot run here, if they cannot: java and mvn are looked for on the PATH.
pub(crate) fn missing_tools() -> Option<String> {
    let missing: Vec<&str> = ["java", "mvn"].into_iter().filter(|tool| !is_on_path(tool)).collect();
    (!missing.is_empty()).then(|| format!("{} not on PATH", missing.join(" and ")))
}

fn is_on_path(tool: &str) -> bool {
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|dir| dir.join(tool).is_file()))
}

fn cache_dir() -> Result<PathBuf> {
    if let Some(dir) = env::var_os("KMIRROR_JARS") {
        return Ok(dir.into());
    }
    if let Some(dir) = env::var_os("XDG_CACHE_HOME").filter(|dir| !dir.is_empty()) {
        return Ok(Path::new(&dir).join("kmirror-jars"));
    }
    let home = env::var_os("HOME").context("find the jars' cache: set KMIRROR_JARS or HOME")?;
    Ok(Path::new(&home).join(".cache/kmirror-jars"))
}

fn run_maven(dir: &Path, version: &Version) -> Result<()> {
    fs::write(dir.join("pom.xml"), pom(version.artifacts)).context("write pom.xml")?;
    let log_path = dir.join("maven.log");
    let log = File::create(&log_path).context("create maven.log")?;
    let mut command = Command::new("mvn");
    command
        .args(["-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=libs", "-DincludeScope=runtime"])
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(log.try_clone().context("share maven.log")?)
        .stderr(log);
    let mut maven = Process::spawn("mvn", command)?;
    let exit = maven.wait(FETCH_TIMEOUT).with_context(|| format!("fetch the jars of {}", version.name))?;
    if !exit.status.success() {
        let log = fs::read_to_string(&log_path).unwrap_or_default();
        bail!("fetch the jars of {}: mvn ended with {}:\n{log}", version.name, exit.status);
    }
    Ok(())
}

fn pom(artifacts: &[Artifact]) -> String {
    let dependencies: String = artifacts
        .iter()
        .map(|(group, name, version)| {
            format!(
                "    <dependency><groupId>{group}</groupId><artifactId>{name}</artifactId><version>{version}</version></dependency>\n"
            )
        })
        .collect();
    format!(
        "<project xmlns=\"http://maven.apache.org/POM/4.0.0\">\n  <modelVersion>4.0.0</modelVersion>\n  \
         <groupId>kmirror</groupId><artifactId>jars</artifactId><version>1</version><packaging>pom</packaging>\n  \
         <dependencies>\n{dependencies}  </dependencies>\n</project>\n"
    )
}

/// 56 MB over a slow line; measured here: 2-9 s.
const FETCH_TIMEOUT: Duration = Duration::from_secs(300);
