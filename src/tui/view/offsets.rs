//! Where a flow's partitions go on, as it is edited.
//!
//! ```text
//! f scope  topic  flow  marked   m show  all  edited  problem      4 edits staged  watermarks 2s ago  flow is stopped
//! +- Partitions ----------------------------------------------------------------------------------------------------+
//! |  the sheet; below it the partition of the cursor, in words                                                       |
//! +-----------------------------------------------------------------------------------------------------------------+
//! +- Effect -----------------------------------------------------------++- Staged edits ----------------------------+
//! ```

mod detail;
mod effect;
mod flows;
mod review;
mod saved;
mod sheet;
mod staged;
mod words;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::report::number;
use crate::tui::keymap::{Action, keys_text};
use crate::tui::model::offsets::{Desk, EditScope};
use crate::tui::model::{Density, Model};
use crate::tui::theme::Role;
use crate::tui::update::offsets;
use crate::tui::widget::pen::{Pen, line, write_right};
use crate::tui::widget::text::{width, wrap};
use crate::tui::words::flow_state_word;

pub(super) use saved::draw as draw_saved;

/// Rows of the panels below the sheet.
const BELOW: u16 = 11;
/// Columns of the panel at their left.
const EFFECT: u16 = 72;

pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let page = &model.offsets;
    let Some(desk) = page.desk().filter(|_| page.flow.is_some()) else {
        return flows::draw(model, area, buffer);
    };
    if page.review.is_some() {
        return review::draw(model, desk, area, buffer);
    }
    head(model, desk, line(area, 0), buffer);
    let area = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    match model.density() {
        // There is nothing to be said about it.
        _ if desk.offsets.is_none() => sheet::draw(model, desk, area, buffer),
        Density::Wide => {
            let (upper, lower) = cut(area, BELOW);
            sheet::draw(model, desk, upper, buffer);
            let left = Rect { width: EFFECT.min(lower.width), ..lower };
            effect::draw(model, desk, left, buffer);
            let right = Rect { x: left.right(), width: lower.width - left.width, ..lower };
            staged::draw(model, desk, right, buffer);
        }
        Density::Normal => {
            let (upper, effect) = cut(area, 7);
            let (upper, detail) = cut(upper, 4);
            sheet::draw(model, desk, upper, buffer);
            detail::draw(model, desk, detail, buffer);
            effect::draw(model, desk, effect, buffer);
        }
        Density::Tiny => {
            let (upper, detail) = cut(area, if area.height > 5 { 2 } else { 0 });
            sheet::draw(model, desk, upper, buffer);
            detail::draw_lines(model, desk, detail, Naming::Short, buffer);
        }
    }
}

/// How the partition of the cursor is called in what is said about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Naming {
    /// Not at all: it stands above.
    None,
    /// `P3`, or `orders/3` where there are several topics.
    Short,
}

/// What is shown of the flow, and where it stands.
pub(super) fn crumbs(model: &Model) -> Vec<String> {
    let page = &model.offsets;
    let Some(flow) = &page.flow else { return Vec::new() };
    let mut crumbs = vec![flow.to_string()];
    match page.desk().map(|desk| &desk.scope) {
        Some(EditScope::Topic(topic)) => crumbs.push(topic.to_string()),
        Some(EditScope::Marked(_)) => crumbs.push("marked".into()),
        Some(EditScope::Flow) | None => {}
    }
    if page.review.is_some() {
        crumbs.push("review".into());
    } else if page.desk().is_some_and(|desk| !desk.draft.is_empty()) {
        // As an editor shows that something is not saved.
        crumbs.last_mut().into_iter().for_each(|last| last.push_str(" *"));
    }
    crumbs
}

/// The upper part of an area, and so many rows below it.
fn cut(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    let upper = Rect { height: area.height - rows, ..area };
    (upper, Rect { y: upper.bottom(), height: rows, ..area })
}

