//! What is asked of the source while the page is shown: where the flow stands, what edits mean, when records were
//! written and how large they are. In that order, one question of a kind at a time.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::model::{FlowName, TopicName, TopicPartition};
use crate::tui::effect::Effect;
use crate::tui::model::Model;
use crate::tui::model::offsets::Desk;
use crate::tui::model::offsets::row::Row;
use crate::tui::services::{Job, JobKey, OffsetsJob, OffsetsJobKey, TopicJob, TopicJobKey};

use super::{clusters, run};

/// How old positions may become.
const AGE: Duration = Duration::from_secs(5);
/// The same with many partitions.
const AGE_OF_MANY: Duration = Duration::from_secs(30);
/// How many that is.
const MANY: usize = 2_000;
/// When to try again after it failed.
const RETRY: Duration = Duration::from_secs(10);
/// Edits looked up at once: what is typed meanwhile does not wait long.
const LOOKUPS_MAX: usize = 20_000;
/// How old the time of a record may become that was not found.
const NO_TIME_AGE: Duration = Duration::from_secs(30);
/// Topics of which records are read for the sake of their sizes.
const SAMPLES_MAX: usize = 8;

/// Asks for what is missing or has become old.
pub(super) fn ask(model: &mut Model) -> Vec<Effect> {
    let Some(flow) = model.offsets.flow.clone() else { return Vec::new() };
    model.offsets.desks.entry(flow.clone()).or_default();
    let of_offsets = [read(model, &flow), lookup(model, &flow), times(model, &flow)];
    let of_offsets = of_offsets.into_iter().flatten().map(|job| Job::Offsets { flow: flow.clone(), job });
    let jobs: Vec<Job> = of_offsets.chain(sample(model, &flow)).collect();
    jobs.into_iter().map(|job| run(model, job)).collect()
}

/// Takes everything for old.
pub(super) fn forget(model: &mut Model) {
    if let Some(desk) = model.offsets.desk_mut() {
        (desk.tried, desk.lookup_error) = (None, None);
        desk.times.clear();
        desk.samples.retain(|_, sample| sample.is_some());
        desk.draft.forget();
        desk.version += 1;
    }
}

/// Whether positions of a flow are being set.
pub(super) fn is_setting(model: &Model, flow: &FlowName) -> bool {
    is_asked(model, flow, OffsetsJobKey::Set)
        || model.offsets.desks.get(flow).is_some_and(|desk| desk.setting.is_some())
}

fn is_asked(model: &Model, flow: &FlowName, key: OffsetsJobKey) -> bool {
    asked(model, flow, key).is_some()
}

fn asked<'a>(model: &'a Model, flow: &FlowName, key: OffsetsJobKey) -> Option<&'a Job> {
    let key = JobKey::Offsets(flow.clone(), key);
    model.tasks.iter().map(|task| &task.job).find(|job| job.key() == key)
}

fn is_older(model: &Model, at: Option<Duration>, age: Duration) -> bool {
    at.is_none_or(|at| model.now.uptime.saturating_sub(at) >= age)
}

fn read(model: &Model, flow: &FlowName) -> Option<OffsetsJob> {
    let desk = model.offsets.desk()?;
    let partitions = desk.offsets.as_ref().map_or(0, |offsets| offsets.partitions.len());
    let age = match (&desk.error, partitions) {
        (Some(_), _) => RETRY,
        (None, ..=MANY) => AGE,
        (None, _) => AGE_OF_MANY,
    };
    let is_due = is_older(model, desk.tried, age) && !is_asked(model, flow, OffsetsJobKey::Read);
    is_due.then_some(OffsetsJob::Read)
}

/// What is typed does not wait for what is staged: of two lookups the later counts, and it asks for both.
fn lookup(model: &Model, flow: &FlowName) -> Option<OffsetsJob> {
    let desk = model.offsets.desk()?;
    if desk.lookup_error.as_ref().is_some_and(|(_, at)| !is_older(model, Some(*at), RETRY)) {
        return None;
    }
    let typed = model.offsets.line.as_ref().and_then(|cell| cell.unknown());
    if let Some(Job::Offsets { job: OffsetsJob::Resolve { edits }, .. }) = asked(model, flow, OffsetsJobKey::Resolve)
        && typed.as_ref().is_none_or(|typed| edits.contains(typed))
    {
        return None;
    }
    let staged = desk.draft.unknown(LOOKUPS_MAX);
    let edits: Vec<_> = typed.into_iter().chain(staged).collect();
    (!edits.is_empty()).then_some(OffsetsJob::Resolve { edits })
}

