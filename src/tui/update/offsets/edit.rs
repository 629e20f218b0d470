//! Edits: by a key, or typed into a cell.

use jiff::Timestamp;

use crate::model::{EditPosition, StartPosition, TopicPartition};
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::model::Model;
use crate::tui::model::list::Move;
use crate::tui::model::offsets::cell_line::{CellHint, CellLine};
use crate::tui::model::offsets::draft::Draft;
use crate::tui::model::offsets::partition_of;
use crate::tui::model::toast::ToastTone;

use super::{due, settle, toast};

/// Whether an action edits rows, at once or by typing.
pub(super) fn is_edit(action: Action) -> bool {
    at_once(action).is_some() || hint(action).is_some()
}

/// What a key stages without typing.
fn at_once(action: Action) -> Option<EditPosition> {
    match action {
        Action::StartEarliest => Some(StartPosition::Earliest.into()),
        Action::StartLatest => Some(StartPosition::Latest.into()),
        Action::StartCheckpoint => Some(EditPosition::CHECKPOINT),
        _ => None,
    }
}

/// What a key asks for.
fn hint(action: Action) -> Option<CellHint> {
    match action {
        Action::Open => Some(CellHint::Any),
        Action::StartTime => Some(CellHint::Time),
        Action::StartAgo => Some(CellHint::Ago),
        Action::StartLast => Some(CellHint::Last),
        Action::StartOffset => Some(CellHint::Offset),
        _ => None,
    }
}

/// The partitions a key is for: the marked ones, or that of the cursor.
pub(super) fn aim(model: &Model) -> Vec<TopicPartition> {
    let page = &model.offsets;
    let Some(desk) = page.desk() else { return Vec::new() };
    let here = || page.list.selected.as_ref();
    let keys: Vec<&String> =
        if page.list.marks.is_empty() { here().into_iter().collect() } else { page.list.marks.iter().collect() };
    let partitions = keys.into_iter().filter_map(|key| partition_of(key));
    let mut partitions: Vec<TopicPartition> = partitions
        .filter(|partition| desk.offsets.as_ref().is_some_and(|known| known.of(partition).is_some()))
        .collect();
    partitions.sort();
    // The one whose meaning is shown while it is typed is the one that is looked at.
    if let Some(here) = here().and_then(|key| partition_of(key))
        && let Some(place) = partitions.iter().position(|partition| *partition == here)
    {
        partitions[..=place].rotate_right(1);
    }
    partitions
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let aim = aim(model);
    if let Some(at) = at_once(action) {
        return stage(model, aim, &at);
    }
    if let Some(hint) = hint(action) {
        let text = beginning(model, hint);
        model.offsets.line = Some(CellLine::new(&text, hint, aim));
    }
    due::ask(model)
}

/// What stands in the line before anything is typed.
fn beginning(model: &Model, hint: CellHint) -> String {
    let row = model.offsets.row_at_hand();
    match hint {
        CellHint::Any => row.and_then(|row| row.edit).map(|edit| edit.at.to_string()).unwrap_or_default(),
        CellHint::Time => time_at_hand(model),
        CellHint::Ago => "-".into(),
        CellHint::Last => "last ".into(),
        CellHint::Offset => String::new(),
    }
}

/// The row's time in the zone that is shown, to the minute and with its offset: only digits are left to change.
fn time_at_hand(model: &Model) -> String {
    let row = model.offsets.row_at_hand();
    let known = row.and_then(|row| due::record_ms(model, &row));
    let Ok(time) = Timestamp::from_millisecond(known.unwrap_or(model.now.wall_ms)) else { return String::new() };
    let zoned = time.to_zoned(model.time_zone());
    if zoned.offset().is_zero() {
        zoned.strftime("%Y-%m-%dT%H:%M:00Z").to_string()
    } else {
        zoned.strftime("%Y-%m-%dT%H:%M:00%:z").to_string()
    }
}

fn stage(model: &mut Model, partitions: Vec<TopicPartition>, at: &EditPosition) -> Vec<Effect> {
    step(model, |draft| draft.stage(partitions.into_iter().map(|partition| (partition, at.clone()))))
}

/// Changes what is staged.
pub(super) fn step(model: &mut Model, change: impl FnOnce(&mut Draft) -> usize) -> Vec<Effect> {
    if let Some(desk) = model.offsets.desk_mut() {
        change(&mut desk.draft);
        desk.version += 1;
        desk.lookup_error = None;
    }
    settle(model);
    due::ask(model)
}

/// What is typed has changed.
pub(super) fn typed(model: &mut Model) -> Vec<Effect> {
    if let Some(cell) = &mut model.offsets.line {
        cell.read();
    }
    if let Some(desk) = model.offsets.desk_mut() {
        desk.lookup_error = None;
    }
    due::ask(model)
}

/// The end of typing: what was typed is staged, unless it cannot be.
pub(super) fn end(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(cell) = model.offsets.line.take() else { return Vec::new() };
    if action == Action::Cancel || cell.line.text().trim().is_empty() {
        return Vec::new();
    }
    match meaning(model, &cell) {
        Ok(at) => {
            let (hint, is_alone) = (cell.hint, cell.partitions.len() == 1);
            let mut effects = stage(model, cell.partitions, &at);
            if action == Action::AcceptNext {
                effects.extend(next_row(model, hint, is_alone));
            }
            effects
        }
        Err(reason) => {
            model.offsets.line = Some(cell);
            toast(model, ToastTone::Warn, reason);
            Vec::new()
        }
    }
}

/// What was typed, or why it must not be.
fn meaning(model: &Model, cell: &CellLine) -> Result<EditPosition, String> {
    let at = cell.parsed.clone()?;
    if let Some(found) = cell.found() {
        return found.result.as_ref().map(|_| at).map_err(ToString::to_string);
    }
    // Nobody has answered yet: by what was read last.
    let of = cell.partitions.first().and_then(|partition| model.offsets.desk()?.row(partition));
    match of.and_then(|row| cell.refusal(row.listed)) {
        Some(refusal) => Err(refusal.to_string()),
        None => Ok(at),
    }
}

fn next_row(model: &mut Model, hint: CellHint, is_alone: bool) -> Vec<Effect> {
    let rows = model.page().rows(model);
    let before = model.offsets.list.cursor;
    model.offsets.list.go(Move::Down, &rows);
    if !is_alone || model.offsets.list.cursor == before {
        return Vec::new();
    }
    let aim = aim(model);
    let text = beginning(model, hint);
    model.offsets.line = Some(CellLine::new(&text, hint, aim));
    due::ask(model)
}
