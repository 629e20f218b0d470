//! What keys do to a flow, to topics and partitions of it.

use super::{flow, flow_action, is_open, lane_at_hand, open, opened, shown, switch, topic_at_hand, unblock};
use crate::engine::{Command, FlowSnapshot, FlowState, Scope};
use crate::tui::effect::Effect;
use crate::tui::keymap::{Action, Binding};
use crate::tui::model::live::row_state::RowState;
use crate::tui::model::live::topics;
use crate::tui::model::live::{ChartKind, ChartWindow};
use crate::tui::model::overlay::Deed;
use crate::tui::model::{Density, Model};
use crate::tui::update::confirm::{self, Question};
use crate::tui::update::{flows, settle};

/// What keys are about: the rows that are marked, or the one the cursor is on.
struct Aim {
    scopes: Vec<Scope>,
    states: Vec<RowState>,
    /// "topic orders", "orders/3", "4 topics".
    what: String,
}

/// Why an action cannot be done now.
pub(super) fn enabled(model: &Model, binding: &Binding) -> Result<(), String> {
    let action = binding.action;
    if let Some(action) = flow_action(action) {
        return flows::enabled(model, action);
    }
    match action {
        Action::Start | Action::Pause => {}
        Action::Unblock => return unblock::enabled(model),
        Action::Open if is_open(model) => return unblock::enabled(model),
        Action::WindowLonger | Action::WindowShorter | Action::WindowReset | Action::Chart if is_open(model) => {
            return Err("the charts are on the flow's own page: esc leads there".into());
        }
        Action::Chart if model.density() == Density::Wide => return Err("both charts are shown".into()),
        Action::NextFlow | Action::PreviousFlow if model.snapshot.flows.len() < 2 => {
            return Err("there is no other flow".into());
        }
        _ => return Ok(()),
    }
    let Some(flow) = flow(model) else { return Err("there is no flow here".into()) };
    if concerns_flow(flow, action) {
        return flows::enabled(model, action);
    }
    let Some(aim) = aim(model, flow) else { return Err("the cursor is on no row".into()) };
    let can = |state: &RowState| match action {
        Action::Pause => {
            matches!(state, RowState::Copying | RowState::CaughtUp | RowState::Waiting | RowState::Starting)
        }
        _ => matches!(state, RowState::Paused | RowState::Blocked | RowState::Waiting),
    };
    match (aim.states.iter().any(can), action) {
        (true, _) => Ok(()),
        (false, Action::Pause) => Err(format!("{}: nothing of it is being read", aim.what)),
        (false, _) => Err(format!("{}: nothing of it is paused or blocked", aim.what)),
    }
}

/// A flow that does not run, or is paused as a whole, is started as a whole.
fn concerns_flow(flow: &FlowSnapshot, action: Action) -> bool {
    let is_stopped = matches!(flow.state, FlowState::Stopped | FlowState::Refused { .. } | FlowState::Draining);
    is_stopped || (action == Action::Start && flows::is_paused(flow))
}

/// Does it.
pub(super) fn act(model: &mut Model, binding: &'static Binding) -> Vec<Effect> {
    if let Some(action) = flow_action(binding.action) {
        return flows::order(model, action, binding.danger);
    }
    match binding.action {
        Action::Start | Action::Pause => return pause_or_resume(model, binding),
        Action::Unblock => return unblock::open(model),
        Action::Open if is_open(model) => return unblock::open(model),
        Action::Open => {
            let topic = topic_at_hand(model).map(|topic| topic.source.clone());
            return topic.map(|topic| open(model, topic)).unwrap_or_default();
        }
        Action::Copy => return copy(model).into_iter().collect(),
        Action::WindowLonger => show_window(model, model.live.window.longer()),
        Action::WindowShorter => show_window(model, model.live.window.shorter()),
        Action::WindowReset => show_window(model, ChartWindow::default()),
        Action::Chart => {
            model.live.chart = match model.live.chart {
                ChartKind::Lag => ChartKind::Throughput,
                ChartKind::Throughput => ChartKind::Lag,
            }
        }
        Action::NextFlow => switch(model, true),
        Action::PreviousFlow => switch(model, false),
        _ => {}
    }
    settle(model);
    Vec::new()
}

fn show_window(model: &mut Model, window: ChartWindow) {
    model.live.window = window;
    model.live.tops.set([0.0; 2]);
}

fn copy(model: &Model) -> Option<Effect> {
    let topic = topic_at_hand(model)?;
    let name = match lane_at_hand(model) {
        Some(lane) => format!("{}/{}", topic.source, lane.partition),
        None => topic.source.to_string(),
    };
    Some(Effect::Copy(name))
}

fn pause_or_resume(model: &mut Model, binding: &Binding) -> Vec<Effect> {
    let Some(flow) = flow(model).cloned() else { return Vec::new() };
    if concerns_flow(&flow, binding.action) {
        return flows::order(model, binding.action, binding.danger);
    }
    let Some(aim) = aim(model, &flow) else { return Vec::new() };
    let (verb, consequence) = match binding.action {
        Action::Pause => {
            ("Pause", "Nothing more is read of it, until it is resumed. Its partitions stay with this instance.")
        }
        _ => ("Resume", "Paused partitions read again, blocked ones try again where they are."),
    };
    let command = |scope: Scope| match binding.action {
        Action::Pause => Command::Pause { scope },
        _ => Command::Resume { scope },
    };
    let question = Question {
        question: format!("{verb} {}?", aim.what),
        lines: vec![consequence.into(), format!("Flow {}, {} to {}.", flow.flow, flow.source, flow.target)],
        name: flow.flow.to_string(),
        danger: binding.danger,
        env: model.flow_env(&flow),
        then: Deed::Send(aim.scopes.into_iter().map(command).collect()),
    };
    confirm::ask(model, question)
}

/// The rows that are meant: the marked ones, or that of the cursor.
fn aim(model: &Model, flow: &FlowSnapshot) -> Option<Aim> {
    let list = model.list()?;
    let keys: Vec<String> =
        if list.marks.is_empty() { vec![list.selected.clone()?] } else { list.marks.iter().cloned().collect() };
    if is_open(model) {
        let (topic, _, _) = opened(model)?;
        let lanes = || topic.lanes.iter().filter(|lane| keys.contains(&lane.partition.to_string()));
        let scope = |partition| Scope {
            flow: flow.flow.clone(),
            topic: Some(topic.source.clone()),
            partition: Some(partition),
        };
        let what = match keys.as_slice() {
            [partition] => format!("{}/{partition}", topic.source),
            keys => format!("{} partitions of {}", keys.len(), topic.source),
        };
        let scopes = lanes().map(|lane| scope(lane.partition)).collect();
        return Some(Aim { scopes, states: lanes().map(|lane| RowState::of_lane(&lane.state)).collect(), what });
    }
    let (_, rows) = shown(model)?;
    let places = topics::places(flow, &keys);
    let scope = |place: &usize| Scope {
        flow: flow.flow.clone(),
        topic: Some(flow.topics[*place].source.clone()),
        partition: None,
    };
    // A topic is as its worst lane; one that has another that reads can still be paused.
    let of_lanes = |place: &usize| flow.topics[*place].lanes.iter().map(|lane| RowState::of_lane(&lane.state));
    let states = places.iter().flat_map(|place| of_lanes(place).chain([rows.all[*place].state])).collect();
    let what = match keys.as_slice() {
        [topic] => format!("topic {topic}"),
        keys => format!("{} topics", keys.len()),
    };
    Some(Aim { scopes: places.iter().map(scope).collect(), states, what })
}
