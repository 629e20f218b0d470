//! The sums over what would be mirrored, and what is different from the flow in force.

use super::evaluate::Company;
use super::facts::FlowFacts;
use super::outcome::{CopyTime, Difference, PreviewTotals, PreviewedTopic, TopicChange};
use crate::config::{FlowConfig, FlowDraft, FlowSetting};
use crate::model::{SelectionVerdict, StartPosition};

pub(super) fn totals(
    draft: &FlowDraft,
    company: Company<'_>,
    facts: &FlowFacts,
    topics: &[PreviewedTopic],
) -> (PreviewTotals, Option<Difference>) {
    let mut totals = PreviewTotals::default();
    let mut backlog = Amount::default();
    for (topic, fact) in topics.iter().zip(facts.source.topics()) {
        match topic.verdict {
            SelectionVerdict::Included { .. } => totals.mirrored += 1,
            SelectionVerdict::Excluded { .. } => totals.excluded += 1,
            SelectionVerdict::Internal { .. } => totals.internal += 1,
            SelectionVerdict::NotIncluded | SelectionVerdict::Undecided { .. } => totals.not_matched += 1,
        }
        if !topic.verdict.is_included() {
            continue;
        }
        totals.partitions += u64::try_from(topic.partitions).unwrap_or(0);
        let Some(log) = fact.log else { continue };
        totals.measured += 1;
        totals.records_max += log.records_max;
        if let Some(size) = log.record_bytes {
            totals.bytes = Some(totals.bytes.unwrap_or(0) + log.records_max * size);
        }
        if let Some(rate) = log.records_per_second {
            totals.records_per_second = Some(totals.records_per_second.unwrap_or(0) + rate);
            if let Some(size) = log.record_bytes {
                totals.bytes_per_second = Some(totals.bytes_per_second.unwrap_or(0) + rate * size);
            }
        }
        // A flow in force has copied what it mirrors; what is new to it begins where it begins.
        let is_copied = company.in_force.is_some() && topic.change != TopicChange::New;
        if !is_copied {
            let records = first_copy(company, topic, log.records_max);
            backlog.records += records;
            backlog.bytes += records * log.record_bytes.unwrap_or(0);
        }
    }
    totals.copy = company.config.map_or(CopyTime::Unknown, |config| copy_time(config, backlog, &totals));
    let difference = company.in_force.map(|(_, now)| difference(draft, company.config, now, topics));
    (totals, difference)
}

#[derive(Clone, Copy, Default)]
struct Amount {
    records: u64,
    bytes: u64,
}

/// What there is to copy of a topic at first, at most. A topic that is new to a running flow begins at its beginning.
fn first_copy(company: Company<'_>, topic: &PreviewedTopic, records_max: u64) -> u64 {
    let start = company.config.filter(|_| company.in_force.is_none()).map(|config| &config.start);
    match start {
        Some(StartPosition::Latest) => 0,
        Some(StartPosition::Last(count)) => {
            records_max.min(count.saturating_mul(u64::try_from(topic.partitions).unwrap_or(0)))
        }
        _ => records_max,
    }
}

/// By the tighter of both caps: what there is, divided by what the cap leaves beside what comes in.
fn copy_time(config: &FlowConfig, backlog: Amount, totals: &PreviewTotals) -> CopyTime {
    let caps = [
        (config.limits.records_per_second, Some(backlog.records), totals.records_per_second),
        (config.limits.bytes_per_second, totals.bytes.map(|_| backlog.bytes), totals.bytes_per_second),
    ];
    let times = caps.into_iter().filter_map(|(cap, backlog, inflow)| {
        let (cap, backlog) = (cap?, backlog?);
        Some(match cap.checked_sub(inflow.unwrap_or(0)) {
            None | Some(0) => CopyTime::Never,
            Some(left) => CopyTime::Seconds(backlog.div_ceil(left)),
        })
    });
    times.fold(CopyTime::Unknown, |worst, time| match (worst, time) {
        (CopyTime::Never, _) | (_, CopyTime::Never) => CopyTime::Never,
        (CopyTime::Seconds(one), CopyTime::Seconds(other)) => CopyTime::Seconds(one.max(other)),
        (CopyTime::Unknown, time) | (time, CopyTime::Unknown) => time,
    })
}

fn difference(
    draft: &FlowDraft,
    config: Option<&FlowConfig>,
    now: &FlowConfig,
    topics: &[PreviewedTopic],
) -> Difference {
    let mut difference = Difference::default();
    for topic in topics {
        match topic.change {
            TopicChange::None => {}
            TopicChange::New => difference.added += 1,
            TopicChange::Removed => difference.removed += 1,
            TopicChange::Renamed { .. } => difference.renamed += 1,
        }
    }
    let ends = [("source", &draft.source, &now.source), ("target", &draft.target, &now.target)];
    let moved = ends.into_iter().filter(|(_, typed, now)| typed.as_str() != now.as_str()).map(|(key, ..)| key);
    difference.settings.extend(moved.map(str::to_owned));
    if let Some(config) = config {
        let changed = FlowSetting::ALL.into_iter().filter(|setting| setting.value_of(config) != setting.value_of(now));
        difference.settings.extend(changed.map(|setting| setting.key().to_owned()));
        let lists = [
            ("start_overrides", config.start_overrides != now.start_overrides),
            ("topics.configs_exclude", config.topics.configs_exclude != now.topics.configs_exclude),
        ];
        difference
            .settings
            .extend(lists.iter().filter(|(_, is_changed)| *is_changed).map(|(key, _)| (*key).to_owned()));
    }
    difference
}
