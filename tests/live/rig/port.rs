//! Ports on 127.0.0.1 that stay ours while a broker restarts.
//!
//! Outside the kernel's ephemeral range (32768 and up), or an outgoing connection could take the port of a broker that
//! is just being restarted.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Result, bail};

/// A free port, not given to anyone else in this process.
pub(crate) fn reserve() -> Result<u16> {
    let Ok(mut taken) = TAKEN.lock() else { bail!("reserve a port: a test panicked while doing so") };
    // Several test processes may look at the same moment: each begins elsewhere.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.subsec_nanos());
    let seed = (std::process::id() ^ now) % u32::from(COUNT);
    for step in 0..u32::from(COUNT) {
        let port = FIRST + u16::try_from((seed + step) % u32::from(COUNT)).unwrap_or(0);
        if !taken.contains(&port) && TcpListener::bind(("127.0.0.1", port)).is_ok() {
            taken.insert(port);
            return Ok(port);
        }
    }
    bail!("reserve a port: none free from {FIRST} on");
}

static TAKEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;
