//! What actions can be given in the palette: `:themes nord`, `:topics orders`, `:write json`.
//!
//! An action that takes something is a row here; everything else follows from it.

use crate::model::TopicName;
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::model::Model;
use crate::tui::model::listing::ListingFormat;
use crate::tui::model::navigation::Tab;
use crate::tui::update::{act, topics};

/// What an action can be given.
pub(in crate::tui) struct Argument {
    /// What it is, as it is shown behind the action's name.
    pub(in crate::tui) name: &'static str,
    /// Whether the action does nothing without it.
    pub(in crate::tui) is_needed: bool,
    /// Whether it may be something that is not among the words.
    pub(in crate::tui) is_free: bool,
    /// What can be chosen, each with what is said about it.
    pub(in crate::tui) words: fn(&Model) -> Vec<(String, String)>,
    /// Does it with one of them.
    pub(in crate::tui) run: fn(&mut Model, &str) -> Result<Vec<Effect>, String>,
}

/// What this action can be given, if it can.
pub(in crate::tui) fn of(action: Action) -> Option<Argument> {
    let optional = |name, words, run| Argument { name, is_needed: false, is_free: false, words, run };
    Some(match action {
        Action::Themes => optional("NAME", theme_words, use_theme),
        Action::GoTopics => Argument { is_free: true, ..optional("TOPIC", topic_words, show_topic) },
        Action::GoFlows => optional("FLOW", flow_words, show_flow_row),
        Action::GoLive => optional("FLOW", flow_words, show_flow),
        Action::Write => Argument { is_needed: true, ..optional("FORMAT", format_words, write) },
        _ => return None,
    })
}

fn theme_words(model: &Model) -> Vec<(String, String)> {
    let label = |name: &String| if *name == model.theme.name { "shown now".into() } else { String::new() };
    model.theme_names.iter().map(|name| (name.clone(), label(name))).collect()
}

fn use_theme(model: &mut Model, name: &str) -> Result<Vec<Effect>, String> {
    model.chosen_theme = Some(name.to_owned());
    Ok(vec![Effect::UseTheme(name.to_owned())])
}

/// The topics of the cluster that was looked at, or else those that are mirrored.
fn topic_words(model: &Model) -> Vec<(String, String)> {
    if let Some(view) = model.topics.view() {
        return view.entries.iter().map(|entry| (entry.listed.name.to_string(), String::new())).collect();
    }
    let flows = model.snapshot.flows.iter();
    let topics = flows.flat_map(|flow| flow.topics.iter().map(move |topic| (&topic.source, &flow.flow)));
    topics.map(|(topic, flow)| (topic.to_string(), format!("flow {flow}"))).collect()
}

fn show_topic(model: &mut Model, name: &str) -> Result<Vec<Effect>, String> {
    let mut effects = act::go(model, Tab::Topics);
    effects.extend(topics::show(model, TopicName::from(name)));
    Ok(effects)
}

fn flow_words(model: &Model) -> Vec<(String, String)> {
    let path = |flow: &crate::engine::FlowSnapshot| format!("{} {} {}", flow.source, model.symbols.arrow, flow.target);
    model.snapshot.flows.iter().map(|flow| (flow.flow.to_string(), path(flow))).collect()
}

fn show_flow(model: &mut Model, name: &str) -> Result<Vec<Effect>, String> {
    let flow = model.snapshot.flow(&name.into()).ok_or_else(|| format!("there is no flow `{name}`"))?;
    model.live.flow = Some(flow.flow.clone());
    Ok(act::go(model, Tab::Live))
}

fn show_flow_row(model: &mut Model, name: &str) -> Result<Vec<Effect>, String> {
    let effects = act::go(model, Tab::Flows);
    let rows = model.page().rows(model);
    let row = rows.iter().position(|row| row == name).ok_or_else(|| format!("flow `{name}` is not shown"))?;
    model.flows.list.select(row, &rows);
    Ok(effects)
}

fn format_words(_model: &Model) -> Vec<(String, String)> {
    let label = |format| match format {
        ListingFormat::Csv => "comma-separated, for spreadsheets",
        ListingFormat::Json => "an array of objects, numbers as numbers",
    };
    ListingFormat::ALL.map(|format| (format.word().to_owned(), label(format).to_owned())).to_vec()
}

fn write(model: &mut Model, word: &str) -> Result<Vec<Effect>, String> {
    let format = ListingFormat::ALL.into_iter().find(|format| format.word() == word);
    Ok(act::write_listing(model, format.ok_or_else(|| format!("`{word}` is not a format: csv or json"))?))
}
