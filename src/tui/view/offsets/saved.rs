//! The files of saved positions, to choose from.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::words;
use crate::report::number;
use crate::tui::model::Model;
use crate::tui::model::offsets::SavedChoice;
use crate::tui::services::SavedFile;
use crate::tui::theme::Role;
use crate::tui::view::popup;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::text::wrap;

const COLUMNS: u16 = 84;
/// Files shown at once.
const ROWS_MAX: u16 = 12;

pub(in crate::tui::view) fn draw(model: &Model, choice: &SavedChoice, within: Rect, buffer: &mut Buffer) {
    let style = |role| model.theme.style(role);
    let files: &[SavedFile] = match &choice.files {
        Some(Ok(files)) => files,
        _ => &[],
    };
    let rows = u16::try_from(files.len()).unwrap_or(ROWS_MAX).clamp(1, ROWS_MAX);
    let area = popup(model, within, COLUMNS, rows + 4, buffer);
    let flow = choice.flow.as_ref().map(ToString::to_string).unwrap_or_default();
    let title = format!("Saved positions of {flow}");
    let inside = Panel { title: &title, has_focus: true, ..Panel::default() }.draw(model, area, buffer);
    let told = match &choice.files {
        None => Some((format!("looking for files{}", model.symbols.ellipsis), Role::Dim)),
        Some(Err(error)) => Some((error.clone(), Role::Err)),
        Some(Ok(files)) if files.is_empty() => {
            Some(("none yet: they are saved whenever positions are set".to_owned(), Role::Dim))
        }
        Some(Ok(_)) => None,
    };
    if let Some((text, role)) = told {
        for (row, text) in (0..).zip(wrap(&text, usize::from(inside.width).saturating_sub(2))) {
            Pen::new(buffer, line(inside, row), model.symbols).skip(1).write(&text, style(role));
        }
        return;
    }
    let room = inside.height.saturating_sub(2);
    let top = (choice.cursor + 1).saturating_sub(usize::from(room));
    for (row, (place, file)) in (0..room).zip(files.iter().enumerate().skip(top)) {
        let area = line(inside, row);
        let is_here = place == choice.cursor;
        if is_here {
            buffer.set_style(area.intersection(*buffer.area()), model.theme.selected());
        }
        let patch = |role| if is_here { style(role).patch(model.theme.selected()) } else { style(role) };
        let seconds = u64::try_from((model.now.wall_ms - file.saved_at_ms) / 1_000).unwrap_or(0);
        let name = file.path.file_name().unwrap_or(file.path.as_os_str()).to_string_lossy();
        let mut pen = Pen::new(buffer, area, model.symbols);
        pen.skip(1).write(&format!("{:<14}", words::moment(model, file.saved_at_ms)), patch(Role::Text));
        pen.write(&format!("{:>4} ago  ", number::duration_short(seconds)), patch(Role::Dim));
        pen.write(&format!("{:>7} positions  ", file.positions), patch(Role::Text));
        pen.write(&name, patch(Role::Dim));
    }
    let folder = files.first().and_then(|file| file.path.parent()).map(|folder| folder.display().to_string());
    let edge = line(inside, inside.height.saturating_sub(1));
    Pen::new(buffer, edge, model.symbols).skip(1).write(&folder.unwrap_or_default(), style(Role::Dim));
}
