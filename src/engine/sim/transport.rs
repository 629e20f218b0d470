//! A transport in memory. It keeps the contract of `ports.rs` to the letter, and holds the engine to its side of it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::cluster::{Shared, lock};
use super::group::Asked;
use super::kafka::{Kafka, Writer, WriterLane};
use super::pump;
use crate::engine::fault::{Fault, FaultKind, Side};
use crate::engine::ports::{Allowance, Attachment, Committed, LaneId, Transport, TransportEvent};
use crate::model::{TargetLimits, TopicName, TopicPartition};

pub(super) struct FakeTransport {
    kafka: Shared,
    /// Which of the writers it is.
    pub(super) id: u32,
    is_closed: bool,
}

impl FakeTransport {
    pub(super) fn new(kafka: &Shared) -> Self {
        let mut state = lock(kafka);
        let id = state.next_writer;
        state.next_writer += 1;
        state.writers.insert(id, Writer::default());
        drop(state);
        Self { kafka: kafka.clone(), id, is_closed: false }
    }

    /// The engine's side of the contract.
    fn expect(&self, holds: bool, what: &str) {
        if !holds {
            lock(&self.kafka).violations.push(format!("contract: {what}"));
        }
    }

    fn with_lane(&mut self, id: LaneId, what: &str, change: impl FnOnce(&mut WriterLane)) {
        self.expect(!self.is_closed, "nothing after close");
        let mut kafka = lock(&self.kafka);
        match kafka.writers.get_mut(&self.id).and_then(|writer| writer.lanes.get_mut(&id)) {
            Some(lane) => change(lane),
            None => kafka.violations.push(format!("contract: {what} on a lane that is not attached")),
        }
    }

    fn check_owned(&self, positions: &[(TopicPartition, Committed)]) {
        let kafka = lock(&self.kafka);
        let lanes = kafka.writers.get(&self.id).map(|writer| &writer.lanes);
        let owned: BTreeSet<&TopicPartition> =
            lanes.into_iter().flat_map(BTreeMap::values).map(|lane| &lane.source).collect();
        let are_owned = positions.iter().all(|(partition, _)| owned.contains(partition));
        drop(kafka);
        self.expect(are_owned, "only owned partitions are committed");
        self.expect(!positions.is_empty(), "a commit commits something");
    }
}

impl Transport for FakeTransport {
    fn subscribe(&mut self, topics: &[TopicName]) -> Result<(), Fault> {
        self.expect(!self.is_closed, "nothing after close");
        lock(&self.kafka).group.subscribe(self.id, topics);
        Ok(())
    }

    fn attach(&mut self, lanes: &[Attachment]) -> Result<(), Fault> {
        self.expect(!self.is_closed, "nothing after close");
        let mut kafka = lock(&self.kafka);
        let answered: BTreeSet<TopicPartition> = lanes.iter().map(|lane| lane.source.clone()).collect();
        let member = kafka.group.members.get_mut(&self.id);
        let asked = member.map(|member| std::mem::take(&mut member.asked));
        if asked != Some(Asked::ToAttach(answered)) {
            kafka.violations.push(format!("contract: attach answers the assignment, not {asked:?}"));
        }
        for attachment in lanes {
            let lane = WriterLane {
                source: attachment.source.clone(),
                target: attachment.target.clone(),
                source_id: kafka.source.id(&attachment.source.topic),
                target_id: kafka.target.id(&attachment.target.topic),
                limits: attachment.limits.clone(),
                next: attachment.position,
                is_paused: false,
                needs_seek: !attachment.reading,
                must_look: false,
                seek: None,
                stop: None,
                alone_before: 0,
                told_end: None,
                in_flight: VecDeque::new(),
                strays: VecDeque::new(),
            };
            let Some(writer) = kafka.writers.get_mut(&self.id) else { continue };
            if writer.lanes.insert(attachment.lane, lane).is_some() {
                kafka.violations.push("contract: a lane's id is used twice".into());
            }
        }
        Ok(())
    }

