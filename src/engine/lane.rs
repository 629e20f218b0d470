//! One source partition being mirrored: its place in the log, and whether it may move.
//!
//! ```text
//!            attach (progress stored)                        stop, no choice but ours
//!   Starting ------------------------> Copying <----------------------------------> Blocked
//!      |   new position committed         |  \                   resume, reposition
//!      +--------------------------------->+   \ revoke, drain
//!                                              +--> Draining --> released
//! ```
//! `paused` lies across all of them: a paused lane keeps its phase and reads nothing.

use std::collections::VecDeque;
use std::time::Duration;

use super::fault::Side;
use super::ports::{Committed, LaneId};
use super::reason::{BlockedReason, WaitingReason};
use super::state::{LaneSnapshot, LaneState, Totals};
use crate::model::{Pace, PaceSample, Span, TargetLimits, TopicPartition, Watermark, WatermarkError};

/// See the module.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) id: LaneId,
    pub(super) source: TopicPartition,
    pub(super) phase: Phase,
    pub(super) is_paused: bool,
    pub(super) limits: TargetLimits,
    pub(super) committed: Option<i64>,
    pub(super) totals: Totals,
    /// Since when the lane waits to be tried again after a fault that passes by itself.
    pub(super) retry_at: Option<Duration>,
    /// Records before this offset are sent alone: one of them was too large for the batch it was in.
    pub(super) alone_before: i64,
    /// Whether the flow is finding out what happened to the position. Until it knows, nothing makes the lane read: the
    /// topic may have been created again, and an operator's pause and resume would let it go on there.
    pub(super) is_examined: bool,
    /// Whether what it has in flight is waited for, to set it elsewhere.
    pub(super) is_moving: bool,
    /// The note that goes with every commit.
    pub(super) note: String,
    watermark: Watermark,
    spans: VecDeque<TakenSpan>,
    leader_epoch: Option<i32>,
    newest_ms: Option<i64>,
    /// Age of the record settled last when it arrived.
    delay_ms: Option<u64>,
    target_next: Option<i64>,
    pace: Pace,
    goal: i64,
    /// Since when the lane has read all there is.
    at_end_since: Option<Duration>,
    /// When it last moved, or had no reason to; `None` before the first measure.
    moved_at: Option<Duration>,
    /// On which side it waits for too long, and nobody knows for what.
    stuck: Option<Side>,
    /// Since when the log was seen to go on behind the end that the lane has read to.
    held_since: Option<Duration>,
    /// When it last left the end with everything settled.
    caught_up_at: Option<Duration>,
}

/// How long a lane counts as caught up after new records came, and how long it must be held at its end before that is
/// called waiting: with records trickling in, both would change with every one of them.
const SETTLE: Duration = Duration::from_secs(3);

/// How long a lane with something to copy may stand still without anybody saying why. Brokers answer within seconds, or
/// a problem is told.
const STUCK: Duration = Duration::from_secs(30);

/// Where a lane stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Its position is new and being committed: nothing is copied before the group has it.
    Starting,
    /// Copying.
    Copying,
    /// Writes nothing until an operator decides or the cause is gone.
    Blocked(BlockedReason),
    /// Being given up.
    Draining,
}

/// What is remembered of a span until it is settled.
#[derive(Clone, Copy, Debug)]
struct TakenSpan {
    span: Span,
    timestamp_ms: Option<i64>,
    leader_epoch: Option<i32>,
    taken_at: Duration,
}

/// What a settlement brought.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Settlement {
    /// Bytes that are no longer in flight.
    pub(super) bytes: u64,
    /// How long the last completed span was in flight.
    pub(super) latency: Option<Duration>,
    /// Records of the spans that were completed.
    pub(super) records: u64,
    /// Timestamp of the newest of them.
    pub(super) timestamp_ms: Option<i64>,
}

/// Where and how a lane begins.
#[derive(Clone, Debug)]
pub(super) struct LaneStart {
    pub(super) position: i64,
    pub(super) leader_epoch: Option<i32>,
    /// Whether the group has the position already.
    pub(super) is_stored: bool,
    /// End of the log at the time.
    pub(super) goal: i64,
    /// The note that goes with every commit.
    pub(super) note: String,
}

impl Lane {
    pub(super) fn new(id: LaneId, source: TopicPartition, start: LaneStart, limits: TargetLimits) -> Self {
        Self {
            id,
            source,
            phase: if start.is_stored { Phase::Copying } else { Phase::Starting },
            is_paused: false,
            limits,
            committed: start.is_stored.then_some(start.position),
            totals: Totals::default(),
            retry_at: None,
            alone_before: 0,
            is_examined: false,
            is_moving: false,
            note: start.note,
            watermark: Watermark::at(start.position),
            spans: VecDeque::new(),
            leader_epoch: start.leader_epoch,
            newest_ms: None,
            delay_ms: None,
            target_next: None,
            pace: Pace::default(),
            goal: start.goal,
            at_end_since: None,
            moved_at: None,
            stuck: None,
            held_since: None,
            caught_up_at: None,
        }
    }

