//! The topics of a cluster: looked up when the page is entered, filtered and sorted here.

use crate::tui::effect::Effect;
use crate::tui::jobs::JobDone;
use crate::tui::keymap::{Action, Binding};
use crate::tui::model::Model;
use crate::tui::services::{Job, JobResult, ListedTopic};

use super::run;

/// Ways to sort: name, partitions, replicas.
pub(in crate::tui) const SORTS: usize = 3;

/// The topics that are shown, in their order.
pub(in crate::tui) fn rows(model: &Model) -> Vec<&ListedTopic> {
    let list = &model.topics.list;
    let Some((_, Ok(found))) = &model.topics.found else { return Vec::new() };
    let mut fits = list.filter.matcher();
    let is_wanted =
        |topic: &&ListedTopic| (!list.is_problems_only || topic.fault.is_some()) && fits(topic.name.as_str());
    let mut rows: Vec<&ListedTopic> = found.topics.iter().filter(is_wanted).collect();
    rows.sort_by(|a, b| {
        let order = match list.sort.column {
            1 => a.partitions.cmp(&b.partitions),
            2 => a.replication_factor.cmp(&b.replication_factor),
            _ => a.name.cmp(&b.name),
        };
        if list.sort.is_descending { order.reverse() } else { order }
    });
    rows
}

/// The page was entered: its cluster is the flow's source, or the first there is.
pub(super) fn entered(model: &mut Model) -> Vec<Effect> {
    if model.topics.cluster.is_none() {
        let first = model.inventory.clusters.first().map(|cluster| cluster.name.clone());
        model.topics.cluster = first;
    }
    if model.topics.found.is_none() { refresh(model) } else { Vec::new() }
}

pub(super) fn refresh(model: &mut Model) -> Vec<Effect> {
    match model.topics.cluster.clone() {
        Some(cluster) => vec![run(model, Job::ListTopics { cluster })],
        None => Vec::new(),
    }
}

/// The topics were found, or not.
pub(super) fn listed(model: &mut Model, done: JobDone) {
    let Job::ListTopics { cluster } = &done.job;
    if model.topics.cluster.as_ref() == Some(cluster) {
        model.topics.found = Some((model.now.wall_ms, done.answer.map(|JobResult::Topics(topics)| topics)));
    }
}

pub(super) fn act(model: &mut Model, binding: &'static Binding) -> Vec<Effect> {
    match (binding.action, &model.topics.list.selected) {
        (Action::Copy, Some(name)) => vec![Effect::Copy(name.clone())],
        _ => Vec::new(),
    }
}
