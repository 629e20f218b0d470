//! The group coordinator: members, a cooperative assignment, and the positions they commit.
//!
//! A partition belongs to nobody else until its owner has released it, unless the owner is expelled: then the group
//! gives it away at once, and the owner hears of it later.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::ports::{Committed, TransportEvent};
use crate::model::{TopicName, TopicPartition};

#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) members: BTreeMap<u32, Member>,
    pub(super) committed: BTreeMap<TopicPartition, Committed>,
    /// Whether anybody has ever been a member.
    pub(super) was_joined: bool,
}

/// What another flow has left.
#[derive(Debug, Default)]
pub(super) struct OtherGroup {
    pub(super) committed: BTreeMap<TopicPartition, Committed>,
    pub(super) members: Vec<String>,
}

#[derive(Debug, Default)]
pub(super) struct Member {
    pub(super) subscription: BTreeSet<TopicName>,
    pub(super) owned: BTreeSet<TopicPartition>,
    pub(super) asked: Asked,
    has_joined: bool,
    /// The group has given its partitions away, and it does not know yet.
    pub(super) is_expelled: bool,
}

/// What the member has to answer before it hears anything else.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Asked {
    #[default]
    Nothing,
    ToAttach(BTreeSet<TopicPartition>),
    ToRelease(BTreeSet<TopicPartition>),
}

impl Group {
    pub(super) fn subscribe(&mut self, member: u32, topics: &[TopicName]) {
        self.was_joined = true;
        self.members.entry(member).or_default().subscription = topics.iter().cloned().collect();
    }

    pub(super) fn leave(&mut self, member: u32) {
        self.members.remove(&member);
    }

    /// The group has not heard of the member for too long.
    pub(super) fn expel(&mut self, member: u32) {
        if let Some(member) = self.members.get_mut(&member) {
            member.is_expelled = true;
        }
    }

    pub(super) fn may_commit(&self, member: u32) -> bool {
        self.members.get(&member).is_some_and(|member| !member.is_expelled)
    }

    /// Whether the group takes `partition` for the member's.
    pub(super) fn owns(&self, member: u32, partition: &TopicPartition) -> bool {
        self.members.get(&member).is_some_and(|member| !member.is_expelled && member.owned.contains(partition))
    }

    /// What the member is told next, given all partitions of the cluster.
    pub(super) fn next_event(&mut self, id: u32, all: &[TopicPartition]) -> Option<TransportEvent> {
        let expelled = self.members.get_mut(&id).filter(|member| member.is_expelled);
        let is_leaving = |member: &Member| matches!(member.asked, Asked::ToRelease(_));
        // One revocation at a time: what it asked for has to be answered first.
        if expelled.as_ref().is_some_and(|member| is_leaving(member)) {
            return None;
        }
        let expelled = self.members.get_mut(&id).filter(|member| member.is_expelled);
        if let Some(member) = expelled {
            let partitions = std::mem::take(&mut member.owned);
            member.is_expelled = false;
            member.asked = Asked::ToRelease(partitions.clone());
            return Some(TransportEvent::Revoked { partitions: partitions.into_iter().collect(), lost: true });
        }
        let wanted = self.wanted(id, all);
        let member = self.members.get(&id)?;
        if member.asked != Asked::Nothing {
            return None;
        }
        let too_many: BTreeSet<TopicPartition> = member.owned.difference(&wanted).cloned().collect();
        let free: BTreeSet<TopicPartition> =
            wanted.into_iter().filter(|partition| self.owner(partition).is_none()).collect();
        let member = self.members.get_mut(&id)?;
        if !too_many.is_empty() {
            member.asked = Asked::ToRelease(too_many.clone());
            return Some(TransportEvent::Revoked { partitions: too_many.into_iter().collect(), lost: false });
        }
        if free.is_empty() && member.has_joined {
            return None;
        }
        member.has_joined = true;
        member.owned.extend(free.iter().cloned());
        if !free.is_empty() {
            member.asked = Asked::ToAttach(free.clone());
        }
        Some(TransportEvent::Assigned(free.into_iter().collect()))
    }

    fn owner(&self, partition: &TopicPartition) -> Option<u32> {
        self.members
            .iter()
            .find(|(_, member)| !member.is_expelled && member.owned.contains(partition))
            .map(|(id, _)| *id)
    }

    /// What the member would have if nobody had anything.
    fn wanted(&self, id: u32, all: &[TopicPartition]) -> BTreeSet<TopicPartition> {
        let mut wanted = BTreeSet::new();
        for (index, partition) in all.iter().enumerate() {
            let able: Vec<u32> = self
                .members
                .iter()
                .filter(|(_, member)| !member.is_expelled && member.subscription.contains(&partition.topic))
                .map(|(id, _)| *id)
                .collect();
            if !able.is_empty() && able[index % able.len()] == id {
                wanted.insert(partition.clone());
            }
        }
        wanted
    }
}
