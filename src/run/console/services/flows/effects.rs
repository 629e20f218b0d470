//! What saving a flow does to the mirror, told before it is done.

use crate::config::{FlowConfig, FlowDraft};
use crate::engine::Snapshot;
use crate::model::{FlowName, TopicName};
use crate::tui::FlowReview;

/// Topics a sentence names.
const NAMED_MAX: usize = 3;

/// Adds to a review what becomes of the mirror. `before` is the flow that is changed, as it is in force.
pub(super) fn tell(
    review: &mut FlowReview,
    draft: &FlowDraft,
    config: &FlowConfig,
    before: Option<(&FlowName, &FlowConfig)>,
    snapshot: &Snapshot,
) {
    let Some((name, now)) = before else {
        review.effects.push(format!("flow {} is added, and waits to be started", draft.name));
        return;
    };
    if name.as_str() != draft.name {
        review.effects.push(format!("flow {name} is called {} from now on", draft.name));
    }
    if now.group != config.group {
        review.doubts.push(format!(
            "its progress is in group `{}` and stays there: with group `{}` it starts over",
            now.group, config.group
        ));
    }
    let Some(running) = snapshot.flow(name).filter(|flow| flow.state.is_up()) else {
        review.effects.push("the flow is not running: the change counts from its next start on".to_owned());
        return;
    };
    review.needs_restart = now.changes_that_need_restart(config);
    let mirrored = || running.topics.iter().filter(|topic| now.selection.judge(&topic.source).is_included());
    let is_included = |topic: &TopicName| config.selection.judge(topic).is_included();
    let gone: Vec<&TopicName> = mirrored().map(|topic| &topic.source).filter(|topic| !is_included(topic)).collect();
    let renamed: Vec<&TopicName> = mirrored()
        .filter(|topic| is_included(&topic.source))
        .filter(|topic| config.rename.target_topic(&topic.source).ok().as_ref() != Some(&topic.target))
        .map(|topic| &topic.source)
        .collect();
    if !renamed.is_empty() {
        let why =
            format!("what {} is called on the target: it does not go on in another topic by itself", named(&renamed));
        review.needs_restart.push(why);
    }
    if !gone.is_empty() {
        let what = format!("{} is not mirrored any more: its lanes finish, commit and end", named(&gone));
        review.effects.push(what);
    }
    if now.selection != config.selection {
        review.effects.push("topics that the rules add begin at once, from their beginning".to_owned());
    }
    if now.limits != config.limits {
        review.effects.push("the limits change at once".to_owned());
    }
    review.effects.push("all other lanes go on as if nothing had happened".to_owned());
}

fn named(topics: &[&TopicName]) -> String {
    let first: Vec<&str> = topics.iter().take(NAMED_MAX).map(|topic| topic.as_str()).collect();
    match topics.len().checked_sub(NAMED_MAX) {
        None | Some(0) => first.join(", "),
        Some(n_more) => format!("{} and {n_more} more", first.join(", ")),
    }
}
