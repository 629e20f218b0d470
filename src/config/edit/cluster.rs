//! A cluster of the configuration file, to be edited.

use std::path::Path;

use toml_edit::{Item, Table, Value};

use super::{EditError, form, parsed, plain_text, set_text};
use crate::config::cluster::{ClusterConfig, ClusterEnv};
use crate::config::librdkafka::{Kind, Policy, policy};
use crate::config::load::parse_in;
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

    /// A cluster in force as it would be written; [`SECRET_KEPT`] for secrets that are not referred to.
    pub fn of_config(name: &ClusterName, config: &ClusterConfig) -> Self {
        Self {
            name: name.to_string(),
            bootstrap_servers: config.bootstrap(),
            env: Some(config.env),
            version: config.version.as_ref().map(ToString::to_string),
            properties: config.properties.shown().map(|(key, value)| (key.to_owned(), value)).collect(),
        }
    }

    /// Puts references in place of secrets that are written out, or leaves those out that get none.
    pub fn refer(&mut self, mut reference: impl FnMut(&str) -> Option<String>) {
        self.properties.retain_mut(|(key, value)| {
            if !is_inline_secret(key, value) && value != SECRET_KEPT {
                return true;
            }
            let reference = reference(key);
            if let Some(reference) = &reference {
                value.clone_from(reference);
            }
            reference.is_some()
        });
    }

    /// `text` without a cluster.
    ///
    /// # Errors
    /// When the text is not TOML.
    pub fn remove_from(name: &ClusterName, text: &str) -> Result<String, EditError> {
        let mut document = parsed(text)?;
        if let Some(clusters) = document.get_mut("clusters").and_then(Item::as_table_like_mut) {
            clusters.remove(name.as_str());
        }
        Ok(document.to_string())
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

    /// `text` to be shown: with no secret in it.
    ///
    /// # Errors
    /// When the text is not TOML.
    pub fn mask_secrets(text: &str) -> Result<String, EditError> {
        let document = parsed(text)?;
        let clusters = document.get("clusters").and_then(Item::as_table_like);
        let names: Vec<ClusterName> =
            clusters.into_iter().flat_map(|clusters| clusters.iter()).map(|(name, _)| name.into()).collect();
        names.iter().try_fold(text.to_owned(), |text, name| match Self::of(&text, name)? {
            Some(draft) if draft.inline_secret().is_some() => draft.without_secrets().write_to(&text),
            _ => Ok(text),
        })
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
            set_text(cluster, key, wanted.as_deref());
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
                set_text(table, key, Some(wanted));
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
}
