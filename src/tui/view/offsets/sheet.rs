//! The partitions as a table: what there is, where each goes on, and where that lies in its log.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Naming, cut, detail, tell, words};
use crate::report::number;
use crate::tui::model::offsets::Desk;
use crate::tui::model::offsets::row::{Row, RowMark, RowProblem};
use crate::tui::model::offsets::sheet::{CHECKPOINT, HIGH, PARTITION, Sheet, TO_COPY};
use crate::tui::model::{Density, Model};
use crate::tui::theme::Role;
use crate::tui::update::offsets;
use crate::tui::widget::list_line::draw_list_line;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::table::{Cell, Column, ColumnWidth, Table};
use crate::tui::widget::text::{end, width};

/// Rows for the partition of the cursor, where there is a frame around the sheet.
const DETAIL: u16 = 6;
/// Columns of the bar: at least, and at most.
const BAR: (u16, u16) = (9, 26);

pub(super) fn draw(model: &Model, desk: &Desk, area: Rect, buffer: &mut Buffer) {
    let is_wide = model.density() == Density::Wide;
    let sheet = model.offsets.sheet();
    let title = match &sheet {
        Some(sheet) => format!("Partitions  {}", number::exact(u64::try_from(sheet.total).unwrap_or(0))),
        None => "Partitions".into(),
    };
    let zone = if model.is_utc { "times in UTC (z: local)" } else { "times are local (z: UTC)" };
    let age = super::age(model, desk).map(|age| format!("watermarks {age}   ")).unwrap_or_default();
    let title_right = format!("{age}{zone}");
    let panel = Panel { title: &title, title_right: &title_right, has_focus: true, ..Panel::default() };
    let inside = if is_wide { panel.draw(model, area, buffer) } else { area };
    let Some(sheet) = sheet else { return nothing(model, desk, inside, buffer) };
    let inside = complaint(model, desk, inside, buffer);
    let (inside, below) = cut(inside, if is_wide { DETAIL } else { 0 });
    let columns = columns(model, &sheet, inside.width);
    let list = &model.offsets.list;
    let inside = draw_list_line(model, list, &columns.all, (sheet.keys.len(), sheet.total), inside, buffer);
    let table = Table { columns: &columns.all, list, keys: &sheet.keys };
    let row = |place: usize| {
        let listed = &desk.offsets.as_ref()?.partitions[sheet.places[place]];
        Some(Row { listed, edit: desk.draft.edit(&listed.partition) })
    };
    let seen = table.draw(model, inside, buffer, |place| {
        row(place).map(|row| cells(model, row, &columns, place == list.cursor)).unwrap_or_default()
    });
    let foot = format!("{}-{}/{}", (seen.start + 1).min(seen.end), seen.end, sheet.keys.len());
    if is_wide {
        Panel::draw_foot(model, area, &foot, buffer);
        legend(model, line(below, 1), buffer);
        let rest = Rect { y: below.y + 2, height: below.height.saturating_sub(2), ..below };
        detail::draw_lines(model, desk, rest, Naming::Short, buffer);
    }
    if sheet.keys.is_empty() {
        let text = match (sheet.total, desk.is_edited_only) {
            (0, _) => "The flow mirrors no partition here.",
            (_, true) => "No partition here is edited: m shows all.",
            _ => "No partition here is shown: esc shows all.",
        };
        tell(model, text, Role::Dim, inside, buffer);
    }
}

/// Before anything is known, or why nothing is.
fn nothing(model: &Model, desk: &Desk, area: Rect, buffer: &mut Buffer) {
    match &desk.error {
        Some(error) => {
            let text = format!("{} failed to {}", model.symbols.blocked, error.message);
            let row = tell(model, &text, Role::Err, area, buffer);
            if let Some(next) = &error.next {
                let rest = Rect { y: area.y + row, height: area.height.saturating_sub(row), ..area };
                tell(model, next, Role::Text, rest, buffer);
            }
        }
        None => {
            let text = format!("Asking where the flow stands{}", model.symbols.ellipsis);
            tell(model, &text, Role::Dim, area, buffer);
        }
    }
}

