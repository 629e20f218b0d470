//! What every list has: a cursor that stays on its row, an order, a filter, marks.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::input_line::InputLine;
use crate::tui::widget::filter::{Filter, FilterLanguage};

/// The keys of the rows a list shows, in their order: shared, for there may be 200,000.
pub(in crate::tui) type RowKeys = Arc<[String]>;

/// The state of a list whose rows have a key (a name).
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct ListState {
    /// The key of the row the cursor is on.
    pub(in crate::tui) selected: Option<String>,
    /// Its place among the rows shown.
    pub(in crate::tui) cursor: usize,
    /// What the list is sorted by.
    pub(in crate::tui) sort: Sort,
    /// Whether the cursor stays at the end while rows are added there; `None` where none are.
    pub(in crate::tui) follows: Option<bool>,
    /// How what is typed as a filter is read.
    pub(in crate::tui) language: FilterLanguage,
    /// What is typed as a filter.
    pub(in crate::tui) filter_line: InputLine,
    /// The filter in force: the last that could be read.
    pub(in crate::tui) filter: Filter,
    /// Why what is typed cannot be read.
    pub(in crate::tui) filter_error: Option<String>,
    /// Whether keys go to the filter.
    pub(in crate::tui) is_typing_filter: bool,
    /// Whether only rows with problems are shown.
    pub(in crate::tui) is_problems_only: bool,
    /// The keys of marked rows.
    pub(in crate::tui) marks: BTreeSet<String>,
    /// What was drawn last. Written by the view, which alone knows the height; read to page and to scroll.
    pub(in crate::tui) window: Cell<Window>,
}

/// Which rows of a list are seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tui) struct Window {
    /// The first.
    pub(in crate::tui) top: usize,
    /// How many fit.
    pub(in crate::tui) height: usize,
}

/// An order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tui) struct Sort {
    /// The number of the column.
    pub(in crate::tui) column: usize,
    /// Largest first.
    pub(in crate::tui) is_descending: bool,
}

/// A movement of the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum Move {
    Down,
    Up,
    PageDown,
    PageUp,
    First,
    Last,
}

impl ListState {
    /// Moves the cursor over these keys, which are the rows shown.
    pub(in crate::tui) fn go(&mut self, to: Move, keys: &[String]) {
        self.settle(keys);
        let last = keys.len().saturating_sub(1);
        let page = self.window.get().height.saturating_sub(1).max(1);
        let row = match to {
            Move::Down => self.cursor + 1,
            Move::Up => self.cursor.saturating_sub(1),
            Move::PageDown => self.cursor + page,
            Move::PageUp => self.cursor.saturating_sub(page),
            Move::First => 0,
            Move::Last => last,
        };
        self.select(row.min(last), keys);
    }

    /// Puts the cursor on a row.
    pub(in crate::tui) fn select(&mut self, row: usize, keys: &[String]) {
        self.place(row, keys);
        if let Some(follows) = &mut self.follows {
            *follows = row + 1 >= keys.len();
        }
    }

    fn place(&mut self, row: usize, keys: &[String]) {
        self.cursor = row;
        self.selected = keys.get(row).cloned();
    }

    /// Finds the cursor's row again after rows came, went or changed places; stays at its height when it is gone.
    pub(in crate::tui) fn settle(&mut self, keys: &[String]) {
        let last = keys.len().saturating_sub(1);
        if self.follows == Some(true) {
            return self.place(last, keys);
        }
        let found = self.selected.as_ref().and_then(|selected| keys.iter().position(|key| key == selected));
        self.place(found.unwrap_or(self.cursor).min(last), keys);
    }

    /// Takes over what is typed as a filter, if it can be read.
    pub(in crate::tui) fn apply_filter(&mut self) {
        match Filter::parse_in(self.language, self.filter_line.text()) {
            Ok(filter) => (self.filter, self.filter_error) = (filter, None),
            Err(error) => self.filter_error = Some(error),
        }
    }

    /// Shows all rows again; whether some were hidden.
    pub(in crate::tui) fn clear_filter(&mut self) -> bool {
        let had_filter = !self.filter.is_all() || self.filter_error.is_some() || self.is_problems_only;
        self.filter_line = InputLine::default();
        (self.filter, self.filter_error) = (Filter::default(), None);
        (self.is_typing_filter, self.is_problems_only) = (false, false);
        had_filter
    }

