//! A screen as a picture that any browser shows: SVG, made of what the terminal was sent.

use std::fmt::Write as _;

use vt100::{Cell, Color, Screen};

/// Pixels of a cell. Lines of boxes meet when rows are no higher than the letters.
const CELL: (f64, f64) = (8.4, 16.0);
const FONT_SIZE: f64 = 14.0;
/// Pixels around the screen.
const MARGIN: f64 = 10.0;
/// What a terminal has where nothing else was said.
const FOREGROUND: &str = "#c5c8c6";
const BACKGROUND: &str = "#16181a";
/// The sixteen colors terminals have names for, as xterm draws them.
const NAMED: [&str; 16] = [
    "#000000", "#cd0000", "#00cd00", "#cdcd00", "#0000ee", "#cd00cd", "#00cdcd", "#e5e5e5", "#7f7f7f", "#ff0000",
    "#00ff00", "#ffff00", "#5c5cff", "#ff00ff", "#00ffff", "#ffffff",
];

/// Cells of a row that look alike.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Run {
    column: u16,
    columns: u16,
    text: String,
    look: Look,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Look {
    foreground: String,
    background: String,
    is_bold: bool,
    is_italic: bool,
    is_underlined: bool,
}

/// The screen as SVG.
pub(crate) fn svg(screen: &Screen) -> String {
    let (rows, columns) = (screen.size().0.get(), screen.size().1.get());
    let (width, height) = (f64::from(columns) * CELL.0 + 2.0 * MARGIN, f64::from(rows) * CELL.1 + 2.0 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" \
         font-size=\"{FONT_SIZE}\" xml:space=\"preserve\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{BACKGROUND}\"/>\n"
    );
    for row in 0..rows {
        for run in runs(screen, row, columns) {
            draw(&mut svg, row, &run);
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn draw(svg: &mut String, row: u16, run: &Run) {
    let (x, y) = (MARGIN + f64::from(run.column) * CELL.0, MARGIN + f64::from(row) * CELL.1);
    let width = f64::from(run.columns) * CELL.0;
    let Look { foreground, background, is_bold, is_italic, is_underlined } = &run.look;
    if background != BACKGROUND {
        let height = CELL.1;
        _ = writeln!(
            svg,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height}\" fill=\"{background}\"/>"
        );
    }
    if run.text.trim().is_empty() {
        return;
    }
    let mut more = String::new();
    for (is_so, attribute) in [
        (is_bold, " font-weight=\"bold\""),
        (is_italic, " font-style=\"italic\""),
        (is_underlined, " text-decoration=\"underline\""),
    ] {
        more.push_str(if *is_so { attribute } else { "" });
    }
    let baseline = y + CELL.1 * 0.77;
    let text = run.text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    _ = writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{baseline:.1}\" textLength=\"{width:.1}\" fill=\"{foreground}\"{more}>{text}</text>"
    );
}

fn runs(screen: &Screen, row: u16, columns: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let cells = (0..columns).filter_map(|column| Some((column, screen.cell(row, column)?)));
    for (column, cell) in cells.filter(|(_, cell)| !cell.is_wide_continuation()) {
        let columns = if cell.is_wide() { 2 } else { 1 };
        let text = if cell.has_contents() { cell.contents() } else { " " };
        let look = look(cell);
        // What stands apart keeps its place, whatever the letters before are as wide as.
        let is_apart = |run: &Run| text == "│" || (run.text.ends_with("  ") && text != " ");
        match runs.last_mut() {
            Some(run) if run.look == look && !is_apart(run) => {
                run.columns += columns;
                run.text.push_str(text);
            }
            _ => runs.push(Run { column, columns, text: text.to_owned(), look }),
        }
    }
    runs
}

fn look(cell: &Cell) -> Look {
    let mut foreground = color(cell.fgcolor(), FOREGROUND);
    let mut background = color(cell.bgcolor(), BACKGROUND);
    if cell.inverse() {
        std::mem::swap(&mut foreground, &mut background);
    }
    let (is_bold, is_italic, is_underlined) = (cell.bold(), cell.italic(), cell.underline());
    Look { foreground, background, is_bold, is_italic, is_underlined }
}

fn color(color: Color, default: &str) -> String {
    let rgb = |red: u8, green: u8, blue: u8| format!("#{red:02x}{green:02x}{blue:02x}");
    match color {
        Color::Default => default.to_owned(),
        Color::Rgb(red, green, blue) => rgb(red, green, blue),
        Color::Idx(index @ 0..16) => NAMED[usize::from(index)].to_owned(),
        // A cube of six levels, then greys.
        Color::Idx(index @ 16..232) => {
            let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
            let place = index - 16;
            rgb(level(place / 36), level(place / 6 % 6), level(place % 6))
        }
        Color::Idx(index) => rgb(8 + 10 * (index - 232), 8 + 10 * (index - 232), 8 + 10 * (index - 232)),
    }
}

#[test]
fn what_is_on_the_screen_is_in_the_picture() {
    let mut parser = vt100::Parser::default();
    parser.process(b"a<b \x1b[1;38;2;255;0;16mred\x1b[0m \x1b[48;5;196mon\x1b[0m \x1b[7mback");
    let svg = svg(parser.screen());
    assert!(svg.contains(">a&lt;b </text>") && svg.contains("fill=\"#ff0010\" font-weight=\"bold\">red<"), "{svg}");
    assert!(svg.contains("fill=\"#ff0000\"/>") && svg.contains(&format!("fill=\"{BACKGROUND}\">back")), "{svg}");
}
