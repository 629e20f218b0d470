//! What the draft would do, as much of it as there is room for: topics in parts, and the sums over them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::cut_below;
use crate::preview::{CopyTime, Difference, FlowPreview, PreviewTotals, PreviewedTopic, TargetPlan, TopicChange};
use crate::report::number;
use crate::tui::model::editor::rows::{Fate, Sections};
use crate::tui::model::editor::sheet::Sheet;
use crate::tui::model::{Density, Model};
use crate::tui::theme::Role;
use crate::tui::update::editor::{rate_text, rule_words, sections};
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::text::{fit_middle, width};
use crate::tui::words::plan_words;

/// Columns of what is planned.
const PLAN: usize = 18;
/// Columns of how much a topic has: a number of records, or what is written to it.
const MEASURE: usize = 13;

/// How a topic's fate looks: a sign and its colour.
pub(super) fn fate_look(topic: &PreviewedTopic) -> (&'static str, Role) {
    match (Fate::of(topic), &topic.change) {
        (Fate::Blocked, _) => ("!", Role::Err),
        (Fate::Doubtful, _) => ("~", Role::Warn),
        (Fate::Mirrored, TopicChange::New) => ("+", Role::Add),
        (Fate::Mirrored, TopicChange::Renamed { .. }) => ("+", Role::Change),
        (Fate::Mirrored, _) => ("+", Role::Ok),
        (Fate::Excluded | Fate::NotMatched, TopicChange::Removed) => ("-", Role::Del),
        (Fate::Excluded, _) => ("-", Role::Dim),
        (Fate::NotMatched, _) => (" ", Role::Dim),
    }
}

/// Mirrored, excluded, not matched, in numbers.
fn count_words(model: &Model, totals: &PreviewTotals) -> [(String, Role); 3] {
    let exact = |count: usize| number::exact(count as u64);
    let left_out = totals.excluded + totals.internal;
    let words =
        if model.density() == Density::Wide { [" mirrored", " excluded", " not matched"] } else { ["", "", ""] };
    let space = if words[0].is_empty() { "" } else { " " };
    [
        (format!("+{space}{}{}", exact(totals.mirrored), words[0]), Role::Add),
        (format!("-{space}{}{}", exact(left_out), words[1]), Role::Del),
        (format!("~{space}{}{}", exact(totals.not_matched), words[2]), Role::Dim),
    ]
}

pub(super) fn write_counts(model: &Model, sheet: &Sheet, pen: &mut Pen<'_>) {
    let Some(preview) = &sheet.preview else { return };
    for (number, (text, role)) in count_words(model, &preview.totals).iter().enumerate() {
        pen.skip(if number > 0 { 2 } else { 0 }).write(text, model.theme.style(*role));
    }
}

pub(super) fn counts_width(model: &Model, sheet: &Sheet) -> usize {
    let Some(preview) = &sheet.preview else { return 0 };
    count_words(model, &preview.totals).iter().map(|(text, _)| width(text) + 2).sum::<usize>() - 2
}

pub(super) fn draw(model: &Model, sheet: &Sheet, area: Rect, buffer: &mut Buffer) {
    let title = format!("Preview   {} {} {}", sheet.draft.source, model.symbols.arrow, sheet.draft.target);
    let right = match (sheet.is_stale, sheet.took) {
        _ if sheet.preview.is_none() => String::new(),
        (true, _) => "as before the mistake".to_owned(),
        (false, Some(took)) => format!("matched in {}", took_text(took)),
        (false, None) => String::new(),
    };
    let panel = Panel { title: &title, title_right: &right, foot: "p all", has_focus: false };
    let inside = panel.draw_fitting(model, area, buffer);
    let inside = trouble(model, sheet, inside, buffer);
    let Some(preview) = &sheet.preview else { return };
    let sections = sections(model);
    if model.density() == Density::Wide {
        wide(model, preview, &sections, inside, buffer);
    } else {
        narrow(model, preview, &sections, inside, buffer);
    }
}

