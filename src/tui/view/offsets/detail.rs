//! The partition of the cursor in words: what is typed, what that means, what is wrong.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{Naming, key, sheet, words, write_lines};
use crate::model::{EditPosition, EditedOffset, PartitionOffsets, ProgressAuthor, StartPosition};
use crate::report::number;
use crate::tui::keymap::Action;
use crate::tui::model::Model;
use crate::tui::model::offsets::Desk;
use crate::tui::model::offsets::cell_line::{CellHint, CellLine};
use crate::tui::model::offsets::draft::{Edit, Found};
use crate::tui::model::offsets::row::{Row, RowProblem};
use crate::tui::theme::Role;
use crate::tui::update::offsets;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};

/// With a title above.
pub(super) fn draw(model: &Model, desk: &Desk, area: Rect, buffer: &mut Buffer) {
    let row = model.offsets.row_at_hand();
    let title = row.map(|row| row.listed.partition.to_string()).unwrap_or_else(|| "no partition".into());
    let inside = Panel { title: &title, ..Panel::default() }.draw_fitting(model, area, buffer);
    draw_lines(model, desk, inside, Naming::None, buffer);
}

/// The lines alone, the last a bar if there is room.
pub(super) fn draw_lines(model: &Model, desk: &Desk, area: Rect, naming: Naming, buffer: &mut Buffer) {
    if area.height == 0 {
        return;
    }
    let row = model.offsets.row_at_hand();
    let rest = Rect { y: area.y + 1, height: area.height - 1, ..area };
    if let Some(cell) = &model.offsets.line {
        let first = cell.partitions.first().and_then(|partition| desk.row(partition));
        input(model, cell, line(area, 0), buffer);
        let lines = first.map(|row| typed(model, cell, row)).unwrap_or_default();
        return write_lines(model, &lines, rest, buffer);
    }
    let Some(row) = row else { return };
    let has_topics = model.offsets.sheet().is_some_and(|sheet| sheet.has_topics);
    let name = match naming {
        Naming::None => String::new(),
        Naming::Short => format!("{}  ", words::partition(&row.listed.partition, has_topics)),
    };
    write_lines(model, &lines(model, row, &name), area, buffer);
}

/// What is typed, for whom.
fn input(model: &Model, cell: &CellLine, area: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    let whom = match cell.partitions.as_slice() {
        [partition] => partition.to_string(),
        partitions => format!("{} marked partitions", partitions.len()),
    };
    let role = if cell.parsed.is_err() && cell.is_begun() { Role::Err } else { Role::Input };
    let (before, behind) = cell.line.halves();
    let mut pen = Pen::new(buffer, area, model.symbols);
    pen.skip(1).write(&whom, theme.style(Role::Title)).write("  start at: ", theme.style(Role::Dim));
    pen.write(before, theme.style(role)).write(model.symbols.cursor, theme.style(Role::Accent));
    pen.write(behind, theme.style(role));
}

/// What that means so far.
fn typed(model: &Model, cell: &CellLine, row: Row<'_>) -> Vec<(String, Style)> {
    let style = |role| model.theme.style(role);
    if !cell.is_begun() {
        return vec![(expected(model, cell.hint), style(Role::Dim))];
    }
    let at = match &cell.parsed {
        Ok(at) => at,
        Err(problem) => return vec![(format!("{} {problem}", model.symbols.blocked), style(Role::Err))],
    };
    let several = match cell.partitions.len() {
        0 | 1 => String::new(),
        n => format!(" (and {} more partitions)", n - 1),
    };
    match cell.found() {
        Some(Found { result: Ok(found), .. }) => {
            let mut lines = vec![(meaning(model, at, found, &several), style(tone(found)))];
            lines.extend(consequence(row.listed, found.offset).map(|text| (text, style(Role::Dim))));
            lines
        }
        Some(Found { result: Err(refusal), .. }) => {
            vec![(format!("{} {refusal}", model.symbols.blocked), style(Role::Err))]
        }
        None => match cell.refusal(row.listed) {
            Some(refusal) => vec![(format!("{} {refusal}", model.symbols.blocked), style(Role::Err))],
            None => vec![(format!("looking that up{}", model.symbols.ellipsis), style(Role::Dim))],
        },
    }
}

/// What can be typed.
fn expected(model: &Model, hint: CellHint) -> String {
    match hint {
        CellHint::Any => {
            "checkpoint, +500, -500, earliest, latest, 12345, last 10k, -2h, group:NAME, or a time with its zone".into()
        }
        CellHint::Time => {
            let now = words::exact_moment(model, model.now.wall_ms);
            format!("a time with its zone, such as {now}")
        }
        CellHint::Ago => "how long ago: -2h, -1h30m, -7d".into(),
        CellHint::Last => "how many records before the end: last 10k, last 2M, last 500".into(),
        CellHint::Offset => "an offset, such as 12345; +500 and -500 count from the checkpoint".into(),
    }
}

fn lines(model: &Model, row: Row<'_>, name: &str) -> Vec<(String, Style)> {
    let style = |role| model.theme.style(role);
    match (row.edit, row.problem()) {
        (Some(edit), _) => edited(model, row, edit, name),
        (None, Some(problem)) => {
            let mut lines = vec![(format!("{name}{} {problem}", model.symbols.blocked), style(Role::Err))];
            if !matches!(problem, RowProblem::Unknown(_)) {
                let [earliest, latest] = [Action::StartEarliest, Action::StartLatest].map(|action| key(model, action));
                let text = format!("{earliest}: start at the oldest record   {latest}: jump to the end");
                lines.push((text, style(Role::Key)));
            }
            lines
        }
        (None, None) => unchanged(model, row, name).into_iter().map(|text| (text, style(Role::Dim))).collect(),
    }
}

