//! What there is to know about a topic: numbers, settings, and why it is mirrored or not.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::engine::TopicState;
use crate::model::{SelectionVerdict, TopicName};
use crate::report::number;
use crate::tui::model::Model;
use crate::tui::model::topics::cluster_view::TopicEntry;
use crate::tui::services::{FlowVerdict, TargetState};
use crate::tui::theme::Role;
use crate::tui::update::topics::{PartitionRow, all_partitions, keep_word, problems};
use crate::tui::widget::fields::draw_fields;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::sparkline::sparkline;
use crate::tui::widget::text::wrap;

/// What the trend covers.
const TREND_MS: i64 = 900_000;

/// Offsets between the ends of the logs: an upper bound where the log may have holes.
pub(super) fn records(entry: &TopicEntry) -> Option<String> {
    entry.records().map(|records| at_most(entry, records))
}

/// A number of records that may be fewer, and says so.
pub(super) fn at_most(entry: &TopicEntry, records: u64) -> String {
    let bound = if entry.is_upper_bound() && records > 0 { "≤" } else { "" };
    format!("{bound}{}", number::count(records))
}

/// The panel beside the list.
pub(super) fn beside(model: &Model, entry: &TopicEntry, area: Rect, buffer: &mut Buffer) {
    let styled = |(name, value, role)| (name, value, model.theme.style(role));
    let fields: Vec<(&str, String, Style)> = fields(model, entry).into_iter().map(styled).collect();
    let columns = usize::from(area.width).saturating_sub(4);
    let lines = verdict_lines(model, entry, columns);
    let wanted = u16::try_from(fields.len() + lines.len() + 7).unwrap_or(u16::MAX);
    let height = wanted.min(area.height * 3 / 4);
    let title = entry.listed.name.as_str();
    let inside = Panel { title, ..Panel::default() }.draw(model, Rect { height, ..area }, buffer);
    draw_fields(model, &fields, inside, buffer);
    let used = u16::try_from(fields.len()).unwrap_or(u16::MAX).min(inside.height);
    let rest = Rect { y: inside.y + used, height: inside.height - used, ..inside };
    let trend_height = if rest.height >= 6 { 4 } else { 0 };
    super::draw_lines(model, &lines, Rect { height: rest.height - trend_height, ..rest }, buffer);
    let trend_area = Rect { y: rest.y + rest.height - trend_height, height: trend_height, ..rest };
    trend(model, entry, trend_area, buffer);
    let below = Rect { y: area.y + height, height: area.height - height, ..area };
    partitions(model, &entry.listed.name, below, buffer);
}

/// The panel below the list: the same in few lines.
pub(super) fn below(model: &Model, entry: &TopicEntry, area: Rect, buffer: &mut Buffer) {
    let inside = Panel { title: entry.listed.name.as_str(), ..Panel::default() }.draw_fitting(model, area, buffer);
    let listed = &entry.listed;
    let settings = settings_text(entry).unwrap_or_else(|| "settings not known".into());
    let short = format!(
        "{}, rf {}, {settings}, {} rec{}, {}",
        number::counted(usize::try_from(listed.partitions).unwrap_or(0), "partition"),
        listed.replication_factor,
        records(entry).unwrap_or_else(|| model.symbols.unknown.into()),
        size(entry).map(|size| format!(" {size}")).unwrap_or_default(),
        rate_text(model, entry),
    );
    let mut lines = vec![(short, Role::Text)];
    lines.extend(problems(entry).into_iter().map(|text| (format!("{} {text}", model.symbols.blocked), Role::Err)));
    lines.extend(verdict_lines(model, entry, usize::from(inside.width).saturating_sub(2)));
    let trend_height = u16::from(inside.height > 2);
    super::draw_lines(model, &lines, Rect { height: inside.height - trend_height, ..inside }, buffer);
    let row = line(inside, inside.height.saturating_sub(1));
    if trend_height > 0
        && let Some(values) = trend_values(model, entry, usize::from(row.width).saturating_sub(14))
    {
        let mut pen = Pen::new(buffer, row, model.symbols);
        pen.skip(1).write(&sparkline(&values, model.symbols), model.theme.style(Role::Chart1));
        pen.skip(2).write("rate 15m", model.theme.style(Role::Dim));
    }
}