fn took_text(took: std::time::Duration) -> String {
    let ms = took.as_secs_f64() * 1_000.0;
    if ms < 10.0 { format!("{ms:.1} ms") } else { format!("{ms:.0} ms") }
}

/// Why not everything is known, above the rest.
fn trouble(model: &Model, sheet: &Sheet, area: Rect, buffer: &mut Buffer) -> Rect {
    let draft = &sheet.draft;
    let known = model.editor.facts();
    let (text, role) = match known {
        _ if draft.source.is_empty() || draft.target.is_empty() => {
            ("choose source and target, and see what the rules match".to_owned(), Role::Dim)
        }
        Some(known) if known.error.is_some() => {
            let error = known.error.as_deref().unwrap_or_default();
            let rest =
                if known.facts.is_some() { "what is shown is older" } else { "rules can be edited all the same" };
            (format!("failed to {error}; {rest}"), Role::Err)
        }
        Some(known) => match &known.facts {
            None => (format!("Asking {} and {} for their topics.", draft.source, draft.target), Role::Dim),
            Some(facts) => match &facts.target {
                Err(error) => (format!("what {} has is not known: {error}", draft.target), Role::Warn),
                Ok(_) => return area,
            },
        },
        None => return area,
    };
    let columns = usize::from(area.width).saturating_sub(2);
    let lines = crate::tui::widget::text::wrap(&text, columns);
    let rows = u16::try_from(lines.len().min(3)).unwrap_or(3).min(area.height);
    for (row, text) in (0..rows).zip(&lines) {
        Pen::new(buffer, line(area, row), model.symbols).skip(1).write(text, model.theme.style(role));
    }
    Rect { y: area.y + rows, height: area.height - rows, ..area }
}

/// Rows of the three parts, heads and blank lines included.
struct Rows {
    mirrored: usize,
    left_out: usize,
    near: usize,
}

/// Shares the lines: what is mirrored has the most, of the others something is always seen.
fn share(room: usize, mirrored: usize, left_out: usize, near: usize) -> Rows {
    let with_head = |count: usize| if count == 0 { 0 } else { count + 2 };
    let (left_out, near, mirrored) = (with_head(left_out), with_head(near), mirrored.max(1));
    let mut rows = Rows { mirrored: 0, left_out: left_out.min(5), near: near.min(4) };
    rows.mirrored = mirrored.min(room.saturating_sub(rows.left_out + rows.near));
    let spare = |rows: &Rows| room.saturating_sub(rows.mirrored + rows.left_out + rows.near);
    rows.left_out += spare(&rows).min(left_out - rows.left_out);
    rows.near += spare(&rows).min(near - rows.near);
    rows
}

fn wide(model: &Model, preview: &FlowPreview, sections: &Sections, area: Rect, buffer: &mut Buffer) {
    let difference = preview.difference.as_ref();
    let (upper, lower) = cut_below(area, 3 + u16::from(difference.is_some()));
    let columns = name_columns(preview, sections, area);
    let mut writer = Writer { model, area: upper, row: 0, columns, end: PLAN, buffer };
    writer.next(|pen| {
        pen.skip(2);
        for (number, (text, role)) in count_words(model, &preview.totals).iter().enumerate() {
            pen.skip(if number > 0 { 4 } else { 0 }).write(text, model.theme.style(*role));
        }
    });
    let room = usize::from(upper.height).saturating_sub(2);
    let rows = share(room, sections.mirrored.len(), sections.left_out.len(), preview.near_misses.len());
    mirrored(&mut writer, preview, sections, rows.mirrored);
    left_out(&mut writer, preview, sections, rows.left_out);
    near_misses(&mut writer, preview, rows.near);
    sums(model, preview, lower, buffer);
}

/// Writes line by line.
struct Writer<'a> {
    model: &'a Model,
    area: Rect,
    row: u16,
    /// Columns of the first of two names.
    columns: usize,
    /// Columns of what stands behind them.
    end: usize,
    buffer: &'a mut Buffer,
}

