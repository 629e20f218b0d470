//! What is staged, in the order of the partitions.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{key, words, write_lines};
use crate::tui::keymap::Action;
use crate::tui::model::Model;
use crate::tui::model::offsets::Desk;
use crate::tui::theme::Role;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};

/// Rows for what happens with it.
const PROMISE: u16 = 3;

pub(super) fn draw(model: &Model, desk: &Desk, area: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    let edits = desk.draft.edits();
    let title = if edits.is_empty() { "Staged edits".to_owned() } else { format!("Staged edits  {}", edits.len()) };
    let keys = [(Action::Undo, "undo"), (Action::Redo, "redo"), (Action::Reset, "reset")];
    let foot = keys.map(|(action, word)| format!("{} {word}", key(model, action))).join("  ");
    let inside = Panel { title: &title, foot: &foot, ..Panel::default() }.draw(model, area, buffer);
    if edits.is_empty() {
        let restore = key(model, Action::Restore);
        let lines = [
            ("none: every partition goes on where it is".to_owned(), theme.style(Role::Dim)),
            (String::new(), theme.style(Role::Dim)),
            (
                "enter types a position of any kind; space marks rows, and keys are for all of them then".into(),
                theme.style(Role::Dim),
            ),
            (format!("{restore} brings saved positions back"), theme.style(Role::Dim)),
        ];
        return write_lines(model, &lines, inside, buffer);
    }
    let room = inside.height.saturating_sub(PROMISE + 1);
    let is_cut = edits.len() > usize::from(room);
    let shown = if is_cut { room.saturating_sub(1) } else { room };
    let has_topics = model.offsets.sheet().is_some_and(|sheet| sheet.has_topics)
        || edits.keys().zip(edits.keys().skip(1)).any(|(one, next)| one.topic != next.topic);
    for (row, (partition, edit)) in (0..shown).zip(edits) {
        let before = match desk.row(partition).and_then(|row| row.listed.progress) {
            Some(_) => "checkpoint",
            None => "start",
        };
        let is_refused = edit.found.as_ref().is_some_and(|found| found.result.is_err());
        let role = if is_refused { Role::Err } else { Role::Change };
        let mut pen = Pen::new(buffer, line(inside, row), model.symbols);
        let sign = if is_refused { "! " } else { "" };
        pen.skip(1).write(&words::partition(partition, has_topics), theme.style(Role::Text));
        pen.write(&format!("  {before} {} ", model.symbols.arrow), theme.style(Role::Dim));
        pen.write(&format!("{sign}{}", words::position(model, &edit.at)), theme.style(role));
    }
    if is_cut {
        let text = format!("and {} more", edits.len() - usize::from(shown));
        Pen::new(buffer, line(inside, shown), model.symbols).skip(1).write(&text, theme.style(Role::Dim));
    }
    let rest = Rect { y: inside.bottom().saturating_sub(PROMISE), height: PROMISE.min(inside.height), ..inside };
    let review = key(model, Action::Review);
    let text =
        format!("nothing is set before {review} and a confirmation; the old positions are saved to a file first");
    write_lines(model, &[(text, theme.style(Role::Dim))], rest, buffer);
}
