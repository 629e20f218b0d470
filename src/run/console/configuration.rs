//! The configuration a console is over, while it is changed from inside.

mod flows;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::config::{
    ClusterConfig, ClusterDraft, Config, ConfigPaths, ConfigPlace, EditError, FlowConfig, Limits, save,
};
use crate::kafka::ClusterSettings;
use crate::model::{ClusterName, FlowName};
use crate::report::Access;
use crate::run::clusters::settings;
use crate::tui::{ClusterEntry, FieldProblem, FlowCaps, Inventory, JobError, Saved};

use super::Stage;

pub(super) use flows::{Changed, fields};

/// The configuration, with what was saved since.
pub(super) struct Configuration {
    /// Where clusters are saved: the file in use, or the one that would be found the next time.
    saves_to: Option<PathBuf>,
    options: String,
    access: Access,
    is_demo: bool,
    /// One change of the file at a time.
    saving: Mutex<()>,
    now: Mutex<Now>,
}

/// What changes.
struct Now {
    /// The file, once there is one.
    file: Option<PathBuf>,
    clusters: BTreeMap<ClusterName, Known>,
    flows: Arc<BTreeMap<FlowName, FlowConfig>>,
}

struct Known {
    config: ClusterConfig,
    is_saved: bool,
}

/// How a shell comes to the clusters of a stage.
fn access(stage: &Stage) -> Access {
    if stage.demo.is_some() {
        return Access::Inside;
    }
    // Without a file, options are two addresses.
    let has_addresses = stage.file.is_none() && !stage.options.is_empty();
    match stage.config.flows.keys().next() {
        Some(flow) if has_addresses => Access::Addresses { flow: flow.clone() },
        None if has_addresses => Access::Inside,
        _ => Access::File,
    }
}

impl Configuration {
    pub(super) fn new(stage: &Stage) -> Self {
        let is_saved = stage.file.is_some();
        let known = |config: &ClusterConfig| Known { config: config.clone(), is_saved };
        let clusters = stage.config.clusters.iter().map(|(name, config)| (name.clone(), known(config))).collect();
        let user_file = || {
            let places = ConfigPaths::find(None).candidates.into_iter();
            places.into_iter().find(|candidate| candidate.place == ConfigPlace::User).map(|candidate| candidate.path)
        };
        Self {
            // The demo's clusters are gone tomorrow.
            saves_to: stage.file.clone().or_else(user_file).filter(|_| stage.demo.is_none()),
            options: stage.options.clone(),
            access: access(stage),
            is_demo: stage.demo.is_some(),
            saving: Mutex::default(),
            now: Mutex::new(Now { file: stage.file.clone(), clusters, flows: Arc::new(stage.config.flows.clone()) }),
        }
    }

    /// What screens show of it.
    pub(super) fn inventory(&self) -> Inventory {
        let now = self.now();
        let clusters = now.clusters.iter().map(|(name, known)| entry(name, known)).collect();
        let flows = now.flows.iter();
        let caps = now.flows.iter().map(|(name, flow)| (name.clone(), caps_of(&flow.limits)));
        Inventory {
            file: now.file.clone(),
            saves_to: self.saves_to.clone(),
            options: self.options.clone(),
            access: self.access.clone(),
            is_demo: self.is_demo,
            clusters,
            flows: flows.map(|(name, flow)| (name.clone(), flow.source.clone(), flow.target.clone())).collect(),
            caps: caps.collect(),
        }
    }

    /// A cluster's settings, to be edited. No secret is in it.
    pub(super) fn draft(&self, name: &ClusterName) -> Result<ClusterDraft, JobError> {
        let in_file = match &self.saves_to {
            Some(path) if self.is_saved(name) => self.written(path, name)?,
            _ => None,
        };
        let in_force = || {
            let now = self.now();
            now.clusters.get(name).map(|known| ClusterDraft::of_config(name, &known.config))
        };
        let draft = in_file.or_else(in_force);
        draft.map(ClusterDraft::without_secrets).ok_or_else(|| failed(format!("find cluster `{name}`")))
    }