    /// Whether the lane may read.
    pub(super) fn may_read(&self) -> bool {
        let is_held = self.is_paused || self.is_examined || self.is_moving;
        self.phase == Phase::Copying && !is_held && self.retry_at.is_none()
    }

    /// The position: everything before it is on the target.
    pub(super) fn position(&self) -> i64 {
        self.watermark.settled_to()
    }

    /// The next offset to take.
    pub(super) fn taken_to(&self) -> i64 {
        self.watermark.taken_to()
    }

    pub(super) fn is_settled(&self) -> bool {
        self.watermark.is_settled()
    }

    pub(super) fn in_flight_records(&self) -> u64 {
        self.watermark.in_flight_records()
    }

    /// Puts a span in flight.
    pub(super) fn take(
        &mut self,
        span: Span,
        timestamp_ms: Option<i64>,
        leader_epoch: Option<i32>,
        now: Duration,
    ) -> Result<(), WatermarkError> {
        let was_settled = self.is_settled();
        self.watermark.take(span)?;
        if self.at_end_since.take().is_some() && was_settled {
            self.caught_up_at = Some(now);
        }
        if span.records > 0 {
            self.spans.push_back(TakenSpan { span, timestamp_ms, leader_epoch, taken_at: now });
        }
        Ok(())
    }

    /// Steps over offsets that hold no record.
    pub(super) fn step_to(&mut self, next: i64) {
        let taken_to = self.watermark.taken_to();
        if next > taken_to {
            let step = self.watermark.take(Span::empty(taken_to, next));
            debug_assert!(step.is_ok(), "a step begins where the last span ended");
        }
    }

    /// The lane has read all there is, up to `end`.
    pub(super) fn reach_end(&mut self, end: i64, now: Duration) {
        self.step_to(end);
        self.at_end_since.get_or_insert(now);
        self.moved_at = Some(now);
    }

    /// Acknowledges the oldest records in flight.
    pub(super) fn settle(&mut self, records: u64, next: i64, now: Duration) -> Result<Settlement, WatermarkError> {
        self.watermark.settle(records, next)?;
        self.moved_at = Some(now);
        let mut settlement = Settlement::default();
        while let Some(taken) = self.spans.front().copied().filter(|taken| taken.span.next <= self.position()) {
            self.spans.pop_front();
            self.totals.records += taken.span.records;
            self.totals.bytes += taken.span.bytes;
            self.newest_ms = taken.timestamp_ms.max(self.newest_ms);
            self.leader_epoch = taken.leader_epoch.or(self.leader_epoch);
            settlement.bytes += taken.span.in_flight_bytes();
            settlement.latency = Some(now.saturating_sub(taken.taken_at));
            settlement.records += taken.span.records;
            settlement.timestamp_ms = taken.timestamp_ms.or(settlement.timestamp_ms);
        }
        Ok(settlement)
    }

    /// Notes where the target has what was settled, and how old it was on arrival.
    pub(super) fn note_arrival(&mut self, target_next: Option<i64>, delay_ms: Option<u64>) {
        self.target_next = target_next.or(self.target_next);
        self.delay_ms = delay_ms.or(self.delay_ms);
    }

    /// Measures how fast the lane moves. `log` is start and end of its source log, as last seen; before `free_since`
    /// the whole shard was held by the flow's own limits.
    pub(super) fn measure(&mut self, log: Option<(i64, i64)>, now: Duration, free_since: Duration) {
        self.watch(log, now, free_since);
        if let Some((_, end)) = log {
            let lag_records = (end - self.position()).max(0).unsigned_abs();
            self.pace.add(PaceSample { at: now, records: self.totals.records, lag_records });
        }
        // Seen once it is nothing: the end is told with the very answer that brings the records before it.
        let is_held = self.at_end_since.is_some() && log.is_some_and(|(_, end)| end > self.position());
        self.held_since = is_held.then(|| self.held_since.unwrap_or(now));
    }

    /// A client may fall silent without a word: then this is the only one to notice.
    fn watch(&mut self, log: Option<(i64, i64)>, now: Duration, free_since: Duration) {
        let is_behind = log.is_some_and(|(_, end)| end > self.position());
        let is_due = is_behind && self.may_read() && self.held_since.is_none();
        let moved_at = self.moved_at.filter(|_| is_due).unwrap_or(now);
        self.moved_at = Some(moved_at);
        let side = if self.is_settled() { Side::Source } else { Side::Target };
        self.stuck = (now.saturating_sub(moved_at.max(free_since)) >= STUCK).then_some(side);
    }

