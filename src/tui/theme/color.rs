//! Colours as text, and brought down to what a terminal can show.

use ratatui::style::Color;

/// How many colours a terminal has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::tui) enum ColorLevel {
    /// None: bold, dim, reverse and underline only.
    #[default]
    Mono,
    /// Its own sixteen.
    Ansi16,
    /// 256 fixed ones.
    Ansi256,
    /// All.
    True,
}

/// Reads `#rrggbb`, a name of the sixteen, or a number from 0 to 255. `default` is the terminal's own.
pub(super) fn parse_color(text: &str) -> Option<Color> {
    if let Some(hex) = text.strip_prefix('#') {
        let number = u32::from_str_radix(hex, 16).ok().filter(|_| hex.len() == 6)?;
        let [_, r, g, b] = number.to_be_bytes();
        return Some(Color::Rgb(r, g, b));
    }
    if text == "default" {
        return Some(Color::Reset);
    }
    if let Some(index) = ANSI_NAMES.iter().position(|name| *name == text) {
        return Some(ANSI_COLORS[index]);
    }
    text.parse::<u8>().ok().map(Color::Indexed)
}

/// The nearest a terminal has.
pub(super) fn at_level(color: Color, level: ColorLevel) -> Color {
    match (level, color) {
        (ColorLevel::Mono, _) => Color::Reset,
        (ColorLevel::True, color) => color,
        (ColorLevel::Ansi256, Color::Rgb(r, g, b)) => Color::Indexed(nearest_indexed([r, g, b])),
        (ColorLevel::Ansi16, Color::Rgb(r, g, b)) => nearest_ansi([r, g, b]),
        (ColorLevel::Ansi16, Color::Indexed(index)) if index >= 16 => nearest_ansi(rgb_of_indexed(index)),
        (_, color) => color,
    }
}

/// Red, green and blue of a colour, the sixteen as xterm has them. `None` for the terminal's own.
#[cfg(test)]
pub(super) fn rgb(color: Color) -> Option<[u8; 3]> {
    match color {
        Color::Rgb(r, g, b) => Some([r, g, b]),
        Color::Indexed(index) => Some(rgb_of_indexed(index)),
        color => ANSI_COLORS.iter().position(|ansi| *ansi == color).map(|index| ANSI_RGB[index]),
    }
}

fn rgb_of_indexed(index: u8) -> [u8; 3] {
    match index {
        0..16 => ANSI_RGB[usize::from(index)],
        16..232 => {
            let cube = index - 16;
            [cube / 36, cube / 6 % 6, cube % 6].map(|step| CUBE_STEPS[usize::from(step)])
        }
        232.. => [8 + 10 * (index - 232); 3],
    }
}

/// The nearest of the cube and the greys. The first sixteen are left out: users change them.
fn nearest_indexed(wanted: [u8; 3]) -> u8 {
    (16..=255).min_by_key(|index| distance(rgb_of_indexed(*index), wanted)).unwrap_or(7)
}

fn nearest_ansi(wanted: [u8; 3]) -> Color {
    let index = (0..16).min_by_key(|index| distance(ANSI_RGB[*index], wanted)).unwrap_or(7);
    ANSI_COLORS[index]
}

/// Weighted as the eye does, roughly.
fn distance(a: [u8; 3], b: [u8; 3]) -> u32 {
    let weights = [3, 6, 1];
    (0..3).map(|channel| weights[channel] * u32::from(a[channel].abs_diff(b[channel])).pow(2)).sum()
}

const CUBE_STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

const ANSI_NAMES: [&str; 16] = [
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "white",
    "bright-black",
    "bright-red",
    "bright-green",
    "bright-yellow",
    "bright-blue",
    "bright-magenta",
    "bright-cyan",
    "bright-white",
];

const ANSI_COLORS: [Color; 16] = [
    Color::Black,
    Color::Red,
    Color::Green,
    Color::Yellow,
    Color::Blue,
    Color::Magenta,
    Color::Cyan,
    Color::Gray,
    Color::DarkGray,
    Color::LightRed,
    Color::LightGreen,
    Color::LightYellow,
    Color::LightBlue,
    Color::LightMagenta,
    Color::LightCyan,
    Color::White,
];

const ANSI_RGB: [[u8; 3]; 16] = [
    [0, 0, 0],
    [205, 0, 0],
    [0, 205, 0],
    [205, 205, 0],
    [0, 0, 238],
    [205, 0, 205],
    [0, 205, 205],
    [229, 229, 229],
    [127, 127, 127],
    [255, 0, 0],
    [0, 255, 0],
    [255, 255, 0],
    [92, 92, 255],
    [255, 0, 255],
    [0, 255, 255],
    [255, 255, 255],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read() {
        let texts = [
            ("#88c0d0", Some(Color::Rgb(0x88, 0xc0, 0xd0))),
            ("bright-black", Some(Color::DarkGray)),
            ("white", Some(Color::Gray)),
            ("208", Some(Color::Indexed(208))),
            ("default", Some(Color::Reset)),
            ("#88c0d", None),
            ("256", None),
            ("reddish", None),
        ];
        for (text, color) in texts {
            assert_eq!(parse_color(text), color, "{text}");
        }
    }

    #[test]
    fn colours_come_down_level_by_level() {
        let orange = Color::Rgb(255, 135, 0);
        assert_eq!(at_level(orange, ColorLevel::True), orange);
        assert_eq!(at_level(orange, ColorLevel::Ansi256), Color::Indexed(208));
        assert_eq!(at_level(Color::Rgb(250, 10, 10), ColorLevel::Ansi16), Color::LightRed);
        assert_eq!(at_level(Color::Indexed(196), ColorLevel::Ansi16), Color::LightRed);
        assert_eq!(at_level(orange, ColorLevel::Mono), Color::Reset);
    }
}
