//! A console for tests: a model with flows, keys pressed by name, screens as text.

pub(super) mod editor;
pub(super) mod offsets;
pub(super) mod topics;

use std::sync::Arc;

use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

use super::effect::Effect;
use super::keymap::{Keymap, parse_keys};
use super::message::{Message, Now};
use super::model::{Beginning, Model};
use super::services::{ClusterEntry, FlowCaps, Inventory};
use super::theme::{ColorLevel, Theme};
use super::update::update;
use super::view::view;
use super::widget::symbols::{ASCII, UNICODE};
use crate::config::ClusterEnv;
use crate::engine::Snapshot;
use crate::report::{Access, fixture as mirror};

/// The sizes screens are looked at.
pub(super) const SIZES: [(u16, u16); 3] = [(120, 36), (80, 24), (40, 10)];

/// How a screen is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Color,
    Mono,
    Ascii,
}

/// A console over the flows of `report/fixture.rs`, at 02:03:04 UTC, with 120 columns.
pub(super) fn model() -> Model {
    let mut model = empty();
    model.inventory = inventory();
    show(&mut model, mirror::snapshot());
    model
}

/// A console without any configuration.
pub(super) fn empty() -> Model {
    let mut model = Model::new(Beginning {
        size: SIZES[0],
        theme: Theme::builtin("default-dark", ColorLevel::True),
        theme_names: vec!["default-dark".into(), "mono".into(), "nord".into()],
        symbols: &UNICODE,
        keymap: Arc::new(Keymap::default()),
        is_read_only: false,
        local_zone: TimeZone::UTC,
        inventory: Inventory::default(),
    });
    update(&mut model, Message::Clock(Now { wall_ms: mirror::AT_MS, ..Now::default() }));
    model
}

/// The clusters `eu` (production) and `us` of the fixture's flows.
pub(super) fn inventory() -> Inventory {
    let cluster = |name: &str, env| ClusterEntry {
        name: name.into(),
        env,
        bootstrap_servers: format!("{name}-1:9092,{name}-2:9092"),
        security: "SASL_SSL SCRAM-SHA-512".into(),
        is_saved: true,
    };
    Inventory {
        file: Some("/etc/kmirror/kmirror.toml".into()),
        saves_to: Some("/etc/kmirror/kmirror.toml".into()),
        is_demo: false,
        clusters: vec![cluster("eu", ClusterEnv::Prod), cluster("us", ClusterEnv::Dev)],
        flows: vec![("eu-to-us".into(), "eu".into(), "us".into()), ("audit".into(), "eu".into(), "us".into())],
        caps: [("eu-to-us".into(), FlowCaps { bytes_per_second: Some(50_000_000), ..FlowCaps::default() })].into(),
        options: "-c kmirror.toml".into(),
        access: Access::File,
    }
}

/// Gives the console a snapshot.
pub(super) fn show(model: &mut Model, snapshot: Snapshot) {
    update(model, Message::Snapshot(Arc::new(snapshot)));
}

/// Presses keys, as `parse_keys` reads them (`j j enter`, `/ o r d`); tells what is to be done.
pub(super) fn press(model: &mut Model, keys: &str) -> Vec<Effect> {
    let keys = parse_keys(keys).unwrap_or_else(|error| panic!("{keys}: {error}"));
    keys.into_iter().flat_map(|key| update(model, Message::Key(key))).collect()
}

/// The screen at a size.
pub(super) fn draw(model: &mut Model, (columns, rows): (u16, u16)) -> Buffer {
    update(model, Message::Resized(columns, rows));
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
    view(model, &mut buffer);
    buffer
}

/// The screen at a size in a look.
pub(super) fn draw_as(model: &mut Model, size: (u16, u16), look: Look) -> Buffer {
    (model.theme, model.symbols) = match look {
        Look::Color => (Theme::builtin("default-dark", ColorLevel::True), &UNICODE),
        Look::Mono => (Theme::builtin("mono", ColorLevel::Mono), &UNICODE),
        Look::Ascii => (Theme::builtin("ansi", ColorLevel::Ansi16), &ASCII),
    };
    draw(model, size)
}

/// The characters of a screen.
pub(super) fn text(buffer: &Buffer) -> String {
    let line = |y| (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
    (0..buffer.area.height).map(line).collect::<Vec<_>>().join("\n")
}

/// The characters of a screen, and below each line what they look like: `3-9 #7fb4ff bold` is from column 3 to 9.
pub(super) fn styled(buffer: &Buffer) -> String {
    let mut lines = Vec::new();
    for (y, line) in (0..buffer.area.height).zip(text(buffer).lines()) {
        lines.push(line.to_owned());
        let mut begin = 0;
        let mut runs = Vec::new();
        for x in 0..buffer.area.width {
            let is_last = x + 1 == buffer.area.width || look_of(buffer, x + 1, y) != look_of(buffer, x, y);
            if is_last {
                let look = look_of(buffer, x, y);
                let is_plain = look.is_empty();
                if !is_plain {
                    runs.push(format!("{begin}-{x} {look}"));
                }
                begin = x + 1;
            }
        }
        if !runs.is_empty() {
            lines.push(format!("    {{{}}}", runs.join(", ")));
        }
    }
    lines.join("\n")
}

fn look_of(buffer: &Buffer, x: u16, y: u16) -> String {
    let cell = &buffer[(x, y)];
    let mut parts = Vec::new();
    if cell.fg != Color::Reset {
        parts.push(cell.fg.to_string().to_lowercase());
    }
    if cell.bg != Color::Reset {
        parts.push(format!("on {}", cell.bg.to_string().to_lowercase()));
    }
    let modifiers = [
        (Modifier::BOLD, "bold"),
        (Modifier::DIM, "dim"),
        (Modifier::UNDERLINED, "underline"),
        (Modifier::REVERSED, "reverse"),
    ];
    parts.extend(modifiers.iter().filter(|(bit, _)| cell.modifier.contains(*bit)).map(|(_, word)| (*word).to_owned()));
    parts.join(" ")
}
