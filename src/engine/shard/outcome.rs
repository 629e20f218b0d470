//! What a shard makes of its transport's events, lane by lane.

use super::{Duration, HAND_OVER_MAX, LANE_RETRY, Now, Release, Shard, ShardReport};
use crate::engine::command::Scope;
use crate::engine::fault::{Fault, FaultKind, Side, Verdict};
use crate::engine::job::ReadyTopic;
use crate::engine::lane::Phase;
use crate::engine::ports::{LaneId, StopCause, TransportEvent};
use crate::engine::progress::ProgressNote;
use crate::engine::reason::BlockedReason;
use crate::model::{RecordFacts, TopicName, TopicPartition, WatermarkError};

impl Shard {
    pub(super) fn apply(&mut self, event: TransportEvent, now: Now) {
        match event {
            TransportEvent::Assigned(partitions) => {
                self.hear_from(Side::Source);
                let assignment = self.next_assignment;
                self.next_assignment += 1;
                self.pending.extend(partitions.iter().map(|partition| (partition.clone(), assignment)));
                self.reports.push(ShardReport::Assigned { assignment, partitions });
            }
            TransportEvent::Revoked { partitions, lost } => self.revoke(&partitions, lost, now),
            TransportEvent::Taken { lane: id, span, timestamp_ms, leader_epoch, altered } => {
                self.hear_from(Side::Source);
                self.settings.budget.spend(span.records, span.bytes);
                self.has_taken = true;
                let Some(lane) = self.lanes.get_mut(&id) else { return };
                match lane.take(span, timestamp_ms, leader_epoch, now.monotonic) {
                    Ok(()) => {
                        lane.totals.altered += altered;
                        self.in_flight_bytes += span.in_flight_bytes();
                    }
                    Err(error) => self.fail_invariant(id, &error),
                }
            }
            TransportEvent::Settled { lane: id, records, next, target_next } => {
                self.hear_from(Side::Target);
                self.stalled_since = None;
                let Some(lane) = self.lanes.get_mut(&id) else { return };
                match lane.settle(records, next, now.monotonic) {
                    Ok(settlement) => {
                        self.in_flight_bytes -= settlement.bytes;
                        if let Some(latency) = settlement.latency {
                            self.latency.observe(latency.as_secs_f64() * 1_000.0);
                        }
                        // A record from the future has just been written.
                        let delay_ms = settlement.timestamp_ms.map(|at| u64::try_from(now.wall_ms - at).unwrap_or(0));
                        lane.note_arrival(target_next, delay_ms);
                        if let Some(delay_ms) = delay_ms {
                            self.delays.observe(delay_ms, settlement.records);
                        }
                    }
                    Err(error) => self.fail_invariant(id, &error),
                }
            }
            TransportEvent::EndReached { lane: id, end } => {
                self.hear_from(Side::Source);
                if let Some(lane) = self.lanes.get_mut(&id) {
                    lane.reach_end(end, now.monotonic);
                }
            }
            TransportEvent::Stopped { lane, at, cause } => self.stop_lane(lane, at, cause, now),
            TransportEvent::Committed { positions, result } => self.note_commit(positions, result),
            TransportEvent::Trouble(fault) => self.meet_trouble(fault),
            TransportEvent::Broker(news) => self.hear_of_broker(news),
        }
    }

    /// The group wants partitions back. Lost ones are not ours any more: nothing may be committed for them.
    fn revoke(&mut self, partitions: &[TopicPartition], lost: bool, now: Now) {
        let mut lanes = Vec::new();
        for partition in partitions {
            self.pending.remove(partition);
            lanes.extend(self.lane_ids.get(partition).copied());
        }
        if lost {
            self.release(&lanes, true);
            return;
        }
        for id in &lanes {
            self.start_draining(*id);
        }
        self.releases.push(Release { lanes, deadline: now.monotonic + HAND_OVER_MAX });
    }

