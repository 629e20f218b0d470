//! Waiting with a deadline, never sleep-and-hope.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Polls `check` until it gives something. An error ends the wait at once; `what` is named when the deadline passes.
pub(crate) fn wait_until<T>(what: &str, deadline: Duration, mut check: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(value) = check()? {
            return Ok(value);
        }
        if start.elapsed() >= deadline {
            bail!("wait for {what}: nothing within {:.1} s", deadline.as_secs_f64());
        }
        thread::sleep(POLL);
    }
}

/// Like [`wait_until`], for conditions.
pub(crate) fn wait_until_true(what: &str, deadline: Duration, mut check: impl FnMut() -> Result<bool>) -> Result<()> {
    wait_until(what, deadline, || Ok(check()?.then_some(())))
}

/// Lets a time pass in which nothing may happen, or between two samples. Never to wait for something.
pub(crate) fn let_pass(time: Duration) {
    thread::sleep(time);
}

/// Short beside a broker's answer, long beside two cores shared with two JVMs.
const POLL: Duration = Duration::from_millis(20);
