//! What is around every page: header, tabs, footer.

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::keymap::{Action, Context, keys_text};
use crate::tui::model::navigation::{Opened, Tab};
use crate::tui::model::{Density, Model};
use crate::tui::theme::Role;
use crate::tui::update::is_shown;
use crate::tui::widget::pen::{Pen, line, write_right};
use crate::tui::widget::text::width;

/// More keys than anybody reads; and each that comes back after a chord is drawn anew, in two colours.
const HINTS_MAX: usize = 9;

/// Draws header, tabs and footer, and tells what is left for the page.
pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) -> Rect {
    let has_tabs = area.height >= 6;
    let has_footer = area.height >= 3;
    header(model, line(area, 0), buffer);
    if has_tabs {
        tabs(model, line(area, 1), buffer);
    }
    if has_footer {
        footer(model, line(area, area.height - 1), buffer);
    }
    let top = (1 + u16::from(has_tabs)).min(area.height);
    let bottom = u16::from(has_footer);
    Rect { y: area.y + top, height: area.height.saturating_sub(top + bottom), ..area }
}

fn header(model: &Model, area: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    buffer.set_style(area, theme.style(Role::BarBackground));
    let right = status(model);
    let room = usize::from(area.width).saturating_sub(width(&right) + 2);
    let left = Rect { width: u16::try_from(room).unwrap_or(area.width), ..area };
    let mut pen = Pen::new(buffer, left, model.symbols);
    pen.write("kmirror", theme.style(Role::Accent)).skip(2);
    let clusters = model.clusters_at_hand();
    let env = clusters.iter().map(|cluster| model.inventory.env(cluster)).min();
    if let Some(env) = env {
        pen.write(&format!(" {} ", env.to_string().to_uppercase()), theme.badge(env)).skip(2);
    }
    let crumbs = crumbs(model);
    for (number, crumb) in crumbs.iter().enumerate() {
        if number > 0 {
            pen.write(&format!(" {} ", model.symbols.crumb), theme.style(Role::Dim));
        }
        let role = if number + 1 == crumbs.len() { Role::Text } else { Role::Dim };
        pen.write(crumb, theme.style(role));
    }
    let troubles = model.disturbance.words();
    if !troubles.is_empty() {
        let text = format!("{} {}", model.symbols.waiting, troubles.join(", "));
        pen.skip(2).write(&text, theme.style(Role::Warn));
    }
    write_right(buffer, area, &right, theme.style(Role::Dim), model.symbols);
}

/// Right in the header: between which clusters, whether things can be changed, the time.
fn status(model: &Model) -> String {
    let mut parts = Vec::new();
    if let [source, target] = model.clusters_at_hand().as_slice()
        && model.density() == Density::Wide
    {
        parts.push(format!("{source}{}{target}", model.symbols.arrow));
    }
    if let Some(since_ms) = model.frozen_since_ms {
        let seconds = (model.now.wall_ms - since_ms) / 1_000;
        parts.push(format!("FROZEN {:02}:{:02}", seconds / 60, seconds % 60));
    }
    parts.push(if model.is_read_only { "READ-ONLY" } else { "RW" }.to_owned());
    parts.push(clock(model));
    parts.join("  ")
}

/// Hours and minutes; with seconds only where there is room, for they cost a write a second.
fn clock(model: &Model) -> String {
    let Ok(time) = Timestamp::from_millisecond(model.now.wall_ms) else { return String::new() };
    let format = if model.density() == Density::Wide { "%H:%M:%S" } else { "%H:%M" };
    let zone = if model.is_utc { "Z" } else { "" };
    format!("{}{zone}", time.to_zoned(model.time_zone()).strftime(format))
}

/// Where the user is.
fn crumbs(model: &Model) -> Vec<String> {
    let mut crumbs = vec![model.navigation.tab().title().to_lowercase()];
    match model.navigation.tab() {
        Tab::Topics => crumbs.extend(model.topics.cluster.as_ref().map(ToString::to_string)),
        Tab::Live => crumbs.extend(model.live.flow.as_ref().map(ToString::to_string)),
        Tab::Editor => crumbs.extend(model.editor.sheet().map(|sheet| {
            let name = sheet.name();
            let name = if name.as_str().is_empty() { "new flow" } else { name.as_str() };
            if sheet.is_changed() { format!("{name} *") } else { name.to_owned() }
        })),
        Tab::Offsets => crumbs.extend(super::offsets::crumbs(model)),
        Tab::Flows | Tab::Logs | Tab::Clusters => {}
    }
    let stack = model.navigation.stack();
    for (place, page) in stack.iter().enumerate() {
        match page {
            Opened::Topic(topic) | Opened::Partitions(_, topic) => crumbs.push(topic.to_string()),
            Opened::Records(topic, partition) => {
                crumbs.extend((place == 0).then(|| topic.to_string()));
                crumbs.push(partition.map_or("records".into(), |partition| format!("partition {partition}")));
            }
            Opened::Record(partition, offset) => crumbs.push(format!("{partition}/{offset}")),
            Opened::Preview => crumbs.push("preview".into()),
            Opened::Checks => crumbs.push("checks".into()),
            Opened::Review => crumbs.push("review".into()),
        }
    }
    crumbs
}

