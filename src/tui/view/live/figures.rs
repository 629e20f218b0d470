//! The numbers that tell at a glance how a flow is.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::engine::{FlowSnapshot, FlowState};
use crate::report::number;
use crate::tui::model::live::topics::TopicRows;
use crate::tui::model::{Density, Model};
use crate::tui::theme::Role;
use crate::tui::widget::pen::{Pen, line};

/// What a trend is taken from: shorter follows noise, longer is late.
const TREND_MS: i64 = 15_000;

/// A number with its name and what belongs to it.
struct Figure {
    title: &'static str,
    /// The same where there is little room.
    short: &'static str,
    value: String,
    role: Role,
    below: String,
    below_role: Role,
}

pub(super) fn draw(model: &Model, flow: &FlowSnapshot, rows: &TopicRows, area: Rect, buffer: &mut Buffer) {
    let figures = [
        source_in(model, flow, rows),
        mirrored(model, flow),
        lag(model, flow),
        catch_up(model, flow, rows),
        delay(model, flow),
        errors(flow, rows),
    ];
    match model.density() {
        Density::Wide => draw_columns(model, &figures, area, buffer),
        _ => draw_line(model, &figures, area, buffer),
    }
}

fn draw_columns(model: &Model, figures: &[Figure], area: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    let width = area.width / u16::try_from(figures.len()).unwrap_or(1);
    for (number, figure) in (0..).zip(figures) {
        // A column between them stays free.
        let place = Rect { x: area.x + number * width, width: width.saturating_sub(1), ..area };
        let mut write = |row, text: &str, style| {
            Pen::new(buffer, line(place, row), model.symbols).skip(1).write(text, style);
        };
        write(0, figure.title, theme.style(Role::Dim));
        write(1, &figure.value, theme.style(figure.role));
        write(2, &figure.below, theme.style(figure.below_role));
    }
}

/// In one line, as far as there is room. Places do not move while numbers change.
fn draw_line(model: &Model, figures: &[Figure], area: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    let widths: [u16; 6] = [12, 13, 19, 12, 12, 12];
    let mut x = area.x;
    for (figure, width) in figures.iter().zip(widths) {
        let place = Rect { x, width: width.min(area.right().saturating_sub(x)), ..area };
        let mut pen = Pen::new(buffer, line(place, 0), model.symbols);
        pen.skip(1).write(figure.short, theme.style(Role::Dim)).skip(1).write(&figure.value, theme.style(figure.role));
        if figure.title == "LAG" {
            pen.skip(1).write(&figure.below, theme.style(figure.below_role));
        }
        x = x.saturating_add(width);
    }
}

/// What producers write, whoever mirrors it.
fn source_in(model: &Model, flow: &FlowSnapshot, rows: &TopicRows) -> Figure {
    let history = model.histories.flow(&flow.flow);
    let rate = history.and_then(|history| history.arriving_per_second.latest(model.shown_ms()));
    let rate = rate.filter(|_| flow.state.is_up()).map(f64::from);
    // Partitions that are not read do not tell what comes into them.
    let at_least = if rows.is_all_read { "" } else { "≥" };
    let mean = (flow.totals.records > 0).then(|| flow.totals.bytes as f64 / flow.totals.records as f64);
    let bytes = rate.zip(mean).map(|(rate, mean)| format!("~{}", number::bytes_rate(rate * mean)));
    Figure {
        title: "SOURCE IN",
        short: "IN",
        value: number::known(rate, |rate| format!("{at_least}{}", number::records_rate(rate))),
        role: Role::Text,
        below: bytes.unwrap_or_default(),
        below_role: Role::Dim,
    }
}

fn mirrored(model: &Model, flow: &FlowSnapshot) -> Figure {
    let known = |text: String| if flow.state.is_up() { text } else { model.symbols.unknown.to_owned() };
    Figure {
        title: "MIRRORED",
        short: "OUT",
        value: known(number::records_rate(flow.records_per_second)),
        role: Role::Accent,
        below: known(number::bytes_rate(flow.bytes_per_second)),
        below_role: Role::Dim,
    }
}

