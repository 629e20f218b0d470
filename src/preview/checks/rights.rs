//! Rights that are surely missing: one finding for each right on each side, however many topics it is about.

use super::{Check, CheckId, Severity, some};
use crate::model::{GroupName, Operation, TopicName};
use crate::preview::check::CheckPlace;
use crate::preview::evaluate::Evaluated;
use crate::preview::outcome::{PreviewedTopic, TargetPlan};

pub(super) fn missing(evaluated: &Evaluated<'_>) -> Vec<Check> {
    let denied = &evaluated.ground.facts.denied;
    let mut checks: Vec<Check> = group(evaluated).into_iter().collect();
    for operation in [Operation::Read, Operation::DescribeConfigs] {
        let lacks = |topic: &&PreviewedTopic| has(denied.source.get(&topic.source), operation);
        checks.extend(of_topics(evaluated, "source", operation, lacks));
    }
    for operation in [Operation::Write, Operation::Create, Operation::Alter, Operation::DescribeConfigs] {
        let lacks = |topic: &&PreviewedTopic| {
            let Some(Ok(target)) = &topic.target else { return false };
            is_needed(topic, operation) && has(denied.target.get(target), operation)
        };
        checks.extend(of_topics(evaluated, "target", operation, lacks));
    }
    checks
}

fn has(denied: Option<&std::collections::BTreeSet<Operation>>, operation: Operation) -> bool {
    denied.is_some_and(|denied| denied.contains(&operation))
}

/// Whether the flow does that with the target topic.
fn is_needed(topic: &PreviewedTopic, operation: Operation) -> bool {
    let is_created = matches!(topic.plan, Some(TargetPlan::Create { .. }));
    match operation {
        Operation::Create => is_created,
        Operation::Alter => matches!(topic.plan, Some(TargetPlan::FewerPartitions { is_grown: true, .. })),
        Operation::DescribeConfigs => !is_created,
        Operation::Read | Operation::Write | Operation::Describe | Operation::IdempotentWrite => true,
    }
}

fn of_topics(
    evaluated: &Evaluated<'_>,
    side: &str,
    operation: Operation,
    lacks: impl Fn(&&PreviewedTopic) -> bool,
) -> Option<Check> {
    let mirrored = evaluated.preview.topics.iter().filter(|topic| topic.verdict.is_included());
    let topics: Vec<&TopicName> = mirrored.filter(lacks).map(|topic| &topic.source).collect();
    let (severity, effect) = match operation {
        Operation::DescribeConfigs => (Severity::Info, "settings are neither copied nor compared"),
        Operation::Create => (Severity::Warning, "blocked until it is granted, or somebody creates the topic"),
        Operation::Alter => (Severity::Warning, "blocked until it is granted, or somebody adds the partitions"),
        Operation::Read | Operation::Write | Operation::Describe | Operation::IdempotentWrite => {
            (Severity::Warning, "blocked until it is granted")
        }
    };
    some(CheckId::MissingRight, severity, &topics, |named| {
        format!("the right {operation} is missing on the {side} for {named}: {effect}")
    })
}

/// Without its group the flow cannot keep its progress.
fn group(evaluated: &Evaluated<'_>) -> Option<Check> {
    let group = GroupName::from(evaluated.ground.draft.group());
    if !evaluated.ground.facts.denied.groups.contains(&group) {
        return None;
    }
    let text =
        format!("the right Read is missing on the source for group `{group}`: nothing is copied until it is granted");
    let check = Check::new(CheckId::MissingRight, Severity::Warning, text);
    Some(Check { place: CheckPlace::Field("group".to_owned()), ..check })
}
