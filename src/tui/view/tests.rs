//! Screens as they are drawn: at three sizes, with and without colours and drawn characters.

use std::sync::Arc;

use insta::assert_snapshot;
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::view;
use crate::engine::{FlowState, Snapshot};
use crate::model::BrowsedBytes;
use crate::report::fixture as mirror;
use crate::telemetry::is_hidden;
use crate::tui::fixture::topics::{answers, listed};
use crate::tui::fixture::{Look, SIZES, draw, draw_as, empty, model, press, show, styled, text};
use crate::tui::jobs::JobDone;
use crate::tui::keymap::{Keymap, key_names};
use crate::tui::message::{Message, Told};
use crate::tui::model::Model;
use crate::tui::services::{Job, ListedTopic};
use crate::tui::terminal::Painter;
use crate::tui::update::update;

mod clusters;
mod editor;
mod export;
mod live;
mod logs;
mod offsets;

/// Snapshots a screen at every size, as text; and in every look where it is widest.
pub(super) fn snap(name: &str, model: &mut Model) {
    for (columns, rows) in SIZES {
        assert_snapshot!(format!("{name}_{columns}x{rows}"), text(&draw(model, (columns, rows))));
    }
    for (look, word) in [(Look::Color, "color"), (Look::Mono, "mono"), (Look::Ascii, "ascii")] {
        assert_snapshot!(format!("{name}_{word}"), styled(&draw_as(model, SIZES[1], look)));
    }
}

#[test]
fn flows() {
    let mut model = model();
    press(&mut model, "j");
    snap("flows", &mut model);
}

#[test]
fn without_flows() {
    assert_snapshot!("no_configuration", text(&draw(&mut empty(), SIZES[1])));
    let mut no_flow = model();
    show(&mut no_flow, Snapshot::default());
    no_flow.inventory.flows.clear();
    assert_snapshot!("no_flow", text(&draw(&mut no_flow, SIZES[1])));
}

#[test]
fn help() {
    let mut model = model();
    press(&mut model, "?");
    snap("help", &mut model);
}

#[test]
fn palette() {
    let mut model = model();
    press(&mut model, ": s t o");
    snap("palette", &mut model);
}

#[test]
fn confirm() {
    let mut model = model();
    press(&mut model, "j S e u");
    snap("confirm_typed", &mut model);
    press(&mut model, "esc p");
    assert_snapshot!("confirm", text(&draw(&mut model, SIZES[1])));
    press(&mut model, "n q");
    assert_snapshot!("confirm_quit", text(&draw(&mut model, SIZES[1])));
}

#[test]
fn in_a_shell() {
    let mut model = model();
    press(&mut model, "$ j");
    snap("in_a_shell", &mut model);
}

#[test]
fn filter_and_toasts() {
    let mut model = model();
    press(&mut model, "space / a u");
    update(&mut model, Message::Told(Told::Good("copied; also in /root/.local/state/kmirror/clip.txt".into())));
    update(&mut model, Message::Told(Told::Bad("failed to ask cluster `eu`: connection refused".into())));
    snap("filter", &mut model);
}

#[test]
fn themes_and_tasks() {
    let mut model = model();
    press(&mut model, "T");
    assert_snapshot!("themes", text(&draw(&mut model, SIZES[1])));
    press(&mut model, "esc 2 1 ^t");
    assert_snapshot!("tasks", text(&draw(&mut model, SIZES[1])));
}

#[test]
fn a_chord_shows_how_it_goes_on() {
    let mut model = model();
    press(&mut model, "g");
    let screen = text(&draw(&mut model, SIZES[1]));
    assert!(screen.lines().last().is_some_and(|footer| footer.contains("g g first")), "{screen}");
}

#[test]
fn read_only_and_frozen_are_seen() {
    let mut model = model();
    model.is_read_only = true;
    model.frozen_since_ms = Some(mirror::AT_MS - 14_000);
    let screen = text(&draw(&mut model, SIZES[1]));
    let header = screen.lines().next().unwrap_or_default();
    assert!(header.contains("READ-ONLY") && header.contains("FROZEN 00:14"), "{header}");
    assert!(!screen.contains("stop…"), "what cannot be done is not offered");
}

/// Names and words as an attacker would have them.
fn hostile(model: &mut Model) {
    const ATTACK: &str = "evil\u{1b}[2J\u{1b}]0;x\u{7}\r\n\u{202e}\u{200b}\u{9b}31m日本";
    let mut snapshot = mirror::snapshot();
    for flow in snapshot.flows.iter_mut().map(Arc::make_mut) {
        flow.flow = format!("{}{ATTACK}", flow.flow).into();
        flow.source = ATTACK.into();
        for topic in &mut flow.topics {
            topic.source = ATTACK.into();
        }
    }
    mirror::flow_mut(&mut snapshot, 0).state = FlowState::Refused { why: ATTACK.into() };
    model.inventory.clusters.iter_mut().for_each(|cluster| cluster.bootstrap_servers = ATTACK.into());
    show(model, snapshot);
    hostile_topics(model, ATTACK);
    update(model, Message::Told(Told::Bad(ATTACK.into())));
    logs::hostile(model, ATTACK);
    clusters::hostile(model, ATTACK);
    editor::hostile(model, ATTACK);
}

