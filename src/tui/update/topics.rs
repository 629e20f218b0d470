//! The topics of a cluster: looked up when the page is entered, filtered and sorted here.

use crate::tui::effect::Effect;
use crate::tui::jobs::JobDone;
use crate::tui::keymap::{Action, Binding, Context};
use crate::tui::model::Model;
use crate::tui::model::list::ListState;
use crate::tui::page::Page;
use crate::tui::services::{Job, JobResult, ListedTopic};

use super::run;

/// The page.
pub(in crate::tui) struct Topics;

impl Page for Topics {
    fn contexts(&self, _model: &Model) -> Vec<Context> {
        vec![Context::Topics]
    }

    fn list<'a>(&self, model: &'a Model) -> Option<&'a ListState> {
        Some(&model.topics.list)
    }

    fn list_mut<'a>(&self, model: &'a mut Model) -> Option<&'a mut ListState> {
        Some(&mut model.topics.list)
    }

    fn rows(&self, model: &Model) -> Vec<String> {
        rows(model).into_iter().map(|topic| topic.name.to_string()).collect()
    }

    /// Name, partitions, replicas.
    fn sorts(&self) -> usize {
        3
    }

    fn act(&self, model: &mut Model, binding: &'static Binding) -> Vec<Effect> {
        match (binding.action, &model.topics.list.selected) {
            (Action::Copy, Some(name)) => vec![Effect::Copy(name.clone())],
            _ => Vec::new(),
        }
    }

    fn entered(&self, model: &mut Model) -> Vec<Effect> {
        entered(model)
    }

    fn refresh(&self, model: &mut Model) -> Option<Vec<Effect>> {
        Some(refresh(model))
    }

    fn answered(&self, model: &mut Model, done: &JobDone) -> Vec<Effect> {
        let Job::ListTopics { cluster } = &done.job else { return Vec::new() };
        let answer = match &done.answer {
            Ok(JobResult::Topics(topics)) => Ok(topics.clone()),
            Ok(_) => return Vec::new(),
            Err(error) => Err(error.clone()),
        };
        if model.topics.cluster.as_ref() == Some(cluster) {
            model.topics.found = Some((model.now.wall_ms, answer));
        }
        Vec::new()
    }
}

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
fn entered(model: &mut Model) -> Vec<Effect> {
    if model.topics.cluster.is_none() {
        let first = model.inventory.clusters.first().map(|cluster| cluster.name.clone());
        model.topics.cluster = first;
    }
    if model.topics.found.is_none() { refresh(model) } else { Vec::new() }
}

fn refresh(model: &mut Model) -> Vec<Effect> {
    match model.topics.cluster.clone() {
        Some(cluster) => vec![run(model, Job::ListTopics { cluster })],
        None => Vec::new(),
    }
}
