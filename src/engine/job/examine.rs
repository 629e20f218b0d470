//! Why a target that can be reached does not acknowledge what was sent to it.

use super::{JobContext, Stall};
use crate::engine::fault::{Fault, Side};
use crate::engine::reason::WaitingReason;

/// What the target's metadata says about the topic. `None` when it looks healthy: then it is only slow.
pub(super) fn examine(context: &JobContext, stall: &Stall) -> Result<Option<WaitingReason>, Fault> {
    let topics = context.target.topics()?;
    let Some(found) = topics.iter().find(|topic| topic.name == stall.topic.target) else { return Ok(None) };
    if found.leaderless > 0 {
        return Ok(Some(WaitingReason::LeaderUnavailable { side: Side::Target }));
    }
    let needed = stall.topic.limits.in_sync_replicas_min.unwrap_or(1);
    Ok((found.in_sync_replicas_min < needed).then_some(WaitingReason::NotEnoughReplicas))
}
