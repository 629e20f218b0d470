//! The list of troubles in the demo.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line, write_right};

pub(super) fn draw(model: &Model, within: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    let now = model.disturbance;
    let troubles = [
        ("s", "a broker of the source is down", now.source_broker_is_down),
        ("t", "a broker of the target is down", now.target_broker_is_down),
        ("l", "the link to the source is slow", now.source_is_slow),
        ("k", "the link to the target is slow", now.target_is_slow),
    ];
    let area = super::popup(model, within, 52, 8, buffer);
    let panel = Panel { title: "Demo: break something", foot: "esc close", has_focus: true, ..Panel::default() };
    let inside = panel.draw(model, area, buffer);
    for (row, (key, text, is_on)) in (0..).zip(troubles) {
        let place = line(inside, row);
        let style = theme.style(if is_on { Role::Warn } else { Role::Text });
        Pen::new(buffer, place, model.symbols).skip(1).write(key, theme.style(Role::Key)).skip(2).write(text, style);
        let state = if is_on { format!("{} yes ", model.symbols.waiting) } else { "no ".to_owned() };
        write_right(buffer, place, &state, style, model.symbols);
    }
    let mut pen = Pen::new(buffer, line(inside, 5), model.symbols);
    pen.skip(1).write("n", theme.style(Role::Key)).skip(2).write("everything back to normal", theme.style(Role::Text));
}
