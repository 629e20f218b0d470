//! What is asked while a flow is edited: what both clusters hold, and after each key what the draft would do.

use std::sync::Arc;
use std::time::Duration;

use crate::config::FlowDraft;
use crate::model::{ClusterName, FlowName, GroupName, TopicName};
use crate::preview::{CheckId, FlowFacts, TopicTable};
use crate::tui::effect::Effect;
use crate::tui::model::Model;
use crate::tui::model::editor::KnownFacts;
use crate::tui::services::{FlowAnswer, FlowEvaluation, FlowJob, FlowJobKey, Job, JobKey};
use crate::tui::update::run;

/// Topics that are measured at once: some dozen requests to each broker.
const MEASURED_AT_ONCE: usize = 200;
/// How often they are measured again; from two looks comes a rate.
const MEASURED_EVERY: Duration = Duration::from_secs(10);
/// How often both clusters are asked for their topics.
const LISTED_EVERY: Duration = Duration::from_secs(60);
/// How soon a cluster is asked again that did not answer.
const RETRIED_AFTER: Duration = Duration::from_secs(15);

/// What the draft comes to, to be looked at on a worker.
pub(super) fn evaluate(model: &mut Model) -> Vec<Effect> {
    let Some(sheet) = model.editor.sheet() else { return Vec::new() };
    let (draft, before) = (Box::new(sheet.draft.clone()), sheet.before.clone());
    let known = model.editor.facts().and_then(|known| known.facts.clone());
    let facts = known.unwrap_or_else(|| Arc::new(nothing_known()));
    // Not noted as a task: it is over before anybody could read that, and would be seen to flicker.
    vec![Effect::Run(Job::Flow(FlowJob::Evaluate { draft, before, facts }))]
}

/// Clusters that have told nothing yet: rules can be read without them.
fn nothing_known() -> FlowFacts {
    let target = Err("it has not been asked yet".into());
    FlowFacts { source: Arc::new(TopicTable::default()), target, is_same_cluster: false, denied: Arc::default() }
}

/// What a draft has come to. Of another than the one that is typed now it is of no use.
pub(super) fn evaluated(
    model: &mut Model,
    draft: &FlowDraft,
    before: Option<&FlowName>,
    mut evaluation: FlowEvaluation,
) -> Vec<Effect> {
    let pair = (ClusterName::from(draft.source.as_str()), ClusterName::from(draft.target.as_str()));
    let is_known = model.editor.facts.get(&pair).is_some_and(|known| known.facts.is_some());
    let unmeasured = std::mem::take(&mut evaluation.unmeasured);
    let is_of =
        |sheet: &&mut crate::tui::model::editor::sheet::Sheet| sheet.draft == *draft && sheet.before.as_ref() == before;
    let Some(sheet) = model.editor.sheets.iter_mut().find(is_of) else { return Vec::new() };
    if !is_known {
        // Nothing is known of topics: that a rule matches none means nothing.
        evaluation.preview = None;
        let needs_topics =
            |id: CheckId| matches!(id, CheckId::MatchesNothing | CheckId::ExcludesNothing | CheckId::MissingRight);
        evaluation.checks.retain(|check| !needs_topics(check.id));
    }
    sheet.evaluated(evaluation);
    sheet.is_stale &= is_known;
    measure(model, unmeasured)
}

/// Asks about topics nothing is known of, those first that were never asked about.
fn measure(model: &mut Model, topics: Vec<(TopicName, Option<TopicName>)>) -> Vec<Effect> {
    let is_measuring = model.tasks.iter().any(|task| task.job.key() == JobKey::Flow(FlowJobKey::Measure));
    let Some((source, target)) = model.editor.pair().filter(|_| !is_measuring) else { return Vec::new() };
    let Some(known) = model.editor.facts.get_mut(&(source.clone(), target.clone())) else { return Vec::new() };
    let untried = topics.into_iter().filter(|(topic, _)| !known.tried.contains(topic));
    let topics: Vec<_> = untried.take(MEASURED_AT_ONCE).collect();
    if topics.is_empty() {
        return Vec::new();
    }
    known.tried.extend(topics.iter().map(|(topic, _)| topic.clone()));
    let group = GroupName::from(model.editor.sheet().map(|sheet| sheet.draft.group()).unwrap_or_default());
    vec![run(model, Job::Flow(FlowJob::Measure { source, target, topics, group }))]
}

/// What the clusters have told, or why they did not.
pub(super) fn learnt(
    model: &mut Model,
    (source, target): (&ClusterName, &ClusterName),
    answer: Result<FlowAnswer, String>,
) -> Vec<Effect> {
    let now = model.now.uptime;
    let known = model.editor.facts.entry((source.clone(), target.clone())).or_default();
    match answer {
        Ok(FlowAnswer::Facts(facts)) => {
            known.facts = Some(facts);
            known.error = None;
        }
        Ok(_) => {}
        Err(error) => known.error = Some(error),
    }
    known.measured = Some(now);
    evaluate(model)
}

/// What has become old is asked for again.
pub(super) fn due(model: &mut Model) -> Vec<Effect> {
    let now = model.now.uptime;
    let Some((source, target)) = model.editor.pair() else { return Vec::new() };
    let is_there = |name: &ClusterName| model.inventory.clusters.iter().any(|cluster| cluster.name == *name);
    if !is_there(&source) || !is_there(&target) {
        return Vec::new();
    }
    let known = model.editor.facts.entry((source.clone(), target.clone())).or_default();
    let every = if known.error.is_some() { RETRIED_AFTER } else { LISTED_EVERY };
    if known.asked.is_none_or(|asked| now >= asked + every) {
        known.asked = Some(now);
        return vec![run(model, Job::Flow(FlowJob::Facts { source, target }))];
    }
    if known.facts.is_some() && known.measured.is_some_and(|measured| now >= measured + MEASURED_EVERY) {
        known.tried.clear();
        known.measured = Some(now);
        return measure_shown(model);
    }
    Vec::new()
}

/// Measures the topics that are mirrored, the first of them: from the second look on they have a rate.
fn measure_shown(model: &mut Model) -> Vec<Effect> {
    let sections = super::sections(model);
    let Some(preview) = model.editor.sheet().and_then(|sheet| sheet.preview.clone()) else { return Vec::new() };
    let mirrored = sections.mirrored.iter().take(MEASURED_AT_ONCE).map(|place| &preview.topics[*place]);
    let topics = mirrored.map(|topic| (topic.source.clone(), topic.target.clone().and_then(Result::ok))).collect();
    measure(model, topics)
}

/// Asks both clusters again, now.
pub(super) fn again(model: &mut Model) -> Vec<Effect> {
    if let Some(pair) = model.editor.pair()
        && let Some(known) = model.editor.facts.get_mut(&pair)
    {
        let facts = known.facts.take();
        *known = KnownFacts { facts, ..KnownFacts::default() };
    }
    due(model)
}

/// Everything anew: what the draft comes to, and what its clusters hold.
pub(super) fn look(model: &mut Model) -> Vec<Effect> {
    let mut effects = due(model);
    effects.extend(evaluate(model));
    effects
}
