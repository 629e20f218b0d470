//! One record: key, headers and value, as text, JSON or hex.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::model::{BrowsedBytes, BrowsedRecord};
use crate::report::number;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::payload;
use crate::tui::widget::text::wrap;

/// Lines of a key or value that are made where there is little room anyway.
const GLANCE_LINES: usize = 12;

/// The page of a record.
pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let records = &model.topics.records;
    let (Some(record), Some(of)) = (records.selected(), &records.of) else {
        return super::tell(model, "This record is not on the page any more.", Role::Dim, area, buffer);
    };
    let title = format!("{}/{} at {}", of.topic, record.partition, number::exact(record.offset));
    let format = format!("format: {}", records.format.word());
    let inner = usize::from(area.width).saturating_sub(4);
    let lines = lines(model, record, inner, usize::MAX);
    let panel = Panel { title: &title, title_right: &format, has_focus: true, ..Panel::default() };
    let inside = panel.draw_fitting(model, area, buffer);
    let window = records.scroll.window(lines.len(), usize::from(inside.height));
    super::draw_lines(model, &lines[window], inside, buffer);
}

/// The beginning of a record, below the list.
pub(super) fn glance(model: &Model, record: &BrowsedRecord, area: Rect, buffer: &mut Buffer) {
    let title = format!("partition {} at {}", record.partition, number::exact(record.offset));
    let format = format!("format: {}", model.topics.records.format.word());
    let panel = Panel { title: &title, title_right: &format, foot: "enter: all of it", ..Panel::default() };
    let inside = panel.draw_fitting(model, area, buffer);
    let lines = lines(model, record, usize::from(area.width).saturating_sub(4), GLANCE_LINES);
    super::draw_lines(model, &lines, inside, buffer);
}

fn lines(model: &Model, record: &BrowsedRecord, columns: usize, lines_max: usize) -> Vec<(String, Role)> {
    let format = model.topics.records.format;
    let mut lines = Vec::new();
    let time = match record.timestamp_ms {
        Some(ms) => format!("time {}  ({ms} ms)", super::records::time(model, ms)),
        None => "time not set".to_owned(),
    };
    lines.extend(wrap(&time, columns).into_iter().map(|line| (line, Role::Dim)));
    let mut part = |name: &str, bytes: Option<&BrowsedBytes>| {
        let head = match bytes {
            None => format!("{name}  null"),
            Some(bytes) if bytes.size_bytes == 0 => format!("{name}  empty"),
            Some(bytes) => format!("{name}  {}  {}{}", size(bytes), format.of(bytes).word(), cut(bytes)),
        };
        lines.extend(wrap(&head, columns).into_iter().map(|line| (line, Role::Head)));
        if let Some(bytes) = bytes {
            let shown = payload::lines(bytes, format, columns).into_iter().take(lines_max);
            let is_empty = bytes.size_bytes == 0;
            lines.extend(shown.filter(|_| !is_empty).map(|line| (line, Role::Text)));
        }
    };
    part("key", record.key.as_ref());
    part("value", record.value.as_ref());
    for (name, value) in &record.headers {
        part(&format!("header {}", String::from_utf8_lossy(name)), value.as_ref());
    }
    if record.headers.is_empty() {
        lines.push(("no headers".into(), Role::Dim));
    }
    lines
}

fn size(bytes: &BrowsedBytes) -> String {
    number::bytes(bytes.size_bytes as u64)
}

/// That not all is shown.
fn cut(bytes: &BrowsedBytes) -> String {
    if bytes.shown.len() < bytes.size_bytes {
        format!("  (only the first {} are here)", number::bytes(bytes.shown.len() as u64))
    } else {
        String::new()
    }
}
