//! What the partitions of the scope come to.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{words, write_lines};
use crate::report::number;
use crate::tui::model::offsets::sums::{Sum, Sums, Worst};
use crate::tui::model::offsets::{Desk, EditScope};
use crate::tui::model::{Density, Model};
use crate::tui::theme::Role;
use crate::tui::update::offsets;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};

/// How long copying takes, and by what.
pub(super) struct Pace {
    /// `AT CAP`, `AT THIS RATE`; empty where neither is known.
    title: &'static str,
    bytes_per_second: Option<f64>,
    records_per_second: Option<f64>,
}

impl Pace {
    /// By the flow's own limits, or by what it does now.
    pub(super) fn of(model: &Model) -> Self {
        let caps = model.offsets.flow.as_ref().and_then(|flow| model.inventory.caps.get(flow)).copied();
        let caps = caps.unwrap_or_default();
        let [bytes, records] = [caps.bytes_per_second, caps.records_per_second].map(|cap| cap.map(|cap| cap as f64));
        if bytes.is_some() || records.is_some() {
            return Self { title: "AT CAP", bytes_per_second: bytes, records_per_second: records };
        }
        let now = offsets::running(model).map(|flow| flow.records_per_second).filter(|rate| *rate >= 1.0);
        let title = if now.is_some() { "AT RATE" } else { "" };
        Self { title, bytes_per_second: None, records_per_second: now }
    }

    /// For some partitions.
    pub(super) fn text(&self, records: u64, bytes: Option<f64>) -> String {
        let by_bytes = self.bytes_per_second.zip(bytes).map(|(rate, bytes)| bytes / rate.max(1.0));
        let by_records = self.records_per_second.map(|rate| records as f64 / rate.max(1.0));
        let seconds = [by_bytes, by_records].into_iter().flatten().reduce(f64::max);
        match seconds {
            // Saturates, which is what is wanted.
            Some(_) if records == 0 => String::new(),
            Some(seconds) if seconds < 1.0 => "<1s".into(),
            Some(seconds) => number::duration(seconds.round() as u64),
            None => String::new(),
        }
    }
}

pub(super) fn draw(model: &Model, desk: &Desk, area: Rect, buffer: &mut Buffer) {
    let of = match &desk.scope {
        EditScope::Topic(topic) => format!("Effect on {topic}"),
        EditScope::Flow => "Effect on the whole flow".into(),
        EditScope::Marked(_) => "Effect on what was marked".into(),
    };
    let inside = Panel { title: &of, ..Panel::default() }.draw_fitting(model, area, buffer);
    let Some(sums) = model.offsets.sums() else { return };
    let pace = Pace::of(model);
    let rows = table(model, &sums, &pace, inside, buffer);
    let rest = Rect { y: inside.y + rows, height: inside.height.saturating_sub(rows), ..inside };
    let mut lines = warnings(model, &sums);
    lines.push((basis(model, desk, &sums), model.theme.style(Role::Dim)));
    write_lines(model, &lines, rest, buffer);
}

/// The groups of partitions; tells how many rows that takes.
fn table(model: &Model, sums: &Sums, pace: &Pace, area: Rect, buffer: &mut Buffer) -> u16 {
    let is_wide = model.density() == Density::Wide;
    let style = |role| model.theme.style(role);
    let columns =
        |name: &str, records: &str, bytes: &str, time: &str| format!("{name:<16}{records:>18}{bytes:>13}{time:>12}");
    let mut row = 0;
    let mut put = |text: &str, style: Style| {
        Pen::new(buffer, line(area, row), model.symbols).skip(1).write(text, style);
        row += 1;
    };
    if is_wide {
        put(&columns("", "RECORDS", "BYTES", pace.title), style(Role::Head));
    }
    let groups: [(&str, &Sum, Role); 4] = [
        ("edited", &sums.edited, Role::Change),
        ("problem", &sums.problem, Role::Err),
        ("unchanged", &sums.unchanged, Role::Dim),
        ("total", &sums.total, Role::Text),
    ];
    for (name, sum, role) in groups {
        let is_needed = is_wide || name == "total" || (sum.partitions > 0 && name != "unchanged");
        if !is_needed {
            continue;
        }
        let name = format!("{name} ({})", number::exact(u64::try_from(sum.partitions).unwrap_or(0)));
        let bytes = sum
            .bytes
            .map_or_else(|| model.symbols.unknown.to_owned(), |bytes| format!("~{}", number::bytes(bytes as u64)));
        let time = pace.text(sum.records, sum.bytes);
        let role = if sum.partitions == 0 { Role::Disabled } else { role };
        put(&columns(&name, &number::exact(sum.records), &bytes, &time), style(role));
    }
    row
}

/// What somebody should know before it is set.
pub(super) fn warnings(model: &Model, sums: &Sums) -> Vec<(String, Style)> {
    let style = |role| model.theme.style(role);
    let has_topics = model.offsets.sheet().is_some_and(|sheet| sheet.has_topics);
    let mut lines = Vec::new();
    let mut warn = |name: &str, worst: &Worst, what: &str, role: Role| {
        if worst.records > 0 {
            let text = format!("{name}{} {what}{}", words::records(worst.records), named(worst, has_topics));
            lines.push((text, style(role)));
        }
    };
    warn("duplicates  ", &sums.again, "the target has already", Role::Warn);
    warn("gaps        ", &sums.left_out, "are never copied", Role::Warn);
    warn("retention   ", &sums.lost, "are gone, never copied", Role::Err);
    if sums.pending > 0 {
        lines.push((format!("looking up {} positions{}", sums.pending, model.symbols.ellipsis), style(Role::Info)));
    }
    lines
}

/// `: P2 2,350,208, P4 100 and 3 more`.
pub(super) fn named(worst: &Worst, has_topics: bool) -> String {
    // Names of topics are long.
    let shown = if has_topics { 1 } else { worst.named.len() };
    let one = |(partition, records): &(_, u64)| {
        format!("{} {}", words::partition(partition, has_topics), number::exact(*records))
    };
    let more = worst.partitions - shown.min(worst.partitions);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    match worst.named.as_slice() {
        [(partition, _)] if worst.partitions == 1 => format!(": {}", words::partition(partition, has_topics)),
        named => format!(": {}{more}", named.iter().take(shown).map(one).collect::<Vec<_>>().join(", ")),
    }
}

/// What the numbers are based on.
fn basis(model: &Model, desk: &Desk, sums: &Sums) -> String {
    let sampled = desk.sampled_records();
    let pace = match Pace::of(model) {
        Pace { title: "", .. } => String::new(),
        Pace { bytes_per_second: Some(rate), .. } => format!("; cap {}", number::bytes_rate(rate)),
        Pace { title, records_per_second: Some(rate), .. } => {
            let what = if title == "AT CAP" { "cap" } else { "now" };
            format!("; {what} {}", number::records_rate(rate))
        }
        Pace { .. } => String::new(),
    };
    let each = match (sums.total.bytes, sums.total.records) {
        (Some(bytes), records) if records > 0 => format!(" ({})", number::bytes((bytes / records as f64) as u64)),
        _ => String::new(),
    };
    match sampled {
        0 => format!("bytes are not known: no record was looked at yet{pace}"),
        n => format!("bytes estimated from {}{each}{pace}", sampled_text(n)),
    }
}

fn sampled_text(count: u64) -> String {
    if count == 1 { "1 sampled record".into() } else { format!("{} sampled records", number::exact(count)) }
}
