//! What a flow would do with each topic of its source: pure arithmetic on names.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{RenameError, RenamePolicy, Selection, SelectionVerdict, TopicName};

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
    /// Plans for these `topics` of the source. `is_same_cluster` tells whether source and target are one cluster.
    pub fn new(
        selection: &Selection,
        rename: &RenamePolicy,
        topics: impl IntoIterator<Item = TopicName>,
        is_same_cluster: bool,
    ) -> Self {
        let mut plan = Self::default();
        let mut sources: BTreeMap<TopicName, TopicName> = BTreeMap::new();
        for topic in topics {
            let verdict = selection.judge(&topic);
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
