//! A console without a terminal, for the benchmark: snapshots, keys and answers in, bytes out.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::effect::Effect;
use super::jobs::JobDone;
use super::keymap::{Keymap, parse_keys};
use super::message::{Message, Now};
use super::model::{Beginning, Model};
use super::services::{ClusterEntry, Inventory, Job, JobAnswer};
use super::terminal::Painter;
use super::theme::{ColorLevel, Theme};
use super::update::update;
use super::view::view;
use super::widget::symbols::UNICODE;
use crate::config::ClusterEnv;
use crate::engine::Snapshot;

/// See the module.
pub struct Rehearsal {
    model: Model,
    painter: Painter,
    answer: Box<dyn Fn(&Job) -> JobAnswer>,
}

impl Rehearsal {
    /// A console of so many columns and rows, in 24-bit colours, over the clusters `source` and `target`. Jobs are
    /// answered by `answer` as soon as they are asked for.
    pub fn new(size: (u16, u16), answer: impl Fn(&Job) -> JobAnswer + 'static) -> Self {
        let cluster = |name: &str| ClusterEntry {
            name: name.into(),
            env: ClusterEnv::Dev,
            bootstrap_servers: "localhost:9092".into(),
            security: String::new(),
            is_saved: true,
        };
        let model = Model::new(Beginning {
            size,
            theme: Theme::builtin("default-dark", ColorLevel::True),
            theme_names: Vec::new(),
            symbols: &UNICODE,
            keymap: Arc::new(Keymap::default()),
            is_read_only: false,
            local_zone: TimeZone::UTC,
            inventory: Inventory { clusters: vec![cluster("source"), cluster("target")], ..Inventory::default() },
        });
        Self { model, painter: Painter::new(size, true), answer: Box::new(answer) }
    }

    /// The mirror is in this state now.
    pub fn show(&mut self, snapshot: Arc<Snapshot>) {
        self.update(Message::Clock(Now { wall_ms: snapshot.at_ms, ..Now::default() }));
        self.update(Message::Snapshot(snapshot));
    }

    /// Presses keys, by their names as keymaps have them: `g g`, `enter`; none in an empty text.
    ///
    /// # Panics
    /// When one is no key.
    pub fn press(&mut self, keys: &str) {
        if keys.is_empty() {
            return;
        }
        let keys = parse_keys(keys).unwrap_or_else(|error| panic!("{keys}: {error}"));
        keys.into_iter().for_each(|key| self.update(Message::Key(key)));
    }

    /// Draws; tells how many bytes the terminal would get.
    pub fn draw(&mut self) -> usize {
        let model = &self.model;
        self.painter.paint(|buffer| view(model, buffer)).map_or(0, |bytes| bytes.len())
    }

    fn update(&mut self, message: Message) {
        for effect in update(&mut self.model, message) {
            if let Effect::Run(job) = effect {
                let answer = (self.answer)(&job);
                self.update(Message::JobDone(JobDone { job, answer }));
            }
        }
    }
}