/// Times of the records where the rows that are seen go on.
fn times(model: &Model, flow: &FlowName) -> Option<OffsetsJob> {
    let (page, desk) = (&model.offsets, model.offsets.desk()?);
    if is_asked(model, flow, OffsetsJobKey::RecordTimes) {
        return None;
    }
    let (sheet, offsets) = (page.sheet()?, desk.offsets.as_ref()?);
    let window = page.list.window.get();
    // Before the first frame nobody knows how much is seen.
    let height = if window.height == 0 { usize::from(model.size.1) } else { window.height };
    let seen = sheet.places.iter().skip(window.top).take(height).chain(sheet.places.get(page.list.cursor));
    let due = seen.filter_map(|place| {
        let listed = &offsets.partitions[*place];
        let row = Row { listed, edit: desk.draft.edit(&listed.partition) };
        let offset = row.position()?;
        let is_due = match desk.times.get(&listed.partition) {
            None => true,
            // A flow that runs goes on all the time.
            Some(known) if known.offset != offset && row.edit.is_none() => is_older(model, Some(known.at), AGE),
            Some(known) if known.offset != offset => true,
            Some(known) => known.record_ms.is_none() && is_older(model, Some(known.at), NO_TIME_AGE),
        };
        let has_record = listed.high.is_some_and(|high| offset < high);
        (is_due && has_record && found_ms(&row).is_none()).then(|| (listed.partition.clone(), offset))
    });
    let offsets: BTreeMap<TopicPartition, i64> = due.collect();
    (!offsets.is_empty()).then(|| OffsetsJob::RecordTimes { offsets: offsets.into_iter().collect() })
}

/// The time that came with the lookup of an edit.
fn found_ms(row: &Row<'_>) -> Option<i64> {
    row.edit?.found.as_ref()?.result.as_ref().ok()?.record_ms
}

/// When the first record was written that a row copies.
pub(in crate::tui) fn record_ms(model: &Model, row: &Row<'_>) -> Option<i64> {
    let position = row.position()?;
    let known = model.offsets.desk()?.times.get(&row.listed.partition).filter(|known| known.offset == position);
    found_ms(row).or_else(|| known?.record_ms)
}

/// Records of the topics that have most to copy: of the longest partition, once.
fn sample(model: &mut Model, flow: &FlowName) -> Option<Job> {
    let desk = model.offsets.desk()?;
    let key = JobKey::Topic(TopicJobKey::Sample);
    if desk.samples.len() >= SAMPLES_MAX || model.tasks.iter().any(|task| task.job.key() == key) {
        return None;
    }
    let (topic, partition) = to_sample(desk)?;
    let (cluster, _) = clusters(model, flow)?;
    Some(Job::Topic { cluster, job: TopicJob::Sample { topic, partition } })
}

fn to_sample(desk: &Desk) -> Option<(TopicName, i32)> {
    // By topic: what there is to copy, the longest partition and its length.
    let mut topics: BTreeMap<&TopicName, (u64, i64, i32)> = BTreeMap::new();
    for listed in &desk.offsets.as_ref()?.partitions {
        let TopicPartition { topic, partition } = &listed.partition;
        let length = listed.high.zip(listed.low).map_or(0, |(high, low)| high - low);
        if length == 0 || desk.samples.contains_key(topic) || !desk.scope.covers(&listed.partition) {
            continue;
        }
        let row = Row { listed, edit: desk.draft.edit(&listed.partition) };
        let known = topics.entry(topic).or_default();
        known.0 += row.effect().map_or(0, |effect| effect.to_copy);
        if length > known.1 {
            (known.1, known.2) = (length, *partition);
        }
    }
    let (topic, (.., partition)) = topics.into_iter().max_by_key(|(_, (to_copy, length, _))| (*to_copy, *length))?;
    Some((topic.clone(), partition))
}