    /// All of it, with the text of its file and the folder of that: what an export is made of.
    pub(super) fn whole(&self) -> Result<(Config, String, PathBuf), JobError> {
        let now = self.now();
        if let Some(path) = &now.file {
            let text = read(path)?;
            let real = fs::canonicalize(path).unwrap_or_else(|_| path.clone());
            let folder = real.parent().unwrap_or(Path::new("/")).to_owned();
            let config = Config::parse_elsewhere(&text, &path.display().to_string(), &folder);
            return Ok((config.map_err(|error| failed(format!("use {error}")))?, text, folder));
        }
        let clusters = now.clusters.iter().map(|(name, known)| (name.clone(), known.config.clone())).collect();
        let config = Config { clusters, flows: now.flows.as_ref().clone(), ..Config::default() };
        Ok((config, String::new(), self.folder()))
    }

    /// The file it came from, or went to.
    pub(super) fn file(&self) -> Option<PathBuf> {
        self.now().file.clone()
    }

    /// What a test of a draft is to connect with.
    pub(super) fn settings_of(&self, draft: &ClusterDraft) -> Result<ClusterSettings, Vec<FieldProblem>> {
        let name = ClusterName::from(draft.name.as_str());
        let kept = self.saves_to.as_deref().and_then(|path| self.written(path, &name).ok().flatten());
        let draft = draft.clone().with_secrets_of(kept.as_ref());
        let config = draft.check(&self.folder()).map_err(|error| problems(&draft.name, error))?;
        Ok(settings(&name, &config))
    }

    /// The settings in force of a cluster.
    pub(super) fn settings(&self, name: &ClusterName) -> Option<ClusterSettings> {
        self.now().clusters.get(name).map(|known| settings(name, &known.config))
    }

    /// Checks a draft and writes it into the file. The clusters that are to be known now come with it.
    pub(super) fn save(&self, draft: &ClusterDraft, is_new: bool) -> Result<(Saved, Vec<ClusterSettings>), JobError> {
        let _saving = self.lock_file();
        let Some(path) = &self.saves_to else { return Err(failed("save a cluster: there is no place for a file")) };
        let name = ClusterName::from(draft.name.as_str());
        let refused = |key: &str, message: String| {
            Ok((Saved::Refused(vec![FieldProblem { key: key.to_owned(), message }]), Vec::new()))
        };
        if draft.name.trim().is_empty() {
            return refused("name", "is missing".into());
        }
        let text = read(path)?;
        let kept = ClusterDraft::of(&text, &name).map_err(|error| failed(error.to_string()))?;
        if is_new && (kept.is_some() || self.is_saved(&name)) {
            return refused("name", format!("there is a cluster `{name}` in {} already", path.display()));
        }
        if let Some(key) = draft.inline_secret().filter(|key| !is_kept(draft, key, kept.as_ref())) {
            return refused(
                &format!("properties.{key}"),
                "write env:NAME or file:PATH: secrets stay out of files".into(),
            );
        }
        let draft = draft.clone().with_secrets_of(kept.as_ref());
        // First by itself: what is wrong with it is told at its fields, whatever else the file holds.
        if let Err(error) = draft.check(&self.folder()) {
            return Ok((Saved::Refused(problems(&draft.name, error)), Vec::new()));
        }
        let config = match draft.write_to(&text).and_then(|text| save(path, &text)) {
            Ok(config) => config,
            Err(EditError::Write { path, source }) => {
                return Err(failed(format!("write {}: {source}", path.display())));
            }
            Err(error) => return Ok((Saved::Refused(problems(&draft.name, error)), Vec::new())),
        };
        tracing::info!(cluster = %name, file = %path.display(), "a cluster was saved");
        let prefix = format!("clusters.{name}");
        let is_about = |key: &str| key == prefix || key.starts_with(&format!("{prefix}."));
        let doubts = config.warnings.iter().filter(|warning| is_about(&warning.key)).map(ToString::to_string).collect();
        let mut now = self.now();
        now.file = Some(path.clone());
        let mut learnt = Vec::new();
        for (known, config) in config.clusters {
            // Others may have been added to the file meanwhile; those in use are not touched.
            if known == name || !now.clusters.contains_key(&known) {
                learnt.push(settings(&known, &config));
                now.clusters.insert(known, Known { config, is_saved: true });
            }
        }
        Ok((Saved::Done { path: path.clone(), doubts }, learnt))
    }

