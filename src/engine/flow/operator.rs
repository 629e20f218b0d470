//! What an operator may order of a running flow.

use std::collections::BTreeMap;

use super::{Flow, Stage};
use crate::engine::command::Scope;
use crate::engine::fault::Fault;
use crate::engine::job::{DecidedChoice, Decision, Job, Resolved};
use crate::engine::reason::BlockedReason;
use crate::engine::shard::ShardCommand;
use crate::model::{StartPosition, TopicName, TopicPartition};

impl Flow {
    pub(super) fn pause(&mut self, scope: Scope) {
        if !self.paused.contains(&scope) {
            self.paused.push(scope);
        }
        self.tell_paused();
    }

    /// The shards are told all pauses there are. Told only what changed, a lane that was attached paused and is in no
    /// sample yet would miss its resumption and be held for good; and a wider pause must go on to hold its lanes.
    fn tell_paused(&mut self) {
        let paused = self.paused.clone();
        self.tell_all(|| ShardCommand::SetPaused(paused.clone()));
    }

    /// Ends every pause within the scope, and lets blocked lanes and topics try again.
    pub(super) fn resume(&mut self, scope: Scope) {
        self.paused.retain(|paused| !contains(&scope, paused));
        self.tell_paused();
        self.tell_all(|| ShardCommand::Retry { scope: scope.clone(), only_healing: false });
        if self.stage == Stage::Active {
            self.queue_prepare();
        }
    }

    pub(super) fn resume_at(&mut self, scope: Scope, at: StartPosition) {
        if self.stage != Stage::Active {
            // A refresh asked for now would come to nothing, and keep the next start from asking for its own.
            self.refuse(format!("resume {scope} at {at}"), "the flow is not running");
            return;
        }
        let partitions = self.covered(&scope);
        let waiting: Vec<TopicName> = self
            .topics
            .iter()
            .filter(|(name, topic)| {
                scope.topic.as_ref().is_none_or(|wanted| wanted == *name)
                    && matches!(topic.blocked, Some(BlockedReason::TargetTopicMissing { .. }))
            })
            .map(|(name, _)| name.clone())
            .collect();
        if partitions.is_empty() && waiting.is_empty() {
            self.refuse(format!("resume {scope} at {at}"), "no such lane is mirrored here");
            return;
        }
        if !waiting.is_empty() {
            // Their lanes come when the target topic is there again; the decision waits for them.
            for name in &waiting {
                self.promise(name, &scope, &at);
            }
            self.may_recreate.extend(waiting);
            self.queue_prepare();
        }
        if !partitions.is_empty() {
            // Topics are filled in when it is run.
            self.jobs.push_back(Job::Resolve { partitions, topics: BTreeMap::new(), at });
        }
    }

    /// Once for each partition: it is about this target topic, not about whatever else may befall the lane some day.
    fn promise(&mut self, name: &TopicName, scope: &Scope, at: &StartPosition) {
        let partitions = self.topics.get(name).map_or(0, |topic| topic.ready.partitions);
        for partition in (0..partitions).filter(|partition| scope.covers(name, *partition)) {
            let scope = Scope { flow: scope.flow.clone(), topic: Some(name.clone()), partition: Some(partition) };
            self.promises.push(Decision { scope, choice: DecidedChoice::ResumeAt(at.clone()) });
        }
    }

    pub(super) fn finish_resolve(
        &mut self,
        at: &StartPosition,
        result: Result<BTreeMap<TopicPartition, Resolved>, Fault>,
    ) {
        match result {
            Ok(positions) => {
                for (partition, Resolved { position, note }) in positions {
                    if let Some(shard) = self.owner(&partition) {
                        self.tell(shard, ShardCommand::Reposition { partition, position, note });
                    }
                }
            }
            Err(fault) => self.refuse(format!("resume at {at}"), fault.to_string()),
        }
    }

    pub(super) fn skip_record(&mut self, scope: &Scope, offset: i64) {
        let command = format!("skip {scope}@{offset}");
        let (Some(topic), Some(partition)) = (&scope.topic, scope.partition) else {
            self.refuse(command, "name the topic and the partition of the record");
            return;
        };
        let partition = TopicPartition::new(topic.clone(), partition);
        match self.owner(&partition) {
            Some(shard) => self.tell(shard, ShardCommand::Skip { partition, offset }),
            None => self.refuse(command, "no such lane is mirrored here"),
        }
    }
}

/// Whether every lane of `inner` is one of `outer`.
fn contains(outer: &Scope, inner: &Scope) -> bool {
    (outer.topic.is_none() || outer.topic == inner.topic)
        && (outer.partition.is_none() || outer.partition == inner.partition)
}