fn tabs(model: &Model, area: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    let mut pen = Pen::new(buffer, area, model.symbols);
    let is_wide = model.density() == Density::Wide;
    for (number, tab) in (1..).zip(Tab::ALL) {
        let is_here = tab == model.navigation.tab();
        let style = if is_here { theme.style(Role::Accent).patch(theme.selected()) } else { theme.style(Role::Dim) };
        let title = tab.title();
        // Seven of them leave room for what is wrong only when they stand close.
        let text = if is_wide { format!(" {number} {title} ") } else { format!("{number} {title}") };
        pen.write(" ", theme.style(Role::Text)).write(&text, style);
    }
    let tasks = if model.tasks.is_empty() { String::new() } else { format!("{} tasks  ", model.tasks.len()) };
    let fits = |texts: &(&str, &str)| width(texts.0) + width(texts.1) + 2 <= pen.room();
    let (long, short) = problems(model);
    let choices = [(tasks.as_str(), long.as_str()), (&tasks, &short), ("", &short)];
    if let Some((tasks, problems)) = choices.into_iter().find(fits) {
        pen.right(width(tasks) + width(problems) + 1);
        pen.write(tasks, theme.style(Role::Dim)).write(problems, theme.style(Role::Err));
    }
}

/// How many flows are in trouble and the key to see why, in a sentence and as short as can be; empty when none is.
fn problems(model: &Model) -> (String, String) {
    let key = model.keymap.key_of(Action::Cards).map(|key| format!(": {key}")).unwrap_or_default();
    match model.snapshot.flows.iter().filter(|flow| crate::tui::update::has_problem(model, flow)).count() {
        0 => (String::new(), String::new()),
        1 => (format!("1 flow needs a look{key}"), format!("1 in trouble{key}")),
        n => (format!("{n} flows need a look{key}"), format!("{n} in trouble{key}")),
    }
}

fn footer(model: &Model, area: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    buffer.set_style(area, theme.style(Role::BarBackground));
    if model.is_debugging {
        let measures = model.measures;
        let text = format!(
            "frames {}  bytes {}  last {} B  draw {} us  write {} us  data every {} ms",
            measures.frames,
            measures.bytes,
            measures.frame_bytes,
            measures.draw.as_micros(),
            measures.write.as_micros(),
            measures.data_interval.as_millis()
        );
        Pen::new(buffer, area, model.symbols).write(&text, theme.style(Role::Dim));
        return;
    }
    let contexts = model.contexts();
    let hints = if model.chord.is_empty() { hints(model, &contexts) } else { continuations(model, &contexts) };
    // Help stands at the right border, always.
    let (right, left): (Vec<Hint>, Vec<Hint>) = hints.into_iter().partition(|hint| hint.is_help);
    let reserved: usize = right.iter().map(Hint::width).sum();
    let left_area = Rect { width: area.width.saturating_sub(u16::try_from(reserved).unwrap_or(0)), ..area };
    let mut pen = Pen::new(buffer, left_area, model.symbols);
    pen.write(" ", theme.style(Role::Text));
    for hint in left.into_iter().take(HINTS_MAX) {
        if hint.width() > pen.room() {
            break;
        }
        pen.write(&hint.keys, theme.style(Role::Key)).skip(1).write(&hint.text, theme.style(Role::Dim)).skip(2);
    }
    if let Some(hint) = right.first() {
        let mut pen = Pen::new(buffer, area, model.symbols);
        pen.right(hint.width() - 1);
        pen.write(&hint.keys, theme.style(Role::Key)).skip(1).write(&hint.text, theme.style(Role::Dim));
    }
}

/// A key and what it does, in a word.
struct Hint {
    keys: String,
    text: String,
    is_help: bool,
}

impl Hint {
    /// Columns it takes, with those between it and the next.
    fn width(&self) -> usize {
        width(&self.keys) + width(&self.text) + 3
    }
}

fn hints(model: &Model, contexts: &[Context]) -> Vec<Hint> {
    let mut bound: Vec<_> = model
        .keymap
        .within(contexts)
        .filter(|bound| is_shown(model, bound.binding) && is_first(model, contexts, bound))
        .collect();
    bound.sort_by_key(|bound| bound.binding.rank);
    let hint = |bound: &crate::tui::keymap::Bound| Hint {
        keys: bound.keys.first().map(|keys| keys_text(keys)).unwrap_or_default(),
        text: bound.binding.hint.to_owned(),
        is_help: bound.binding.action == Action::Help,
    };
    bound.into_iter().map(hint).collect()
}

/// Whether its first key leads to it: an inner context may have another use for it.
fn is_first(model: &Model, contexts: &[Context], bound: &crate::tui::keymap::Bound) -> bool {
    let found = bound.keys.first().map(|keys| model.keymap.look_up(contexts, keys));
    found == Some(crate::tui::keymap::Lookup::Found(bound.binding))
}

fn continuations(model: &Model, contexts: &[Context]) -> Vec<Hint> {
    let so_far = keys_text(&model.chord);
    let found = model.keymap.continuations(contexts, &model.chord);
    let hint = |(rest, binding): (&[crokey::KeyCombination], &crate::tui::keymap::Binding)| Hint {
        keys: format!("{so_far} {}", keys_text(rest)),
        text: binding.hint.to_owned(),
        is_help: false,
    };
    found.map(hint).collect()
}
