//! The help: every key that applies, under headings, searched by typing.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::keymap::{Bound, Group, keys_text};
use crate::tui::model::Model;
use crate::tui::model::overlay::{Help, Overlay};
use crate::tui::theme::Role;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};

/// Columns the keys take.
const KEYS: usize = 16;

/// A line of the help.
enum Line<'a> {
    Heading(&'static str),
    Key(&'a Bound),
}

/// How many lines the help that is open has.
pub(in crate::tui) fn line_count(model: &Model) -> usize {
    match model.overlays.last() {
        Some(Overlay::Help(help)) => lines(model, help).len(),
        _ => 0,
    }
}

pub(super) fn draw(model: &Model, help: &Help, within: Rect, buffer: &mut Buffer) {
    let area = super::popup(model, within, 76, within.height, buffer);
    let typed = help.line.text();
    let title = if typed.is_empty() { "Keys  (type to search)".to_owned() } else { format!("Keys  {typed}") };
    let lines = lines(model, help);
    let height = usize::from(area.height.saturating_sub(2));
    let top = help.top.min(lines.len().saturating_sub(height));
    let foot = format!("{}-{}/{}", top + 1, (top + height).min(lines.len()), lines.len());
    let panel = Panel { title: &title, foot: &foot, has_focus: true, ..Panel::default() };
    let inside = panel.draw(model, area, buffer);
    let theme = &model.theme;
    for (row, text) in (0..).zip(lines.iter().skip(top).take(height)) {
        let mut pen = Pen::new(buffer, line(inside, row), model.symbols);
        match text {
            Line::Heading(heading) => drop(pen.skip(1).write(heading, theme.style(Role::Title))),
            Line::Key(bound) => {
                let keys: Vec<String> = bound.keys.iter().map(|keys| keys_text(keys)).collect();
                let keys = keys.join("  ");
                pen.skip(3).write(&format!("{keys:KEYS$}"), theme.style(Role::Key));
                pen.skip(1).write(bound.binding.label, theme.style(Role::Text));
            }
        }
    }
}

fn lines<'a>(model: &'a Model, help: &'a Help) -> Vec<Line<'a>> {
    let typed = help.line.text().to_lowercase();
    let fits = |bound: &&Bound| {
        let keys = bound.keys.iter().any(|keys| keys_text(keys) == help.line.text());
        !bound.keys.is_empty() && (keys || bound.binding.label.to_lowercase().contains(&typed))
    };
    let mut lines = Vec::new();
    for group in [Group::Page, Group::List, Group::Move, Group::General] {
        let of_group = |bound: &&Bound| bound.binding.group == group;
        let mut bound = model.keymap.within(&help.contexts).filter(of_group).filter(fits).peekable();
        if bound.peek().is_some() {
            lines.push(Line::Heading(group.title()));
            lines.extend(bound.map(Line::Key));
        }
    }
    lines
}
