//! The unit of parallelism: one transport and the lanes the group gave it, driven by one thread.
//!
//! A state machine without a thread of its own: [`Shard::handle`] takes an order, [`Shard::step`] does one round of
//! work, and both leave [`ShardReport`]s behind. `thread.rs` drives it for real, the simulation tests drive it step by
//! step.
//!
//! ```text
//!   Assigned --> (flow finds the positions) --> Attach --> lanes copy
//!   Revoked  --> lanes drain, at most HAND_OVER_MAX --> commit, release
//!   Drain    --> lanes drain, at most the deadline  --> commit, leave the group, end
//! ```

mod message;
mod moving;
mod outcome;
mod thread;

use std::collections::BTreeMap;
use std::time::Duration;

use super::budget::{Budget, Hold};
use super::fault::{Fault, FaultKind, Side, Verdict};
use super::lane::{Lane, LaneStart, Phase};
use super::ports::{Allowance, Attachment, BrokerNews, BrokerState, Committed, LaneId, Transport, TransportEvent};
use super::reason::WaitingReason;
use super::state::Histogram;
use super::time_use::Stopwatch;
use crate::model::{Delays, TopicPartition};

pub(super) use message::{Positioned, ShardCommand, ShardReport, ShardSample};
use moving::Moving;
pub(super) use thread::ShardThread;

/// How long revoked lanes may take to have their in-flight records acknowledged. The whole group waits for it, so it is
/// far below the 5 minutes after which the group expels a member.
const HAND_OVER_MAX: Duration = Duration::from_secs(10);
/// How long the last commit of a lane may take.
const LAST_COMMIT_MAX: Duration = Duration::from_secs(5);
/// How long nothing may be acknowledged before the target is asked why; and how often it is asked again.
const STALL: Duration = Duration::from_secs(5);
/// How often lanes are reported to the flow.
const SAMPLE_INTERVAL: Duration = Duration::from_millis(250);
/// How soon a new position is committed again when the group refused it.
const ANCHOR_RETRY: Duration = Duration::from_millis(500);
/// How soon a lane is tried again after a fault that passes by itself.
const LANE_RETRY: Duration = Duration::from_secs(1);
/// How long to wait for records at a time, while something may come.
const WAIT_BUSY: Duration = Duration::from_millis(20);
/// The same while no lane reads.
const WAIT_IDLE: Duration = Duration::from_millis(100);

/// What a shard is made with.
#[derive(Clone, Debug)]
pub(super) struct ShardSettings {
    pub(super) shard: u32,
    pub(super) commit_interval: Duration,
    pub(super) budget: Budget,
}

/// See the module.
pub(super) struct Shard {
    settings: ShardSettings,
    transport: Box<dyn Transport>,
    lanes: BTreeMap<LaneId, Lane>,
    lane_ids: BTreeMap<TopicPartition, LaneId>,
    next_lane: u32,
    /// Assigned by the group, waiting for the flow to find their positions.
    /// With the number of the assignment: positions found for an earlier one, which the group took back meanwhile, are
    /// not an answer, because another instance may have moved on from them.
    pending: BTreeMap<TopicPartition, u32>,
    next_assignment: u32,
    releases: Vec<Release>,
    /// Lanes that are set elsewhere at an operator's word.
    moving: BTreeMap<LaneId, Moving>,
    drain_deadline: Option<Duration>,
    has_ended: bool,
    in_flight_bytes: u64,
    trouble: Option<(Side, WaitingReason)>,
    commit_at: Duration,
    sample_at: Duration,
    /// Until when the flow's own limits held it.
    free_since: Duration,
    /// Since when records are in flight and none was acknowledged.
    stalled_since: Option<Duration>,
    /// The time of the present round.
    now: Duration,
    latency: Histogram,
    delays: Delays,
    stopwatch: Stopwatch,
    /// Whether the present round took any record.
    has_taken: bool,
    reports: Vec<ShardReport>,
    events: Vec<TransportEvent>,
}

/// Lanes the group wants back.
#[derive(Debug)]
struct Release {
    lanes: Vec<LaneId>,
    deadline: Duration,
}

