//! The clusters, and below or beside them what is known of the one at hand: its test, its brokers, its version.

mod form;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::model::{ReachResult, ReachStep};
use crate::report::number;
use crate::tui::model::clusters::{ClusterTest, Reach};
use crate::tui::model::{Density, Model};
use crate::tui::services::ClusterEntry;
use crate::tui::theme::Role;
use crate::tui::update::{cluster_at_hand, cluster_rows, is_first_run};
use crate::tui::widget::list_line::draw_list_line;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::table::{Cell, Column, ColumnWidth, Table};
use crate::tui::widget::text::wrap;

const COLUMNS: &[Column] = &[
    Column { title: "ENV", width: ColumnWidth::Fixed(9), is_right: false, leaves: 0, sort: Some(1) },
    Column { title: "CLUSTER", width: ColumnWidth::Fill(10), is_right: false, leaves: 0, sort: Some(0) },
    Column { title: "REACHABLE", width: ColumnWidth::Fixed(20), is_right: false, leaves: 1, sort: Some(2) },
    Column { title: "VERSION", width: ColumnWidth::Fixed(14), is_right: false, leaves: 3, sort: None },
    Column { title: "BROKERS", width: ColumnWidth::Fixed(7), is_right: true, leaves: 4, sort: None },
    Column { title: "SECURITY", width: ColumnWidth::Fixed(22), is_right: false, leaves: 5, sort: None },
    Column { title: "ADDRESS", width: ColumnWidth::Fill(16), is_right: false, leaves: 2, sort: None },
];

/// Columns of the names of steps and facts.
const NAMES: usize = 15;

pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    if let Some(form) = &model.clusters.form {
        return form::draw(model, form, area, buffer);
    }
    if is_first_run(model) {
        return super::first_run::draw(model, area, buffer);
    }
    let rows = cluster_rows(model);
    let total = model.inventory.clusters.len();
    let (list_area, detail_area) = split(model, area, rows.len());
    let file = model.inventory.file.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    let foot = format!("{}/{total}", rows.len());
    let title = if model.density() == Density::Wide { "Clusters" } else { "" };
    let panel = Panel { title, title_right: &file, foot: &foot, has_focus: true };
    let inside = panel.draw_fitting(model, list_area, buffer);
    let inside = draw_list_line(model, &model.clusters.list, COLUMNS, (rows.len(), total), inside, buffer);
    let keys: Vec<String> = rows.iter().map(|entry| entry.name.to_string()).collect();
    let table = Table { columns: COLUMNS, list: &model.clusters.list, keys: &keys };
    table.draw(model, inside, buffer, |row| cells(model, rows[row]));
    if let Some(entry) = cluster_at_hand(model).filter(|_| detail_area.height > 0) {
        detail(model, entry, detail_area, buffer);
    }
}

/// The list has what its rows need, up to half of the page; the detail has the rest.
fn split(model: &Model, area: Rect, rows: usize) -> (Rect, Rect) {
    if model.density() == Density::Tiny {
        return (area, Rect { height: 0, ..area });
    }
    let frame = if model.density() == Density::Wide { 2 } else { 0 };
    let needed = u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(2 + frame);
    let height = needed.clamp(area.height.min(4), (area.height / 2).max(4).min(area.height));
    (Rect { height, ..area }, Rect { y: area.y + height, height: area.height - height, ..area })
}

fn cells<'a>(model: &'a Model, entry: &'a ClusterEntry) -> Vec<Cell<'a>> {
    let theme = &model.theme;
    let (text, dim) = (theme.style(Role::Text), theme.style(Role::Dim));
    let unknown = || Cell::new(model.symbols.unknown, dim);
    let look = model.clusters.looks.get(&entry.name).and_then(|(_, look)| look.as_ref().ok());
    let version = look.and_then(|look| look.version.as_ref());
    let finding = look.is_some_and(|look| look.finding.is_some());
    let version = version.map_or_else(unknown, |version| {
        let mark = if finding { format!("{version} {}", model.symbols.waiting) } else { version.clone() };
        Cell::new(mark, if finding { theme.style(Role::Warn) } else { text })
    });
    vec![
        Cell::new(format!(" {} ", entry.env.to_string().to_uppercase()), theme.badge(entry.env)),
        Cell::new(entry.name.as_str(), theme.style(Role::Accent)),
        reach_cell(model, entry),
        version,
        look.map_or_else(unknown, |look| Cell::new(look.brokers.len().to_string(), text)),
        Cell::new(entry.security.as_str(), text),
        Cell::new(entry.bootstrap_servers.as_str(), dim),
    ]
}

fn reach_cell<'a>(model: &'a Model, entry: &ClusterEntry) -> Cell<'a> {
    let (reach, at_ms) = model.clusters.reach(&entry.name);
    let (symbol, word, role) = reach_look(model, reach);
    let is_asked = model.tasks.iter().any(|task| task.job.is_about(&entry.name));
    if is_asked {
        return Cell::new(format!("{} asking", model.symbols.starting), model.theme.style(Role::Info));
    }
    let age = at_ms.map(|at_ms| {
        let seconds = u64::try_from((model.now.wall_ms - at_ms) / 1_000).unwrap_or(0);
        // To the minute: a number that changes each second would be drawn each second.
        if seconds < 60 { " just now".to_owned() } else { format!(" {} ago", number::duration_short(seconds)) }
    });
    Cell::new(format!("{symbol} {word}{}", age.unwrap_or_default()), model.theme.style(role))
}