    /// Marks the row of the cursor, or takes its mark away.
    pub(in crate::tui) fn toggle_mark(&mut self) {
        if let Some(key) = &self.selected
            && !self.marks.remove(key)
        {
            self.marks.insert(key.clone());
        }
    }

    /// Marks all these rows, or none if all are marked.
    pub(in crate::tui) fn toggle_marks(&mut self, keys: &[String]) {
        if keys.iter().all(|key| self.marks.contains(key)) {
            keys.iter().for_each(|key| drop(self.marks.take(key)));
        } else {
            self.marks.extend(keys.iter().cloned());
        }
    }

    /// Sorts by the next of so many columns.
    pub(in crate::tui) fn sort_by_next(&mut self, columns: usize) {
        self.sort.column = (self.sort.column + 1) % columns.max(1);
    }

    /// The rows to draw in `height` lines, the cursor among them. Remembers them for the next time, so that the list
    /// moves no more than it must.
    pub(in crate::tui) fn scroll(&self, rows: usize, height: usize) -> std::ops::Range<usize> {
        let lowest = rows.saturating_sub(height);
        let top = self.window.get().top.min(self.cursor).min(lowest);
        let top = if self.cursor >= top + height { (self.cursor + 1).saturating_sub(height) } else { top };
        self.window.set(Window { top, height });
        top..(top + height).min(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_cursor_stays_on_its_row() {
        let mut list = ListState::default();
        let rows = keys(&["a", "b", "c", "d"]);
        list.go(Move::Down, &rows);
        assert_eq!((list.cursor, list.selected.as_deref()), (1, Some("b")));
        list.settle(&keys(&["x", "y", "b", "a"]));
        assert_eq!((list.cursor, list.selected.as_deref()), (2, Some("b")));
        list.settle(&keys(&["x"]));
        assert_eq!((list.cursor, list.selected.as_deref()), (0, Some("x")));
        list.settle(&[]);
        assert_eq!((list.cursor, list.selected.as_deref()), (0, None));
        list.go(Move::Last, &rows);
        list.go(Move::Down, &rows);
        assert_eq!(list.selected.as_deref(), Some("d"));
    }

    #[test]
    fn the_window_follows_the_cursor_and_moves_no_more_than_it_must() {
        let mut list = ListState::default();
        let rows: Vec<String> = (0..100).map(|n| n.to_string()).collect();
        assert_eq!(list.scroll(100, 10), 0..10);
        list.select(12, &rows);
        assert_eq!(list.scroll(100, 10), 3..13);
        list.select(5, &rows);
        assert_eq!(list.scroll(100, 10), 3..13);
        list.go(Move::PageDown, &rows);
        assert_eq!(list.cursor, 14);
        list.go(Move::Last, &rows);
        assert_eq!(list.scroll(100, 10), 90..100);
        list.settle(&rows[..4]);
        assert_eq!(list.scroll(4, 10), 0..4);
        assert_eq!(list.scroll(4, 0).len(), 0);
    }

    #[test]
    fn a_list_that_follows_stays_at_its_end_until_the_cursor_leaves_it() {
        let mut list = ListState { follows: Some(true), ..ListState::default() };
        list.settle(&keys(&["a", "b"]));
        assert_eq!(list.selected.as_deref(), Some("b"));
        list.settle(&keys(&["a", "b", "c"]));
        assert_eq!(list.selected.as_deref(), Some("c"));
        list.go(Move::Up, &keys(&["a", "b", "c"]));
        list.settle(&keys(&["b", "c", "d"]));
        assert_eq!((list.selected.as_deref(), list.follows), (Some("b"), Some(false)));
        list.go(Move::Last, &keys(&["b", "c", "d"]));
        list.settle(&keys(&["c", "d", "e"]));
        assert_eq!((list.selected.as_deref(), list.follows), (Some("e"), Some(true)));
    }

    #[test]
    fn marks_are_toggled_one_by_one_or_all() {
        let mut list = ListState::default();
        let rows = keys(&["a", "b"]);
        list.settle(&rows);
        list.toggle_mark();
        assert_eq!(list.marks, BTreeSet::from(["a".to_owned()]));
        list.toggle_marks(&rows);
        assert_eq!(list.marks.len(), 2);
        list.toggle_marks(&rows);
        assert!(list.marks.is_empty());
    }
}
