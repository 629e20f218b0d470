//! Brokers shared by every trial of this process, one of each version, started when first asked for.
//!
//! A trial that stops, kills, pauses or configures a broker starts its own with [`Broker::start`].

use std::sync::Mutex;

use anyhow::Result;

use super::broker::Broker;
use super::version::{PerVersion, V3_2, Version};

/// The shared broker of `version`. Use topic and group names no other trial uses ([`unique`]).
pub(crate) fn shared(version: &'static Version) -> Result<&'static Broker> {
    SHARED.get(version, || Broker::start(version))
}

/// Another shared one of `version`, so that there is a pair of equals. One of 3.2 is as an unfinished rolling upgrade
/// leaves it: with the protocol of 2.8, for only so are logs kept in formats before v2.
pub(crate) fn second(version: &'static Version) -> Result<&'static Broker> {
    let is_half_upgraded = version.name == V3_2.name;
    let properties: &[_] = if is_half_upgraded { &[("inter.broker.protocol.version", "2.8")] } else { &[] };
    SECOND.get(version, || Broker::start_with(version, properties))
}

/// Stops every shared broker that was started.
pub(crate) fn stop_all() {
    for broker in SHARED.made().chain(SECOND.made()) {
        // Its data is thrown away: no reason to wait for a clean shutdown.
        let _ = broker.kill();
        broker.remove_data();
    }
}

/// A name no other trial of this process has.
pub(crate) fn unique(stem: &str) -> String {
    let Ok(mut next) = NEXT.lock() else { return format!("{stem}-poisoned") };
    *next += 1;
    format!("{stem}-{}", *next)
}

static SHARED: PerVersion<Broker> = PerVersion::new();
static SECOND: PerVersion<Broker> = PerVersion::new();
static NEXT: Mutex<u32> = Mutex::new(0);
