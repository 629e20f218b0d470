//! A table of which only the rows seen are made.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::pen::{Pen, line};
use super::text::{fit_end, fit_middle, width};
use crate::tui::model::Model;
use crate::tui::model::list::ListState;
use crate::tui::theme::Role;

/// A column.
#[derive(Clone, Copy, Debug)]
pub(in crate::tui) struct Column {
    pub(in crate::tui) title: &'static str,
    pub(in crate::tui) width: ColumnWidth,
    pub(in crate::tui) is_right: bool,
    /// The first column to go when there is no room has the greatest; 0 stays.
    pub(in crate::tui) leaves: u8,
    /// What a list's sort calls it; `None` cannot be sorted by.
    pub(in crate::tui) sort: Option<usize>,
}

/// How wide a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum ColumnWidth {
    /// Always so.
    Fixed(u16),
    /// At least so; shares what is left.
    Fill(u16),
}

/// What stands in a row's column.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct Cell<'a> {
    pub(in crate::tui) text: Cow<'a, str>,
    pub(in crate::tui) style: Style,
    /// Whether text that is too long loses its end. A name loses its middle.
    pub(in crate::tui) is_prose: bool,
}

impl<'a> Cell<'a> {
    pub(in crate::tui) fn new(text: impl Into<Cow<'a, str>>, style: Style) -> Self {
        Self { text: text.into(), style, is_prose: false }
    }

    /// Text that is read from its beginning, not a name.
    pub(in crate::tui) fn prose(text: impl Into<Cow<'a, str>>, style: Style) -> Self {
        Self { is_prose: true, ..Self::new(text, style) }
    }
}

/// What a table is drawn from.
pub(in crate::tui) struct Table<'a> {
    pub(in crate::tui) columns: &'a [Column],
    pub(in crate::tui) list: &'a ListState,
    /// The keys of the rows shown, in their order.
    pub(in crate::tui) keys: &'a [String],
}

/// Marks and cursor stand before a row.
const GUTTER: u16 = 2;
/// Between columns.
const SPACING: u16 = 2;

impl<'a> Table<'a> {
    /// Draws heads and rows. `cells` makes the cells of the row of that number, one per column; it is asked for the
    /// rows seen only. Tells which rows those were.
    pub(in crate::tui) fn draw<'c>(
        &self,
        model: &Model,
        area: Rect,
        buffer: &mut Buffer,
        mut cells: impl FnMut(usize) -> Vec<Cell<'c>>,
    ) -> std::ops::Range<usize> {
        let places = places(self.columns, area.width.saturating_sub(GUTTER));
        self.draw_heads(model, line(area, 0), buffer, &places);
        let rows = self.list.scroll(self.keys.len(), usize::from(area.height.saturating_sub(1)));
        for (number, row) in (1..).zip(rows.clone()) {
            self.draw_row(model, line(area, number), buffer, &places, row, &cells(row));
        }
        rows
    }

    /// Draws heads and the first rows, for a table without a cursor.
    pub(in crate::tui) fn draw_rows<'c>(
        &self,
        model: &Model,
        area: Rect,
        buffer: &mut Buffer,
        mut cells: impl FnMut(usize) -> Vec<Cell<'c>>,
    ) {
        let places = places(self.columns, area.width.saturating_sub(GUTTER));
        self.draw_heads(model, line(area, 0), buffer, &places);
        for (number, row) in (1..area.height).zip(0..self.keys.len()) {
            self.draw_row(model, line(area, number), buffer, &places, row, &cells(row));
        }
    }

    fn draw_heads(&self, model: &Model, area: Rect, buffer: &mut Buffer, places: &[Option<(u16, u16)>]) {
        let style = model.theme.style(Role::Head);
        for (column, place) in self.columns.iter().zip(places) {
            let Some((x, columns)) = *place else { continue };
            let is_sorted = column.sort == Some(self.list.sort.column);
            let direction = match (is_sorted, self.list.sort.is_descending) {
                (false, _) => "",
                (true, false) => model.symbols.ascending,
                (true, true) => model.symbols.descending,
            };
            let title = format!("{}{direction}", column.title);
            put(model, buffer, area, (x, columns), &Cell::new(title, style), column.is_right, None);
        }
    }

    fn draw_row(
        &self,
        model: &Model,
        area: Rect,
        buffer: &mut Buffer,
        places: &[Option<(u16, u16)>],
        row: usize,
        cells: &[Cell<'_>],
    ) {
        let is_selected = row == self.list.cursor;
        let selected = is_selected.then(|| model.theme.selected());
        if let Some(style) = selected {
            buffer.set_style(area.intersection(buffer.area), style);
        }
        let is_marked = self.keys.get(row).is_some_and(|key| self.list.marks.contains(key));
        let gutter = if is_marked { model.symbols.mark } else { " " };
        put(model, buffer, area, (0, 1), &Cell::new(gutter, model.theme.style(Role::Mark)), false, selected);
        for ((column, place), cell) in self.columns.iter().zip(places).zip(cells) {
            if let Some(place) = *place {
                put(model, buffer, area, place, cell, column.is_right, selected);
            }
        }
    }
}

