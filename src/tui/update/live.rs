//! One flow as it runs: its topics, the partitions of one, and what can be done to them.

mod act;
mod position;
pub(super) mod unblock;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::{FlowSnapshot, LaneSnapshot, TopicSnapshot};
use crate::model::{FlowName, TopicName};
use crate::tui::effect::Effect;
use crate::tui::jobs::JobDone;
use crate::tui::keymap::{Action, Binding, Context};
use crate::tui::model::Model;
use crate::tui::model::list::{ListState, RowKeys};
use crate::tui::model::listing::{self, Listing};
use crate::tui::model::live::lanes::{self, LaneRows};
use crate::tui::model::live::row_state::{RowState, Why};
use crate::tui::model::live::topics::{self, TopicRow, TopicRows};
use crate::tui::model::live::{Arrangement, ChartKind, ChartWindow, FoundLeaders};
use crate::tui::model::memo::SameFlow;
use crate::tui::model::navigation::{Opened, Tab};
use crate::tui::page::Page;
use crate::tui::services::{Job, JobResult};

use super::{run, settle};

pub(in crate::tui) use position::consequence;

/// The page.
pub(in crate::tui) struct Live;

impl Page for Live {
    fn contexts(&self, _model: &Model) -> Vec<Context> {
        vec![Context::Live]
    }

    fn list<'a>(&self, model: &'a Model) -> Option<&'a ListState> {
        Some(if is_open(model) { &model.live.lanes } else { &model.live.topics })
    }

    fn list_mut<'a>(&self, model: &'a mut Model) -> Option<&'a mut ListState> {
        Some(if is_open(model) { &mut model.live.lanes } else { &mut model.live.topics })
    }

    fn first_list<'a>(&self, model: &'a Model) -> Option<&'a ListState> {
        Some(&model.live.topics)
    }

    fn rows(&self, model: &Model) -> RowKeys {
        if is_open(model) {
            opened(model).map(|(_, rows, _)| Arc::clone(&rows.keys)).unwrap_or_default()
        } else {
            shown(model).map(|(_, rows)| Arc::clone(&rows.keys)).unwrap_or_default()
        }
    }

    fn has_problem(&self, model: &Model, row: &str) -> bool {
        if is_open(model) {
            lane(model, row).is_some_and(|lane| RowState::of_lane(&lane.state).is_problem())
        } else {
            shown(model)
                .is_some_and(|(flow, rows)| topics::place(flow, row).is_some_and(|at| rows.all[at].state.is_problem()))
        }
    }

    fn sorts(&self) -> usize {
        topics::SORTS
    }

    fn sorts_shown(&self, model: &Model) -> usize {
        if is_open(model) { lanes::SORTS } else { topics::SORTS }
    }

    fn listing(&self, model: &Model, row: Option<&str>) -> Listing {
        if is_open(model) { lane_listing(model, row) } else { topic_listing(model, row) }
    }

    fn enabled(&self, model: &Model, binding: &Binding) -> Result<(), String> {
        act::enabled(model, binding)
    }

    fn act(&self, model: &mut Model, binding: &'static Binding) -> Vec<Effect> {
        act::act(model, binding)
    }

    fn entered(&self, model: &mut Model) -> Vec<Effect> {
        if let Some(Opened::Partitions(flow, topic)) = model.navigation.opened().cloned() {
            model.live.flow = Some(flow.clone());
            let is_known = model.live.leaders.as_ref().is_some_and(|found| found.flow == flow && found.topic == topic);
            return if is_known { Vec::new() } else { ask_leaders(model) };
        }
        if flow(model).is_none() {
            model.live.flow = model.snapshot.flows.first().map(|flow| flow.flow.clone());
        }
        Vec::new()
    }

    fn refresh(&self, model: &mut Model) -> Option<Vec<Effect>> {
        is_open(model).then(|| ask_leaders(model))
    }

    fn answered(&self, model: &mut Model, done: &JobDone) -> Vec<Effect> {
        let (Job::FindLeaders { .. }, Ok(JobResult::Leaders(found))) = (&done.job, &done.answer) else {
            return Vec::new();
        };
        let Some(Opened::Partitions(flow, topic)) = model.navigation.opened() else { return Vec::new() };
        if done.job == leaders_job(model).unwrap_or_else(|| done.job.clone()) {
            let (flow, topic, at_ms) = (flow.clone(), topic.clone(), model.now.wall_ms);
            model.live.leaders = Some(FoundLeaders { flow, topic, at_ms, found: found.clone() });
        }
        Vec::new()
    }

    fn remember(&self, model: &Model) -> BTreeMap<String, String> {
        let chart = if model.live.chart == ChartKind::Lag { "lag" } else { "throughput" };
        let mut kept = BTreeMap::from([
            ("window".to_owned(), model.live.window.word().to_owned()),
            ("chart".to_owned(), chart.to_owned()),
        ]);
        kept.extend(model.live.flow.as_ref().map(|flow| ("flow".to_owned(), flow.to_string())));
        kept
    }

    fn recall(&self, model: &mut Model, remembered: &BTreeMap<String, String>) {
        let window = remembered.get("window").map(String::as_str);
        let window = ChartWindow::ALL.into_iter().find(|known| Some(known.word()) == window);
        model.live.window = window.unwrap_or_default();
        if remembered.get("chart").is_some_and(|chart| chart == "throughput") {
            model.live.chart = ChartKind::Throughput;
        }
        model.live.flow = remembered.get("flow").map(|flow| flow.as_str().into());
    }
}

