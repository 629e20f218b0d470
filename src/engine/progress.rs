//! The note that travels with every commit of progress: which topic the position belongs to.
//!
//! An offset alone cannot tell a topic from another of the same name. The note can, and it lets a first start at
//! `earliest` forgive what the source deletes before the first record was copied.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::job::ReadyTopic;
use super::ports::{ClusterFacts, Committed};
use crate::model::{FlowName, TopicName, TopicPartition};

/// Stored as JSON in the metadata of the committed offset, where `kafka-consumer-groups` ignores it. Brokers take 4096
/// bytes (`offset.metadata.max.bytes`); the longest names there are leave most of that free.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ProgressNote {
    /// Version of the note. Readers ignore what they do not know.
    #[serde(default)]
    kmirror: u32,
    /// Id of the source topic, where the cluster has topic ids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) topic_id: Option<String>,
    /// Id of the target topic, where the cluster has topic ids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) target_id: Option<String>,
    /// The flow that commits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) flow: Option<FlowName>,
    /// The target topic's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target: Option<TopicName>,
    /// Which cluster it is on, see [`cluster_mark`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target_cluster: Option<String>,
    /// Set while nothing was copied yet from a partition whose start was `earliest`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_untouched_earliest: bool,
    /// Set while there was no target topic yet: nothing can have been written to it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_without_target: bool,
    /// Set where nothing is to be copied: the topic came when the flow had no progress at all, and was left alone. The
    /// position means nothing, but that the flow has begun.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_left_alone: bool,
}

/// Whether a note of another group tells of the topics a flow has before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kinship {
    /// The same source topic onto the same target topic.
    Same,
    /// So it seems, by the addresses of a target that has no id.
    Probable,
    /// Another source topic of that name, another target topic, or another cluster.
    Other,
    /// It does not tell: it is no note of kmirror's, or one that lacks what both clusters could be compared by.
    Unknown,
}

impl ProgressNote {
    const VERSION: u32 = 1;

    pub(super) fn new(flow: &FlowName, topic: &ReadyTopic) -> Self {
        Self {
            kmirror: Self::VERSION,
            topic_id: topic.source_id.clone(),
            target_id: topic.target_id.clone(),
            flow: Some(flow.clone()),
            target: Some(topic.target.clone()),
            target_cluster: topic.target_cluster.clone(),
            is_untouched_earliest: false,
            is_without_target: false,
            is_left_alone: false,
        }
    }

    /// The same note for a partition that begins at `earliest` and has copied nothing yet.
    pub(super) fn untouched_earliest(self) -> Self {
        Self { is_untouched_earliest: true, ..self }
    }

    /// The same note for a partition whose target topic does not exist yet.
    pub(super) fn without_target(self) -> Self {
        Self { is_without_target: true, ..self }
    }

    /// The same note for a topic that is left alone.
    pub(super) fn left_alone(self) -> Self {
        Self { is_left_alone: true, ..self }
    }

    /// Reads a note. Foreign metadata (an operator's edit, another tool's commit) is no note, and no error.
    pub(super) fn parse(metadata: &str) -> Self {
        serde_json::from_str(metadata).unwrap_or_default()
    }

    /// Whether kmirror wrote it: a position without is an operator's or another tool's, and says nothing of what was
    /// copied.
    pub(super) fn is_ours(&self) -> bool {
        self.kmirror > 0
    }

