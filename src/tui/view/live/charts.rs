//! How throughput and lag went.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::figures::{lag_trend, trend_text};
use super::state_text;
use crate::engine::FlowSnapshot;
use crate::report::number;
use crate::tui::model::live::{ChartKind, ChartWindow};
use crate::tui::model::{Density, Model};
use crate::tui::theme::Role;
use crate::tui::widget::chart::{area_chart, scale};
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line, write_right};

/// Columns of the numbers at the left.
const LABELS: u16 = 5;

pub(super) fn draw(model: &Model, flow: &FlowSnapshot, kind: ChartKind, area: Rect, buffer: &mut Buffer) {
    let window = model.live.window;
    let (name, role) = match kind {
        ChartKind::Throughput => ("Throughput", Role::Chart1),
        ChartKind::Lag => ("Lag", Role::Chart3),
    };
    let is_wide = model.density() == Density::Wide;
    // Where the topics have no frame to tell the flow's state, the chart does.
    let state = if is_wide { String::new() } else { format!("{}  ", state_text(model, flow)) };
    let (title, foot) = (format!("{state}{name}  {}", window.word()), foot(model, flow, kind));
    // Where there is no foot, it stands in the rule above.
    let title_right = if is_wide { "" } else { foot.as_str() };
    let panel = Panel { title: &title, title_right, foot: &foot, has_focus: false };
    let inside = panel.draw_fitting(model, area, buffer);
    if inside.width <= LABELS + 2 || inside.height < 2 {
        return;
    }
    let axis = u16::from(is_wide);
    let chart = Rect { x: inside.x + LABELS, width: inside.width - LABELS, height: inside.height - axis, ..inside };
    let values = values(model, flow, kind, usize::from(chart.width));
    let top = upper_edge(model, kind, &values);
    let rows = area_chart(&values, (usize::from(chart.width), usize::from(chart.height)), top, model.symbols);
    for (row, text) in (0..).zip(&rows) {
        Pen::new(buffer, line(chart, row), model.symbols).write_drawn(text, model.theme.style(role));
    }
    labels(model, Rect { width: LABELS - 1, height: chart.height, ..inside }, top, buffer);
    if values.iter().all(|value| value.is_nan()) {
        let text = "nothing is known of this time";
        let middle = line(chart, chart.height / 2);
        Pen::new(buffer, middle, model.symbols).skip(2).write(text, model.theme.style(Role::Dim));
    }
    if is_wide {
        let dim = model.theme.style(Role::Dim);
        let edge = Rect { y: chart.bottom(), height: 1, ..chart };
        Pen::new(buffer, edge, model.symbols).write(&format!("-{}", window.word()), dim);
        write_right(buffer, edge, "now", dim, model.symbols);
    }
}

/// As many values as there are dots beside each other, if there are samples for so many.
fn values(model: &Model, flow: &FlowSnapshot, kind: ChartKind, columns: usize) -> Vec<f32> {
    let Some(history) = model.histories.flow(&flow.flow) else { return Vec::new() };
    let series = match kind {
        ChartKind::Throughput => &history.records_per_second,
        ChartKind::Lag => &history.lag_records,
    };
    let window = model.live.window;
    // A terminal that is slow is shown data every two seconds: finer columns would have gaps that are none.
    let finest_ms = if window <= ChartWindow::Quarter { 2_000 } else { 24_000 };
    let samples = usize::try_from(window.ms() / finest_ms).unwrap_or(1);
    series.columns(model.shown_ms(), window.ms(), (columns * 2).min(samples))
}

/// What the upper edge stands for; it stays while it can.
fn upper_edge(model: &Model, kind: ChartKind, values: &[f32]) -> f32 {
    let mut tops = model.live.tops.get();
    let slot = usize::from(kind == ChartKind::Lag);
    tops[slot] = scale(values, tops[slot]);
    model.live.tops.set(tops);
    tops[slot]
}

fn labels(model: &Model, area: Rect, top: f32, buffer: &mut Buffer) {
    let dim = model.theme.style(Role::Dim);
    // Whole numbers, and never negative.
    let mut label = |row: u16, value: f32| {
        let text = number::count(value as u64).replace(".0", "");
        write_right(buffer, line(area, row), &text, dim, model.symbols);
    };
    label(0, top);
    if area.height >= 5 && top >= 2.0 {
        label(area.height / 2, top / 2.0);
    }
    label(area.height.saturating_sub(1), 0.0);
}

fn foot(model: &Model, flow: &FlowSnapshot, kind: ChartKind) -> String {
    let history = model.histories.flow(&flow.flow);
    match kind {
        ChartKind::Throughput => {
            let values = history.map(|history| {
                let window = model.live.window.ms();
                history.records_per_second.columns(model.shown_ms(), window, 60)
            });
            let most = values.iter().flatten().copied().filter(|value| value.is_finite()).fold(f32::NAN, f32::max);
            let most = if most.is_nan() { String::new() } else { format!("  max {}", number::count(most as u64)) };
            format!("records/s mirrored{most}")
        }
        ChartKind::Lag => {
            let trend = trend_text(lag_trend(model, flow));
            if trend.is_empty() { "records behind".into() } else { format!("records behind  {trend}") }
        }
    }
}
