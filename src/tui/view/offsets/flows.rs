//! The flows, where it is not said yet whose positions are to be edited.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::update::offsets;
use crate::tui::widget::list_line::draw_list_line;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::table::{Cell, Column, ColumnWidth, Table};
use crate::tui::words::flow_state_word;

const COLUMNS: &[Column] = &[
    Column { title: "FLOW", width: ColumnWidth::Fill(12), is_right: false, leaves: 0, sort: None },
    Column { title: "FROM", width: ColumnWidth::Fill(8), is_right: false, leaves: 2, sort: None },
    Column { title: "TO", width: ColumnWidth::Fill(8), is_right: false, leaves: 1, sort: None },
    Column { title: "STATE", width: ColumnWidth::Fixed(12), is_right: false, leaves: 3, sort: None },
    Column { title: "STAGED", width: ColumnWidth::Fixed(8), is_right: true, leaves: 4, sort: None },
];

pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let flows = offsets::flows(model);
    let list = &model.offsets.flows;
    let panel = Panel { title: "Whose positions are to be edited?", has_focus: true, ..Panel::default() };
    let inside = panel.draw_fitting(model, area, buffer);
    if flows.is_empty() && list.filter.is_all() {
        super::tell(model, "No flow is configured.", Role::Dim, inside, buffer);
        return;
    }
    let inside = draw_list_line(model, list, COLUMNS, (flows.len(), flows.len()), inside, buffer);
    let keys: Vec<String> = flows.iter().map(ToString::to_string).collect();
    let style = |role| model.theme.style(role);
    Table { columns: COLUMNS, list, keys: &keys }.draw(model, inside, buffer, |row| {
        let flow = &flows[row];
        let (source, target) = offsets::clusters(model, flow).unzip();
        let cluster = |name: Option<crate::model::ClusterName>| name.map(|name| name.to_string()).unwrap_or_default();
        let state = model.snapshot.flow(flow).map_or("stopped", |flow| flow_state_word(&flow.state));
        let staged = model.offsets.desks.get(flow).map_or(0, |desk| desk.draft.edits().len());
        let staged = if staged == 0 { String::new() } else { staged.to_string() };
        vec![
            Cell::new(keys[row].clone(), style(Role::Text)),
            Cell::new(cluster(source), style(Role::Dim)),
            Cell::new(cluster(target), style(Role::Dim)),
            Cell::new(state, style(Role::Text)),
            Cell::new(staged, style(Role::Change)),
        ]
    });
}
