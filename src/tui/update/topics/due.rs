//! What is asked of a cluster, and when: only while its topics are shown, what is seen first, and on large clusters
//! little else.

use std::cmp::Reverse;
use std::time::Duration;

use crate::model::{ClusterName, TopicName};
use crate::tui::effect::Effect;
use crate::tui::model::Model;
use crate::tui::model::topics::Detail;
use crate::tui::model::topics::cluster_view::{ClusterView, TopicEntry};
use crate::tui::services::{Job, JobAnswer, JobKey, JobResult, TopicJob, TopicJobKey};

use super::rows::{SORT_KEEP, SORT_RATE, SORT_RECORDS, rows};
use super::{Shown, run, shown, topic_at_hand};

/// How old the list of topics may become.
const LIST_AGE: Duration = Duration::from_secs(30);
/// When to try again after it failed.
const LIST_RETRY: Duration = Duration::from_secs(10);
/// How old the numbers of what is seen may become.
const SEEN_AGE: Duration = Duration::from_secs(5);
/// How old those of the other topics may become, on large clusters.
const UNSEEN_AGE: Duration = Duration::from_secs(60);
/// How old settings may become.
const SETTINGS_AGE: Duration = Duration::from_secs(300);
/// How long the cursor rests on a topic before records are read for the sake of their sizes.
const REST: Duration = Duration::from_secs(1);
/// Partitions asked about at once.
const PARTITIONS_MAX: i32 = 2_000;
/// Topics whose settings are asked for at once.
const SETTINGS_MAX: usize = 200;

/// Asks for what has become old.
pub(super) fn ask(model: &mut Model) -> Vec<Effect> {
    choose_cluster(model);
    let Some(cluster) = model.topics.cluster.clone() else { return Vec::new() };
    let now = model.now.uptime;
    let at_hand = topic_at_hand(model);
    if model.topics.rest.as_ref().map(|(topic, _)| topic) != at_hand.as_ref() {
        model.topics.rest = at_hand.clone().map(|topic| (topic, now));
    }
    let mut jobs = Vec::new();
    if is_list_due(model, now) {
        jobs.push(Job::ListTopics { cluster: cluster.clone() });
    }
    let topic_jobs = [
        measure(model, now),
        settings(model, now),
        at_hand.as_ref().and_then(|topic| describe(model, topic, now)),
        at_hand.as_ref().and_then(|topic| sample(model, topic, now)),
    ];
    jobs.extend(topic_jobs.into_iter().flatten().map(|job| Job::Topic { cluster: cluster.clone(), job }));
    jobs.retain(|job| !is_asked(model, &job.key()));
    for job in &jobs {
        if let Job::Topic { job: TopicJob::Sample { topic, .. }, .. } = job
            && let Some(entry) = model.topics.clusters.get_mut(&cluster).and_then(|view| view.entry_mut(topic))
        {
            entry.sampled = Some(now);
        }
    }
    jobs.into_iter().map(|job| run(model, job)).collect()
}

/// Takes everything for old.
pub(super) fn forget(model: &mut Model) {
    model.topics.detail = None;
    let Some(view) = model.topics.cluster.as_ref().and_then(|cluster| model.topics.clusters.get_mut(cluster)) else {
        return;
    };
    view.tried = None;
    for entry in &mut view.entries {
        (entry.measured, entry.settings_read, entry.sampled) = (None, None, None);
    }
}

/// The answer to [`TopicJob::Describe`].
pub(super) fn described(model: &mut Model, cluster: &ClusterName, topic: &TopicName, answer: JobAnswer) {
    let answer = match answer {
        Ok(JobResult::TopicDetail(detail)) => Ok(detail),
        Ok(_) => return,
        Err(error) => Err(error),
    };
    model.topics.detail = Some(Detail { cluster: cluster.clone(), topic: topic.clone(), at: model.now.uptime, answer });
}

/// The source of the first flow, or the first cluster there is.
fn choose_cluster(model: &mut Model) {
    if model.topics.cluster.is_none() {
        let source = model.inventory.flows.first().map(|(_, source, _)| source.clone());
        let first = model.inventory.clusters.first().map(|cluster| cluster.name.clone());
        model.topics.cluster = source.or(first);
    }
}

fn is_asked(model: &Model, key: &JobKey) -> bool {
    model.tasks.iter().any(|task| task.job.key() == *key)
}

fn is_older(at: Option<Duration>, age: Duration, now: Duration) -> bool {
    at.is_none_or(|at| now.saturating_sub(at) >= age)
}

fn is_list_due(model: &Model, now: Duration) -> bool {
    let Some(view) = model.topics.view() else { return true };
    let is_reading = matches!(shown(model), Shown::Records | Shown::Record);
    let age = if view.error.is_some() { LIST_RETRY } else { LIST_AGE };
    is_older(view.tried, age, now) && !(is_reading && view.listed_ms.is_some())
}

