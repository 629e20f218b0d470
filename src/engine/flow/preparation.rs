//! What a flow makes of a look at both clusters.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Flow, FlowEffect, RETRY_MIN, Retry, Stage, Topic};
use crate::engine::command::Scope;
use crate::engine::event::EventKind;
use crate::engine::fault::{Fault, FaultKind, Verdict};
use crate::engine::job::{DecidedChoice, Job, PrepareRequest, Prepared, ReadyTopic};
use crate::engine::ports::ClusterFacts;
use crate::engine::reason::{BlockedReason, Hindrance, WaitingReason};
use crate::engine::shard::ShardCommand;
use crate::engine::state::TopicState;
use crate::model::TopicName;

/// How long a shard that is replaced may wait for what it has in flight.
const REOPEN_MAX: Duration = Duration::from_secs(10);

impl Flow {
    pub(super) fn queue_prepare(&mut self) {
        if self.is_refresh_queued {
            return;
        }
        self.is_refresh_queued = true;
        self.jobs.push_back(Job::Prepare(PrepareRequest {
            is_start: self.stage == Stage::Starting,
            known: self.mirrored(),
            may_recreate: self.may_recreate.clone(),
            wanted: self.all_wanted(),
            rules_before: self.rules_before.clone(),
            adopt: self.decisions.iter().find_map(|decision| match &decision.choice {
                DecidedChoice::Adopt(from) => Some(from.clone()),
                DecidedChoice::ResumeAt(_) | DecidedChoice::SkipRecord(_) | DecidedChoice::Mirror => None,
            }),
        }));
    }

    /// Topics that are, or were in this run, mirrored.
    fn mirrored(&self) -> BTreeSet<TopicName> {
        self.topics
            .iter()
            .filter(|(_, topic)| !topic.is_left_alone() && topic.ready.target_partitions > 0)
            .filter(|(_, topic)| !matches!(topic.blocked, Some(BlockedReason::PartitionCount { .. })))
            .map(|(name, _)| name.clone())
            .collect()
    }

    pub(super) fn finish_prepare(&mut self, result: Result<Box<Prepared>, Fault>, now: Duration) {
        self.is_refresh_queued = false;
        self.refresh_at = now + self.spec.config.refresh_interval;
        let prepared = match result {
            Ok(prepared) => *prepared,
            Err(fault) => {
                self.hindrance = Some(self.hindrance_of(&fault));
                self.meet(fault);
                self.retry(Retry::Prepare, now);
                return;
            }
        };
        self.meet_clusters(prepared.source, prepared.target, now);
        if prepared.hindrance.is_some() {
            self.effects.extend(prepared.events.into_iter().map(FlowEffect::Emit));
            self.hindrance = prepared.hindrance;
            self.retry(Retry::Prepare, now);
            return;
        }
        self.hindrance = None;
        self.backoff = RETRY_MIN;
        if let Some(why) = prepared.refused {
            if self.stage == Stage::Starting {
                self.stage = Stage::Refused(why);
            } else {
                // A topic appeared that must not be mirrored. The others go on, this one does not begin.
                self.refuse("mirror new topics", why);
            }
            return;
        }
        self.effects.extend(prepared.events.into_iter().map(FlowEffect::Emit));
        if self.rules_before.take().is_some() {
            self.wanted.extend(prepared.topics.keys().filter(|name| !self.topics.contains_key(*name)).cloned());
        }
        self.take_new_topics(prepared.ignored, prepared.held_back, |name| prepared.topics.contains_key(name));
        self.take_topics(prepared.topics.into_iter().map(|(name, (ready, blocked))| (name, ready, blocked)).collect());
        self.note_leaderless(prepared.is_leaderless, now);
        if self.stage == Stage::Starting {
            self.stage = Stage::Active;
            self.others = prepared.others;
            // Said once: what is lost later, and looks the same, is another matter.
            self.decisions.retain(|decision| !matches!(decision.choice, DecidedChoice::Adopt(_)));
            if self.topics.is_empty() {
                let text = "no topic of the source matches; topics that appear are looked for at every refresh".into();
                self.effects.push(FlowEffect::Emit(EventKind::Notice { text }));
            }
            for shard in 0..u32::from(self.spec.config.shards) {
                self.start_shard(shard);
            }
        } else {
            let live: Vec<u32> = self.shards.iter().filter(|(_, view)| view.is_live).map(|(shard, _)| *shard).collect();
            for shard in live {
                self.subscribe(shard);
            }
            self.tell_all(|| ShardCommand::BothReached);
            let scope = Scope::flow(self.spec.name.clone());
            self.tell_all(|| ShardCommand::Retry { scope: scope.clone(), only_healing: true });
        }
    }

