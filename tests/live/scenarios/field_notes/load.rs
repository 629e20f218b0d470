//! Somebody who goes on writing while things happen.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};

use crate::rig::broker::Broker;
use crate::rig::corpus::Bulk;
use crate::rig::wait::let_pass;

/// A writer in the background. It ends when told to, or when dropped.
pub(super) struct Load {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<u64>>>,
}

impl Load {
    /// Starts to write records of 500 bytes into all partitions of `topic`, numbered from `first` on.
    pub(super) fn start(broker: &'static Broker, topic: &str, first: u64) -> Self {
        let (stop, topic) = (Arc::new(AtomicBool::new(false)), topic.to_owned());
        let is_stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let mut next = first;
            while !is_stopped.load(Ordering::Relaxed) {
                Bulk { first: next, ..Bulk::new(ROUND, 500) }.write(broker, &topic)?;
                next += ROUND as u64;
                let_pass(PAUSE);
            }
            Ok(next)
        });
        Self { stop, thread: Some(thread) }
    }

    /// Ends it, and gives the number after the last record's.
    pub(super) fn finish(mut self) -> Result<u64> {
        self.stop.store(true, Ordering::Relaxed);
        let thread = self.thread.take().context("a load ends once")?;
        thread.join().map_err(|_| anyhow!("the load panicked"))?.context("write the load")
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// Records between two pauses, a batch for each of three partitions; 6,000 a second leave the machine to others.
const ROUND: usize = 300;
const PAUSE: Duration = Duration::from_millis(50);