/// The places of the topics that are seen: those on the screen, or the one that is opened.
fn seen(model: &Model, view: &ClusterView) -> Vec<usize> {
    if !matches!(shown(model), Shown::List) {
        let opened = topic_at_hand(model);
        let place = opened.and_then(|topic| view.entries.binary_search_by(|e| e.listed.name.cmp(&topic)).ok());
        return place.into_iter().collect();
    }
    let rows = rows(model);
    let window = model.topics.list.window.get();
    // Before the first frame nobody knows how much is seen.
    let height = if window.height == 0 { usize::from(model.size.1) } else { window.height };
    let cursor = rows.places.get(model.topics.list.cursor);
    rows.places.iter().skip(window.top).take(height).chain(cursor).copied().collect()
}

/// The topics to be asked about now, the most urgent first.
fn due<'a>(
    model: &Model,
    view: &'a ClusterView,
    asked: impl Fn(&TopicEntry) -> Option<Duration>,
    ages: (Duration, Option<Duration>),
    now: Duration,
) -> Vec<&'a TopicEntry> {
    let mut is_seen = vec![false; view.entries.len()];
    seen(model, view).into_iter().for_each(|place| is_seen[place] = true);
    let (seen_age, unseen_age) = ages;
    let mut due: Vec<(bool, &TopicEntry)> = is_seen
        .into_iter()
        .zip(&view.entries)
        .filter(|(_, entry)| entry.listed.fault.is_none() && entry.listed.partitions > 0)
        .filter(|(is_seen, entry)| match if *is_seen { Some(seen_age) } else { unseen_age } {
            Some(age) => is_older(asked(entry), age, now),
            None => false,
        })
        .collect();
    due.sort_by_key(|(is_seen, entry)| (Reverse(*is_seen), asked(entry)));
    due.into_iter().map(|(_, entry)| entry).collect()
}

fn measure(model: &Model, now: Duration) -> Option<TopicJob> {
    if matches!(shown(model), Shown::Records | Shown::Record) {
        return None;
    }
    let view = model.topics.view()?;
    let is_small = view.partitions() <= u64::from(PARTITIONS_MAX.unsigned_abs());
    let is_sorted_by_it = matches!(model.topics.list.sort.column, SORT_RECORDS | SORT_RATE);
    let unseen = if is_small { Some(SEEN_AGE) } else { is_sorted_by_it.then_some(UNSEEN_AGE) };
    let mut partitions = 0;
    let mut topics = Vec::new();
    for entry in due(model, view, |entry| entry.measured, (SEEN_AGE, unseen), now) {
        partitions += entry.listed.partitions;
        if partitions > PARTITIONS_MAX && !topics.is_empty() {
            break;
        }
        topics.push((entry.listed.name.clone(), entry.listed.partitions));
    }
    let known = view.entries.iter().filter(|entry| entry.measured.is_some()).count();
    (!topics.is_empty()).then_some(TopicJob::Measure { topics, progress: (known, view.entries.len()) })
}

fn settings(model: &Model, now: Duration) -> Option<TopicJob> {
    let view = model.topics.view()?;
    let is_small = view.entries.len() <= SETTINGS_MAX;
    let is_sorted_by_it = model.topics.list.sort.column == SORT_KEEP;
    let unseen = (is_small || is_sorted_by_it).then_some(SETTINGS_AGE);
    let due = due(model, view, |entry| entry.settings_read, (SETTINGS_AGE, unseen), now);
    let topics: Vec<TopicName> = due.into_iter().take(SETTINGS_MAX).map(|entry| entry.listed.name.clone()).collect();
    let known = view.entries.iter().filter(|entry| entry.settings_read.is_some()).count();
    (!topics.is_empty()).then_some(TopicJob::Settings { topics, progress: (known, view.entries.len()) })
}

fn describe(model: &Model, topic: &TopicName, now: Duration) -> Option<TopicJob> {
    let entry = model.topics.entry(topic)?;
    if !is_older(model.topics.detail(topic).map(|detail| detail.at), SEEN_AGE, now) {
        return None;
    }
    let target = |verdict: &crate::tui::services::FlowVerdict| {
        Some((verdict.target_cluster.clone(), verdict.target_topic()?.clone()))
    };
    Some(TopicJob::Describe {
        topic: topic.clone(),
        targets: entry.listed.verdicts.iter().filter_map(target).collect(),
    })
}

/// Of the longest partition, and only once a minute: it is an estimate.
fn sample(model: &Model, topic: &TopicName, now: Duration) -> Option<TopicJob> {
    let is_resting = model.topics.rest.as_ref().is_some_and(|(_, since)| now.saturating_sub(*since) >= REST);
    let entry = model.topics.entry(topic)?;
    if !is_resting || !is_older(entry.sampled, UNSEEN_AGE, now) || is_asked(model, &JobKey::Topic(TopicJobKey::Sample))
    {
        return None;
    }
    let length = |bounds: &Option<(i64, i64)>| bounds.map_or(0, |(low, high)| high - low);
    let longest = (0..).zip(&entry.logs).max_by_key(|(_, bounds)| length(bounds));
    let (partition, _) = longest.filter(|(_, bounds)| length(bounds) > 0)?;
    Some(TopicJob::Sample { topic: topic.clone(), partition })
}
