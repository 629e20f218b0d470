//! The loop: take in all that is there, update once per message, draw once, and only when something happened.

mod perform;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crokey::KeyCombination;
use crokey::crossterm::event::{KeyCode, KeyModifiers};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::sync::oneshot;
use tokio::time::{Interval, MissedTickBehavior, interval, sleep_until};

use super::effect::{Effect, Reopen};
use super::jobs::{JobDone, Jobs};
use super::keymap::Keymap;
use super::message::{Measures, Message, Now, Told};
use super::model::{Beginning, Model};
use super::services::{News, Ports};
use super::state_file::Remembered;
use super::terminal::{
    Capability, ColorChoice, InputReader, Output, Painter, Session, Signal, Signals, TerminalError, Typed, detect,
    watch_hangup,
};
use super::theme::{ColorLevel, Theme, ThemeStore, ThemeWatch};
use super::update::update;
use super::view::view;
use crate::engine::Event;

/// How the console is to be.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The keys.
    pub keymap: Keymap,
    /// Whether nothing may be changed. The engine refuses as well.
    pub is_read_only: bool,
    /// What the user wants of colours.
    pub colors: ColorChoice,
    /// Only ASCII characters.
    pub is_ascii: bool,
    /// A theme's name, or none for the one that fits the terminal.
    pub theme: Option<String>,
    /// A theme's file, beside those of the folders.
    pub theme_file: Option<PathBuf>,
    /// Folders with themes, the strongest last.
    pub theme_folders: Vec<PathBuf>,
    /// Where the log is, and crash reports go.
    pub log_dir: Option<PathBuf>,
    /// Where state, copies and exports go; nowhere when absent.
    pub state_dir: Option<PathBuf>,
    /// What the user is to be told first.
    pub notices: Vec<String>,
}

/// Why the console ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The user left, or a signal asked for it.
    Left,
    /// The user wants a console over something else.
    Reopen(Reopen),
    /// The terminal is gone.
    TerminalGone,
}

/// The key that crashes builds for tests: ctrl-\\, which crossterm takes for this.
const CRASH: KeyCombination = KeyCombination::one_key(KeyCode::Char('4'), KeyModifiers::CONTROL);
/// Frames are no closer than this.
const FRAME_INTERVAL: Duration = Duration::from_millis(33);
/// How often data is shown anew, if the terminal keeps up.
const DATA_INTERVAL: Duration = Duration::from_millis(500);
/// The slowest.
const DATA_INTERVAL_MAX: Duration = Duration::from_secs(2);
/// How long after taking the terminal over the signal may come that says it is ours.
const COME_BACK_SETTLE: Duration = Duration::from_secs(1);
/// What a terminal that keeps up takes for a frame, at most.
const WRITE_SLOW: Duration = Duration::from_millis(60);

/// Shows the console until the user leaves it, a signal comes or the terminal is gone. The flows go on: to end them is
/// up to the caller.
///
/// # Errors
/// When there is no terminal, or a theme that was asked for cannot be used.
pub async fn run(ports: Ports, options: Options) -> Result<Outcome, TerminalError> {
    let mut runtime = Runtime::start(ports, options).await?;
    let outcome = runtime.turn().await;
    runtime.remember();
    runtime.session.leave().await;
    Ok(outcome)
}

struct Runtime {
    ports: Ports,
    model: Model,
    jobs: Jobs,
    themes: ThemeStore,
    theme_watch: ThemeWatch,
    capability: Capability,
    state_dir: Option<PathBuf>,
    session: Session,
    painter: Painter,
    input: InputReader,
    signals: Signals,
    hangup: oneshot::Receiver<()>,
    ticks: Interval,
    started: Instant,
    /// When the terminal was last taken over.
    came_back: Instant,
    drawn: Option<Instant>,
    is_draw_due: bool,
    measures: Measures,
    /// The number of the first line of the log that was not shown yet.
    next_line: u64,
}

/// Why a turn of the loop began.
enum Woken {
    Typed(Option<Typed>),
    Event(Option<Event>),
    News(News),
    Job(JobDone),
    Written(std::io::Result<Duration>),
    Signal(Signal),
    Tick,
    ThemeFile,
    Draw,
    Hangup,
}