/// How many topics are looked at to see how long names are.
const MEASURED: usize = 50;

/// Columns source names need: as many as the longest, half of what there is at most. Target names are longer, mostly.
fn name_columns(preview: &FlowPreview, sections: &Sections, area: Rect) -> usize {
    let room = usize::from(area.width).saturating_sub(4 + PLAN);
    let places = sections.mirrored.iter().take(MEASURED).chain(sections.left_out.iter().take(MEASURED));
    let topics = places.map(|place| preview.topics[*place].source.as_str());
    let names = topics.chain(preview.near_misses.iter().take(MEASURED).map(|miss| miss.topic.as_str()));
    names.map(|name| width(name) + 2).max().unwrap_or(0).max("SOURCE TOPIC".len() + 2).min(room / 2)
}

impl Writer<'_> {
    fn next(&mut self, write: impl FnOnce(&mut Pen<'_>)) {
        let mut pen = Pen::new(self.buffer, line(self.area, self.row), self.model.symbols);
        write(&mut pen);
        self.row += 1;
    }

    /// A sign, two names, and something behind them.
    fn row(&mut self, sign: (&str, Style), names: [(&str, Style); 2], end: (&str, Style)) {
        let room = usize::from(self.area.width).saturating_sub(4 + PLAN);
        let columns = [self.columns, room.saturating_sub(self.columns) + PLAN - self.end];
        let symbols = self.model.symbols;
        self.next(|pen| {
            pen.skip(1).write(sign.0, sign.1).skip(1);
            for ((name, style), columns) in names.into_iter().zip(columns) {
                let name = fit_middle(name, columns.saturating_sub(1), symbols);
                let behind = columns.saturating_sub(width(&name));
                pen.write(&name, style).skip(behind);
            }
            pen.write(end.0, end.1);
        });
    }

    fn head(&mut self, one: &str, two: &str, three: &str) {
        let head = self.model.theme.style(Role::Head);
        self.row((" ", head), [(one, head), (two, head)], (three, head));
    }

    fn more(&mut self, count: usize, what: &str) {
        let (dim, ellipsis) = (self.model.theme.style(Role::Dim), self.model.symbols.ellipsis);
        let text = format!("{ellipsis} {} more {what}", number::exact(count as u64));
        self.next(|pen| {
            pen.skip(3).write(&text, dim);
        });
    }
}

/// How many of `count` rows are drawn in `room` lines: all, or all but one line that tells of the others.
fn drawn(count: usize, room: usize) -> usize {
    if count <= room { count } else { room.saturating_sub(1) }
}

fn mirrored(writer: &mut Writer<'_>, preview: &FlowPreview, sections: &Sections, room: usize) {
    let theme = &writer.model.theme;
    writer.head("SOURCE TOPIC", "TARGET TOPIC", "PLAN");
    if sections.mirrored.is_empty() {
        return writer.next(|pen| {
            pen.skip(3).write("no topic is mirrored", theme.style(Role::Warn));
        });
    }
    let count = drawn(sections.mirrored.len(), room);
    for place in sections.mirrored.iter().take(count) {
        let topic = &preview.topics[*place];
        let (sign, role) = fate_look(topic);
        let (target, plan) = target_and_plan(topic);
        let source = theme.style(Role::Text);
        let names = [(topic.source.as_str(), source), (target.as_str(), theme.style(target_role(topic)))];
        writer.row((sign, theme.style(role)), names, (&plan, theme.style(plan_role(topic))));
    }
    let more = sections.mirrored.len() - count;
    if more > 0 {
        writer.more(more, "mirrored");
    }
}

/// What a topic is called on the target and what is to be done there, or what is wrong with the name.
pub(super) fn target_and_plan(topic: &PreviewedTopic) -> (String, String) {
    let plan = topic.plan.as_ref().map(plan_words).unwrap_or_default();
    match &topic.target {
        Some(Ok(target)) => (target.to_string(), plan),
        Some(Err(error)) => (error.clone(), plan),
        None => (String::new(), plan),
    }
}