    /// Forgets what is in flight: it will be sent again, or was given up. Returns its bytes.
    pub(super) fn rewind(&mut self) -> u64 {
        let position = self.position();
        self.move_to(position)
    }

    /// Goes on at another position. Returns the bytes that were in flight.
    pub(super) fn move_to(&mut self, position: i64) -> u64 {
        let bytes = self.spans.iter().map(|taken| taken.span.in_flight_bytes()).sum();
        self.spans.clear();
        self.watermark = Watermark::at(position);
        self.at_end_since = None;
        self.caught_up_at = None;
        self.moved_at = None;
        bytes
    }

    /// Goes on elsewhere at an operator's word. The epoch told of the records before the old position.
    pub(super) fn reposition(&mut self, position: i64) -> u64 {
        self.leader_epoch = None;
        self.move_to(position)
    }

    /// What to commit, when it differs from what the group has.
    pub(super) fn uncommitted(&self) -> Option<Committed> {
        let is_anchored = !matches!(self.phase, Phase::Blocked(_)) || self.committed.is_some();
        (is_anchored && self.committed != Some(self.position())).then(|| Committed {
            offset: self.position(),
            leader_epoch: self.settled_epoch(),
            metadata: self.note.clone(),
        })
    }

    /// Leader epoch of the record before the position. In the middle of a span it is that span's: with an older one the
    /// broker would say that the log was cut before the position.
    fn settled_epoch(&self) -> Option<i32> {
        match self.spans.front() {
            Some(front) if front.span.first < self.position() => front.leader_epoch,
            _ => self.leader_epoch,
        }
    }

    /// The state to show. `trouble` is what holds up the whole shard.
    pub(super) fn state(&self, trouble: Option<&WaitingReason>, now: Duration) -> LaneState {
        match &self.phase {
            Phase::Blocked(why) => LaneState::Blocked { why: why.clone() },
            Phase::Draining => LaneState::Draining,
            _ if self.is_paused => LaneState::Paused,
            Phase::Starting => LaneState::Starting,
            Phase::Copying if self.is_moving => LaneState::Starting,
            Phase::Copying => match trouble {
                Some(why) => LaneState::Waiting { why: why.clone() },
                None if let Some(side) = self.stuck => LaneState::Waiting { why: WaitingReason::NoProgress { side } },
                None if !self.is_caught_up(now) => LaneState::Copying,
                None if self.is_held_at_end(now) => LaneState::Waiting { why: WaitingReason::OpenTransaction },
                None => LaneState::CaughtUp,
            },
        }
    }

    /// Whether there is something to read that has not been read.
    pub(super) fn has_more(&self) -> bool {
        self.may_read() && self.at_end_since.is_none()
    }

    fn is_caught_up(&self, now: Duration) -> bool {
        (self.at_end_since.is_some() && self.is_settled())
            || self.caught_up_at.is_some_and(|at| now.saturating_sub(at) < SETTLE)
    }

    /// A read_committed reader is at its end, but the log goes on: its next record belongs to an open transaction.
    fn is_held_at_end(&self, now: Duration) -> bool {
        self.at_end_since.is_some() && self.held_since.is_some_and(|since| now.saturating_sub(since) >= SETTLE)
    }

