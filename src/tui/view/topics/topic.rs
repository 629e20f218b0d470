//! A topic: what there is to know about it, and its partitions.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::facts;
use crate::model::TopicName;
use crate::report::number;
use crate::tui::model::topics::cluster_view::TopicEntry;
use crate::tui::model::{Density, Model};
use crate::tui::theme::Role;
use crate::tui::update::topics::{PartitionRow, partitions};
use crate::tui::widget::fields::draw_fields;
use crate::tui::widget::list_line::draw_list_line;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::table::{Cell, Column, ColumnWidth, Table};
use crate::tui::widget::text::wrap;

const COLUMNS: &[Column] = &[
    Column { title: "P", width: ColumnWidth::Fixed(5), is_right: true, leaves: 0, sort: Some(0) },
    Column { title: "LOW", width: ColumnWidth::Fixed(14), is_right: true, leaves: 2, sort: Some(1) },
    Column { title: "HIGH", width: ColumnWidth::Fixed(14), is_right: true, leaves: 0, sort: Some(2) },
    Column { title: "RECORDS", width: ColumnWidth::Fixed(9), is_right: true, leaves: 1, sort: Some(3) },
    Column { title: "LEADER", width: ColumnWidth::Fixed(7), is_right: true, leaves: 0, sort: Some(4) },
    Column { title: "ISR", width: ColumnWidth::Fixed(5), is_right: true, leaves: 0, sort: None },
];

pub(super) fn draw(model: &Model, topic: &TopicName, area: Rect, buffer: &mut Buffer) {
    let Some(entry) = model.topics.entry(topic) else {
        let cluster = model.topics.cluster.as_ref().map(ToString::to_string).unwrap_or_default();
        let text = format!("{cluster} has no topic {topic}, or does not show it.");
        return super::tell(model, &text, Role::Warn, area, buffer);
    };
    let (left, right) = split(model, area);
    about(model, entry, left, buffer);
    let rows = partitions(model, topic);
    let total = usize::try_from(entry.listed.partitions).unwrap_or(0);
    let foot = format!("{}/{total}", rows.len());
    let title = format!("Partitions  {total}");
    let panel = Panel { title: &title, foot: &foot, has_focus: true, ..Panel::default() };
    let inside = panel.draw_fitting(model, right, buffer);
    let list = &model.topics.partitions;
    let inside = draw_list_line(model, list, COLUMNS, (rows.len(), total), inside, buffer);
    let keys: Vec<String> = rows.iter().map(|row| row.number.to_string()).collect();
    let table = Table { columns: COLUMNS, list, keys: &keys };
    table.draw(model, inside, buffer, |row| cells(model, entry, &rows[row]));
}

/// What is known of the topic stands left of its partitions, or above them; on the smallest screens there is no room.
fn split(model: &Model, area: Rect) -> (Rect, Rect) {
    match model.density() {
        Density::Wide => {
            let width = area.width / 2 - 2;
            (Rect { width, ..area }, Rect { x: area.x + width, width: area.width - width, ..area })
        }
        Density::Normal => {
            let height = area.height * 3 / 5;
            (Rect { height, ..area }, Rect { y: area.y + height, height: area.height - height, ..area })
        }
        Density::Tiny => (Rect { height: 0, ..area }, area),
    }
}

fn about(model: &Model, entry: &TopicEntry, area: Rect, buffer: &mut Buffer) {
    if area.height < 3 {
        return;
    }
    let title = entry.listed.name.as_str();
    let inside = Panel { title, ..Panel::default() }.draw_fitting(model, area, buffer);
    let fields = facts::fields(model, entry);
    draw_fields(model, &fields, inside, buffer);
    let columns = usize::from(inside.width).saturating_sub(2);
    let mut lines = vec![("why it is (not) mirrored".to_owned(), Role::Head)];
    lines.extend(facts::verdict_lines(model, entry, columns));
    if let Some(Ok(settings)) = &entry.settings {
        lines.push((String::new(), Role::Text));
        lines.push(("set on the topic itself".to_owned(), Role::Head));
        if settings.overrides.is_empty() {
            lines.push(("nothing: all as the brokers have it".to_owned(), Role::Dim));
        }
        for (name, value) in &settings.overrides {
            lines.extend(wrap(&format!("{name} = {value}"), columns).into_iter().map(|line| (line, Role::Text)));
        }
    }
    let gap = u16::from(model.density() == Density::Wide);
    let used = u16::try_from(fields.len()).unwrap_or(u16::MAX).saturating_add(gap).min(inside.height);
    let rest = Rect { y: inside.y + used, height: inside.height - used, ..inside };
    let trend_height = if model.density() == Density::Wide && rest.height >= 10 { 4 } else { 0 };
    super::draw_lines(model, &lines, Rect { height: rest.height - trend_height, ..rest }, buffer);
    let trend = Rect { y: rest.y + rest.height - trend_height, height: trend_height, ..rest };
    facts::trend(model, entry, trend, buffer);
}

fn cells<'a>(model: &'a Model, entry: &TopicEntry, row: &PartitionRow) -> Vec<Cell<'a>> {
    let style = model.theme.style(if row.has_problem() { Role::Err } else { Role::Text });
    let known = |value: Option<String>| match value {
        Some(value) => Cell::new(value, style),
        None => Cell::new(model.symbols.unknown, model.theme.style(Role::Dim)),
    };
    let bound = if entry.is_upper_bound() { "≤" } else { "" };
    let records = |(low, high): (i64, i64)| format!("{bound}{}", number::count(u64::try_from(high - low).unwrap_or(0)));
    vec![
        Cell::new(row.number.to_string(), style),
        known(row.log.map(|log| number::exact(log.0))),
        known(row.log.map(|log| number::exact(log.1))),
        known(row.log.map(records)),
        Cell::new(facts::leader(model, row), style),
        Cell::new(facts::in_sync(model, row), style),
    ]
}
