//! The home page: every flow on a line, and what is wrong with the one at hand.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::engine::{FlowSnapshot, FlowState};
use crate::report::number;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::update::flow_rows;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::sparkline::sparkline;
use crate::tui::widget::table::{Cell, Column, ColumnWidth, Table};
use crate::tui::widget::text::wrap;

use super::state::flow_state;

/// Columns of the spark.
const SPARK: u16 = 16;
/// What the spark covers: five minutes.
const SPARK_MS: i64 = 300_000;

const COLUMNS: &[Column] = &[
    Column { title: "STATE", width: ColumnWidth::Fixed(11), is_right: false, leaves: 0, sort: Some(1) },
    Column { title: "FLOW", width: ColumnWidth::Fill(12), is_right: false, leaves: 0, sort: Some(0) },
    Column { title: "FROM", width: ColumnWidth::Fill(8), is_right: false, leaves: 3, sort: None },
    Column { title: "TO", width: ColumnWidth::Fill(8), is_right: false, leaves: 3, sort: None },
    Column { title: "TOPICS", width: ColumnWidth::Fixed(7), is_right: true, leaves: 4, sort: Some(2) },
    Column { title: "OUT/s", width: ColumnWidth::Fixed(8), is_right: true, leaves: 1, sort: Some(3) },
    Column { title: "LAG", width: ColumnWidth::Fixed(6), is_right: true, leaves: 0, sort: Some(4) },
    Column { title: "ETA", width: ColumnWidth::Fixed(6), is_right: true, leaves: 2, sort: Some(5) },
    Column { title: "OUT 5m", width: ColumnWidth::Fixed(SPARK), is_right: false, leaves: 5, sort: None },
];

pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let rows = flow_rows(model);
    let keys: Vec<String> = rows.iter().map(|flow| flow.flow.to_string()).collect();
    let detail = detail(model, usize::from(area.width).saturating_sub(4));
    let detail_height = if detail.is_empty() { 0 } else { u16::try_from(detail.len() + 2).unwrap_or(u16::MAX) };
    let detail_height = if area.height >= 10 { detail_height.min(area.height / 2) } else { 0 };
    let list_area = Rect { height: area.height - detail_height, ..area };
    if model.snapshot.flows.is_empty() {
        return nothing(model, list_area, buffer);
    }
    let table = Table { columns: COLUMNS, list: &model.flows.list, keys: &keys };
    table.draw(model, list_area, buffer, |row| cells(model, rows[row]));
    if detail_height > 0 {
        let area = Rect { y: list_area.bottom(), height: detail_height, ..area };
        let title = model.flows.list.selected.clone().unwrap_or_default();
        let panel = Panel { title: &title, ..Panel::default() };
        let inside = panel.draw(model, area, buffer);
        for (row, (text, style)) in (0..).zip(&detail) {
            Pen::new(buffer, line(inside, row), model.symbols).skip(1).write(text, *style);
        }
    }
}

fn cells<'a>(model: &'a Model, flow: &'a FlowSnapshot) -> Vec<Cell<'a>> {
    let theme = &model.theme;
    let text = theme.style(Role::Text);
    let dim = theme.style(Role::Dim);
    let (symbol, word, role) = flow_state(&flow.state, model.symbols);
    let is_up = !matches!(flow.state, FlowState::Stopped | FlowState::Refused { .. });
    let known = |value: String| if is_up { Cell::new(value, text) } else { Cell::new(model.symbols.unknown, dim) };
    let history = model.histories.flow(&flow.flow);
    let spark = history.map(|history| {
        let values = history.records_per_second.columns(model.now.wall_ms, SPARK_MS, usize::from(SPARK));
        sparkline(&values, model.symbols)
    });
    vec![
        Cell::new(format!("{symbol} {word}"), theme.style(role)),
        Cell::new(flow.flow.as_str(), theme.style(Role::Accent)),
        Cell::new(flow.source.as_str(), text),
        Cell::new(flow.target.as_str(), text),
        known(flow.topics.len().to_string()),
        known(number::records_rate(flow.records_per_second).replace("/s", "")),
        known(number::count(flow.lag_records)),
        known(eta(model, flow)),
        Cell::new(spark.unwrap_or_default(), theme.style(Role::Chart1)),
    ]
}

fn eta(model: &Model, flow: &FlowSnapshot) -> String {
    match flow.eta_seconds {
        _ if flow.lag_records == 0 => "live".into(),
        Some(seconds) => number::duration_short(seconds),
        None if flow.state == FlowState::Running => "never".into(),
        None => model.symbols.unknown.into(),
    }
}

/// What is wrong with the flow at hand, line by line.
fn detail(model: &Model, columns: usize) -> Vec<(String, Style)> {
    let Some(flow) = model.flow_at_hand() else { return Vec::new() };
    let theme = &model.theme;
    let mut lines = Vec::new();
    let mut push = |text: String, role: Role| {
        lines.extend(wrap(&text, columns).into_iter().map(|line| (line, theme.style(role))));
    };
    match &flow.state {
        FlowState::Waiting { why } => push(why.to_string(), Role::Warn),
        FlowState::Refused { why } => push(why.clone(), Role::Err),
        _ => {}
    }
    for (topic, why) in flow.blocked_topics().take(3) {
        push(format!("{}: {why}", topic.source), Role::Err);
    }
    for (topic, lane, why) in flow.blocked_lanes().take(3) {
        push(format!("{}/{}: {why}", topic.source, lane.partition), Role::Err);
    }
    lines
}

fn nothing(model: &Model, area: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    let lines = if model.inventory.clusters.is_empty() {
        ["No configuration was found, so there is nothing to mirror yet.", "5 shows the clusters."]
    } else {
        ["The configuration has no flow.", "kmirror config template shows one."]
    };
    for (row, text) in (1..).zip(lines) {
        Pen::new(buffer, line(area, row), model.symbols).skip(2).write(text, theme.style(Role::Text));
    }
}
