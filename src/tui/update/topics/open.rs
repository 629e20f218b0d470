//! Keys of the list of topics and of a topic: what is opened, and which cluster is shown.

use crate::model::{BrowseFrom, TopicName};
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::model::Model;
use crate::tui::model::list::ListState;
use crate::tui::model::navigation::Opened;
use crate::tui::model::scroll::Scroll;

use super::records::{self, browse_from};
use crate::tui::update::editor;

use super::{Shown, due, movement, shown, topic_at_hand};

/// Why an action cannot be done now.
pub(super) fn enabled(model: &Model, action: Action) -> Result<(), String> {
    let is_reading = matches!(shown(model), Shown::Records | Shown::Record);
    match action {
        Action::NextCluster | Action::PreviousCluster if model.inventory.clusters.len() < 2 => {
            Err("there is no other cluster".into())
        }
        Action::Problems | Action::NextProblem | Action::PreviousProblem if is_reading => {
            Err("records have no problems".into())
        }
        Action::AddToFlow if marked(model).is_empty() => Err("there is no topic here".into()),
        Action::Open | Action::Records | Action::Copy if !is_reading && topic_at_hand(model).is_none() => {
            Err("there is no topic here".into())
        }
        _ if is_reading => records::enabled(model, action),
        _ => Ok(()),
    }
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(topic) = topic_at_hand(model) else { return elsewhere(model, action) };
    let partition = model.topics.partitions.selected.as_deref().and_then(|number| number.parse().ok());
    let is_list = matches!(shown(model), Shown::List);
    match action {
        Action::AddToFlow => {
            let marked = marked(model);
            editor::pick::open(model, marked)
        }
        Action::Facts => {
            model.topics.facts = if model.topics.facts.is_none() { Some(Scroll::default()) } else { None };
            super::super::settle(model);
            Vec::new()
        }
        Action::Open if is_list => open_topic(model, topic),
        Action::Open => open_records(model, topic, partition),
        Action::Records => open_records(model, topic, None),
        Action::Copy if is_list => vec![Effect::Copy(topic.to_string())],
        Action::Copy => partition.map(|partition| Effect::Copy(format!("{topic}/{partition}"))).into_iter().collect(),
        _ => elsewhere(model, action),
    }
}

/// The topics that are marked; the one the cursor is on when none is.
fn marked(model: &Model) -> Vec<TopicName> {
    let marks = &model.topics.list.marks;
    if marks.is_empty() {
        return topic_at_hand(model).into_iter().collect();
    }
    marks.iter().map(|mark| TopicName::from(mark.as_str())).collect()
}

/// What needs no topic.
fn elsewhere(model: &mut Model, action: Action) -> Vec<Effect> {
    if let (Some(facts), Some(movement)) = (&mut model.topics.facts, movement(action)) {
        facts.go(movement);
        return Vec::new();
    }
    match action {
        Action::Internal => {
            model.topics.is_internal_shown = !model.topics.is_internal_shown;
            super::super::settle(model);
            due::ask(model)
        }
        Action::NextCluster => go_to_cluster(model, 1),
        Action::PreviousCluster => go_to_cluster(model, model.inventory.clusters.len().saturating_sub(1)),
        _ => Vec::new(),
    }
}

fn go_to_cluster(model: &mut Model, steps: usize) -> Vec<Effect> {
    let clusters = &model.inventory.clusters;
    let here = clusters.iter().position(|cluster| Some(&cluster.name) == model.topics.cluster.as_ref()).unwrap_or(0);
    let Some(next) = clusters.get((here + steps) % clusters.len().max(1)) else { return Vec::new() };
    model.topics.cluster = Some(next.name.clone());
    // A topic of this name may be there as well, and the cursor stays on it then.
    model.topics.list.marks.clear();
    super::super::settle(model);
    due::ask(model)
}

pub(super) fn open_topic(model: &mut Model, topic: TopicName) -> Vec<Effect> {
    (model.topics.partitions, model.topics.facts) = (ListState::default(), None);
    model.navigation.open(Opened::Topic(topic));
    super::super::settle(model);
    due::ask(model)
}

fn open_records(model: &mut Model, topic: TopicName, partition: Option<i32>) -> Vec<Effect> {
    model.navigation.open(Opened::Records(topic, partition));
    catch_up(model)
}

/// Reads the records of the page that is opened, if others were read before.
pub(super) fn catch_up(model: &mut Model) -> Vec<Effect> {
    let Some((topic, partition)) = opened_records(model) else { return Vec::new() };
    let Some(cluster) = model.topics.cluster.clone() else { return Vec::new() };
    let records = &model.topics.records;
    let is_there = |of: &records::RecordsOf| of.cluster == cluster && of.topic == topic && of.partition == partition;
    if records.of.as_ref().is_some_and(is_there) && (records.page.is_some() || records.asked.is_some()) {
        return Vec::new();
    }
    records::begin(model, records::RecordsOf { cluster, topic, partition });
    browse_from(model, BrowseFrom::Newest, "newest".into())
}

fn opened_records(model: &Model) -> Option<(TopicName, Option<i32>)> {
    model.navigation.stack().iter().rev().find_map(|opened| match opened {
        Opened::Records(topic, partition) => Some((topic.clone(), *partition)),
        _ => None,
    })
}
