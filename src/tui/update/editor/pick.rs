//! Marked topics for a flow: which flow, and by which rules.

use std::sync::Arc;

use crate::model::{FlowName, NamePattern, TopicName};
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::model::Model;
use crate::tui::model::editor::Then;
use crate::tui::model::overlay::{AddToFlow, Offer, Overlay};
use crate::tui::services::{FlowAnswer, FlowJob, Job};
use crate::tui::update::run;

use super::desk;

/// Opens the choice for these topics of the cluster that is shown.
pub(in crate::tui::update) fn open(model: &mut Model, marked: Vec<TopicName>) -> Vec<Effect> {
    let Some(cluster) = model.topics.cluster.clone().filter(|_| !marked.is_empty()) else { return Vec::new() };
    let entries = model.topics.view().map(|view| view.entries.as_slice()).unwrap_or_default();
    let all: Arc<[TopicName]> = entries.iter().map(|entry| entry.listed.name.clone()).collect();
    let reads = |flow: &&Arc<crate::engine::FlowSnapshot>| flow.source == cluster;
    let mut flows: Vec<FlowName> = model.snapshot.flows.iter().filter(reads).map(|flow| flow.flow.clone()).collect();
    flows.sort();
    let choice = AddToFlow { cluster, marked: marked.clone(), flows, offer: None, is_literal: false, cursor: 0 };
    model.overlays.push(Overlay::AddToFlow(Box::new(choice)));
    vec![run(model, Job::Flow(FlowJob::Propose { marked, all }))]
}

fn choice(model: &mut Model) -> Option<&mut AddToFlow> {
    model.overlays.iter_mut().find_map(|overlay| match overlay {
        Overlay::AddToFlow(choice) => Some(choice.as_mut()),
        _ => None,
    })
}

/// The rules were found.
pub(super) fn proposed(model: &mut Model, marked: &[TopicName], answer: Result<FlowAnswer, String>) {
    let entries = model.topics.view().map(|view| view.entries.as_slice()).unwrap_or_default();
    let all: Vec<TopicName> = entries.iter().map(|entry| entry.listed.name.clone()).collect();
    let Some(choice) = choice(model).filter(|choice| choice.marked == marked) else { return };
    choice.offer = match answer {
        Ok(FlowAnswer::Proposed(proposal)) => {
            let matched = matches(&proposal.patterns, &all);
            Some(Ok(Offer { proposal, matched, all: all.len() }))
        }
        Ok(_) => None,
        Err(error) => Some(Err(error)),
    };
}

/// How many of these the patterns match: told, not believed.
fn matches(patterns: &[String], all: &[TopicName]) -> usize {
    let patterns: Vec<NamePattern> = patterns.iter().filter_map(|text| NamePattern::new(text).ok()).collect();
    let is_matched =
        |topic: &&TopicName| patterns.iter().any(|pattern| pattern.is_match(topic.as_str()).unwrap_or(false));
    all.iter().filter(is_matched).count()
}

/// A key while the choice is open.
pub(in crate::tui::update) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(choice) = choice(model) else { return Vec::new() };
    let last = choice.flows.len();
    match action {
        Action::Down => choice.cursor = (choice.cursor + 1).min(last),
        Action::Up => choice.cursor = choice.cursor.saturating_sub(1),
        Action::NextWord => choice.is_literal = !choice.is_literal,
        Action::Accept => return add(model),
        _ => drop(model.overlays.pop()),
    }
    Vec::new()
}

/// Takes the rules over into a new flow or the one that is chosen.
fn add(model: &mut Model) -> Vec<Effect> {
    let Some(choice) = choice(model).cloned() else { return Vec::new() };
    let Some(Ok(offer)) = &choice.offer else { return Vec::new() };
    let patterns = if choice.is_literal { offer.proposal.literals.clone() } else { offer.proposal.patterns.clone() };
    model.overlays.pop();
    model.topics.list.marks.clear();
    match choice.cursor.checked_sub(1).and_then(|index| choice.flows.get(index)) {
        Some(flow) => desk::open(model, flow.clone(), Then::Add(patterns)),
        None => desk::new_flow(model, Some(&choice.cluster), patterns),
    }
}
