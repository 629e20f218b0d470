//! What is about to be set, before it is: before and after, what it comes to, and the same in a shell.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{cut, effect, key, setting_text, words, write_lines};
use crate::report::number;
use crate::tui::keymap::Action;
use crate::tui::model::offsets::Desk;
use crate::tui::model::offsets::changes::{Changes, PlannedMove};
use crate::tui::model::offsets::sums::Worst;
use crate::tui::model::{Density, Model};
use crate::tui::theme::Role;
use crate::tui::update::offsets;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::table::{Cell, Column, ColumnWidth, Table};

/// Positions that must not be, beside the first.
const REFUSED_MAX: usize = 3;

/// As wide as the numbers of the flow are.
fn columns(model: &Model) -> [Column; 8] {
    let (of_offset, of_copy) = model.offsets.sheet().map_or((0, 0), |sheet| sheet.widths);
    let [of_offset, of_copy] = [of_offset, of_copy].map(|width| u16::try_from(width).unwrap_or(u16::MAX).max(11));
    let column = |title, width, is_right, leaves| Column { title, width, is_right, leaves, sort: None };
    [
        column("PARTITION", ColumnWidth::Fill(10), false, 0),
        column("BEFORE", ColumnWidth::Fixed(of_offset), true, 2),
        column("", ColumnWidth::Fixed(2), false, 0),
        column("AFTER", ColumnWidth::Fixed(of_offset), true, 0),
        column("START AT", ColumnWidth::Fixed(14), false, 4),
        column("TO COPY", ColumnWidth::Fixed(of_copy), true, 5),
        column("AGAIN", ColumnWidth::Fixed(of_copy), true, 3),
        column("LEFT OUT", ColumnWidth::Fixed(of_copy), true, 1),
    ]
}

pub(super) fn draw(model: &Model, desk: &Desk, area: Rect, buffer: &mut Buffer) {
    let (Some(list), Some(changes), Some(flow)) = (&model.offsets.review, model.offsets.changes(), &model.offsets.flow)
    else {
        return;
    };
    let below = match model.density() {
        Density::Wide => 13,
        Density::Normal => 11,
        Density::Tiny => area.height / 2,
    };
    let (upper, lower) = cut(area, below);
    let count = changes.moves.len();
    let title = format!("Review  {count} positions of {flow}");
    let inside = Panel { title: &title, has_focus: true, ..Panel::default() }.draw_fitting(model, upper, buffer);
    let columns = columns(model);
    let table = Table { columns: &columns, list, keys: &changes.keys };
    let seen = table.draw(model, inside, buffer, |row| cells(model, &changes.moves[row]));
    let foot = format!("{}-{}/{count}", (seen.start + 1).min(seen.end), seen.end);
    Panel::draw_foot(model, upper, &foot, buffer);
    let inside = Panel { title: "What that does", ..Panel::default() }.draw_fitting(model, lower, buffer);
    write_lines(model, &lines(model, desk, &changes), inside, buffer);
}

fn cells<'a>(model: &'a Model, planned: &'a PlannedMove) -> Vec<Cell<'a>> {
    let style = |role| model.theme.style(role);
    let none_or = |count: u64, role| match count {
        0 => Cell::new("", style(Role::Dim)),
        count => Cell::new(number::exact(count), style(role)),
    };
    let before = planned.from.map_or_else(|| "no progress".into(), number::exact);
    vec![
        Cell::new(planned.partition.to_string(), style(Role::Text)),
        Cell::new(before, style(Role::Del)),
        Cell::new(model.symbols.arrow, style(Role::Dim)),
        Cell::new(number::exact(planned.to), style(Role::Add)),
        Cell::prose(words::position(model, &planned.at), style(Role::Dim)),
        Cell::new(number::exact(planned.effect.to_copy), style(Role::Text)),
        none_or(planned.effect.again, Role::Warn),
        none_or(planned.effect.left_out, Role::Warn),
    ]
}

/// In words, the worst first.
fn lines(model: &Model, desk: &Desk, changes: &Changes) -> Vec<(String, Style)> {
    let style = |role| model.theme.style(role);
    let mut lines = Vec::new();
    if let Some(text) = setting_text(model, desk) {
        lines.push((text, style(Role::Info)));
    } else if let Some(hindrance) = offsets::hindrance(model) {
        let is_passing = changes.pending > 0 && changes.refused.is_empty() && desk.lookup_error.is_none();
        let (sign, role) =
            if is_passing { (model.symbols.starting, Role::Info) } else { (model.symbols.blocked, Role::Err) };
        lines.push((format!("{sign} {hindrance}"), style(role)));
    }
    let others = changes.refused.iter().skip(1).take(REFUSED_MAX);
    lines.extend(others.map(|(partition, why)| (format!("  {partition}: {why}"), style(Role::Err))));
    let total = format!("copies {}", words::records(changes.total.to_copy));
    let bytes: Option<f64> = changes
        .moves
        .iter()
        .map(|planned| Some(desk.record_bytes(&planned.partition.topic)? * planned.effect.to_copy as f64))
        .sum();
    let bytes_text = bytes.map(|bytes| format!(", ~{}", number::bytes(bytes as u64))).unwrap_or_default();
    let time = effect::Pace::of(model).text(changes.total.to_copy, bytes);
    let time = if time.is_empty() { time } else { format!(", {time}") };
    let idle = match changes.idle {
        0 => String::new(),
        n => format!("; {n} staged positions change nothing"),
    };
    lines.push((format!("{total}{bytes_text}{time}{idle}"), style(Role::Text)));
    let has_topics = changes.moves.windows(2).any(|pair| pair[0].partition.topic != pair[1].partition.topic);
    let mut warn = |name: &str, worst: &Worst, what: &str| {
        if worst.records > 0 {
            let named = effect::named(worst, has_topics);
            lines.push((format!("{name}  {} {what}{named}", words::records(worst.records)), style(Role::Warn)));
        }
    };
    warn("duplicates", &changes.again, "the target gets twice");
    warn("gaps", &changes.left_out, "are never copied");
    warn("retention", &changes.lost, "are gone, never copied");
    lines.push((offsets::how(model).to_owned(), style(Role::Text)));
    let text = "The old positions are saved first, to a file in the state folder's exports".to_owned();
    let restore = format!("{text}: they can be staged again from there.");
    lines.push((restore, style(Role::Dim)));
    if let Some(command) = offsets::equivalent(model) {
        // A command of a thousand positions is copied, not read.
        let command: String = if command.chars().count() > 300 {
            command.chars().take(300).chain(model.symbols.ellipsis.chars()).collect()
        } else {
            command
        };
        let copy = key(model, Action::CopyCommand);
        let when = if offsets::running(model).is_some() { ", once the flow is stopped" } else { "" };
        lines.push((format!("equivalent{when} ({copy} copies): {command}"), style(Role::Dim)));
    }
    lines
}