fn reach_look(model: &Model, reach: Reach) -> (&'static str, &'static str, Role) {
    let symbols = model.symbols;
    match reach {
        Reach::Passed => (symbols.caught_up, "yes", Role::Ok),
        Reach::Doubtful => (symbols.waiting, "partly", Role::Warn),
        Reach::Failed => (symbols.blocked, "no", Role::Err),
        Reach::Unknown => (symbols.unknown, "not asked", Role::Dim),
    }
}

/// A line of the detail: a name in a column, and behind it text in a style.
type DetailLine = (String, String, Style);

fn detail(model: &Model, entry: &ClusterEntry, area: Rect, buffer: &mut Buffer) {
    let columns = usize::from(area.width).saturating_sub(NAMES + 6);
    let mut lines = facts(model, entry, columns);
    if let Some(test) = model.clusters.tests.get(&entry.name) {
        lines.push((String::new(), String::new(), Style::new()));
        lines.extend(test_lines(model, test, columns));
    }
    let panel = Panel { title: entry.name.as_str(), ..Panel::default() };
    let inside = panel.draw_fitting(model, area, buffer);
    draw_lines(model, &lines, inside, buffer);
}

fn draw_lines(model: &Model, lines: &[DetailLine], area: Rect, buffer: &mut Buffer) {
    let dim = model.theme.style(Role::Dim);
    for (row, (name, text, style)) in (0..).zip(lines) {
        let mut pen = Pen::new(buffer, line(area, row), model.symbols);
        pen.skip(1).write(&format!("{name:NAMES$}"), dim).skip(2).write(text, *style);
    }
}

fn facts(model: &Model, entry: &ClusterEntry, columns: usize) -> Vec<DetailLine> {
    let theme = &model.theme;
    let (text, warn) = (theme.style(Role::Text), theme.style(Role::Warn));
    let mut lines = Vec::new();
    push(&mut lines, "address", &entry.bootstrap_servers, text, columns);
    push(&mut lines, "security", &entry.security, text, columns);
    let flows: Vec<&str> = model.inventory.flows_of(&entry.name).map(|flow| flow.as_str()).collect();
    let flows = if flows.is_empty() { "none".to_owned() } else { flows.join(", ") };
    push(&mut lines, "flows", &flows, text, columns);
    if !entry.is_saved {
        let text = match &model.inventory.saves_to {
            Some(path) => format!("in no file yet: e, then ^s saves it in {}", path.display()),
            None => "in no file: it is gone when this console ends".to_owned(),
        };
        push(&mut lines, "saved", &text, warn, columns);
    }
    match model.clusters.looks.get(&entry.name) {
        Some((_, Ok(look))) => {
            let brokers: Vec<String> = look.brokers.iter().map(|(id, address)| format!("{id} {address}")).collect();
            push(&mut lines, "brokers", &brokers.join("   "), text, columns);
            let version = look.version.as_deref().unwrap_or(model.symbols.unknown);
            push(&mut lines, "version", version, text, columns);
            if let Some(finding) = &look.finding {
                push(&mut lines, "", &format!("{} {finding}", model.symbols.waiting), warn, columns);
            }
            if let Some(id) = &look.cluster_id {
                push(&mut lines, "cluster id", id, text, columns);
            }
        }
        Some((_, Err(error))) => {
            let error = format!("{} failed to {error}", model.symbols.blocked);
            push(&mut lines, "last asked", &error, theme.style(Role::Err), columns);
        }
        None => {}
    }
    lines
}

fn push(lines: &mut Vec<DetailLine>, name: &str, text: &str, style: Style, columns: usize) {
    for (number, text) in wrap(text, columns.max(10)).into_iter().enumerate() {
        lines.push((if number == 0 { name.to_owned() } else { String::new() }, text, style));
    }
}

/// Every step of a test, those to come included.
fn test_lines(model: &Model, test: &ClusterTest, columns: usize) -> Vec<DetailLine> {
    let (theme, symbols) = (&model.theme, model.symbols);
    let mut lines = Vec::new();
    for step in ReachStep::ALL {
        let result = test.steps.iter().find(|(known, _)| *known == step).map(|(_, result)| result);
        let is_next = test.is_running && test.steps.len() == step as usize;
        let (symbol, role, text, fix) = match result {
            Some(ReachResult::Passed(found)) => (symbols.caught_up, Role::Ok, found.as_str(), None),
            Some(ReachResult::Doubtful { cause, fix }) => (symbols.waiting, Role::Warn, cause.as_str(), Some(fix)),
            Some(ReachResult::Failed { cause, fix }) => (symbols.blocked, Role::Err, cause.as_str(), Some(fix)),
            Some(ReachResult::NotNeeded) => (symbols.unknown, Role::Dim, "not needed", None),
            Some(ReachResult::NotTried) => (symbols.unknown, Role::Dim, "not tried", None),
            None if is_next => (symbols.starting, Role::Info, "trying", None),
            None => (" ", Role::Dim, "", None),
        };
        let word = match result {
            Some(ReachResult::Passed(_)) => "ok: ",
            Some(ReachResult::Doubtful { .. }) => "doubtful: ",
            Some(ReachResult::Failed { .. }) => "failed: ",
            _ => "",
        };
        push(&mut lines, step.label(), &format!("{symbol} {word}{text}"), theme.style(role), columns);
        if let Some(fix) = fix {
            push(&mut lines, "  what to do", fix, theme.style(Role::Text), columns);
        }
    }
    lines
}
