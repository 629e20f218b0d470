//! The run in words: a status line per flow that updates in place on a terminal, plain lines elsewhere.

use std::collections::BTreeMap;
use std::io::{self, Write};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::event_text::EventText;
use super::line::{Colour, Line, Tone};
use super::shell::Addresses;
use super::status_line::{name_width, state_word, status_line};
use super::summary::{Beginnings, Summary};
use crate::engine::{Event, FlowState, Snapshot};
use crate::model::FlowName;

/// How often plain lines tell how it goes.
const PLAIN_INTERVAL_MS: i64 = 10_000;

/// What the report is to look like.
#[derive(Clone, Debug)]
pub struct TextOptions {
    /// Whether tones are coloured.
    pub colour: Colour,
    /// In which times are written.
    pub time_zone: TimeZone,
    /// Where each flow's clusters are, for the commands that are proposed.
    pub addresses: BTreeMap<FlowName, Addresses>,
    /// The options kmirror was started with, for the same: `-c kmirror.toml`.
    pub options: String,
}

/// Tells a run in words.
#[derive(Debug)]
pub struct TextReport {
    screen: Screen,
    events: EventText,
    beginnings: Beginnings,
    colour: Colour,
    time_zone: TimeZone,
}

/// Where lines go.
enum Screen {
    /// A terminal, whose last lines are the flows'.
    Live { multi: MultiProgress, bars: BTreeMap<FlowName, ProgressBar> },
    /// Anything else.
    Plain { out: Box<dyn Write + Send>, told: BTreeMap<FlowName, (i64, FlowState)> },
}

impl std::fmt::Debug for Screen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Live { .. } => "Live",
            Self::Plain { .. } => "Plain",
        })
    }
}

impl TextReport {
    /// A report on a terminal: [`ProgressDrawTarget::stdout`], or another in a test.
    pub fn on_terminal(target: ProgressDrawTarget, options: TextOptions) -> Self {
        let screen = Screen::Live { multi: MultiProgress::with_draw_target(target), bars: BTreeMap::new() };
        Self::new(screen, options)
    }

    /// A report in plain lines.
    pub fn plain(out: Box<dyn Write + Send>, options: TextOptions) -> Self {
        Self::new(Screen::Plain { out, told: BTreeMap::new() }, options)
    }

    fn new(screen: Screen, options: TextOptions) -> Self {
        Self {
            screen,
            events: EventText::new(options.addresses, options.options),
            beginnings: Beginnings::default(),
            colour: options.colour,
            time_zone: options.time_zone,
        }
    }

    pub(super) fn event(&mut self, event: &Event) -> io::Result<()> {
        let lines = self.events.describe(event);
        let time = self.time(event.at_ms);
        for (index, line) in lines.into_iter().enumerate() {
            // Only the first line of an event carries its time: the others are commands to be copied.
            let line = if index == 0 { self.stamped(&time, &event.flow, line) } else { line };
            self.print(&line)?;
        }
        self.flush()
    }

    pub(super) fn tick(&mut self, snapshot: &Snapshot) -> io::Result<()> {
        self.events.learn(snapshot);
        self.beginnings.learn(snapshot);
        let width = name_width(snapshot);
        let time = self.time(snapshot.at_ms);
        match &mut self.screen {
            Screen::Live { multi, bars } => {
                draw(multi, bars, snapshot, width, self.colour);
                Ok(())
            }
            Screen::Plain { out, told } => {
                for flow in &snapshot.flows {
                    let is_due = told.get(flow.flow.as_str()).is_none_or(|(at_ms, state)| {
                        snapshot.at_ms.saturating_sub(*at_ms) >= PLAIN_INTERVAL_MS
                            || state_word(state) != state_word(&flow.state)
                    });
                    if is_due {
                        told.insert(flow.flow.clone(), (snapshot.at_ms, flow.state.clone()));
                        let line = status_line(flow, width).render(self.colour);
                        writeln!(out, "{} {}", stamp(&time, self.colour), line.trim_end())?;
                    }
                }
                out.flush()
            }
        }
    }

    pub(super) fn note(&mut self, snapshot: &Snapshot) {
        self.beginnings.learn(snapshot);
    }

    pub(super) fn finish(&mut self, snapshot: &Snapshot) -> io::Result<()> {
        self.beginnings.learn(snapshot);
        if let Screen::Live { bars, .. } = &mut self.screen {
            for bar in std::mem::take(bars).into_values() {
                bar.finish_and_clear();
            }
        }
        for line in self.beginnings.summaries(snapshot).iter().flat_map(Summary::lines) {
            self.print(&line)?;
        }
        self.flush()
    }

    fn stamped(&self, time: &str, flow: &FlowName, line: Line) -> Line {
        Line::default().with(Tone::Faint, time).with(Tone::Plain, format!(" {flow}: ")).and(line)
    }

    /// On a terminal somebody looks, and knows the day; elsewhere lines are kept.
    fn time(&self, at_ms: i64) -> String {
        let format = match self.screen {
            Screen::Live { .. } => "%H:%M:%S",
            Screen::Plain { .. } => "%Y-%m-%dT%H:%M:%S%:z",
        };
        let time = Timestamp::from_millisecond(at_ms).unwrap_or_default().to_zoned(self.time_zone.clone());
        time.strftime(format).to_string()
    }

    fn print(&mut self, line: &Line) -> io::Result<()> {
        let text = line.render(self.colour);
        match &mut self.screen {
            Screen::Live { multi, .. } => multi.println(text),
            Screen::Plain { out, .. } => writeln!(out, "{text}"),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.screen {
            Screen::Live { .. } => Ok(()),
            Screen::Plain { out, .. } => out.flush(),
        }
    }
}

fn stamp(time: &str, colour: Colour) -> String {
    Line::default().with(Tone::Faint, time).render(colour)
}

fn draw(
    multi: &MultiProgress,
    bars: &mut BTreeMap<FlowName, ProgressBar>,
    snapshot: &Snapshot,
    width: usize,
    colour: Colour,
) {
    bars.retain(|name, bar| {
        let is_known = snapshot.flows.iter().any(|flow| flow.flow == *name);
        if !is_known {
            multi.remove(bar);
        }
        is_known
    });
    for flow in &snapshot.flows {
        let bar = bars.entry(flow.flow.clone()).or_insert_with(|| {
            // `wide_msg` cuts at the terminal's width, which a line must not exceed to be drawn over again. The
            // template is a constant: one that does not parse would show in every test.
            let style = ProgressStyle::with_template("{wide_msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
            multi.add(ProgressBar::no_length().with_style(style))
        });
        bar.set_message(status_line(flow, width).render(colour));
    }
}

#[cfg(test)]
mod tests;
