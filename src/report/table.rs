//! Plain tables: columns, no frames, never wider than told.

use super::line::{Line, Tone, fit, width_of};

/// No column is made narrower than this to save width.
const COLUMN_WIDTH_MIN: usize = 8;

/// Which side of its column a text keeps to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

/// Rows under titles.
#[derive(Debug)]
pub(super) struct Table {
    columns: Vec<(&'static str, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(columns: &[(&'static str, Align)]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    pub(super) fn row(&mut self, cells: Vec<String>) {
        assert_eq!(cells.len(), self.columns.len(), "a cell for every column");
        self.rows.push(cells);
    }

    /// The lines, cut to `width` columns where it is known. The widest columns give way first.
    pub(super) fn lines(&self, width: Option<usize>) -> Vec<Line> {
        let widths = self.widths(width);
        let titles: Vec<String> = self.columns.iter().map(|(title, _)| (*title).to_owned()).collect();
        let mut lines = vec![Line::default().with(Tone::Faint, self.text(&titles, &widths))];
        lines.extend(self.rows.iter().map(|row| Line::plain(self.text(row, &widths))));
        lines
    }

    fn widths(&self, width: Option<usize>) -> Vec<usize> {
        let widest = |(index, (title, _)): (usize, &(&str, Align))| {
            let cells = self.rows.iter().map(|row| width_of(&row[index]));
            cells.max().unwrap_or(0).max(width_of(title))
        };
        let mut widths: Vec<usize> = self.columns.iter().enumerate().map(widest).collect();
        let Some(width) = width else { return widths };
        let gaps = 2 * widths.len().saturating_sub(1);
        while widths.iter().sum::<usize>() + gaps > width {
            let left = (0..widths.len()).filter(|index| self.columns[*index].1 == Align::Left);
            match left.max_by_key(|index| widths[*index]).filter(|index| widths[*index] > COLUMN_WIDTH_MIN) {
                Some(index) => widths[index] -= 1,
                None => break,
            }
        }
        widths
    }

    fn text(&self, cells: &[String], widths: &[usize]) -> String {
        let columns = cells.iter().zip(widths).zip(&self.columns);
        let fitted: Vec<String> = columns
            .map(|((cell, width), (_, align))| match align {
                Align::Left => fit(cell, *width),
                Align::Right => format!("{}{cell}", " ".repeat(width.saturating_sub(width_of(cell)))),
            })
            .collect();
        fitted.join("  ").trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::line::Colour;

    fn table() -> Table {
        let mut table = Table::new(&[("TOPIC", Align::Left), ("LAG", Align::Right), ("NOTE", Align::Left)]);
        table.row(vec!["orders".into(), "12".into(), "mirrored".into()]);
        table.row(vec!["a-topic-with-a-long-name".into(), "1234567".into(), "evil\nnote \u{1b}[2J".into()]);
        table
    }

    fn text(width: Option<usize>) -> String {
        table().lines(width).iter().map(|line| line.render(Colour::Never) + "\n").collect()
    }

    #[test]
    fn columns_are_as_wide_as_needed() {
        insta::assert_snapshot!(text(None), @r#"
        TOPIC                         LAG  NOTE
        orders                         12  mirrored
        a-topic-with-a-long-name  1234567  evil\nnote \x1b[2J
        "#);
    }

    #[test]
    fn the_widest_columns_give_way() {
        insta::assert_snapshot!(text(Some(36)), @r#"
        TOPIC              LAG  NOTE
        orders              12  mirrored
        a-topic-with…  1234567  evil\nnote …
        "#);
        assert!(text(Some(36)).lines().all(|line| width_of(line) <= 36));
        assert_eq!(text(Some(0)), text(Some(1)), "never narrower than can be read");
    }

    #[test]
    fn an_empty_table_has_its_titles() {
        let table = Table::new(&[("TOPIC", Align::Left)]);
        assert_eq!(table.lines(Some(80)), [Line::default().with(Tone::Faint, "TOPIC")]);
    }
}
