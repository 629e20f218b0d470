//! The configuration taken elsewhere: what is asked for, what it would be.

use std::path::PathBuf;

use crate::export::SecretForm;
use crate::model::FlowName;

/// What is to be exported, and where to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportWish {
    /// The flow, with the clusters it uses; `None` for the whole configuration.
    pub flow: Option<FlowName>,
    /// What stands in place of secrets.
    pub secrets: SecretForm,
    /// Whether it begins where the flows stand now.
    pub has_progress: bool,
    /// The file that is to be written.
    pub path: PathBuf,
}

/// Something about an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportJob {
    /// See what it would be.
    Read(ExportWish),
    /// Write what was seen.
    Write {
        /// The file.
        path: PathBuf,
        /// What is to be in it.
        text: String,
        /// What was in it when it was looked at; `None` when there was none.
        before: Option<String>,
    },
}

/// What an export would be. It has been read back, and means the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportFound {
    /// The text of the file.
    pub text: String,
    /// Environment variables that must be set where it is used.
    pub variables: Vec<String>,
    /// Files that must be there.
    pub files: Vec<PathBuf>,
    /// Secrets that were left out, as `CLUSTER: KEY`.
    pub omitted: Vec<String>,
    /// The file as it is now; `None` when there is none.
    pub before: Option<String>,
    /// How the export differs from it; empty when it does not.
    pub diff: String,
}

impl ExportJob {
    /// For the tasks drawer.
    pub fn describe(&self) -> String {
        match self {
            Self::Read(_) => "see what an export would be".to_owned(),
            Self::Write { path, .. } => format!("export to {}", path.display()),
        }
    }

    /// Whether the dialog tells what goes wrong.
    pub fn is_routine(&self) -> bool {
        matches!(self, Self::Read(_))
    }
}