/// The time, as the shard needs it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    /// Since any fixed moment; never goes back.
    pub(super) monotonic: Duration,
    /// Wall clock, ms since 1970.
    pub(super) wall_ms: i64,
}

impl Shard {
    pub(super) fn new(settings: ShardSettings, transport: Box<dyn Transport>) -> Self {
        Self {
            settings,
            transport,
            lanes: BTreeMap::new(),
            lane_ids: BTreeMap::new(),
            next_lane: 0,
            pending: BTreeMap::new(),
            next_assignment: 0,
            releases: Vec::new(),
            moving: BTreeMap::new(),
            drain_deadline: None,
            has_ended: false,
            in_flight_bytes: 0,
            trouble: None,
            commit_at: Duration::ZERO,
            sample_at: Duration::ZERO,
            free_since: Duration::ZERO,
            stalled_since: None,
            now: Duration::ZERO,
            latency: Histogram::default(),
            delays: Delays::default(),
            stopwatch: Stopwatch::default(),
            has_taken: false,
            reports: Vec::new(),
            events: Vec::new(),
        }
    }

    /// Whether the shard has left its group and closed its clients.
    pub(super) fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// What happened since the last call.
    pub(super) fn take_reports(&mut self) -> Vec<ShardReport> {
        std::mem::take(&mut self.reports)
    }

    /// What the simulation looks at.
    #[cfg(test)]
    pub(super) fn lanes(&self) -> impl Iterator<Item = &Lane> {
        self.lanes.values()
    }

    /// What the simulation looks at.
    #[cfg(test)]
    pub(super) fn reports(&self) -> &[ShardReport] {
        &self.reports
    }

    /// Carries out one order.
    pub(super) fn handle(&mut self, command: ShardCommand, now: Now) {
        if self.has_ended {
            return;
        }
        self.now = now.monotonic;
        match command {
            ShardCommand::Subscribe(topics) => {
                if self.drain_deadline.is_none()
                    && let Err(fault) = self.transport.subscribe(&topics)
                {
                    self.fail(fault);
                }
            }
            ShardCommand::Attach { assignment, lanes } => self.attach(assignment, lanes),
            ShardCommand::SetPaused(scopes) => self.set_paused(&scopes),
            ShardCommand::Retry { scope, only_healing } => {
                for id in self.covered(&scope) {
                    self.retry_blocked(id, only_healing);
                }
            }
            ShardCommand::Reposition { partition, position, note } => self.reposition(&partition, position, note),
            ShardCommand::Move { partition, position, note } => self.move_lane(partition, position, note),
            ShardCommand::Skip { partition, offset } => self.skip(&partition, offset),
            ShardCommand::Block { partition, why } => {
                if let Some(id) = self.lane_ids.get(&partition).copied() {
                    self.block(id, why);
                }
            }
            ShardCommand::BothReached => self.hear_from_both(),
            ShardCommand::CheckTopic { topic, ready } => self.check_topic(&topic, &ready),
            ShardCommand::Resume { partition } => {
                if let Some(id) = self.lane_ids.get(&partition).copied() {
                    self.go_on(id);
                }
            }
            ShardCommand::ShowStall { why } => {
                if self.trouble.is_none() && self.stalled_since.is_some() {
                    self.trouble = Some((Side::Target, why));
                }
            }
            ShardCommand::SetLimits { topic, limits } => self.set_limits(&topic, &limits),
            ShardCommand::SetPace { commit_interval, budget } => {
                self.settings.commit_interval = commit_interval;
                self.settings.budget = budget;
                self.commit_at = self.commit_at.min(now.monotonic + commit_interval);
            }
            ShardCommand::Drain { deadline } => self.drain(deadline.min(self.drain_deadline.unwrap_or(deadline))),
        }
        if !self.has_ended {
            self.sample_if_due(now);
        }
    }

