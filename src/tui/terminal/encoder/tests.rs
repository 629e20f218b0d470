//! What is sent, as a terminal shows it.

use std::num::NonZeroU16;

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use crate::tui::terminal::Painter;

const SIZE: (u16, u16) = (24, 5);
const TEXTS: [&str; 9] = ["orders", "   ", "x", "日本", "│", "é", "            ", "─ ─", "ｶﾅ한"];
const COLORS: [Color; 7] = [
    Color::Reset,
    Color::Red,
    Color::DarkGray,
    Color::White,
    Color::Indexed(110),
    Color::Rgb(20, 23, 28),
    Color::Rgb(127, 180, 255),
];
/// Those the emulator knows.
const MODIFIERS: [Modifier; 5] =
    [Modifier::BOLD, Modifier::DIM, Modifier::ITALIC, Modifier::UNDERLINED, Modifier::REVERSED];

/// Something written on a screen.
#[derive(Clone, Debug)]
struct Stroke {
    at: (u16, u16),
    text: &'static str,
    style: Style,
}

fn stroke() -> impl Strategy<Value = Stroke> {
    let modifiers = prop::sample::subsequence(MODIFIERS.to_vec(), 0..3);
    let text = prop::sample::select(TEXTS.to_vec());
    let color = || prop::sample::select(COLORS.to_vec());
    (0..SIZE.0, 0..SIZE.1, text, color(), color(), modifiers).prop_map(|(x, y, text, fg, bg, modifiers)| {
        let style = Style::new().fg(fg).bg(bg);
        let modifier = modifiers.into_iter().fold(Modifier::empty(), Modifier::union);
        Stroke { at: (x, y), text, style: style.add_modifier(modifier) }
    })
}

fn draw(buffer: &mut Buffer, background: Color, strokes: &[Stroke]) {
    buffer.set_style(buffer.area, Style::new().bg(background));
    for Stroke { at: (x, y), text, style } in strokes {
        buffer.set_string(*x, *y, text, *style);
    }
}

/// The emulator's colour.
fn seen(color: Color) -> vt100::Color {
    match color {
        Color::Reset => vt100::Color::Default,
        Color::Red => vt100::Color::Idx(1),
        Color::DarkGray => vt100::Color::Idx(8),
        Color::White => vt100::Color::Idx(15),
        Color::Indexed(number) => vt100::Color::Idx(number),
        Color::Rgb(red, green, blue) => vt100::Color::Rgb(red, green, blue),
        other => panic!("{other} is not drawn here"),
    }
}

/// Asserts that the emulator shows the buffer, cell by cell.
fn assert_shows(screen: &vt100::Screen, buffer: &Buffer) {
    for (x, y) in buffer.area.positions().map(|at| (at.x, at.y)) {
        let (cell, shown) = (&buffer[(x, y)], screen.cell(y, x).expect("on the screen"));
        if shown.is_wide_continuation() {
            continue;
        }
        let text = if shown.has_contents() { shown.contents() } else { " " };
        assert_eq!(text, cell.symbol(), "at {x}, {y}");
        assert_eq!(shown.bgcolor(), seen(cell.bg), "behind {text:?} at {x}, {y}");
        let modifier = |modifier| cell.modifier.contains(modifier);
        assert_eq!(shown.underline(), modifier(Modifier::UNDERLINED), "under {text:?} at {x}, {y}");
        assert_eq!(shown.inverse(), modifier(Modifier::REVERSED), "{text:?} at {x}, {y}");
        if text != " " || cell.modifier.contains(Modifier::REVERSED) {
            assert_eq!(shown.fgcolor(), seen(cell.fg), "{text:?} at {x}, {y}");
        }
        if text != " " {
            // The emulator knows one weight at a time: the last that was set.
            let is_both = modifier(Modifier::BOLD) && modifier(Modifier::DIM);
            assert!(is_both || shown.bold() == modifier(Modifier::BOLD), "weight of {text:?} at {x}, {y}");
            assert!(is_both || shown.dim() == modifier(Modifier::DIM), "weight of {text:?} at {x}, {y}");
            assert_eq!(shown.italic(), modifier(Modifier::ITALIC), "{text:?} at {x}, {y}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    /// Frame after frame, drawn anew or not, the terminal shows what was drawn.
    #[test]
    fn a_terminal_shows_what_was_drawn(
        frames in prop::collection::vec(
            (prop::sample::select(COLORS.to_vec()), prop::collection::vec(stroke(), 0..12), 0_u8..6),
            1..6,
        ),
        has_color_erase: bool,
    ) {
        let mut painter = Painter::new(SIZE, has_color_erase);
        let [columns, rows] = [SIZE.0, SIZE.1].map(|cells| NonZeroU16::new(cells).expect("some"));
        let mut terminal = vt100::Parser::new(rows, columns, 0);
        for (background, strokes, whim) in frames {
            if whim == 0 {
                painter.forget();
                terminal.process(b"\x1b[2;3Hrubbish\x1b[31;4m");
            }
            let sent = painter.paint(|buffer| draw(buffer, background, &strokes));
            terminal.process(&sent.unwrap_or_default());
            let mut expected = Buffer::empty(Rect::new(0, 0, SIZE.0, SIZE.1));
            draw(&mut expected, background, &strokes);
            assert_shows(terminal.screen(), &expected);
        }
    }
}

/// The bytes from one text to another, without what is around every frame.
fn bytes(before: &[Stroke], after: &[Stroke]) -> String {
    let mut painter = Painter::new(SIZE, true);
    painter.paint(|buffer| draw(buffer, Color::Reset, before));
    let sent = painter.paint(|buffer| draw(buffer, Color::Reset, after)).unwrap_or_default();
    let sent = String::from_utf8(sent).expect("UTF-8");
    sent.trim_start_matches("\x1b[?2026h").trim_end_matches("\x1b[?2026l").to_owned()
}

fn plain(x: u16, text: &'static str) -> Stroke {
    Stroke { at: (x, 0), text, style: Style::new() }
}

#[test]
fn the_shortest_way_is_taken() {
    assert_eq!(
        bytes(&[plain(0, "orders")], &[plain(0, "xrderx")]),
        "\x1b[1;1Hxrderx",
        "four letters are written again"
    );
    let far = bytes(&[plain(0, "x"), plain(9, "x")], &[plain(0, "y"), plain(9, "y")]);
    assert_eq!(far, "\x1b[1;1Hy\x1b[8Cy");
    assert_eq!(bytes(&[plain(2, "orders")], &[]), "\x1b[1;3H\x1b[K", "a line is erased to its end");
    let erased = bytes(&[plain(0, "orders.created.eu"), plain(23, "│")], &[plain(23, "│")]);
    assert_eq!(erased, "\x1b[1;1H\x1b[17X", "and blanks before something");
}

#[test]
fn only_what_changes_of_a_look_is_sent() {
    let bold = |text| Stroke { style: Style::new().fg(Color::Red).add_modifier(Modifier::BOLD), ..plain(0, text) };
    let red = |text| Stroke { style: Style::new().fg(Color::Red), ..plain(1, text) };
    assert_eq!(bytes(&[], &[bold("x"), red("x")]), "\x1b[1;1H\x1b[1;31mx\x1b[22mx\x1b[0m");
}
