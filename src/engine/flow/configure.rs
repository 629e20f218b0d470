//! A flow that is to be another from now on: what it takes under way, and what needs it to be started again.
//!
//! Under way, only what changes is touched. Topics that are not mirrored any more leave the subscription: the group
//! takes their partitions back as in any rebalance, so their lanes stop reading, wait for what is in flight, commit and
//! end. Topics that are new come with the next look at both clusters, which is asked for at once.

use std::sync::Arc;
use std::time::Duration;

use super::{Flow, FlowEffect, Stage, Topic};
use crate::config::FlowConfig;
use crate::engine::event::EventKind;
use crate::engine::job::{Job, Prepared};
use crate::engine::shard::ShardCommand;
use crate::engine::spec::FlowSpec;
use crate::model::{TopicName, TopicPartition};

/// How long a flow that is started again may wait for what it has in flight.
const RESTART_DRAIN_MAX: Duration = Duration::from_secs(30);
/// Topics a message names.
const NAMED_MAX: usize = 3;

impl Flow {
    pub(super) fn configure(&mut self, config: FlowConfig, may_restart: bool, now: Duration) {
        self.next = None;
        match &self.stage {
            Stage::Stopped | Stage::Refused(_) => self.become_another(config),
            Stage::Draining { .. } => self.next = Some(config),
            Stage::Starting | Stage::Active => {
                let reasons = self.reasons_to_restart(&config);
                if reasons.is_empty() {
                    self.change_under_way(config);
                } else if may_restart {
                    self.notice(format!("started again to change {}", reasons.join(", ")));
                    self.next = Some(config);
                    self.starts_again = true;
                    self.drain(now + RESTART_DRAIN_MAX);
                } else {
                    self.notice(format!("kept for the next start, because it changes {}", reasons.join(", ")));
                    self.next = Some(config);
                }
            }
        }
    }

    /// When the flow has stopped: it becomes what waited for that, and goes on if that was why.
    pub(super) fn after_stop(&mut self) {
        if let Some(config) = self.next.take() {
            self.become_another(config);
        }
        if std::mem::take(&mut self.starts_again) {
            self.start();
        }
    }

    /// A stopped flow is another one, at once.
    fn become_another(&mut self, config: FlowConfig) {
        self.stage = Stage::Stopped;
        let left: Vec<TopicName> = self.topics.keys().filter(|name| !self.keeps(name, &config)).cloned().collect();
        self.topics.retain(|name, _| !left.contains(name));
        let n_shards = u32::from(config.shards);
        for shard in self.shards.keys().copied().collect::<Vec<_>>() {
            let partitions = self.shards.get(&shard).into_iter().flat_map(|view| view.lanes.keys());
            let is_left = |partition: &&TopicPartition| shard >= n_shards || left.contains(&partition.topic);
            let partitions: Vec<TopicPartition> = partitions.filter(is_left).cloned().collect();
            self.forget_lanes(shard, &partitions);
        }
        self.adopt_spec(config);
    }

    fn adopt_spec(&mut self, config: FlowConfig) {
        self.spec = Arc::new(FlowSpec { name: self.spec.name.clone(), config });
    }

    /// Whether a topic goes on as it is.
    fn keeps(&self, name: &TopicName, config: &FlowConfig) -> bool {
        let target = self.topics.get(name).map(|topic| &topic.ready.target);
        let is_left_alone = self.topics.get(name).is_some_and(Topic::is_left_alone);
        config.selection.judge(name).is_included()
            && (is_left_alone || config.rename.target_topic(name).ok().as_ref() == target)
    }

