//! Topics that are new since the flow began: left alone, held back until an operator decides, or mirrored at his word.
//!
//! Nothing of what is decided here is written down but by mirroring: the progress of a topic that is mirrored makes it
//! known to every start and every other instance. A topic that is left alone has none, so it is asked about again when
//! kmirror is started anew.

use std::collections::{BTreeMap, BTreeSet};

use super::{Flow, FlowEffect, Stage, Topic};
use crate::engine::event::EventKind;
use crate::engine::job::{DecidedChoice, ReadyTopic};
use crate::engine::reason::BlockedReason;
use crate::engine::state::TopicState;
use crate::model::{TargetLimits, TopicName};

impl Flow {
    /// Topics that are mirrored however new they are: by the rules, or at an operator's word, now or beforehand.
    pub(super) fn all_wanted(&self) -> BTreeSet<TopicName> {
        let decided = self.decisions.iter().filter(|decision| decision.choice == DecidedChoice::Mirror);
        decided.filter_map(|decision| decision.scope.topic.clone()).chain(self.wanted.iter().cloned()).collect()
    }

    /// What a look has found of new topics. Those that `is_mirrored` now may have been left alone before; of those that
    /// are found no more nothing stays.
    pub(super) fn take_new_topics(
        &mut self,
        ignored: BTreeSet<TopicName>,
        held_back: BTreeMap<TopicName, ReadyTopic>,
        is_mirrored: impl Fn(&TopicName) -> bool,
    ) {
        let is_found = |name: &TopicName| ignored.contains(name) || held_back.contains_key(name) || is_mirrored(name);
        let left_alone = self.topics.iter().filter(|(_, topic)| topic.is_left_alone());
        let gone: Vec<TopicName> = left_alone.map(|(name, _)| name).filter(|name| !is_found(name)).cloned().collect();
        gone.iter().for_each(|name| self.forget_new_topic(name));
        ignored.into_iter().for_each(|name| self.leave_alone(name));
        for (name, ready) in held_back {
            if self.unwanted.contains(&name) {
                self.leave_alone(name);
            } else {
                self.set_topic(name, Some(ready), Some(BlockedReason::NewTopic));
            }
        }
    }

    /// It is gone from the source before anything was copied. Another one of its name is new again.
    fn forget_new_topic(&mut self, name: &TopicName) {
        if self.topics.remove(name).is_some_and(|topic| topic.is_held_back()) {
            self.notice(format!("topic `{name}` is gone from the source, and nothing was decided about it"));
        }
        self.wanted.remove(name);
        self.unwanted.remove(name);
    }

    fn leave_alone(&mut self, name: TopicName) {
        if self.topics.get(&name).is_some_and(|topic| topic.is_ignored) {
            return;
        }
        let state = TopicState::Ignored;
        self.effects.push(FlowEffect::Emit(EventKind::TopicState { topic: name.clone(), state }));
        let ready = ReadyTopic {
            target: name.clone(),
            partitions: 0,
            target_partitions: 0,
            source_id: None,
            target_id: None,
            target_cluster: None,
            limits: TargetLimits::default(),
        };
        self.topics.insert(name, Topic { ready, blocked: None, is_ignored: true });
    }

    /// An operator wants a new topic to be mirrored.
    pub(super) fn mirror_topic(&mut self, name: TopicName) {
        let command = format!("mirror the new topic `{name}`");
        if self.stage != Stage::Active {
            self.refuse(command, "the flow is not running; start it first");
        } else if !self.topics.get(&name).is_some_and(Topic::is_left_alone) {
            self.refuse(command, "it is not held back");
        } else {
            self.unwanted.remove(&name);
            self.wanted.insert(name);
            self.look_again();
        }
    }

    /// An operator wants a new topic to be left alone.
    pub(super) fn ignore_topic(&mut self, name: TopicName) {
        let command = format!("ignore the new topic `{name}`");
        if self.stage != Stage::Active {
            self.refuse(command, "the flow is not running; start it first");
        } else if !self.topics.get(&name).is_some_and(Topic::is_held_back) {
            self.refuse(command, "it is not held back");
        } else {
            self.wanted.remove(&name);
            self.unwanted.insert(name.clone());
            self.leave_alone(name);
            // A look that is under way may have been told otherwise a moment ago.
            self.look_again();
        }
    }
}