/// The same in topics and records: whatever is asked of a cluster is answered so.
fn hostile_topics(model: &mut Model, attack: &str) {
    let mut answers = answers();
    answers.topics.push(ListedTopic { name: attack.into(), ..listed("orders", 3) });
    answers.topics[1].fault = Some(attack.into());
    let bytes = || Some(BrowsedBytes::of(attack.as_bytes()));
    for record in &mut answers.page.records {
        (record.key, record.value) = (bytes(), bytes());
        record.headers = vec![(attack.into(), bytes())];
    }
    offsets::hostile(&mut answers, attack);
    let jobs: Vec<Job> = model.tasks.iter().map(|task| task.job.clone()).collect();
    for job in jobs {
        let answer = answers.answer(&job);
        update(model, Message::JobDone(JobDone { job, answer }));
    }
}

#[test]
fn nothing_from_outside_reaches_the_terminal_unescaped() {
    let mut model = model();
    hostile(&mut model);
    let topics = ["2", "G", "r", "x", "enter", "x", "x", "esc esc", "a ~", "esc esc", "enter"];
    let live = ["5", "5 enter", "j", "u", "esc esc u", "esc esc"];
    let cards = ["4 g g enter", "esc E", "n", "n u", "esc esc 5 t", "a", "esc esc"];
    let editor = ["1 e", "j enter", "esc", "p", "enter", "esc esc", "c", "esc esc d", "^s", "esc esc n R", "n 2 f"];
    let others = ["esc 1", "j", "enter", "6", "7", "1 S", "esc ?", "esc :", "esc q", "esc ^t", "esc T"];
    for keys in topics.into_iter().chain(live).chain(cards).chain(editor).chain(others) {
        press(&mut model, &format!("{keys} f12 f12"));
        hostile(&mut model);
        for size in SIZES {
            let buffer = draw(&mut model, size);
            for cell in buffer.content() {
                assert!(!cell.symbol().contains(is_hidden), "{keys}: {:?}", cell.symbol());
            }
        }
    }
}

#[test]
fn every_hint_of_the_footer_is_a_key_that_works() {
    let mut model = model();
    for tab in ["1", "2", "3", "4", "5", "6", "7"] {
        press(&mut model, tab);
        let contexts = model.contexts();
        let footer = text(&draw(&mut model, SIZES[0])).lines().last().map(str::to_owned).unwrap_or_default();
        let hinted = Keymap::default();
        let hinted = hinted.within(&contexts).filter(|bound| footer.contains(bound.binding.hint));
        assert!(hinted.count() > 0, "{tab}: {footer}");
    }
}

/// A console over many flows, and what the terminal gets of it.
struct Wire {
    model: Model,
    painter: Painter,
}

impl Wire {
    fn new(size: (u16, u16)) -> Self {
        let mut model = model();
        let mut snapshot = mirror::snapshot();
        let flow = snapshot.flows[0].clone();
        let named = |n: u32| crate::engine::FlowSnapshot { flow: format!("flow-{n:02}").into(), ..(*flow).clone() };
        snapshot.flows = (0..30).map(named).map(Arc::new).collect();
        show(&mut model, snapshot);
        update(&mut model, Message::Resized(size.0, size.1));
        Self { model, painter: Painter::new(size, true) }
    }

    /// Bytes for the next frame after these keys.
    fn bytes(&mut self, keys: &str) -> usize {
        if !keys.is_empty() {
            press(&mut self.model, keys);
        }
        let model = &self.model;
        self.painter.paint(|buffer| view(model, buffer)).map_or(0, |bytes| bytes.len())
    }
}

#[test]
fn frames_cost_what_they_may() {
    for size in [SIZES[0], SIZES[1]] {
        let mut wire = Wire::new(size);
        let first = wire.bytes("");
        assert!((1_000..13_000).contains(&first), "{size:?}: {first} bytes for a whole screen");
        assert_eq!(wire.bytes(""), 0, "{size:?}: nothing has changed");
        wire.bytes("/");
        // Every flow still fits, so that what is seen is the echo.
        for key in ["f", "l", "o", "w", "backspace"] {
            let echo = wire.bytes(key);
            assert!(echo <= 600, "{size:?}: {echo} bytes for {key}");
        }
        wire.bytes("esc");
        for key in ["g", "esc", "j", "j", "k", "^f", "^f"] {
            let echo = wire.bytes(key);
            assert!(echo <= 600, "{size:?}: {echo} bytes for {key}");
        }
        // With the first mark comes the line that counts them, and every row moves.
        wire.bytes("space");
        let echo = wire.bytes("space");
        assert!(echo <= 600, "{size:?}: {echo} bytes for another mark");
        let mut snapshot = (*wire.model.snapshot).clone();
        snapshot.at_ms += 500;
        snapshot.flows.iter_mut().for_each(|flow| Arc::make_mut(flow).records_per_second += 1_000.0);
        show(&mut wire.model, snapshot);
        let tick = wire.bytes("");
        assert!(tick <= 2_500, "{size:?}: {tick} bytes for new numbers in every row");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// Whatever the size, the keys and the news: no panic, and nothing outside the screen.
    #[test]
    fn no_size_no_key_and_no_news_is_too_much(
        sizes in prop::collection::vec((1_u16..200, 1_u16..60), 1..4),
        steps in prop::collection::vec((0_usize..200, 0_u8..8), 1..40),
        seed in 0_usize..4,
    ) {
        let names = key_names();
        let mut model = model();
        for (step, (key, news)) in steps.iter().enumerate() {
            press(&mut model, &names[key % names.len()]);
            match news {
                0 => show(&mut model, mirror::caught_up()),
                1 => hostile(&mut model),
                2 => show(&mut model, Snapshot::default()),
                3 => drop(update(&mut model, Message::Paste("a\u{1b}b".into()))),
                _ => {}
            }
            let (columns, rows) = sizes[(step + seed) % sizes.len()];
            update(&mut model, Message::Resized(columns, rows));
            // Writing outside a buffer panics.
            let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
            view(&model, &mut buffer);
        }
    }
}
