//! Changes to the configuration file that keep what people wrote around them: comments, order, blank lines.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, Table, Value, value};

use super::cluster::{ClusterConfig, ClusterEnv};
use super::error::ConfigError;
use super::librdkafka::{Kind, Policy, policy};
use super::load::{Config, parse_in};
use crate::model::ClusterName;

/// A cluster as typed, before it is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClusterDraft {
    /// Its name.
    pub name: String,
    /// Its addresses, separated by commas.
    pub bootstrap_servers: String,
    /// How careful to be with it.
    pub env: Option<ClusterEnv>,
    /// The brokers' version; `None` asks them.
    pub version: Option<String>,
    /// Client properties in order; secrets as `env:NAME` or `file:PATH`.
    pub properties: Vec<(String, String)>,
}

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

/// Stands in a draft for a secret that is written in the file itself: nobody gets to see it, and it stays.
pub const SECRET_KEPT: &str = "<secret>";

impl ClusterDraft {
    /// The draft without the secrets that stand in the file itself: [`SECRET_KEPT`] instead.
    pub fn without_secrets(mut self) -> Self {
        for (_, value) in self.properties.iter_mut().filter(|(key, value)| is_inline_secret(key, value)) {
            SECRET_KEPT.clone_into(value);
        }
        self
    }

    /// The draft with the secrets that were left out taken from `kept`, what the file has.
    pub fn with_secrets_of(mut self, kept: Option<&Self>) -> Self {
        for (key, value) in self.properties.iter_mut().filter(|(_, value)| value == SECRET_KEPT) {
            let before = kept.and_then(|kept| kept.properties.iter().find(|(known, _)| known == key));
            if let Some((_, secret)) = before {
                value.clone_from(secret);
            }
        }
        self
    }

    /// The first property whose secret is written out instead of referred to.
    pub fn inline_secret(&self) -> Option<&str> {
        self.properties.iter().find(|(key, value)| is_inline_secret(key, value)).map(|(key, _)| key.as_str())
    }

    /// The cluster as used, without looking at any file but those its secrets are in; relative paths are taken from
    /// `folder`.
    ///
    /// # Errors
    /// With everything that is wrong, as keys below `clusters.NAME`.
    pub fn check(&self, folder: &Path) -> Result<ClusterConfig, EditError> {
        let mut config = parse_in(&self.write_to("")?, "as typed", folder)?;
        let cluster = config.clusters.remove(&ClusterName::from(self.name.as_str()));
        cluster.ok_or_else(|| form(format!("cluster `{}` is not one", self.name)))
    }

    /// The cluster as the file has it, or `None` when it does not.
    ///
    /// # Errors
    /// When the text is not TOML.
    pub fn of(text: &str, name: &ClusterName) -> Result<Option<Self>, EditError> {
        let document = parsed(text)?;
        let Some(cluster) = document.get("clusters").and_then(|clusters| clusters.get(name.as_str())) else {
            return Ok(None);
        };
        let text_of = |key: &str| cluster.get(key).and_then(Item::as_str).map(str::to_owned);
        let bootstrap_servers = match cluster.get("bootstrap_servers") {
            Some(Item::Value(Value::Array(list))) => {
                list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")
            }
            other => other.and_then(Item::as_str).unwrap_or_default().to_owned(),
        };
        let properties = cluster
            .get("properties")
            .and_then(Item::as_table_like)
            .map(|table| table.iter().map(|(key, item)| (key.to_owned(), plain_text(item))).collect());
        let envs = [ClusterEnv::Prod, ClusterEnv::Staging, ClusterEnv::Dev];
        Ok(Some(Self {
            name: name.to_string(),
            bootstrap_servers,
            env: text_of("env").and_then(|env| envs.into_iter().find(|known| known.to_string() == env)),
            version: text_of("version"),
            properties: properties.unwrap_or_default(),
        }))
    }

