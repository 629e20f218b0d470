//! What is to be done at the target for each topic that would be mirrored.

use std::collections::HashMap;

use super::facts::{FlowFacts, SettingFact, TopicFact};
use super::outcome::TargetPlan;
use crate::config::FlowConfig;
use crate::model::{Conflict, Plan, TopicName};

/// Everything a target plan depends on beside the topic.
pub(super) struct Targets<'a> {
    pub(super) facts: &'a FlowFacts,
    /// The draft as it would be used, where it can be.
    pub(super) config: Option<&'a FlowConfig>,
    /// What is mirrored now, and to where.
    pub(super) in_force: &'a HashMap<TopicName, TopicName>,
    /// By source topic, the other one that is written to the same target.
    pub(super) collisions: HashMap<&'a TopicName, &'a TopicName>,
    /// Source topics whose records would go round.
    pub(super) loops: Vec<&'a TopicName>,
}

impl<'a> Targets<'a> {
    pub(super) fn of(
        facts: &'a FlowFacts,
        config: Option<&'a FlowConfig>,
        in_force: &'a HashMap<TopicName, TopicName>,
        plan: &'a Plan,
    ) -> Self {
        let mut collisions = HashMap::new();
        let mut loops = Vec::new();
        for conflict in &plan.conflicts {
            match conflict {
                Conflict::Collision { first, second, .. } => {
                    collisions.insert(first, second);
                    collisions.insert(second, first);
                }
                Conflict::SharedTarget { source_topic, other_topic, .. } => {
                    collisions.insert(source_topic, other_topic);
                }
                Conflict::FeedsItself { source_topic, .. } | Conflict::Loop { source_topic, .. } => {
                    loops.push(source_topic);
                }
                Conflict::Rename { .. } => {}
            }
        }
        Self { facts, config, in_force, collisions, loops }
    }

    /// The plan for a topic that has a name on the target.
    pub(super) fn plan(&self, topic: &TopicFact, target: &TopicName) -> TargetPlan {
        if self.loops.contains(&&topic.name) {
            return TargetPlan::Loop;
        }
        if let Some(with) = self.collisions.get(&topic.name) {
            return TargetPlan::Collision { with: (*with).clone() };
        }
        let Ok(targets) = &self.facts.target else { return TargetPlan::Unknown };
        match targets.get(target) {
            Some(there) => self.compare(topic, there),
            None if self.config.is_none_or(|config| config.topics.create) => {
                let is_copied = self.config.is_none_or(|config| config.topics.copy_configs);
                TargetPlan::Create {
                    partitions: topic.partitions,
                    is_compacted: is_copied && policy(topic).is_some_and(|policy| policy.contains("compact")),
                }
            }
            None => TargetPlan::Missing,
        }
    }

    fn compare(&self, topic: &TopicFact, there: &TopicFact) -> TargetPlan {
        let (source, target) = (topic.partitions, there.partitions);
        // Only what the flow has mirrored already is its own to grow.
        let is_ours = self.in_force.get(&topic.name) == Some(&there.name);
        let is_grown = is_ours && self.config.is_none_or(|config| config.topics.grow_partitions);
        if target < source {
            return TargetPlan::FewerPartitions { source, target, is_grown };
        }
        let sizes = |topic: &TopicFact| topic.settings.as_ref().and_then(|settings| settings.max_message_bytes);
        if let (Some(source), Some(target)) = (sizes(topic), sizes(there))
            && target < source
        {
            return TargetPlan::MessageSize { source, target };
        }
        if let (Some(source), Some(target)) = (policy(topic), policy(there))
            && source != target
        {
            return TargetPlan::CleanupPolicy { source: source.to_owned(), target: target.to_owned() };
        }
        if target > source {
            TargetPlan::MorePartitions { source, target }
        } else {
            TargetPlan::Fits { partitions: target }
        }
    }
}

fn policy(topic: &TopicFact) -> Option<&str> {
    topic.settings.as_ref().and_then(|SettingFact { cleanup_policy, .. }| cleanup_policy.as_deref())
}
