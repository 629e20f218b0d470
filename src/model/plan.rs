//! What a flow would do with each topic of its source: pure arithmetic on names.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::{Direction, FlowName, Neighbour, RenameError, RenamePolicy, Selection, SelectionVerdict, TopicName};

/// What a flow would mirror, what not and why, and what forbids it to start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Source topics the selection includes, with the name each gets on the target.
    pub mirrored: BTreeMap<TopicName, TopicName>,
    /// All other source topics, with the verdict of the selection.
    pub others: BTreeMap<TopicName, SelectionVerdict>,
    /// Why the flow must not start. Empty when it may.
    pub conflicts: Vec<Conflict>,
}

/// Something that would corrupt the target if the flow were started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "conflict")]
pub enum Conflict {
    /// Two source topics would be written into one target topic.
    #[error("source topics `{first}` and `{second}` would both be written to target topic `{target}`")]
    Collision {
        /// The target topic.
        target: TopicName,
        /// A source topic.
        first: TopicName,
        /// Another source topic.
        second: TopicName,
    },
    /// Source and target are one cluster, and what is written would be read again.
    #[error(
        "source and target are the same cluster, and topic `{source_topic}` would be written to `{target}`, which the flow mirrors too"
    )]
    FeedsItself {
        /// The source topic.
        source_topic: TopicName,
        /// The target topic, which the selection includes.
        target: TopicName,
    },
    /// Another flow writes the same target topic from the same source.
    #[error(
        "source topic `{source_topic}` would be written to target topic `{target}`, and flow `{flow}` writes topic `{other_topic}` of the same source there; exclude it in one of them, or rename"
    )]
    SharedTarget {
        /// The source topic.
        source_topic: TopicName,
        /// The target topic.
        target: TopicName,
        /// The other flow.
        flow: FlowName,
        /// What that one writes there.
        other_topic: TopicName,
    },
    /// Another flow brings back what this one writes.
    #[error(
        "topic `{source_topic}` would be written to `{target}`, flow `{flow}` mirrors that back to `{returned}`, and this flow mirrors `{returned}`: records would go round for ever; exclude one of the two topics, or rename and exclude what came from the other side"
    )]
    Loop {
        /// The source topic.
        source_topic: TopicName,
        /// The target topic.
        target: TopicName,
        /// The other flow.
        flow: FlowName,
        /// What that one makes of it on this flow's source.
        returned: TopicName,
    },
    /// The new name is not a legal topic name.
    #[error("rename topic `{source_topic}`: {detail}")]
    Rename {
        /// The source topic.
        source_topic: TopicName,
        /// What is wrong.
        detail: String,
    },
}

impl Plan {
    /// The same plan, with what is wrong in company of `neighbours`: one conflict for each of them at most, because
    /// what is wrong is the flows, not the topics.
    pub fn beside(mut self, neighbours: &[Neighbour], selection: &Selection) -> Self {
        let found = self.conflicts_with(neighbours, selection);
        self.conflicts.extend(found);
        self
    }

    /// The conflicts with flows that run beside this one, the first with each.
    pub fn conflicts_with(&self, neighbours: &[Neighbour], selection: &Selection) -> Vec<Conflict> {
        let conflicts = neighbours.iter().filter_map(|neighbour| match neighbour.direction {
            Direction::Same => self.shared_target(neighbour),
            Direction::Reverse => self.loop_with(neighbour, selection),
        });
        conflicts.collect()
    }

    /// Plans for these `topics` of the source. `is_same_cluster` tells whether source and target are one cluster.
    pub fn new(
        selection: &Selection,
        rename: &RenamePolicy,
        topics: impl IntoIterator<Item = TopicName>,
        is_same_cluster: bool,
    ) -> Self {
        let judged = topics.into_iter().map(|topic| {
            let verdict = selection.judge(&topic);
            (topic, verdict)
        });
        Self::of_judged(selection, rename, judged, is_same_cluster)
    }

