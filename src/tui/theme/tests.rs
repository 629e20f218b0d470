//! Every theme that comes with kmirror can be read: by the program, and by people.

use ratatui::style::{Color, Modifier};

use super::color::rgb;
use super::store::BUILTIN;
use super::*;

/// Themes whose colours are fixed, so that contrast can be known.
fn rich() -> impl Iterator<Item = Theme> {
    let names = BUILTIN.iter().map(|(name, _)| *name).filter(|name| !matches!(*name, "ansi" | "mono"));
    names.map(|name| Theme::builtin(name, ColorLevel::True))
}

/// As WCAG 2 has it: from 1 to 21.
fn contrast(a: Color, b: Color) -> f64 {
    let luminance = |color: Color| {
        let channels = rgb(color).expect("a fixed colour").map(|channel| {
            let channel = f64::from(channel) / 255.0;
            if channel <= 0.040_45 { channel / 12.92 } else { ((channel + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn every_theme_is_sound() {
    for (name, text) in BUILTIN {
        let file = ThemeFile::parse(name, text).expect("valid");
        assert_eq!(file.warnings, Vec::<String>::new(), "{name}");
        let (theme, _) = ThemeStore::default().load(name, ColorLevel::True).expect("loads");
        assert_eq!(theme.name, *name);
    }
    assert!(BUILTIN.len() >= 10);
}

#[test]
fn text_is_legible_on_every_ground() {
    use Role::*;
    let mut weak = Vec::new();
    for theme in rich() {
        let wanted_factor = if theme.name == "high-contrast" { 7.0 / 4.5 } else { 1.0 };
        for ground in [Background, BarBackground, PopupBackground] {
            let ground_color = theme.style(ground).bg.expect("a ground");
            for (roles, wanted) in [
                (&[Text, Title, Accent, Key, Ok, Warn, Err, Info, Input, Add, Del, Change, Mark, Match][..], 4.5),
                (&[Dim, Head, Chart1, Chart2, Chart3, Chart4, Disabled][..], 3.0),
                (&[BorderFocus][..], 2.5),
                (&[Border][..], 1.4),
            ] {
                for role in roles {
                    let found = contrast(theme.style(*role).fg.expect("a colour"), ground_color);
                    if found < wanted * wanted_factor {
                        weak.push(format!("{}: {} on {}: {found:.2}", theme.name, role.name(), ground.name()));
                    }
                }
            }
        }
        for ground in [BadgeProd, BadgeStaging, BadgeDev, SelectedBackground] {
            let text = if ground == SelectedBackground { SelectedText } else { BadgeText };
            let found = contrast(theme.style(text).fg.expect("a colour"), theme.style(ground).bg.expect("a ground"));
            if found < 4.5 {
                weak.push(format!("{}: {} on {}: {found:.2}", theme.name, text.name(), ground.name()));
            }
        }
    }
    assert_eq!(weak, Vec::<String>::new());
}

/// What eyes without the receptors for green see, roughly (Viénot 1999).
fn as_deuteranope(color: Color) -> [f64; 3] {
    let [r, g, b] = rgb(color).expect("a fixed colour").map(f64::from);
    let yellow = 0.292_75 * r + 0.707_25 * g;
    [yellow, yellow, -0.022_34 * r + 0.022_34 * g + b]
}

#[test]
fn states_differ_without_red_and_green() {
    let theme = Theme::builtin("deuteranopia", ColorLevel::True);
    let seen = |role| as_deuteranope(theme.style(role).fg.expect("a colour"));
    let roles = [Role::Ok, Role::Warn, Role::Err];
    for (index, a) in roles.iter().enumerate() {
        for b in &roles[index + 1..] {
            let squares = seen(*a).iter().zip(seen(*b)).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
            assert!(squares.sqrt() > 60.0, "{} and {}: {:.0}", a.name(), b.name(), squares.sqrt());
        }
    }
}

#[test]
fn without_colours_there_are_none() {
    for (name, _) in BUILTIN {
        let theme = Theme::builtin(name, ColorLevel::Mono);
        for role in Role::ALL {
            let style = theme.style(*role);
            let is_plain = |color: Option<Color>| color.is_none_or(|color| color == Color::Reset);
            assert!(is_plain(style.fg) && is_plain(style.bg), "{name}: {}", role.name());
        }
        assert!(theme.selected().add_modifier.contains(Modifier::REVERSED), "{name}: the cursor must be seen");
    }
}

#[test]
fn sixteen_colours_are_the_terminals_own() {
    for (name, _) in BUILTIN {
        let theme = Theme::builtin(name, ColorLevel::Ansi16);
        for role in Role::ALL {
            let style = theme.style(*role);
            let is_own = |color: Option<Color>| !matches!(color, Some(Color::Rgb(..) | Color::Indexed(_)));
            assert!(is_own(style.fg) && is_own(style.bg), "{name}: {}", role.name());
        }
    }
}

#[test]
fn a_file_is_stronger_than_a_folder_and_a_folder_than_what_is_built_in() {
    let folder = tempfile::tempdir().expect("folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("write");
        path
    };
    write("nord.toml", "inherit = \"nord\"\n[roles]\nok = \"#010203\"");
    write("mine.toml", "[roles]\nok = \"#040506\"");
    write("circle.toml", "inherit = \"round\"");
    write("round.toml", "inherit = \"circle\"");
    let store = ThemeStore::new(vec![folder.path().to_owned()], None);
    let ok = |name: &str| store.load(name, ColorLevel::True).map(|(theme, _)| theme.style(Role::Ok).fg);
    assert_eq!(ok("nord"), Ok(Some(Color::Rgb(1, 2, 3))));
    assert_eq!(ok("mine"), Ok(Some(Color::Rgb(4, 5, 6))));
    assert!(ok("circle").expect_err("endless").contains("in a circle"));
    assert!(ok("none").expect_err("missing").contains("there is none of this name"));
    assert!(store.names().contains(&"mine".to_owned()));
    let nord = store.load("nord", ColorLevel::True).expect("loads").0;
    assert_eq!(nord.style(Role::Text), Theme::builtin("nord", ColorLevel::True).style(Role::Text));
}
