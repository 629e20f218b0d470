//! Why a topic is mirrored or not: the whole evaluation of it in words, rule by rule.

use crate::config::{FlowDraft, RenameDraft};
use crate::model::{PatternList, SelectionVerdict};
use crate::preview::{FlowPreview, NearMiss, PreviewedTopic, TargetPlan, TopicChange};
use crate::report::number;
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::model::Model;
use crate::tui::model::editor::sheet::Sheet;
use crate::tui::model::listing::Listing;
use crate::tui::model::overlay::{Overlay, Reading};
use crate::tui::words::plan_words;

use super::{check_rows, draft, rows};

/// A key in the list of all topics.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(topic) = at_hand(model).cloned() else { return Vec::new() };
    match action {
        Action::Open => {
            let paragraphs = model.editor.sheet().map(|sheet| words(sheet, &topic)).unwrap_or_default();
            let copy = paragraphs.join("\n");
            let reading = Reading { title: topic.source.to_string(), paragraphs, copy, top: 0 };
            model.overlays.push(Overlay::Reading(Box::new(reading)));
            Vec::new()
        }
        Action::Copy => vec![Effect::Copy(topic.source.to_string())],
        Action::Fix => match near_miss(model).map(|miss| miss.fix.change.clone()) {
            Some(change) => draft::fix(model, &change),
            None => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// The topic the cursor of that list is on.
pub(in crate::tui) fn at_hand(model: &Model) -> Option<&PreviewedTopic> {
    let name = model.editor.topics.selected.as_deref()?;
    preview(model)?.topic(&name.into())
}

/// How the rules nearly match it.
pub(super) fn near_miss(model: &Model) -> Option<&NearMiss> {
    let topic = at_hand(model)?;
    preview(model)?.near_misses.iter().find(|miss| miss.topic == topic.source)
}

fn preview(model: &Model) -> Option<&FlowPreview> {
    model.editor.sheet()?.preview.as_deref()
}

/// The evaluation, a step each: include, exclude, internal, rename, target, difference.
pub(in crate::tui) fn words(sheet: &Sheet, topic: &PreviewedTopic) -> Vec<String> {
    let draft = &sheet.judged;
    let mut words = vec![summary(topic), String::new(), include(draft, topic)];
    if let Some(miss) = sheet.preview.iter().flat_map(|preview| &preview.near_misses).find(|m| m.topic == topic.source)
    {
        words.push(format!("   nearly: {}; {} would include it", miss.why, miss.fix.text));
    }
    let is_matched = !matches!(
        topic.verdict,
        SelectionVerdict::NotIncluded | SelectionVerdict::Undecided { list: PatternList::Include, .. }
    );
    if is_matched {
        words.push(exclude(draft, topic));
    }
    match &topic.verdict {
        SelectionVerdict::Internal { rule } => words
            .push(format!("3  internal  {rule}: only a rule that spells its whole name mirrors it, and none does",)),
        SelectionVerdict::Included { .. } => {
            words.push("3  internal  it belongs to no tool, or is named letter by letter".into());
            words.push(rename(draft, topic));
            words.extend(topic.plan.as_ref().map(|plan| format!("5  target    {}", target_words(plan))));
        }
        _ => {}
    }
    words.push(String::new());
    words.push(change(topic));
    words.push(size(topic));
    words
}

fn summary(topic: &PreviewedTopic) -> String {
    match (&topic.verdict, &topic.target) {
        (SelectionVerdict::Included { .. }, Some(Ok(target))) => match &topic.plan {
            Some(TargetPlan::Collision { .. } | TargetPlan::Loop | TargetPlan::Missing) => {
                format!("It would be mirrored to {target}, but that cannot be.")
            }
            _ => format!("It is mirrored to {target}."),
        },
        (SelectionVerdict::Included { .. }, _) => "It would be mirrored, but cannot be renamed.".into(),
        _ => "It is not mirrored.".into(),
    }
}

fn include(draft: &FlowDraft, topic: &PreviewedTopic) -> String {
    let count = draft.include.len();
    let rule = |index: usize| draft.include.get(index).map_or("", String::as_str);
    match &topic.verdict {
        SelectionVerdict::Included { pattern } => {
            format!("1  include   #{} {} matches: the first of {count} that does", pattern + 1, rule(*pattern))
        }
        SelectionVerdict::Undecided { list: PatternList::Include, pattern } => {
            format!("1  include   #{} {} gave up on this name before it knew", pattern + 1, rule(*pattern))
        }
        SelectionVerdict::NotIncluded => match count {
            0 => "1  include   there is no rule".into(),
            1 => "1  include   the rule does not match; it must match the whole name".into(),
            _ => format!("1  include   none of {count} rules matches; each must match the whole name"),
        },
        SelectionVerdict::Excluded { .. }
        | SelectionVerdict::Internal { .. }
        | SelectionVerdict::Undecided { list: PatternList::Exclude, .. } => "1  include   a rule matches".into(),
    }
}

fn exclude(draft: &FlowDraft, topic: &PreviewedTopic) -> String {
    let rules = draft.exclude.as_deref().unwrap_or_default();
    let rule = |index: usize| rules.get(index).map_or("", String::as_str);
    match &topic.verdict {
        SelectionVerdict::Excluded { pattern } => {
            format!("2  exclude   #{} {} matches, and exclude wins", pattern + 1, rule(*pattern))
        }
        SelectionVerdict::Undecided { list: PatternList::Exclude, pattern } => {
            format!("2  exclude   #{} {} gave up on this name before it knew", pattern + 1, rule(*pattern))
        }
        _ if rules.is_empty() => "2  exclude   there is no rule of this flow's own".into(),
        _ => format!("2  exclude   none of {} rules matches", rules.len()),
    }
}

fn rename(draft: &FlowDraft, topic: &PreviewedTopic) -> String {
    let to = match &topic.target {
        Some(Ok(target)) if *target == topic.source => "it keeps its name".to_owned(),
        Some(Ok(target)) => format!("it becomes {target}"),
        Some(Err(error)) => error.clone(),
        None => "it keeps its name".to_owned(),
    };
    match (&draft.rename, topic.rename_rule) {
        (Some(RenameDraft::Rules(rules)), Some(index)) => {
            let rule = rules.get(index).map(|rule| format!("{} to {}", rule.pattern, rule.replacement));
            format!("4  rename    #{} {}: {to}", index + 1, rule.unwrap_or_default())
        }
        (Some(RenameDraft::Rules(rules)), None) => {
            format!("4  rename    none of {} rules matches: {to}", rules.len())
        }
        (Some(RenameDraft::Prefix { .. }), _) => format!("4  rename    by prefix: {to}"),
        (Some(RenameDraft::Identity) | None, _) => format!("4  rename    {to}"),
    }
}

fn target_words(plan: &TargetPlan) -> String {
    match plan {
        TargetPlan::Unknown => "the target could not be asked".into(),
        TargetPlan::Create { partitions, is_compacted } => {
            let compacted = if *is_compacted { ", compacted" } else { "" };
            format!("it is created with {partitions} partitions{compacted}")
        }
        TargetPlan::Fits { partitions } => format!("it is there with {partitions} partitions, and fits"),
        TargetPlan::MorePartitions { source, target } => {
            format!("it is there with {target} partitions for {source}: the further ones stay empty")
        }
        TargetPlan::FewerPartitions { source, target, is_grown: true } => {
            format!("it is there with {target} partitions; {} are added", source - target)
        }
        TargetPlan::FewerPartitions { source, target, is_grown: false } => {
            format!("it is there with {target} partitions for {source}: the others would be blocked")
        }
        TargetPlan::CleanupPolicy { source, target } => {
            format!("it is there with cleanup.policy {target}, the source has {source}")
        }
        TargetPlan::MessageSize { source, target } => {
            format!("it takes records up to {}, the source up to {}", number::bytes(*target), number::bytes(*source))
        }
        TargetPlan::Missing => "it is not there, and must not be created".into(),
        TargetPlan::Invalid => "no topic can have this name".into(),
        TargetPlan::Loop => "records would go round: another flow brings them back".into(),
        TargetPlan::Collision { with } => format!("{with} would be written there as well"),
    }
}

fn change(topic: &PreviewedTopic) -> String {
    match &topic.change {
        TopicChange::None => "Against the flow in force nothing changes about it.".into(),
        TopicChange::New => "It would be new: the flow in force does not mirror it.".into(),
        TopicChange::Removed => "It would not be mirrored any more: the flow in force does.".into(),
        TopicChange::Renamed { from } => format!("It is called {from} by the flow in force."),
    }
}

fn size(topic: &PreviewedTopic) -> String {
    let records =
        topic.records_max.map_or("records unknown".into(), |n| format!("{} records at most", number::count(n)));
    let rate = topic.records_per_second.map(|rate| format!(", {} now", rate_text(rate))).unwrap_or_default();
    format!("{} partitions, {records}{rate}", topic.partitions)
}

/// A rate in records.
pub(in crate::tui) fn rate_text(per_second: u64) -> String {
    format!("{}/s", number::count(per_second))
}

/// By which rule, in two words: `include #1`.
pub(in crate::tui) fn rule_words(topic: &PreviewedTopic) -> String {
    match &topic.verdict {
        SelectionVerdict::Included { pattern } => format!("include #{}", pattern + 1),
        SelectionVerdict::Excluded { pattern } => format!("exclude #{}", pattern + 1),
        SelectionVerdict::Internal { .. } => "internal".into(),
        SelectionVerdict::NotIncluded => String::new(),
        SelectionVerdict::Undecided { list, pattern } => format!("{list} #{} gave up", pattern + 1),
    }
}

/// The list of all topics as it is written to a file.
pub(super) fn listing(model: &Model, row: Option<&str>) -> Listing {
    let heads = &["source", "target", "plan", "rule", "change", "partitions", "records_max", "records_per_second"];
    let Some(preview) = preview(model) else { return Listing { heads, rows: Vec::new() } };
    let rows = rows(model);
    let topics = rows.places.iter().map(|place| &preview.topics[*place]);
    let wanted = topics.filter(|topic| row.is_none_or(|row| topic.source.as_str() == row));
    let cells = |topic: &PreviewedTopic| {
        let target = topic.target.as_ref().and_then(|target| target.as_ref().ok());
        let change = match topic.change {
            TopicChange::None => None,
            TopicChange::New => Some("new"),
            TopicChange::Removed => Some("removed"),
            TopicChange::Renamed { .. } => Some("renamed"),
        };
        vec![
            topic.source.as_str().into(),
            target.map(ToString::to_string).into(),
            topic.plan.as_ref().map(plan_words).into(),
            rule_words(topic).into(),
            change.into(),
            topic.partitions.into(),
            topic.records_max.into(),
            topic.records_per_second.into(),
        ]
    };
    Listing { heads, rows: wanted.map(cells).collect() }
}

/// The list of findings as it is written to a file.
pub(super) fn checks_listing(model: &Model, row: Option<&str>) -> Listing {
    let heads = &["check", "severity", "text", "topics"];
    let Some(sheet) = model.editor.sheet() else { return Listing { heads, rows: Vec::new() } };
    let wanted = check_rows(model).into_iter().filter(|place| row.is_none_or(|row| place.to_string() == row));
    let cells = |place: usize| {
        let check = &sheet.checks[place];
        let topics = check.topics.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let severity = format!("{:?}", check.severity).to_lowercase();
        vec![check.id.to_string().into(), severity.into(), check.text.as_str().into(), topics.into()]
    };
    Listing { heads, rows: wanted.map(cells).collect() }
}
