//! The topics of a cluster.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::update::topic_rows;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::table::{Cell, Column, ColumnWidth, Table};

const COLUMNS: &[Column] = &[
    Column { title: "TOPIC", width: ColumnWidth::Fill(20), is_right: false, leaves: 0, sort: Some(0) },
    Column { title: "P", width: ColumnWidth::Fixed(6), is_right: true, leaves: 0, sort: Some(1) },
    Column { title: "RF", width: ColumnWidth::Fixed(4), is_right: true, leaves: 1, sort: Some(2) },
];

pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let text = model.theme.style(Role::Text);
    if let Some((_, Err(error))) = &model.topics.found {
        Pen::new(buffer, line(area, 1), model.symbols).skip(2).write("failed to ", text).write(&error.message, text);
        return;
    }
    let rows = topic_rows(model);
    let keys: Vec<String> = rows.iter().map(|topic| topic.name.to_string()).collect();
    let table = Table { columns: COLUMNS, list: &model.topics.list, keys: &keys };
    table.draw(model, area, buffer, |row| {
        let topic = rows[row];
        vec![
            Cell::new(topic.name.as_str(), text),
            Cell::new(topic.partitions.to_string(), text),
            Cell::new(topic.replication_factor.to_string(), text),
        ]
    });
}