    /// One round of work: at most one wait of some milliseconds.
    pub(super) fn step(&mut self, now: Now) {
        if self.has_ended {
            return;
        }
        self.now = now.monotonic;
        let (allowance, held_by) = self.allowance(now);
        self.has_taken = false;
        let mut events = std::mem::take(&mut self.events);
        self.transport.pump(allowance, &mut events);
        for event in events.drain(..) {
            // A shard may end at any event (a fault that calls for another client). Its transport is closed then: what
            // the same round brought for other lanes must neither be answered nor committed, and a drain that was
            // under way must not end it a second time.
            if !self.has_ended {
                self.apply(event, now);
            }
        }
        self.events = events;
        if self.has_ended {
            return;
        }
        self.stopwatch.note(now.monotonic, held_by, self.has_taken);
        self.retry_waiting_lanes(now);
        self.go_on_moving();
        self.finish_releases(now);
        if self.has_ended {
            return;
        }
        self.commit_if_due(now);
        self.sample_if_due(now);
        self.finish_drain(now);
    }

    fn allowance(&mut self, now: Now) -> (Allowance, Option<Hold>) {
        let can_read = self.lanes.values().any(Lane::may_read);
        let grant = self.settings.budget.grant(now.monotonic, self.in_flight_bytes);
        if grant.held_by == Some(Hold::Cap) {
            self.free_since = now.monotonic;
        }
        let wait = if can_read || self.in_flight_bytes > 0 { WAIT_BUSY } else { WAIT_IDLE };
        let allowance = Allowance { records: grant.records, bytes: grant.bytes, wait, now_ms: now.wall_ms };
        (allowance, grant.held_by)
    }

    /// The lanes a scope means; the flow has checked that it is its own.
    fn covered(&self, scope: &super::Scope) -> Vec<LaneId> {
        self.lanes
            .values()
            .filter(|lane| scope.covers(&lane.source.topic, lane.source.partition))
            .map(|lane| lane.id)
            .collect()
    }

    /// Answers the group's assignment: every partition of it, each with a position or the reason why it has none.
    fn attach(&mut self, assignment: u32, positioned: Vec<Positioned>) {
        let mut attachments = Vec::new();
        for Positioned { source, target, limits, position, leader_epoch, note, goal, is_stored, is_paused, blocked } in
            positioned
        {
            // Not pending any more: the group took it back while the flow looked for its position.
            if self.pending.get(&source) != Some(&assignment) {
                continue;
            }
            self.pending.remove(&source);
            let id = LaneId(self.next_lane);
            self.next_lane += 1;
            let start = LaneStart { position, leader_epoch, is_stored, goal, note };
            let mut lane = Lane::new(id, source.clone(), start, limits.clone());
            lane.is_paused = is_paused;
            if let Some(why) = blocked {
                lane.phase = Phase::Blocked(why.clone());
                self.reports.push(ShardReport::Blocked { partition: source.clone(), why });
            }
            attachments.push(Attachment {
                lane: id,
                source: source.clone(),
                target,
                position,
                leader_epoch,
                reading: lane.may_read(),
                limits,
            });
            self.lane_ids.insert(source, id);
            self.lanes.insert(id, lane);
        }
        if !attachments.is_empty() {
            self.commit_at = Duration::ZERO;
            if let Err(fault) = self.transport.attach(&attachments) {
                self.fail(fault);
            }
        }
    }

    fn set_limits(&mut self, topic: &crate::model::TopicName, limits: &crate::model::TargetLimits) {
        let of_topic: Vec<LaneId> =
            self.lanes.values().filter(|lane| lane.source.topic == *topic).map(|lane| lane.id).collect();
        for id in of_topic {
            let Some(lane) = self.lanes.get_mut(&id) else { continue };
            if lane.limits == *limits {
                continue;
            }
            lane.limits = limits.clone();
            self.transport.set_limits(id, limits);
            // What was refused by the old limits may be accepted by the new ones.
            self.retry_refused(id);
        }
    }

    fn retry_waiting_lanes(&mut self, now: Now) {
        let due: Vec<LaneId> = self
            .lanes
            .values()
            .filter(|lane| lane.retry_at.is_some_and(|at| at <= now.monotonic))
            .map(|lane| lane.id)
            .collect();
        for id in due {
            self.restart_lane(id);
        }
    }