    /// The lane as others see it. `log` is start and end of its source log, as last seen.
    pub(super) fn snapshot(
        &self,
        shard: u32,
        trouble: Option<&WaitingReason>,
        log: Option<(i64, i64)>,
        now: Duration,
    ) -> LaneSnapshot {
        let position = self.position();
        // What the client last heard may be older than what the lane has read since.
        let high_watermark = log.map(|(_, end)| end.max(position));
        LaneSnapshot {
            partition: self.source.partition,
            shard,
            state: self.state(trouble, now),
            position,
            committed: self.committed,
            log_start: log.map(|(start, _)| start),
            high_watermark,
            lag_records: high_watermark.map(|end| (end - position).unsigned_abs()),
            newest_ms: self.newest_ms,
            delay_ms: self.delay_ms,
            target_next: self.target_next,
            records_per_second: self.pace.records_per_second(),
            eta_seconds: if self.is_caught_up(now) { Some(0) } else { self.pace.eta_seconds() },
            has_reached_goal: position >= self.goal,
            totals: self.totals,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(is_stored: bool) -> Lane {
        let start = LaneStart { position: 10, leader_epoch: None, is_stored, goal: 20, note: "note".into() };
        Lane::new(LaneId(0), TopicPartition::new("orders", 0), start, TargetLimits::default())
    }

    fn take(lane: &mut Lane, first: i64, next: i64) {
        let records = (next - first).unsigned_abs();
        lane.take(Span { first, next, records, bytes: records }, Some(next), Some(1), Duration::ZERO)
            .expect("in order");
    }

    #[test]
    fn a_new_position_is_committed_before_anything_is_copied() {
        let mut new = lane(false);
        assert!(!new.may_read());
        assert_eq!(new.uncommitted().map(|committed| committed.offset), Some(10));
        new.committed = Some(10);
        new.phase = Phase::Copying;
        assert!(new.may_read());
        assert_eq!(new.uncommitted(), None);
    }

    #[test]
    fn only_settled_records_count_and_are_committed() {
        let mut lane = lane(true);
        take(&mut lane, 10, 14);
        assert_eq!(lane.uncommitted(), None);
        lane.settle(2, 12, Duration::from_millis(5)).expect("in flight");
        assert_eq!(lane.uncommitted().map(|committed| committed.offset), Some(12));
        assert_eq!(lane.totals.records, 0, "counted when the span is complete");
        let settlement = lane.settle(2, 14, Duration::from_millis(7)).expect("in flight");
        let bytes = 4 + 4 * Span::RECORD_OVERHEAD_BYTES;
        let latency = Some(Duration::from_millis(7));
        assert_eq!(settlement, Settlement { bytes, latency, records: 4, timestamp_ms: Some(14) });
        assert_eq!(lane.totals.records, 4);
    }

    #[test]
    fn a_position_is_committed_with_the_epoch_of_the_record_before_it() {
        let mut lane = lane(true);
        let mut take = |first, next, epoch| {
            let span = Span { first, next, records: 2, bytes: 2 };
            lane.take(span, None, Some(epoch), Duration::ZERO).expect("in order");
        };
        take(10, 12, 1);
        take(12, 14, 2);
        let mut epoch_at = |next| {
            lane.settle(1, next, Duration::ZERO).expect("in flight");
            lane.uncommitted().and_then(|committed| committed.leader_epoch)
        };
        assert_eq!([epoch_at(11), epoch_at(12), epoch_at(13), epoch_at(14)], [Some(1), Some(1), Some(2), Some(2)]);
    }

    #[test]
    fn a_rewind_forgets_what_was_in_flight() {
        let mut lane = lane(true);
        take(&mut lane, 10, 14);
        lane.settle(1, 11, Duration::ZERO).expect("in flight");
        assert_eq!(lane.rewind(), 4 + 4 * Span::RECORD_OVERHEAD_BYTES);
        assert_eq!((lane.position(), lane.taken_to()), (11, 11));
        assert!(lane.settle(1, 12, Duration::ZERO).is_err());
    }

    #[test]
    fn an_end_behind_control_records_is_no_lag() {
        let mut lane = lane(true);
        take(&mut lane, 10, 14);
        lane.settle(4, 14, Duration::ZERO).expect("in flight");
        lane.reach_end(15, Duration::ZERO);
        let mut state_at = |end, seconds| {
            let now = Duration::from_secs(seconds);
            lane.measure(Some((0, end)), now, Duration::ZERO);
            let snapshot = lane.snapshot(0, None, Some((0, end)), now);
            (snapshot.state, snapshot.lag_records)
        };
        let waits = LaneState::Waiting { why: WaitingReason::OpenTransaction };
        assert_eq!(state_at(15, 60), (LaneState::CaughtUp, Some(0)));
        assert_eq!(
            state_at(17, 61),
            (LaneState::CaughtUp, Some(2)),
            "however long it was at the end: they may just come"
        );
        assert_eq!(state_at(17, 65), (waits, Some(2)));
        assert_eq!(state_at(15, 66).0, LaneState::CaughtUp);
    }

    #[test]
    fn a_lane_that_keeps_up_does_not_flicker() {
        let mut lane = lane(true);
        let at = Duration::from_secs;
        assert_eq!(lane.state(None, at(0)), LaneState::Copying, "it has never been at the end");
        lane.reach_end(10, at(1));
        take(&mut lane, 10, 14);
        assert_eq!(lane.state(None, at(2)), LaneState::CaughtUp, "new records have just come");
        assert_eq!(lane.state(None, at(9)), LaneState::Copying, "it does not keep up");
    }

    #[test]
    fn a_blocked_lane_that_never_began_commits_nothing() {
        let mut lane = lane(false);
        lane.phase = Phase::Blocked(BlockedReason::ProgressMissing { target_end: 7 });
        assert_eq!(lane.uncommitted(), None);
    }
}
