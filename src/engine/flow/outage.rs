//! Lanes that wait for one broker while others of its cluster answer.
//!
//! A shard hears that its client does not reach a broker; whom that holds up only the clusters know, who tell which
//! broker leads which partition. So they are asked at once, and again while a broker is away: leaders move.
//!
//! ```text
//!   shard: broker 2 is down --> ask who leads --> lanes led by 2, or by nobody, wait
//!                                 ^       |
//!                                 +-------+ again, until the broker is back or leads nothing any more
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Flow, FlowEffect, Stage};
use crate::engine::event::EventKind;
use crate::engine::fault::Side;
use crate::engine::job::{FoundLeaders, Job};
use crate::engine::ports::{BrokerNews, BrokerState};
use crate::engine::reason::WaitingReason;
use crate::engine::state::{LaneSnapshot, LaneState};
use crate::model::{TopicName, TopicPartition};

/// How soon to ask again who leads, while lanes wait for a broker.
const LOOK_AGAIN: Duration = Duration::from_secs(3);
/// The same while a broker is away that leads nothing of ours.
const LOOK_AGAIN_IDLE: Duration = Duration::from_secs(10);
/// How soon new lanes are known: with the next sample of their shard.
const LOOK_AT_NEW: Duration = Duration::from_secs(1);

/// A broker a shard's client does not reach.
#[derive(Clone, Debug)]
pub(super) struct BrokerAway {
    address: String,
    detail: String,
}

/// Which lanes wait for single brokers, as the last look found.
#[derive(Debug, Default)]
pub(super) struct Outages {
    held: BTreeMap<TopicPartition, Held>,
    /// Partitions without a leader are looked for, though no broker is away.
    is_leaderless: bool,
    /// Brokers that were told to be away.
    told: BTreeSet<(Side, i32)>,
    look_at: Duration,
    is_look_queued: bool,
}

/// A lane that waits, and where it stood when that was found: one that moves on does not wait.
#[derive(Clone, Debug)]
struct Held {
    why: WaitingReason,
    position: i64,
}

impl Outages {
    /// Lets lanes that wait say so. What nobody can see of the source is not shown as if it were seen.
    pub(super) fn show(&self, lanes: &mut BTreeMap<TopicPartition, LaneSnapshot>) {
        for (partition, held) in &self.held {
            let Some(lane) = lanes.get_mut(partition).filter(|lane| lane.position == held.position) else { continue };
            if matches!(lane.state, LaneState::Copying | LaneState::CaughtUp | LaneState::Waiting { .. }) {
                lane.state = LaneState::Waiting { why: held.why.clone() };
            }
        }
        for lane in lanes.values_mut() {
            if matches!(&lane.state, LaneState::Waiting { why } if why.hides_source()) {
                (lane.high_watermark, lane.lag_records, lane.eta_seconds) = (None, None, None);
            }
        }
    }
}

impl Flow {
    /// A shard's client lost a broker, or found it again.
    pub(super) fn note_broker(&mut self, shard: u32, news: BrokerNews, now: Duration) {
        let BrokerNews { side, broker, address, state } = news;
        let key = (side, broker);
        let Some(view) = self.shards.get_mut(&shard) else { return };
        match state {
            BrokerState::Down { detail } => {
                view.down.insert(key, BrokerAway { address, detail });
                self.outages.look_at = now;
            }
            BrokerState::Up => {
                view.down.remove(&key);
                let lanes = &view.lanes;
                self.outages.held.retain(|partition, held| {
                    let is_for_it = matches!(&held.why, WaitingReason::LeaderUnreachable { side: of, broker: id, .. }
                        if (*of, *id) == key);
                    !(is_for_it && lanes.contains_key(partition))
                });
                if !self.is_away(key) && self.outages.told.remove(&key) {
                    self.effects.push(FlowEffect::Emit(EventKind::BrokerUp { side, broker, address }));
                }
            }
        }
        self.look_for_leaders(now);
    }

    /// A refresh found partitions without a leader.
    pub(super) fn note_leaderless(&mut self, is_leaderless: bool, now: Duration) {
        if is_leaderless && !self.outages.is_leaderless {
            self.outages.look_at = now;
        }
        self.outages.is_leaderless |= is_leaderless;
    }