    /// `text` with this cluster in it: added at the end of the clusters, or changed where it is.
    ///
    /// # Errors
    /// When the text is not TOML, or has `clusters` in a form that cannot be added to.
    pub fn write_to(&self, text: &str) -> Result<String, EditError> {
        let mut document = parsed(text)?;
        let clusters = document.entry("clusters").or_insert_with(|| {
            let mut clusters = Table::new();
            clusters.set_implicit(true);
            Item::Table(clusters)
        });
        let clusters = clusters.as_table_like_mut().ok_or_else(|| form("`clusters` is not a table"))?;
        if clusters.get(&self.name).is_none() {
            clusters.insert(&self.name, Item::Table(Table::new()));
        }
        let cluster = clusters.get_mut(&self.name).and_then(Item::as_table_like_mut);
        let cluster = cluster.ok_or_else(|| form(format!("`clusters.{}` is not a table", self.name)))?;
        let texts = [
            ("bootstrap_servers", Some(self.bootstrap_servers.clone())),
            ("env", self.env.map(|env| env.to_string())),
            ("version", self.version.clone()),
        ];
        for (key, wanted) in texts {
            set(cluster, key, wanted.as_deref());
        }
        self.write_properties(cluster)?;
        Ok(document.to_string())
    }

    fn write_properties(&self, cluster: &mut dyn toml_edit::TableLike) -> Result<(), EditError> {
        if self.properties.is_empty() {
            cluster.remove("properties");
            return Ok(());
        }
        if cluster.get("properties").is_none() {
            cluster.insert("properties", Item::Table(Table::new()));
        }
        let table = cluster.get_mut("properties").and_then(Item::as_table_like_mut);
        let table = table.ok_or_else(|| form(format!("`clusters.{}.properties` is not a table", self.name)))?;
        let known: Vec<String> = table.iter().map(|(key, _)| key.to_owned()).collect();
        for key in known.iter().filter(|key| self.properties.iter().all(|(wanted, _)| wanted != *key)) {
            table.remove(key);
        }
        for (key, wanted) in &self.properties {
            if table.get(key).is_none_or(|present| plain_text(present) != *wanted) {
                set(table, key, Some(wanted));
            }
        }
        Ok(())
    }
}

fn is_inline_secret(key: &str, value: &str) -> bool {
    matches!(policy(key), Ok(Policy::Allowed(_, Kind::Sensitive)))
        && !value.starts_with("env:")
        && !value.starts_with("file:")
}