pub(super) fn target_role(topic: &PreviewedTopic) -> Role {
    match (&topic.target, &topic.change) {
        (Some(Err(_)), _) => Role::Err,
        (_, TopicChange::Renamed { .. }) => Role::Change,
        _ => Role::Text,
    }
}

pub(super) fn plan_role(topic: &PreviewedTopic) -> Role {
    match (Fate::of(topic), &topic.plan) {
        (Fate::Blocked, _) => Role::Err,
        (Fate::Doubtful, _) => Role::Warn,
        (_, Some(TargetPlan::Create { .. })) => Role::Info,
        _ => Role::Dim,
    }
}

fn left_out(writer: &mut Writer<'_>, preview: &FlowPreview, sections: &Sections, room: usize) {
    if room < 3 {
        return;
    }
    let theme = &writer.model.theme;
    writer.row += 1;
    writer.end = MEASURE;
    writer.head("EXCLUDED", "BY RULE", "");
    let count = drawn(sections.left_out.len(), room - 2);
    for place in sections.left_out.iter().take(count) {
        let topic = &preview.topics[*place];
        let (sign, role) = fate_look(topic);
        let is_removed = topic.change == TopicChange::Removed;
        let records = topic.records_max.map(|records| format!("{} rec", number::count(records))).unwrap_or_default();
        let end = if is_removed { "mirrored now".to_owned() } else { records };
        let end_role = if is_removed { Role::Del } else { Role::Dim };
        let by = match rule_words(topic) {
            words if words.is_empty() => "no include rule".to_owned(),
            words => words,
        };
        let names = [(topic.source.as_str(), theme.style(Role::Text)), (by.as_str(), theme.style(Role::Dim))];
        writer.row((sign, theme.style(role)), names, (&end, theme.style(end_role)));
    }
    let more = sections.left_out.len() - count;
    if more > 0 {
        writer.more(more, "excluded");
    }
}

fn near_misses(writer: &mut Writer<'_>, preview: &FlowPreview, room: usize) {
    if room < 3 {
        return;
    }
    let theme = &writer.model.theme;
    writer.row += 1;
    writer.end = MEASURE;
    writer.head("NEAR MISSES", "WHY", "");
    let count = drawn(preview.near_misses.len(), room - 2);
    for miss in preview.near_misses.iter().take(count) {
        let rate = miss.records_per_second.map(rate_text).unwrap_or_default();
        let names = [(miss.topic.as_str(), theme.style(Role::Text)), (miss.why.as_str(), theme.style(Role::Dim))];
        writer.row(("~", theme.style(Role::Change)), names, (&rate, theme.style(Role::Dim)));
    }
    let more = preview.near_misses.len() - count;
    if more > 0 {
        writer.more(more, "near misses");
    }
}

/// The foot of the panel: sum, cap, difference.
fn sums(model: &Model, preview: &FlowPreview, area: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    let mut writer = Writer { model, area, row: 1, columns: 0, end: PLAN, buffer };
    let mut field = |name: &str, text: &str, role: Role| {
        writer.next(|pen| {
            pen.skip(1).write(&format!("{name:5}"), theme.style(Role::Dim)).write(text, theme.style(role));
        });
    };
    field("sum", &sum_text(&preview.totals), Role::Text);
    let (text, role) = cap_text(model, &preview.totals);
    field("cap", &text, role);
    if let Some(difference) = &preview.difference {
        let role = if difference.is_empty() { Role::Dim } else { Role::Change };
        field("diff", &format!("{} against the flow in force", difference_text(difference)), role);
    }
}

pub(super) fn sum_text(totals: &PreviewTotals) -> String {
    let mut parts = vec![number::counted(usize::try_from(totals.partitions).unwrap_or(usize::MAX), "partition")];
    if totals.measured > 0 {
        let size = totals.bytes.map(|bytes| format!(" ~{}", number::bytes(bytes))).unwrap_or_default();
        let at_most = if totals.measured < totals.mirrored { " so far" } else { "" };
        parts.push(format!("{} records{size}{at_most}", number::count(totals.records_max)));
    }
    if let Some(rate) = totals.records_per_second {
        let bytes = totals.bytes_per_second.map(|bytes| format!(" {}", number::bytes_rate(bytes as f64)));
        parts.push(format!("now {}{}", rate_text(rate), bytes.unwrap_or_default()));
    }
    parts.join(" · ")
}

