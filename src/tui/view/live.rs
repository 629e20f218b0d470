//! One flow as it runs. At 120 columns:
//!
//! ```text
//!   figures: source in, mirrored, lag, catch up, delay, errors
//!   +- throughput -----------+ +- lag -------------------+
//!   +- topics ----------------------+ +- events ---------+
//!   | table                         | | newest first     |
//!   | lag per partition, worst      | |                  |
//!   | what limits the rate          | |                  |
//! ```
//!
//! At 80 columns the charts share a place (`m`), and below 80x24 there are the figures and the table only. `enter`
//! opens the partitions of a topic in place of what is below the figures.

mod charts;
mod events;
mod figures;
mod heat;
mod limits;
mod partitions;
mod topics;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::engine::FlowSnapshot;
use crate::report::number;
use crate::tui::keymap::Action;
use crate::tui::model::live::ChartKind;
use crate::tui::model::live::row_state::RowState;
use crate::tui::model::live::topics::TopicRows;
use crate::tui::model::{Density, Model};
use crate::tui::theme::Role;
use crate::tui::update::live;
use crate::tui::view::state::flow_state_look;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::words::flow_state_word;

pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let Some((flow, rows)) = live::shown(model) else { return nothing(model, area, buffer) };
    let figures = if model.density() == Density::Wide { 3 } else { 1 };
    let (top, body) = cut(area, figures);
    figures::draw(model, flow, &rows, top, buffer);
    if live::is_open(model) {
        return partitions::draw(model, body, buffer);
    }
    match model.density() {
        Density::Wide => wide(model, flow, &rows, body, buffer),
        Density::Normal => normal(model, flow, &rows, body, buffer),
        Density::Tiny => drop(topics::draw(model, flow, &rows, body, buffer)),
    }
}

fn wide(model: &Model, flow: &FlowSnapshot, rows: &TopicRows, area: Rect, buffer: &mut Buffer) {
    let (charts, rest) = cut(area, (area.height / 3).clamp(8, 16));
    let (left, right) = split(charts, charts.width / 2);
    charts::draw(model, flow, ChartKind::Throughput, left, buffer);
    charts::draw(model, flow, ChartKind::Lag, right, buffer);
    let (left, right) = split(rest, rest.width * 7 / 10);
    // Strip and limits stand at the foot, each below a free line; the table has the rest.
    let below = topics::draw_framed(model, flow, rows, heat::ROWS + limits::ROWS + 2, left, buffer);
    let (strip, limits) = cut(Rect { y: below.y + 1, height: below.height.saturating_sub(1), ..below }, heat::ROWS + 1);
    heat::draw(model, strip, buffer);
    limits::draw(model, flow, rows, limits, buffer);
    events::draw(model, flow, right, buffer);
}

fn normal(model: &Model, flow: &FlowSnapshot, rows: &TopicRows, area: Rect, buffer: &mut Buffer) {
    let (chart, rest) = cut(area, (area.height * 3 / 10).clamp(4, 12));
    charts::draw(model, flow, model.live.chart, chart, buffer);
    let events_rows = (rest.height / 4).clamp(3, 8);
    let (table, below) = cut(rest, rest.height.saturating_sub(events_rows + 1));
    topics::draw(model, flow, rows, table, buffer);
    let (events, limits) = cut(below, events_rows);
    events::draw(model, flow, events, buffer);
    limits::draw_line(model, flow, rows, limits, buffer);
}

/// The upper `rows`, and what is below them.
fn cut(area: Rect, rows: u16) -> (Rect, Rect) {
    let height = rows.min(area.height);
    (Rect { height, ..area }, Rect { y: area.y + height, height: area.height - height, ..area })
}

/// What is above the lower `rows`, and those.
fn cut_below(area: Rect, rows: u16) -> (Rect, Rect) {
    cut(area, area.height.saturating_sub(rows))
}

/// The left `columns`, and what is right of them.
fn split(area: Rect, columns: u16) -> (Rect, Rect) {
    let width = columns.min(area.width);
    (Rect { width, ..area }, Rect { x: area.x + width, width: area.width - width, ..area })
}

/// What the flow is doing, by symbol and word.
fn state_text(model: &Model, flow: &FlowSnapshot) -> String {
    let (symbol, _) = flow_state_look(&flow.state, model.symbols);
    format!("{symbol} {}", flow_state_word(&flow.state))
}

/// How long a row's lag will last, or why it does not shrink: a word in place of a time that nobody can tell.
fn eta_text(model: &Model, state: RowState, lag_records: Option<u64>, eta_seconds: Option<u64>) -> String {
    match (state, lag_records, eta_seconds) {
        (RowState::Copying | RowState::CaughtUp, None, _) => model.symbols.unknown.into(),
        (RowState::Copying | RowState::CaughtUp, Some(0), _) | (RowState::Copying, _, Some(0)) => "live".into(),
        (RowState::Copying, _, Some(seconds)) => number::duration(seconds).replace(' ', ""),
        (RowState::Copying, _, None) => "never".into(),
        (RowState::CaughtUp, ..) => "live".into(),
        (state, ..) => state.word().into(),
    }
}

fn nothing(model: &Model, area: Rect, buffer: &mut Buffer) {
    let there = model.keymap.key_of(Action::GoFlows).map(|key| format!(" {key} shows the flows there are."));
    let there = there.unwrap_or_default();
    let text = match &model.live.flow {
        Some(flow) => format!("Flow {flow} is not there (any more).{there}"),
        None => format!("There is no flow to look at.{there}"),
    };
    Pen::new(buffer, line(area, 1), model.symbols).skip(2).write(&text, model.theme.style(Role::Text));
}
