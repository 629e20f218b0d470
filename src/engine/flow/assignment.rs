//! What a flow makes of its shards' reports: assignments, lanes, faults.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Flow, FlowEffect, Hindrance, RETRY_MIN, Retry, Stage};
use crate::engine::event::EventKind;
use crate::engine::fault::{Fault, FaultKind, Side};
use crate::engine::job::{DecidedChoice, Diagnosis, Job, Stall};
use crate::engine::ports::GroupProtocol;
use crate::engine::reason::{BlockedReason, WaitingReason};
use crate::engine::shard::{Positioned, ShardCommand, ShardReport, ShardSample};
use crate::engine::state::{LaneSnapshot, LaneState};
use crate::model::TopicPartition;

/// How soon a look-up for a lane is tried again. The group waits for it, so it does not back off.
const LOOKUP_RETRY: Duration = Duration::from_secs(1);

/// How much one sample of a shard weighs in its average: a quarter second's, over about 3 s.
const TIME_USE_WEIGHT: f64 = 0.08;

impl Flow {
    pub(super) fn hear_shard(&mut self, shard: u32, generation: u32, reports: Vec<ShardReport>, now: Duration) {
        // A shard that was replaced may still speak; its lanes are not the present ones.
        if self.shards.get(&shard).is_none_or(|view| view.generation != generation) {
            return;
        }
        for report in reports {
            self.hear(shard, report, now);
        }
    }

    fn hear(&mut self, shard: u32, report: ShardReport, now: Duration) {
        match report {
            ShardReport::Assigned { assignment, partitions } => {
                if let Some(view) = self.shards.get_mut(&shard) {
                    view.has_joined = true;
                    // Until the next sample tells: no moment may pass for having nothing to do.
                    view.pending += partitions.len();
                }
                self.hindrance = None;
                self.backoff = RETRY_MIN;
                self.emit(EventKind::Assigned { partitions: partitions.clone() });
                self.queue_position(shard, assignment, partitions);
            }
            ShardReport::Released { partitions, lost } => {
                self.forget_lanes(shard, &partitions);
                self.emit(EventKind::Revoked { partitions, lost });
            }
            ShardReport::Diagnose { partition, position, note, fault } => {
                self.faults += 1;
                self.queue_diagnose(shard, partition, position, note, fault);
            }
            ShardReport::Blocked { partition, why } => self.note_blocked(shard, partition, why),
            ShardReport::Unblocked { partition } => {
                self.emit(EventKind::LaneState { partition, state: LaneState::Copying });
            }
            ShardReport::Rewound { partition, from, to, cause } => {
                self.emit(EventKind::Rewound { partition, from, to, cause });
            }
            ShardReport::Repositioned { partition, from, to } => {
                self.emit(EventKind::Repositioned { partition, from, to });
            }
            ShardReport::Moved { partition, from, to } => self.note_moved(partition, from, to),
            ShardReport::NotMoved { partition, why } => self.note_not_moved(&partition, &why),
            ShardReport::Skipped { partition, offset } => self.emit(EventKind::RecordSkipped { partition, offset }),
            ShardReport::Refused { command, reason } => self.refuse(command, reason),
            ShardReport::Committed => self.commits += 1,
            ShardReport::CommitFailed(fault) => {
                self.commit_failures += 1;
                self.note_group_fault(&fault);
                self.emit(EventKind::CommitFailed { fault });
            }
            ShardReport::Trouble(fault) => {
                self.note_group_fault(&fault);
                self.meet(fault);
            }
            ShardReport::Broker(news) => self.note_broker(shard, news, now),
            ShardReport::Stalled { partition } => self.queue_examine(shard, &partition),
            ShardReport::Sample(sample) => self.note_sample(shard, sample),
            ShardReport::Ended { fault, unsettled_records } => self.end_shard(shard, fault, unsettled_records, now),
        }
    }

    fn emit(&mut self, kind: EventKind) {
        self.effects.push(FlowEffect::Emit(kind));
    }

    /// Being refused the group holds up every lane, so it is the flow that is blocked.
    fn note_group_fault(&mut self, fault: &Fault) {
        if fault.kind == FaultKind::GroupAuthorization {
            let group = self.spec.config.group.clone();
            self.hindrance = Some(Hindrance::Blocked(BlockedReason::GroupAuthorization { group }));
        }
    }

    fn note_blocked(&mut self, shard: u32, partition: TopicPartition, why: BlockedReason) {
        let state = LaneState::Blocked { why: why.clone() };
        self.emit(EventKind::LaneState { partition: partition.clone(), state });
        let (BlockedReason::RecordTooLarge { offset, .. }
        | BlockedReason::RecordRefused { offset, .. }
        | BlockedReason::Rejected { offset, .. }) = why
        else {
            return;
        };
        let is_decided = self.decisions.iter().any(|decision| {
            decision.choice == DecidedChoice::SkipRecord(offset)
                && decision.scope.covers(&partition.topic, partition.partition)
        });
        if is_decided {
            self.tell(shard, ShardCommand::Skip { partition, offset });
        }
    }

    fn note_sample(&mut self, shard: u32, sample: ShardSample) {
        self.latency.merge(&sample.latency);
        self.delays.merge(&sample.delays);
        let mut lanes: BTreeMap<TopicPartition, LaneSnapshot> = sample.lanes.into_iter().collect();
        self.outages.show(&mut lanes);
        let Some(view) = self.shards.get_mut(&shard) else { return };
        view.pending = sample.pending;
        view.in_flight_bytes = sample.in_flight_bytes;
        view.time_use.blend(sample.time_use, TIME_USE_WEIGHT);
        view.trouble = sample.trouble;
        view.lanes = lanes;
    }