/// Name, value and look of every fact.
pub(super) fn fields(model: &Model, entry: &TopicEntry) -> Vec<(&'static str, String, Role)> {
    let (text, unknown) = (Role::Text, model.symbols.unknown);
    let listed = &entry.listed;
    let in_sync_min = entry.settings.as_ref().and_then(|settings| settings.as_ref().ok()?.in_sync_min);
    let replication = match in_sync_min {
        Some(min) => format!("{}   min.isr {min}", listed.replication_factor),
        None => listed.replication_factor.to_string(),
    };
    let records = match (records(entry), size(entry)) {
        (Some(records), Some(size)) => format!("{records}  ({size})"),
        (Some(records), None) => records,
        (None, _) => unknown.into(),
    };
    let mut fields = vec![
        ("partitions", listed.partitions.to_string(), text),
        ("replication", replication, text),
        ("policy", settings_text(entry).unwrap_or_else(|| unknown.into()), text),
        ("records", records, text),
        ("rate", rate_text(model, entry), text),
        ("leaders", leaders(model, &listed.name), text),
    ];
    fields.extend(problems(entry).into_iter().map(|problem| {
        let symbol =
            if listed.leaderless > 0 || listed.fault.is_some() { model.symbols.blocked } else { model.symbols.waiting };
        ("problem", format!("{symbol} {problem}"), Role::Err)
    }));
    fields
}

/// Policy and how long records are kept.
fn settings_text(entry: &TopicEntry) -> Option<String> {
    let settings = entry.settings.as_ref()?.as_ref().ok()?;
    let mut parts = vec![settings.policy.clone().unwrap_or_else(|| "policy not known".into())];
    if settings.policy.as_deref() != Some("compact") {
        parts.extend(settings.retention_ms.and_then(|_| keep_word(entry)).filter(|word| word != "compact"));
        let bytes = settings.retention_bytes.and_then(|bytes| u64::try_from(bytes).ok());
        parts.extend(bytes.map(|bytes| format!("{} per partition", number::bytes(bytes))));
    }
    Some(parts.join("  "))
}

/// `~41 GiB`: by the sizes of some records.
fn size(entry: &TopicEntry) -> Option<String> {
    let bytes = entry.records()? as f64 * entry.record_bytes()?;
    Some(format!("~{}", number::bytes(bytes as u64)))
}

fn rate_text(model: &Model, entry: &TopicEntry) -> String {
    let Some((rate, seconds)) = entry.rate() else { return model.symbols.unknown.into() };
    let bytes = entry.record_bytes().map(|bytes| format!("  ~{}", number::bytes_rate(rate * bytes)));
    format!("{}{}  ({}s)", number::records_rate(rate), bytes.unwrap_or_default(), seconds)
}

fn leaders(model: &Model, topic: &TopicName) -> String {
    match model.topics.detail(topic).map(|detail| &detail.answer) {
        Some(Ok(detail)) => {
            let led: Vec<i32> = detail.partitions.iter().filter_map(|partition| partition.leader).collect();
            let without = detail.partitions.len() - led.len();
            let brokers: std::collections::BTreeSet<i32> = led.into_iter().collect();
            let brokers = match brokers.len() {
                1 => "1 broker".to_owned(),
                n => format!("{n} brokers"),
            };
            format!("{brokers}, {without} leaderless")
        }
        Some(Err(error)) => format!("{} failed to {}", model.symbols.unknown, error.message),
        None => model.symbols.unknown.into(),
    }
}

