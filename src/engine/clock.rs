//! Time, as a port: the simulation has its own.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Where the engine takes its time from.
pub trait Clock: Send + Sync {
    /// Time since any fixed moment. Never goes back.
    fn monotonic(&self) -> Duration;
    /// Wall clock, ms since 1970.
    fn wall_ms(&self) -> i64;
}

/// The machine's clocks.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { started: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }

    fn wall_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}
