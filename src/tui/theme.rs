//! Colours by meaning: roles, themes as files, and what a terminal can show of them.

mod color;
mod file;
mod role;
mod store;
mod watch;

use ratatui::style::{Modifier, Style};

pub(in crate::tui) use color::ColorLevel;
pub(in crate::tui) use role::Role;
pub(in crate::tui) use store::ThemeStore;
pub(in crate::tui) use watch::ThemeWatch;

use crate::config::ClusterEnv;
use file::ThemeFile;

/// A theme's name: that of its file, without the ending.
pub(in crate::tui) type ThemeName = String;

/// A theme, ready for one terminal.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::tui) struct Theme {
    /// Its name.
    pub(in crate::tui) name: ThemeName,
    styles: [Style; Role::COUNT],
}

impl Theme {
    /// A theme that comes with kmirror; plain when there is none of this name.
    pub(in crate::tui) fn builtin(name: &str, level: ColorLevel) -> Self {
        let found = ThemeStore::default().load(name, level).map(|(theme, _)| theme);
        found.unwrap_or_else(|_| Self::of(&ThemeFile::default(), level))
    }

    /// The theme as a terminal with so many colours shows it.
    fn of(file: &ThemeFile, level: ColorLevel) -> Self {
        let mut styles = [Style::new(); Role::COUNT];
        for role in Role::ALL {
            styles[*role as usize] = file.style(*role, level);
        }
        Self { name: file.name.clone(), styles }
    }

    /// How to draw what has this meaning.
    pub(in crate::tui) fn style(&self, role: Role) -> Style {
        self.styles[role as usize]
    }

    /// How to draw the row the cursor is on.
    pub(in crate::tui) fn selected(&self) -> Style {
        self.style(Role::SelectedText).patch(self.style(Role::SelectedBackground))
    }

    /// How to draw the name of what a cluster is for.
    pub(in crate::tui) fn badge(&self, env: ClusterEnv) -> Style {
        let role = match env {
            ClusterEnv::Prod => Role::BadgeProd,
            ClusterEnv::Staging => Role::BadgeStaging,
            ClusterEnv::Dev => Role::BadgeDev,
        };
        self.style(role).patch(self.style(Role::BadgeText)).add_modifier(Modifier::BOLD)
    }
}

#[cfg(test)]
mod tests;