/// Why each flow mirrors the topic or does not, and what becomes of it.
pub(super) fn verdict_lines(model: &Model, entry: &TopicEntry, columns: usize) -> Vec<(String, Role)> {
    let mut lines = Vec::new();
    let mut push = |text: String, role: Role| {
        let wrapped = wrap(&text, columns.saturating_sub(2)).into_iter().enumerate();
        lines.extend(wrapped.map(|(row, line)| (if row == 0 { line } else { format!("  {line}") }, role)));
    };
    for verdict in entry.listed.verdicts.iter() {
        let mirrored = verdict.target_topic();
        let rule = rule(verdict);
        match (mirrored, &verdict.target) {
            (Some(target), _) => {
                push(format!("{} in flow {}: {rule}", model.symbols.caught_up, verdict.flow), Role::Ok);
                push(target_line(model, entry, verdict, target), Role::Text);
                mismatch(model, entry, verdict, target).into_iter().for_each(|text| push(text, Role::Warn));
                state(model, &entry.listed.name, verdict).into_iter().for_each(|(text, role)| push(text, role));
            }
            (None, Some(Err(error))) => {
                push(format!("{} not in flow {}: {error}", model.symbols.blocked, verdict.flow), Role::Err);
            }
            (None, _) => {
                let is_doubtful = matches!(verdict.verdict, SelectionVerdict::Undecided { .. });
                let role = if is_doubtful { Role::Warn } else { Role::Dim };
                push(format!("{} not in flow {}: {rule}", model.symbols.unknown, verdict.flow), role);
            }
        }
    }
    let cluster = model.topics.cluster.as_ref();
    let writing = model.snapshot.flows.iter().filter(|flow| Some(&flow.target) == cluster);
    for flow in writing {
        for topic in flow.topics.iter().filter(|topic| topic.target == entry.listed.name) {
            let text = format!("{} written by flow {}", model.symbols.caught_up, flow.flow);
            push(format!("{text}, from {} of {}", topic.source, flow.source), Role::Info);
        }
    }
    if lines.is_empty() {
        lines.push(("no flow reads this cluster".into(), Role::Dim));
    }
    lines
}

/// The rule that decided.
fn rule(verdict: &FlowVerdict) -> String {
    match &verdict.verdict {
        SelectionVerdict::Included { pattern } => format!("include #{} {}", pattern + 1, verdict.pattern),
        SelectionVerdict::Excluded { pattern } => format!("exclude #{} {}", pattern + 1, verdict.pattern),
        _ => verdict.why_not.clone().unwrap_or_default(),
    }
}

fn target_state<'a>(
    model: &'a Model,
    entry: &TopicEntry,
    verdict: &FlowVerdict,
    target: &TopicName,
) -> Option<&'a TargetState> {
    let detail = model.topics.detail(&entry.listed.name)?.answer.as_ref().ok()?;
    let is_this = |(cluster, topic): (&crate::model::ClusterName, &TopicName)| {
        *cluster == verdict.target_cluster && topic == target
    };
    detail.targets.iter().find(|(cluster, topic, _)| is_this((cluster, topic))).map(|(_, _, state)| state)
}

/// Where it is copied to, and what is there.
fn target_line(model: &Model, entry: &TopicEntry, verdict: &FlowVerdict, target: &TopicName) -> String {
    let state = match target_state(model, entry, verdict, target) {
        Some(TargetState::Exists(1)) => "exists, 1 partition".to_owned(),
        Some(TargetState::Exists(partitions)) => format!("exists, {partitions} partitions"),
        Some(TargetState::Missing) => "missing".to_owned(),
        Some(TargetState::Unknown(why)) => format!("{} {why}", model.symbols.unknown),
        None => model.symbols.unknown.to_owned(),
    };
    let name = if *target == entry.listed.name { "same name".to_owned() } else { format!("renamed {target}") };
    format!("{} {}: {name}, {state}", model.symbols.arrow, verdict.target_cluster)
}

fn mismatch(model: &Model, entry: &TopicEntry, verdict: &FlowVerdict, target: &TopicName) -> Option<String> {
    let Some(TargetState::Exists(partitions)) = target_state(model, entry, verdict, target) else { return None };
    let source = usize::try_from(entry.listed.partitions).unwrap_or(0);
    (*partitions != source)
        .then(|| format!("{} target has {partitions} partitions, source {source}", model.symbols.waiting))
}

