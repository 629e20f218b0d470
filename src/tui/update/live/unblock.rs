//! The choices about something blocked: opened for the row of the cursor, taken with a question before it is done.

use super::{flow, is_open, lane_at_hand, position, topic_at_hand};
use crate::engine::{
    BlockedReason, Choice, Command, FlowSnapshot, FlowState, LaneState, Scope, TopicSnapshot, TopicState,
};
use crate::model::{StartPosition, TopicName};
use crate::tui::effect::Effect;
use crate::tui::equivalent::in_a_shell;
use crate::tui::keymap::{Action, Danger};
use crate::tui::model::Model;
use crate::tui::model::input_line::InputLine;
use crate::tui::model::live::unblock::Unblock;
use crate::tui::model::overlay::{Deed, Overlay};
use crate::tui::model::toast::ToastTone;
use crate::tui::remedies::{Whereabouts, remedy_for};
use crate::tui::update::confirm::{self, Question};
use crate::tui::update::toast;

/// Something blocked.
pub(in crate::tui::update) struct Found<'a> {
    pub(in crate::tui::update) scopes: Vec<Scope>,
    pub(in crate::tui::update) why: &'a BlockedReason,
    /// The same in words: "topic orders", "orders/3", "2 partitions of orders", "flow eu-to-us".
    pub(in crate::tui::update) what: String,
    /// Where commands are about.
    pub(in crate::tui::update) place: (TopicName, Option<i32>),
}

/// Why nothing can be chosen for the row of the cursor.
pub(super) fn enabled(model: &Model) -> Result<(), String> {
    let Some(flow) = flow(model) else { return Err("there is no flow here".into()) };
    if found(model, flow).is_some() || left_alone(model).is_some() {
        return Ok(());
    }
    let what = match (topic_at_hand(model), lane_at_hand(model)) {
        (Some(topic), Some(lane)) => format!("{}/{}", topic.source, lane.partition),
        (Some(topic), None) => topic.source.to_string(),
        (None, _) => flow.flow.to_string(),
    };
    Err(format!("{what} is not blocked: there is nothing to decide"))
}

/// What is blocked: the row of the cursor, or the flow as a whole.
fn found<'a>(model: &'a Model, flow: &'a FlowSnapshot) -> Option<Found<'a>> {
    if let Some(topic) = topic_at_hand(model)
        && let Some(found) = found_in(model, flow, topic)
    {
        return Some(found);
    }
    let is_elsewhere = flow.blocked_topics().next().is_some() || flow.blocked_lanes().next().is_some();
    let FlowState::Blocked { why } = &flow.state else { return None };
    (!is_elsewhere).then(|| Found {
        scopes: vec![Scope::flow(flow.flow.clone())],
        why,
        what: format!("flow {}", flow.flow),
        place: ("TOPIC".into(), None),
    })
}

/// The topic as a whole, or lanes of it that are blocked for one kind of reason.
fn found_in<'a>(model: &Model, flow: &FlowSnapshot, topic: &'a TopicSnapshot) -> Option<Found<'a>> {
    let name = &topic.source;
    let scope = |partition| Scope { flow: flow.flow.clone(), topic: Some(name.clone()), partition };
    if let TopicState::Blocked { why } = &topic.state {
        let what = format!("topic {name}");
        return Some(Found { scopes: vec![scope(None)], why, what, place: (name.clone(), None) });
    }
    let wanted = if is_open(model) { Some(lane_at_hand(model)?.partition) } else { None };
    let mut blocked = topic.lanes.iter().filter_map(|lane| match &lane.state {
        LaneState::Blocked { why } if wanted.is_none_or(|wanted| wanted == lane.partition) => Some((lane, why)),
        _ => None,
    });
    let (first, why) = blocked.next()?;
    // Others that are blocked for another reason want a decision of their own.
    let alike = blocked.filter(|(_, other)| other.label() == why.label()).map(|(lane, _)| lane.partition);
    let partitions: Vec<i32> = std::iter::once(first.partition).chain(alike).collect();
    let (what, place) = match partitions.as_slice() {
        [partition] => (format!("{name}/{partition}"), (name.clone(), Some(*partition))),
        partitions => (format!("{} partitions of {name}", partitions.len()), (name.clone(), None)),
    };
    Some(Found { scopes: partitions.into_iter().map(|partition| scope(Some(partition))).collect(), why, what, place })
}

/// The topic of the cursor, if it is new and left alone: there is one thing to decide about it.
fn left_alone(model: &Model) -> Option<&TopicSnapshot> {
    topic_at_hand(model).filter(|topic| topic.state == TopicState::Ignored)
}

