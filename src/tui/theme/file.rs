//! A theme as written: `inherit`, a look per role, and what is different with sixteen colours or none.
//!
//! ```toml
//! appearance = "dark"
//! inherit = "default-dark"
//! [roles]
//! title = "bold #88c0d0"
//! "sel.bg" = "#3b4252"
//! [ansi16]
//! title = "bold cyan"
//! [mono]
//! title = "bold"
//! ```

use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier, Style};
use thiserror::Error;
use toml::{Table, Value};

use super::ThemeName;
use super::color::{ColorLevel, at_level, parse_color};
use super::role::Role;
use crate::config::nearest;

/// A theme with all it inherits.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ThemeFile {
    pub(super) name: ThemeName,
    pub(super) inherit: Option<ThemeName>,
    pub(super) is_light: bool,
    roles: Looks,
    ansi16: Looks,
    mono: Looks,
    /// What is wrong and does no harm.
    pub(super) warnings: Vec<String>,
}

type Looks = BTreeMap<Role, Look>;

/// How a role looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Look {
    color: Option<Color>,
    modifier: Modifier,
}

/// Why a text is no theme.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("theme `{name}`: {problem}")]
pub(super) struct ThemeFileError {
    pub(super) name: ThemeName,
    pub(super) problem: String,
}

impl ThemeFile {
    /// Reads a theme, without what it inherits.
    pub(super) fn parse(name: &str, text: &str) -> Result<Self, ThemeFileError> {
        let fail = |problem: String| ThemeFileError { name: name.to_owned(), problem };
        let table: Table = text.parse().map_err(|error: toml::de::Error| fail(error.message().to_owned()))?;
        let mut file = Self { name: name.to_owned(), ..Self::default() };
        for (key, value) in &table {
            match (key.as_str(), value) {
                ("inherit", Value::String(parent)) => file.inherit = Some(parent.clone()),
                ("appearance", Value::String(text)) if text == "dark" || text == "light" => {
                    file.is_light = text == "light";
                }
                ("roles", Value::Table(table)) => file.roles = looks(table, &mut file.warnings).map_err(fail)?,
                ("ansi16", Value::Table(table)) => file.ansi16 = looks(table, &mut file.warnings).map_err(fail)?,
                ("mono", Value::Table(table)) => file.mono = looks(table, &mut file.warnings).map_err(fail)?,
                ("inherit" | "appearance" | "roles" | "ansi16" | "mono", _) => {
                    return Err(fail(format!("`{key}` cannot be {value}")));
                }
                _ => file.warnings.push(unknown(key, ["inherit", "appearance", "roles", "ansi16", "mono"])),
            }
        }
        Ok(file)
    }

    /// This theme with `parent` where it says nothing.
    pub(super) fn on(mut self, parent: &Self) -> Self {
        let pairs =
            [(&mut self.roles, &parent.roles), (&mut self.ansi16, &parent.ansi16), (&mut self.mono, &parent.mono)];
        for (own, inherited) in pairs {
            for (role, look) in inherited {
                own.entry(*role).or_insert(*look);
            }
        }
        self
    }

    /// How a role looks on a terminal with so many colours.
    pub(super) fn style(&self, role: Role, level: ColorLevel) -> Style {
        let look = match level {
            ColorLevel::Mono => {
                let modifier = self.mono.get(&role).map_or(role.mono(), |look| look.modifier);
                Look { color: None, modifier }
            }
            ColorLevel::Ansi16 => find(role, |role| self.ansi16.get(&role).or_else(|| self.roles.get(&role))),
            ColorLevel::Ansi256 | ColorLevel::True => find(role, |role| self.roles.get(&role)),
        };
        let style = Style::new().add_modifier(look.modifier);
        match look.color.map(|color| at_level(color, level)) {
            Some(color) if role.is_background() => style.bg(color),
            Some(color) => style.fg(color),
            None => style,
        }
    }
}

