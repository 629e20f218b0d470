//! The fields of a draft: names, rules with what they match, options. What is wrong stands below its field, with a
//! caret under the place in the rule.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{preview, severity_look};
use crate::config::{FlowSetting, SettingKind};
use crate::preview::{Check, RuleCount, Severity};
use crate::report::number;
use crate::tui::model::editor::field::{Field, Part, fields};
use crate::tui::model::editor::sheet::Sheet;
use crate::tui::model::{Density, Model};
use crate::tui::remedies::run_command;
use crate::tui::theme::Role;
use crate::tui::update::editor::{can_be_typed, rate_text};
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::text::{width, wrap};

/// Columns of the names of clusters and policies.
const NAMES: usize = 9;
/// Columns of the options' names.
const OPTIONS: usize = 15;
/// Columns of what a rule matches.
const COUNTS: usize = 5;
/// Columns of what is written to it.
const RATES: usize = 8;

/// A line of the panel.
enum Line {
    Blank,
    /// The head of a list of rules, with what its numbers mean.
    Head(&'static str, &'static str),
    Field(Field),
    /// Pattern and replacement of a rename rule.
    Rename(usize),
    /// A caret below a place of the field above.
    Caret(Field, std::ops::Range<usize>, Role),
    Remark(String, Role),
}

/// The heads of the parts, and in short what the draft does.
pub(super) fn draw_parts(model: &Model, sheet: &Sheet, area: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    let mut pen = Pen::new(buffer, line(area, 0), model.symbols);
    for part in Part::ALL {
        let is_here = part == sheet.field.part();
        let style = if is_here { theme.style(Role::Accent).patch(theme.selected()) } else { theme.style(Role::Dim) };
        pen.skip(1).write(&format!(" {} ", part.title()), style);
    }
    if model.density() != Density::Tiny {
        pen.skip(2).write(&change_words(sheet), theme.style(Role::Change));
        let columns = preview::counts_width(model, sheet);
        pen.right(columns + 1);
        preview::write_counts(model, sheet, &mut pen);
    }
}

pub(super) fn draw(model: &Model, sheet: &Sheet, area: Rect, buffer: &mut Buffer) {
    let errors = sheet.n_checks(Severity::Error);
    let foot = match (errors, sheet.is_changed()) {
        (0, true) => "^s save…".to_owned(),
        (0, false) => "as it is saved".to_owned(),
        (n, _) => format!("^s blocked: {}", number::counted(n, "error")),
    };
    let right = change_words(sheet);
    let title = if sheet.before.is_some() { "Flow" } else { "New flow" };
    let inside = if model.density() == Density::Wide {
        Panel { title, title_right: &right, foot: &foot, has_focus: true }.draw(model, area, buffer)
    } else {
        area
    };
    let lines = lines(model, sheet, usize::from(inside.width));
    let height = usize::from(inside.height);
    let is_here = |line: &Line| match line {
        Line::Field(field) => *field == sheet.field,
        Line::Rename(index) => [Field::Pattern(*index), Field::Replacement(*index)].contains(&sheet.field),
        _ => false,
    };
    let at = lines.iter().position(is_here).unwrap_or(0);
    // What is wrong with the field stands below it and is seen, too.
    let behind = lines[at + 1..].iter().take_while(|line| matches!(line, Line::Caret(..) | Line::Remark(..))).count();
    let top = (at + behind + 2).saturating_sub(height).min(at).min(lines.len().saturating_sub(height));
    for (row, found) in (0..).zip(lines.iter().skip(top).take(height)) {
        draw_line(model, sheet, found, line(inside, row), buffer);
    }
}

/// What of the draft is not saved.
fn change_words(sheet: &Sheet) -> String {
    match (&sheet.before, sheet.n_changes()) {
        (None, _) => "not saved".into(),
        (Some(_), 0) => String::new(),
        (Some(_), changes) => number::counted(changes, "change"),
    }
}