    /// As [`new`](Self::new), for topics that `selection` has judged already.
    pub fn of_judged(
        selection: &Selection,
        rename: &RenamePolicy,
        topics: impl IntoIterator<Item = (TopicName, SelectionVerdict)>,
        is_same_cluster: bool,
    ) -> Self {
        let mut plan = Self::default();
        let mut sources: HashMap<TopicName, TopicName> = HashMap::new();
        for (topic, verdict) in topics {
            if !verdict.is_included() {
                plan.others.insert(topic, verdict);
                continue;
            }
            let target = match rename.target_topic(&topic) {
                Ok(target) => target,
                Err(error) => {
                    plan.conflicts.push(rename_conflict(topic, &error));
                    continue;
                }
            };
            if is_same_cluster && selection.judge(&target).is_included() {
                plan.conflicts.push(Conflict::FeedsItself { source_topic: topic.clone(), target: target.clone() });
            }
            if let Some(first) = sources.insert(target.clone(), topic.clone()) {
                plan.conflicts.push(Conflict::Collision { target: target.clone(), first, second: topic.clone() });
            }
            plan.mirrored.insert(topic, target);
        }
        plan
    }

    /// A target topic that a flow from the same source writes as well.
    fn shared_target(&self, neighbour: &Neighbour) -> Option<Conflict> {
        let is_there = |topic: &TopicName| self.mirrored.contains_key(topic) || self.others.contains_key(topic);
        let by_target = neighbour.by_target(self.mirrored.keys().chain(self.others.keys()));
        self.mirrored.iter().find_map(|(source_topic, target)| {
            let other_topic = neighbour.source_of(target, &by_target, is_there)?;
            let (source_topic, target, flow) = (source_topic.clone(), target.clone(), neighbour.name.clone());
            Some(Conflict::SharedTarget { source_topic, target, flow, other_topic })
        })
    }

    /// A target topic that a flow back brings to this one's source again, under a name this one mirrors.
    fn loop_with(&self, neighbour: &Neighbour, selection: &Selection) -> Option<Conflict> {
        self.mirrored.iter().find_map(|(source_topic, target)| {
            let returned = neighbour.target_topic(target)?;
            let (source_topic, target, flow) = (source_topic.clone(), target.clone(), neighbour.name.clone());
            let is_read = selection.judge(&returned).is_included();
            is_read.then_some(Conflict::Loop { source_topic, target, flow, returned })
        })
    }
}

