//! Error cards: what is wrong now, one problem a card, with everything there is to know and to do about it.

mod content;
mod problem;
#[cfg(test)]
mod tests;

pub(in crate::tui) use content::{Card, card};
pub(in crate::tui) use problem::{Problem, problems};

use crate::engine::Choice;
use crate::tui::effect::Effect;
use crate::tui::keymap::{Action, Danger};
use crate::tui::model::Model;
use crate::tui::model::navigation::Tab;
use crate::tui::model::overlay::{Cards, Overlay};
use crate::tui::model::toast::ToastTone;

use super::live::unblock::{self, Found};
use super::{clusters, flows, toast};

/// Lines of a page of a card.
const PAGE: usize = 8;

/// Opens the cards at the problem of what the cursor is on, or at the first.
pub(super) fn open(model: &mut Model) {
    let found = problems(model);
    if found.is_empty() {
        toast(model, ToastTone::Info, "nothing is wrong now");
        return;
    }
    let at_hand = model.flow_at_hand().map(|flow| flow.flow.clone());
    let of_flow = |problem: &Problem| Some(problem.flow()) == at_hand.as_ref();
    let cursor = found.iter().position(of_flow).unwrap_or(0);
    model.overlays.push(Overlay::Cards(Cards { cursor, top: 0 }));
}

/// Why an action cannot be done about the card that is shown.
pub(super) fn enabled(model: &Model, action: Action) -> Result<(), String> {
    let problem = at_hand(model).ok_or("nothing is wrong any more")?;
    match action {
        Action::Retry if problem.scope().is_none() => Err("there is nothing to be tried again by hand here".into()),
        Action::Unblock if problem.blocked().is_none() => {
            Err("there is nothing to decide: it goes on by itself, or once its cause is removed".into())
        }
        Action::Retry if problem.blocked().is_some_and(|why| !why.choices().contains(&Choice::Retry)) => {
            Err("it would be blocked again: decide how it is to go on".into())
        }
        Action::Test if problem.side().is_none() => Err("no cluster is to blame".into()),
        _ => Ok(()),
    }
}

/// A key while a card is shown.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let count = problems(model).len();
    let problem = at_hand(model);
    let Some(Overlay::Cards(cards)) = model.overlays.last_mut() else { return Vec::new() };
    let cursor = cards.cursor.min(count.saturating_sub(1));
    match action {
        Action::NextProblem => *cards = Cards { cursor: (cursor + 1) % count.max(1), top: 0 },
        Action::PreviousProblem => *cards = Cards { cursor: (cursor + count.max(1) - 1) % count.max(1), top: 0 },
        Action::Down => cards.top += 1,
        Action::Up => cards.top = cards.top.saturating_sub(1),
        Action::PageDown => cards.top += PAGE,
        Action::PageUp => cards.top = cards.top.saturating_sub(PAGE),
        Action::Copy => return problem.map(|problem| copy(model, &problem)).into_iter().collect(),
        Action::Retry => return problem.map(|problem| retry(model, &problem)).unwrap_or_default(),
        Action::Unblock => _ = problem.map(|problem| open_choices(model, &problem)),
        Action::Test => return problem.map(|problem| test(model, &problem)).unwrap_or_default(),
        Action::Open => {
            model.overlays.pop();
            model.live.flow = problem.map(|problem| problem.flow().clone());
            return super::act::go(model, Tab::Live);
        }
        _ => drop(model.overlays.pop()),
    }
    bound_scroll(model);
    Vec::new()
}

/// The problem of the card that is shown.
fn at_hand(model: &Model) -> Option<Problem> {
    let cards = model.overlays.iter().rev().find_map(|overlay| match overlay {
        Overlay::Cards(cards) => Some(*cards),
        _ => None,
    })?;
    let mut found = problems(model);
    (!found.is_empty()).then(|| found.swap_remove(cards.cursor.min(found.len() - 1)))
}

/// What is to be typed, or where there is nothing the card itself.
fn copy(model: &Model, problem: &Problem) -> Effect {
    let card = card(model, problem);
    let commands: Vec<String> = card.fixes.iter().filter_map(|fix| fix.command.clone()).collect();
    Effect::Copy(if commands.is_empty() { card.text() } else { commands.join("\n") })
}

fn retry(model: &mut Model, problem: &Problem) -> Vec<Effect> {
    if let Problem::Refused { flow, .. } = problem {
        let flow = model.snapshot.flow(flow).cloned();
        let start = |flow| flows::order_for(model, &flow, Action::Start, Danger::Reversible);
        return flow.map(start).unwrap_or_default();
    }
    if open_choices(model, problem) { unblock::take(model, Choice::Retry) } else { Vec::new() }
}

/// Opens the choices that Live has for what is blocked; whether there are some.
fn open_choices(model: &mut Model, problem: &Problem) -> bool {
    let (Some(scope), Some(why)) = (problem.scope(), problem.blocked()) else { return false };
    let Some(flow) = model.snapshot.flow(&scope.flow) else { return false };
    let (what, place) = match (&scope.topic, scope.partition) {
        (Some(topic), Some(partition)) => (format!("{topic}/{partition}"), (topic.clone(), Some(partition))),
        (Some(topic), None) => (format!("topic {topic}"), (topic.clone(), None)),
        (None, _) => (format!("flow {}", scope.flow), ("TOPIC".into(), None)),
    };
    let choices = unblock::choices(model, flow, Found { scopes: vec![scope], why, what, place });
    model.overlays.push(Overlay::Unblock(Box::new(choices)));
    true
}

/// Tests the cluster that is to blame, where clusters are tested.
fn test(model: &mut Model, problem: &Problem) -> Vec<Effect> {
    let flow = model.snapshot.flow(problem.flow());
    let cluster = flow.zip(problem.side()).map(|(flow, side)| match side {
        crate::engine::Side::Source => flow.source.clone(),
        crate::engine::Side::Target => flow.target.clone(),
    });
    let Some(cluster) = cluster else { return Vec::new() };
    model.overlays.pop();
    let mut effects = super::act::go(model, Tab::Clusters);
    effects.extend(clusters::test(model, &cluster));
    effects
}

/// Nobody scrolls past the end of a card, however narrow the window.
fn bound_scroll(model: &mut Model) {
    let Some(problem) = at_hand(model) else { return };
    let columns = usize::from(model.size.0).saturating_sub(12).clamp(10, 90);
    let lines = card(model, &problem).text().lines().map(|line| 1 + line.len() / columns).sum();
    if let Some(Overlay::Cards(cards)) = model.overlays.last_mut() {
        cards.top = cards.top.min(lines);
    }
}