    fn is_saved(&self, name: &ClusterName) -> bool {
        self.now().clusters.get(name).is_some_and(|known| known.is_saved)
    }

    /// The cluster as a file has it.
    fn written(&self, path: &Path, name: &ClusterName) -> Result<Option<ClusterDraft>, JobError> {
        ClusterDraft::of(&read(path)?, name).map_err(|error| failed(error.to_string()))
    }

    /// Where relative paths are taken from.
    fn folder(&self) -> PathBuf {
        self.saves_to.as_deref().and_then(Path::parent).map(Path::to_owned).unwrap_or_default()
    }

    fn lock_file(&self) -> MutexGuard<'_, ()> {
        self.saving.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is under the lock is whole at any time.
    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn caps_of(limits: &Limits) -> FlowCaps {
    FlowCaps { records_per_second: limits.records_per_second, bytes_per_second: limits.bytes_per_second }
}

/// A secret that the file has already may stay there.
fn is_kept(draft: &ClusterDraft, key: &str, kept: Option<&ClusterDraft>) -> bool {
    let value =
        |draft: &ClusterDraft| draft.properties.iter().find(|(known, _)| known == key).map(|(_, value)| value.clone());
    value(draft).as_deref() == Some(crate::config::SECRET_KEPT) && kept.and_then(value).is_some()
}

fn entry(name: &ClusterName, Known { config, is_saved }: &Known) -> ClusterEntry {
    let plain = |key: &str| config.properties.plain(key).map(str::to_owned);
    let protocol = plain("security.protocol").unwrap_or_else(|| "plaintext".into()).to_uppercase();
    let mechanism = plain("sasl.mechanism").or_else(|| plain("sasl.mechanisms")).unwrap_or_default();
    ClusterEntry {
        name: name.clone(),
        env: config.env,
        bootstrap_servers: config.bootstrap(),
        security: format!("{protocol} {mechanism}").trim_end().to_owned(),
        is_saved: *is_saved,
    }
}

/// The file's text; nothing where there is no file yet.
fn read(path: &Path) -> Result<String, JobError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(failed(format!("read {}: {error}", path.display()))),
    }
}

fn failed(message: impl Into<String>) -> JobError {
    JobError { message: message.into(), next: None }
}