fn lines(model: &Model, sheet: &Sheet, columns: usize) -> Vec<Line> {
    let density = model.density();
    let is_column = density == Density::Wide;
    let mut lines = Vec::new();
    for field in fields(&sheet.draft, density) {
        if !is_column && field.part() != sheet.field.part() {
            continue;
        }
        match field {
            Field::Include(0) => {
                lines.extend(is_column.then_some(Line::Blank));
                lines.push(Line::Head("include", "+topics    rate"));
            }
            Field::Exclude(0) => {
                lines.push(Line::Head("exclude", "-topics        "));
                if sheet.draft.exclude.is_none() {
                    let text = |rule: &String| Line::Remark(format!("  {rule}   by [defaults]"), Role::Disabled);
                    lines.extend(sheet.inherited.iter().map(text));
                }
            }
            Field::Setting(FlowSetting::Start) if is_column => lines.push(Line::Blank),
            _ => {}
        }
        match field {
            Field::Replacement(_) => {}
            Field::Pattern(index) => lines.push(Line::Rename(index)),
            _ => lines.push(Line::Field(field)),
        }
        if !matches!(field, Field::Pattern(_)) || field.value(&sheet.draft).is_none() {
            let pattern = if let Field::Replacement(index) = field { Some(Field::Pattern(index)) } else { None };
            let about = pattern.and_then(|pattern| sheet.check_of(pattern)).or_else(|| sheet.check_of(field));
            lines.extend(about.into_iter().flat_map(|check| complaint(model, check, columns)));
        }
        // Below other lists the line for a new rule is blank already.
        if is_column && [Field::Include(0), Field::Exclude(0)].contains(&field) && field.value(&sheet.draft).is_none() {
            lines.push(Line::Blank);
        }
    }
    // Only what is in a file can be run from there.
    if is_column && let Some(command) = run_command(model, &sheet.name()) {
        lines.push(Line::Blank);
        let once = if sheet.is_changed() { ", once saved" } else { "" };
        let command = format!("equivalent{once}: {command}");
        lines.extend(wrap(&command, columns.saturating_sub(2)).into_iter().map(|text| Line::Remark(text, Role::Dim)));
    }
    lines
}

/// What is wrong with a field, below it: errors only, the rest is told among the findings.
fn complaint(model: &Model, check: &Check, columns: usize) -> Vec<Line> {
    if check.severity != Severity::Error {
        return Vec::new();
    }
    let mut lines = Vec::new();
    if let (Some(span), Some(field)) = (&check.span, Field::of(&check.place)) {
        lines.push(Line::Caret(field, span.clone(), Role::Err));
    }
    let room = columns.saturating_sub(6).max(10);
    let most = if model.density() == Density::Wide { 3 } else { 2 };
    let text = wrap(&check.text, room).into_iter().take(most);
    lines.extend(text.map(|text| Line::Remark(format!("  {text}"), Role::Err)));
    lines
}

fn draw_line(model: &Model, sheet: &Sheet, found: &Line, area: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    match found {
        Line::Blank => {}
        Line::Head(title, numbers) => {
            let mut pen = Pen::new(buffer, area, model.symbols);
            pen.skip(2).write(title, theme.style(Role::Head)).right(numbers.len() + 1);
            pen.write(numbers, theme.style(Role::Dim));
        }
        Line::Remark(text, role) => {
            Pen::new(buffer, area, model.symbols).skip(2).write(text, theme.style(*role));
        }
        Line::Caret(field, span, role) => caret(model, sheet, *field, span, *role, area, buffer),
        Line::Rename(index) => rename_rule(model, sheet, *index, area, buffer),
        Line::Field(field) => match field.rule() {
            Some(_) => rule(model, sheet, *field, area, buffer),
            None => named(model, sheet, *field, area, buffer),
        },
    }
}

/// Where the text of a rule begins.
const RULE_INDENT: usize = 4;

fn caret(
    model: &Model,
    sheet: &Sheet,
    field: Field,
    span: &std::ops::Range<usize>,
    role: Role,
    area: Rect,
    buffer: &mut Buffer,
) {
    let text = field.value(&sheet.draft).unwrap_or_default();
    let room = rule_room(usize::from(area.width));
    let hidden = if sheet.field == field { hidden(sheet, room) } else { 0 };
    let before = text.get(..span.start.min(text.len())).map_or(0, width);
    let marked = text.get(span.start.min(text.len())..span.end.min(text.len())).map_or(1, width).max(1);
    let column = before.saturating_sub(hidden);
    if column < room {
        let carets = "^".repeat(marked.min(room - column));
        let mut pen = Pen::new(buffer, area, model.symbols);
        pen.skip(RULE_INDENT + column).write(&carets, model.theme.style(role));
    }
}