/// Writes a cell at columns `x..x + columns` of `area`. On the selected row only the background is the row's.
fn put(
    model: &Model,
    buffer: &mut Buffer,
    area: Rect,
    (x, columns): (u16, u16),
    cell: &Cell<'_>,
    is_right: bool,
    selected: Option<Style>,
) {
    let room = usize::from(columns);
    let is_cut_at_end = is_right || cell.is_prose;
    let fit = if is_cut_at_end { fit_end } else { fit_middle };
    let text = fit(&cell.text, room, model.symbols);
    let indent = if is_right { room.saturating_sub(width(&text)) } else { 0 };
    let style = match selected {
        Some(row) => cell.style.patch(row),
        None => cell.style,
    };
    let indent = u16::try_from(indent).unwrap_or(0);
    let place = Rect { x: area.x.saturating_add(x + indent), width: columns - indent, ..area }.intersection(area);
    Pen::new(buffer, place, model.symbols).write(&text, style);
}

/// Where each column begins and how wide it is; `None` for those that had to leave.
fn places(columns: &[Column], width: u16) -> Vec<Option<(u16, u16)>> {
    let mut shown = vec![true; columns.len()];
    while needed(columns, &shown) > width {
        let leaving = (0..columns.len()).filter(|index| shown[*index]).max_by_key(|index| columns[*index].leaves);
        match leaving.filter(|index| columns[*index].leaves > 0) {
            Some(index) => shown[index] = false,
            None => break,
        }
    }
    let mut spare = width.saturating_sub(needed(columns, &shown));
    let is_filling = |index: &usize| shown[*index] && matches!(columns[*index].width, ColumnWidth::Fill(_));
    let mut fillers = u16::try_from((0..columns.len()).filter(is_filling).count()).unwrap_or(1);
    let mut x = GUTTER;
    let end = GUTTER + width;
    let mut places = Vec::with_capacity(columns.len());
    for (index, column) in columns.iter().enumerate() {
        if !shown[index] || x >= end {
            places.push(None);
            continue;
        }
        let columns = match column.width {
            ColumnWidth::Fixed(columns) => columns,
            ColumnWidth::Fill(least) => {
                let share = spare / fillers.max(1);
                (spare, fillers) = (spare - share, fillers.saturating_sub(1));
                least + share
            }
        };
        let columns = columns.min(end - x);
        places.push(Some((x, columns)));
        x = x.saturating_add(columns + SPACING);
    }
    places
}

fn needed(columns: &[Column], shown: &[bool]) -> u16 {
    let widths = columns.iter().zip(shown).filter(|(_, shown)| **shown).map(|(column, _)| match column.width {
        ColumnWidth::Fixed(columns) | ColumnWidth::Fill(columns) => columns + SPACING,
    });
    widths.sum::<u16>().saturating_sub(SPACING)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn column(width: ColumnWidth, leaves: u8) -> Column {
        Column { title: "", width, is_right: false, leaves, sort: None }
    }

    #[test]
    fn columns_share_the_room_and_leave_when_there_is_none() {
        let columns =
            [column(ColumnWidth::Fill(10), 0), column(ColumnWidth::Fixed(5), 2), column(ColumnWidth::Fixed(5), 1)];
        assert_eq!(places(&columns, 40), [Some((2, 26)), Some((30, 5)), Some((37, 5))]);
        assert_eq!(places(&columns, 20), [Some((2, 13)), None, Some((17, 5))]);
        assert_eq!(places(&columns, 12), [Some((2, 12)), None, None]);
        assert_eq!(places(&columns, 4), [Some((2, 4)), None, None]);
        assert_eq!(places(&columns, 0), [None, None, None]);
    }
}
