//! The page before positions are set: everything is looked up once more, then asked for as loud as it is dangerous.

use crate::model::FlowName;
use crate::report::{ShellCommand, number};
use crate::tui::effect::Effect;
use crate::tui::equivalent::equivalent as written;
use crate::tui::keymap::{Action, Danger};
use crate::tui::model::Model;
use crate::tui::model::list::ListState;
use crate::tui::model::offsets::changes::Changes;
use crate::tui::model::overlay::Deed;
use crate::tui::services::{Job, OffsetsJob};
use crate::tui::update::confirm::{self, Question};

use super::{due, env, is_setting, running, settle};

/// Bytes of a command that a question tells.
const EQUIVALENT_MAX: usize = 300;

/// Opens the page.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    if let Some(desk) = model.offsets.desk_mut() {
        // What is set is what is read now: logs have moved since it was typed.
        desk.draft.forget();
        desk.lookup_error = None;
        desk.version += 1;
    }
    model.offsets.review = Some(ListState::default());
    settle(model);
    due::ask(model)
}

/// Why what is staged cannot be set now.
pub(in crate::tui) fn hindrance(model: &Model) -> Option<String> {
    let page = &model.offsets;
    let desk = page.desk()?;
    if is_setting(model) {
        return Some("positions are being set".into());
    }
    let changes = page.changes()?;
    if changes.pending > 0
        && let Some((error, _)) = &desk.lookup_error
    {
        return Some(format!("failed to {}", error.message));
    }
    if let Some(hindrance) = changes.hindrance() {
        return Some(hindrance);
    }
    // Kafka takes no positions for a group while somebody is in it, but from its members.
    let members = &desk.offsets.as_ref()?.members;
    match members.as_slice() {
        [] => None,
        _ if running(model).is_some() => None,
        [member, rest @ ..] => {
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            Some(format!("the group is in use by {}{more}: it has to leave first", member.name))
        }
    }
}

/// Why a key of the page does nothing now.
pub(super) fn enabled(model: &Model, action: Action) -> Result<(), String> {
    match action {
        Action::Apply => hindrance(model).map_or(Ok(()), Err),
        Action::CopyCommand if equivalent(model).is_none() => Err("there is no command for this".into()),
        _ => Ok(()),
    }
}

/// The same in a shell. The demo's clusters are out of a shell's reach.
pub(in crate::tui) fn equivalent(model: &Model) -> Option<String> {
    let (flow, changes) = (model.offsets.flow.as_ref()?, model.offsets.changes()?);
    let positions = changes
        .moves
        .iter()
        .map(|planned| format!("{}:{}={}", planned.partition.topic, planned.partition.partition, planned.to));
    let positions: Vec<String> = positions.collect();
    if positions.is_empty() {
        return None;
    }
    written(model, &ShellCommand::OffsetsSet { flow: flow.clone(), positions })
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Apply => apply(model),
        Action::CopyCommand => equivalent(model).map(Effect::Copy).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn apply(model: &mut Model) -> Vec<Effect> {
    let (Some(flow), Some(changes)) = (model.offsets.flow.clone(), model.offsets.changes()) else { return Vec::new() };
    let count = changes.moves.len();
    let positions = if count == 1 { "1 position".to_owned() } else { format!("{count} positions") };
    let question = Question {
        question: format!("Set {positions} of {flow}?"),
        lines: lines(model, &flow, &changes),
        name: flow.to_string(),
        danger: Danger::Asked,
        env: env(model, &flow),
        then: Deed::Run(Job::Offsets { flow, job: OffsetsJob::Set { positions: changes.positions() } }),
    };
    // The page tells a longer one, and a question must fit the screen.
    let equivalent = equivalent(model).filter(|command| command.len() <= EQUIVALENT_MAX);
    confirm::ask_or_type(model, question, equivalent)
}

fn lines(model: &Model, flow: &FlowName, changes: &Changes) -> Vec<String> {
    let mut lines = Vec::new();
    let records = |count: u64, what: &str| format!("{} records {what}", number::exact(count));
    if changes.total.again > 0 {
        lines.push(format!("{}.", records(changes.total.again, "are copied again: the target gets them twice")));
    }
    if changes.total.left_out > 0 {
        lines.push(format!("{}.", records(changes.total.left_out, "are left out: the target never gets them")));
    }
    lines.push(how(model).to_owned());
    lines.push(format!("The old positions of {flow} are saved to a file before."));
    lines
}

/// What happens to a flow while its positions are set.
pub(in crate::tui) fn how(model: &Model) -> &'static str {
    if running(model).is_some() {
        "The flow runs: these partitions are paused, moved and resumed; the others go on."
    } else {
        "The flow does not run: it goes on there when it is started."
    }
}
