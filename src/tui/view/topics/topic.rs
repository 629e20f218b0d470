//! A topic: what there is to know about it, and its partitions.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::facts;
use crate::model::TopicName;
use crate::report::number;
use crate::tui::model::scroll::Scroll;
use crate::tui::model::topics::cluster_view::TopicEntry;
use crate::tui::model::{Density, Model};
use crate::tui::theme::Role;
use crate::tui::update::topics::{PartitionRow, partitions};
use crate::tui::widget::list_line::draw_list_line;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::table::{Cell, Column, ColumnWidth, Table};
use crate::tui::widget::text::wrap;

const COLUMNS: &[Column] = &[
    Column { title: "P", width: ColumnWidth::Fixed(4), is_right: true, leaves: 0, sort: Some(0) },
    Column { title: "LOW", width: ColumnWidth::Fixed(13), is_right: true, leaves: 2, sort: Some(1) },
    Column { title: "HIGH", width: ColumnWidth::Fixed(13), is_right: true, leaves: 0, sort: Some(2) },
    Column { title: "RECORDS", width: ColumnWidth::Fixed(8), is_right: true, leaves: 1, sort: Some(3) },
    Column { title: "LEADER", width: ColumnWidth::Fixed(7), is_right: true, leaves: 0, sort: Some(4) },
    Column { title: "ISR", width: ColumnWidth::Fixed(5), is_right: true, leaves: 0, sort: None },
];

pub(super) fn draw(model: &Model, topic: &TopicName, area: Rect, buffer: &mut Buffer) {
    let Some(entry) = model.topics.entry(topic) else {
        let cluster = model.topics.cluster.as_ref().map(ToString::to_string).unwrap_or_default();
        let text = format!("{cluster} has no topic {topic}, or does not show it.");
        return super::tell(model, &text, Role::Warn, area, buffer);
    };
    if let Some(scroll) = &model.topics.facts {
        return all_facts(model, entry, scroll, area, buffer);
    }
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
            let width = area.width / 2 - 4;
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
    let inside = Panel { title, foot: "tab: all of it", ..Panel::default() }.draw_fitting(model, area, buffer);
    let lines = lines(model, entry, inside.width);
    let is_wide = model.density() == Density::Wide;
    let trend_height = if is_wide && usize::from(inside.height) >= lines.len().min(12) + 4 { 4 } else { 0 };
    super::draw_lines(model, &lines, Rect { height: inside.height - trend_height, ..inside }, buffer);
    let trend = Rect { y: inside.y + inside.height - trend_height, height: trend_height, ..inside };
    facts::trend(model, entry, trend, buffer);
}

/// Everything, as far as it fits, from the line on that was scrolled to.
fn all_facts(model: &Model, entry: &TopicEntry, scroll: &Scroll, area: Rect, buffer: &mut Buffer) {
    let title = entry.listed.name.as_str();
    let inside = Panel { title, has_focus: true, ..Panel::default() }.draw_fitting(model, area, buffer);
    let lines = lines(model, entry, inside.width);
    let window = scroll.window(lines.len(), usize::from(inside.height));
    super::draw_lines(model, &lines[window], inside, buffer);
}

/// All there is to know about a topic.
fn lines(model: &Model, entry: &TopicEntry, columns: u16) -> Vec<(String, Role)> {
    let columns = usize::from(columns).saturating_sub(2);
    let fact = |(name, value, role): (&str, String, Role)| (format!("{name:11}  {value}"), role);
    let mut lines: Vec<(String, Role)> = facts::fields(model, entry).into_iter().map(fact).collect();
    lines.push((String::new(), Role::Text));
    lines.push(("why it is (not) mirrored".to_owned(), Role::Head));
    lines.extend(facts::verdict_lines(model, entry, columns));
    lines.extend(overrides(entry, columns));
    lines
}

/// What is set on the topic itself, or why that is not known.
fn overrides(entry: &TopicEntry, columns: usize) -> Vec<(String, Role)> {
    let told = match &entry.settings {
        None => return Vec::new(),
        Some(Err(why)) => vec![(format!("not known: {why}"), Role::Dim)],
        Some(Ok(settings)) if settings.overrides.is_empty() => {
            vec![("nothing: all as the brokers have it".to_owned(), Role::Dim)]
        }
        Some(Ok(settings)) => {
            settings.overrides.iter().map(|(name, value)| (format!("{name} = {value}"), Role::Text)).collect()
        }
    };
    let lines =
        told.into_iter().flat_map(|(text, role)| wrap(&text, columns).into_iter().map(move |line| (line, role)));
    let head = [(String::new(), Role::Text), ("set on the topic itself".to_owned(), Role::Head)];
    head.into_iter().chain(lines).collect()
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
