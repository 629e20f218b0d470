//! Which flow's positions are edited, and which of them are shown.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::{FlowName, TopicName, TopicPartition};
use crate::tui::effect::Effect;
use crate::tui::model::Model;
use crate::tui::model::navigation::Tab;
use crate::tui::model::offsets::{EditScope, MarkedRows, partition_of};
use crate::tui::model::toast::ToastTone;
use crate::tui::update::{act, live, topics};

use super::{flows, settle, toast};

/// Opens the page for what is at hand elsewhere: the marked rows, or that of the cursor.
pub(in crate::tui::update) fn open(model: &mut Model) -> Vec<Effect> {
    let found = match model.navigation.tab() {
        Tab::Flows => of_flows(model),
        Tab::Live => of_live(model),
        Tab::Topics => of_topics(model),
        Tab::Editor | Tab::Offsets | Tab::Logs | Tab::Clusters => Err("there is no flow here".to_owned()),
    };
    match found {
        Ok((flow, scope, cursor)) => show(model, flow, scope, cursor),
        Err(reason) => {
            toast(model, ToastTone::Warn, reason);
            Vec::new()
        }
    }
}

type Place = (FlowName, EditScope, Option<TopicPartition>);

fn of_flows(model: &Model) -> Result<Place, String> {
    let flow = model.flows.list.selected.as_deref().ok_or("there is no flow here")?;
    Ok((flow.into(), EditScope::Flow, None))
}

fn of_live(model: &Model) -> Result<Place, String> {
    let flow = live::flow(model).ok_or("there is no flow here")?.flow.clone();
    let topic = live::topic_at_hand(model).map(|topic| topic.source.clone());
    if !live::is_open(model) {
        let marks: BTreeSet<TopicName> = model.live.topics.marks.iter().map(|topic| topic.as_str().into()).collect();
        return Ok((flow, scope_of(marks, topic), None));
    }
    let topic = topic.ok_or("the topic is not part of the flow any more")?;
    let numbered = |number: &String| Some(TopicPartition::new(topic.clone(), number.parse().ok()?));
    let partitions: BTreeSet<TopicPartition> = model.live.lanes.marks.iter().filter_map(numbered).collect();
    let cursor = model.live.lanes.selected.as_ref().and_then(numbered);
    let scope = if partitions.is_empty() {
        EditScope::Topic(topic)
    } else {
        EditScope::Marked(Arc::new(MarkedRows { partitions, ..MarkedRows::default() }))
    };
    Ok((flow, scope, cursor))
}

/// A flow that mirrors the topic; if several do, the one whose positions were edited last.
fn of_topics(model: &Model) -> Result<Place, String> {
    let topic = topics::topic_at_hand(model).ok_or("there is no topic here")?;
    let is_list = model.navigation.opened().is_none();
    let marks = model.topics.list.marks.iter().filter(|_| is_list);
    let marks: BTreeSet<TopicName> = marks.map(|topic| topic.as_str().into()).collect();
    let first = marks.first().unwrap_or(&topic);
    let entry = model.topics.entry(first).ok_or("there is no topic here")?;
    let mirroring = || entry.listed.verdicts.iter().filter(|verdict| verdict.target_topic().is_some());
    let is_shown = |flow: &&FlowName| Some(*flow) == model.offsets.flow.as_ref();
    let flow = mirroring().map(|verdict| &verdict.flow).find(is_shown);
    let flow = flow.or_else(|| mirroring().map(|verdict| &verdict.flow).next());
    let flow = flow.ok_or_else(|| format!("no flow mirrors {first}"))?.clone();
    let partition = model.topics.partitions.selected.as_deref().filter(|_| !is_list);
    let cursor = partition.and_then(|number| Some(TopicPartition::new(topic.clone(), number.parse().ok()?)));
    Ok((flow, scope_of(marks, Some(topic)), cursor))
}

/// The marked topics, or the one of the cursor, or all.
fn scope_of(marks: BTreeSet<TopicName>, topic: Option<TopicName>) -> EditScope {
    match topic {
        _ if !marks.is_empty() => EditScope::Marked(Arc::new(MarkedRows { topics: marks, ..MarkedRows::default() })),
        Some(topic) => EditScope::Topic(topic),
        None => EditScope::Flow,
    }
}

/// Shows these partitions of a flow.
fn show(model: &mut Model, flow: FlowName, scope: EditScope, cursor: Option<TopicPartition>) -> Vec<Effect> {
    let desk = model.offsets.desks.entry(flow.clone()).or_default();
    match &scope {
        EditScope::Flow => {}
        EditScope::Topic(topic) => desk.topic = Some(topic.clone()),
        EditScope::Marked(marked) => desk.marked = Some(Arc::clone(marked)),
    }
    desk.scope = scope;
    desk.is_edited_only = false;
    begin(model, flow);
    model.offsets.wanted = cursor;
    act::go(model, Tab::Offsets)
}

/// Another flow is shown: nothing is open, nothing is marked.
fn begin(model: &mut Model, flow: FlowName) {
    let page = &mut model.offsets;
    page.flow = Some(flow);
    (page.line, page.review) = (None, None);
    page.list.clear_filter();
    page.list.marks.clear();
}

/// Takes the flow of the cursor.
pub(super) fn choose(model: &mut Model) -> Vec<Effect> {
    let cursor = model.offsets.flows.cursor;
    let Some(flow) = flows(model).get(cursor).cloned() else { return Vec::new() };
    model.offsets.flows.clear_filter();
    begin(model, flow);
    act::arrive(model)
}

/// Back to the choice of a flow.
pub(super) fn leave(model: &mut Model) {
    let here = model.offsets.flow.take();
    model.offsets.flows.clear_filter();
    model.offsets.flows.selected = here.map(|flow| flow.to_string());
    settle(model);
}

/// From the topic to the flow to what is marked, and round.
pub(super) fn next_scope(model: &mut Model) {
    let page = &mut model.offsets;
    let at_hand = page.list.selected.as_deref().and_then(partition_of);
    let marks: BTreeSet<TopicPartition> = page.list.marks.iter().filter_map(|key| partition_of(key)).collect();
    let Some(desk) = page.desk_mut() else { return };
    if !marks.is_empty() {
        desk.marked = Some(Arc::new(MarkedRows { partitions: marks, ..MarkedRows::default() }));
    }
    let of_cursor = at_hand.as_ref().map(|partition| partition.topic.clone());
    let topic = of_cursor.or_else(|| desk.topic.clone());
    let marked = desk.marked.clone().map(EditScope::Marked);
    desk.scope = match (&desk.scope, topic) {
        (EditScope::Topic(_), _) => EditScope::Flow,
        (EditScope::Flow, topic) => marked.or(topic.map(EditScope::Topic)).unwrap_or_default(),
        (EditScope::Marked(_), Some(topic)) => EditScope::Topic(topic),
        (EditScope::Marked(_), None) => EditScope::Flow,
    };
    if let EditScope::Topic(topic) = &desk.scope {
        desk.topic = Some(topic.clone());
    }
    page.list.marks.clear();
}