    /// Gives up lanes that the group wants back, as soon as they have nothing in flight, or when it takes too long.
    fn finish_releases(&mut self, now: Now) {
        let (due, waiting): (Vec<Release>, Vec<Release>) = std::mem::take(&mut self.releases)
            .into_iter()
            .partition(|release| now.monotonic >= release.deadline || self.are_settled(&release.lanes));
        self.releases = waiting;
        for release in due {
            if self.has_ended {
                return;
            }
            let positions = self.uncommitted(&release.lanes);
            if !positions.is_empty()
                && let Err(fault) = self.transport.commit_and_wait(&positions, LAST_COMMIT_MAX)
            {
                self.reports.push(ShardReport::CommitFailed(fault));
            }
            self.release(&release.lanes, false);
        }
    }

    fn release(&mut self, ids: &[LaneId], lost: bool) {
        // What they moved since the last sample is counted as well.
        self.sample();
        let mut partitions = Vec::new();
        for id in ids {
            self.give_up_move(*id, "the lane was given up to another instance");
            if let Some(mut lane) = self.lanes.remove(id) {
                self.in_flight_bytes -= lane.rewind();
                self.lane_ids.remove(&lane.source);
                partitions.push(lane.source);
            }
        }
        let released = self.transport.release(ids);
        self.reports.push(ShardReport::Released { partitions, lost });
        if let Err(fault) = released {
            self.fail(fault);
        }
    }

    fn are_settled(&self, ids: &[LaneId]) -> bool {
        ids.iter().all(|id| self.lanes.get(id).is_none_or(Lane::is_settled))
    }

    fn uncommitted(&self, ids: &[LaneId]) -> Vec<(TopicPartition, Committed)> {
        ids.iter()
            .filter_map(|id| self.lanes.get(id))
            .filter_map(|lane| Some((lane.source.clone(), lane.uncommitted()?)))
            .collect()
    }

    fn commit_if_due(&mut self, now: Now) {
        if now.monotonic < self.commit_at {
            return;
        }
        let anchors = self.lanes.values().any(|lane| lane.phase == Phase::Starting);
        let ids: Vec<LaneId> = self.lanes.keys().copied().collect();
        let positions = self.uncommitted(&ids);
        if !positions.is_empty() {
            self.transport.commit(&positions);
        }
        self.commit_at = now.monotonic + if anchors { ANCHOR_RETRY } else { self.settings.commit_interval };
    }

    fn sample_if_due(&mut self, now: Now) {
        if now.monotonic < self.sample_at {
            return;
        }
        self.sample_at = now.monotonic + SAMPLE_INTERVAL;
        self.sample();
    }

    /// A target with too few replicas in sync says so to nobody: its client just tries again. So silence is looked
    /// into.
    fn look_for_stall(&mut self) {
        let Some(stalled) = self.lanes.values().find(|lane| !lane.is_settled()) else {
            self.stalled_since = None;
            return;
        };
        let since = *self.stalled_since.get_or_insert(self.now);
        if self.trouble.is_none() && self.now.saturating_sub(since) >= STALL {
            self.stalled_since = Some(self.now);
            self.reports.push(ShardReport::Stalled { partition: stalled.source.clone() });
        }
    }

    fn sample(&mut self) {
        self.look_for_stall();
        let trouble = self.trouble.as_ref().map(|(_, why)| why);
        let is_more = self.lanes.values().any(Lane::has_more);
        let lanes = self
            .lanes
            .values_mut()
            .map(|lane| {
                let log = self.transport.log_bounds(lane.id);
                lane.measure(log, self.now, self.free_since);
                (lane.source.clone(), lane.snapshot(self.settings.shard, trouble, log, self.now))
            })
            .collect();
        self.reports.push(ShardReport::Sample(ShardSample {
            lanes,
            pending: self.pending.len(),
            in_flight_bytes: self.in_flight_bytes,
            latency: std::mem::take(&mut self.latency),
            delays: std::mem::take(&mut self.delays),
            time_use: self.stopwatch.take(is_more),
            trouble: trouble.cloned(),
        }));
    }

