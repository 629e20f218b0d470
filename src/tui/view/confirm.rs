//! A question before something is done.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::config::ClusterEnv;
use crate::tui::keymap::Danger;
use crate::tui::model::Model;
use crate::tui::model::overlay::Confirm;
use crate::tui::theme::Role;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::text::wrap;

/// Columns of the dialog.
const COLUMNS: u16 = 66;

pub(super) fn draw(model: &Model, confirm: &Confirm, within: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    let columns = usize::from(COLUMNS.min(within.width).saturating_sub(4));
    let mut lines: Vec<(String, Role)> =
        confirm.lines.iter().flat_map(|text| wrap(text, columns)).map(|text| (text, Role::Text)).collect();
    if let Some(command) = &confirm.equivalent {
        let told = format!("equivalent ($ copies): {command}");
        lines.extend(wrap(&told, columns).into_iter().map(|text| (text, Role::Dim)));
    }
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(4 + u16::from(confirm.is_prod));
    let area = super::popup(model, within, COLUMNS, rows, buffer);
    let panel = Panel { title: &confirm.question, has_focus: true, ..Panel::default() };
    let inside = panel.draw(model, area, buffer);
    let mut row = 0;
    if confirm.is_prod {
        let text = " PRODUCTION: others depend on this cluster ";
        Pen::new(buffer, line(inside, row), model.symbols).skip(1).write(text, theme.badge(ClusterEnv::Prod));
        row += 1;
    }
    for (text, role) in &lines {
        Pen::new(buffer, line(inside, row), model.symbols).skip(1).write(text, theme.style(*role));
        row += 1;
    }
    let mut pen = Pen::new(buffer, line(inside, row + 1), model.symbols);
    pen.skip(1);
    if confirm.danger == Danger::Typed {
        let (before, behind) = confirm.typed.halves();
        pen.write("Type ", theme.style(Role::Dim)).write(&confirm.name, theme.style(Role::Err));
        pen.write(" to do it: ", theme.style(Role::Dim)).write(before, theme.style(Role::Input));
        pen.write(model.symbols.cursor, theme.style(Role::Accent)).write(behind, theme.style(Role::Input));
    } else {
        pen.write("y", theme.style(Role::Key)).write(" yes     ", theme.style(Role::Text));
        pen.write(" n no ", theme.selected()).write("  (enter: no)", theme.style(Role::Dim));
    }
}
