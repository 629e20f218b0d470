//! The topics of a cluster, a topic of them, and its records.

mod due;
mod open;
mod records;
mod rows;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::{ClusterName, TopicName};
use crate::tui::effect::Effect;
use crate::tui::jobs::JobDone;
use crate::tui::keymap::{Binding, Context};
use crate::tui::model::Model;
use crate::tui::model::input_line::InputLine;
use crate::tui::model::list::{ListState, RowKeys};
use crate::tui::model::listing::Listing;
use crate::tui::model::navigation::{Opened, Tab};
use crate::tui::page::Page;
use crate::tui::services::{Job, JobResult, TopicJob};

use super::act::movement;
use super::{run, toast};

pub(in crate::tui) use records::{rows as record_rows, size_bytes as record_bytes};
pub(in crate::tui) use rows::{PartitionRow, all_partitions, flow_word, keep_word, partitions, problems, rows};

/// What is remembered: the cluster that was shown,
const CLUSTER: &str = "cluster";
/// and whether internal topics were.
const INTERNAL: &str = "internal";

/// Opens a topic of the cluster that is shown.
pub(super) fn show(model: &mut Model, topic: TopicName) -> Vec<Effect> {
    open::open_topic(model, topic)
}

/// The page.
pub(in crate::tui) struct Topics;

/// What of the tab is seen.
enum Shown<'a> {
    List,
    Topic(&'a TopicName),
    /// All facts about the topic that is opened.
    Facts(&'a TopicName),
    Records,
    Record,
}

fn shown(model: &Model) -> Shown<'_> {
    // Asked about the other tabs' pages, too: the list is what they remember.
    let opened = model.navigation.opened().filter(|_| model.navigation.tab() == Tab::Topics);
    match opened {
        Some(Opened::Topic(topic)) if model.topics.facts.is_some() => Shown::Facts(topic),
        Some(Opened::Topic(topic)) => Shown::Topic(topic),
        Some(Opened::Records(..)) => Shown::Records,
        Some(Opened::Record(..)) => Shown::Record,
        Some(Opened::Partitions(..) | Opened::Preview | Opened::Checks | Opened::Review) | None => Shown::List,
    }
}

/// The topic that is opened, or that the cursor is on.
pub(in crate::tui) fn topic_at_hand(model: &Model) -> Option<TopicName> {
    match shown(model) {
        Shown::List => model.topics.list.selected.as_deref().map(TopicName::from),
        Shown::Topic(topic) | Shown::Facts(topic) => Some(topic.clone()),
        Shown::Records | Shown::Record => model.topics.records.of.as_ref().map(|of| of.topic.clone()),
    }
}

impl Page for Topics {
    fn contexts(&self, model: &Model) -> Vec<Context> {
        match shown(model) {
            Shown::List => vec![Context::Topics],
            Shown::Topic(_) => vec![Context::Topic],
            Shown::Facts(_) => vec![Context::Facts, Context::Scroll],
            Shown::Records if model.topics.records.prompt.is_some() => vec![Context::RecordsPrompt],
            Shown::Records => vec![Context::Records],
            Shown::Record => vec![Context::Record, Context::Scroll],
        }
    }