    /// Begins to leave: nothing more is read, what is in flight has until `deadline`.
    fn drain(&mut self, deadline: Duration) {
        self.drain_deadline = Some(deadline);
        let ids: Vec<LaneId> = self.lanes.keys().copied().collect();
        for id in ids {
            self.start_draining(id);
        }
    }

    fn finish_drain(&mut self, now: Now) {
        let Some(deadline) = self.drain_deadline else { return };
        let ids: Vec<LaneId> = self.lanes.keys().copied().collect();
        if now.monotonic < deadline && !self.are_settled(&ids) {
            return;
        }
        let unsettled_records = self.lanes.values().map(Lane::in_flight_records).sum();
        let positions = self.uncommitted(&ids);
        let committed =
            if positions.is_empty() { Ok(()) } else { self.transport.commit_and_wait(&positions, LAST_COMMIT_MAX) };
        match committed {
            Ok(()) => {
                for lane in self.lanes.values_mut().filter(|lane| lane.uncommitted().is_some()) {
                    lane.committed = Some(lane.position());
                }
                self.end(None, unsettled_records);
            }
            Err(fault) => {
                self.reports.push(ShardReport::CommitFailed(fault.clone()));
                self.end(Some(fault), unsettled_records);
            }
        }
    }

    /// Gives up at once: the clients are of no use any more. What is settled is committed if that still works.
    fn fail(&mut self, fault: Fault) {
        if self.has_ended {
            return;
        }
        let ids: Vec<LaneId> = self.lanes.keys().copied().collect();
        let positions = self.uncommitted(&ids);
        if !positions.is_empty() {
            // The fault itself is what gets reported; a lost commit only means that records are sent again.
            let _ = self.transport.commit_and_wait(&positions, LAST_COMMIT_MAX);
        }
        let unsettled_records = self.lanes.values().map(Lane::in_flight_records).sum();
        self.end(Some(fault), unsettled_records);
    }

    fn end(&mut self, fault: Option<Fault>, unsettled_records: u64) {
        self.sample();
        self.transport.close(LAST_COMMIT_MAX);
        self.has_ended = true;
        self.reports.push(ShardReport::Ended { fault, unsettled_records });
    }

    /// A problem of a cluster or client as a whole.
    fn meet_trouble(&mut self, fault: Fault) {
        match fault.kind.verdict() {
            Verdict::Restart => self.fail(fault),
            Verdict::Wait | Verdict::Diagnose | Verdict::Block => {
                if fault.kind.verdict() == Verdict::Wait && fault.kind != FaultKind::MembershipLost {
                    self.trouble = Some((fault.side, WaitingReason::of(&fault)));
                }
                self.reports.push(ShardReport::Trouble(fault));
            }
        }
    }

    /// An idle lane hears nothing from either cluster, so a trouble that has passed would be shown until the next
    /// record. While something is in flight only its acknowledgement proves that the target takes it.
    fn hear_from_both(&mut self) {
        self.hear_from(Side::Source);
        if self.in_flight_bytes == 0 {
            self.hear_from(Side::Target);
        }
    }

    /// One broker is no trouble of the whole shard: which lanes wait for it, the flow finds out. But one that can be
    /// reached ends the trouble that none could.
    fn hear_of_broker(&mut self, news: BrokerNews) {
        let is_over = |(side, why): &(Side, WaitingReason)| {
            let is_unconnected =
                matches!(why, WaitingReason::BrokerUnreachable { .. } | WaitingReason::CredentialsRejected { .. });
            *side == news.side && is_unconnected
        };
        if news.state == BrokerState::Up && self.trouble.as_ref().is_some_and(is_over) {
            self.trouble = None;
        }
        self.reports.push(ShardReport::Broker(news));
    }

    /// A cluster answered, so it is not what holds us up.
    fn hear_from(&mut self, side: Side) {
        if self.trouble.as_ref().is_some_and(|(troubled, _)| *troubled == side) {
            self.trouble = None;
        }
    }
}
