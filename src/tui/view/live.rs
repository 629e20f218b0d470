//! One flow as it runs.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::widget::pen::{Pen, line};

pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let text = match &model.live.flow {
        Some(flow) => format!("Flow {flow}"),
        None => "Open a flow on the first page (1, then enter).".into(),
    };
    Pen::new(buffer, line(area, 1), model.symbols).skip(2).write(&text, model.theme.style(Role::Text));
}
