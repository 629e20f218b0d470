//! Changes to the configuration file that keep what people wrote around them: comments, order, blank lines.

mod cluster;
mod file;
mod flow;
mod flow_text;
mod list;
mod setting;
#[cfg(test)]
mod tests;

use std::io;
use std::path::PathBuf;

use toml_edit::{DocumentMut, Item, TableLike, Value, value};

use super::error::ConfigError;

pub use cluster::{ClusterDraft, SECRET_KEPT};
pub use file::{replace, save};
pub use flow::{FlowDraft, RenameDraft, RenameRuleDraft, StartOverrideDraft};
pub use setting::{FlowSetting, SettingKind};

/// Why a change could not be made.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The text, as it is or would be, is not a configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The file is not TOML, or a table of it has another form than kmirror writes.
    #[error("edit the configuration: {0}")]
    Form(String),
    /// The file could not be written; it is as it was.
    #[error("write {}: {source}", path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// Sets or removes a text.
fn set_text(table: &mut dyn TableLike, key: &str, wanted: Option<&str>) {
    set_value(table, key, wanted.map(Value::from));
}

/// Sets or removes a value; what stands beside it (a comment) stays.
fn set_value(table: &mut dyn TableLike, key: &str, wanted: Option<Value>) {
    let Some(wanted) = wanted else {
        table.remove(key);
        return;
    };
    match table.get_mut(key) {
        Some(Item::Value(present)) if list::bare(present) == list::bare(&wanted) => {}
        Some(Item::Value(present)) => {
            let decor = present.decor().clone();
            *present = wanted;
            *present.decor_mut() = decor;
        }
        Some(_) => {
            // Of another form, and in another place of the file.
            table.remove(key);
            table.insert(key, value(wanted));
        }
        None => {
            table.insert(key, value(wanted));
        }
    }
}

/// A property's value as text, whatever its type.
fn plain_text(item: &Item) -> String {
    match item {
        Item::Value(Value::String(text)) => text.value().clone(),
        Item::Value(other) => other.clone().decorated("", "").to_string(),
        _ => String::new(),
    }
}

fn parsed(text: &str) -> Result<DocumentMut, EditError> {
    // The parser's own words would quote the line, which may hold a password.
    text.parse().map_err(|_| form("the file is not valid TOML; `kmirror check` names the line"))
}

fn form(message: impl Into<String>) -> EditError {
    EditError::Form(message.into())
}