/// Whether the partitions of a topic are shown.
pub(in crate::tui) fn is_open(model: &Model) -> bool {
    matches!(model.navigation.opened(), Some(Opened::Partitions(..))) && model.navigation.tab() == Tab::Live
}

/// The flow that is shown.
pub(in crate::tui) fn flow(model: &Model) -> Option<&Arc<FlowSnapshot>> {
    let name = model.live.flow.as_ref()?;
    model.snapshot.flows.iter().find(|flow| flow.flow == *name)
}

/// The flow that is shown, with its topics in order.
pub(in crate::tui) fn shown(model: &Model) -> Option<(&Arc<FlowSnapshot>, Arc<TopicRows>)> {
    let (flow, list) = (flow(model)?, &model.live.topics);
    let key = (SameFlow(Arc::clone(flow)), Arrangement::of(list));
    Some((flow, model.live.topic_rows.get(key, || TopicRows::new(flow, &model.summaries.get(flow), list))))
}

/// The topic that is opened, with its partitions in order, and its flow.
pub(in crate::tui) fn opened(model: &Model) -> Option<(&TopicSnapshot, Arc<LaneRows>, &Arc<FlowSnapshot>)> {
    let Some(Opened::Partitions(name, topic)) = model.navigation.opened() else { return None };
    let flow = model.snapshot.flows.iter().find(|flow| flow.flow == *name)?;
    let (topic, list) = (flow.topics.iter().find(|known| known.source == *topic)?, &model.live.lanes);
    let key = (SameFlow(Arc::clone(flow)), topic.source.clone(), Arrangement::of(list));
    Some((topic, model.live.lane_rows.get(key, || LaneRows::new(topic, list)), flow))
}

/// The lane of a row of the opened topic.
fn lane<'a>(model: &'a Model, row: &str) -> Option<&'a LaneSnapshot> {
    let partition: i32 = row.parse().ok()?;
    opened(model)?.0.lanes.iter().find(|lane| lane.partition == partition)
}

/// The topic the cursor is on, or that is opened.
pub(in crate::tui) fn topic_at_hand(model: &Model) -> Option<&TopicSnapshot> {
    if is_open(model) {
        return opened(model).map(|(topic, _, _)| topic);
    }
    let flow = flow(model)?;
    flow.topics.get(topics::place(flow, model.live.topics.selected.as_deref()?)?)
}

/// The lane the cursor is on, where partitions are shown.
pub(in crate::tui) fn lane_at_hand(model: &Model) -> Option<&LaneSnapshot> {
    lane(model, model.live.lanes.selected.as_deref().filter(|_| is_open(model))?)
}

/// Shows another flow, the next or the one before.
fn switch(model: &mut Model, is_forward: bool) {
    let flows = &model.snapshot.flows;
    let Some(last) = flows.len().checked_sub(1) else { return };
    let here = flows.iter().position(|flow| Some(&flow.flow) == model.live.flow.as_ref());
    let next = match (here, is_forward) {
        (Some(here), true) => (here + 1) % flows.len(),
        (Some(here), false) => here.checked_sub(1).unwrap_or(last),
        (None, _) => 0,
    };
    let next = flows[next].flow.clone();
    show_flow(model, next);
}