    fn reasons_to_restart(&self, config: &FlowConfig) -> Vec<String> {
        let mut reasons = self.spec.config.changes_that_need_restart(config);
        // One that was never written may have another name at any time.
        let is_written = |topic: &Topic| !topic.is_left_alone() && topic.ready.target_partitions > 0;
        let written = self.topics.iter().filter(|(_, topic)| is_written(topic));
        let renamed: Vec<&TopicName> = written
            .map(|(name, _)| name)
            .filter(|name| config.selection.judge(name).is_included() && !self.keeps(name, config))
            .collect();
        if !renamed.is_empty() {
            reasons.push(format!("what {} {} called on the target", named(&renamed), be(renamed.len())));
        }
        reasons
    }

    fn change_under_way(&mut self, config: FlowConfig) {
        let before = self.spec.clone();
        self.adopt_spec(config);
        let (old, new) = (&before.config, &self.spec.config);
        if old.limits != new.limits || old.commit_interval != new.commit_interval {
            let (commit_interval, budget) = (new.commit_interval, self.budget());
            self.tell_all(|| ShardCommand::SetPace { commit_interval, budget: budget.clone() });
        }
        let config = self.spec.clone();
        let left: Vec<TopicName> =
            self.topics.keys().filter(|name| !self.keeps(name, &config.config)).cloned().collect();
        if !left.is_empty() {
            let (never, left_now): (Vec<&TopicName>, Vec<&TopicName>) =
                left.iter().partition(|name| self.topics.get(*name).is_some_and(Topic::is_left_alone));
            self.unwanted.retain(|name| !never.contains(&name));
            self.topics.retain(|name, _| !left.contains(name));
            let is_left = |partition: &TopicPartition| left.contains(&partition.topic);
            self.promises.retain(|promise| promise.scope.topic.as_ref().is_none_or(|topic| !left.contains(topic)));
            self.others.retain(|partition, _| !is_left(partition));
            self.may_recreate.retain(|topic| !left.contains(topic));
            if !left_now.is_empty() {
                self.notice(format!("{} {} not mirrored any more", named(&left_now), be(left_now.len())));
            }
            let live: Vec<u32> = self.shards.iter().filter(|(_, view)| view.is_live).map(|(shard, _)| *shard).collect();
            live.into_iter().for_each(|shard| self.subscribe(shard));
        }
        if before.config.selection != self.spec.config.selection {
            // What the rules did not include before is no topic that appeared: it is wanted.
            self.rules_before.get_or_insert_with(|| before.config.selection.clone());
        }
        self.look_again();
    }

    /// Looks at both clusters as soon as it can be. A look that is under way was for what the flow was, or for what an
    /// operator wanted before.
    pub(super) fn look_again(&mut self) {
        let is_queued = self.jobs.iter().any(|job| matches!(job, Job::Prepare(_)));
        self.is_prepare_outdated |= self.is_refresh_queued && !is_queued;
        if is_queued {
            self.jobs.retain(|job| !matches!(job, Job::Prepare(_)));
            self.is_refresh_queued = false;
        }
        self.queue_prepare();
    }

    /// A look that was for other rules: what it did is told, what it found is not used.
    pub(super) fn drop_outdated(&mut self, prepared: Option<Prepared>) {
        self.effects.extend(prepared.into_iter().flat_map(|prepared| prepared.events).map(FlowEffect::Emit));
        self.is_refresh_queued = false;
        self.queue_prepare();
    }

    pub(super) fn notice(&mut self, text: String) {
        self.effects.push(FlowEffect::Emit(EventKind::Notice { text }));
    }

    /// Only a flow that is stopped is forgotten.
    pub(super) fn retire(&mut self) {
        if matches!(self.stage, Stage::Stopped | Stage::Refused(_)) {
            self.effects.push(FlowEffect::Retire);
        } else {
            self.refuse("remove", "the flow is running; stop it first");
        }
    }
}

fn named(topics: &[&TopicName]) -> String {
    let first: Vec<String> = topics.iter().take(NAMED_MAX).map(|topic| format!("`{topic}`")).collect();
    match topics.len().checked_sub(NAMED_MAX) {
        None | Some(0) => first.join(", "),
        Some(n_more) => format!("{} and {n_more} more", first.join(", ")),
    }
}

fn be(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}