/// Columns for the text of a rule.
fn rule_room(columns: usize) -> usize {
    columns.saturating_sub(RULE_INDENT + COUNTS + RATES + 2)
}

/// Columns that are not seen of the line that is typed: what is typed last stays in sight.
fn hidden(sheet: &Sheet, room: usize) -> usize {
    let before = sheet.line.as_ref().map_or(0, |line| width(line.halves().0));
    (before + 2).saturating_sub(room)
}

fn rule(model: &Model, sheet: &Sheet, field: Field, area: Rect, buffer: &mut Buffer) {
    let Some(rule) = field.rule() else { return };
    let room = rule_room(usize::from(area.width));
    let number = if field.value(&sheet.draft).is_some() { (rule.index + 1).to_string() } else { "+".into() };
    let is_here = field == sheet.field;
    if field.value(&sheet.draft).is_none() && !is_here && rule.index > 0 {
        return;
    }
    gutter(model, is_here, &format!("{number:>2}"), area, buffer);
    let text_area = Rect { x: area.x + 4, width: u16::try_from(room).unwrap_or(0), ..area }.intersection(area);
    value(model, sheet, field, text_area, buffer);
    if let Some(count) = count_of(sheet, field) {
        counts(model, field, &count, area, buffer);
    }
}

/// What a rule does, where the preview is of the draft that is seen.
fn count_of(sheet: &Sheet, field: Field) -> Option<RuleCount> {
    let preview = sheet.preview.as_deref().filter(|_| !sheet.is_stale)?;
    let rule = field.rule()?;
    let counts = match field {
        Field::Include(_) => &preview.include,
        Field::Exclude(_) => &preview.exclude,
        _ => &preview.rename,
    };
    field.value(&sheet.draft)?;
    counts.get(rule.index).cloned()
}

fn counts(model: &Model, field: Field, count: &RuleCount, area: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    let role = match (field, count.topics) {
        (_, 0) => Role::Warn,
        (Field::Exclude(_), _) => Role::Del,
        (Field::Include(_), _) => Role::Add,
        _ => Role::Dim,
    };
    let topics = format!("{:>COUNTS$}", number::exact(count.topics as u64));
    let rate = count.records_per_second.filter(|_| matches!(field, Field::Include(_)));
    let rate = format!("{:>RATES$}", rate.map(rate_text).unwrap_or_default());
    let mut pen = Pen::new(buffer, area, model.symbols);
    pen.right(COUNTS + RATES + 1);
    pen.write(&topics, theme.style(role)).write(&rate, theme.style(Role::Dim));
}

fn rename_rule(model: &Model, sheet: &Sheet, index: usize, area: Rect, buffer: &mut Buffer) {
    let (pattern, replacement) = (Field::Pattern(index), Field::Replacement(index));
    let is_there = pattern.value(&sheet.draft).is_some();
    let is_here = sheet.field == pattern || sheet.field == replacement;
    if !is_there && !is_here {
        return;
    }
    let number = if is_there { (index + 1).to_string() } else { "+".into() };
    gutter(model, is_here, &format!("{number:>2}"), area, buffer);
    let between = u16::try_from(2 + width(model.symbols.arrow)).unwrap_or(0);
    let half = area.width.saturating_sub(4 + between + 1) / 2;
    let left = Rect { x: area.x + 4, width: half, ..area }.intersection(area);
    let right = Rect { x: area.x + 4 + half + between, width: half, ..area }.intersection(area);
    value(model, sheet, pattern, left, buffer);
    if is_there {
        let between = Rect { x: area.x + 4 + half, width: between, ..area }.intersection(area);
        let style = model.theme.style(Role::Dim);
        Pen::new(buffer, between, model.symbols).skip(1).write(model.symbols.arrow, style);
        value(model, sheet, replacement, right, buffer);
    }
}

/// What stands before a field: where the cursor is, and its name.
fn gutter(model: &Model, is_here: bool, name: &str, area: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    let mut pen = Pen::new(buffer, area, model.symbols);
    pen.write(if is_here { model.symbols.crumb } else { " " }, theme.style(Role::Accent));
    pen.write(name, theme.style(if is_here { Role::Accent } else { Role::Dim }));
}

