//! A card of a problem, over the lower part of the page:
//!
//! ```text
//! ╭─ Problem 1 of 2   orders/1 ──────────────────────────────────────────────────╮
//! │ what       a record is larger than the target accepts                        │
//! │ ...                                                                          │
//! │ fix        raise the target topic's limit:                                   │
//! │              kafka-configs.sh --bootstrap-server ...                         │
//! ╰─────────────────────────────────────── r retry  u unblock  y copy  esc close ─╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::tui::model::Model;
use crate::tui::model::overlay::Cards;
use crate::tui::theme::Role;
use crate::tui::update::{Card, problem_card, problems};
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::text::wrap;

/// Columns of the names, with what stands before and behind them.
const NAMES: usize = 12;
/// Columns that are read well.
const COLUMNS: u16 = 110;

pub(super) fn draw(model: &Model, cards: &Cards, within: Rect, buffer: &mut Buffer) {
    let found = problems(model);
    let cursor = cards.cursor.min(found.len().saturating_sub(1));
    let columns = COLUMNS.min(within.width);
    let (title, lines) = match found.get(cursor) {
        Some(problem) => {
            let card = problem_card(model, problem);
            let title = format!("Problem {} of {}   {}", cursor + 1, found.len(), card.title);
            (title, lines(model, &card, usize::from(columns.saturating_sub(3))))
        }
        None => ("Problems".to_owned(), vec![vec![(1, "nothing is wrong any more".to_owned(), Style::new())]]),
    };
    let rows = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX).min(within.height);
    let bottom = Rect { y: within.y + (within.height - rows), height: rows, ..within };
    let area = super::popup(model, bottom, columns, rows, buffer);
    let height = usize::from(area.height.saturating_sub(2));
    let top = cards.top.min(lines.len().saturating_sub(height));
    let foot = if lines.len() > height {
        format!("{}-{}/{}  j k", top + 1, (top + height).min(lines.len()), lines.len())
    } else {
        String::new()
    };
    let inside = Panel { title: &title, foot: &foot, has_focus: true, ..Panel::default() }.draw(model, area, buffer);
    for (row, pieces) in (0..).zip(lines.iter().skip(top).take(height)) {
        let mut pen = Pen::new(buffer, line(inside, row), model.symbols);
        for (indent, text, style) in pieces {
            pen.skip(*indent).write(text, *style);
        }
    }
}

/// A line: pieces, each behind so many blanks.
type CardLine = Vec<(usize, String, Style)>;

fn lines(model: &Model, card: &Card, columns: usize) -> Vec<CardLine> {
    let theme = &model.theme;
    let (dim, text, key) = (theme.style(Role::Dim), theme.style(Role::Text), theme.style(Role::Key));
    let grave = theme.style(if card.needs_somebody { Role::Err } else { Role::Warn });
    let symbol = if card.needs_somebody { model.symbols.blocked } else { model.symbols.waiting };
    let mut lines = Vec::new();
    for (name, value) in &card.fields {
        let (value, style) = match *name {
            "what" => (format!("{symbol} {value}"), grave),
            _ => (value.clone(), text),
        };
        push_field(&mut lines, name, &value, (dim, style), columns);
    }
    for (number, fix) in card.fixes.iter().enumerate() {
        let name = if number == 0 { "fix" } else { "" };
        let effect = if fix.command.is_some() { format!("{}:", fix.effect) } else { fix.effect.clone() };
        push_field(&mut lines, name, &effect, (dim, text), columns);
        let commands = fix.command.iter().flat_map(|command| wrap_command(command, columns.saturating_sub(NAMES + 2)));
        lines.extend(commands.map(|command| vec![(NAMES + 2, command, key)]));
    }
    lines
}

fn push_field(lines: &mut Vec<CardLine>, name: &str, value: &str, (dim, style): (Style, Style), columns: usize) {
    for (number, value) in wrap(value, columns.saturating_sub(NAMES)).into_iter().enumerate() {
        let name = if number == 0 { name } else { "" };
        lines.push(vec![(1, format!("{name:11}"), dim), (0, value, style)]);
    }
}

/// A command on several lines is still one that can be pasted.
fn wrap_command(command: &str, columns: usize) -> Vec<String> {
    let mut lines = wrap(command, columns.saturating_sub(4).max(10));
    let last = lines.len() - 1;
    for (number, line) in lines.iter_mut().enumerate() {
        if number > 0 {
            line.insert_str(0, "  ");
        }
        if number < last {
            line.push_str(" \\");
        }
    }
    lines
}
