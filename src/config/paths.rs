//! Where the configuration is looked for, and where logs go.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use etcetera::base_strategy::Xdg;
use serde::Serialize;

/// The places, in the order they are tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConfigPaths {
    /// Every place that applies here; the first that is named or exists is used.
    pub candidates: Vec<ConfigCandidate>,
    /// The folder for logs and other state; `None` without a home folder.
    pub state_dir: Option<PathBuf>,
}

/// A place the configuration may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConfigCandidate {
    /// Why there.
    pub place: ConfigPlace,
    /// The file.
    pub path: PathBuf,
    /// Whether something is there.
    pub exists: bool,
    /// Whether this is the one.
    pub is_used: bool,
}

/// Why the configuration may be at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfigPlace {
    /// `--config` says so. Used even if nothing is there: better an error than another file.
    Argument,
    /// `KMIRROR_CONFIG` says so. As above.
    Environment,
    /// The user's configuration folder.
    User,
    /// The system's.
    System,
}

impl fmt::Display for ConfigPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Argument => "--config",
            Self::Environment => CONFIG_VARIABLE,
            Self::User => "user",
            Self::System => "system",
        })
    }
}

/// Names a configuration where `--config` does not.
pub const CONFIG_VARIABLE: &str = "KMIRROR_CONFIG";

impl ConfigPaths {
    /// Looks around; `argument` is the value of `--config`.
    pub fn find(argument: Option<&Path>) -> Self {
        let xdg = Xdg::new().ok();
        let user = xdg.as_ref().map(|xdg| xdg.config_dir().join("kmirror/kmirror.toml"));
        let variable = env::var_os(CONFIG_VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
        let state_dir = xdg.as_ref().and_then(|xdg| xdg.state_dir()).map(|folder| folder.join("kmirror"));
        let places = [
            (ConfigPlace::Argument, argument.map(Path::to_owned)),
            (ConfigPlace::Environment, variable),
            (ConfigPlace::User, user),
            (ConfigPlace::System, Some(PathBuf::from("/etc/kmirror/kmirror.toml"))),
        ];
        let places = places.into_iter().filter_map(|(place, path)| Some((place, path?)));
        Self { candidates: candidates(places), state_dir }
    }

    /// The file to load.
    pub fn used(&self) -> Option<&Path> {
        self.candidates.iter().find(|candidate| candidate.is_used).map(|candidate| candidate.path.as_path())
    }
}

fn candidates(places: impl Iterator<Item = (ConfigPlace, PathBuf)>) -> Vec<ConfigCandidate> {
    let mut is_found = false;
    places
        .map(|(place, path)| {
            let exists = path.exists();
            let is_named = matches!(place, ConfigPlace::Argument | ConfigPlace::Environment);
            let is_used = !is_found && (is_named || exists);
            is_found |= is_used;
            ConfigCandidate { place, path, exists, is_used }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_named_or_existing_is_used() {
        let folder = tempfile::tempdir().expect("temp folder");
        let there = folder.path().join("there.toml");
        std::fs::write(&there, "").expect("write");
        let missing = folder.path().join("missing.toml");
        let used = |places: &[(ConfigPlace, &PathBuf)]| {
            let found = candidates(places.iter().map(|(place, path)| (*place, (*path).clone())));
            found.iter().map(|candidate| candidate.is_used).collect::<Vec<_>>()
        };
        assert_eq!(used(&[(ConfigPlace::Argument, &missing), (ConfigPlace::User, &there)]), [true, false]);
        assert_eq!(used(&[(ConfigPlace::User, &missing), (ConfigPlace::System, &there)]), [false, true]);
        assert_eq!(used(&[(ConfigPlace::User, &there), (ConfigPlace::System, &there)]), [true, false]);
        assert_eq!(used(&[(ConfigPlace::User, &missing), (ConfigPlace::System, &missing)]), [false, false]);
    }

    #[test]
    fn an_argument_comes_first() {
        let paths = ConfigPaths::find(Some(Path::new("my.toml")));
        assert_eq!(paths.used(), Some(Path::new("my.toml")));
        assert_eq!(paths.candidates.last().map(|last| last.place), Some(ConfigPlace::System));
    }
}
