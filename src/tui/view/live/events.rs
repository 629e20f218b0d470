//! What happened to the flow, the newest first.

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::engine::{Event, EventKind, FlowSnapshot, FlowState, TopicSnapshot};
use crate::report::{Tone, headline};
use crate::tui::keymap::Action;
use crate::tui::model::{Density, Model};
use crate::tui::theme::Role;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::text::wrap;
use crate::tui::words::flow_state_word;

/// `14:02:29 W `.
const BEFORE: usize = 11;

pub(super) fn draw(model: &Model, flow: &FlowSnapshot, area: Rect, buffer: &mut Buffer) {
    let key = model.keymap.key_of(Action::GoLogs).filter(|_| model.density() == Density::Wide);
    let foot = key.map(|key| format!("{key}: all of them")).unwrap_or_default();
    let inside = Panel { title: "Events", foot: &foot, ..Panel::default() }.draw_fitting(model, area, buffer);
    let columns = usize::from(inside.width).saturating_sub(BEFORE + 2);
    let dim = model.theme.style(Role::Dim);
    let mut row = 0;
    for (event, tone, text) in told(model, flow) {
        let (letter, role) = level(tone);
        for (number, text) in wrap(&text, columns).into_iter().enumerate() {
            if row >= inside.height {
                return;
            }
            let mut pen = Pen::new(buffer, line(inside, row), model.symbols);
            pen.skip(1);
            if number == 0 {
                pen.write(&time(model, event), dim).skip(1).write(letter, model.theme.style(role)).skip(1);
            } else {
                pen.skip(BEFORE);
            }
            pen.write(&text, model.theme.style(role));
            row += 1;
        }
    }
    if row == 0 {
        Pen::new(buffer, line(inside, 0), model.symbols).skip(1).write("nothing happened so far", dim);
    }
}

/// The events of a flow in words, the newest first. While the screen is frozen, those from before.
fn told<'a>(model: &'a Model, flow: &'a FlowSnapshot) -> impl Iterator<Item = (&'a Event, Tone, String)> {
    let is_shown = |event: &&Event| event.flow == flow.flow && event.at_ms <= model.shown_ms();
    let mut events = model.events.iter().rev().filter(is_shown).peekable();
    std::iter::from_fn(move || {
        loop {
            let event = events.next()?;
            // A flow that keeps up with its source is now running, now caught up: no news.
            let is_calm = |event: &&Event| {
                matches!(&event.kind, EventKind::FlowState { state: FlowState::Running | FlowState::CaughtUp })
            };
            if is_calm(&event) && events.peek().is_some_and(is_calm) {
                continue;
            }
            if let Some((tone, text)) = words(event) {
                return Some((event, tone, text));
            }
        }
    })
}

/// What was told last of a partition, with its time.
pub(super) fn last_of(model: &Model, flow: &FlowSnapshot, topic: &TopicSnapshot, partition: i32) -> Option<String> {
    let is_meant = |event: &&Event| {
        let about = match &event.kind {
            EventKind::LaneState { partition, .. }
            | EventKind::Rewound { partition, .. }
            | EventKind::Repositioned { partition, .. }
            | EventKind::RecordSkipped { partition, .. } => partition,
            _ => return false,
        };
        event.flow == flow.flow && about.partition == partition && about.topic == topic.source
    };
    let event = model.events.iter().rev().find(is_meant)?;
    words(event).map(|(_, text)| format!("{} {text}", time(model, event)))
}

fn words(event: &Event) -> Option<(Tone, String)> {
    if let Some(line) = headline(event) {
        return Some((line.tone(), line.text()));
    }
    match &event.kind {
        EventKind::FlowState { state } => Some((Tone::Plain, format!("the flow is {}", flow_state_word(state)))),
        _ => None,
    }
}

/// A letter and a look, so that nothing hangs on the colour alone.
fn level(tone: Tone) -> (&'static str, Role) {
    match tone {
        Tone::Bad => ("E", Role::Err),
        Tone::Warning => ("W", Role::Warn),
        Tone::Good => ("i", Role::Ok),
        Tone::Plain | Tone::Faint => ("i", Role::Text),
    }
}

fn time(model: &Model, event: &Event) -> String {
    let time = Timestamp::from_millisecond(event.at_ms).ok();
    time.map(|time| time.to_zoned(model.time_zone()).strftime("%H:%M:%S").to_string()).unwrap_or_default()
}
