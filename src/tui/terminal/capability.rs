//! How many colours and which characters a terminal shows, by what its environment says.

use crate::tui::theme::ColorLevel;
use crate::tui::widget::symbols::{ASCII, Symbols, UNICODE};

/// What the user wants of colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorChoice {
    /// As many as the terminal has.
    #[default]
    Auto,
    /// None.
    Never,
}

/// What a terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) struct Capability {
    pub(in crate::tui) colors: ColorLevel,
    pub(in crate::tui) symbols: &'static Symbols,
    /// Whether nothing says how many colours there are, so that only the terminal's own are safe.
    pub(in crate::tui) is_guessed: bool,
    /// Whether what is erased has the background set before. GNU screen leaves its own there.
    pub(in crate::tui) has_color_erase: bool,
}

/// Decides by the variables of the environment, which `variable` reads.
pub(in crate::tui) fn detect(
    choice: ColorChoice,
    is_ascii: bool,
    variable: impl Fn(&str) -> Option<String>,
) -> Capability {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let symbols = if is_ascii || !is_utf8(&set) { &ASCII } else { &UNICODE };
    let is_unwanted = choice == ColorChoice::Never || set("NO_COLOR").is_some();
    let (colors, is_guessed) = if is_unwanted { (ColorLevel::Mono, false) } else { colors(&set) };
    let is_gnu_screen = set("TERM").is_none_or(|term| term.starts_with("screen")) && set("TMUX").is_none();
    Capability { colors, symbols, is_guessed, has_color_erase: !is_gnu_screen }
}

fn colors(set: &impl Fn(&str) -> Option<String>) -> (ColorLevel, bool) {
    let term = set("TERM").unwrap_or_default();
    let is_promised = set("COLORTERM").is_some_and(|value| value == "truecolor" || value == "24bit");
    let is_dumb = matches!(term.as_str(), "" | "dumb") || term.starts_with("vt");
    if is_dumb {
        return (ColorLevel::Mono, false);
    }
    if is_promised || term.ends_with("-direct") {
        return (ColorLevel::True, false);
    }
    if term.contains("256color") {
        return (ColorLevel::Ansi256, false);
    }
    // tmux and screen have 256 since long, whatever is around them.
    if term.starts_with("tmux") || term.starts_with("screen") {
        return (ColorLevel::Ansi256, false);
    }
    (ColorLevel::Ansi16, true)
}

/// As the C library decides: the first variable that is set counts.
fn is_utf8(set: &impl Fn(&str) -> Option<String>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| set(name));
    let is_utf8 = locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    });
    is_utf8 && set("TERM").is_none_or(|term| term != "linux" && term != "dumb")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detected(variables: &[(&str, &str)]) -> Capability {
        let read = |name: &str| variables.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned());
        detect(ColorChoice::Auto, false, read)
    }

    #[test]
    fn colours_are_those_the_environment_promises() {
        let cases: &[(&[(&str, &str)], ColorLevel)] = &[
            (&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")], ColorLevel::True),
            (&[("TERM", "xterm-256color")], ColorLevel::Ansi256),
            (&[("TERM", "tmux")], ColorLevel::Ansi256),
            (&[("TERM", "xterm")], ColorLevel::Ansi16),
            (&[("TERM", "linux")], ColorLevel::Ansi16),
            (&[("TERM", "dumb"), ("COLORTERM", "truecolor")], ColorLevel::Mono),
            (&[("TERM", "vt100")], ColorLevel::Mono),
            (&[], ColorLevel::Mono),
            (&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("NO_COLOR", "1")], ColorLevel::Mono),
            (&[("TERM", "xterm-256color"), ("NO_COLOR", "")], ColorLevel::Ansi256),
        ];
        for (variables, expected) in cases {
            assert_eq!(detected(variables).colors, *expected, "{variables:?}");
        }
        assert!(detected(&[("TERM", "xterm")]).is_guessed);
    }

    #[test]
    fn erasing_in_colour_is_left_to_those_who_can() {
        assert!(detected(&[("TERM", "xterm-256color")]).has_color_erase);
        assert!(detected(&[("TERM", "screen-256color"), ("TMUX", "/tmp/tmux-0/default")]).has_color_erase);
        assert!(!detected(&[("TERM", "screen-256color")]).has_color_erase);
    }

    #[test]
    fn characters_are_those_of_the_locale() {
        let cases: &[(&[(&str, &str)], &Symbols)] = &[
            (&[("LANG", "en_US.UTF-8"), ("TERM", "xterm")], &UNICODE),
            (&[("LANG", "en_US.UTF-8"), ("LC_ALL", "C")], &ASCII),
            (&[("LC_CTYPE", "C.utf8")], &UNICODE),
            (&[("LANG", "en_US.UTF-8"), ("TERM", "linux")], &ASCII),
            (&[], &ASCII),
        ];
        for (variables, expected) in cases {
            assert_eq!(detected(variables).symbols, *expected, "{variables:?}");
        }
    }
}
