//! What an operator may order of a running flow.

use std::collections::BTreeMap;

use super::{Flow, FlowEffect, Stage};
use crate::engine::command::Scope;
use crate::engine::event::EventKind;
use crate::engine::fault::Fault;
use crate::engine::job::{AdoptError, Adoption, DecidedChoice, Decision, Job, Resolved};
use crate::engine::ports::Committed;
use crate::engine::reason::BlockedReason;
use crate::engine::shard::ShardCommand;
use crate::engine::state::LaneState;
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

    pub(super) fn adopt(&mut self, from: String) {
        let lanes = self.shards.values().flat_map(|view| &view.lanes);
        let partitions: Vec<TopicPartition> =
            lanes.filter(|(_, lane)| waits_for_progress(&lane.state)).map(|(partition, _)| partition.clone()).collect();
        if self.stage != Stage::Active {
            self.refuse(adopting(&from), "the flow is not running; start it first");
        } else if partitions.is_empty() {
            self.refuse(adopting(&from), "no lane here is blocked for want of progress");
        } else {
            // Topics are filled in when it is run.
            self.jobs.push_back(Job::Adopt { partitions, topics: BTreeMap::new(), from });
        }
    }

    pub(super) fn finish_adopt(&mut self, from: &str, result: Result<Adoption, AdoptError>) {
        let Adoption { group, positions } = match result {
            Ok(adoption) => adoption,
            Err(AdoptError::Nothing(why) | AdoptError::Refused(why)) => return self.refuse(adopting(from), why),
            Err(AdoptError::Fault(fault)) => return self.refuse(adopting(from), fault.to_string()),
        };
        let mut n_partitions = 0;
        for (partition, Committed { offset, metadata, .. }) in positions {
            if let Some(shard) = self.owner(&partition) {
                n_partitions += 1;
                self.tell(shard, ShardCommand::Reposition { partition, position: offset, note: metadata });
            }
        }
        self.effects.push(FlowEffect::Emit(EventKind::Adopted { group, partitions: n_partitions }));
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

fn adopting(from: &str) -> String {
    format!("adopt the progress of `{from}`")
}

/// Whether a lane has no progress of its own, and its target was written before.
fn waits_for_progress(state: &LaneState) -> bool {
    let LaneState::Blocked { why } = state else { return false };
    matches!(why, BlockedReason::WrittenByOtherFlow { .. } | BlockedReason::ProgressMissing { .. })
}

/// Whether every lane of `inner` is one of `outer`.
fn contains(outer: &Scope, inner: &Scope) -> bool {
    (outer.topic.is_none() || outer.topic == inner.topic)
        && (outer.partition.is_none() || outer.partition == inner.partition)
}