/// Opens the choices for what is blocked. Of a topic that is left alone there is only one, so it is asked at once.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let Some(flow) = flow(model) else { return Vec::new() };
    let alone = left_alone(model).map(|topic| Found {
        scopes: vec![Scope { flow: flow.flow.clone(), topic: Some(topic.source.clone()), partition: None }],
        why: &BlockedReason::NewTopic,
        what: format!("topic {}", topic.source),
        place: (topic.source.clone(), None),
    });
    let is_alone = alone.is_some();
    if is_alone && model.is_read_only {
        toast(model, ToastTone::Warn, READ_ONLY);
        return Vec::new();
    }
    let Some(found) = alone.or_else(|| found(model, flow)) else { return Vec::new() };
    let unblock = choices(model, flow, found);
    model.overlays.push(Overlay::Unblock(Box::new(unblock)));
    if is_alone { take(model, Choice::Mirror) } else { Vec::new() }
}

/// The choices about what is blocked for one kind of reason.
pub(in crate::tui::update) fn choices(model: &Model, flow: &FlowSnapshot, found: Found<'_>) -> Unblock {
    let Found { scopes, why, what, place: (topic, partition) } = found;
    // A record is left out lane by lane: each has its own.
    let is_possible = |choice: &Choice| *choice != Choice::SkipRecord || scopes.len() == 1;
    let choices = why.choices().iter().copied().filter(is_possible).collect();
    let remedy = remedy_for(model, flow, (&topic, partition), why);
    Unblock { what, why: why.clone(), choices, remedy, scopes, cursor: 0, line: None }
}

/// A key while the choices are open.
pub(in crate::tui::update) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let is_read_only = model.is_read_only;
    let Some(Overlay::Unblock(unblock)) = model.overlays.last_mut() else { return Vec::new() };
    let last = unblock.entries().saturating_sub(1);
    match action {
        Action::Down => unblock.cursor = (unblock.cursor + 1).min(last),
        Action::Up => unblock.cursor = unblock.cursor.saturating_sub(1),
        Action::Accept if unblock.line.is_some() => return resume_at(model),
        Action::Accept | Action::Copy => {
            if let Some(command) = unblock.command() {
                return vec![Effect::Copy(command.to_owned())];
            }
            match unblock.choice() {
                Some(_) if action == Action::Copy => {
                    toast(model, ToastTone::Info, "this is done here, with enter; the commands below can be copied");
                }
                Some(_) if is_read_only => toast(model, ToastTone::Warn, READ_ONLY),
                Some(Choice::ResumeAt) => unblock.line = Some(InputLine::default()),
                Some(choice) => return take(model, choice),
                None => {}
            }
        }
        _ if unblock.line.take().is_some() => {}
        _ => drop(model.overlays.pop()),
    }
    Vec::new()
}

/// Why nothing is done where nothing may be changed.
pub(in crate::tui) const READ_ONLY: &str = "this console may only look: it was started with --read-only";

