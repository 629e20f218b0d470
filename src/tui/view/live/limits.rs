//! What limits the flow's rate, in words, with the shares it rests on and the flow's own caps.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::engine::{Bottleneck, FlowSnapshot, FlowState};
use crate::report::number;
use crate::tui::model::Model;
use crate::tui::model::live::topics::TopicRows;
use crate::tui::services::FlowCaps;
use crate::tui::theme::Role;
use crate::tui::update::is_paused;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::text::wrap;
use crate::tui::words::flow_state_word;

/// Lines it takes.
pub(super) const ROWS: u16 = 2;

/// On two lines; while the flow is held up, why.
pub(super) fn draw(model: &Model, flow: &FlowSnapshot, rows: &TopicRows, area: Rect, buffer: &mut Buffer) {
    if let Some((why, role)) = held_up(flow) {
        let lines = wrap(&why, usize::from(area.width).saturating_sub(2));
        for (row, text) in (0..area.height).zip(lines) {
            Pen::new(buffer, line(area, row), model.symbols).skip(1).write(&text, model.theme.style(role));
        }
        return;
    }
    let dim = model.theme.style(Role::Dim);
    let mut pen = Pen::new(buffer, line(area, 0), model.symbols);
    pen.skip(1).write("bottleneck: ", dim).write(words(flow, rows).0, model.theme.style(Role::Text));
    let below = format!("{}   {}", shares(flow), caps(model, flow));
    Pen::new(buffer, line(area, 1), model.symbols).skip(1).write(&below, dim);
}

/// On one.
pub(super) fn draw_line(model: &Model, flow: &FlowSnapshot, rows: &TopicRows, area: Rect, buffer: &mut Buffer) {
    let dim = model.theme.style(Role::Dim);
    let mut pen = Pen::new(buffer, line(area, 0), model.symbols);
    pen.skip(1);
    if let Some((why, role)) = held_up(flow) {
        pen.write(&why, model.theme.style(role));
        return;
    }
    pen.write("bottleneck: ", dim).write(words(flow, rows).1, model.theme.style(Role::Text));
    pen.skip(2).write(&shares(flow), dim);
}

/// Why the flow as a whole does not move.
fn held_up(flow: &FlowSnapshot) -> Option<(String, Role)> {
    let word = flow_state_word(&flow.state);
    match &flow.state {
        FlowState::Waiting { why } => Some((format!("{word}: {why}"), Role::Warn)),
        FlowState::Blocked { why } => Some((format!("{word}: {why}"), Role::Err)),
        FlowState::Refused { why } => Some((format!("{word}: {why}"), Role::Err)),
        FlowState::Stopped => Some(("the flow does not run: r starts it".into(), Role::Dim)),
        FlowState::Paused if is_paused(flow) => Some(("paused: R lets the flow go on".into(), Role::Warn)),
        _ => None,
    }
}

/// What limits the rate, at length and short.
fn words(flow: &FlowSnapshot, rows: &TopicRows) -> (&'static str, &'static str) {
    match flow.time_use.bottleneck() {
        None => ("none, it copies what comes", "none"),
        _ if flow.state == FlowState::CaughtUp => ("none, it is caught up and copies what comes", "none, caught up"),
        // Who is behind nowhere has nothing that limits it, however it spends its time.
        _ if rows.slowest.is_none() => ("none, it copies what comes", "none"),
        Some(Bottleneck::SourceReads) => ("the source's brokers, which do not send faster", "source reads"),
        Some(Bottleneck::TargetAcknowledgements) => {
            ("the target's brokers, which do not acknowledge faster", "target acks")
        }
        Some(Bottleneck::Cap) => ("the flow's own cap", "the flow's own cap"),
        Some(Bottleneck::Shard) => ("this process; more `shards` in the flow's configuration may help", "this process"),
    }
}

/// What the time goes into.
fn shares(flow: &FlowSnapshot) -> String {
    let used = &flow.time_use;
    // Shares of a whole, each 0 to 1.
    let percent = |share: f64| (share * 100.0).round().clamp(0.0, 100.0) as u32;
    format!(
        "waits: source {}% target {}% cap {}%  moves {}%",
        percent(used.source),
        percent(used.target),
        percent(used.cap),
        percent(used.moving)
    )
}

/// What the configuration allows.
fn caps(model: &Model, flow: &FlowSnapshot) -> String {
    let FlowCaps { records_per_second, bytes_per_second } =
        model.inventory.caps.get(&flow.flow).copied().unwrap_or_default();
    let records = records_per_second.map(|records| number::records_rate(records as f64));
    let bytes = bytes_per_second.map(|bytes| number::bytes_rate(bytes as f64));
    let allowed: Vec<String> = records.into_iter().chain(bytes).collect();
    let reached = match flow.time_use.cap {
        share if share > 0.5 => "reached",
        share if share > 0.05 => "reached at times",
        _ => "not reached",
    };
    if allowed.is_empty() { "no cap set".into() } else { format!("cap {} {reached}", allowed.join(", ")) }
}
