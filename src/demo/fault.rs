//! Trouble to order.

use std::time::Duration;

/// Something that happens to one of the demo's clusters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemoFault {
    /// One broker of three stops answering. It stays the leader of its partitions, which is a third of every topic's:
    /// those wait, the others go on. It coordinates no group of the flow's.
    BrokerDown,
    /// It is back.
    BrokerUp,
    /// Every broker answers later by `rtt`.
    SlowLink {
        /// By how much.
        rtt: Duration,
    },
    /// They answer at once again.
    FastLink,
}