fn lag(model: &Model, flow: &FlowSnapshot) -> Figure {
    let trend = lag_trend(model, flow);
    let is_rising = trend.is_some_and(|trend| trend > 0.0);
    Figure {
        title: "LAG",
        short: "LAG",
        value: if flow.state.is_up() {
            number::at_least(flow.lag_records, flow.unseen_lanes == 0)
        } else {
            model.symbols.unknown.into()
        },
        role: Role::Text,
        below: trend_text(trend),
        below_role: if is_rising { Role::Warn } else { Role::Dim },
    }
}

/// By how many records a second the lag changes; 0 when that is no more than noise. `None` while it is not known.
pub(super) fn lag_trend(model: &Model, flow: &FlowSnapshot) -> Option<f64> {
    let history = model.histories.flow(&flow.flow)?;
    let slope = history.lag_records.slope(model.shown_ms(), TREND_MS).filter(|_| flow.state.is_up())?;
    let noise = (flow.lag_records.unwrap_or(0) as f64).max(flow.records_per_second) * 0.01;
    Some(if slope.abs() < noise.max(1.0) { 0.0 } else { slope })
}

/// `↓20.5k/s`, `steady`.
pub(super) fn trend_text(trend: Option<f64>) -> String {
    match trend {
        None => String::new(),
        Some(0.0) => "steady".into(),
        Some(slope) if slope < 0.0 => format!("↓{}", number::records_rate(-slope)),
        Some(slope) => format!("↑{}", number::records_rate(slope)),
    }
}

/// When the slowest lane will be done, and which it is.
fn catch_up(model: &Model, flow: &FlowSnapshot, rows: &TopicRows) -> Figure {
    let figure = |value: &str, role, below: String| Figure {
        title: "CATCH UP",
        short: "ETA",
        value: value.into(),
        role,
        below,
        below_role: Role::Dim,
    };
    if !rows.is_read || !flow.state.is_up() {
        return figure(model.symbols.unknown, Role::Dim, String::new());
    }
    let Some(slowest) = rows.slowest else {
        let held = if rows.is_all_read { "" } else { "but what is held up" };
        return figure("live", Role::Ok, held.into());
    };
    let place = flow.topics.get(slowest.topic).map(|topic| format!("{}/{}", topic.source, slowest.lane.partition));
    let place = place.unwrap_or_default();
    match slowest.lane.eta_seconds {
        Some(seconds) => figure(&number::duration(seconds), Role::Text, format!("slowest {place}")),
        // In the first seconds nobody knows yet.
        None if lag_trend(model, flow).is_none() => figure(model.symbols.unknown, Role::Dim, String::new()),
        None => figure("never", Role::Warn, format!("at its pace: {place}")),
    }
}

fn delay(model: &Model, flow: &FlowSnapshot) -> Figure {
    let known = |ms: Option<u64>| ms.filter(|_| flow.state.is_up()).map(number::delay);
    let unknown = || model.symbols.unknown.to_owned();
    Figure {
        title: "DELAY p99",
        short: "p99",
        value: known(flow.delay.p99_ms).unwrap_or_else(unknown),
        role: Role::Text,
        below: format!("p50 {}", known(flow.delay.p50_ms).unwrap_or_else(unknown)),
        below_role: Role::Dim,
    }
}

fn errors(flow: &FlowSnapshot, rows: &TopicRows) -> Figure {
    let is_waiting = matches!(flow.state, FlowState::Waiting { .. });
    let (value, role) = match (rows.blocked, rows.waiting) {
        (0, 0) if is_waiting => ("waiting".to_owned(), Role::Warn),
        (0, 0) => ("none".to_owned(), Role::Ok),
        (0, waiting) => (format!("{} waiting", number::count(waiting as u64)), Role::Warn),
        (blocked, _) => (format!("{} blocked", number::count(blocked as u64)), Role::Err),
    };
    let waiting = match rows.waiting {
        n if n > 0 && rows.blocked > 0 => format!("{} waiting, ", number::count(n as u64)),
        _ => String::new(),
    };
    Figure {
        title: "ERRORS",
        short: "",
        value,
        role,
        below: format!(
            "{waiting}{} fault{} so far",
            number::count(flow.faults),
            if flow.faults == 1 { "" } else { "s" }
        ),
        below_role: Role::Dim,
    }
}
