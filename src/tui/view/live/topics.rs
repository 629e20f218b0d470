//! The topics of the flow.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{cut_below, eta_text, state_text};
use crate::engine::{FlowSnapshot, TopicSnapshot};
use crate::report::number;
use crate::tui::model::live::row_state::RowState;
use crate::tui::model::live::topics::{DELAY, ETA, LAG, NAME, PARTITIONS, RATE, STATE, TopicRow, TopicRows};
use crate::tui::model::{Density, Model};
use crate::tui::theme::Role;
use crate::tui::view::state::row_state_look;
use crate::tui::widget::list_line::draw_list_line;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::sparkline::sparkline;
use crate::tui::widget::table::{Cell, Column, ColumnWidth, Table};

/// Columns of the trend.
const TREND: u16 = 12;
/// What it covers: five minutes.
const TREND_MS: i64 = 300_000;

/// The state is told by symbol, colour and, in place of a time, a word.
const COLUMNS: &[Column] = &[
    Column { title: "", width: ColumnWidth::Fixed(1), is_right: false, leaves: 0, sort: Some(STATE) },
    Column { title: "TOPIC", width: ColumnWidth::Fill(12), is_right: false, leaves: 0, sort: Some(NAME) },
    Column { title: "P", width: ColumnWidth::Fixed(4), is_right: true, leaves: 3, sort: Some(PARTITIONS) },
    Column { title: "OUT/s", width: ColumnWidth::Fixed(6), is_right: true, leaves: 2, sort: Some(RATE) },
    Column { title: "LAG", width: ColumnWidth::Fixed(6), is_right: true, leaves: 0, sort: Some(LAG) },
    Column { title: "ETA", width: ColumnWidth::Fixed(9), is_right: true, leaves: 1, sort: Some(ETA) },
    Column { title: "DELAY", width: ColumnWidth::Fixed(6), is_right: true, leaves: 4, sort: Some(DELAY) },
    Column { title: "LAG 5m", width: ColumnWidth::Fixed(TREND), is_right: false, leaves: 5, sort: None },
];

/// In a frame. `below` lines at its foot are left free; tells where they are.
pub(super) fn draw_framed(
    model: &Model,
    flow: &FlowSnapshot,
    rows: &TopicRows,
    below: u16,
    area: Rect,
    buffer: &mut Buffer,
) -> Rect {
    let title = format!("Topics  {}", flow.topics.len());
    let state = state_text(model, flow);
    let panel = Panel { title: &title, title_right: &state, has_focus: true, ..Panel::default() };
    let (table, rest) = cut_below(panel.draw(model, area, buffer), below);
    let seen = draw(model, flow, rows, table, buffer);
    let foot = format!("{}-{}/{}", (seen.start + 1).min(seen.end), seen.end, rows.shown.len());
    Panel::draw_foot(model, area, &foot, buffer);
    rest
}

/// Draws the table; tells which rows are seen.
pub(super) fn draw(
    model: &Model,
    flow: &FlowSnapshot,
    rows: &TopicRows,
    area: Rect,
    buffer: &mut Buffer,
) -> Range<usize> {
    let list = &model.live.topics;
    let inside = draw_list_line(model, list, COLUMNS, (rows.shown.len(), flow.topics.len()), area, buffer);
    if flow.topics.is_empty() {
        let text = "No topic of this flow is known yet.";
        Pen::new(buffer, line(inside, 1), model.symbols).skip(2).write(text, model.theme.style(Role::Dim));
        return 0..0;
    }
    let table = Table { columns: COLUMNS, list, keys: &rows.keys };
    table.draw(model, inside, buffer, |row| {
        let place = rows.shown[row];
        cells(model, flow, &flow.topics[place], &rows.all[place])
    })
}

fn cells<'a>(model: &'a Model, flow: &FlowSnapshot, topic: &'a TopicSnapshot, row: &TopicRow) -> Vec<Cell<'a>> {
    let theme = &model.theme;
    let (symbol, role) = row_state_look(row.state, model.symbols);
    let (text, dim) = (theme.style(Role::Text), theme.style(Role::Dim));
    // Of what is not mirrored here there is nothing to be known.
    let known = |value: Option<String>| match value.filter(|_| !topic.lanes.is_empty()) {
        Some(value) => Cell::new(value, text),
        None => Cell::new(model.symbols.unknown, dim),
    };
    let eta = eta_text(model, row.state, row.lag_records, row.eta_seconds);
    let eta_style = match (row.state, eta.as_str()) {
        (RowState::Copying, "never") => theme.style(Role::Warn),
        (RowState::Copying | RowState::CaughtUp, _) => text,
        _ => theme.style(role),
    };
    vec![
        Cell::new(symbol, theme.style(role)),
        Cell::new(topic.source.as_str(), theme.style(Role::Text)),
        Cell::new(row.partitions.to_string(), text),
        known(Some(number::records_rate(row.records_per_second).replace("/s", ""))),
        known(row.lag_records.map(|lag| number::at_least(Some(lag), row.is_seen))),
        Cell::new(eta, eta_style),
        known(row.delay_ms.map(|ms| number::delay(ms).replace(' ', ""))),
        Cell::new(trend(model, flow, topic), theme.style(Role::Chart3)),
    ]
}

fn trend(model: &Model, flow: &FlowSnapshot, topic: &TopicSnapshot) -> String {
    if model.density() == Density::Tiny {
        return String::new();
    }
    let history = model.histories.flow(&flow.flow).and_then(|history| history.topics.get(&topic.source));
    let columns = |lag: &crate::tui::model::history::Ring| lag.columns(model.shown_ms(), TREND_MS, usize::from(TREND));
    history.map(|history| sparkline(&columns(&history.lag_records), model.symbols)).unwrap_or_default()
}