/// What is wrong, by the keys below `clusters.NAME`.
fn problems(name: &str, error: EditError) -> Vec<FieldProblem> {
    let EditError::Config(error) = error else {
        return vec![FieldProblem { key: String::new(), message: error.to_string() }];
    };
    let prefix = format!("clusters.{name}.");
    let problem = |problem: crate::config::ConfigProblem| match problem.key.strip_prefix(&prefix) {
        // Keys with dots are quoted in a file.
        Some(key) => FieldProblem { key: key.replace('"', ""), message: problem.message },
        None => FieldProblem { key: String::new(), message: problem.to_string() },
    };
    error.problems.into_iter().map(problem).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    const FILE: &str = "# ours\n[clusters.a]\nbootstrap_servers = \"a:9092\"\nproperties = { \"security.protocol\" = \
                        \"SASL_SSL\", \"sasl.mechanism\" = \"PLAIN\", \"sasl.username\" = \"u\", \"sasl.password\" = \
                        \"hunter2\" }\n";

    fn over(folder: &tempfile::TempDir) -> Configuration {
        let file = folder.path().join("kmirror.toml");
        fs::write(&file, FILE).expect("written");
        let config = Config::load(&file).expect("valid");
        let stage = Stage { config, file: Some(file), options: "-c kmirror.toml".into(), demo: None };
        Configuration::new(&stage)
    }

    fn text(configuration: &Configuration) -> String {
        fs::read_to_string(configuration.saves_to.as_deref().expect("a file")).expect("readable")
    }

    fn draft(name: &str) -> ClusterDraft {
        ClusterDraft { name: name.into(), bootstrap_servers: "b:9092".into(), ..ClusterDraft::default() }
    }

    #[test]
    fn a_new_cluster_is_known_at_once_and_written_beside_the_others() {
        let folder = tempfile::tempdir().expect("folder");
        let configuration = over(&folder);
        let (saved, learnt) = configuration.save(&draft("b"), true).expect("saved");
        assert!(matches!(&saved, Saved::Done { path, .. } if path.ends_with("kmirror.toml")), "{saved:?}");
        assert_eq!(learnt.iter().map(|settings| settings.name.as_str()).collect::<Vec<_>>(), ["b"]);
        let names: Vec<String> =
            configuration.inventory().clusters.iter().map(|entry| entry.name.to_string()).collect();
        assert_eq!(names, ["a", "b"]);
        assert!(text(&configuration).starts_with("# ours") && text(&configuration).contains("hunter2"));
        assert!(configuration.settings(&"b".into()).is_some());
        let again = configuration.save(&draft("b"), true).expect("answered").0;
        assert!(matches!(again, Saved::Refused(problems) if problems[0].key == "name"));
    }

    #[test]
    fn a_secret_in_the_file_is_not_shown_and_survives_a_change() {
        let folder = tempfile::tempdir().expect("folder");
        let configuration = over(&folder);
        let mut draft = configuration.draft(&"a".into()).expect("there");
        assert!(!format!("{draft:?}").contains("hunter2"), "{draft:?}");
        draft.bootstrap_servers = "a-1:9092,a-2:9092".into();
        let (saved, _) = configuration.save(&draft, false).expect("saved");
        assert!(matches!(saved, Saved::Done { .. }), "{saved:?}");
        assert!(text(&configuration).contains("hunter2") && text(&configuration).contains("a-2:9092"));
    }

    #[test]
    fn what_is_wrong_is_told_at_its_field_and_changes_nothing() {
        let folder = tempfile::tempdir().expect("folder");
        let configuration = over(&folder);
        let secret = |value: &str| {
            let properties = [
                ("security.protocol", "SASL_SSL"),
                ("sasl.mechanism", "PLAIN"),
                ("sasl.username", "u"),
                ("sasl.password", value),
            ];
            let properties = properties.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec();
            ClusterDraft { properties, ..draft("b") }
        };
        let wrong = [
            (draft(""), "name"),
            (ClusterDraft { bootstrap_servers: "nowhere".into(), ..draft("b") }, "bootstrap_servers"),
            (ClusterDraft { version: Some("new".into()), ..draft("b") }, "version"),
            (secret("plain text"), "properties.sasl.password"),
            (secret(crate::config::SECRET_KEPT), "properties.sasl.password"),
            (secret("env:KMIRROR_NO_SUCH_VARIABLE"), "properties.sasl.password"),
        ];
        for (draft, key) in wrong {
            let saved = configuration.save(&draft, true).expect("answered").0;
            let Saved::Refused(problems) = saved else { panic!("{draft:?} was saved") };
            assert!(problems.iter().any(|problem| problem.key == key), "{key}: {problems:?}");
        }
        assert_eq!(text(&configuration), FILE);
    }

    #[test]
    fn what_users_read_about_a_cluster_is_in_the_inventory() {
        let folder = tempfile::tempdir().expect("folder");
        let entry = over(&folder).inventory().clusters.remove(0);
        assert_eq!(entry.security, "SASL_SSL PLAIN");
        assert!(entry.is_saved);
    }
}