fn edited(model: &Model, row: Row<'_>, edit: &Edit, name: &str) -> Vec<(String, Style)> {
    let style = |role| model.theme.style(role);
    let Some(Found { result, at_ms }) = &edit.found else {
        let text = format!("{name}{}: looking that up{}", edit.at, model.symbols.ellipsis);
        return vec![(text, style(Role::Dim))];
    };
    match result {
        Ok(found) => {
            let seconds = u64::try_from((model.now.wall_ms - at_ms) / 1_000).unwrap_or(0);
            let age = match seconds {
                0..10 => " (looked up just now)".to_owned(),
                seconds => format!(" (looked up {} ago)", number::duration_short(seconds)),
            };
            let text = format!("{name}{}", meaning(model, &edit.at, found, &age));
            let mut lines = vec![(text, style(tone(found)))];
            lines.extend(consequence(row.listed, found.offset).map(|text| (text, style(Role::Dim))));
            lines
        }
        Err(refusal) => {
            let checkpoint = key(model, Action::StartCheckpoint);
            vec![
                (format!("{name}{} {}: {refusal}", model.symbols.blocked, edit.at), style(Role::Err)),
                (format!("{checkpoint}: back to the checkpoint   enter: type another"), style(Role::Key)),
            ]
        }
    }
}

/// What a position is.
fn meaning(model: &Model, at: &EditPosition, found: &EditedOffset, more: &str) -> String {
    let offset = number::exact(found.offset);
    if let Some(remark) = &found.remark {
        return format!("{} {} offset {offset}: {remark}{more}", words::position(model, at), model.symbols.arrow);
    }
    let arrow = model.symbols.arrow;
    let since = |ms: i64| words::exact_moment(model, ms);
    let what = match at {
        EditPosition::At(StartPosition::Earliest) => "the oldest record there is".to_owned(),
        EditPosition::At(StartPosition::Latest) => "the end of the log: nothing that exists is copied".to_owned(),
        EditPosition::At(StartPosition::Offset(_)) => "as typed".to_owned(),
        EditPosition::At(StartPosition::Timestamp { ms }) => format!("the first record at or after {}", since(*ms)),
        EditPosition::At(StartPosition::Ago { ms }) => {
            let moment = words::exact_moment(model, model.now.wall_ms.saturating_sub(*ms));
            format!("the first record at or after {moment}")
        }
        EditPosition::At(StartPosition::Last(count)) => format!("{} before the end", words::records(*count)),
        EditPosition::At(StartPosition::Group(group)) => format!("where group {group} is"),
        EditPosition::Progress { by: 0 } => "where the flow is".to_owned(),
        EditPosition::Progress { by } => {
            let side = if *by > 0 { "behind" } else { "before" };
            format!("{} {side} the checkpoint", number::exact(by.unsigned_abs()))
        }
    };
    format!("{} {arrow} offset {offset}: {what}{more}", words::position(model, at))
}

/// Whether it is what was asked for.
fn tone(found: &EditedOffset) -> Role {
    if found.remark.is_some() { Role::Warn } else { Role::Text }
}

/// How much is copied from an offset on, and what of it was before.
fn consequence(listed: &PartitionOffsets, offset: i64) -> Option<String> {
    let effect = listed.effect_of(offset)?;
    let all = u64::try_from(listed.high? - listed.low?).unwrap_or(0);
    let mut text = format!("copies {} of {} records", number::exact(effect.to_copy), number::exact(all));
    if effect.again > 0 {
        text += &format!("; {} of them the target has already", number::exact(effect.again));
    }
    if effect.left_out > 0 {
        text += &format!("; leaves out {} that were never copied", number::exact(effect.left_out));
    }
    Some(text)
}

fn unchanged(model: &Model, row: Row<'_>, name: &str) -> Vec<String> {
    let listed = row.listed;
    let first = match (listed.progress, &listed.start) {
        (Some(progress), _) => {
            let author = match progress.author {
                ProgressAuthor::Flow => "written down by this flow",
                ProgressAuthor::OtherFlow => "written down by another flow",
                ProgressAuthor::Hand => "written down by another tool or by hand",
            };
            format!("{name}goes on at its checkpoint {}, {author}", number::exact(progress.offset))
        }
        (None, Some(start)) => {
            let offset = number::known(start.offset, number::exact);
            format!("{name}has no progress: it begins at {} {} {offset}", start.at, model.symbols.arrow)
        }
        (None, None) => format!("{name}has no progress"),
    };
    let second = row.position().and_then(|position| consequence(listed, position));
    let time = offsets::record_ms(model, &row)
        .map(|ms| format!("; the next record was written at {}", words::exact_moment(model, ms)));
    let second = second.map(|text| format!("{text}{}", time.unwrap_or_default()));
    let bar = sheet::bar(model, row, 60).map(|bar| format!("low  {bar}  high"));
    [Some(first), second, bar.filter(|_| model.size.0 >= 80)].into_iter().flatten().collect()
}
