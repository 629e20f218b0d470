//! Records of a topic, a page at a time.

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::record;
use crate::model::{BrowsedBytes, BrowsedPage, BrowsedRecord};
use crate::report::number;
use crate::tui::model::topics::records::PLACES;
use crate::tui::model::{Density, Model, Task};
use crate::tui::services::{JobKey, TopicJobKey};
use crate::tui::theme::Role;
use crate::tui::update::topics::{record_bytes, record_rows};
use crate::tui::widget::list_line::draw_list_line;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::payload::preview;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::table::{Cell, Column, ColumnWidth, Table};

/// Characters of a value that are worth making: more than any screen has columns.
const PREVIEW_MAX: usize = 300;

const COLUMNS: &[Column] = &[
    Column { title: "P", width: ColumnWidth::Fixed(4), is_right: true, leaves: 0, sort: Some(1) },
    Column { title: "OFFSET", width: ColumnWidth::Fixed(13), is_right: true, leaves: 0, sort: None },
    Column { title: "TIME", width: ColumnWidth::Fixed(16), is_right: false, leaves: 1, sort: Some(0) },
    Column { title: "KEY", width: ColumnWidth::Fixed(12), is_right: false, leaves: 2, sort: None },
    Column { title: "VALUE", width: ColumnWidth::Fill(24), is_right: false, leaves: 0, sort: None },
    Column { title: "SIZE", width: ColumnWidth::Fixed(8), is_right: true, leaves: 3, sort: Some(2) },
];

pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let records = &model.topics.records;
    let Some(of) = &records.of else { return };
    let (list_area, below) = split(model, area);
    let is_reading = |task: &Task| task.job.key() == JobKey::Topic(TopicJobKey::Browse);
    let place = match &records.asked {
        Some(asked) if model.tasks.iter().any(is_reading) => format!("reading {asked}"),
        _ => records.place.clone(),
    };
    let title = match of.partition {
        Some(partition) => format!("{}/{partition}", of.topic),
        None => of.topic.to_string(),
    };
    let rows = record_rows(model);
    let total = records.records().len();
    let foot = format!("{}/{total}", rows.len());
    let panel = Panel { title: &title, title_right: &place, foot: &foot, has_focus: true };
    let inside = panel.draw_fitting(model, list_area, buffer);
    let inside = prompt(model, inside, buffer);
    match &records.page {
        None if place.is_empty() => {
            return super::tell(model, "Nothing was read. ^r reads again.", Role::Dim, inside, buffer);
        }
        None => return super::tell(model, "Reading records.", Role::Dim, inside, buffer),
        Some(Err(error)) => {
            return super::tell(model, &format!("failed to {}", error.message), Role::Err, inside, buffer);
        }
        Some(Ok(page)) if page.records.is_empty() => {
            return super::tell(model, nothing(page), Role::Dim, inside, buffer);
        }
        Some(Ok(page)) => {
            let inside = remark(model, page, inside, buffer);
            let inside = draw_list_line(model, &records.list, COLUMNS, (rows.len(), total), inside, buffer);
            let keys: Vec<String> = rows.iter().map(|(key, _)| key.clone()).collect();
            let table = Table { columns: COLUMNS, list: &records.list, keys: &keys };
            table.draw(model, inside, buffer, |row| cells(model, rows[row].1));
        }
    }
    if let Some(selected) = records.selected().filter(|_| below.height > 0) {
        record::glance(model, selected, below, buffer);
    }
}

fn split(model: &Model, area: Rect) -> (Rect, Rect) {
    let room = match model.density() {
        Density::Wide => 13,
        Density::Normal => 7,
        Density::Tiny => 0,
    };
    let height = area.height.saturating_sub(room);
    (Rect { height, ..area }, Rect { y: area.y + height, height: area.height - height, ..area })
}

