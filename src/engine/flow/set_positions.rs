//! Setting positions at an operator's word, whether the flow runs or not.

use std::collections::BTreeMap;

use super::{Flow, FlowEffect, Stage};
use crate::engine::event::{EventKind, MovedPosition};
use crate::engine::job::{CheckedPositions, Job, JobOutcome, Resolved, told};
use crate::engine::shard::ShardCommand;
use crate::model::{SetPosition, TopicPartition};

const COMMAND: &str = "set positions";

/// Lanes that are being set elsewhere.
#[derive(Debug, Default)]
pub(super) struct Moving {
    /// Those that have not answered yet, with their shards.
    waiting: BTreeMap<TopicPartition, u32>,
    moved: Vec<MovedPosition>,
    refused: Vec<String>,
}

impl Flow {
    pub(super) fn set_positions(&mut self, positions: Vec<SetPosition>) {
        let is_busy = self.moving.is_some() || self.is_set_queued() || self.is_setting;
        let positions: BTreeMap<TopicPartition, i64> =
            positions.iter().map(|position| (position.partition(), position.offset)).collect();
        if positions.is_empty() {
            return self.refuse(COMMAND, "none is named");
        }
        if is_busy {
            return self.refuse(COMMAND, "others are being set; wait for them");
        }
        match &self.stage {
            Stage::Stopped | Stage::Refused(_) => self.jobs.push_back(Job::CommitPositions { positions }),
            // Topics are filled in when it is run.
            Stage::Active => self.jobs.push_back(Job::CheckPositions { positions, topics: BTreeMap::new() }),
            Stage::Starting => self.refuse(COMMAND, "the flow is starting; wait until it runs, or stop it"),
            Stage::Draining { .. } => self.refuse(COMMAND, "the flow is stopping; wait until it has"),
        }
    }

    fn is_set_queued(&self) -> bool {
        self.jobs.iter().any(|job| matches!(job, Job::CheckPositions { .. } | Job::CommitPositions { .. }))
    }

    /// The flow is being stopped: what was to be done while it runs is not.
    pub(super) fn drop_set_positions(&mut self) {
        if self.is_set_queued() {
            self.refuse(COMMAND, "the flow is being stopped");
        }
    }

    /// The flow was stopped while the positions were checked.
    pub(super) fn note_stale(&mut self, outcome: &JobOutcome) {
        if matches!(outcome, JobOutcome::PositionsChecked(_)) {
            self.refuse(COMMAND, "the flow is being stopped");
        }
    }

    pub(super) fn finish_commit_positions(&mut self, result: Result<Vec<EventKind>, String>) {
        match result {
            Ok(events) => self.effects.extend(events.into_iter().map(FlowEffect::Emit)),
            Err(why) => self.refuse(COMMAND, why),
        }
    }

    /// Tells the lanes, if all of them are here.
    pub(super) fn finish_check_positions(&mut self, result: Result<CheckedPositions, String>) {
        let CheckedPositions { positions, members } = match result {
            Ok(checked) => checked,
            Err(why) => return self.refuse(COMMAND, why),
        };
        let elsewhere = positions.keys().filter(|partition| self.owner(partition).is_none());
        let elsewhere: Vec<String> = elsewhere.map(|partition| self.say_elsewhere(partition, &members)).collect();
        let is_settling = self.shards.values().any(|view| view.is_live && (view.pending > 0 || !view.has_joined));
        if !elsewhere.is_empty() && is_settling {
            return self.refuse(COMMAND, "partitions are being assigned just now; try again in a moment");
        }
        if !elsewhere.is_empty() {
            return self.refuse(COMMAND, told(&elsewhere));
        }
        let mut moving = Moving::default();
        for (partition, Resolved { position, note }) in positions {
            let Some(shard) = self.owner(&partition) else { continue };
            moving.waiting.insert(partition.clone(), shard);
            self.tell(shard, ShardCommand::Move { partition, position, note });
        }
        self.moving = Some(moving);
    }

    /// Why a lane is not here.
    fn say_elsewhere(&self, partition: &TopicPartition, members: &[String]) -> String {
        let blocked = self.topics.get(&partition.topic).and_then(|topic| topic.blocked.as_ref());
        match blocked {
            Some(why) => format!("{partition} is not mirrored: {why}; stop the flow to set it"),
            None => format!(
                "{partition} is not mirrored by this instance; in the group are {}",
                if members.is_empty() { "none".to_owned() } else { members.join(", ") }
            ),
        }
    }

    pub(super) fn note_moved(&mut self, partition: TopicPartition, from: i64, to: i64) {
        let Some(moving) = &mut self.moving else { return };
        if moving.waiting.remove(&partition).is_some() {
            moving.moved.push(MovedPosition { partition, from: Some(from), to });
        }
        self.finish_moves();
    }

    pub(super) fn note_not_moved(&mut self, partition: &TopicPartition, why: &str) {
        let Some(moving) = &mut self.moving else { return };
        if moving.waiting.remove(partition).is_some() {
            moving.refused.push(format!("{partition}: {why}"));
        }
        self.finish_moves();
    }

    /// A shard has ended: what its lanes had not confirmed by then stays unknown.
    pub(super) fn end_moves(&mut self, shard: u32) {
        let Some(moving) = &mut self.moving else { return };
        let ended: Vec<TopicPartition> =
            moving.waiting.iter().filter(|(_, of)| **of == shard).map(|(partition, _)| partition.clone()).collect();
        for partition in ended {
            moving.waiting.remove(&partition);
            moving.refused.push(format!("{partition}: its shard ended before the group had confirmed it; look again"));
        }
        self.finish_moves();
    }

    fn finish_moves(&mut self) {
        if self.moving.as_ref().is_none_or(|moving| !moving.waiting.is_empty()) {
            return;
        }
        let Moving { mut moved, refused, .. } = self.moving.take().unwrap_or_default();
        if !moved.is_empty() {
            moved.sort_by(|a, b| a.partition.cmp(&b.partition));
            self.effects.push(FlowEffect::Emit(EventKind::PositionsSet { positions: moved }));
        }
        if !refused.is_empty() {
            self.refuse(COMMAND, told(&refused));
        }
    }
}
