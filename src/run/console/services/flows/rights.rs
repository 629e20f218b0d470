//! What kmirror's user may not do, asked now and then while a flow is edited.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;
use std::time::{Duration, Instant};

use super::super::ConsoleServices;
use crate::engine::ports::AskedRights;
use crate::model::{ClusterName, GroupName, Operation, TopicName};

/// How long an answer is believed. Rights change when somebody grants one, who then waits to see it here.
const BELIEVED_FOR: Duration = Duration::from_secs(30);

/// What is asked of a cluster.
pub(super) struct Wanted {
    /// Topics that exist.
    pub(super) topics: Vec<TopicName>,
    /// Topics that do not, and would be created.
    pub(super) missing: Vec<TopicName>,
    /// The flow's group.
    pub(super) group: Option<GroupName>,
}

/// What a cluster has told so far.
#[derive(Default)]
pub(super) struct KnownRights {
    topics: HashMap<TopicName, (Instant, BTreeSet<Operation>)>,
    groups: HashMap<GroupName, (Instant, BTreeSet<Operation>)>,
}

impl KnownRights {
    /// What is denied, by topic.
    pub(super) fn of_topics(&self) -> BTreeMap<TopicName, BTreeSet<Operation>> {
        let denied = self.topics.iter().filter(|(_, (_, denied))| !denied.is_empty());
        denied.map(|(topic, (_, denied))| (topic.clone(), denied.clone())).collect()
    }

    /// Groups that may not be used.
    pub(super) fn groups(&self) -> BTreeSet<GroupName> {
        let denied = self.groups.iter().filter(|(_, (_, denied))| denied.contains(&Operation::Read));
        denied.map(|(group, _)| group.clone()).collect()
    }

    /// What of `wanted` is not known, or was asked too long ago.
    fn due(&self, wanted: &Wanted, now: Instant) -> AskedRights {
        let topics = |names: &[TopicName]| -> Vec<TopicName> {
            names.iter().filter(|name| is_due(&self.topics, name, now)).cloned().collect()
        };
        let created = topics(&wanted.missing);
        AskedRights {
            topics: topics(&wanted.topics).into_iter().chain(created.iter().cloned()).collect(),
            created,
            group: wanted.group.clone().filter(|group| is_due(&self.groups, group, now)),
            cluster: false,
        }
    }
}

fn is_due<K: Hash + Eq>(known: &HashMap<K, (Instant, BTreeSet<Operation>)>, key: &K, now: Instant) -> bool {
    known.get(key).is_none_or(|(asked, _)| now.duration_since(*asked) >= BELIEVED_FOR)
}

impl ConsoleServices {
    /// Asks, and keeps the answer. A cluster that does not tell is no failure: nothing is known of it then.
    pub(super) fn ask_rights(&self, cluster: &ClusterName, wanted: &Wanted) {
        let now = Instant::now();
        let asked = match self.facts.lock().get(cluster) {
            Some(kept) => kept.rights.due(wanted, now),
            None => return,
        };
        if asked.topics.is_empty() && asked.group.is_none() {
            return;
        }
        let Ok(mut found) = self.ask(cluster, |cluster| cluster.rights(&asked)) else { return };
        let mut cache = self.facts.lock();
        let Some(kept) = cache.get_mut(cluster) else { return };
        for topic in asked.topics {
            let denied = found.topics.remove(&topic).unwrap_or_default();
            kept.rights.topics.insert(topic, (now, denied));
        }
        kept.rights.groups.extend(asked.group.map(|group| (group, (now, found.group))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_believed_for_a_while() {
        let wanted = Wanted { topics: vec!["a".into()], missing: vec!["new".into()], group: Some("g".into()) };
        let (mut known, now) = (KnownRights::default(), Instant::now());
        let asked = known.due(&wanted, now);
        assert_eq!((asked.topics.len(), asked.created.len(), asked.group.is_some()), (2, 1, true));
        known.topics.insert("a".into(), (now, BTreeSet::from([Operation::Read])));
        known.topics.insert("new".into(), (now, BTreeSet::new()));
        known.groups.insert("g".into(), (now, BTreeSet::from([Operation::Read])));
        assert_eq!(known.due(&wanted, now), AskedRights::default());
        assert_eq!(known.due(&wanted, now + BELIEVED_FOR), asked);
        assert_eq!(known.of_topics(), BTreeMap::from([("a".into(), BTreeSet::from([Operation::Read]))]));
        assert_eq!(known.groups(), BTreeSet::from(["g".into()]));
    }
}