/// What the flow makes of it now.
fn state(model: &Model, topic: &TopicName, verdict: &FlowVerdict) -> Option<(String, Role)> {
    let flow = model.snapshot.flow(&verdict.flow)?;
    let found = flow.topics.iter().find(|found| found.source == *topic)?;
    let symbols = model.symbols;
    Some(match &found.state {
        TopicState::Mirroring => {
            let lag: u64 = found.lanes.iter().filter_map(|lane| lane.lag_records).sum();
            (format!("{} mirrored now, lag {}", symbols.running, number::count(lag)), Role::Ok)
        }
        TopicState::Blocked { why } => (format!("{} blocked: {why}", symbols.blocked), Role::Err),
        TopicState::Ignored => (format!("{} left out: new since the flow began", symbols.paused), Role::Warn),
    })
}

fn trend_values(model: &Model, entry: &TopicEntry, columns: usize) -> Option<Vec<f32>> {
    entry.trend.as_ref().map(|trend| trend.columns(model.now.wall_ms, TREND_MS, columns))
}

/// How the rate went, as wide as there is room, in three lines.
pub(super) fn trend(model: &Model, entry: &TopicEntry, area: Rect, buffer: &mut Buffer) {
    let Some(values) = trend_values(model, entry, usize::from(area.width).saturating_sub(2)) else { return };
    let dim = model.theme.style(Role::Dim);
    let known = || values.iter().copied().filter(|value| !value.is_nan());
    let (low, high) = (known().fold(f32::INFINITY, f32::min), known().fold(0.0_f32, f32::max));
    Pen::new(buffer, line(area, 1), model.symbols).skip(1).write("rate 15m", dim);
    let bars = sparkline(&values, model.symbols);
    Pen::new(buffer, line(area, 2), model.symbols).skip(1).write(&bars, model.theme.style(Role::Chart1));
    if low.is_finite() {
        let rate = |value: f32| number::records_rate(f64::from(value));
        let range = format!("low {}  high {}", rate(low), rate(high));
        Pen::new(buffer, line(area, 3), model.symbols).skip(1).write(&range, dim);
    }
}

/// The first partitions, for a look.
fn partitions(model: &Model, topic: &TopicName, area: Rect, buffer: &mut Buffer) {
    if area.height < 4 {
        return;
    }
    let rows = all_partitions(model, topic);
    let title = format!("Partitions  {}", rows.len());
    let foot = "enter: all of them";
    let inside = Panel { title: &title, foot, ..Panel::default() }.draw(model, area, buffer);
    let head = format!("{:>4} {:>13} {:>13} {:>4} {:>3}", "P", "LOW", "HIGH", "LDR", "ISR");
    Pen::new(buffer, line(inside, 0), model.symbols).write(&head, model.theme.style(Role::Head));
    for (place, row) in (1..inside.height).zip(&rows) {
        let role = if row.has_problem() { Role::Err } else { Role::Text };
        let text = partition_line(model, row);
        Pen::new(buffer, line(inside, place), model.symbols).write(&text, model.theme.style(role));
    }
}

fn partition_line(model: &Model, row: &PartitionRow) -> String {
    let unknown = || model.symbols.unknown.to_owned();
    let low = row.log.map_or_else(unknown, |log| number::exact(log.0));
    let high = row.log.map_or_else(unknown, |log| number::exact(log.1));
    format!("{:>4} {low:>13} {high:>13} {:>4} {:>3}", row.number, leader(model, row), in_sync(model, row))
}

/// The broker that leads a partition; nobody is `none`.
pub(super) fn leader(model: &Model, row: &PartitionRow) -> String {
    match row.facts.map(|facts| facts.leader) {
        Some(Some(leader)) => leader.to_string(),
        Some(None) => "none".into(),
        None => model.symbols.unknown.into(),
    }
}

/// Replicas in sync of all.
pub(super) fn in_sync(model: &Model, row: &PartitionRow) -> String {
    row.facts
        .map_or_else(|| model.symbols.unknown.into(), |facts| format!("{}/{}", facts.in_sync_replicas, facts.replicas))
}
