//! Rights that are missing, as a look ahead finds them.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use crate::engine::fault::Side;
use crate::engine::job::{Doubt, MissingRight, Preview, preview};
use crate::engine::sim::cluster::{FakeCluster, Shared, lock};
use crate::engine::sim::kafka::Kafka;
use crate::engine::spec::FlowSpec;
use crate::model::{Operation, Resource, VersionRange};

/// `there` is on both sides, `new` on the source only.
fn clusters() -> Shared {
    let mut kafka = Kafka::new(1);
    for topic in ["there", "new"] {
        kafka.source.create(&topic.into(), 2);
    }
    kafka.target.create(&"there".into(), 2);
    Arc::new(Mutex::new(kafka))
}

fn spec() -> FlowSpec {
    let text = "[clusters.a]\nbootstrap_servers = \"a:1\"\n[clusters.b]\nbootstrap_servers = \"b:1\"\n[flows.f]\nsource = \"a\"\n\
                target = \"b\"\ninclude = [\"there\", \"new\", \"unseen\"]\n";
    let config = crate::config::Config::parse(text, "of a test").expect("valid");
    FlowSpec { name: "f".into(), config: config.flows["f"].clone() }
}

fn looked(kafka: &Shared) -> Preview {
    let cluster = |side| FakeCluster { kafka: Arc::clone(kafka), side };
    preview(&spec(), &cluster(Side::Source), &cluster(Side::Target), 1_000_000).expect("both answer")
}

fn missing(preview: &Preview) -> Vec<MissingRight> {
    preview.rights.missing.iter().cloned().collect()
}

fn right(side: Side, operation: Operation, resource: Resource) -> MissingRight {
    MissingRight { side, operation, resource }
}

fn of_topic(side: Side, operation: Operation, topic: &str) -> MissingRight {
    right(side, operation, Resource::Topic(topic.into()))
}

#[test]
fn where_all_is_allowed_nothing_is_missing() {
    let found = looked(&clusters());
    assert_eq!(missing(&found), []);
    assert!(found.rights.untold.is_empty() && found.rights.unknown.is_empty());
}

#[test]
fn each_side_needs_its_own_rights() {
    let kafka = clusters();
    // On each side, all of it: only what the flow does there is missed.
    for side in [Side::Source, Side::Target] {
        let mut world = lock(&kafka);
        let topic = world.cluster(side).topics.get_mut("there").expect("it is there");
        topic.denied = BTreeSet::from(Operation::ALL);
    }
    lock(&kafka).source.denied.0.insert(Operation::Read);
    lock(&kafka).target.forbidden.insert("new".into());
    let found = missing(&looked(&kafka));
    let expected = [
        of_topic(Side::Source, Operation::Read, "there"),
        right(Side::Source, Operation::Read, Resource::Group("kmirror.f".into())),
        of_topic(Side::Source, Operation::DescribeConfigs, "there"),
        of_topic(Side::Target, Operation::Write, "there"),
        of_topic(Side::Target, Operation::Create, "new"),
        of_topic(Side::Target, Operation::DescribeConfigs, "there"),
    ];
    assert_eq!(found, expected);
}

#[test]
fn settings_that_may_not_be_read_are_a_doubt_and_no_more() {
    let kafka = clusters();
    let topic = |world: &mut Kafka| {
        let topic = world.source.topics.get_mut("there").expect("it is there");
        topic.denied.insert(Operation::DescribeConfigs);
    };
    topic(&mut lock(&kafka));
    let doubts = looked(&kafka).flow_doubts;
    let expected = Doubt::RightMissing { side: Side::Source, operation: Operation::DescribeConfigs, topics: 1 };
    assert!(doubts.contains(&expected), "{doubts:?}");
}

#[test]
fn a_topic_named_and_not_shown_may_be_hidden() {
    let kafka = clusters();
    lock(&kafka).source.hidden.insert("unseen".into());
    let found = looked(&kafka);
    assert_eq!(missing(&found), [of_topic(Side::Source, Operation::Describe, "unseen")]);
    let expected = Doubt::RightMissing { side: Side::Source, operation: Operation::Describe, topics: 1 };
    assert!(found.flow_doubts.contains(&expected), "{:?}", found.flow_doubts);
}

#[test]
fn before_2_8_writing_takes_a_right_on_the_cluster() {
    let kafka = clusters();
    lock(&kafka).target.denied.1.insert(Operation::IdempotentWrite);
    assert_eq!(missing(&looked(&kafka)), [], "it is implied");
    lock(&kafka).target.version = Some(VersionRange::new(&[2, 4], &[2, 6]));
    assert_eq!(missing(&looked(&kafka)), [right(Side::Target, Operation::IdempotentWrite, Resource::Cluster)]);
    lock(&kafka).target.hides_itself = true;
    let found = looked(&kafka);
    assert_eq!(missing(&found), []);
    let expected = Doubt::RightUnknown { side: Side::Target, operation: Operation::IdempotentWrite };
    assert!(found.flow_doubts.contains(&expected), "{:?}", found.flow_doubts);
}

#[test]
fn clusters_that_do_not_tell_are_named_and_nothing_is_missing() {
    let kafka = clusters();
    lock(&kafka).source.denied.0.insert(Operation::Read);
    lock(&kafka).source.tells_no_rights = true;
    let found = looked(&kafka);
    assert_eq!((missing(&found), found.rights.untold), (vec![], BTreeSet::from([Side::Source])));
}
