//! Which flow marked topics are for, and by which rules.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::report::number;
use crate::tui::model::Model;
use crate::tui::model::overlay::{AddToFlow, Offer};
use crate::tui::theme::Role;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::text::fold;

/// Columns of the dialog.
const COLUMNS: u16 = 76;
/// Lines of rules that are shown.
const RULES_MAX: usize = 8;

pub(super) fn draw(model: &Model, choice: &AddToFlow, within: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    let columns = usize::from(COLUMNS.min(within.width).saturating_sub(4));
    let mut lines: Vec<(String, Role, bool)> = Vec::new();
    let flows = std::iter::once("a new flow".to_owned()).chain(choice.flows.iter().map(ToString::to_string));
    for (row, flow) in flows.enumerate() {
        lines.push((format!(" {flow} "), Role::Text, row == choice.cursor));
    }
    lines.push((String::new(), Role::Text, false));
    lines.extend(rules(choice, columns).into_iter().map(|(text, role)| (text, role, false)));
    let count = choice.marked.len();
    let title = match choice.marked.as_slice() {
        [only] => format!("Add {only} to"),
        _ => format!("Add {} topics to", number::exact(count as u64)),
    };
    let rows = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    let area = super::popup(model, within, COLUMNS, rows, buffer);
    let foot = "enter add  space pattern or list  esc leave it";
    let panel = Panel { title: &title, foot, has_focus: true, ..Panel::default() };
    let inside = panel.draw(model, area, buffer);
    for (row, (text, role, is_here)) in (0..inside.height).zip(&lines) {
        let style = if *is_here { theme.selected() } else { theme.style(*role) };
        let mut pen = Pen::new(buffer, line(inside, row), model.symbols);
        pen.write(if *is_here { model.symbols.crumb } else { " " }, theme.style(Role::Accent)).write(text, style);
    }
}

fn rules(choice: &AddToFlow, columns: usize) -> Vec<(String, Role)> {
    let offer = match &choice.offer {
        None => return vec![("looking for the shortest pattern".into(), Role::Dim)],
        Some(Err(error)) => return vec![(format!("failed to {error}"), Role::Err)],
        Some(Ok(offer)) => offer,
    };
    let (first, second) = if choice.is_literal { (" ", "●") } else { ("●", " ") };
    let literals = &offer.proposal.literals;
    let mut lines = vec![(format!("({first}) as a pattern   {}", matched(choice, offer)), Role::Text)];
    lines.extend(some(&offer.proposal.patterns, columns, !choice.is_literal));
    let listed = format!("({second}) one by one     {} rules; nothing else ever matches", literals.len());
    lines.push((listed, Role::Text));
    lines.extend(some(literals, columns, choice.is_literal));
    lines
}

fn matched(choice: &AddToFlow, offer: &Offer) -> String {
    let exact = |count: usize| number::exact(count as u64);
    let all = exact(offer.all);
    if offer.matched == choice.marked.len() {
        format!("matches exactly these {} of {all} topics; new ones like them, too", exact(offer.matched))
    } else {
        format!("matches {} of {all} topics", exact(offer.matched))
    }
}

fn some(rules: &[String], columns: usize, is_chosen: bool) -> Vec<(String, Role)> {
    let role = if is_chosen { Role::Accent } else { Role::Dim };
    let most = if is_chosen { RULES_MAX } else { 2 };
    let mut lines: Vec<(String, Role)> = rules
        .iter()
        .flat_map(|rule| fold(rule, columns.saturating_sub(6)))
        .take(most)
        .map(|text| (format!("    {text}"), role))
        .collect();
    if rules.len() > most {
        lines.push((format!("    and {} more", rules.len() - most), Role::Dim));
    }
    lines
}
