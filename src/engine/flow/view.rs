//! A flow as others see it.

use std::collections::HashMap;
use std::time::Duration;

use super::{Flow, FlowEffect, ShardView, Stage};
use crate::engine::event::EventKind;
use crate::engine::reason::{BlockedReason, Hindrance, WaitingReason};
use crate::engine::state::{
    DelaySnapshot, FlowSnapshot, FlowState, LaneSnapshot, LaneState, TopicSnapshot, TopicState, Totals,
};
use crate::engine::time_use::TimeUse;
use crate::model::{RateSample, TopicName};

/// How far back the delays shown reach, about.
const DELAY_MEMORY: Duration = Duration::from_secs(10);

impl Flow {
    /// The flow at this moment. `now_ms` is the wall clock, ms since 1970.
    pub(in crate::engine) fn snapshot(&self, now_ms: i64) -> FlowSnapshot {
        let totals = self.totals();
        let rates = self.meter.rates();
        let state = self.state();
        let lag_records = self.lag_records(&state);
        let has_lag = lag_records.is_some();
        let live = self.shards.values().filter(|view| view.is_live);
        FlowSnapshot {
            flow: self.spec.name.clone(),
            source: self.spec.config.source.clone(),
            target: self.spec.config.target.clone(),
            group: self.spec.config.group.clone(),
            state,
            totals,
            records_per_second: rates.records_per_second,
            bytes_per_second: rates.bytes_per_second,
            lag_records,
            lag_bytes: totals.bytes.checked_div(totals.records).zip(lag_records).map(|(mean, lag)| mean * lag),
            unseen_lanes: self.unseen_lanes(),
            lag_ms: self.lag_ms(now_ms).filter(|_| has_lag),
            eta_seconds: self.eta_seconds().filter(|_| has_lag),
            delay: DelaySnapshot { p50_ms: self.delays.quantile(0.5), p99_ms: self.delays.quantile(0.99) },
            time_use: TimeUse::mean(live.map(|view| view.time_use)),
            in_flight_bytes: self.shards.values().map(|view| view.in_flight_bytes).sum(),
            topics: self.topic_snapshots(),
            commits: self.commits,
            commit_failures: self.commit_failures,
            faults: self.faults,
            delivery_latency: self.latency.clone(),
        }
    }

    pub(super) fn measure(&mut self, now: Duration) {
        let totals = self.totals();
        self.meter.add(RateSample { at: now, records: totals.records, bytes: totals.bytes });
        let seconds = now.saturating_sub(self.faded_at).as_secs_f64();
        self.faded_at = now;
        self.delays.fade((-seconds / DELAY_MEMORY.as_secs_f64()).exp());
    }

    /// The slowest lane's: with a sum over all, one that stands still would be hidden by those that hurry.
    fn eta_seconds(&self) -> Option<u64> {
        let moving = self
            .lanes()
            .filter(|lane| !matches!(lane.state, LaneState::Blocked { .. } | LaneState::Paused | LaneState::Draining));
        moving.map(|lane| lane.eta_seconds).try_fold(0, |slowest, eta| Some(eta?.max(slowest)))
    }

    /// Tells the world when the state is another one.
    pub(super) fn show_state(&mut self) {
        let state = self.state();
        if self.shown.as_ref() != Some(&state) {
            self.shown = Some(state.clone());
            self.effects.push(FlowEffect::Emit(EventKind::FlowState { state }));
        }
    }

    fn lanes(&self) -> impl Iterator<Item = &LaneSnapshot> {
        self.shards.values().flat_map(|view| view.lanes.values())
    }

    fn totals(&self) -> Totals {
        let mut totals = self.past;
        for lane in self.lanes() {
            totals += lane.totals;
        }
        totals
    }

    /// Nothing is behind when there is nothing to mirror; when nothing is heard of what there is, nobody knows.
    fn lag_records(&self, state: &FlowState) -> Option<u64> {
        let none = (*state == FlowState::CaughtUp).then_some(0);
        self.lanes().filter_map(|lane| lane.lag_records).fold(none, |sum, lag| Some(sum.unwrap_or(0) + lag))
    }

    fn unseen_lanes(&self) -> u64 {
        let pending: usize = self.shards.values().filter(|view| view.is_live).map(|view| view.pending).sum();
        (self.lanes().filter(|lane| lane.is_unseen()).count() + pending) as u64
    }

