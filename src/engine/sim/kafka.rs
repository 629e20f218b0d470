//! The two clusters, the group between them, and what is under way from one to the other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::group::{Group, OtherGroup};
use super::invariant::{Ledger, Violation};
use super::log::{ClusterState, Record, Size};
use super::random::Random;
use crate::engine::fault::{Fault, FaultKind, Side};
use crate::engine::ports::{Committed, LaneId, StopCause};
use crate::engine::progress::ProgressNote;
use crate::model::{GroupName, RecordFacts, TargetLimits, TopicPartition};

#[derive(Debug)]
pub(super) struct Kafka {
    pub(super) now: Duration,
    pub(super) random: Random,
    pub(super) source: ClusterState,
    pub(super) target: ClusterState,
    pub(super) group: Group,
    /// Groups of other flows, by name.
    pub(super) others: BTreeMap<GroupName, OtherGroup>,
    pub(super) writers: BTreeMap<u32, Writer>,
    /// Sent by writers that are gone.
    pub(super) zombies: Vec<Zombie>,
    pub(super) ledger: Ledger,
    /// Percent of commits the group does not take.
    pub(super) failing_commits: u32,
    /// Percent of records a broker refuses for the moment.
    pub(super) failing_writes: u32,
    /// Percent of rounds in which the oldest commit is answered.
    pub(super) answering: u32,
    /// The target answers, and takes no records.
    pub(super) is_stalled: bool,
    pub(super) next_writer: u32,
    pub(super) violations: Vec<Violation>,
}

/// Positions of a commit, and what the group said to it.
type Answer = (Vec<(TopicPartition, i64)>, Result<(), Fault>);

/// What one transport has under way.
#[derive(Debug, Default)]
pub(super) struct Writer {
    pub(super) lanes: BTreeMap<LaneId, WriterLane>,
    /// Commits that were not answered.
    pub(super) commits: VecDeque<Vec<(TopicPartition, Committed)>>,
    /// The oldest of them that were asked for as a member the group has expelled since: their generation is not its
    /// present one, so they are never taken, though the member is back.
    pub(super) fenced_commits: usize,
    /// A last commit was not taken, or what was in flight was given up: positions may lie behind the target.
    pub(super) has_failed: bool,
    pub(super) troubled_at: Option<Duration>,
    /// Brokers it has told of that they are away.
    pub(super) missed: BTreeSet<(Side, i32)>,
    /// The client is beyond repair, and will say so.
    pub(super) is_broken: bool,
}

/// One lane of a transport.
#[derive(Debug)]
pub(super) struct WriterLane {
    pub(super) source: TopicPartition,
    pub(super) target: TopicPartition,
    pub(super) source_id: Option<u32>,
    pub(super) target_id: Option<u32>,
    pub(super) limits: TargetLimits,
    /// The next offset to read.
    pub(super) next: i64,
    pub(super) is_paused: bool,
    /// Nothing comes until a seek: it was attached so, or it stopped.
    pub(super) needs_seek: bool,
    /// Whether the next seek finds whatever topic has the name by then: the engine was told that it is not the old one.
    pub(super) must_look: bool,
    pub(super) seek: Option<(i64, i64)>,
    pub(super) stop: Option<(i64, StopCause)>,
    pub(super) alone_before: i64,
    pub(super) told_end: Option<i64>,
    pub(super) in_flight: VecDeque<Sent>,
    /// In flight behind a record that was rejected: they land, and nobody hears of it.
    pub(super) strays: VecDeque<Sent>,
}

/// A record on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    /// The life of the topic it was read from: its lane may be sent to a later one meanwhile.
    pub(super) source_id: Option<u32>,
    pub(super) offset: i64,
    pub(super) record: Record,
    pub(super) has_landed: bool,
    pub(super) is_alone: bool,
}

/// What a transport left behind: it lands, or never does.
#[derive(Debug)]
pub(super) struct Zombie {
    target: TopicPartition,
    source: TopicPartition,
    target_id: Option<u32>,
    sent: VecDeque<(Sent, bool)>,
}

/// The number in a simulated topic's id.
pub(super) fn topic_number(id: Option<&str>) -> Option<u32> {
    id?.strip_prefix("id-")?.parse().ok()
}

impl WriterLane {
    /// Whether it reads, as far as it is concerned.
    pub(super) fn is_reading(&self) -> bool {
        !self.is_paused && !self.needs_seek && self.seek.is_none() && self.stop.is_none()
    }
}

