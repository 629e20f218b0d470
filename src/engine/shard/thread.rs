//! The thread that drives a shard: orders first, then one round of work, then the reports.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use super::{Now, Shard, ShardCommand, ShardReport};
use crate::engine::clock::Clock;
use crate::engine::fault::{Fault, FaultKind, Side};

/// A running shard. Dropping it does not stop the thread: it ends when the shard has ended.
pub(in crate::engine) struct ShardThread {
    commands: Sender<ShardCommand>,
}

impl ShardThread {
    /// Starts a thread of this name. `make_shard` runs on it, because opening clients may block.
    pub(in crate::engine) fn spawn(
        name: String,
        clock: Arc<dyn Clock>,
        make_shard: impl FnOnce() -> Result<Shard, Fault> + Send + 'static,
        report: impl Fn(Vec<ShardReport>) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (commands, inbox) = channel();
        std::thread::Builder::new().name(name.clone()).spawn(move || {
            let driven = catch_unwind(AssertUnwindSafe(|| match make_shard() {
                Ok(shard) => drive(shard, &inbox, clock.as_ref(), &report),
                Err(fault) => report(vec![ShardReport::Ended { fault: Some(fault), unsettled_records: 0 }]),
            }));
            if driven.is_err() {
                // The panic hook has logged it. The flow replaces the shard and goes on from the progress.
                let fault =
                    Fault::new(FaultKind::Invariant, Side::Source, format!("run shard `{name}`"), "it panicked");
                report(vec![ShardReport::Ended { fault: Some(fault), unsettled_records: 0 }]);
            }
        })?;
        Ok(Self { commands })
    }

    /// Sends an order. A shard that has ended takes none: it has said so, or is about to.
    pub(in crate::engine) fn tell(&self, command: ShardCommand) {
        let _ = self.commands.send(command);
    }
}

fn drive(mut shard: Shard, inbox: &Receiver<ShardCommand>, clock: &dyn Clock, report: &impl Fn(Vec<ShardReport>)) {
    while !shard.has_ended() {
        let now = Now { monotonic: clock.monotonic(), wall_ms: clock.wall_ms() };
        for command in inbox.try_iter() {
            shard.handle(command, now);
        }
        shard.step(now);
        let reports = shard.take_reports();
        if !reports.is_empty() {
            report(reports);
        }
    }
    // What was left behind by the last order, when that ended the shard.
    report(shard.take_reports());
}