    /// Lanes that were just given out are not among those of the last look.
    pub(super) fn look_for_leaders_of_new_lanes(&mut self, now: Duration) {
        self.outages.look_at = self.outages.look_at.min(now + LOOK_AT_NEW);
    }

    fn is_away(&self, key: (Side, i32)) -> bool {
        self.shards.values().any(|view| view.is_live && view.down.contains_key(&key))
    }

    /// Asks who leads, when it is time to and somebody is away.
    pub(super) fn look_for_leaders(&mut self, now: Duration) {
        if self.stage != Stage::Active || self.outages.is_look_queued || now < self.outages.look_at {
            return;
        }
        let is_asked = |side| self.outages.is_leaderless || self.misses(side);
        let topics = || self.topics.iter().filter(|(_, topic)| topic.blocked.is_none() && !topic.is_ignored);
        let source: BTreeSet<TopicName> =
            topics().filter(|_| is_asked(Side::Source)).map(|(name, _)| name.clone()).collect();
        let target: BTreeSet<TopicName> =
            topics().filter(|_| is_asked(Side::Target)).map(|(_, topic)| topic.ready.target.clone()).collect();
        if source.is_empty() && target.is_empty() {
            self.outages.held.clear();
            return;
        }
        self.outages.is_look_queued = true;
        self.jobs.push_back(Job::Lead { source, target });
    }

    /// Whether a cluster misses single brokers. One that misses all would not answer.
    fn misses(&self, side: Side) -> bool {
        let is_cut_off =
            |why: &WaitingReason| matches!(why, WaitingReason::BrokerUnreachable { side: of, .. } if *of == side);
        let live = || self.shards.values().filter(|view| view.is_live);
        live().any(|view| view.down.keys().any(|(of, _)| *of == side) && !view.trouble.as_ref().is_some_and(is_cut_off))
    }

    pub(super) fn finish_leaders(&mut self, found: &FoundLeaders, now: Duration) {
        self.outages.is_look_queued = false;
        let mut held = BTreeMap::new();
        for view in self.shards.values().filter(|view| view.is_live) {
            for (partition, lane) in &view.lanes {
                let Some(topic) = self.topics.get(&partition.topic) else { continue };
                let why = [(Side::Source, &partition.topic), (Side::Target, &topic.ready.target)].into_iter().find_map(
                    |(side, name)| match found.of(side, name, partition.partition)? {
                        None => Some(WaitingReason::LeaderUnavailable { side }),
                        Some(broker) => view.down.get(&(side, broker)).map(|away| WaitingReason::LeaderUnreachable {
                            side,
                            broker,
                            address: away.address.clone(),
                            detail: away.detail.clone(),
                        }),
                    },
                );
                if let Some(why) = why {
                    held.insert(partition.clone(), Held { why, position: lane.position });
                }
            }
        }
        self.tell_of_brokers(&held);
        self.outages.is_leaderless =
            held.values().any(|held| matches!(held.why, WaitingReason::LeaderUnavailable { .. }));
        self.outages.look_at = now + if held.is_empty() { LOOK_AGAIN_IDLE } else { LOOK_AGAIN };
        self.outages.held = held;
    }

    /// One that leads nothing of the flow is nobody's business.
    fn tell_of_brokers(&mut self, held: &BTreeMap<TopicPartition, Held>) {
        let mut found: BTreeMap<(Side, i32), (u64, &Held)> = BTreeMap::new();
        for held in held.values() {
            if let WaitingReason::LeaderUnreachable { side, broker, .. } = &held.why {
                found.entry((*side, *broker)).or_insert((0, held)).0 += 1;
            }
        }
        for (key, (partitions, held)) in found {
            if let WaitingReason::LeaderUnreachable { side, broker, address, detail } = held.why.clone()
                && self.outages.told.insert(key)
            {
                self.faults += 1;
                let kind = EventKind::BrokerDown { side, broker, address, detail, partitions };
                self.effects.push(FlowEffect::Emit(kind));
            }
        }
    }
}
