//! The flows of the configuration, while they are added, changed and removed from inside.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Configuration, Known, failed, read};
use crate::config::{ClusterDraft, Config, ConfigProblem, EditError, FlowConfig, FlowDraft, save};
use crate::export::shown_diff;
use crate::kafka::ClusterSettings;
use crate::model::{ClusterName, FlowName};
use crate::run::clusters::settings;
use crate::tui::{FieldProblem, JobError};

/// A change to the flows that was made, with what others have to hear of it.
#[derive(Debug, Default)]
pub(in crate::run::console) struct Changed {
    /// The file that was written.
    pub(in crate::run::console) path: Option<PathBuf>,
    /// What is doubtful about it.
    pub(in crate::run::console) doubts: Vec<String>,
    /// The flow that was saved.
    pub(in crate::run::console) saved: Option<(FlowName, FlowConfig)>,
    /// Flows whose neighbours are others from now on.
    pub(in crate::run::console) beside: Vec<(FlowName, FlowConfig)>,
    /// The flow that is no more.
    pub(in crate::run::console) removed: Option<FlowName>,
    /// Clusters that are known now.
    pub(in crate::run::console) learnt: Vec<ClusterSettings>,
}

/// A change to the configuration's text.
pub(in crate::run::console) struct TextChange {
    /// The file; `None` where the change lasts as long as the console.
    pub(in crate::run::console) path: Option<PathBuf>,
    before: String,
    after: String,
}

impl TextChange {
    /// As a unified diff, without secrets; empty when nothing changes.
    pub(in crate::run::console) fn diff(&self) -> Result<String, JobError> {
        let path = self.path.as_ref().map_or_else(|| "the configuration".to_owned(), |path| path.display().to_string());
        shown_diff((&self.before, &path), (&self.after, &path)).map_err(|error| failed(error.to_string()))
    }
}

impl Configuration {
    /// The flows in force.
    pub(in crate::run::console) fn flows(&self) -> Arc<BTreeMap<FlowName, FlowConfig>> {
        self.now().flows.clone()
    }

    /// A flow's settings, to be edited: as the file has them, else as they are in force.
    pub(in crate::run::console) fn flow_draft(&self, name: &FlowName) -> Result<FlowDraft, JobError> {
        let flows = self.flows();
        let in_force = flows.get(name).ok_or_else(|| failed(format!("find flow `{name}`")))?;
        let (_, text) = self.text_for([&in_force.source, &in_force.target])?;
        let written = FlowDraft::of(&text, name).map_err(|error| failed(error.to_string()))?;
        Ok(written.unwrap_or_else(|| FlowDraft::of_config(name, in_force)))
    }

    /// A draft as it would be used, or what is wrong with it, by the keys below `[flows.NAME]`.
    pub(in crate::run::console) fn checked(
        &self,
        draft: &FlowDraft,
        before: Option<&FlowName>,
    ) -> Result<Result<FlowConfig, Vec<ConfigProblem>>, JobError> {
        let (_, text) = self.text_for(ends(draft).each_ref())?;
        Ok(draft.check(&text, before, &self.folder()).map_err(|error| problems(&draft.name, error)))
    }

    /// What saving a draft would change.
    pub(in crate::run::console) fn change_to(
        &self,
        draft: &FlowDraft,
        before: Option<&FlowName>,
    ) -> Result<Result<TextChange, Vec<FieldProblem>>, JobError> {
        let (path, text) = self.text_for(ends(draft).each_ref())?;
        let name = FlowName::from(draft.name.as_str());
        let refused = |message: String| Ok(Err(vec![FieldProblem { key: "name".to_owned(), message }]));
        if draft.name.trim().is_empty() {
            return refused("is missing".to_owned());
        }
        if before != Some(&name) && self.flows().contains_key(&name) {
            return refused(format!("there is a flow `{name}` already"));
        }
        let written = match before {
            Some(before) => draft.write_over(before, &text),
            None => match FlowDraft::of(&text, &name) {
                Ok(Some(_)) => return refused(format!("there is a flow `{name}` in the file already")),
                _ => draft.write_to(&text),
            },
        };
        Ok(match written {
            Ok(after) => Ok(TextChange { path, before: text, after }),
            Err(error) => Err(fields(problems(&draft.name, error))),
        })
    }

    /// What removing a flow would change.
    fn change_without(&self, name: &FlowName) -> Result<TextChange, JobError> {
        let flows = self.flows();
        let flow = flows.get(name).ok_or_else(|| failed(format!("find flow `{name}`")))?;
        let (path, before) = self.text_for([&flow.source, &flow.target])?;
        let after = FlowDraft::remove_from(name, &before).map_err(|error| failed(error.to_string()))?;
        Ok(TextChange { path, before, after })
    }

    /// Checks a draft and writes it.
    pub(in crate::run::console) fn save_flow(
        &self,
        draft: &FlowDraft,
        before: Option<&FlowName>,
    ) -> Result<Result<Changed, Vec<FieldProblem>>, JobError> {
        let _saving = self.lock_file();
        let change = match self.change_to(draft, before)? {
            Ok(change) => change,
            Err(problems) => return Ok(Err(problems)),
        };
        // First by itself: what is wrong with it is told at its fields.
        if let Err(problems) = self.checked(draft, before)? {
            return Ok(Err(fields(problems)));
        }
        let config = match self.write(&change)? {
            Ok(config) => config,
            Err(error) => return Ok(Err(fields(problems(&draft.name, error)))),
        };
        let name = FlowName::from(draft.name.as_str());
        tracing::info!(flow = %name, "a flow was saved");
        let removed = before.filter(|before| **before != name).cloned();
        Ok(Ok(self.take(config, Some(&name), removed, change.path)))
    }