/// Where to go is typed above the list.
fn prompt(model: &Model, area: Rect, buffer: &mut Buffer) -> Rect {
    let records = &model.topics.records;
    let Some(typed) = &records.prompt else { return area };
    let theme = &model.theme;
    let (before, behind) = typed.halves();
    let mut pen = Pen::new(buffer, line(area, 0), model.symbols);
    let role = if records.prompt_error.is_some() { Role::Err } else { Role::Input };
    pen.skip(1).write("at ", theme.style(Role::Key)).write(before, theme.style(role));
    pen.write(model.symbols.cursor, theme.style(Role::Accent)).write(behind, theme.style(role)).skip(2);
    match &records.prompt_error {
        Some(error) => pen.write(error, theme.style(Role::Err)),
        None => pen.write(PLACES, theme.style(Role::Dim)),
    };
    Rect { y: area.y + area.height.min(1), height: area.height.saturating_sub(1), ..area }
}

/// Why a page has no records.
fn nothing(page: &BrowsedPage) -> &'static str {
    if page.is_cut_short {
        "No record came in time. ^r reads again."
    } else if page.logs.iter().all(|(_, low, high)| low >= high) {
        "There are no records: the log is empty."
    } else {
        "There are no records from there on. t shows the newest."
    }
}

/// What is to be known about the page as a whole.
fn remark(model: &Model, page: &BrowsedPage, area: Rect, buffer: &mut Buffer) -> Rect {
    let mut words = Vec::new();
    if page.is_cut_short {
        words.push("not all came in time: more may be there (^r reads again)".to_owned());
    }
    let is_one = model.topics.records.of.as_ref().is_some_and(|of| of.partition.is_some());
    if !is_one && page.ranges.len() < page.partitions {
        words.push(format!(
            "{} of {} partitions were read (enter on one of the others)",
            page.ranges.len(),
            page.partitions
        ));
    }
    if words.is_empty() || area.height < 3 {
        return area;
    }
    let text = format!("{} {}", model.symbols.waiting, words.join("; "));
    Pen::new(buffer, line(area, 0), model.symbols).skip(1).write(&text, model.theme.style(Role::Warn));
    Rect { y: area.y + 1, height: area.height - 1, ..area }
}

fn cells<'a>(model: &'a Model, record: &BrowsedRecord) -> Vec<Cell<'a>> {
    let text = model.theme.style(Role::Text);
    let dim = model.theme.style(Role::Dim);
    let bytes = |bytes: &Option<BrowsedBytes>| match bytes {
        None => Cell::new("(null)", dim),
        Some(bytes) if bytes.size_bytes == 0 => Cell::new("(empty)", dim),
        Some(bytes) => Cell::prose(preview(bytes, PREVIEW_MAX), text),
    };
    vec![
        Cell::new(record.partition.to_string(), text),
        Cell::new(number::exact(record.offset), text),
        match record.timestamp_ms {
            Some(ms) => Cell::new(short_time(model, ms), dim),
            None => Cell::new(model.symbols.unknown, dim),
        },
        bytes(&record.key),
        bytes(&record.value),
        Cell::new(number::bytes(record_bytes(record) as u64), dim),
    ]
}

/// A record's time: to the second where it is of this year, else to the minute.
fn short_time(model: &Model, ms: i64) -> String {
    let year = |ms| Timestamp::from_millisecond(ms).map(|time| time.to_zoned(model.time_zone()).year()).ok();
    let is_this_year = year(ms) == year(model.now.wall_ms);
    formatted(model, ms, if is_this_year { "%m-%d %H:%M:%S" } else { "%Y-%m-%d %H:%M" })
}

/// The same in full.
pub(super) fn time(model: &Model, ms: i64) -> String {
    formatted(model, ms, "%Y-%m-%d %H:%M:%S%.3f")
}

fn formatted(model: &Model, ms: i64, format: &str) -> String {
    match Timestamp::from_millisecond(ms) {
        Ok(time) => time.to_zoned(model.time_zone()).strftime(format).to_string(),
        Err(_) => format!("{ms} ms"),
    }
}
