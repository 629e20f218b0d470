//! Setting a lane elsewhere while it may be at work: pause, wait for what is in flight, move, commit, go on.
//!
//! ```text
//!   Move --> paused, in flight --settled--> at the new position --the group has it--> Moved, reads if it may
//!                 |                                |
//!                 +-- too late, given up --+-- blocked --> NotMoved
//! ```
//! Others of the shard go on meanwhile. A lane that an operator holds is moved, and held on.

use std::time::Duration;

use super::{Shard, ShardReport};
use crate::engine::lane::Phase;
use crate::engine::ports::LaneId;
use crate::engine::reason::BlockedReason;
use crate::model::TopicPartition;

/// How long what is in flight is waited for. Longer than a target takes that is at work.
const SETTLE_MAX: Duration = Duration::from_secs(10);

/// A lane that is set elsewhere.
#[derive(Debug)]
pub(super) struct Moving {
    position: i64,
    note: String,
    deadline: Duration,
    /// Where it was, once it has been moved.
    from: Option<i64>,
}

impl Shard {
    /// Begins to move a lane.
    pub(super) fn move_lane(&mut self, partition: TopicPartition, position: i64, note: String) {
        let deadline = self.now + SETTLE_MAX;
        let id = self.lane_ids.get(&partition).copied();
        let lane = id.and_then(|id| self.lanes.get_mut(&id)).filter(|lane| lane.phase != Phase::Draining);
        let Some(lane) = lane else {
            let why = "the lane is being given up, or was".to_owned();
            self.reports.push(ShardReport::NotMoved { partition, why });
            return;
        };
        lane.is_moving = true;
        let id = lane.id;
        self.transport.pause(id);
        self.moving.insert(id, Moving { position, note, deadline, from: None });
    }

    /// Moves the lanes that have nothing in flight any more.
    pub(super) fn go_on_moving(&mut self) {
        let waiting: Vec<LaneId> =
            self.moving.iter().filter(|(_, moving)| moving.from.is_none()).map(|(id, _)| *id).collect();
        for id in waiting {
            let Some(lane) = self.lanes.get_mut(&id) else { continue };
            if lane.phase == Phase::Draining {
                self.give_up_move(id, "the lane is being given up");
            } else if lane.is_settled() {
                lane.is_moving = false;
                self.jump(id);
            } else if self.now >= self.moving[&id].deadline {
                let why = format!("the target did not acknowledge {} records in flight", lane.in_flight_records());
                self.give_up_move(id, &why);
                self.restart_lane(id);
            }
        }
    }

    fn jump(&mut self, id: LaneId) {
        let Some(moving) = self.moving.get(&id) else { return };
        let (position, note) = (moving.position, moving.note.clone());
        let from = self.put_elsewhere(id, position, note);
        if let Some(moving) = self.moving.get_mut(&id) {
            moving.from = from;
        }
    }

    /// The group has the position a lane begins at: if it was moved there, that is done.
    pub(super) fn finish_move(&mut self, id: LaneId) {
        let Some(Moving { position: to, from: Some(from), .. }) = self.moving.get(&id) else { return };
        let (from, to) = (*from, *to);
        self.moving.remove(&id);
        if let Some(partition) = self.lanes.get(&id).map(|lane| lane.source.clone()) {
            self.reports.push(ShardReport::Moved { partition, from, to });
        }
    }

    /// A lane that was moved is blocked before the group has its new position.
    pub(super) fn give_up_jump(&mut self, id: LaneId, why: &BlockedReason) {
        if self.moving.get(&id).is_some_and(|moving| moving.from.is_some()) {
            self.give_up_move(id, &why.to_string());
        }
    }

    pub(super) fn give_up_move(&mut self, id: LaneId, why: &str) {
        if self.moving.remove(&id).is_none() {
            return;
        }
        if let Some(lane) = self.lanes.get_mut(&id) {
            lane.is_moving = false;
            let partition = lane.source.clone();
            self.reports.push(ShardReport::NotMoved { partition, why: why.to_owned() });
        }
    }
}
