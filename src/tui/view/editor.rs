//! A flow that is edited, with what its rules come to.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::widget::pen::{Pen, line};

pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let text = "no flow is chosen: choose one among the flows";
    Pen::new(buffer, line(area, 1), model.symbols).skip(2).write(text, model.theme.style(Role::Dim));
}
