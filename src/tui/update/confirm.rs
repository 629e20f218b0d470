//! Questions before something is done, as loud as it is dangerous.

use crate::config::ClusterEnv;
use crate::report::ShellCommand;
use crate::tui::effect::Effect;
use crate::tui::equivalent::equivalent;
use crate::tui::keymap::{Action, Danger};
use crate::tui::model::Model;
use crate::tui::model::input_line::InputLine;
use crate::tui::model::overlay::{Confirm, Deed, Overlay};
use crate::tui::model::toast::ToastTone;

use super::{editor, run, toast};

/// What is asked.
pub(super) struct Question {
    pub(super) question: String,
    pub(super) lines: Vec<String>,
    /// What must be typed where that is due.
    pub(super) name: String,
    pub(super) danger: Danger,
    pub(super) env: ClusterEnv,
    pub(super) then: Deed,
}

/// Asks as loud as it must be; does it at once where nothing needs to be asked.
pub(super) fn ask(model: &mut Model, question: Question) -> Vec<Effect> {
    ask_or_type(model, question, None)
}

/// The same, and tells the command that does it in a shell, where there is one.
pub(super) fn ask_or_type(model: &mut Model, question: Question, equivalent: Option<String>) -> Vec<Effect> {
    let Question { question, lines, name, danger, env, then } = question;
    let is_prod = env == ClusterEnv::Prod;
    let danger = if is_prod { danger.raised() } else { danger };
    if danger < Danger::Asked {
        return carry_out(model, then);
    }
    let typed = InputLine::default();
    let confirm = Confirm { question, lines, danger, is_prod, name, typed, equivalent, then };
    model.overlays.push(Overlay::Confirm(Box::new(confirm)));
    Vec::new()
}

/// Leaves the console; asks first while something runs.
pub(super) fn quit(model: &mut Model) -> Vec<Effect> {
    if let Some(Overlay::Confirm(confirm)) = model.overlays.last()
        && confirm.then == Deed::End
    {
        return vec![Effect::End];
    }
    let running: Vec<String> =
        model.snapshot.flows.iter().filter(|flow| flow.state.is_up()).map(|flow| flow.flow.to_string()).collect();
    let unsaved = model.editor.unsaved();
    let staged = model.offsets.staged();
    if running.is_empty() && unsaved.is_empty() && staged.is_empty() {
        return vec![Effect::End];
    }
    let mut lines = Vec::new();
    if !unsaved.is_empty() {
        let drafts = if unsaved.len() == 1 { "1 draft is".to_owned() } else { format!("{} drafts are", unsaved.len()) };
        lines.push(format!("{drafts} not saved and would be lost: {}.", unsaved.join(", ")));
    }
    if !staged.is_empty() {
        lines.push(format!("Positions that are edited and not set would be lost: {}.", staged.join(", ")));
    }
    if !running.is_empty() {
        let flows = if running.len() == 1 { "1 flow runs".to_owned() } else { format!("{} flows run", running.len()) };
        lines.push(format!("{flows} in this process: {}.", running.join(", ")));
        lines.push("They stop in order: what is on its way is delivered and committed.".into());
        let run = equivalent(model, &ShellCommand::Run(None));
        lines.extend(run.map(|command| format!("To mirror without a screen: {command}")));
    }
    let question = Question {
        question: "Leave kmirror?".into(),
        lines,
        name: String::new(),
        danger: Danger::Asked,
        env: ClusterEnv::Dev,
        then: Deed::End,
    };
    ask(model, question)
}

/// Why a key of a question does nothing.
pub(super) fn enabled(model: &Model, action: Action) -> Result<(), String> {
    match model.overlays.last() {
        Some(Overlay::Confirm(confirm)) if action == Action::Copy && confirm.equivalent.is_none() => {
            Err("no command in a shell does this".into())
        }
        _ => Ok(()),
    }
}

/// An answer.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Overlay::Confirm(confirm)) = model.overlays.last() else { return Vec::new() };
    match action {
        Action::Copy => return confirm.equivalent.clone().map(Effect::Copy).into_iter().collect(),
        Action::Yes => {}
        Action::Accept if confirm.typed.text().trim() == confirm.name => {}
        Action::Accept => {
            let text = format!("type {} to do it, or esc to leave it", confirm.name);
            toast(model, ToastTone::Warn, text);
            return Vec::new();
        }
        _ => {
            model.overlays.pop();
            return Vec::new();
        }
    }
    match model.overlays.pop() {
        Some(Overlay::Confirm(confirm)) => carry_out(model, confirm.then),
        _ => Vec::new(),
    }
}

fn carry_out(model: &mut Model, deed: Deed) -> Vec<Effect> {
    match deed {
        Deed::Run(job) => {
            editor::begun(model, &job);
            vec![run(model, job)]
        }
        Deed::Discard => editor::discard(model),
        Deed::Send(commands) => commands.into_iter().map(Effect::Send).collect(),
        Deed::End => vec![Effect::End],
    }
}
