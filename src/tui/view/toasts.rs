//! Short messages at the lower right.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::model::Model;
use crate::tui::model::toast::ToastTone;
use crate::tui::theme::Role;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::text::{width, wrap};

/// Columns a message may take.
const COLUMNS_MAX: usize = 70;

pub(super) fn draw(model: &Model, within: Rect, buffer: &mut Buffer) {
    let columns = COLUMNS_MAX.min(usize::from(within.width).saturating_sub(4));
    if columns < 8 {
        return;
    }
    let mut bottom = within.bottom();
    for toast in model.toasts.iter().collect::<Vec<_>>().into_iter().rev() {
        let role = match toast.tone {
            ToastTone::Info => Role::Info,
            ToastTone::Warn => Role::Warn,
            ToastTone::Err => Role::Err,
        };
        let lines = wrap(&toast.text, columns);
        let height = u16::try_from(lines.len()).unwrap_or(u16::MAX);
        let Some(top) = bottom.checked_sub(height).filter(|top| *top >= within.y) else { return };
        let text_width = lines.iter().map(|line| width(line)).max().unwrap_or(0);
        let box_width = u16::try_from(text_width + 4).unwrap_or(within.width).min(within.width);
        let area = Rect { x: within.right() - box_width, y: top, width: box_width, height };
        super::clear(model, area, buffer);
        let style = model.theme.style(role);
        for (row, text) in (0..).zip(&lines) {
            let mut pen = Pen::new(buffer, line(area, row), model.symbols);
            pen.write(model.symbols.vertical, style).skip(1).write(text, style);
        }
        bottom = top;
    }
}