/// A line about what went wrong, or who is in the way.
fn complaint(model: &Model, desk: &Desk, area: Rect, buffer: &mut Buffer) -> Rect {
    let failed = desk.error.as_ref().or(desk.lookup_error.as_ref().map(|(error, _)| error));
    let foreign = desk.offsets.as_ref().and_then(|offsets| {
        let foreign: Vec<&str> = offsets.foreign_members().map(|member| member.name.as_str()).collect();
        let more = if foreign.len() > 1 { format!(" and {} more", foreign.len() - 1) } else { String::new() };
        foreign.first().map(|first| format!("{first}{more} is in group {}, and no part of this flow", offsets.group))
    });
    let (text, role) = match (failed, foreign) {
        (Some(error), _) => (format!("{} failed to {}", model.symbols.blocked, error.message), Role::Err),
        (None, Some(text)) => (format!("{} {text}", model.symbols.waiting), Role::Warn),
        (None, None) => return area,
    };
    if area.height < 4 {
        return area;
    }
    Pen::new(buffer, line(area, 0), model.symbols).skip(1).write(&text, model.theme.style(role));
    Rect { y: area.y + 1, height: area.height - 1, ..area }
}

/// The columns, and what they are for.
struct Columns {
    all: Vec<Column>,
    /// Columns of the bar.
    bar: usize,
    /// Columns there are at least for what is typed.
    start: usize,
    has_topics: bool,
}

fn columns(model: &Model, sheet: &Sheet, width: u16) -> Columns {
    let of_offset = u16::try_from(sheet.widths.0).unwrap_or(u16::MAX);
    let fixed = |title, columns, is_right, leaves, sort| Column {
        title,
        width: ColumnWidth::Fixed(columns),
        is_right,
        leaves,
        sort,
    };
    let wide = model.density() == Density::Wide;
    let mut all = vec![fixed("", 1, false, 0, None)];
    if sheet.has_topics {
        // Names that differ in their middle only are not told apart by less.
        let width = ColumnWidth::Fill(17);
        all.push(Column { title: "TOPIC", width, is_right: false, leaves: 0, sort: None });
    }
    let start = if wide { 13 } else { 11 };
    let of_copy = u16::try_from(sheet.widths.1).unwrap_or(u16::MAX).max(7);
    all.extend([
        fixed("P", 4, true, 0, Some(PARTITION)),
        fixed("LOW", of_offset.max(6), true, 7, None),
        fixed("HIGH", of_offset.max(6), true, 6, Some(HIGH)),
        fixed("CHECKPOINT", of_offset.max(11), true, 8, Some(CHECKPOINT)),
        Column { title: "START AT", width: ColumnWidth::Fill(start), is_right: false, leaves: 0, sort: None },
        fixed("OFFSET", of_offset.max(6), true, 0, None),
        fixed("RECORD TIME", 12, false, 9, None),
        fixed("TO COPY", of_copy, true, 3, Some(TO_COPY)),
    ]);
    let needed: u16 = all
        .iter()
        .map(|column| match column.width {
            ColumnWidth::Fixed(columns) | ColumnWidth::Fill(columns) => columns + 2,
        })
        .sum();
    let bar = width.saturating_sub(needed + 2).clamp(BAR.0, BAR.1);
    all.push(fixed("POSITION", bar, false, 5, None));
    Columns { all, bar: usize::from(bar), start: usize::from(start), has_topics: sheet.has_topics }
}