    /// Lanes that are gone leave what they moved behind.
    pub(super) fn forget_lanes(&mut self, shard: u32, partitions: &[TopicPartition]) {
        let Some(view) = self.shards.get_mut(&shard) else { return };
        for partition in partitions {
            if let Some(lane) = view.lanes.remove(partition) {
                self.past += lane.totals;
            }
        }
    }

    fn end_shard(&mut self, shard: u32, fault: Option<Fault>, unsettled_records: u64, now: Duration) {
        let Some(view) = self.shards.get_mut(&shard) else { return };
        view.is_live = false;
        view.unsettled_records = unsettled_records;
        let has_joined = view.has_joined;
        if let Some(fault) = fault {
            if !has_joined {
                self.doubt_protocol(&fault);
            }
            self.meet(fault);
        }
        self.end_moves(shard);
        if matches!(self.stage, Stage::Draining { .. }) {
            // Its lanes stay in sight: the last report says how far each got.
            self.stop_if_drained();
            return;
        }
        let partitions: Vec<TopicPartition> =
            self.shards.get(&shard).map(|view| view.lanes.keys().cloned().collect()).unwrap_or_default();
        self.forget_lanes(shard, &partitions);
        self.retry(Retry::Shard(shard), now);
    }

    /// A cluster may list the new group protocol and refuse it all the same, where its feature is not finalized.
    fn doubt_protocol(&mut self, fault: &Fault) {
        let is_refusal = fault.kind == FaultKind::ClientFatal && fault.side == Side::Source;
        if is_refusal && self.group_protocol() == GroupProtocol::Consumer {
            self.is_new_protocol_refused = true;
            let text = "the source refuses the group protocol of KIP-848; joining with the classic one".into();
            self.emit(EventKind::Notice { text });
        }
    }

    fn queue_position(&mut self, shard: u32, assignment: u32, partitions: Vec<TopicPartition>) {
        if partitions.is_empty() {
            return;
        }
        let generation = self.generation(shard);
        // Before any refresh: the group waits for the answer. What the flow knows is filled in when it is run.
        let (topics, decisions, others) = (BTreeMap::new(), Vec::new(), BTreeMap::new());
        self.jobs.push_front(Job::Position { shard, generation, assignment, partitions, topics, decisions, others });
    }

    fn generation(&self, shard: u32) -> u32 {
        self.shards.get(&shard).map_or(0, |view| view.generation)
    }

    pub(super) fn finish_position(
        &mut self,
        shard: u32,
        assignment: u32,
        partitions: Vec<TopicPartition>,
        result: Result<Vec<Positioned>, Fault>,
        now: Duration,
    ) {
        match result {
            Ok(mut positioned) => {
                for lane in &mut positioned {
                    lane.is_paused = self.is_paused(&lane.source);
                    let TopicPartition { topic, partition } = &lane.source;
                    self.promises.retain(|promise| !promise.scope.covers(topic, *partition));
                }
                self.tell(shard, ShardCommand::Attach { assignment, lanes: positioned });
                self.look_for_leaders_of_new_lanes(now);
            }
            Err(fault) => {
                self.hindrance = Some(Hindrance::Waiting(WaitingReason::of(&fault)));
                self.meet(fault);
                self.queue_position(shard, assignment, partitions);
                if let Some(job) = self.jobs.pop_front() {
                    self.retries.push((now + LOOKUP_RETRY, Retry::Job(Box::new(job))));
                }
            }
        }
    }

    pub(super) fn is_paused(&self, partition: &TopicPartition) -> bool {
        self.paused.iter().any(|scope| scope.covers(&partition.topic, partition.partition))
    }

    fn queue_diagnose(&mut self, shard: u32, partition: TopicPartition, position: i64, note: String, fault: Fault) {
        let Some(topic) = self.topics.get(&partition.topic) else { return };
        let (topic, generation) = (topic.ready.clone(), self.generation(shard));
        let diagnosis = Diagnosis { shard, generation, partition, position, note, topic, fault };
        self.jobs.push_back(Job::Diagnose(Box::new(diagnosis)));
    }

    pub(super) fn finish_diagnose(
        &mut self,
        diagnosis: Box<Diagnosis>,
        result: Result<Option<BlockedReason>, Fault>,
        now: Duration,
    ) {
        let (shard, partition) = (diagnosis.shard, diagnosis.partition.clone());
        match result {
            Ok(Some(why)) => self.tell(shard, ShardCommand::Block { partition, why }),
            Ok(None) => self.tell(shard, ShardCommand::Resume { partition }),
            Err(problem) => {
                self.meet(problem);
                let again = Retry::Job(Box::new(Job::Diagnose(diagnosis)));
                self.retries.push((now + LOOKUP_RETRY, again));
            }
        }
    }

    fn queue_examine(&mut self, shard: u32, partition: &TopicPartition) {
        let Some(topic) = self.topics.get(&partition.topic) else { return };
        let stall = Stall { shard, generation: self.generation(shard), topic: topic.ready.clone() };
        self.jobs.push_back(Job::Examine(Box::new(stall)));
    }

    /// What is found is shown, not counted as a fault: the client keeps trying, and the shard notices when it succeeds.
    pub(super) fn finish_examine(&mut self, stall: &Stall, result: Result<Option<WaitingReason>, Fault>) {
        let why = result.unwrap_or_else(|fault| Some(WaitingReason::of(&fault)));
        if let Some(why) = why
            && self.generation(stall.shard) == stall.generation
        {
            self.tell(stall.shard, ShardCommand::ShowStall { why });
        }
    }
}