    /// Tells what the brokers are, where that is news, and lets the shards speak to them as what they are.
    fn meet_clusters(&mut self, source: ClusterFacts, target: ClusterFacts, now: Duration) {
        for (known, found) in [(&self.source, &source), (&self.target, &target)] {
            if let Some(finding) = found.finding.as_ref().filter(|finding| known.finding.as_ref() != Some(*finding)) {
                self.effects.push(FlowEffect::Emit(EventKind::Notice { text: finding.to_string() }));
            }
        }
        if (&self.source.version, &self.target.version) != (&source.version, &target.version) {
            let versions = EventKind::Versions { source: source.version.clone(), target: target.version.clone() };
            self.effects.push(FlowEffect::Emit(versions));
        }
        // A client keeps to what it was opened for: spoken to as before an upgrade, brokers leave out what they have
        // learned. Its shard's successor is opened for what they are now.
        let is_outdated = self.source.is_untold() != source.is_untold() || self.target.features != target.features;
        (self.source, self.target) = (source, target);
        if is_outdated && self.stage == Stage::Active {
            self.tell_all(|| ShardCommand::Drain { deadline: now + REOPEN_MAX });
        }
    }

    fn hindrance_of(&self, fault: &Fault) -> Hindrance {
        match fault.kind.verdict() {
            Verdict::Wait => Hindrance::Waiting(WaitingReason::of(fault)),
            Verdict::Block | Verdict::Diagnose | Verdict::Restart => Hindrance::Blocked(match fault.kind {
                FaultKind::GroupAuthorization => {
                    BlockedReason::GroupAuthorization { group: self.spec.config.group.clone() }
                }
                _ => BlockedReason::Fault { fault: fault.clone() },
            }),
        }
    }

    fn take_topics(&mut self, found: Vec<(TopicName, ReadyTopic, Option<BlockedReason>)>) {
        let names: BTreeSet<TopicName> = found.iter().map(|(name, ..)| name.clone()).collect();
        let gone: Vec<TopicName> = self
            .topics
            .iter()
            .filter(|(name, topic)| !names.contains(*name) && !topic.is_left_alone())
            .map(|(name, _)| name.clone())
            .collect();
        for name in gone {
            let why = BlockedReason::SourceTopicGone { topic: name.clone() };
            self.set_topic(name, None, Some(why));
        }
        for (name, ready, blocked) in found {
            self.note_recreation(&name, &ready);
            self.may_recreate.remove(&name);
            self.set_topic(name, Some(ready), blocked);
        }
    }

    /// A topic with another id is another topic, on the source as on the target: lanes must not go on in it with the
    /// old one's positions. The shards look themselves, because only they know all their lanes: one that was attached a
    /// moment ago is not in any sample yet. A target that was missing and is there again counts too, whoever made it.
    fn note_recreation(&mut self, name: &TopicName, ready: &ReadyTopic) {
        let Some(topic) = self.topics.get(name) else { return };
        if topic.ready.source_id != ready.source_id || topic.ready.target_id != ready.target_id {
            self.tell_all(|| ShardCommand::CheckTopic { topic: name.clone(), ready: ready.clone() });
        }
    }

    /// Records what is known of a topic, tells the shards what changed for them, and the world what it is now.
    pub(super) fn set_topic(&mut self, name: TopicName, ready: Option<ReadyTopic>, blocked: Option<BlockedReason>) {
        let before = self.topics.get(&name);
        let Some(ready) = ready.or_else(|| before.map(|topic| topic.ready.clone())) else { return };
        if before.is_some_and(|topic| topic.ready.limits != ready.limits) {
            let limits = ready.limits.clone();
            let topic = name.clone();
            self.tell_all(|| ShardCommand::SetLimits { topic: topic.clone(), limits: limits.clone() });
        }
        let is_changed = self.topics.get(&name).is_none_or(|topic| topic.is_ignored || topic.blocked != blocked);
        if is_changed {
            let state = match &blocked {
                Some(why) => TopicState::Blocked { why: why.clone() },
                None => TopicState::Mirroring,
            };
            self.effects.push(FlowEffect::Emit(EventKind::TopicState { topic: name.clone(), state }));
        }
        self.topics.insert(name, Topic { ready, blocked, is_ignored: false });
    }

    /// Subscribes a shard to the topics that can be mirrored, if that is not what it has.
    pub(super) fn subscribe(&mut self, shard: u32) {
        let wanted: Vec<TopicName> = self
            .topics
            .iter()
            .filter(|(_, topic)| topic.blocked.is_none() && !topic.is_ignored)
            .map(|(name, _)| name.clone())
            .collect();
        let Some(view) = self.shards.get_mut(&shard) else { return };
        if view.subscription != wanted {
            view.subscription = wanted.clone();
            self.tell(shard, ShardCommand::Subscribe(wanted));
        }
    }
}
