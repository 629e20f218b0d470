//! Names on the target: two for one, illegal ones, and records that would go round.

use std::collections::HashMap;

use super::{Check, CheckId, Severity, some};
use crate::model::{Conflict, RenamePolicy, TopicName, quoted};
use crate::preview::check::CheckPlace;
use crate::preview::evaluate::Evaluated;
use crate::preview::fix::Fix;

/// Said of each; a rule that is wrong for all topics would say it thousands of times.
const CONFLICTS_MAX: usize = 20;

pub(super) fn names(evaluated: &Evaluated<'_>) -> Vec<Check> {
    let conflicts = &evaluated.ground.plan.conflicts;
    let mut checks: Vec<Check> =
        conflicts.iter().take(CONFLICTS_MAX).map(|conflict| forbidden(evaluated, conflict)).collect();
    if let Some(n_more) = conflicts.len().checked_sub(CONFLICTS_MAX + 1) {
        let text = format!("and {} more topics cannot be mirrored so", n_more + 1);
        checks.push(Check::new(CheckId::Collision, Severity::Error, text));
    }
    checks.extend(with_idle(evaluated));
    checks.extend(metric_clash(evaluated).into_iter().take(CONFLICTS_MAX));
    checks.extend(own_targets(evaluated));
    checks
}

/// What another flow would make a conflict when it is started, which nothing starts by itself.
fn with_idle(evaluated: &Evaluated<'_>) -> Vec<Check> {
    let ground = &evaluated.ground;
    let idle = ground.company.config.map(|config| config.idle_neighbours.as_slice()).unwrap_or_default();
    let conflicts = ground.plan.conflicts_with(idle, &ground.rules.selection);
    let warn = |check: Check| Check {
        severity: Severity::Warning,
        text: format!("once both flows run: {}", check.text),
        ..check
    };
    conflicts.iter().map(|conflict| warn(forbidden(evaluated, conflict))).collect()
}

/// What the plan forbids, blocks.
fn forbidden(evaluated: &Evaluated<'_>, conflict: &Conflict) -> Check {
    let (id, topic) = match conflict {
        Conflict::Collision { second, .. } => (CheckId::Collision, second),
        Conflict::FeedsItself { source_topic, .. } | Conflict::Loop { source_topic, .. } => {
            (CheckId::Loop, source_topic)
        }
        Conflict::SharedTarget { source_topic, .. } => (CheckId::SharedTarget, source_topic),
        Conflict::Rename { source_topic, .. } => (CheckId::InvalidName, source_topic),
    };
    let fix = Fix::exclude(evaluated.ground.draft, evaluated.ground.rules, vec![quoted(topic.as_str())]);
    let check = Check::new(id, Severity::Error, conflict.to_string()).about([topic]);
    Check { place: CheckPlace::Topic(topic.clone()), fix: Some(fix), ..check }
}

/// Brokers name a topic's metrics with `_` for `.`: two topics that differ in nothing else share them, and creating the
/// second fails.
fn metric_clash(evaluated: &Evaluated<'_>) -> Vec<Check> {
    let plan = evaluated.ground.plan;
    let mut by_metric: HashMap<String, &TopicName> = HashMap::new();
    let there = evaluated.ground.facts.target.iter().flat_map(|targets| targets.topics());
    for topic in there.filter(|topic| topic.name.as_str().contains(['.', '_'])) {
        by_metric.insert(metric(&topic.name), &topic.name);
    }
    let mut checks = Vec::new();
    for (source, target) in plan.mirrored.iter().filter(|(_, target)| target.as_str().contains(['.', '_'])) {
        let other = *by_metric.entry(metric(target)).or_insert(target);
        if other != target {
            let text = format!(
                "target topic `{target}` and `{other}` differ in dots and underscores only: brokers refuse to create the second"
            );
            let fix = Fix::exclude(evaluated.ground.draft, evaluated.ground.rules, vec![quoted(source.as_str())]);
            let check = Check::new(CheckId::MetricClash, Severity::Error, text).about([source]);
            checks.push(Check { place: CheckPlace::Topic(source.clone()), fix: Some(fix), ..check });
        }
    }
    checks
}

fn metric(topic: &TopicName) -> String {
    topic.as_str().replace('.', "_")
}

/// Include rules that would take what the flow itself names so: harmless one way, a loop as soon as a flow leads back.
fn own_targets(evaluated: &Evaluated<'_>) -> Option<Check> {
    let rules = evaluated.ground.rules;
    let RenamePolicy::Prefix { prefix, separator } = &rules.rename else { return None };
    let plan = evaluated.ground.plan;
    let matched = plan.mirrored.iter().filter(|(_, target)| rules.selection.judge(target).is_included());
    let topics: Vec<&TopicName> = matched.map(|(source, _)| source).collect();
    let check = some(CheckId::OwnTargets, Severity::Info, &topics, |named| {
        format!(
            "the include rules match what {named} would be called on the target, too: with a flow back, records go round"
        )
    })?;
    let pattern = format!("{}.*", quoted(&format!("{prefix}{separator}")));
    Some(Check { fix: Some(Fix::exclude(evaluated.ground.draft, rules, vec![pattern])), ..check })
}