    fn release(&mut self, lanes: &[LaneId]) -> Result<(), Fault> {
        self.expect(!self.is_closed, "nothing after close");
        let mut kafka = lock(&self.kafka);
        let writer = kafka.writers.get(&self.id);
        let released: BTreeSet<TopicPartition> = lanes
            .iter()
            .filter_map(|lane| writer.and_then(|writer| writer.lanes.get(lane)))
            .map(|lane| lane.source.clone())
            .collect();
        // Commits travel before the leaving on one connection.
        while kafka.answer_commit(self.id).is_some() {}
        for lane in lanes {
            kafka.abandon(self.id, *lane);
        }
        let left: Vec<TopicPartition> = kafka
            .writers
            .get(&self.id)
            .map(|w| w.lanes.values().map(|l| l.source.clone()).collect())
            .unwrap_or_default();
        let mut is_right = false;
        if let Some(member) = kafka.group.members.get_mut(&self.id) {
            // Partitions that were never attached have no lane to release.
            is_right = match &member.asked {
                Asked::ToRelease(asked) => released.is_subset(asked) && !left.iter().any(|p| asked.contains(p)),
                Asked::Nothing | Asked::ToAttach(_) => false,
            };
            if let Asked::ToRelease(asked) = std::mem::take(&mut member.asked) {
                member.owned.retain(|partition| !asked.contains(partition));
            }
        }
        if !is_right {
            kafka.violations.push("contract: release answers the revocation".into());
        }
        if let Some(writer) = kafka.writers.get_mut(&self.id).filter(|writer| writer.lanes.is_empty()) {
            writer.has_failed = false;
        }
        Ok(())
    }

    fn pause(&mut self, lane: LaneId) {
        self.with_lane(lane, "pause", |lane| lane.is_paused = true);
    }

    fn resume(&mut self, lane: LaneId) {
        let mut needs_seek = false;
        self.with_lane(lane, "resume", |lane| {
            lane.is_paused = false;
            needs_seek = lane.needs_seek;
        });
        self.expect(!needs_seek, "a lane that has stopped is sought, not resumed");
    }

    fn seek(&mut self, lane: LaneId, offset: i64, alone_before: i64) {
        self.with_lane(lane, "seek", |lane| {
            lane.seek = Some((offset, alone_before));
            lane.stop = None;
            lane.is_paused = false;
        });
    }

    fn set_limits(&mut self, lane: LaneId, limits: &TargetLimits) {
        self.with_lane(lane, "set limits", |lane| lane.limits = limits.clone());
    }

    fn commit(&mut self, positions: &[(TopicPartition, Committed)]) {
        self.expect(!self.is_closed, "nothing after close");
        self.check_owned(positions);
        let mut kafka = lock(&self.kafka);
        if let Some(writer) = kafka.writers.get_mut(&self.id) {
            writer.commits.push_back(positions.to_vec());
        }
    }

    fn commit_and_wait(&mut self, positions: &[(TopicPartition, Committed)], _timeout: Duration) -> Result<(), Fault> {
        self.commit(positions);
        let mut kafka = lock(&self.kafka);
        let mut last = Ok(());
        while let Some((_, result)) = kafka.answer_commit(self.id) {
            last = result;
        }
        if last.is_err()
            && let Some(writer) = kafka.writers.get_mut(&self.id)
        {
            writer.has_failed = true;
        }
        last
    }

    fn pump(&mut self, allowance: Allowance, events: &mut Vec<TransportEvent>) {
        self.expect(!self.is_closed, "nothing after close");
        let mut kafka = lock(&self.kafka);
        pump::pump(&mut kafka, self.id, allowance, events);
    }

    fn log_bounds(&self, lane: LaneId) -> Option<(i64, i64)> {
        let kafka = lock(&self.kafka);
        let lane = kafka.writers.get(&self.id)?.lanes.get(&lane)?;
        kafka.source.log(&lane.source).map(|log| (log.start, log.end))
    }

    fn close(&mut self, _timeout: Duration) {
        self.expect(!self.is_closed, "nothing after close");
        self.is_closed = true;
        let mut kafka = lock(&self.kafka);
        while kafka.answer_commit(self.id).is_some() {}
        kafka.close(self.id);
        kafka.group.leave(self.id);
        kafka.writers.remove(&self.id);
    }
}

impl Drop for FakeTransport {
    fn drop(&mut self) {
        // Its process was killed; the group will notice in time.
        if !self.is_closed
            && let Ok(mut kafka) = self.kafka.lock()
        {
            kafka.kill(self.id);
        }
    }
}

/// A client that is beyond repair.
pub(super) fn fatal() -> Fault {
    Fault::new(FaultKind::ClientFatal, Side::Target, "write", "simulated")
}

/// No broker of a cluster answers.
pub(super) fn unreachable(side: Side) -> Fault {
    Fault::new(FaultKind::Unreachable, side, "reach a broker", "simulated")
}

/// Whether a member's process is gone.
pub(super) fn is_dead(kafka: &Kafka, member: u32) -> bool {
    !kafka.writers.contains_key(&member)
}
