//! Cells as bytes, and as few as possible: colours are sent where they change, blanks take the colour of what is before
//! them, long blanks are erased, and of the ways to the next cell the shortest is taken.

use std::fmt::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

/// Writes the cells of one frame. Every frame begins and ends with a plain pen: whoever writes in between, it does no
/// harm.
#[derive(Clone)]
pub(super) struct Encoder<'a> {
    frame: &'a Buffer,
    has_color_erase: bool,
    text: String,
    pen: Look,
    /// Where the terminal's cursor is, if that is certain.
    at: Option<(u16, u16)>,
}

/// Column, row, and the cell to be written there.
type Change<'a> = (u16, u16, &'a Cell);

/// How characters look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Look {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

/// What is seen where there is no character.
const SEEN_ON_BLANKS: Modifier = Modifier::UNDERLINED.union(Modifier::REVERSED).union(Modifier::CROSSED_OUT);
/// So many blanks are written, more are erased: that takes as many bytes, and so does going on behind them.
const ERASE_BEYOND: usize = 10;
/// The same up to the end of the line.
const ERASE_LINE_BEYOND: usize = 3;
/// So many cells are written again rather than jumped over.
const REWRITE_MAX: u16 = 4;

impl<'a> Encoder<'a> {
    /// For cells of `frame`. `has_color_erase`: whether what is erased has the background of the pen.
    pub(super) fn new(frame: &'a Buffer, has_color_erase: bool) -> Self {
        Self { frame, has_color_erase, text: String::new(), pen: Look::default(), at: None }
    }

    /// Erases the whole screen, in this background.
    pub(super) fn clear(&mut self, bg: Color) {
        self.text.push_str("\x1b[0m");
        self.set_pen(Look { bg, ..Look::default() });
        self.text.push_str("\x1b[2J");
    }

    /// Writes the cells that changed, line by line. Within a line either from left to right, or look by look: where two
    /// looks take turns, going to and fro is shorter than changing colours.
    pub(super) fn write(mut self, changes: &[Change<'_>]) -> String {
        for line in changes.chunk_by(|one, other| one.1 == other.1) {
            let in_order = self.with_cells(line);
            let by_look = self.with_cells(&by_look(line));
            self = if by_look.text.len() < in_order.text.len() { by_look } else { in_order };
        }
        self.set_pen(Look::default());
        self.text
    }

    /// What it would be with these cells written.
    fn with_cells(&self, changes: &[Change<'_>]) -> Self {
        let mut encoder = self.clone();
        let mut rest = changes;
        while let Some((x, y, cell)) = rest.first() {
            let blanks = blanks(rest);
            let is_erasable = cell.bg == Color::Reset || self.has_color_erase;
            let to_end = usize::from(self.frame.area.right() - x);
            let taken = if blanks > 0 && is_erasable && to_end > ERASE_LINE_BEYOND && self.is_blank_from(*x, *y) {
                encoder.erase(*x, *y, cell, "\x1b[K");
                blanks
            } else if blanks > ERASE_BEYOND && is_erasable {
                encoder.erase(*x, *y, cell, &format!("\x1b[{blanks}X"));
                blanks
            } else {
                encoder.put(*x, *y, cell);
                1
            };
            rest = &rest[taken..];
        }
        encoder
    }

    /// Whether the line is one blank from here on.
    fn is_blank_from(&self, x: u16, y: u16) -> bool {
        let bg = self.frame[(x, y)].bg;
        (x..self.frame.area.right()).all(|x| is_blank(&self.frame[(x, y)]) && self.frame[(x, y)].bg == bg)
    }

    fn erase(&mut self, x: u16, y: u16, cell: &Cell, sequence: &str) {
        self.go(x, y);
        self.set_pen(self.look_of(cell));
        self.text.push_str(sequence);
    }

    fn put(&mut self, x: u16, y: u16, cell: &Cell) {
        self.go(x, y);
        self.set_pen(self.look_of(cell));
        self.text.push_str(if cell.symbol().is_empty() { " " } else { cell.symbol() });
        let next = x + 1;
        // Terminals do not agree on how wide the others are, nor on where the cursor is behind the last column.
        let is_certain = is_simple(cell) && next < self.frame.area.right();
        self.at = is_certain.then_some((next, y));
    }

    /// What the pen must be for a cell. On blanks only the background is seen.
    fn look_of(&self, cell: &Cell) -> Look {
        if is_blank(cell) && !self.pen.modifier.intersects(SEEN_ON_BLANKS) {
            return Look { bg: cell.bg, ..self.pen };
        }
        let modifier = if is_blank(cell) { Modifier::empty() } else { cell.modifier };
        Look { fg: cell.fg, bg: cell.bg, modifier }
    }

    fn go(&mut self, x: u16, y: u16) {
        match self.at {
            Some(at) if at == (x, y) => {}
            Some((from, row)) if row == y && from < x => self.go_right(from, x, y),
            _ => {
                let _ = write!(self.text, "\x1b[{};{}H", y + 1, x + 1);
            }
        }
        self.at = Some((x, y));
    }

    fn go_right(&mut self, from: u16, to: u16, y: u16) {
        let between = (from..to).map(|x| &self.frame[(x, y)]);
        let is_rewritable = to - from <= REWRITE_MAX
            && between
                .clone()
                .all(|cell| is_simple(cell) && cell.symbol().len() == 1 && self.look_of(cell) == self.pen);
        if is_rewritable {
            between.for_each(|cell| self.text.push_str(cell.symbol()));
        } else if to - from == 1 {
            self.text.push_str("\x1b[C");
        } else {
            let _ = write!(self.text, "\x1b[{}C", to - from);
        }
    }

    fn set_pen(&mut self, look: Look) {
        if look == self.pen {
            return;
        }
        let changed = codes(self.pen, look);
        let anew = match codes(Look::default(), look) {
            codes if codes.is_empty() => "0".to_owned(),
            codes => format!("0;{codes}"),
        };
        let shortest = if anew.len() < changed.len() { anew } else { changed };
        let _ = write!(self.text, "\x1b[{shortest}m");
        self.pen = look;
    }
}

/// The cells of a line with those of one look together; blanks stay with what is before them.
fn by_look<'a>(line: &[Change<'a>]) -> Vec<Change<'a>> {
    let mut groups: Vec<(Look, Vec<Change<'_>>)> = Vec::new();
    let mut latest = 0;
    for change in line {
        let cell = change.2;
        let look = Look { fg: cell.fg, bg: cell.bg, modifier: cell.modifier };
        let stays = is_blank(cell) && groups.get(latest).is_some_and(|(look, _)| look.bg == cell.bg);
        if !stays {
            latest = groups.iter().position(|(known, _)| *known == look).unwrap_or_else(|| {
                groups.push((look, Vec::new()));
                groups.len() - 1
            });
        }
        groups[latest].1.push(*change);
    }
    groups.into_iter().flat_map(|(_, cells)| cells).collect()
}

