//! What saving a draft changes: in the mirror, in the file.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::severity_look;
use crate::preview::Severity;
use crate::report::number;
use crate::tui::model::Model;
use crate::tui::model::editor::sheet::Sheet;
use crate::tui::services::FlowReview;
use crate::tui::theme::Role;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::text::{fold, wrap};

pub(super) fn draw(model: &Model, sheet: &Sheet, area: Rect, buffer: &mut Buffer) {
    let Some(review) = &model.editor.review else { return };
    let title = format!("Save flow {}", sheet.name());
    let columns = usize::from(area.width).saturating_sub(4);
    let mut can_be_saved = false;
    let lines = match &review.found {
        None => vec![("Looking what saving changes.".to_owned(), Role::Dim)],
        Some(Err(error)) => paragraph(&format!("failed to {error}"), Role::Err, columns),
        Some(Ok(found)) => {
            can_be_saved = found.problems.is_empty();
            lines(sheet, found, columns)
        }
    };
    let height = usize::from(area.height.saturating_sub(2));
    let window = review.scroll.window(lines.len(), height);
    let state = match (review.is_saving, can_be_saved) {
        (true, _) => "saving",
        (false, true) => "enter saves it",
        (false, false) => "",
    };
    let foot = if lines.len() > height {
        format!("{}-{}/{}  {state}", window.start + 1, window.end, lines.len())
    } else {
        state.to_owned()
    };
    let panel = Panel { title: &title, foot: &foot, has_focus: true, ..Panel::default() };
    let inside = panel.draw(model, area, buffer);
    for (row, (text, role)) in (0..inside.height).zip(&lines[window]) {
        Pen::new(buffer, line(inside, row), model.symbols).skip(1).write(text, model.theme.style(*role));
    }
}

fn paragraph(text: &str, role: Role, columns: usize) -> Vec<(String, Role)> {
    wrap(text, columns).into_iter().map(|text| (text, role)).collect()
}

/// What is wrong, what happens at once, what would need a restart, what is doubtful, and the file, in this order.
fn lines(sheet: &Sheet, found: &FlowReview, columns: usize) -> Vec<(String, Role)> {
    let mut lines = Vec::new();
    let mut part = |title: &str, items: Vec<String>, role: Role| {
        if items.is_empty() {
            return;
        }
        if !lines.is_empty() {
            lines.push((String::new(), Role::Text));
        }
        lines.push((title.to_owned(), Role::Head));
        for item in items {
            let wrapped = wrap(&item, columns.saturating_sub(2));
            lines.extend(wrapped.into_iter().map(|text| (format!("  {text}"), role)));
        }
    };
    let problems = found.problems.iter().map(|problem| format!("{} {}", problem.key, problem.message)).collect();
    part("It cannot be saved so", problems, Role::Err);
    part("What happens", found.effects.clone(), Role::Text);
    let restart = if found.needs_restart.is_empty() {
        Vec::new()
    } else {
        let choice = "enter saves it, and this waits for the next start; r saves it and starts the flow again now";
        found.needs_restart.iter().cloned().chain([choice.to_owned()]).collect()
    };
    part("What the running flow cannot take under way", restart, Role::Warn);
    let is_doubt = |severity| severity == Severity::Warning;
    let checks = sheet.checks.iter().filter(|check| is_doubt(check.severity));
    let checks = checks.map(|check| format!("{} {}", severity_look(check.severity).0, check.text));
    let doubts: Vec<String> = found.doubts.iter().cloned().chain(checks).collect();
    part(&format!("Doubts: {}", number::counted(doubts.len(), "warning")), doubts, Role::Warn);
    let place = match &found.path {
        Some(path) => path.display().to_string(),
        None => "No file: it lasts as long as this console".to_owned(),
    };
    lines.extend((!lines.is_empty()).then(|| (String::new(), Role::Text)));
    lines.push((place, Role::Head));
    if found.diff.is_empty() && found.path.is_some() {
        lines.push(("  the file stays as it is".into(), Role::Dim));
    }
    lines.extend(found.diff.lines().flat_map(|text| diff_line(text, columns)));
    lines
}

fn diff_line(text: &str, columns: usize) -> Vec<(String, Role)> {
    let role = match text.as_bytes().first() {
        _ if text.starts_with("+++") || text.starts_with("---") => Role::Dim,
        Some(b'+') => Role::Add,
        Some(b'-') => Role::Del,
        Some(b'@') => Role::Info,
        _ => Role::Text,
    };
    fold(text, columns.saturating_sub(2)).into_iter().map(|text| (format!("  {text}"), role)).collect()
}