/// Sets or removes a text; what stands beside it (a comment) stays.
fn set(table: &mut dyn toml_edit::TableLike, key: &str, wanted: Option<&str>) {
    let Some(wanted) = wanted else {
        table.remove(key);
        return;
    };
    match table.get_mut(key) {
        Some(item) if item.as_str() == Some(wanted) => {}
        Some(Item::Value(present)) => {
            let decor = present.decor().clone();
            *present = Value::from(wanted);
            *present.decor_mut() = decor;
        }
        _ => {
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

/// Checks `text` as the configuration at `path` and writes it there, all or nothing. What was there is kept beside it
/// as `FILE.bak`.
///
/// # Errors
/// When it would not be a valid configuration, or cannot be written: the file is as it was then.
pub fn save(path: &Path, text: &str) -> Result<Config, EditError> {
    // A link stays a link: what it leads to is written.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let config = parse_in(text, &path.display().to_string(), folder)?;
    write_whole(&path, folder, text).map_err(|source| EditError::Write { path, source })?;
    Ok(config)
}

fn write_whole(path: &Path, folder: &Path, text: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let permissions = fs::metadata(path).map(|metadata| metadata.permissions());
    if permissions.is_ok() {
        fs::copy(path, beside(path, ".bak"))?;
    }
    let draft = beside(path, &format!(".{}.new", std::process::id()));
    let written = write_draft(&draft, text, permissions.unwrap_or_else(|_| Permissions::from_mode(0o600)));
    let moved = written.and_then(|()| fs::rename(&draft, path));
    if moved.is_err() {
        drop(fs::remove_file(&draft));
    }
    moved
}

fn write_draft(draft: &Path, text: &str, permissions: Permissions) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(draft)?;
    file.write_all(text.as_bytes())?;
    file.set_permissions(permissions)?;
    file.sync_all()
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
# Ours.
[clusters.old]
bootstrap_servers = \"old:9092\" # the last of its kind
version = \"0.9.0.1\"

[clusters.old.properties]
\"security.protocol\" = \"SASL_SSL\"
# from the vault
\"sasl.password\" = \"file:secret\"

[flows.f]
source = \"old\"
target = \"old\"
";

    fn draft() -> ClusterDraft {
        ClusterDraft::of(FILE, &"old".into()).expect("TOML").expect("there")
    }

    #[test]
    fn a_draft_that_is_not_changed_changes_nothing() {
        assert_eq!(draft().write_to(FILE).expect("written"), FILE);
        assert_eq!(draft().version.as_deref(), Some("0.9.0.1"));
        assert_eq!(draft().properties[1], ("sasl.password".into(), "file:secret".into()));
    }

    #[test]
    fn secrets_in_the_file_are_never_shown_and_stay() {
        let file = FILE.replace("file:secret", "hunter2");
        let shown = ClusterDraft::of(&file, &"old".into()).expect("TOML").expect("there").without_secrets();
        assert!(!format!("{shown:?}").contains("hunter2"));
        assert_eq!(shown.properties[1].1, SECRET_KEPT);
        let kept = ClusterDraft::of(&file, &"old".into()).expect("TOML");
        let saved = shown.clone().with_secrets_of(kept.as_ref());
        assert_eq!(saved.write_to(&file).expect("written"), file);
        assert_eq!(saved.inline_secret(), Some("sasl.password"));
        let changed = ClusterDraft { properties: vec![("sasl.password".into(), "env:X".into())], ..shown };
        assert_eq!(changed.with_secrets_of(kept.as_ref()).inline_secret(), None);
    }

    #[test]
    fn a_draft_is_checked_by_itself() {
        let mut draft =
            ClusterDraft { name: "a".into(), bootstrap_servers: "a:9092".into(), ..ClusterDraft::default() };
        assert_eq!(draft.check(Path::new("")).expect("right").bootstrap(), "a:9092");
        draft.properties = vec![("sasl.password".into(), "env:KMIRROR_NO_SUCH_VARIABLE".into())];
        draft.bootstrap_servers = "a".into();
        let error = match draft.check(Path::new("")) {
            Err(EditError::Config(error)) => error,
            other => panic!("{other:?}"),
        };
        let keys: Vec<&str> = error.problems.iter().map(|problem| problem.key.as_str()).collect();
        assert!(keys.contains(&"clusters.a.bootstrap_servers"), "{keys:?}");
        assert!(keys.iter().any(|key| key.starts_with("clusters.a.properties")), "{keys:?}");
    }

    #[test]
    fn a_change_keeps_the_comments() {
        let mut draft = draft();
        draft.bootstrap_servers = "old-1:9092,old-2:9092".into();
        draft.env = Some(ClusterEnv::Prod);
        draft.version = None;
        draft.properties[1].1 = "env:PASSWORD".into();
        let text = draft.write_to(FILE).expect("written");
        for kept in ["# Ours.", "# the last of its kind", "# from the vault", "[flows.f]"] {
            assert!(text.contains(kept), "{text}");
        }
        assert!(text.contains("bootstrap_servers = \"old-1:9092,old-2:9092\" # the last"), "{text}");
        assert!(text.contains("env = \"prod\"") && !text.contains("version"), "{text}");
        assert_eq!(ClusterDraft::of(&text, &"old".into()).expect("TOML"), Some(draft));
    }

    #[test]
    fn a_new_cluster_is_added_to_whatever_there_is() {
        let draft = ClusterDraft {
            name: "new.one".into(),
            bootstrap_servers: "new:9092".into(),
            properties: vec![("security.protocol".into(), "SSL".into())],
            ..ClusterDraft::default()
        };
        for before in ["", FILE, "# nothing yet\n"] {
            let text = draft.write_to(before).expect("written");
            assert!(text.contains("bootstrap_servers = \"new:9092\""), "{text}");
            let again = ClusterDraft::of(&text, &"new.one".into()).expect("TOML");
            assert_eq!(again.as_ref(), Some(&draft), "{text}");
        }
    }

    #[test]
    fn a_file_is_replaced_as_a_whole_and_kept_beside() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("deep/kmirror.toml");
        let first = "[clusters.a]\nbootstrap_servers = \"a:1\"\n";
        save(&path, first).expect("saved");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        let second = format!("{first}env = \"prod\"\n");
        fs::set_permissions(&path, Permissions::from_mode(0o640)).expect("ours");
        let config = save(&path, &second).expect("saved");
        assert_eq!(config.clusters[&ClusterName::from("a")].env, ClusterEnv::Prod);
        assert_eq!(fs::read_to_string(beside(&path, ".bak")).expect("kept"), first);
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o640);
        let wrong = save(&path, "[clusters.a]\n").expect_err("no addresses");
        assert!(wrong.to_string().contains("bootstrap_servers"), "{wrong}");
        assert_eq!(fs::read_to_string(&path).expect("there"), second, "as it was");
        assert_eq!(fs::read_dir(path.parent().expect("a folder")).expect("ours").count(), 2, "no drafts are left");
    }
}