/// How many of the first changes are one blank.
fn blanks(changes: &[Change<'_>]) -> usize {
    let Some((x, y, first)) = changes.first() else { return 0 };
    let goes_on = |(n, (next_x, next_y, cell)): &(usize, &Change<'_>)| {
        next_y == y && usize::from(*next_x) == usize::from(*x) + n && is_blank(cell) && cell.bg == first.bg
    };
    changes.iter().enumerate().take_while(goes_on).count()
}

fn is_blank(cell: &Cell) -> bool {
    matches!(cell.symbol(), " " | "") && !cell.modifier.intersects(SEEN_ON_BLANKS)
}

/// Whether every terminal gives it one column.
fn is_simple(cell: &Cell) -> bool {
    let symbol = cell.symbol();
    symbol.chars().nth(1).is_none() && (symbol.is_empty() || symbol.width() == 1)
}

/// What turns one look into another, without the sequence around it.
fn codes(from: Look, to: Look) -> String {
    let mut codes = modifier_codes(from.modifier, to.modifier);
    codes.extend((from.fg != to.fg).then(|| color_code(to.fg, 30)));
    codes.extend((from.bg != to.bg).then(|| color_code(to.bg, 40)));
    codes.join(";")
}

fn modifier_codes(from: Modifier, to: Modifier) -> Vec<String> {
    // Those with one end are together.
    const ENDS: [(&[(Modifier, &str)], &str); 7] = [
        (&[(Modifier::BOLD, "1"), (Modifier::DIM, "2")], "22"),
        (&[(Modifier::ITALIC, "3")], "23"),
        (&[(Modifier::UNDERLINED, "4")], "24"),
        (&[(Modifier::SLOW_BLINK, "5"), (Modifier::RAPID_BLINK, "6")], "25"),
        (&[(Modifier::REVERSED, "7")], "27"),
        (&[(Modifier::HIDDEN, "8")], "28"),
        (&[(Modifier::CROSSED_OUT, "9")], "29"),
    ];
    let mut codes = Vec::new();
    for (begins, end) in ENDS {
        let had = begins.iter().any(|(modifier, _)| from.difference(to).contains(*modifier));
        codes.extend(had.then(|| end.to_owned()));
        let is_due = |modifier: Modifier| to.contains(modifier) && (had || !from.contains(modifier));
        codes.extend(begins.iter().filter(|(modifier, _)| is_due(*modifier)).map(|(_, code)| (*code).to_owned()));
    }
    codes
}

/// `base` is 30 for characters and 40 for what is behind them.
fn color_code(color: Color, base: u8) -> String {
    let dark = |number: u8| (base + number).to_string();
    let bright = |number: u8| (base + 60 + number).to_string();
    match color {
        Color::Reset => dark(9),
        Color::Black => dark(0),
        Color::Red => dark(1),
        Color::Green => dark(2),
        Color::Yellow => dark(3),
        Color::Blue => dark(4),
        Color::Magenta => dark(5),
        Color::Cyan => dark(6),
        Color::Gray => dark(7),
        Color::DarkGray => bright(0),
        Color::LightRed => bright(1),
        Color::LightGreen => bright(2),
        Color::LightYellow => bright(3),
        Color::LightBlue => bright(4),
        Color::LightMagenta => bright(5),
        Color::LightCyan => bright(6),
        Color::White => bright(7),
        Color::Indexed(number) => format!("{};5;{number}", base + 8),
        Color::Rgb(red, green, blue) => format!("{};2;{red};{green};{blue}", base + 8),
    }
}

#[cfg(test)]
mod tests;