impl Kafka {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            now: Duration::from_secs(1),
            random: Random::new(seed),
            source: ClusterState::default(),
            target: ClusterState::default(),
            group: Group::default(),
            others: BTreeMap::new(),
            writers: BTreeMap::new(),
            zombies: Vec::new(),
            ledger: Ledger::default(),
            failing_commits: 0,
            failing_writes: 0,
            answering: 70,
            is_stalled: false,
            next_writer: 0,
            violations: Vec::new(),
        }
    }

    pub(super) fn judge(&mut self, result: Result<(), Violation>, about: &TopicPartition) {
        if let Err(violation) = result {
            self.violations.push(format!("{about}: {violation}"));
        }
    }

    /// The group takes a position.
    pub(super) fn store(&mut self, partition: &TopicPartition, committed: Committed) {
        let before = self.group.committed.get(partition).cloned();
        if ProgressNote::parse(&committed.metadata).is_left_alone {
            // A mark, and no position.
            self.group.committed.insert(partition.clone(), committed);
            return;
        }
        let log_start = self.source.log(partition).map(|log| log.start);
        let was_joined = self.group.was_joined;
        let account = self.ledger.account(partition);
        let life = topic_number(ProgressNote::parse(&committed.metadata).topic_id.as_deref());
        if life.is_some_and(|life| life != account.source_id) {
            account.commit_of_former_life(committed.offset);
            self.group.committed.insert(partition.clone(), committed);
            return;
        }
        if let Some(before) = before {
            // `earliest` means what is there when the first record is copied; and before anybody has joined, instances
            // that start together may all write down where the flow begins.
            let is_forgiven = ProgressNote::parse(&before.metadata).is_untouched_earliest
                // It may have moved on since the engine looked.
                && log_start.is_some_and(|start| committed.offset <= start)
                && before.offset <= committed.offset;
            if !account.needs_decision && account.is_untouched() && (is_forgiven || !was_joined) {
                account.may_jump = true;
                account.announce(Some(committed.offset));
            }
        }
        let result = account.commit(committed.offset);
        self.group.committed.insert(partition.clone(), committed);
        self.judge(result, partition);
    }

    /// The coordinator answers the oldest commit of a writer. `None` when there is none.
    pub(super) fn answer_commit(&mut self, id: u32) -> Option<Answer> {
        let writer = self.writers.get_mut(&id)?;
        let positions = writer.commits.pop_front()?;
        let is_fenced = writer.fenced_commits > 0;
        writer.fenced_commits = writer.fenced_commits.saturating_sub(1);
        let told = positions.iter().map(|(partition, committed)| (partition.clone(), committed.offset)).collect();
        let fault = |kind| Err(Fault::new(kind, Side::Source, "commit", "simulated"));
        if self.source.is_unreachable {
            return Some((told, fault(FaultKind::Unreachable)));
        }
        if is_fenced || !self.group.may_commit(id) {
            return Some((told, fault(FaultKind::MembershipLost)));
        }
        let chance = self.failing_commits;
        if self.random.chance(chance) {
            return Some((told, fault(FaultKind::CoordinatorUnavailable)));
        }
        for (partition, committed) in positions {
            self.store(&partition, committed);
        }
        // The answer is lost now and then.
        if self.random.chance(chance) {
            return Some((told, fault(FaultKind::Unreachable)));
        }
        Some((told, Ok(())))
    }

    /// The target takes, or refuses, the next record of a lane. Returns whether there was one.
    pub(super) fn land(&mut self, id: u32, lane_id: LaneId) -> bool {
        if self.target.is_unreachable || self.is_stalled {
            return false;
        }
        let is_refused_now = { self.random.chance(self.failing_writes) };
        let batch = self.random.below(3);
        let is_expelled = self.group.members.get(&id).is_none_or(|member| member.is_expelled);
        let Some(lane) = self.writers.get_mut(&id).and_then(|writer| writer.lanes.get_mut(&lane_id)) else {
            return false;
        };
        let (source, target) = (lane.source.clone(), lane.target.clone());
        if !self.target.is_led(&target) {
            return false;
        }
        let next = lane.in_flight.iter().position(|sent| !sent.has_landed);
        let Some(index) = next else {
            let Some(stray) = lane.strays.pop_front() else { return false };
            let target_id = lane.target_id;
            self.append_to_target(&source, &target, target_id, &stray, true);
            return true;
        };
        let sent = lane.in_flight[index];
        // Forgotten by a seek to where an operator wants it: it lands when it lands.
        let is_forgotten = lane.seek.is_some();
        let target_id = lane.target_id;
        let fault = self.refusal(&target, target_id, &sent, is_refused_now);
        if let Some(fault) = fault {
            self.reject(id, lane_id, index, batch, fault);
            return true;
        }
        if let Some(lane) = self.writers.get_mut(&id).and_then(|writer| writer.lanes.get_mut(&lane_id)) {
            lane.in_flight[index].has_landed = true;
        }
        if is_expelled {
            // The new owner of the partition writes it too, or has.
            self.ledger.account(&source).licence += 1;
        }
        self.append_to_target(&source, &target, target_id, &sent, is_forgotten);
        true
    }

    fn refusal(&self, target: &TopicPartition, id: Option<u32>, sent: &Sent, is_refused_now: bool) -> Option<Fault> {
        let fault = |kind| Some(Fault::new(kind, Side::Target, format!("write `{target}`"), "simulated"));
        if self.target.log(target).is_none() || self.target.id(&target.topic) != id {
            return fault(FaultKind::UnknownTopic);
        }
        if self.target.topics.get(&target.topic).is_some_and(|topic| topic.is_forbidden) {
            return fault(FaultKind::TopicAuthorization);
        }
        match sent.record.size {
            Size::TooLarge => fault(FaultKind::RecordTooLarge),
            Size::TooLargeInBatch if !sent.is_alone => fault(FaultKind::RecordTooLarge),
            _ if is_refused_now => fault(FaultKind::NotEnoughReplicas),
            Size::TooLargeInBatch | Size::Normal => None,
        }
    }

    /// The record and `batch` more behind it are gone; what is in flight behind them lands as strays.
    fn reject(&mut self, id: u32, lane_id: LaneId, index: usize, batch: usize, fault: Fault) {
        let Some(lane) = self.writers.get_mut(&id).and_then(|writer| writer.lanes.get_mut(&lane_id)) else { return };
        let mut behind = lane.in_flight.split_off(index);
        self.ledger.account(&lane.source).licence += behind.len() as u64;
        let Some(first) = behind.pop_front() else { return };
        behind.drain(..batch.min(behind.len()));
        lane.strays.extend(behind);
        // A seek has already asked to forget it all: nothing is told then.
        if lane.seek.is_none() {
            let record = RecordFacts { batch_bytes: first.record.bytes, timestamp_ms: None, has_key: true };
            lane.stop = Some((first.offset, StopCause::Rejected { fault, record }));
        }
    }

    fn append_to_target(
        &mut self,
        source: &TopicPartition,
        target: &TopicPartition,
        target_id: Option<u32>,
        sent: &Sent,
        is_stray: bool,
    ) {
        if self.target.id(&target.topic) != target_id {
            return;
        }
        let Some(log) = self.target.log_mut(target) else { return };
        log.end += 1;
        let result = self.ledger.account(source).land(sent.source_id.unwrap_or(0), sent.offset, is_stray);
        self.judge(result, source);
    }

    /// A lane is dropped with whatever it has in flight.
    pub(super) fn abandon(&mut self, id: u32, lane_id: LaneId) {
        let Some(writer) = self.writers.get_mut(&id) else { return };
        let Some(lane) = writer.lanes.remove(&lane_id) else { return };
        let was_clean = lane.in_flight.is_empty() && lane.strays.is_empty() && !writer.has_failed;
        if !was_clean {
            self.ledger.account(&lane.source).allow_again(lane.next);
        }
        let mut sent: VecDeque<(Sent, bool)> =
            lane.in_flight.iter().filter(|sent| !sent.has_landed).map(|sent| (*sent, lane.seek.is_some())).collect();
        sent.extend(lane.strays.into_iter().map(|sent| (sent, true)));
        // Behind a record that never lands, none of the batches does, except strays of old.
        if !sent.is_empty() {
            let WriterLane { source, target, target_id, .. } = lane;
            self.zombies.push(Zombie { source, target, target_id, sent });
        }
    }

    /// Something of a writer that is gone lands, or will never.
    pub(super) fn land_zombie(&mut self) {
        if self.target.is_unreachable || self.zombies.is_empty() {
            return;
        }
        let index = self.random.below(self.zombies.len());
        let is_over = self.random.chance(30);
        let zombie = &mut self.zombies[index];
        let next = if is_over { None } else { zombie.sent.pop_front() };
        let Some((sent, is_stray)) = next else {
            self.zombies.swap_remove(index);
            return;
        };
        let Zombie { source, target, target_id, .. } = &*zombie;
        let (source, target, target_id) = (source.clone(), target.clone(), *target_id);
        if self.refusal(&target, target_id, &sent, false).is_none() {
            self.append_to_target(&source, &target, target_id, &sent, is_stray);
        } else {
            self.zombies.swap_remove(index);
        }
    }

    /// The process of a writer is gone, from one moment to the next.
    pub(super) fn kill(&mut self, id: u32) {
        // What it asked for last may still arrive.
        while self.random.chance(50) && self.answer_commit(id).is_some() {}
        if let Some(writer) = self.writers.get_mut(&id) {
            writer.has_failed = true;
        }
        self.close(id);
        self.writers.remove(&id);
    }

    pub(super) fn close(&mut self, id: u32) {
        let lanes: Vec<LaneId> = self.writers.get(&id).map(|w| w.lanes.keys().copied().collect()).unwrap_or_default();
        for lane in lanes {
            self.abandon(id, lane);
        }
    }

    /// The group gives the writer's partitions away; it goes on until it hears of it.
    pub(super) fn expel(&mut self, id: u32) {
        self.group.expel(id);
        let Some(writer) = self.writers.get_mut(&id) else { return };
        writer.has_failed = true;
        for lane in writer.lanes.values() {
            self.ledger.account(&lane.source).allow_again(lane.next);
        }
    }
}
