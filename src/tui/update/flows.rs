//! The flows: which are shown in which order, and what can be done to one.

use std::cmp::Ordering;
use std::time::Duration;

use crate::engine::{Command, FlowSnapshot, FlowState, LaneSnapshot, LaneState, Scope};
use crate::tui::effect::Effect;
use crate::tui::keymap::{Action, Binding, Context, Danger};
use crate::tui::model::Model;
use crate::tui::model::list::{ListState, RowKeys};
use crate::tui::model::listing::{self, Listing};
use crate::tui::model::navigation::Tab;
use crate::tui::model::overlay::Deed;
use crate::tui::model::toast::ToastTone;
use crate::tui::page::Page;
use crate::tui::remedies::run_command;
use crate::tui::words::flow_state_word;

use super::{confirm, editor, first_run, live, toast};

/// How long a stop may wait for what is in flight.
pub(super) const DRAIN_TIMEOUT: Duration = Duration::from_secs(30);

/// The page.
pub(in crate::tui) struct Flows;

impl Page for Flows {
    fn contexts(&self, model: &Model) -> Vec<Context> {
        if first_run::is_first_run(model) {
            return vec![Context::FirstRun];
        }
        vec![Context::Flows]
    }

    fn list<'a>(&self, model: &'a Model) -> Option<&'a ListState> {
        (!first_run::is_first_run(model)).then_some(&model.flows.list)
    }

    fn first_list<'a>(&self, model: &'a Model) -> Option<&'a ListState> {
        Some(&model.flows.list)
    }

    fn list_mut<'a>(&self, model: &'a mut Model) -> Option<&'a mut ListState> {
        (!first_run::is_first_run(model)).then_some(&mut model.flows.list)
    }

    fn rows(&self, model: &Model) -> RowKeys {
        rows(model).into_iter().map(|flow| flow.flow.to_string()).collect()
    }

    fn has_problem(&self, model: &Model, row: &str) -> bool {
        model.snapshot.flow(&row.into()).is_some_and(|flow| has_problem(model, flow))
    }

    /// Name, state, topics, rate, lag, ETA.
    fn sorts(&self) -> usize {
        6
    }

    fn listing(&self, model: &Model, row: Option<&str>) -> Listing {
        let heads =
            &["flow", "source", "target", "state", "topics", "records_per_second", "lag_records", "eta_seconds"];
        let is_wanted = |flow: &&FlowSnapshot| row.is_none_or(|row| flow.flow.as_str() == row);
        let cells = |flow: &FlowSnapshot| {
            vec![
                flow.flow.as_str().into(),
                flow.source.as_str().into(),
                flow.target.as_str().into(),
                flow_state_word(&flow.state).into(),
                flow.topics.len().into(),
                listing::rate(flow.records_per_second),
                // A part of it is not the lag.
                flow.lag_records.filter(|_| flow.unseen_lanes == 0).into(),
                flow.eta_seconds.into(),
            ]
        };
        Listing { heads, rows: rows(model).into_iter().filter(is_wanted).map(cells).collect() }
    }

    fn enabled(&self, model: &Model, binding: &Binding) -> Result<(), String> {
        match binding.action {
            Action::Start | Action::Pause | Action::Stop => enabled(model, binding.action),
            Action::DeleteFlow if model.is_read_only => {
                Err("this console may only look: it was started with --read-only".into())
            }
            Action::EditFlow | Action::CloneFlow | Action::DeleteFlow => match model.flow_at_hand() {
                None => Err("there is no flow here".into()),
                Some(flow) if binding.action == Action::DeleteFlow && !is_stopped(flow) => {
                    Err(format!("{} runs: S stops it, then it can be deleted", flow.flow))
                }
                Some(_) => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn act(&self, model: &mut Model, binding: &'static Binding) -> Vec<Effect> {
        if binding.context == Context::FirstRun {
            return first_run::act(model, binding.action);
        }
        act(model, binding)
    }
}

/// The flows that are shown, in their order.
pub(in crate::tui) fn rows(model: &Model) -> Vec<&FlowSnapshot> {
    let list = &model.flows.list;
    let mut fits = list.filter.matcher();
    let is_wanted = |flow: &&FlowSnapshot| {
        (!list.is_problems_only || has_problem(model, flow))
            && fits(&format!("{} {} {}", flow.flow, flow.source, flow.target))
    };
    let mut rows: Vec<&FlowSnapshot> = model.snapshot.flows.iter().map(AsRef::as_ref).filter(is_wanted).collect();
    let order = |a: &&FlowSnapshot, b: &&FlowSnapshot| {
        let order = compare(model, a, b, list.sort.column);
        if list.sort.is_descending { order.reverse() } else { order }
    };
    rows.sort_by(order);
    rows
}

fn compare(model: &Model, a: &FlowSnapshot, b: &FlowSnapshot, column: usize) -> Ordering {
    match column {
        1 => severity(model, a).cmp(&severity(model, b)),
        2 => a.topics.len().cmp(&b.topics.len()),
        3 => a.records_per_second.total_cmp(&b.records_per_second),
        4 => a.lag_records.cmp(&b.lag_records),
        // Who will never be done comes last.
        5 => a.eta_seconds.unwrap_or(u64::MAX).cmp(&b.eta_seconds.unwrap_or(u64::MAX)),
        _ => a.flow.cmp(&b.flow),
    }
}

/// The worst first.
fn severity(model: &Model, flow: &FlowSnapshot) -> u8 {
    match &flow.state {
        FlowState::Blocked { .. } | FlowState::Refused { .. } => 0,
        _ if has_problem(model, flow) => 1,
        FlowState::Waiting { .. } => 2,
        FlowState::Paused => 3,
        FlowState::Stopped => 4,
        FlowState::Draining | FlowState::Starting | FlowState::Joining => 5,
        FlowState::Running => 6,
        FlowState::CaughtUp => 7,
    }
}

/// Whether somebody should look.
pub(in crate::tui) fn has_problem(model: &Model, flow: &FlowSnapshot) -> bool {
    matches!(flow.state, FlowState::Blocked { .. } | FlowState::Refused { .. } | FlowState::Waiting { .. })
        || flow.blocked_topics().next().is_some()
        || !model.summaries.get(flow).blocked_lanes.is_empty()
}

/// Whether something of it is held by an operator.
fn has_paused_lanes(model: &Model, flow: &FlowSnapshot) -> bool {
    model.summaries.get(flow).has_paused_lanes
}

/// Whether the flow is held as a whole. Its state is `Paused` already when one partition is, and the others have
/// nothing to do.
pub(in crate::tui) fn is_paused(flow: &FlowSnapshot) -> bool {
    let mut lanes = flow.topics.iter().flat_map(|topic| &topic.lanes);
    let is_held = |lane: &LaneSnapshot| matches!(lane.state, LaneState::Paused | LaneState::Blocked { .. });
    flow.state == FlowState::Paused && lanes.all(is_held)
}

fn is_stopped(flow: &FlowSnapshot) -> bool {
    !flow.state.is_up()
}

/// Why the flow at hand cannot be started, paused or stopped now.
pub(super) fn enabled(model: &Model, action: Action) -> Result<(), String> {
    let Some(flow) = model.flow_at_hand() else { return Err("there is no flow here".into()) };
    let name = &flow.flow;
    match (action, &flow.state) {
        (_, FlowState::Draining) => Err(format!("{name} is stopping: wait until it has stopped")),
        (Action::Start, _) if is_stopped(flow) || flow.state == FlowState::Paused || has_paused_lanes(model, flow) => {
            Ok(())
        }
        (Action::Start, _) if has_problem(model, flow) => Ok(()),
        (Action::Start, _) => Err(format!("{name} runs already")),
        (Action::Pause | Action::Stop, _) if is_stopped(flow) => Err(format!("{name} does not run: r starts it")),
        (Action::Pause, _) if is_paused(flow) => Err(format!("{name} is paused already: r lets it go on")),
        _ => Ok(()),
    }
}

/// Does something with the flow at hand.
pub(super) fn act(model: &mut Model, binding: &'static Binding) -> Vec<Effect> {
    if binding.action == Action::NewFlow {
        return editor::new_flow(model, None, Vec::new());
    }
    let Some(flow) = model.flow_at_hand().cloned() else { return Vec::new() };
    match binding.action {
        Action::EditFlow => editor::edit_flow(model, flow.flow),
        Action::CloneFlow => editor::clone_flow(model, flow.flow),
        Action::DeleteFlow => editor::delete_flow(model, &flow.flow),
        Action::Open => open(model, &flow),
        Action::Copy => vec![Effect::Copy(flow.flow.to_string())],
        action => order(model, action, binding.danger),
    }
}

/// Has the flow at hand started, paused or stopped, after asking where that is due.
pub(super) fn order(model: &mut Model, action: Action, danger: Danger) -> Vec<Effect> {
    match model.flow_at_hand().cloned() {
        Some(flow) => order_for(model, &flow, action, danger),
        None => Vec::new(),
    }
}

/// The same with any flow.
pub(super) fn order_for(model: &mut Model, flow: &FlowSnapshot, action: Action, danger: Danger) -> Vec<Effect> {
    let name = flow.flow.clone();
    let scope = Scope::flow(name.clone());
    let mut equivalent = None;
    let (verb, command, consequence) = match action {
        Action::Start if is_stopped(flow) => {
            equivalent = run_command(model, &name);
            let consequence = format!("It begins to copy from {} to {}.", flow.source, flow.target);
            ("Start", Command::Start { flow: name.clone() }, consequence)
        }
        Action::Start => {
            ("Resume", Command::Resume { scope }, "Paused lanes read again, blocked ones try again.".into())
        }
        Action::Pause => {
            ("Pause", Command::Pause { scope }, "It reads no more, and keeps its place in its group.".into())
        }
        Action::Stop => (
            "Stop",
            Command::Stop { flow: name.clone(), drain_timeout: DRAIN_TIMEOUT },
            format!(
                "It delivers and commits what is on its way ({} s at most), then leaves its group.",
                DRAIN_TIMEOUT.as_secs()
            ),
        ),
        _ => return Vec::new(),
    };
    confirm::ask_or_type(
        model,
        confirm::Question {
            question: format!("{verb} flow {name}?"),
            lines: vec![consequence],
            name: name.to_string(),
            danger,
            env: model.flow_env(flow),
            then: Deed::Send(vec![command]),
        },
        equivalent,
    )
}

fn open(model: &mut Model, flow: &FlowSnapshot) -> Vec<Effect> {
    live::show_flow(model, flow.flow.clone());
    model.navigation.go(Tab::Live);
    if live::is_open(model) {
        // Partitions of whatever was looked at before are not what was asked for.
        model.navigation.go(Tab::Live);
    }
    super::settle(model);
    if is_stopped(flow) {
        toast(model, ToastTone::Info, format!("{} does not run: r starts it", flow.flow));
    }
    Vec::new()
}