    pub(super) fn start_draining(&mut self, id: LaneId) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        lane.retry_at = None;
        // A blocked lane stays blocked to the end: what it waits for must not be lost from sight.
        if !matches!(lane.phase, Phase::Blocked(_)) {
            lane.phase = Phase::Draining;
        }
        self.transport.pause(id);
    }

    fn note_commit(&mut self, positions: Vec<(TopicPartition, i64)>, result: Result<(), Fault>) {
        self.hear_from(Side::Source);
        match result {
            Ok(()) => {
                self.reports.push(ShardReport::Committed);
                for (partition, offset) in positions {
                    let Some(id) = self.lane_ids.get(&partition).copied() else { continue };
                    let Some(lane) = self.lanes.get_mut(&id) else { continue };
                    // An answer may be older than the lane's present start: an operator repositions it while a commit
                    // of the former position is under way, or it was given up and assigned again. Taken for the answer
                    // to the new position, it would let the lane copy before the group has that.
                    if lane.phase == Phase::Starting && offset != lane.position() {
                        continue;
                    }
                    lane.committed = Some(offset);
                    if lane.phase == Phase::Starting {
                        lane.phase = Phase::Copying;
                        self.restart_lane(id);
                        self.finish_move(id);
                    }
                }
            }
            Err(fault) => {
                if fault.kind == FaultKind::TopicAuthorization {
                    self.block_unanchored(&positions, &fault);
                }
                self.reports.push(ShardReport::CommitFailed(fault));
            }
        }
    }

    /// A group takes no position of a topic that may not be read, so a lane that waits for its first one to be taken
    /// never begins. One that copies already is told by its reads.
    fn block_unanchored(&mut self, positions: &[(TopicPartition, i64)], fault: &Fault) {
        for (partition, _) in positions {
            let Some(id) = self.lane_ids.get(partition).copied() else { continue };
            if self.lanes.get(&id).is_some_and(|lane| lane.phase == Phase::Starting) {
                let (topic, operation) = (partition.topic.clone(), fault.operation.clone());
                self.block(id, BlockedReason::TopicAuthorization { side: Side::Source, topic, operation });
            }
        }
    }

    /// The transport cannot take the lane past `at`. Nothing of it is in flight that could still be settled.
    fn stop_lane(&mut self, id: LaneId, at: i64, cause: StopCause, now: Now) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        let taken_to = lane.taken_to();
        self.in_flight_bytes -= lane.rewind();
        if matches!(lane.phase, Phase::Blocked(_)) {
            // It was blocked by a diagnosis while these records were in flight. That reason stands: this one may heal
            // by itself, and the lane would go on in a topic that was created again.
            return;
        }
        match cause {
            StopCause::Refused(refusal) => {
                self.block(id, BlockedReason::RecordRefused { offset: at, refusal });
            }
            StopCause::Rejected { fault, record } => self.meet_rejection(id, at, fault, record, taken_to, now),
            StopCause::Unreadable(fault) => self.meet_unreadable(id, at, fault, now),
        }
    }

    fn meet_rejection(&mut self, id: LaneId, at: i64, fault: Fault, record: RecordFacts, taken_to: i64, now: Now) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        lane.totals.rewinds += 1;
        if fault.kind == FaultKind::RecordTooLarge && at >= lane.alone_before {
            // The batch was too large; whether the record is, shows when it is sent alone.
            lane.alone_before = taken_to;
            self.rewind(id, taken_to, "batch too large for the target, sending its records one at a time");
            return;
        }
        match fault.kind.verdict() {
            Verdict::Restart => self.fail(fault),
            Verdict::Wait => {
                lane.retry_at = Some(now.monotonic + LANE_RETRY);
                self.reports.push(ShardReport::Trouble(fault));
            }
            Verdict::Diagnose => {
                self.examine(id, fault);
            }
            Verdict::Block => {
                let why = match fault.kind {
                    FaultKind::RecordTooLarge => BlockedReason::RecordTooLarge {
                        offset: at,
                        size_bytes: record.batch_bytes,
                        limit_bytes: lane.limits.batch_bytes_max(),
                    },
                    FaultKind::TopicAuthorization => BlockedReason::TopicAuthorization {
                        side: Side::Target,
                        topic: lane.source.topic.clone(),
                        operation: fault.operation,
                    },
                    FaultKind::Unsupported => BlockedReason::Unsupported { side: Side::Target, detail: fault.detail },
                    _ => BlockedReason::Rejected { offset: at, fault },
                };
                self.block(id, why);
            }
        }
    }

    fn meet_unreadable(&mut self, id: LaneId, at: i64, fault: Fault, now: Now) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        match fault.kind.verdict() {
            Verdict::Restart => self.fail(fault),
            Verdict::Wait => {
                lane.retry_at = Some(now.monotonic + LANE_RETRY);
                self.meet_trouble(fault);
            }
            Verdict::Diagnose => {
                self.examine(id, fault);
            }
            Verdict::Block => {
                let why = match fault.kind {
                    FaultKind::CorruptBatch => BlockedReason::CorruptBatch { offset: at, detail: fault.detail },
                    FaultKind::TopicAuthorization => BlockedReason::TopicAuthorization {
                        side: Side::Source,
                        topic: lane.source.topic.clone(),
                        operation: fault.operation,
                    },
                    FaultKind::Unsupported => BlockedReason::Unsupported { side: Side::Source, detail: fault.detail },
                    _ => BlockedReason::Fault { fault },
                };
                self.block(id, why);
            }
        }
    }

    fn examine(&mut self, id: LaneId, fault: Fault) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        lane.is_examined = true;
        let (partition, position, note) = (lane.source.clone(), lane.position(), lane.note.clone());
        self.reports.push(ShardReport::Diagnose { partition, position, note, fault });
    }

    /// Blocks the lanes of a topic whose notes tell of another one of that name.
    pub(super) fn check_topic(&mut self, topic: &TopicName, ready: &ReadyTopic) {
        let found: Vec<(LaneId, BlockedReason)> = self
            .lanes
            .values()
            .filter(|lane| lane.source.topic == *topic)
            .filter_map(|lane| {
                let why = ready.recreation(&ProgressNote::parse(&lane.note), lane.position())?;
                Some((lane.id, why))
            })
            .collect();
        for (id, why) in found {
            self.block(id, why);
        }
    }

    pub(super) fn block(&mut self, id: LaneId, why: BlockedReason) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        lane.retry_at = None;
        lane.is_examined = false;
        if lane.phase == Phase::Draining {
            return;
        }
        let is_new = lane.phase != Phase::Blocked(why.clone());
        // What is in flight stays so: it is acknowledged and counts. Forgotten here, its acknowledgements would break
        // the watermark, and an end of log heard before them would step over it.
        lane.phase = Phase::Blocked(why.clone());
        let partition = lane.source.clone();
        self.transport.pause(id);
        self.give_up_jump(id, &why);
        if is_new {
            self.reports.push(ShardReport::Blocked { partition, why });
        }
    }

    pub(super) fn set_paused(&mut self, scopes: &[Scope]) {
        let is_held = |lane: &TopicPartition| scopes.iter().any(|scope| scope.covers(&lane.topic, lane.partition));
        let changed: Vec<(LaneId, bool)> = self
            .lanes
            .values()
            .map(|lane| (lane.id, is_held(&lane.source), lane.is_paused))
            .filter(|(_, is_paused, was_paused)| is_paused != was_paused)
            .map(|(id, is_paused, _)| (id, is_paused))
            .collect();
        for (id, is_paused) in changed {
            let Some(lane) = self.lanes.get_mut(&id) else { continue };
            lane.is_paused = is_paused;
            if is_paused { self.transport.pause(id) } else { self.restart_lane(id) }
        }
    }

    /// Lets a blocked lane try again where it is. `only_healing` leaves alone those whose cause needs a decision.
    pub(super) fn retry_blocked(&mut self, id: LaneId, only_healing: bool) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        let Phase::Blocked(why) = &lane.phase else { return };
        if why.heals_itself() || (!only_healing && why.choices().contains(&crate::engine::Choice::Retry)) {
            self.try_again(id);
        } else if !only_healing {
            let reason = format!("{why}: choose a position to resume at");
            self.reports.push(ShardReport::Refused { command: format!("resume {}", lane.source), reason });
        }
    }

    /// Lets a lane that was refused a record by the target's limits try again, now that they changed.
    pub(super) fn retry_refused(&mut self, id: LaneId) {
        let is_refused = self.lanes.get(&id).is_some_and(|lane| {
            matches!(
                lane.phase,
                Phase::Blocked(BlockedReason::RecordTooLarge { .. } | BlockedReason::RecordRefused { .. })
            )
        });
        if is_refused {
            self.unblock(id);
        }
    }

    /// A target that was missing may be back as another one: this order is given on an older look at it (a refresh
    /// still saw nothing, then another instance created it, then the order arrives), and the lane would go on in the
    /// middle of an empty topic. So it stays blocked until a diagnosis has found the very topic its note tells of.
    fn try_again(&mut self, id: LaneId) {
        let Some(lane) = self.lanes.get(&id) else { return };
        let Phase::Blocked(BlockedReason::TargetTopicMissing { target_topic, detail, .. }) = &lane.phase else {
            return self.unblock(id);
        };
        let operation = format!("write to `{target_topic}`");
        let fault = Fault::new(FaultKind::UnknownTopic, Side::Target, operation, detail.clone());
        self.examine(id, fault);
    }

    /// A diagnosis has found nothing wrong.
    pub(super) fn go_on(&mut self, id: LaneId) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        lane.is_examined = false;
        if matches!(lane.phase, Phase::Blocked(BlockedReason::TargetTopicMissing { .. })) {
            self.unblock(id);
        } else {
            self.restart_lane(id);
        }
    }

    fn unblock(&mut self, id: LaneId) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        lane.phase = if lane.committed.is_some() { Phase::Copying } else { Phase::Starting };
        let partition = lane.source.clone();
        self.reports.push(ShardReport::Unblocked { partition });
        self.commit_at = Duration::ZERO;
        self.restart_lane(id);
    }

    pub(super) fn reposition(&mut self, partition: &TopicPartition, position: i64, note: String) {
        let Some(id) = self.lane_ids.get(partition).copied() else { return };
        if self.lanes.get(&id).is_none_or(|lane| lane.phase == Phase::Draining) {
            return;
        }
        self.give_up_move(id, "another position was ordered meanwhile");
        if let Some(from) = self.put_elsewhere(id, position, note) {
            self.reports.push(ShardReport::Repositioned { partition: partition.clone(), from, to: position });
        }
    }

    /// Sets a lane elsewhere, and begins there when the group has it. Returns where it was.
    pub(super) fn put_elsewhere(&mut self, id: LaneId, position: i64, note: String) -> Option<i64> {
        let lane = self.lanes.get_mut(&id)?;
        let from = lane.position();
        let was_blocked = matches!(lane.phase, Phase::Blocked(_));
        let partition = lane.source.clone();
        self.in_flight_bytes -= lane.reposition(position);
        lane.is_examined = false;
        lane.note = note;
        lane.retry_at = None;
        // The new position is the operator's word: the group has it before a record is copied from there.
        lane.phase = Phase::Starting;
        lane.committed = None;
        // The seek makes the transport forget what is in flight: what it says after it belongs to the new position.
        // With a pause alone it would go on to acknowledge the old records, which the watermark does not know any more.
        let alone_before = lane.alone_before;
        self.transport.seek(id, position, alone_before);
        self.transport.pause(id);
        self.commit_at = Duration::ZERO;
        if was_blocked {
            self.reports.push(ShardReport::Unblocked { partition });
        }
        Some(from)
    }

    /// Leaves out the record a lane is blocked at. The offset is the confirmation: it must be that very record's.
    pub(super) fn skip(&mut self, partition: &TopicPartition, offset: i64) {
        let Some(id) = self.lane_ids.get(partition).copied() else { return };
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        let blocked_at = match &lane.phase {
            Phase::Blocked(
                BlockedReason::RecordTooLarge { offset, .. }
                | BlockedReason::RecordRefused { offset, .. }
                | BlockedReason::Rejected { offset, .. },
            ) => Some(*offset),
            _ => None,
        };
        if blocked_at != Some(offset) {
            let reason = match blocked_at {
                Some(at) => format!("the lane is blocked at offset {at}"),
                None => "the lane is not blocked at a record".into(),
            };
            self.reports.push(ShardReport::Refused { command: format!("skip {partition}@{offset}"), reason });
            return;
        }
        lane.step_to(offset + 1);
        lane.totals.skipped += 1;
        self.reports.push(ShardReport::Skipped { partition: partition.clone(), offset });
        self.unblock(id);
    }

    fn rewind(&mut self, id: LaneId, from: i64, cause: &str) {
        let Some(lane) = self.lanes.get(&id) else { return };
        self.reports.push(ShardReport::Rewound {
            partition: lane.source.clone(),
            from,
            to: lane.position(),
            cause: cause.into(),
        });
        self.restart_lane(id);
    }

    /// Reads on from the position, if the lane may read.
    pub(super) fn restart_lane(&mut self, id: LaneId) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        lane.retry_at = None;
        if lane.may_read() {
            if lane.is_settled() {
                self.transport.seek(id, lane.taken_to(), lane.alone_before);
            } else {
                // It was only paused: what it has in flight will be acknowledged and must not be sent twice.
                self.transport.resume(id);
            }
        }
    }

    fn fail_invariant(&mut self, id: LaneId, error: &WatermarkError) {
        let lane = self.lanes.get(&id).map(|lane| lane.source.to_string()).unwrap_or_default();
        self.fail(Fault::new(FaultKind::Invariant, Side::Source, format!("mirror `{lane}`"), error.to_string()));
    }
}