fn cap_text(model: &Model, totals: &PreviewTotals) -> (String, Role) {
    let sheet = model.editor.sheet();
    let cap = |setting| {
        let value = sheet.and_then(|sheet| sheet.in_force.get(&setting)).map(String::as_str);
        value.filter(|value| *value != "unlimited").map(str::to_owned)
    };
    let bytes = cap(crate::config::FlowSetting::BytesPerSecond).map(|cap| format!("{cap}/s"));
    let records = cap(crate::config::FlowSetting::RecordsPerSecond).map(|cap| format!("{cap} records/s"));
    let caps: Vec<String> = bytes.into_iter().chain(records).collect();
    if caps.is_empty() {
        return ("none: as fast as the clusters allow".into(), Role::Dim);
    }
    let caps = caps.join(", ");
    match totals.copy {
        CopyTime::Unknown => (caps, Role::Text),
        CopyTime::Seconds(seconds) => {
            (format!("{caps}: first copy ~{}, then live", number::duration(seconds)), Role::Text)
        }
        CopyTime::Never => (format!("{caps}: more comes in, the copy is never done"), Role::Warn),
    }
}

pub(super) fn difference_text(difference: &Difference) -> String {
    if difference.is_empty() {
        return "nothing changes".into();
    }
    let mut parts = Vec::new();
    if difference.added > 0 {
        parts.push(format!("+{}", number::counted(difference.added, "topic")));
    }
    if difference.removed > 0 {
        parts.push(format!("-{}", number::counted(difference.removed, "topic")));
    }
    if difference.renamed > 0 {
        parts.push(format!("{} renamed", number::counted(difference.renamed, "topic")));
    }
    parts.extend((!difference.settings.is_empty()).then(|| difference.settings.join(", ")));
    parts.join(", ")
}

/// One line for each topic: what is mirrored, then what is left out.
fn narrow(model: &Model, preview: &FlowPreview, sections: &Sections, area: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    let room = usize::from(area.height);
    let count = sections.mirrored.len() + sections.left_out.len();
    let (places, more) = if count <= room { (count, 0) } else { (room.saturating_sub(1), count) };
    // Of what is left out something is seen as well.
    let left_out = sections.left_out.len().min((places / 3).max(places.saturating_sub(sections.mirrored.len())));
    let mirrored = places - left_out;
    let chosen = sections.mirrored.iter().take(mirrored).chain(sections.left_out.iter().take(left_out));
    let columns = name_columns(preview, sections, area);
    let mut writer = Writer { model, area, row: 0, columns, end: PLAN, buffer };
    if count == 0 {
        return writer.next(|pen| {
            pen.skip(1).write("no topic is mirrored", theme.style(Role::Warn));
        });
    }
    for place in chosen {
        let topic = &preview.topics[*place];
        let (sign, role) = fate_look(topic);
        let source = (topic.source.as_str(), theme.style(Role::Text));
        if Fate::of(topic) <= Fate::Mirrored {
            let (target, plan) = target_and_plan(topic);
            let target = format!("{} {target}", model.symbols.arrow);
            let names = [source, (target.as_str(), theme.style(target_role(topic)))];
            writer.row((sign, theme.style(role)), names, (&plan, theme.style(plan_role(topic))));
        } else {
            let by = match rule_words(topic) {
                words if words.is_empty() => "no include rule".to_owned(),
                words => format!("by {words}"),
            };
            let names = [source, (by.as_str(), theme.style(Role::Dim))];
            writer.row((sign, theme.style(role)), names, ("", Style::default()));
        }
    }
    if more > 0 {
        writer.more(more - places, "(p: all)");
    }
}
