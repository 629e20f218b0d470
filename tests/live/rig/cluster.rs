//! Brokers shared by every trial of this process, one of each version, started when first asked for.
//!
//! A trial that stops, kills, pauses or configures a broker starts its own with [`Broker::start`].

use std::sync::{Mutex, OnceLock};

use anyhow::{Result, anyhow};

use super::broker::Broker;
use super::version::{ALL, Version};

/// The shared broker of `version`. Use topic and group names no other trial uses ([`unique`]).
pub(crate) fn shared(version: &'static Version) -> Result<&'static Broker> {
    let index = ALL.iter().position(|known| known.name == version.name).unwrap_or(0);
    // The error is kept as text: every trial that needs this broker fails with the same reason, none tries again.
    SHARED[index]
        .get_or_init(|| Broker::start(version).map_err(|error| format!("{error:#}")))
        .as_ref()
        .map_err(|error| anyhow!("{error}"))
}

/// Stops every shared broker that was started.
pub(crate) fn stop_all() {
    for slot in &SHARED {
        if let Some(Ok(broker)) = slot.get() {
            // Its data is thrown away: no reason to wait for a clean shutdown.
            let _ = broker.kill();
            broker.remove_data();
        }
    }
}

/// A name no other trial of this process has.
pub(crate) fn unique(stem: &str) -> String {
    let Ok(mut next) = NEXT.lock() else { return format!("{stem}-poisoned") };
    *next += 1;
    format!("{stem}-{}", *next)
}

static SHARED: [OnceLock<Result<Broker, String>>; ALL.len()] = [const { OnceLock::new() }; ALL.len()];
static NEXT: Mutex<u32> = Mutex::new(0);
