//! Target topics that are there and differ, or are missing; and what may not be done with them.

use super::{Check, CheckId, Severity, plural, rights, some};
use crate::config::FlowSetting;
use crate::model::TopicName;
use crate::preview::check::CheckPlace;
use crate::preview::evaluate::Evaluated;
use crate::preview::fix::{DraftChange, Fix};
use crate::preview::outcome::{PreviewedTopic, TargetPlan};

/// Said of each topic up to so many; more are counted.
const SINGLE_MAX: usize = 10;

pub(super) fn targets(evaluated: &Evaluated<'_>) -> Vec<Check> {
    let mut checks = differences(evaluated);
    checks.extend(missing(evaluated));
    checks.extend(forbidden(evaluated));
    checks.extend(rights::missing(evaluated));
    if let Err(why) = &evaluated.ground.facts.target {
        let text = format!("the target's topics are not known: {why}");
        checks.push(Check::new(CheckId::UnknownTarget, Severity::Warning, text));
    }
    checks
}

/// Kinds of difference that are many are one finding each.
fn differences(evaluated: &Evaluated<'_>) -> Vec<Check> {
    let ids = [CheckId::FewerPartitions, CheckId::MessageSize, CheckId::CleanupPolicy, CheckId::MorePartitions];
    let mut checks = Vec::new();
    for id in ids {
        let found: Vec<(&PreviewedTopic, Check)> = evaluated
            .preview
            .topics
            .iter()
            .filter_map(|topic| Some((topic, difference(topic)?)))
            .filter(|(_, check)| check.id == id)
            .collect();
        if found.len() <= SINGLE_MAX {
            checks.extend(found.into_iter().map(|(_, check)| check));
            continue;
        }
        let severity = found.iter().map(|(_, check)| check.severity).max().unwrap_or(Severity::Warning);
        let first = found.first().map(|(_, check)| check.text.clone()).unwrap_or_default();
        let text = format!("{}, such as {first}", plural(found.len(), "target topic differ"));
        let text = text.replace("target topic differs", "target topics differ");
        checks.push(Check::new(id, severity, text).about(found.iter().map(|(topic, _)| &topic.source)));
    }
    checks
}

fn difference(topic: &PreviewedTopic) -> Option<Check> {
    let name = topic.target.as_ref()?.as_ref().ok()?;
    let (id, severity, text) = match topic.plan.as_ref()? {
        TargetPlan::FewerPartitions { source, target, is_grown: true } => (
            CheckId::FewerPartitions,
            Severity::Info,
            format!("`{name}` has {target} partitions, its source {source}: {} are added", source - target),
        ),
        TargetPlan::FewerPartitions { source, target, is_grown: false } => (
            CheckId::FewerPartitions,
            Severity::Warning,
            format!("`{name}` has {target} partitions, its source {source}: the topic is blocked until it has as many"),
        ),
        TargetPlan::MorePartitions { source, target } => (
            CheckId::MorePartitions,
            Severity::Warning,
            format!(
                "`{name}` has {target} partitions, its source {source}: records keep their partition, {} stay empty",
                target - source
            ),
        ),
        TargetPlan::CleanupPolicy { source, target } => (
            CheckId::CleanupPolicy,
            Severity::Warning,
            format!("`{name}` has cleanup.policy={target}, its source {source}"),
        ),
        TargetPlan::MessageSize { source, target } => (
            CheckId::MessageSize,
            Severity::Warning,
            format!(
                "`{name}` takes records of {target} bytes at most, its source {source}: a larger one blocks its lane"
            ),
        ),
        TargetPlan::Unknown
        | TargetPlan::Create { .. }
        | TargetPlan::Fits { .. }
        | TargetPlan::Missing
        | TargetPlan::Invalid
        | TargetPlan::Loop
        | TargetPlan::Collision { .. } => return None,
    };
    let check = Check::new(id, severity, text).about([&topic.source]);
    Some(Check { place: CheckPlace::Topic(topic.source.clone()), ..check })
}

fn missing(evaluated: &Evaluated<'_>) -> Option<Check> {
    let topics = evaluated.preview.topics.iter().filter(|topic| topic.plan == Some(TargetPlan::Missing));
    let topics: Vec<&TopicName> = topics.map(|topic| &topic.source).collect();
    let check = some(CheckId::MissingTarget, Severity::Warning, &topics, |named| {
        format!("the target lacks {named} and topics.create is false: blocked until somebody creates it")
    })?;
    let change = DraftChange::Set { setting: FlowSetting::Create, value: Some("true".to_owned()) };
    Some(Check { fix: Some(Fix { text: "create missing topics".to_owned(), change }), ..check })
}

/// Topics that would be mirrored, and cannot even be described.
fn forbidden(evaluated: &Evaluated<'_>) -> Vec<Check> {
    let mut checks = Vec::new();
    for topic in evaluated.preview.topics.iter().filter(|topic| topic.verdict.is_included()) {
        let source = evaluated.ground.facts.source.get(&topic.source);
        let target = match (&topic.target, &evaluated.ground.facts.target) {
            (Some(Ok(target)), Ok(targets)) => targets.get(target),
            _ => None,
        };
        for (side, fact) in [("source", source), ("target", target)] {
            if let Some((fact, fault)) = fact.and_then(|fact| Some((fact, fact.fault.as_ref()?))) {
                let text = format!("{side} topic `{}` cannot be described: {fault}", fact.name);
                let check = Check::new(CheckId::MissingRight, Severity::Warning, text).about([&topic.source]);
                checks.push(Check { place: CheckPlace::Topic(topic.source.clone()), ..check });
            }
        }
    }
    checks
}