    fn list<'a>(&self, model: &'a Model) -> Option<&'a ListState> {
        match shown(model) {
            Shown::List => Some(&model.topics.list),
            Shown::Topic(_) => Some(&model.topics.partitions),
            Shown::Records => Some(&model.topics.records.list),
            Shown::Facts(_) | Shown::Record => None,
        }
    }

    fn list_mut<'a>(&self, model: &'a mut Model) -> Option<&'a mut ListState> {
        match shown(model) {
            Shown::List => Some(&mut model.topics.list),
            Shown::Topic(_) => Some(&mut model.topics.partitions),
            Shown::Records => Some(&mut model.topics.records.list),
            Shown::Facts(_) | Shown::Record => None,
        }
    }

    fn first_list<'a>(&self, model: &'a Model) -> Option<&'a ListState> {
        Some(&model.topics.list)
    }

    fn rows(&self, model: &Model) -> RowKeys {
        match shown(model) {
            Shown::List => Arc::clone(&rows(model).keys),
            Shown::Topic(topic) => partitions(model, topic).iter().map(|row| row.number.to_string()).collect(),
            Shown::Records => record_rows(model).into_iter().map(|(key, _)| key).collect(),
            Shown::Facts(_) | Shown::Record => RowKeys::default(),
        }
    }

    fn has_problem(&self, model: &Model, row: &str) -> bool {
        match shown(model) {
            Shown::List => model.topics.entry(&row.into()).is_some_and(|entry| entry.has_problem()),
            Shown::Topic(topic) => {
                partitions(model, topic).iter().any(|found| found.number.to_string() == row && found.has_problem())
            }
            Shown::Facts(_) | Shown::Records | Shown::Record => false,
        }
    }

    fn sorts(&self) -> usize {
        rows::SORTS
    }

    /// Of partitions: number, start, end, length, leader. Of records: time, partition, size.
    fn sorts_shown(&self, model: &Model) -> usize {
        match shown(model) {
            Shown::List => rows::SORTS,
            Shown::Topic(_) => 5,
            Shown::Facts(_) | Shown::Records | Shown::Record => 3,
        }
    }

    fn listing(&self, model: &Model, row: Option<&str>) -> Listing {
        match shown(model) {
            Shown::List => rows::listing(model, row),
            Shown::Topic(topic) => rows::partitions_listing(model, topic, row),
            Shown::Records => records::listing(model, row),
            Shown::Facts(_) | Shown::Record => Listing::default(),
        }
    }

    fn line_mut<'a>(&self, model: &'a mut Model) -> Option<&'a mut InputLine> {
        model.topics.records.prompt.as_mut()
    }

    fn line_changed(&self, model: &mut Model) -> Vec<Effect> {
        model.topics.records.prompt_error = None;
        Vec::new()
    }

    fn enabled(&self, model: &Model, binding: &Binding) -> Result<(), String> {
        open::enabled(model, binding.action)
    }

    fn act(&self, model: &mut Model, binding: &'static Binding) -> Vec<Effect> {
        match shown(model) {
            Shown::List | Shown::Topic(_) | Shown::Facts(_) => open::act(model, binding.action),
            Shown::Records | Shown::Record => records::act(model, binding.action),
        }
    }

    fn entered(&self, model: &mut Model) -> Vec<Effect> {
        let mut effects = open::catch_up(model);
        effects.extend(due::ask(model));
        effects
    }

    fn refresh(&self, model: &mut Model) -> Option<Vec<Effect>> {
        if let Shown::Records | Shown::Record = shown(model) {
            return Some(records::again(model));
        }
        due::forget(model);
        Some(due::ask(model))
    }

    fn tick(&self, model: &mut Model) -> Vec<Effect> {
        due::ask(model)
    }

    fn answered(&self, model: &mut Model, done: &JobDone) -> Vec<Effect> {
        take(model, done);
        if model.navigation.tab() == Tab::Topics && model.frozen_since_ms.is_none() {
            due::ask(model)
        } else {
            Vec::new()
        }
    }

    fn remember(&self, model: &Model) -> BTreeMap<String, String> {
        let internal = model.topics.is_internal_shown.then(|| (INTERNAL.to_owned(), "shown".to_owned()));
        let cluster = model.topics.cluster.as_ref().map(|cluster| (CLUSTER.to_owned(), cluster.to_string()));
        internal.into_iter().chain(cluster).collect()
    }

    fn recall(&self, model: &mut Model, remembered: &BTreeMap<String, String>) {
        model.topics.is_internal_shown = remembered.contains_key(INTERNAL);
        let named = |name: &&ClusterName| remembered.get(CLUSTER).is_some_and(|known| known == name.as_str());
        model.topics.cluster = model.inventory.clusters.iter().map(|cluster| &cluster.name).find(named).cloned();
    }

    fn step_back(&self, model: &mut Model) -> bool {
        let topics = &mut model.topics;
        topics.records.prompt.take().is_some() || topics.facts.take().is_some()
    }
}

/// Takes an answer in.
fn take(model: &mut Model, done: &JobDone) {
    let now = model.now;
    let answer = done.answer.clone();
    match &done.job {
        Job::ListTopics { cluster } => {
            let topics =
                answer.map(|answer| if let JobResult::Topics(found) = answer { found } else { <_>::default() });
            model.topics.clusters.entry(cluster.clone()).or_default().listed(topics, now);
        }
        Job::Topic { cluster, job } => {
            let view = model.topics.clusters.entry(cluster.clone()).or_default();
            match (job, answer) {
                (TopicJob::Measure { topics, .. }, Ok(JobResult::TopicLogs(logs))) => {
                    view.measured(topics, Ok(logs), now);
                }
                (TopicJob::Measure { topics, .. }, Err(error)) => view.measured(topics, Err(error), now),
                (TopicJob::Settings { topics, .. }, Ok(JobResult::TopicsSettings(found))) => {
                    view.settings_read(topics, Ok(found), now);
                }
                (TopicJob::Settings { topics, .. }, Err(error)) => view.settings_read(topics, Err(error), now),
                (TopicJob::Sample { topic, .. }, Ok(JobResult::RecordSample(sample))) => {
                    view.version += 1;
                    if let Some(entry) = view.entry_mut(topic) {
                        entry.sample = Some(sample);
                    }
                }
                (TopicJob::Describe { topic, .. }, answer) => due::described(model, cluster, topic, answer),
                (TopicJob::Browse(request), answer) => records::read(model, cluster, request, answer),
                _ => {}
            }
        }
        // Other pages' jobs.
        _ => {}
    }
}