impl Runtime {
    async fn start(ports: Ports, options: Options) -> Result<Self, TerminalError> {
        let capability = detect(options.colors, options.is_ascii, |name| std::env::var(name).ok());
        let themes = ThemeStore::new(options.theme_folders, options.theme_file);
        let remembered = options.state_dir.as_deref().and_then(Remembered::load).unwrap_or_default();
        let wanted =
            options.theme.or_else(|| remembered.theme.clone().filter(|_| capability.colors != ColorLevel::Mono));
        let (theme, complaint) = initial_theme(&themes, wanted, &capability);
        let signals = Signals::take()?;
        let session = Session::enter(options.log_dir.as_deref()).await?;
        let size = crossterm::terminal::size().unwrap_or((80, 24));
        let mut model = Model::new(Beginning {
            size,
            theme,
            theme_names: themes.names(),
            symbols: capability.symbols,
            keymap: Arc::new(options.keymap),
            is_read_only: options.is_read_only,
            local_zone: TimeZone::system(),
            inventory: ports.inventory.clone(),
        });
        remembered.recall(&mut model);
        for notice in complaint.into_iter().chain(options.notices) {
            update(&mut model, Message::Told(Told::Doubtful(notice)));
        }
        let mut ticks = interval(DATA_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Self {
            jobs: Jobs::new(ports.services.clone()),
            ports,
            model,
            theme_watch: ThemeWatch::start(&themes.watched()),
            themes,
            capability,
            state_dir: options.state_dir,
            session,
            painter: Painter::new(size, capability.has_color_erase),
            input: InputReader::start()?,
            signals,
            hangup: watch_hangup(),
            ticks,
            started: Instant::now(),
            came_back: Instant::now(),
            drawn: None,
            is_draw_due: true,
            measures: Measures { data_interval: DATA_INTERVAL, ..Measures::default() },
            next_line: 0,
        })
    }

    async fn turn(&mut self) -> Outcome {
        self.tell_time();
        self.take_snapshot();
        self.draw();
        for effect in update(&mut self.model, Message::Opened) {
            self.perform(effect).await;
        }
        loop {
            let woken = self.wait().await;
            self.tell_time();
            let mut messages = Vec::new();
            match woken {
                Woken::Typed(None) | Woken::Hangup | Woken::Written(Err(_)) => return Outcome::TerminalGone,
                Woken::Typed(Some(typed)) => self.take_typed(typed, &mut messages),
                Woken::Event(event) => self.take_events(event, &mut messages),
                Woken::News(news) => messages.push(Message::News(news)),
                Woken::Job(done) => messages.extend(self.jobs.settle(done).map(Message::JobDone)),
                Woken::Written(Ok(took)) => self.adapt(took),
                Woken::Signal(Signal::End) => messages.push(Message::EndRequested),
                Woken::Signal(Signal::Suspend) => self.suspend().await,
                // After our own stop everything is in order again already.
                Woken::Signal(Signal::Continue) if self.came_back.elapsed() < COME_BACK_SETTLE => {}
                Woken::Signal(Signal::Continue) => self.come_back().await,
                Woken::Signal(Signal::Resized) => self.fit(),
                Woken::Tick => {
                    self.take_snapshot();
                    messages.push(Message::Tick);
                }
                Woken::ThemeFile => self.use_theme(&self.model.theme.name.clone()),
                Woken::Draw => {
                    self.draw();
                    continue;
                }
            }
            for message in messages {
                for effect in update(&mut self.model, message) {
                    match effect {
                        Effect::End => return Outcome::Left,
                        Effect::Reopen(reopen) => return Outcome::Reopen(reopen),
                        effect => self.perform(effect).await,
                    }
                }
                self.is_draw_due = true;
            }
        }
    }