/// The look of a role, or of the first it falls back to.
fn find<'a>(role: Role, look: impl Fn(Role) -> Option<&'a Look>) -> Look {
    let mut wanted = Some(role);
    while let Some(role) = wanted {
        if let Some(look) = look(role) {
            return *look;
        }
        wanted = role.fallback();
    }
    Look::default()
}

fn looks(table: &Table, warnings: &mut Vec<String>) -> Result<Looks, String> {
    let mut looks = Looks::new();
    for (key, value) in table {
        let Some(role) = Role::ALL.iter().find(|role| role.name() == key) else {
            warnings.push(unknown(key, Role::ALL.iter().map(|role| role.name())));
            continue;
        };
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Integer(number) => number.to_string(),
            _ => return Err(format!("`{key}` cannot be {value}; write a text such as \"bold #88c0d0\"")),
        };
        looks.insert(*role, look(key, &text)?);
    }
    Ok(looks)
}

fn look(key: &str, text: &str) -> Result<Look, String> {
    let mut look = Look::default();
    for word in text.split_whitespace() {
        match word {
            "bold" => look.modifier |= Modifier::BOLD,
            "dim" => look.modifier |= Modifier::DIM,
            "italic" => look.modifier |= Modifier::ITALIC,
            "underline" => look.modifier |= Modifier::UNDERLINED,
            "reverse" => look.modifier |= Modifier::REVERSED,
            "plain" => {}
            _ => {
                let unknown = || {
                    format!(
                        "`{word}` of `{key}` is no colour; colours are #rrggbb, 0-255, `default` or names such as \
                         red and bright-blue"
                    )
                };
                look.color = Some(parse_color(word).ok_or_else(unknown)?);
            }
        }
    }
    Ok(look)
}

fn unknown<'a>(key: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let near = nearest(key, known).map(|near| format!("; did you mean `{near}`?"));
    format!("unknown key `{key}`{}", near.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<ThemeFile, String> {
        ThemeFile::parse("mine", text).map_err(|error| error.to_string())
    }

    #[test]
    fn roles_fall_back_and_themes_inherit() {
        let parent = parse("[roles]\ntext = \"white\"\nok = \"green\"\nwarn = \"yellow\"").expect("valid");
        let child = parse("[roles]\nok = \"bold #00ff00\"").expect("valid").on(&parent);
        let style = |role| child.style(role, ColorLevel::True);
        assert_eq!(style(Role::Ok), Style::new().fg(Color::Rgb(0, 255, 0)).add_modifier(Modifier::BOLD));
        assert_eq!(style(Role::Text).fg, Some(Color::Gray));
        assert_eq!(style(Role::BadgeProd), Style::new().bg(Color::Yellow), "badge.prod -> err -> warn");
        assert_eq!(style(Role::Background), Style::new());
    }

    #[test]
    fn sixteen_colours_and_none_have_their_own_sections() {
        let theme = parse("[roles]\nok = \"#00ff00\"\n[ansi16]\nok = \"cyan\"\n[mono]\nok = \"underline\"");
        let theme = theme.expect("valid");
        assert_eq!(theme.style(Role::Ok, ColorLevel::Ansi16).fg, Some(Color::Cyan));
        assert_eq!(theme.style(Role::Ok, ColorLevel::Mono), Style::new().add_modifier(Modifier::UNDERLINED));
        assert_eq!(theme.style(Role::Err, ColorLevel::Mono), Style::new().add_modifier(Modifier::BOLD));
    }

    #[test]
    fn mistakes_are_told_with_what_was_meant() {
        assert_eq!(
            parse("[roles]\ntitel = \"red\"").expect("usable").warnings,
            ["unknown key `titel`; did you mean `title`?"]
        );
        let error = parse("[roles]\nok = \"reddish\"").expect_err("no colour");
        assert!(error.starts_with("theme `mine`: `reddish` of `ok` is no colour; colours are #rrggbb"), "{error}");
        assert!(parse("[roles]\nok = [1]").expect_err("no text").contains("write a text such as"));
        assert!(parse("roles =").is_err());
    }
}