    /// How far behind in time: the age of what was copied last in the lane that is furthest behind.
    fn lag_ms(&self, now_ms: i64) -> Option<u64> {
        let behind = self.lanes().filter(|lane| lane.lag_records.is_some_and(|lag| lag > 0));
        let mut oldest = None;
        for lane in behind {
            let age = now_ms.saturating_sub(lane.newest_ms?);
            oldest = oldest.max(Some(u64::try_from(age).unwrap_or(0)));
        }
        Some(oldest.unwrap_or(0))
    }

    fn topic_snapshots(&self) -> Vec<TopicSnapshot> {
        let mut lanes: HashMap<&TopicName, Vec<LaneSnapshot>> = HashMap::new();
        for view in self.shards.values() {
            for (partition, lane) in &view.lanes {
                lanes.entry(&partition.topic).or_default().push(lane.clone());
            }
        }
        self.topics
            .iter()
            .map(|(name, topic)| TopicSnapshot {
                source: name.clone(),
                target: topic.ready.target.clone(),
                partitions: topic.ready.partitions,
                state: match &topic.blocked {
                    _ if topic.is_ignored => TopicState::Ignored,
                    Some(why) => TopicState::Blocked { why: why.clone() },
                    None => TopicState::Mirroring,
                },
                lanes: lanes.remove(name).unwrap_or_default(),
            })
            .collect()
    }

    fn state(&self) -> FlowState {
        match &self.stage {
            Stage::Stopped => return FlowState::Stopped,
            Stage::Refused(why) => return FlowState::Refused { why: why.clone() },
            Stage::Draining { .. } => return FlowState::Draining,
            Stage::Starting | Stage::Active => {}
        }
        match &self.hindrance {
            Some(Hindrance::Waiting(why)) => return FlowState::Waiting { why: why.clone() },
            Some(Hindrance::Blocked(why)) => return FlowState::Blocked { why: why.clone() },
            None if self.stage == Stage::Starting => return FlowState::Starting,
            None => {}
        }
        if self.lanes().next().is_none() { self.state_without_lanes() } else { self.state_of_lanes() }
    }

    fn state_without_lanes(&self) -> FlowState {
        if let Some(why) = self.trouble() {
            return FlowState::Waiting { why };
        }
        let can_mirror = self.topics.values().any(|topic| topic.blocked.is_none() && !topic.is_ignored);
        if !can_mirror {
            return match self.topics.values().find_map(|topic| topic.blocked.clone()) {
                Some(why) => FlowState::Blocked { why },
                None => FlowState::CaughtUp,
            };
        }
        let has_joined = self.shards.values().any(|view| view.is_live)
            && self.shards.values().all(|view| (view.has_joined && view.pending == 0) || !view.is_live);
        if has_joined { FlowState::CaughtUp } else { FlowState::Joining }
    }

    fn state_of_lanes(&self) -> FlowState {
        let mut waiting: Option<WaitingReason> = None;
        let mut blocked: Option<BlockedReason> = None;
        // Partitions whose lanes are still to come are as lanes that start.
        let mut is_running = self.shards.values().any(|view| view.is_live && view.pending > 0);
        let (mut is_caught_up, mut is_paused) = (false, false);
        for lane in self.lanes() {
            match &lane.state {
                LaneState::Starting | LaneState::Copying | LaneState::Draining => is_running = true,
                LaneState::CaughtUp => is_caught_up = true,
                LaneState::Paused => is_paused = true,
                LaneState::Waiting { why } => waiting = waiting.or_else(|| Some(why.clone())),
                LaneState::Blocked { why } => blocked = blocked.or_else(|| Some(why.clone())),
            }
        }
        match (waiting, blocked) {
            _ if is_running => FlowState::Running,
            (Some(why), _) => FlowState::Waiting { why },
            _ if is_paused => FlowState::Paused,
            _ if is_caught_up => FlowState::CaughtUp,
            (None, Some(why)) => FlowState::Blocked { why },
            (None, None) => FlowState::Running,
        }
    }

    fn trouble(&self) -> Option<WaitingReason> {
        self.shards.values().filter(|view| view.is_live).find_map(|view: &ShardView| view.trouble.clone())
    }
}