    /// Waits for the next thing to happen; what was typed comes first.
    async fn wait(&mut self) -> Woken {
        let is_draw_possible = self.is_draw_due && !self.session.output().is_busy();
        let draw_at = self.drawn.map_or(self.started, |drawn| drawn + FRAME_INTERVAL);
        tokio::select! {
            biased;
            typed = self.input.next() => Woken::Typed(typed),
            signal = self.signals.next() => Woken::Signal(signal),
            written = self.session.output().written() => Woken::Written(written),
            () = sleep_until(draw_at.into()), if is_draw_possible => Woken::Draw,
            Some(done) = self.jobs.news.recv() => Woken::Job(done),
            Some(news) = self.ports.news.recv() => Woken::News(news),
            event = self.ports.events.recv(), if !self.ports.events.is_closed() => Woken::Event(event),
            () = self.theme_watch.changed() => Woken::ThemeFile,
            _ = self.ticks.tick() => Woken::Tick,
            Ok(()) = &mut self.hangup, if !self.hangup.is_terminated() => Woken::Hangup,
        }
    }

    /// Everything that was typed.
    fn take_typed(&mut self, first: Typed, messages: &mut Vec<Message>) {
        let mut next = Some(first);
        while let Some(typed) = next {
            messages.push(match typed {
                // For the test of what a crash leaves behind.
                Typed::Key(key) if cfg!(debug_assertions) && key == CRASH => panic!("on demand"),
                Typed::Key(key) => Message::Key(key),
                Typed::Paste(text) => Message::Paste(text),
            });
            next = self.input.try_next();
        }
    }

    fn take_events(&mut self, first: Option<Event>, messages: &mut Vec<Message>) {
        messages.extend(first.map(Message::Event));
        while let Ok(event) = self.ports.events.try_recv() {
            messages.push(Message::Event(event));
        }
    }

    fn take_snapshot(&mut self) {
        if self.ports.snapshots.has_changed().unwrap_or(false) {
            let snapshot = self.ports.snapshots.borrow_and_update().clone();
            update(&mut self.model, Message::Snapshot(snapshot));
        }
        self.take_lines();
        self.is_draw_due = true;
    }

    /// The lines logged since the last time. Asked for when data is: a line never wakes the console.
    fn take_lines(&mut self) {
        let lines = &self.ports.lines;
        if lines.next_number() == self.next_line {
            return;
        }
        let lines = lines.since(self.next_line);
        self.next_line = lines.last().map_or(self.next_line, |line| line.number + 1);
        update(&mut self.model, Message::Lines(lines));
    }

    fn tell_time(&mut self) {
        let now = Now { wall_ms: Timestamp::now().as_millisecond(), uptime: self.started.elapsed() };
        update(&mut self.model, Message::Clock(now));
    }

    fn draw(&mut self) {
        self.is_draw_due = false;
        let started = Instant::now();
        let model = &self.model;
        let frame = self.painter.paint(|buffer| view(model, buffer));
        self.measures.draw = started.elapsed();
        self.drawn = Some(started);
        if let Some(bytes) = frame {
            self.measures.frames += 1;
            self.measures.bytes += bytes.len() as u64;
            self.measures.frame_bytes = bytes.len();
            let output: &mut Output = self.session.output();
            output.send(bytes);
        }
    }

    /// Shows data less often to a terminal that does not keep up, and more often again to one that does.
    fn adapt(&mut self, took: Duration) {
        self.measures.write = took;
        let now = self.measures.data_interval;
        let next = match took {
            took if took > WRITE_SLOW => (now * 2).min(DATA_INTERVAL_MAX),
            took if took < WRITE_SLOW / 4 => (now / 2).max(DATA_INTERVAL),
            _ => now,
        };
        if next != now {
            self.measures.data_interval = next;
            self.ticks = interval(next);
            self.ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            self.ticks.reset();
        }
        update(&mut self.model, Message::Measured(self.measures));
    }
}

/// The theme to begin with, and why it is not the one that was asked for.
fn initial_theme(themes: &ThemeStore, wanted: Option<String>, capability: &Capability) -> (Theme, Option<String>) {
    let fitting = match capability.colors {
        ColorLevel::Mono => "mono",
        ColorLevel::Ansi16 => "ansi",
        ColorLevel::Ansi256 | ColorLevel::True => "default-dark",
    };
    let name = themes.named().or(wanted).unwrap_or_else(|| fitting.to_owned());
    match themes.load(&name, capability.colors) {
        Ok((theme, warnings)) => (theme, warnings.into_iter().next()),
        Err(error) => (Theme::builtin(fitting, capability.colors), Some(format!("failed to {error}"))),
    }
}