/// Asks for a choice that needs nothing typed but a confirmation.
pub(in crate::tui::update) fn take(model: &mut Model, choice: Choice) -> Vec<Effect> {
    let Some(Overlay::Unblock(unblock)) = model.overlays.last().cloned() else { return Vec::new() };
    let Some(flow) = flow_of(model, &unblock) else { return gone(model) };
    let what = unblock.what.clone();
    let mut equivalent = None;
    let (question, lines, danger, name, commands) = match choice {
        Choice::Retry => (
            format!("Try {what} again?"),
            vec!["It goes on where it is, if the cause is gone; otherwise it is blocked again.".to_owned()],
            Danger::Reversible,
            flow.flow.to_string(),
            unblock.scopes.iter().cloned().map(|scope| Command::Resume { scope }).collect(),
        ),
        Choice::SkipRecord => {
            let Some((scope, offset)) = unblock.record() else { return Vec::new() };
            let lines = vec![
                format!("The record at offset {offset} of {what} will be missing on the target, for good."),
                "Everything behind it is copied.".to_owned(),
            ];
            equivalent = shell(model, &flow, scope, |place| place.skip(offset));
            let command = Command::SkipRecord { scope: scope.clone(), offset };
            (format!("Leave out the record at {offset}?"), lines, Danger::Typed, offset.to_string(), vec![command])
        }
        Choice::Adopt => {
            let BlockedReason::WrittenByOtherFlow { by, .. } = &unblock.why else { return Vec::new() };
            let lines = vec![
                format!("All partitions of {} without progress go on where group {} has stopped.", flow.flow, by.group),
                "That group is left as it is. It must not be running.".to_owned(),
            ];
            equivalent = unblock.remedy.ways.first().and_then(|way| in_a_shell(model, way.command.clone()));
            let command = Command::Adopt { flow: flow.flow.clone(), from: by.group.to_string() };
            (format!("Adopt the progress of {}?", by.group), lines, Danger::Asked, flow.flow.to_string(), vec![command])
        }
        Choice::Mirror => {
            let [scope @ Scope { topic: Some(topic), .. }] = unblock.scopes.as_slice() else { return Vec::new() };
            let lines = vec![
                format!("All records of {topic} are copied, from its beginning."),
                "From then on it is one of the flow's topics, also when kmirror is started anew.".to_owned(),
            ];
            equivalent = shell(model, &flow, scope, |place| place.mirror_new());
            let command = Command::MirrorTopic { flow: flow.flow.clone(), topic: topic.clone() };
            (format!("Mirror {topic}?"), lines, Danger::Asked, flow.flow.to_string(), vec![command])
        }
        Choice::Ignore => {
            let [Scope { topic: Some(topic), .. }] = unblock.scopes.as_slice() else { return Vec::new() };
            let lines = vec![
                format!("Nothing of {topic} is copied. It is asked about again when kmirror is started anew."),
                "An exclude rule leaves it out for good.".to_owned(),
            ];
            let command = Command::IgnoreTopic { flow: flow.flow.clone(), topic: topic.clone() };
            (format!("Leave {topic} alone?"), lines, Danger::Asked, flow.flow.to_string(), vec![command])
        }
        Choice::ResumeAt => return Vec::new(),
    };
    model.overlays.pop();
    let env = model.flow_env(&flow);
    let question = Question { question, lines, name, danger, env, then: Deed::Send(commands) };
    confirm::ask_or_type(model, question, equivalent)
}

/// Asks for the position that was typed.
fn resume_at(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Unblock(unblock)) = model.overlays.last().cloned() else { return Vec::new() };
    let typed = unblock.line.as_ref().map_or("", |line| line.text().trim());
    let at: StartPosition = match typed.parse() {
        Ok(at) => at,
        Err(error) => {
            toast(model, ToastTone::Warn, format!("{error}"));
            return Vec::new();
        }
    };
    let Some(flow) = flow_of(model, &unblock) else { return gone(model) };
    let lines = position::consequence(&flow, &unblock.scopes, &at);
    let equivalent = resume_command(model, &flow, &unblock.scopes, &at);
    model.overlays.pop();
    let command = |scope| Command::ResumeAt { scope, at: at.clone() };
    let question = Question {
        question: format!("Go on with {} at {at}?", unblock.what),
        lines,
        name: flow.flow.to_string(),
        danger: Danger::Asked,
        env: model.flow_env(&flow),
        then: Deed::Send(unblock.scopes.iter().cloned().map(command).collect()),
    };
    confirm::ask_or_type(model, question, equivalent)
}

/// The same in a shell, for all of the places at once.
fn resume_command(model: &Model, flow: &FlowSnapshot, scopes: &[Scope], at: &StartPosition) -> Option<String> {
    let whereabouts = Whereabouts::of(model, flow);
    let place = |scope: &'_ Scope| Some((scope.topic.clone()?, scope.partition));
    let places: Vec<(TopicName, Option<i32>)> = scopes.iter().map(place).collect::<Option<_>>()?;
    let option = |(topic, partition): &(TopicName, Option<i32>)| {
        whereabouts.place(model, flow, topic, *partition).resume_option(&at.to_string())
    };
    let options: Vec<String> = places.iter().map(option).collect();
    let (topic, partition) = places.first()?;
    in_a_shell(model, whereabouts.place(model, flow, topic, *partition).run(&options.join(" ")))
}

/// The same in a shell.
fn shell(
    model: &Model,
    flow: &FlowSnapshot,
    scope: &Scope,
    command: impl FnOnce(&crate::report::Place<'_>) -> String,
) -> Option<String> {
    let topic: &TopicName = scope.topic.as_ref()?;
    let whereabouts = Whereabouts::of(model, flow);
    let place = whereabouts.place(model, flow, topic, scope.partition);
    in_a_shell(model, command(&place))
}

fn flow_of(model: &Model, unblock: &Unblock) -> Option<std::sync::Arc<FlowSnapshot>> {
    let name = &unblock.scopes.first()?.flow;
    model.snapshot.flows.iter().find(|flow| flow.flow == *name).cloned()
}

/// The flow is no longer there to be told.
fn gone(model: &mut Model) -> Vec<Effect> {
    model.overlays.pop();
    toast(model, ToastTone::Warn, "the flow is gone");
    Vec::new()
}