fn cells<'a>(model: &'a Model, row: Row<'a>, columns: &Columns, is_here: bool) -> Vec<Cell<'a>> {
    let theme = &model.theme;
    let (text, dim) = (theme.style(Role::Text), theme.style(Role::Dim));
    let mark = row.mark();
    let (sign, role) = match mark {
        RowMark::Unchanged => (" ", Role::Text),
        RowMark::Edited => ("*", Role::Change),
        RowMark::Problem => ("!", Role::Err),
    };
    let unknown = || Cell::new(model.symbols.unknown, dim);
    let offset = |offset: Option<i64>, style| offset.map_or_else(unknown, |n| Cell::new(number::exact(n), style));
    let listed = row.listed;
    let new = if mark == RowMark::Unchanged { text } else { theme.style(role) };
    let pending = || Cell::new(model.symbols.ellipsis, dim);
    let computed = |cell: Option<Cell<'a>>| match cell {
        _ if row.is_pending() => pending(),
        Some(cell) => cell,
        None => unknown(),
    };
    let mut cells = vec![Cell::new(sign, theme.style(role))];
    if columns.has_topics {
        cells.push(Cell::new(listed.partition.topic.as_str(), text));
    }
    let to_copy = row.effect().map(|effect| Cell::new(number::exact(effect.to_copy), new));
    cells.extend([
        Cell::new(listed.partition.partition.to_string(), text),
        offset(listed.low, dim),
        offset(listed.high, dim),
        offset(listed.progress.map(|progress| progress.offset), text),
        start_cell(model, row, columns.start, is_here),
        computed(row.position().map(|position| Cell::new(number::exact(position), new))),
        computed(time_text(model, row).map(|time| Cell::new(time, dim))),
        computed(to_copy),
        computed(bar(model, row, columns.bar).map(|bar| {
            let role = if mark == RowMark::Unchanged { Role::Chart1 } else { role };
            Cell::new(bar, theme.style(role))
        })),
    ]);
    cells
}

/// By which rule the row goes on; or what is typed, with its end in sight.
fn start_cell<'a>(model: &'a Model, row: Row<'a>, columns: usize, is_here: bool) -> Cell<'a> {
    let theme = &model.theme;
    if let Some(cell) = model.offsets.line.as_ref().filter(|_| is_here) {
        let (before, behind) = cell.line.halves();
        let typed = format!("{before}{}{behind}", model.symbols.cursor);
        let role = if cell.parsed.is_err() && cell.is_begun() { Role::Err } else { Role::Input };
        return Cell::prose(end(&typed, columns).to_owned(), theme.style(role));
    }
    let listed = row.listed;
    match (row.edit, row.problem(), listed.progress, &listed.start) {
        (Some(edit), problem, ..) => {
            let role = if problem.is_some() { Role::Err } else { Role::Change };
            Cell::prose(words::position(model, &edit.at), theme.style(role))
        }
        (None, Some(problem @ (RowProblem::BelowLow { .. } | RowProblem::BeyondHigh { .. })), ..) => {
            Cell::prose(format!("! {}", problem.word()), theme.style(Role::Err))
        }
        (None, _, Some(_), _) => Cell::new("checkpoint", theme.style(Role::Dim)),
        (None, _, None, Some(start)) => {
            Cell::prose(words::position(model, &start.at.clone().into()), theme.style(Role::Dim))
        }
        (None, _, None, None) => Cell::new(model.symbols.unknown, theme.style(Role::Dim)),
    }
}

/// When the first record was written that is copied.
fn time_text(model: &Model, row: Row<'_>) -> Option<String> {
    let (position, high) = (row.position()?, row.listed.high?);
    if position >= high {
        return Some("end".into());
    }
    offsets::record_ms(model, &row).map(|ms| words::moment(model, ms))
}

/// Where a row goes on, between the start and the end of its log.
pub(super) fn bar(model: &Model, row: Row<'_>, columns: usize) -> Option<String> {
    let (position, low, high) = (row.position()?, row.listed.low?, row.listed.high?);
    let [skipped, here, copied] = model.symbols.log;
    let last = columns.checked_sub(1)?;
    let length = i128::from(high) - i128::from(low);
    let place = match length {
        0 => last,
        length => {
            let before = (i128::from(position) - i128::from(low)).clamp(0, length);
            usize::try_from(before * i128::try_from(last).ok()? / length).ok()?
        }
    };
    Some(format!("{}{here}{}", skipped.repeat(place), copied.repeat(last - place)))
}

fn legend(model: &Model, area: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    let dim = theme.style(Role::Dim);
    let [skipped, here, copied] = model.symbols.log;
    let mut pen = Pen::new(buffer, area, model.symbols);
    pen.skip(1).write("*", theme.style(Role::Change)).write(" edited   ", dim);
    pen.write("!", theme.style(Role::Err)).write(" problem   ", dim);
    let bar = format!("{}skipped{here}copied{}", skipped, copied.repeat(2));
    if pen.room() > width(&bar) + 45 {
        pen.write(&bar, theme.style(Role::Chart1)).write("  position between low and high watermark", dim);
    }
}