fn rename_conflict(source_topic: TopicName, error: &RenameError) -> Conflict {
    Conflict::Rename { source_topic, detail: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(include: &str) -> Selection {
        Selection::new(&[include.to_owned()], &[]).expect("valid patterns")
    }

    fn topics(names: &[&str]) -> Vec<TopicName> {
        names.iter().map(|name| TopicName::from(*name)).collect()
    }

    #[test]
    fn names_what_is_mirrored_and_why_the_rest_is_not() {
        let rename = RenamePolicy::prefix("dc-a", ".").expect("legal prefix");
        let plan = Plan::new(&selection("orders.*"), &rename, topics(&["orders", "payments", "__x"]), false);
        assert_eq!(plan.mirrored.get("orders").map(TopicName::as_str), Some("dc-a.orders"));
        assert_eq!(plan.others.len(), 2);
        assert!(plan.conflicts.is_empty());
    }

    #[test]
    fn two_sources_of_one_target_are_a_conflict() {
        let rename = RenamePolicy::pattern("(.*)-v[0-9]", "$1").expect("valid pattern");
        let plan = Plan::new(&selection(".*"), &rename, topics(&["a-v1", "a-v2", "b"]), false);
        assert_eq!(
            plan.conflicts,
            [Conflict::Collision { target: "a".into(), first: "a-v1".into(), second: "a-v2".into() }]
        );
    }

    fn neighbour(direction: Direction, include: &str, rename: RenamePolicy) -> Neighbour {
        let (selection, rename) = (selection(include).into(), rename.into());
        Neighbour { name: "other".into(), direction, selection, rename }
    }

    fn prefix(prefix: &str) -> RenamePolicy {
        RenamePolicy::prefix(prefix, ".").expect("legal prefix")
    }

    /// The plan of a flow with these patterns for the topics `orders`, `payments` and `eu.orders`.
    fn conflicts(include: &str, rename: &RenamePolicy, neighbour: Neighbour) -> Vec<Conflict> {
        let selection = selection(include);
        let plan = Plan::new(&selection, rename, topics(&["orders", "payments", "eu.orders"]), false);
        plan.beside(&[neighbour], &selection).conflicts
    }

    #[test]
    fn two_flows_must_not_write_one_target_topic() {
        let identity = RenamePolicy::Identity;
        let same = |include, rename| neighbour(Direction::Same, include, rename);
        let shared = |source_topic: &str, target: &str, other_topic: &str| Conflict::SharedTarget {
            source_topic: source_topic.into(),
            target: target.into(),
            flow: "other".into(),
            other_topic: other_topic.into(),
        };
        let found = conflicts("orders|payments", &identity, same(".*", RenamePolicy::Identity));
        assert_eq!(found, [shared("orders", "orders", "orders")], "one for the flow, not one for each topic");
        // Another topic of the source gets the same name.
        let found = conflicts("eu\\.orders", &identity, same("orders", prefix("eu")));
        assert_eq!(found, [shared("eu.orders", "eu.orders", "orders")]);
        let pattern = RenamePolicy::pattern("eu\\.(.*)", "$1").expect("valid pattern");
        let found = conflicts("orders", &identity, same("eu\\..*", pattern));
        assert_eq!(found, [shared("orders", "orders", "eu.orders")]);
        assert_eq!(conflicts("orders", &identity, same("payments", RenamePolicy::Identity)), []);
        assert_eq!(conflicts("orders", &identity, same("orders", prefix("other"))), []);
    }

    #[test]
    fn two_flows_must_not_feed_each_other() {
        let identity = RenamePolicy::Identity;
        let reverse = |include, rename| neighbour(Direction::Reverse, include, rename);
        let found = conflicts("orders", &identity, reverse("orders", RenamePolicy::Identity));
        assert!(matches!(&found[..], [Conflict::Loop { returned, .. }] if returned.as_str() == "orders"), "{found:?}");
        // Names that grow with every round.
        let found = conflicts(".*", &prefix("a"), reverse(".*", prefix("b")));
        assert!(matches!(&found[..], [Conflict::Loop { returned, .. }] if returned.as_str() == "b.a.eu.orders"));
        // Each side leaves alone what came from the other.
        assert_eq!(conflicts("[^.]*", &prefix("a"), reverse("[^.]*", prefix("b"))), []);
        assert_eq!(conflicts("orders", &identity, reverse("payments", RenamePolicy::Identity)), []);
    }

    #[test]
    fn a_flow_within_one_cluster_must_not_read_what_it_writes() {
        let rename = RenamePolicy::prefix("copy", ".").expect("legal prefix");
        let feeding = Plan::new(&selection(".*orders"), &rename, topics(&["orders"]), true);
        assert!(matches!(feeding.conflicts[..], [Conflict::FeedsItself { .. }]));
        assert!(Plan::new(&selection(".*orders"), &rename, topics(&["orders"]), false).conflicts.is_empty());
        assert!(Plan::new(&selection("orders"), &rename, topics(&["orders"]), true).conflicts.is_empty());
        let identity = Plan::new(&selection("orders"), &RenamePolicy::Identity, topics(&["orders"]), true);
        assert!(matches!(identity.conflicts[..], [Conflict::FeedsItself { .. }]));
    }
}
