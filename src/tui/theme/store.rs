//! Where themes come from: built in, the system's folder, the user's, a file named by an argument.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::file::{ThemeFile, ThemeFileError};
use super::{ColorLevel, Theme, ThemeName};

/// Finds themes by name.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct ThemeStore {
    /// Folders, the weakest first.
    folders: Vec<PathBuf>,
    /// A file that was named, stronger than any folder.
    file: Option<PathBuf>,
}

impl ThemeStore {
    /// A store over the system's and the user's folder, and one file.
    pub(in crate::tui) fn new(folders: Vec<PathBuf>, file: Option<PathBuf>) -> Self {
        Self { folders, file }
    }

    /// Every theme's name, built in or not.
    pub(in crate::tui) fn names(&self) -> Vec<ThemeName> {
        let mut names: Vec<ThemeName> = BUILTIN.iter().map(|(name, _)| (*name).to_owned()).collect();
        names.extend(self.files().into_keys().filter(|name| !BUILTIN.iter().any(|(builtin, _)| builtin == name)));
        names
    }

    /// The theme of this name, with what is doubtful about it.
    ///
    /// # Errors
    /// When there is none, its file cannot be read, or is none. Reads well after "failed to".
    pub(in crate::tui) fn load(&self, name: &str, level: ColorLevel) -> Result<(Theme, Vec<String>), String> {
        let file = self.read(name, 0).map_err(|error| format!("use {error}"))?;
        Ok((Theme::of(&file, level), file.warnings))
    }

    /// What may change while a theme is shown: its folders.
    pub(in crate::tui) fn watched(&self) -> Vec<PathBuf> {
        let named = self.file.iter().filter_map(|file| file.parent());
        let named = named.map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
        self.folders
            .iter()
            .map(PathBuf::as_path)
            .chain(named)
            .filter(|path| path.is_dir())
            .map(Path::to_owned)
            .collect()
    }

    /// The name of the file that was named.
    pub(in crate::tui) fn named(&self) -> Option<ThemeName> {
        self.file.as_deref().and_then(stem)
    }

    fn read(&self, name: &str, depth: usize) -> Result<ThemeFile, ThemeFileError> {
        let fail = |problem: &str| ThemeFileError { name: name.to_owned(), problem: problem.to_owned() };
        let builtin = BUILTIN.iter().find(|(builtin, _)| *builtin == name).map(|(_, text)| *text);
        let text = match (self.files().get(name), builtin) {
            (Some(path), _) => read_file(path).map_err(|problem| fail(&problem))?,
            (None, Some(text)) => text.to_owned(),
            (None, None) => return Err(fail("there is none of this name")),
        };
        let theme = ThemeFile::parse(name, &text)?;
        match theme.inherit.clone() {
            None => Ok(theme),
            Some(_) if depth >= DEPTH_MAX => Err(fail("inherits in a circle, or too deep")),
            // A file may build on the built-in theme of its own name.
            Some(parent) if parent == name => match builtin {
                Some(text) => Ok(theme.on(&ThemeFile::parse(name, text)?)),
                None => Err(fail("inherits itself")),
            },
            Some(parent) => {
                let parent = self.read(&parent, depth + 1)?;
                Ok(theme.on(&parent))
            }
        }
    }

    /// Theme files by name, the strongest of each.
    fn files(&self) -> BTreeMap<ThemeName, PathBuf> {
        let in_folders = self.folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
        let paths =
            in_folders.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "toml"));
        paths.chain(self.file.clone()).filter_map(|path| Some((stem(&path)?, path))).collect()
    }
}

fn stem(path: &Path) -> Option<ThemeName> {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned())
}

fn read_file(path: &Path) -> Result<String, String> {
    let file = fs::File::open(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let mut text = String::new();
    file.take(FILE_BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    Ok(text)
}

/// Longer than any chain somebody means.
const DEPTH_MAX: usize = 8;
/// A hundred times a theme.
const FILE_BYTES_MAX: u64 = 256 * 1024;

/// The themes that come with kmirror.
pub(super) const BUILTIN: &[(&str, &str)] = &[
    ("default-dark", include_str!("../../../themes/default-dark.toml")),
    ("default-light", include_str!("../../../themes/default-light.toml")),
    ("ansi", include_str!("../../../themes/ansi.toml")),
    ("mono", include_str!("../../../themes/mono.toml")),
    ("high-contrast", include_str!("../../../themes/high-contrast.toml")),
    ("deuteranopia", include_str!("../../../themes/deuteranopia.toml")),
    ("nord", include_str!("../../../themes/nord.toml")),
    ("gruvbox", include_str!("../../../themes/gruvbox.toml")),
    ("catppuccin", include_str!("../../../themes/catppuccin.toml")),
    ("solarized", include_str!("../../../themes/solarized.toml")),
    ("tokyonight", include_str!("../../../themes/tokyonight.toml")),
];