    pub(super) fn to_metadata(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whether the note is about `topic` on the cluster `target`, whoever wrote it.
    pub(super) fn kinship(&self, topic: &ReadyTopic, target: &ClusterFacts) -> Kinship {
        if self.kmirror == 0 {
            return Kinship::Unknown;
        }
        let differ = |noted: &Option<String>, found: &Option<String>| {
            noted.as_ref().zip(found.as_ref()).is_some_and(|(noted, found)| noted != found)
        };
        // Nothing was copied from a topic that is left alone; and a target topic that does not exist holds nothing of
        // what was.
        let is_nothing_copied = topic.target_partitions == 0 || self.is_left_alone;
        if is_nothing_copied || differ(&self.topic_id, &topic.source_id) || differ(&self.target_id, &topic.target_id) {
            return Kinship::Other;
        }
        if self.target_id.is_some() && topic.target_id.is_some() {
            return Kinship::Same;
        }
        match (&self.target, &self.target_cluster) {
            (Some(name), _) if *name != topic.target => Kinship::Other,
            (Some(_), Some(mark)) => compare_cluster(mark, target),
            _ => Kinship::Unknown,
        }
    }
}

/// Takes out what is no position: the marks of topics that were left alone.
pub(super) fn take_marks_out(committed: &mut BTreeMap<TopicPartition, Committed>) {
    committed.retain(|_, committed| !ProgressNote::parse(&committed.metadata).is_left_alone);
}

/// What tells a cluster from others: its id; or where its brokers are, if it has none (before 0.10.1).
pub(super) fn cluster_mark(facts: &ClusterFacts) -> Option<String> {
    if facts.cluster_id.is_some() {
        return facts.cluster_id.clone();
    }
    let mut addresses: Vec<&str> = facts.brokers.iter().map(|broker| broker.address.as_str()).collect();
    addresses.sort_unstable();
    addresses.truncate(ADDRESSES_NOTED_MAX);
    (!addresses.is_empty()).then(|| addresses.join(","))
}

/// One of them is still there when the others were replaced.
const ADDRESSES_NOTED_MAX: usize = 5;

fn compare_cluster(mark: &str, facts: &ClusterFacts) -> Kinship {
    // An address has a colon, an id never has.
    if mark.contains(':') {
        let is_there = |address: &str| facts.brokers.iter().any(|broker| broker.address == address);
        return if mark.split(',').any(is_there) { Kinship::Probable } else { Kinship::Unknown };
    }
    match facts.cluster_id.as_deref() {
        Some(id) if id == mark => Kinship::Same,
        Some(_) => Kinship::Other,
        None => Kinship::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::ports::BrokerFacts;
    use crate::model::TargetLimits;

    fn topic(source_id: Option<&str>, target_id: Option<&str>, mark: Option<&str>) -> ReadyTopic {
        ReadyTopic {
            target: "eu.orders".into(),
            partitions: 1,
            target_partitions: 1,
            source_id: source_id.map(Into::into),
            target_id: target_id.map(Into::into),
            target_cluster: mark.map(Into::into),
            limits: TargetLimits::default(),
        }
    }

    fn cluster(id: Option<&str>, addresses: &[&str]) -> ClusterFacts {
        let brokers = addresses.iter().map(|address| BrokerFacts { id: 0, address: (*address).into() }).collect();
        ClusterFacts { cluster_id: id.map(Into::into), brokers, ..ClusterFacts::default() }
    }

    #[test]
    fn survives_the_round_trip_and_foreign_metadata() {
        let note = ProgressNote::new(&"f".into(), &topic(Some("abc"), None, Some("id"))).untouched_earliest();
        assert_eq!(ProgressNote::parse(&note.to_metadata()), note);
        let note = note.without_target();
        assert_eq!(ProgressNote::parse(&note.to_metadata()), note);
        assert_eq!(ProgressNote::parse(""), ProgressNote::default());
        assert_eq!(ProgressNote::parse("reset by anna"), ProgressNote::default());
        assert!(note.is_ours() && !ProgressNote::default().is_ours());
        assert_eq!(ProgressNote::parse(r#"{"kmirror":9,"topic_id":"x","new":1}"#).topic_id.as_deref(), Some("x"));
        let text = ProgressNote::new(&"f".into(), &topic(None, None, None)).to_metadata();
        assert_eq!(text, r#"{"kmirror":1,"flow":"f","target":"eu.orders"}"#);
    }

    #[test]
    fn the_longest_names_fit_into_what_a_broker_takes() {
        let (flow, name) = ("f".repeat(100), "t".repeat(249));
        let facts = cluster(None, &[format!("{}:65535", "h".repeat(253)).as_str(); 9]);
        let id = "AAAAAAAAAAAAAAAAAAAAAA";
        let mut topic = topic(Some(id), Some(id), cluster_mark(&facts).as_deref());
        topic.target = name.as_str().into();
        let note = ProgressNote::new(&flow.as_str().into(), &topic).untouched_earliest();
        assert!(note.to_metadata().len() < 4096, "{}", note.to_metadata().len());
    }

    fn kin(noted: &ReadyTopic, found: &ReadyTopic, facts: &ClusterFacts) -> Kinship {
        ProgressNote::new(&"f".into(), noted).kinship(found, facts)
    }

    #[test]
    fn only_what_went_onto_the_same_target_topic_is_kin() {
        let here = cluster(Some("here"), &["b1:9092", "b2:9092"]);
        let old = cluster(None, &["b1:9092", "b2:9092"]);
        let (new, other) = (topic(Some("s"), Some("t"), Some("here")), topic(Some("s"), Some("u"), Some("there")));
        assert_eq!(kin(&new, &new, &here), Kinship::Same);
        let left_alone = ProgressNote::new(&"f".into(), &new).left_alone();
        assert_eq!(left_alone.kinship(&new, &here), Kinship::Other, "nothing was copied");
        assert_eq!(kin(&other, &new, &here), Kinship::Other, "the same topic, mirrored to another cluster");
        assert_eq!(kin(&topic(Some("r"), Some("t"), None), &new, &here), Kinship::Other, "a former source topic");
        // Targets without topic ids are told apart by their cluster's id, ...
        let named = topic(None, None, Some("here"));
        assert_eq!(kin(&named, &named, &here), Kinship::Same);
        assert_eq!(kin(&topic(None, None, Some("there")), &named, &here), Kinship::Other);
        let renamed = ReadyTopic { target: "orders".into(), ..named.clone() };
        assert_eq!(kin(&renamed, &named, &here), Kinship::Other, "the same cluster, another topic");
        // ... and those without an id by their addresses.
        let placed = topic(None, None, cluster_mark(&old).as_deref());
        assert_eq!(kin(&placed, &placed, &old), Kinship::Probable);
        assert_eq!(kin(&placed, &placed, &cluster(None, &["b2:9092", "b3:9092"])), Kinship::Probable);
        assert_eq!(kin(&placed, &placed, &cluster(None, &["c1:9092"])), Kinship::Unknown);
        // What does not exist was not written, and what is no note tells nothing.
        let missing = ReadyTopic { target_partitions: 0, target_id: None, ..new.clone() };
        assert_eq!(kin(&new, &missing, &here), Kinship::Other);
        assert_eq!(ProgressNote::parse("reset by anna").kinship(&new, &here), Kinship::Unknown);
    }
}
