//! The line above a list: the filter, how many rows it lets through, the order, marks.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::pen::{Pen, line, write_right};
use super::table::Column;
use crate::tui::model::Model;
use crate::tui::model::list::ListState;
use crate::tui::theme::Role;

/// Draws the line, if there is something to say, and tells what is left below it. `shown` of `total` rows are in the
/// list.
pub(in crate::tui) fn draw_list_line(
    model: &Model,
    list: &ListState,
    columns: &[Column],
    (shown, total): (usize, usize),
    area: Rect,
    buffer: &mut Buffer,
) -> Rect {
    let has_filter = list.is_typing_filter || !list.filter_line.text().is_empty();
    let is_needed = has_filter || list.is_problems_only || !list.marks.is_empty();
    if !is_needed || area.height < 3 {
        return area;
    }
    let theme = &model.theme;
    let edge = line(area, 0);
    let mut pen = Pen::new(buffer, edge, model.symbols);
    pen.skip(1);
    if has_filter {
        let (before, behind) = list.filter_line.halves();
        let role = if list.filter_error.is_some() { Role::Err } else { Role::Input };
        pen.write("/ ", theme.style(Role::Key)).write(before, theme.style(role));
        if list.is_typing_filter {
            pen.write(model.symbols.cursor, theme.style(Role::Accent));
        }
        pen.write(behind, theme.style(role)).skip(2);
    }
    if let Some(error) = &list.filter_error {
        pen.write(error, theme.style(Role::Err));
        return below(area);
    }
    let mut words = vec![format!("{shown} of {total}")];
    if list.is_problems_only {
        words.push("problems only".into());
    }
    if !list.marks.is_empty() {
        words.push(format!("{} marked", list.marks.len()));
    }
    pen.write(&words.join("  "), theme.style(Role::Dim));
    if let Some(column) = columns.iter().find(|column| column.sort == Some(list.sort.column)) {
        let direction = if list.sort.is_descending { model.symbols.descending } else { model.symbols.ascending };
        let sort = format!("sort: {}{direction} ", column.title.to_lowercase());
        if pen.room() > sort.len() {
            write_right(buffer, edge, &sort, theme.style(Role::Dim), model.symbols);
        }
    }
    below(area)
}

fn below(area: Rect) -> Rect {
    Rect { y: area.y + 1, height: area.height - 1, ..area }
}
