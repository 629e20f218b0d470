//! The first run: three ways on, and where things will be kept.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::model::Model;
use crate::tui::model::overlay::OpenFile;
use crate::tui::theme::Role;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::text::wrap;

pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    let (text, key, dim) = (theme.style(Role::Text), theme.style(Role::Key), theme.style(Role::Dim));
    let place = match (&model.inventory.saves_to, model.is_read_only) {
        (_, true) => "not now: this console may only look (--read-only)".to_owned(),
        (Some(path), false) => format!("it is saved in {}", path.display()),
        (None, false) => "HOME is not set: name a file with --config".to_owned(),
    };
    let ways = [
        ("c", "connect a cluster", place.as_str()),
        ("d", "run the demo", "two small clusters inside this program, with live topics"),
        ("o", "open a file", "a configuration that is somewhere else"),
    ];
    let columns = usize::from(area.width).saturating_sub(4);
    let is_roomy = area.height >= 16;
    let mut row = u16::from(is_roomy);
    let mut write = |pieces: &[(usize, &str, ratatui::style::Style)]| {
        let mut pen = Pen::new(buffer, line(area, row), model.symbols);
        for (indent, piece, style) in pieces {
            pen.skip(*indent).write(piece, *style);
        }
        row += 1;
    };
    let intro = "kmirror copies Kafka topics from one cluster to another. There is no configuration yet.";
    wrap(intro, columns).iter().for_each(|intro| write(&[(2, intro, text)]));
    write(&[]);
    for (letter, name, explanation) in ways {
        let name = format!("{name:20}");
        if columns >= 70 {
            write(&[(4, letter, key), (3, &name, text), (1, explanation, dim)]);
        } else {
            write(&[(2, letter, key), (2, &name, text)]);
        }
        if is_roomy {
            write(&[]);
        }
    }
    if is_roomy {
        write(&[(2, "Without any file:", dim)]);
        write(&[(4, "kmirror --source HOST:PORT --target HOST:PORT", text)]);
        write(&[(2, "A file to start from:", dim)]);
        write(&[(4, "kmirror config template", text)]);
    }
}

/// The dialog in which a file is named.
pub(super) fn draw_open_file(model: &Model, open: &OpenFile, within: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    let columns = 76.min(within.width);
    let error = open.error.as_deref().map(|error| wrap(error, usize::from(columns).saturating_sub(4)));
    let error = error.unwrap_or_default();
    let rows = u16::try_from(error.len() + 3).unwrap_or(u16::MAX);
    let area = super::popup(model, within, columns, rows, buffer);
    let panel =
        Panel { title: "Open a configuration", foot: "enter open  esc leave it", has_focus: true, ..Panel::default() };
    let inside = panel.draw(model, area, buffer);
    let (before, behind) = open.line.halves();
    Pen::new(buffer, line(inside, 0), model.symbols)
        .skip(1)
        .write("file ", theme.style(Role::Key))
        .write(before, theme.style(Role::Input))
        .write(model.symbols.cursor, theme.style(Role::Accent))
        .write(behind, theme.style(Role::Input));
    for (row, text) in (1..).zip(&error) {
        Pen::new(buffer, line(inside, row), model.symbols).skip(1).write(text, theme.style(Role::Err));
    }
}
