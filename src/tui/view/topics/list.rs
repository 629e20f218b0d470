//! The list of topics, and beside or below it what there is to know about the one at hand.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::facts;
use crate::report::number;
use crate::tui::model::topics::cluster_view::{ClusterView, TopicEntry};
use crate::tui::model::{Density, Model};
use crate::tui::theme::Role;
use crate::tui::update::topics::{flow_word, keep_word, rows, topic_at_hand};
use crate::tui::widget::list_line::draw_list_line;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::table::{Cell, Column, ColumnWidth, Table};

/// Columns of the panel beside the list.
const BESIDE: u16 = 44;
/// Lines of the panel below it.
const BELOW: u16 = 6;

const COLUMNS: &[Column] = &[
    Column { title: "TOPIC", width: ColumnWidth::Fill(16), is_right: false, leaves: 0, sort: Some(0) },
    Column { title: "P", width: ColumnWidth::Fixed(5), is_right: true, leaves: 2, sort: Some(1) },
    Column { title: "RF", width: ColumnWidth::Fixed(3), is_right: true, leaves: 6, sort: Some(2) },
    Column { title: "RECORDS", width: ColumnWidth::Fixed(8), is_right: true, leaves: 0, sort: Some(3) },
    Column { title: "RATE", width: ColumnWidth::Fixed(7), is_right: true, leaves: 3, sort: Some(4) },
    Column { title: "KEEP", width: ColumnWidth::Fixed(7), is_right: true, leaves: 5, sort: Some(5) },
    Column { title: "FLOW", width: ColumnWidth::Fixed(10), is_right: false, leaves: 4, sort: Some(6) },
];

pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let Some(cluster) = &model.topics.cluster else {
        return super::tell(model, "There is no cluster yet. 5 leads to the clusters.", Role::Text, area, buffer);
    };
    let (list_area, detail_area) = split(model, area);
    let view = model.topics.view();
    let panel_title = format!("Topics of {cluster}");
    let right = view.map(|view| age(model, view)).unwrap_or_default();
    let shown = rows(model);
    let foot = format!("{}/{}", shown.keys.len(), shown.total);
    let panel = Panel { title: &panel_title, title_right: &right, foot: &foot, has_focus: true };
    let inside = panel.draw_fitting(model, list_area, buffer);
    let inside = complaint(model, view, inside, buffer);
    let Some(view) = view.filter(|view| view.listed_ms.is_some()) else {
        if view.is_none_or(|view| view.error.is_none()) {
            super::tell(model, &format!("Asking {cluster} for its topics."), Role::Dim, inside, buffer);
        }
        return;
    };
    let list = &model.topics.list;
    let inside = draw_list_line(model, list, COLUMNS, (shown.keys.len(), shown.total), inside, buffer);
    let table = Table { columns: COLUMNS, list, keys: &shown.keys };
    let drawn = table.draw(model, inside, buffer, |row| cells(model, &view.entries[shown.places[row]]));
    left_out(model, shown.total - shown.keys.len(), shown.hidden_internal, drawn.len(), inside, buffer);
    if detail_area.height > 0
        && let Some(entry) = topic_at_hand(model).and_then(|topic| view.entry(&topic))
    {
        if model.density() == Density::Wide {
            facts::beside(model, entry, detail_area, buffer);
        } else {
            facts::below(model, entry, detail_area, buffer);
        }
    }
}

/// The panel stands beside the list where there is room, else below it, and on the smallest screens nowhere.
fn split(model: &Model, area: Rect) -> (Rect, Rect) {
    match model.density() {
        Density::Wide => {
            let width = area.width - BESIDE;
            (Rect { width, ..area }, Rect { x: area.x + width, width: BESIDE, ..area })
        }
        Density::Normal => {
            let height = area.height.saturating_sub(BELOW);
            (Rect { height, ..area }, Rect { y: area.y + height, height: area.height - height, ..area })
        }
        Density::Tiny => (area, Rect { height: 0, ..area }),
    }
}

/// How old the list is, and how much there is.
fn age(model: &Model, view: &ClusterView) -> String {
    let Some(listed_ms) = view.listed_ms else { return String::new() };
    let seconds = u64::try_from((model.now.wall_ms - listed_ms) / 1_000).unwrap_or(0);
    let topics = number::counted(view.entries.len(), "topic");
    let partitions = number::counted(usize::try_from(view.partitions()).unwrap_or(usize::MAX), "partition");
    format!("{topics}  {partitions}  {} ago", number::duration_short(seconds))
}

/// A line about what could not be asked.
fn complaint(model: &Model, view: Option<&ClusterView>, area: Rect, buffer: &mut Buffer) -> Rect {
    let Some(view) = view else { return area };
    let Some(error) = view.error.as_ref().or(view.logs_error.as_ref()) else { return area };
    let text = format!("{} failed to {}", model.symbols.blocked, error.message);
    if view.listed_ms.is_none() {
        super::tell(model, &text, Role::Err, area, buffer);
        if let Some(next) = &error.next {
            Pen::new(buffer, line(area, 6), model.symbols).skip(2).write(next, model.theme.style(Role::Text));
        }
        return area;
    }
    Pen::new(buffer, line(area, 0), model.symbols).skip(1).write(&text, model.theme.style(Role::Err));
    Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area }
}

/// Below the rows, where there is room: what is not shown, and the key that shows it.
fn left_out(model: &Model, filtered: usize, internal: usize, drawn: usize, area: Rect, buffer: &mut Buffer) {
    let mut words = Vec::new();
    if filtered > 0 {
        words.push(format!("{filtered} hidden by filter (esc clears)"));
    }
    if internal > 0 {
        words.push(format!("{internal} internal (i shows)"));
    }
    let row = u16::try_from(drawn + 2).unwrap_or(u16::MAX);
    if !words.is_empty() {
        let text = format!("{} {}", model.symbols.ellipsis, words.join(", "));
        Pen::new(buffer, line(area, row), model.symbols).skip(2).write(&text, model.theme.style(Role::Dim));
    }
}

fn cells<'a>(model: &'a Model, entry: &'a TopicEntry) -> Vec<Cell<'a>> {
    let theme = &model.theme;
    let (text, dim) = (theme.style(Role::Text), theme.style(Role::Dim));
    let known = |value: Option<String>| match value {
        Some(value) => Cell::new(value, text),
        None => Cell::new(model.symbols.unknown, dim),
    };
    let listed = &entry.listed;
    let name = listed.name.as_str();
    let name = if listed.fault.is_some() || listed.leaderless > 0 {
        Cell::new(format!("{} {name}", model.symbols.blocked), theme.style(Role::Err))
    } else if entry.has_problem() {
        Cell::new(format!("{} {name}", model.symbols.waiting), theme.style(Role::Warn))
    } else {
        Cell::new(name, if listed.is_internal { dim } else { text })
    };
    let described = |number: i32| known(listed.fault.is_none().then(|| number.to_string()));
    let flow = match flow_word(entry) {
        Some(flow) if listed.verdicts.iter().any(|verdict| verdict.target_topic().is_some()) => {
            Cell::new(flow, theme.style(Role::Accent))
        }
        Some(flow) => Cell::new(flow, dim),
        None => known(None),
    };
    vec![
        name,
        described(listed.partitions),
        described(listed.replication_factor),
        known(facts::records(entry)),
        known(entry.rate().map(|(rate, _)| number::records_rate(rate))),
        known(keep_word(entry)),
        flow,
    ]
}