/// What is shown, and how old it is.
fn head(model: &Model, desk: &Desk, area: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    let (is_wide, is_tiny) = (model.density() == Density::Wide, model.density() == Density::Tiny);
    let (right, role) = status(model, desk, is_wide);
    let room = usize::from(area.width).saturating_sub(width(&right) + 3);
    let left = Rect { width: u16::try_from(room).unwrap_or(area.width), ..area };
    let mut pen = Pen::new(buffer, left, model.symbols);
    pen.skip(1);
    let is_problems = model.offsets.list.is_problems_only;
    let scopes = [
        ("topic", matches!(desk.scope, EditScope::Topic(_))),
        ("flow", desk.scope == EditScope::Flow),
        ("marked", matches!(desk.scope, EditScope::Marked(_))),
    ];
    let shows = [
        ("all", !is_problems && !desk.is_edited_only),
        ("edited", !is_problems && desk.is_edited_only),
        ("problem", is_problems),
    ];
    for (action, name, choices) in [(Action::NextScope, "scope", scopes), (Action::EditedOnly, "show", shows)] {
        if is_tiny && action == Action::EditedOnly {
            break;
        }
        pen.write(&key(model, action), theme.style(Role::Key)).skip(1);
        if is_wide {
            pen.write(name, theme.style(Role::Dim)).skip(1);
        }
        for (word, is_chosen) in choices.into_iter().filter(|(_, is_chosen)| is_wide || *is_chosen) {
            let style =
                if is_chosen { theme.style(Role::Accent).patch(theme.selected()) } else { theme.style(Role::Dim) };
            pen.write(&format!(" {word} "), style).skip(1);
        }
        pen.skip(if is_wide { 3 } else { 1 });
    }
    write_right(buffer, area, &format!("{right} "), theme.style(role), model.symbols);
}

/// What is staged, how old the watermarks are, what the flow does.
fn status(model: &Model, desk: &Desk, is_long: bool) -> (String, Role) {
    let mut parts = Vec::new();
    let mut role = Role::Dim;
    let edits = desk.draft.edits().len();
    if let Some(text) = setting_text(model, desk) {
        return (text, Role::Info);
    }
    if edits > 0 {
        role = Role::Change;
        parts.push(match (is_long, edits) {
            (true, 1) => "1 edit staged".into(),
            (true, n) => format!("{n} edits staged"),
            (false, n) => format!("{n} staged"),
        });
    }
    if !is_long && edits == 0 {
        parts.extend(age(model, desk));
    }
    let flow = model.offsets.flow.as_ref().and_then(|flow| model.snapshot.flow(flow));
    let state = flow.map_or("stopped", |flow| flow_state_word(&flow.state));
    parts.push(if is_long { format!("flow is {state}") } else { state.to_owned() });
    (parts.join(" · "), role)
}

/// How old the ends of the logs are.
fn age(model: &Model, desk: &Desk) -> Option<String> {
    let asked_at_ms = desk.offsets.as_ref()?.asked_at_ms;
    let seconds = u64::try_from((model.now.wall_ms - asked_at_ms) / 1_000).unwrap_or(0);
    Some(format!("{} ago", number::duration_short(seconds)))
}

/// How far it is with what is being set.
fn setting_text(model: &Model, desk: &Desk) -> Option<String> {
    if !offsets::is_setting(model) {
        return None;
    }
    Some(match (&desk.setting, offsets::running(model)) {
        (Some(setting), running) if setting.saved.is_some() => {
            let count = number::exact(u64::try_from(setting.count).unwrap_or(0));
            let what = if running.is_some() { "pause, move, resume" } else { "set" };
            format!("{what}: {count} positions{}", model.symbols.ellipsis)
        }
        _ => format!("saving the old positions{}", model.symbols.ellipsis),
    })
}

/// The key that does something, as it is in force.
fn key(model: &Model, action: Action) -> String {
    let contexts = [model
        .offsets
        .review
        .as_ref()
        .map_or(crate::tui::keymap::Context::Offsets, |_| crate::tui::keymap::Context::OffsetsReview)];
    let mut bound = model.keymap.within(&contexts);
    let found = bound.find(|bound| bound.binding.action == action);
    found.and_then(|bound| bound.keys.first().map(|keys| keys_text(keys))).unwrap_or_default()
}

/// A sentence in the place of what is not there.
fn tell(model: &Model, text: &str, role: Role, area: Rect, buffer: &mut Buffer) -> u16 {
    let lines = wrap(text, usize::from(area.width).saturating_sub(4));
    let count = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    for (row, text) in (1..).zip(lines) {
        Pen::new(buffer, line(area, row), model.symbols).skip(2).write(&text, model.theme.style(role));
    }
    count + 1
}

/// Lines below each other, wrapped; the last says if there was no room for more.
fn write_lines(model: &Model, lines: &[(String, Style)], area: Rect, buffer: &mut Buffer) {
    let columns = usize::from(area.width).saturating_sub(2);
    let wrapped: Vec<(String, Style)> = lines
        .iter()
        .flat_map(|(text, style)| wrap(text, columns).into_iter().map(move |text| (text, *style)))
        .collect();
    let is_cut = wrapped.len() > usize::from(area.height);
    for (row, (text, style)) in (0..area.height).zip(&wrapped) {
        let mut pen = Pen::new(buffer, line(area, row), model.symbols);
        pen.skip(1).write(text, *style);
        if is_cut && row + 1 == area.height {
            pen.skip(1).write(model.symbols.ellipsis, model.theme.style(Role::Dim));
        }
    }
}
