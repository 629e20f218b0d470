//! What limits the flow's rate, in words, with the shares it rests on and the flow's own caps.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::is_up;
use crate::engine::{Bottleneck, FlowSnapshot};
use crate::report::number;
use crate::tui::model::Model;
use crate::tui::services::FlowCaps;
use crate::tui::theme::Role;
use crate::tui::widget::pen::{Pen, line};

/// Lines it takes.
pub(super) const ROWS: u16 = 2;

/// On two lines.
pub(super) fn draw(model: &Model, flow: &FlowSnapshot, area: Rect, buffer: &mut Buffer) {
    let dim = model.theme.style(Role::Dim);
    let mut pen = Pen::new(buffer, line(area, 0), model.symbols);
    pen.skip(1).write("bottleneck: ", dim).write(words(flow), model.theme.style(Role::Text));
    let below = format!("{}   {}", shares(flow), caps(model, flow));
    Pen::new(buffer, line(area, 1), model.symbols).skip(1).write(&below, dim);
}

/// On one.
pub(super) fn draw_line(model: &Model, flow: &FlowSnapshot, area: Rect, buffer: &mut Buffer) {
    let dim = model.theme.style(Role::Dim);
    let mut pen = Pen::new(buffer, line(area, 0), model.symbols);
    pen.skip(1).write("bottleneck: ", dim).write(short_words(flow), model.theme.style(Role::Text));
    pen.skip(2).write(&shares(flow), dim);
}

fn words(flow: &FlowSnapshot) -> &'static str {
    match flow.time_use.bottleneck() {
        _ if !is_up(flow) => "the flow does not run",
        None => "none, it copies what comes",
        Some(Bottleneck::SourceReads) => "the source's brokers, which do not send faster",
        Some(Bottleneck::TargetAcknowledgements) => "the target's brokers, which do not acknowledge faster",
        Some(Bottleneck::Cap) => "the flow's own limits, see below",
        Some(Bottleneck::Shard) => "this process; more `shards` in the flow's configuration may help",
    }
}

fn short_words(flow: &FlowSnapshot) -> &'static str {
    match flow.time_use.bottleneck() {
        _ if !is_up(flow) => "the flow does not run",
        None => "none",
        Some(Bottleneck::SourceReads) => "source reads",
        Some(Bottleneck::TargetAcknowledgements) => "target acks",
        Some(Bottleneck::Cap) => "the flow's own limits",
        Some(Bottleneck::Shard) => "this process",
    }
}

/// What the time goes into.
fn shares(flow: &FlowSnapshot) -> String {
    let used = &flow.time_use;
    // Shares of a whole, each 0 to 1.
    let percent = |share: f64| (share * 100.0).round().clamp(0.0, 100.0) as u32;
    let idle = 1.0 - (used.source + used.target + used.cap + used.moving);
    format!(
        "waits for source {}%  target {}%  limits {}%  moves {}%  idle {}%",
        percent(used.source),
        percent(used.target),
        percent(used.cap),
        percent(used.moving),
        percent(idle)
    )
}

/// What the configuration allows.
fn caps(model: &Model, flow: &FlowSnapshot) -> String {
    let FlowCaps { records_per_second, bytes_per_second } =
        model.inventory.caps.get(&flow.flow).copied().unwrap_or_default();
    let records = records_per_second.map(|records| number::records_rate(records as f64));
    let bytes = bytes_per_second.map(|bytes| number::bytes_rate(bytes as f64));
    let allowed: Vec<String> = records.into_iter().chain(bytes).collect();
    if allowed.is_empty() { "no limits set".into() } else { format!("limits {}", allowed.join(", ")) }
}
