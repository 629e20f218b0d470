//! From what is known to what is seen. Pure.

mod add_to_flow;
mod cards;
mod clusters;
mod confirm;
mod demo;
mod editor;
mod export;
mod first_run;
mod flows;
mod frame;
mod help;
mod live;
mod logs;
mod offsets;
mod palette;
mod reading;
mod shell;
mod state;
mod tasks;
mod themes;
mod toasts;
mod topics;
mod unblock;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::model::Model;
use super::model::navigation::Tab;
use super::model::overlay::Overlay;
use super::theme::Role;

pub(super) use help::line_count as help_lines;

/// Draws everything.
pub(super) fn view(model: &Model, buffer: &mut Buffer) {
    let area = buffer.area;
    buffer.set_style(area, model.theme.style(Role::Background).patch(model.theme.style(Role::Text)));
    let body = frame::draw(model, area, buffer);
    match model.navigation.tab() {
        Tab::Flows => flows::draw(model, body, buffer),
        Tab::Topics => topics::draw(model, body, buffer),
        Tab::Editor => editor::draw(model, body, buffer),
        Tab::Offsets => offsets::draw(model, body, buffer),
        Tab::Live => live::draw(model, body, buffer),
        Tab::Logs => logs::draw(model, body, buffer),
        Tab::Clusters => clusters::draw(model, body, buffer),
    }
    for overlay in &model.overlays {
        match overlay {
            Overlay::Help(help) => help::draw(model, help, body, buffer),
            Overlay::Palette(palette) => palette::draw(model, palette, body, buffer),
            Overlay::Confirm(confirm) => confirm::draw(model, confirm, body, buffer),
            Overlay::Cards(cards) => cards::draw(model, cards, body, buffer),
            Overlay::OpenFile(open) => first_run::draw_open_file(model, open, body, buffer),
            Overlay::Troubles => demo::draw(model, body, buffer),
            Overlay::Reading(reading) => reading::draw(model, reading, body, buffer),
            Overlay::Themes(themes) => themes::draw(model, themes, body, buffer),
            Overlay::Tasks(cursor) => tasks::draw(model, *cursor, body, buffer),
            Overlay::Export(export) => export::draw(model, export, body, buffer),
            Overlay::Shell(shell) => shell::draw(model, shell, body, buffer),
            Overlay::AddToFlow(choice) => add_to_flow::draw(model, choice, body, buffer),
            Overlay::Unblock(unblock) => unblock::draw(model, unblock, body, buffer),
            Overlay::SavedOffsets(choice) => offsets::draw_saved(model, choice, body, buffer),
        }
    }
    toasts::draw(model, body, buffer);
}

/// Makes room for something on top: a cleared area of this size in the middle of another.
fn popup(model: &Model, within: Rect, columns: u16, rows: u16, buffer: &mut Buffer) -> Rect {
    let area = within.intersection(buffer.area);
    let (width, height) = (columns.min(area.width), rows.min(area.height));
    let x = area.x + (area.width - width) / 2;
    let y = area.y + (area.height - height) / 2;
    let popup = Rect { x, y, width, height };
    clear(model, popup, buffer);
    popup
}

/// Wipes an area, for something on top.
fn clear(model: &Model, area: Rect, buffer: &mut Buffer) {
    let style = model.theme.style(Role::Text).patch(model.theme.style(Role::PopupBackground));
    for position in area.intersection(buffer.area).positions() {
        buffer[position].reset();
        buffer[position].set_style(style);
    }
}

#[cfg(test)]
mod tests;
