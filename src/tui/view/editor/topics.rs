//! What becomes of every topic of the source.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::preview::{difference_text, fate_look, plan_role, sum_text, target_and_plan, target_role};
use crate::preview::PreviewedTopic;
use crate::report::number;
use crate::tui::model::Model;
use crate::tui::model::editor::rows::Fate;
use crate::tui::model::editor::sheet::Sheet;
use crate::tui::theme::Role;
use crate::tui::update::editor::{rate_text, rows, rule_words};
use crate::tui::widget::list_line::draw_list_line;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::table::{Cell, Column, ColumnWidth, Table};

const COLUMNS: &[Column] = &[
    Column { title: "", width: ColumnWidth::Fixed(1), is_right: false, leaves: 0, sort: Some(0) },
    Column { title: "SOURCE TOPIC", width: ColumnWidth::Fill(22), is_right: false, leaves: 0, sort: Some(1) },
    Column { title: "TARGET TOPIC", width: ColumnWidth::Fill(20), is_right: false, leaves: 1, sort: Some(2) },
    Column { title: "PLAN", width: ColumnWidth::Fixed(18), is_right: false, leaves: 2, sort: None },
    Column { title: "RULE", width: ColumnWidth::Fixed(12), is_right: false, leaves: 4, sort: None },
    Column { title: "RECORDS", width: ColumnWidth::Fixed(8), is_right: true, leaves: 3, sort: Some(3) },
    Column { title: "RATE", width: ColumnWidth::Fixed(7), is_right: true, leaves: 5, sort: Some(4) },
];

pub(super) fn draw(model: &Model, sheet: &Sheet, area: Rect, buffer: &mut Buffer) {
    let Some(preview) = &sheet.preview else {
        let text = "nothing is known yet of what the rules match";
        Pen::new(buffer, line(area, 1), model.symbols).skip(2).write(text, model.theme.style(Role::Dim));
        return;
    };
    let shown = rows(model);
    let title = format!("All topics of {}", sheet.draft.source);
    let right = match &preview.difference {
        Some(difference) if !difference.is_empty() => difference_text(difference),
        _ => sum_text(&preview.totals),
    };
    let foot = format!("{}/{}", shown.keys.len(), preview.topics.len());
    let panel = Panel { title: &title, title_right: &right, foot: &foot, has_focus: true };
    let inside = panel.draw_fitting(model, area, buffer);
    let list = &model.editor.topics;
    let inside = draw_list_line(model, list, COLUMNS, (shown.keys.len(), preview.topics.len()), inside, buffer);
    let table = Table { columns: COLUMNS, list, keys: &shown.keys };
    table.draw(model, inside, buffer, |row| cells(model, &preview.topics[shown.places[row]]));
}

fn cells<'a>(model: &Model, topic: &'a PreviewedTopic) -> Vec<Cell<'a>> {
    let theme = &model.theme;
    let (sign, role) = fate_look(topic);
    let is_mirrored = Fate::of(topic) <= Fate::Mirrored;
    let (target, plan) = target_and_plan(topic);
    let dim = theme.style(Role::Dim);
    let records = topic.records_max.map(number::count).unwrap_or_default();
    vec![
        Cell::new(sign, theme.style(role)),
        Cell::new(topic.source.as_str(), theme.style(if is_mirrored { Role::Text } else { Role::Dim })),
        Cell::new(target, theme.style(target_role(topic))),
        Cell::new(plan, theme.style(plan_role(topic))),
        Cell::new(rule_words(topic), dim),
        Cell::new(records, dim),
        Cell::new(topic.records_per_second.map(rate_text).unwrap_or_default(), dim),
    ]
}