/// Shows this flow from its first page.
pub(in crate::tui::update) fn show_flow(model: &mut Model, flow: FlowName) {
    model.live.flow = Some(flow);
    model.live.topics.marks.clear();
    model.live.tops.set([0.0; 2]);
    if is_open(model) {
        model.navigation.go(Tab::Live);
    }
}

/// Opens the partitions of a topic.
fn open(model: &mut Model, topic: TopicName) -> Vec<Effect> {
    let Some(flow) = model.live.flow.clone() else { return Vec::new() };
    model.live.lanes.marks.clear();
    model.live.lanes.clear_filter();
    model.navigation.open(Opened::Partitions(flow, topic));
    settle(model);
    ask_leaders(model)
}

fn leaders_job(model: &Model) -> Option<Job> {
    let (topic, _, flow) = opened(model)?;
    Some(Job::FindLeaders {
        source: (flow.source.clone(), topic.source.clone()),
        target: (flow.target.clone(), topic.target.clone()),
    })
}

fn ask_leaders(model: &mut Model) -> Vec<Effect> {
    leaders_job(model).map(|job| run(model, job)).into_iter().collect()
}

fn topic_listing(model: &Model, row: Option<&str>) -> Listing {
    let heads = &[
        "topic",
        "target",
        "state",
        "partitions",
        "records_per_second",
        "lag_records",
        "eta_seconds",
        "delay_ms",
        "reason",
    ];
    let Some((flow, rows)) = shown(model) else { return Listing { heads, rows: Vec::new() } };
    let topics = rows.shown.iter().map(|index| (&flow.topics[*index], &rows.all[*index]));
    let wanted = topics.filter(|(topic, _)| row.is_none_or(|row| topic.source.as_str() == row));
    let cells = |(topic, facts): (&TopicSnapshot, &TopicRow)| {
        vec![
            topic.source.as_str().into(),
            topic.target.as_str().into(),
            facts.state.word().into(),
            facts.partitions.into(),
            listing::rate(facts.records_per_second),
            facts.lag_records.filter(|_| facts.is_seen).into(),
            facts.eta_seconds.into(),
            facts.delay_ms.into(),
            Why::of_topic(topic).map(|why| why.to_string()).into(),
        ]
    };
    Listing { heads, rows: wanted.map(cells).collect() }
}

fn lane_listing(model: &Model, row: Option<&str>) -> Listing {
    let heads = &[
        "partition",
        "state",
        "position",
        "committed",
        "log_start",
        "high_watermark",
        "lag_records",
        "target_next",
        "delay_ms",
        "records_per_second",
        "eta_seconds",
        "rewinds",
        "skipped",
        "altered",
        "reason",
    ];
    let Some((topic, rows, _)) = opened(model) else { return Listing { heads, rows: Vec::new() } };
    let lanes = rows.shown.iter().map(|index| &topic.lanes[*index]);
    let wanted = lanes.filter(|lane| row.is_none_or(|row| lane.partition.to_string() == row));
    let cells = |lane: &LaneSnapshot| {
        vec![
            lane.partition.into(),
            RowState::of_lane(&lane.state).word().into(),
            lane.position.into(),
            lane.committed.into(),
            lane.log_start.into(),
            lane.high_watermark.into(),
            lane.lag_records.into(),
            lane.target_next.into(),
            lane.delay_ms.into(),
            listing::rate(lane.records_per_second),
            lane.eta_seconds.into(),
            lane.totals.rewinds.into(),
            lane.totals.skipped.into(),
            lane.totals.altered.total().into(),
            Why::of_lane(&lane.state).map(|why| why.to_string()).into(),
        ]
    };
    Listing { heads, rows: wanted.map(cells).collect() }
}

/// Whether an action is about the flow as a whole, and what the flows' page calls it.
fn flow_action(action: Action) -> Option<Action> {
    match action {
        Action::StartFlow => Some(Action::Start),
        Action::PauseFlow => Some(Action::Pause),
        Action::Stop => Some(Action::Stop),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