    /// Takes a flow out of the configuration.
    pub(in crate::run::console) fn remove_flow(&self, name: &FlowName) -> Result<Changed, JobError> {
        let _saving = self.lock_file();
        let change = self.change_without(name)?;
        let config = self.write(&change)?.map_err(|error| failed(error.to_string()))?;
        tracing::info!(flow = %name, "a flow was removed");
        Ok(self.take(config, None, Some(name.clone()), change.path))
    }

    fn write(&self, change: &TextChange) -> Result<Result<Config, EditError>, JobError> {
        let config = match &change.path {
            Some(path) => save(path, &change.after),
            None => Config::parse(&change.after, "in force").map_err(EditError::Config),
        };
        match config {
            Err(EditError::Write { path, source }) => Err(failed(format!("write {}: {source}", path.display()))),
            config => Ok(config),
        }
    }

    /// What was written is in force. Flows that somebody else has added to the file are left to the next start; those
    /// in force hear who their neighbours are now.
    fn take(
        &self,
        mut config: Config,
        saved: Option<&FlowName>,
        removed: Option<FlowName>,
        path: Option<PathBuf>,
    ) -> Changed {
        let about = saved.map(|name| format!("flows.{name}"));
        let is_about = |key: &str| about.as_ref().is_some_and(|about| key.replace('"', "").starts_with(about));
        let doubts = config.warnings.iter().filter(|warning| is_about(&warning.key)).map(ToString::to_string).collect();
        let mut now = self.now();
        let mut flows = (*now.flows).clone();
        let mut beside = Vec::new();
        if let Some(removed) = &removed {
            flows.remove(removed);
        }
        for (name, flow) in &mut flows {
            let Some(found) = config.flows.get(name).filter(|_| Some(name) != saved) else { continue };
            if flow.neighbours != found.neighbours {
                flow.neighbours.clone_from(&found.neighbours);
                beside.push((name.clone(), flow.clone()));
            }
        }
        let saved = saved.and_then(|name| config.flows.remove_entry(name));
        flows.extend(saved.clone());
        now.flows = Arc::new(flows);
        let mut learnt = Vec::new();
        if path.is_some() {
            now.file.clone_from(&path);
            for (name, config) in config.clusters {
                if let Entry::Vacant(place) = now.clusters.entry(name) {
                    learnt.push(settings(place.key(), &config));
                    place.insert(Known { config, is_saved: true });
                }
            }
        }
        Changed { path, doubts, saved, beside, removed, learnt }
    }

    /// The text that flows between these clusters are written into: the file's, when it knows them; else what is in
    /// force, as a file would have it.
    fn text_for(&self, clusters: [&ClusterName; 2]) -> Result<(Option<PathBuf>, String), JobError> {
        let now = self.now();
        let is_saved = |name: &&ClusterName| now.clusters.get(*name).is_none_or(|known| known.is_saved);
        let file = now.file.clone().filter(|_| clusters.iter().all(is_saved));
        if let Some(path) = file {
            let text = read(&path)?;
            return Ok((Some(path), text));
        }
        let wrong = |error: EditError| failed(error.to_string());
        let clusters = now.clusters.iter().try_fold(String::new(), |text, (name, known)| {
            let draft = ClusterDraft {
                name: name.to_string(),
                bootstrap_servers: known.config.bootstrap(),
                ..ClusterDraft::default()
            };
            draft.write_to(&text)
        });
        let flows = now.flows.iter();
        let text = flows.fold(clusters, |text, (name, flow)| FlowDraft::of_config(name, flow).write_to(&text?));
        Ok((None, text.map_err(wrong)?))
    }
}

fn ends(draft: &FlowDraft) -> [ClusterName; 2] {
    [draft.source.as_str().into(), draft.target.as_str().into()]
}

/// What is wrong, by the keys below `flows.NAME`; what is wrong elsewhere is told in full, without a key.
fn problems(name: &str, error: EditError) -> Vec<ConfigProblem> {
    let EditError::Config(error) = error else {
        return vec![ConfigProblem { line: None, key: String::new(), message: error.to_string() }];
    };
    let prefixes = [format!("flows.{name}"), format!("flows.\"{name}\"")];
    let own = |problem: ConfigProblem| {
        let rest = prefixes.iter().find_map(|prefix| problem.key.strip_prefix(prefix.as_str()));
        let is_name = problem.message.contains("is not a usable name");
        let key = match rest {
            Some("") if is_name => Some("name".to_owned()),
            Some("") => Some(String::new()),
            Some(rest) => rest.strip_prefix('.').map(|key| key.replace('"', "")),
            None => None,
        };
        match key {
            Some(key) => ConfigProblem { key, ..problem },
            None => ConfigProblem { line: None, key: String::new(), message: problem.to_string() },
        }
    };
    error.problems.into_iter().map(own).collect()
}

/// As a form shows them.
pub(in crate::run::console) fn fields(problems: Vec<ConfigProblem>) -> Vec<FieldProblem> {
    let field = |problem: ConfigProblem| FieldProblem { key: problem.key, message: problem.message };
    problems.into_iter().map(field).collect()
}
