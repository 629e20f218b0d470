//! The clusters.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::widget::pen::{Pen, line};

pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    for (row, cluster) in (1..).zip(&model.inventory.clusters) {
        Pen::new(buffer, line(area, row), model.symbols)
            .skip(2)
            .write(&format!(" {} ", cluster.env), theme.badge(cluster.env))
            .skip(2)
            .write(cluster.name.as_str(), theme.style(Role::Accent))
            .skip(2)
            .write(&cluster.bootstrap_servers, theme.style(Role::Text))
            .skip(2)
            .write(&cluster.security, theme.style(Role::Dim));
    }
}