fn named(model: &Model, sheet: &Sheet, field: Field, area: Rect, buffer: &mut Buffer) {
    let columns = if field.part() == Part::Options { OPTIONS } else { NAMES };
    gutter(model, field == sheet.field, &format!(" {:columns$}", field.label()), area, buffer);
    let indent = u16::try_from(columns + 3).unwrap_or(0);
    let value_area = Rect { x: area.x + indent, width: area.width.saturating_sub(indent), ..area }.intersection(area);
    value(model, sheet, field, value_area, buffer);
}

fn value(model: &Model, sheet: &Sheet, field: Field, area: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    let mut pen = Pen::new(buffer, area, model.symbols);
    let is_here = field == sheet.field;
    let check = sheet.check_of(field).filter(|check| check.severity > Severity::Info);
    if let Some(typed) = sheet.line.as_ref().filter(|_| is_here) {
        let (before, behind) = typed.halves();
        let hidden = hidden(sheet, pen.room());
        let seen: String = before.chars().skip(hidden).collect();
        pen.write(&seen, theme.style(Role::Input)).write(model.symbols.cursor, theme.style(Role::Accent));
        pen.write(behind, theme.style(Role::Input));
        if typed.text().is_empty() {
            pen.skip(1).write(field.hint(), theme.style(Role::Disabled));
        }
        return;
    }
    let typed = field.value(&sheet.draft);
    let text = shown(field, sheet.in_force(field));
    let style = match (check, typed) {
        (Some(check), _) => theme.style(severity_look(check.severity).1),
        (None, None) => theme.style(Role::Dim),
        (None, Some(_)) => theme.style(Role::Text),
    };
    let style = if is_here { style.patch(theme.selected()) } else { style };
    match (text.is_empty(), field.rule().is_some(), typed) {
        (true, true, None) if is_here => drop(pen.write("a adds a rule", theme.style(Role::Disabled))),
        (true, true, None) => drop(pen.write("no rule", theme.style(Role::Disabled))),
        (true, ..) if is_here => drop(pen.write(field.hint(), theme.style(Role::Disabled))),
        (true, ..) => {}
        (false, ..) => drop(pen.write(&text, style)),
    }
    beside(model, sheet, field, &mut pen);
}

/// What more there is to say about a field's value.
fn beside(model: &Model, sheet: &Sheet, field: Field, pen: &mut Pen<'_>) {
    let dim = model.theme.style(Role::Dim);
    match field {
        Field::Source | Field::Target => {
            let name = field.value(&sheet.draft).unwrap_or_default();
            if let Some(cluster) = model.inventory.clusters.iter().find(|cluster| cluster.name.as_str() == name) {
                let address = cluster.bootstrap_servers.split(',').next().unwrap_or_default();
                pen.skip(2).write(address, dim).skip(2).write(&cluster.security, dim);
            }
        }
        Field::Setting(FlowSetting::Start) if !sheet.draft.start_overrides.is_empty() => {
            let exceptions = number::counted(sheet.draft.start_overrides.len(), "exception");
            pen.skip(2).write(&format!("+ {exceptions}"), model.theme.style(Role::Change)).skip(2);
            pen.write("o", model.theme.style(Role::Key));
        }
        Field::Setting(FlowSetting::Start) if sheet.before.is_some() => {
            pen.skip(2).write("o", model.theme.style(Role::Key)).write(" per partition", dim);
        }
        _ => {}
    }
    if field == sheet.field && sheet.line.is_none() && field.is_choice() {
        pen.skip(2).write("space chooses", model.theme.style(Role::Disabled));
    } else if field == sheet.field && field == Field::Name && !can_be_typed(sheet) {
        pen.skip(2).write("stays", model.theme.style(Role::Disabled));
    }
}

/// A value as people read it.
fn shown(field: Field, value: &str) -> String {
    match field {
        Field::Setting(setting) if setting.kind() == SettingKind::Switch => match value {
            "true" => "yes".into(),
            "false" => "no".into(),
            other => other.to_owned(),
        },
        Field::Separator if value.is_empty() => "nothing".into(),
        Field::Setting(FlowSetting::ReplicationFactor) if value == "-1" => "as the target's default".into(),
        Field::Setting(FlowSetting::SessionTimeout) if value.is_empty() => "by the source's version".into(),
        _ => value.to_owned(),
    }
}
