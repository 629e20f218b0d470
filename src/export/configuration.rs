//! The configuration file of an export.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::round_trip::differences;
use super::secrets::{Needs, SecretForm, refer, variables};
use crate::config::{
    ClusterConfig, ClusterDraft, Config, ConfigError, EditError, FlowDraft, FlowSetting, StartOverrideDraft,
};
use crate::model::{ClusterName, FlowName, TopicPartition};

/// What is exported from.
#[derive(Clone, Copy, Debug)]
pub struct ExportSource<'a> {
    /// The configuration in force.
    pub config: &'a Config,
    /// The text of its file, so that comments stay; empty where there is none.
    pub text: &'a str,
    /// The folder of that file.
    pub folder: &'a Path,
}

/// Positions by partition.
pub type Progress = BTreeMap<TopicPartition, i64>;

/// What is to be exported, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportRequest {
    /// The flows, with the clusters they use; empty for the whole configuration.
    pub flows: Vec<FlowName>,
    /// What stands in place of secrets.
    pub secrets: SecretForm,
    /// Where flows stand, to be written as where their partitions start. What a group has goes before it: it matters
    /// where that group is not.
    pub progress: BTreeMap<FlowName, Progress>,
    /// The folder the exported file will be in; `None` for the one it came from.
    pub folder: Option<PathBuf>,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// The text of the file.
    pub text: String,
    /// The flows in it.
    pub flows: Vec<FlowName>,
    /// Environment variables that must be set where it is used.
    pub variables: Vec<String>,
    /// Files that must be there, relative paths beside the exported one.
    pub files: Vec<PathBuf>,
    /// Secrets that were left out, as `CLUSTER: KEY`.
    pub omitted: Vec<String>,
}

/// Why there is no export. Reads well after "failed to".
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// No such flow.
    #[error("find flow `{flow}` (there is {known})")]
    NoFlow {
        /// The flow.
        flow: FlowName,
        /// Those there are.
        known: String,
    },
    /// The file could not be changed.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// What was exported is no configuration.
    #[error("read back what was exported: {0}")]
    Unreadable(ConfigError),
    /// It is one, and not the same.
    #[error("read back what was exported: {} differs", .0.join(", "))]
    Differs(Vec<String>),
}

/// The text of a configuration file with what is asked for. It has been read back, and means the same.
///
/// # Errors
/// When a flow does not exist, or what was written does not mean the same when read.
pub fn export(source: ExportSource<'_>, request: &ExportRequest) -> Result<Exported, ExportError> {
    let chosen = chosen(source.config, &request.flows)?;
    let used: BTreeSet<&ClusterName> = source
        .config
        .clusters
        .keys()
        .filter(|cluster| request.flows.is_empty() || uses(source.config, &chosen, cluster))
        .collect();
    let text = flows_of(source, request, &chosen)?;
    // What is left out is put in for the check, so that the rest is checked as a whole.
    let form = if request.secrets == SecretForm::Omit { SecretForm::Env } else { request.secrets };
    let (checked, needs) = clusters_of(source, request, &used, form, &text)?;
    let folder = request.folder.as_deref().unwrap_or(source.folder);
    let again = Config::parse_elsewhere(&checked, "as exported", folder).map_err(ExportError::Unreadable)?;
    let differences = differences(source.config, &again, &chosen, &used, request);
    if !differences.is_empty() {
        return Err(ExportError::Differs(differences));
    }
    let (text, needs) = if request.secrets == form {
        (checked, needs)
    } else {
        clusters_of(source, request, &used, request.secrets, &text)?
    };
    let Needs { variables, files, omitted } = needs;
    Ok(Exported { text, flows: chosen.into_iter().cloned().collect(), variables, files, omitted })
}

fn chosen<'a>(config: &'a Config, flows: &[FlowName]) -> Result<BTreeSet<&'a FlowName>, ExportError> {
    if flows.is_empty() {
        return Ok(config.flows.keys().collect());
    }
    let known = || config.flows.keys().map(|flow| format!("`{flow}`")).collect::<Vec<_>>().join(", ");
    let find = |flow: &FlowName| match config.flows.get_key_value(flow) {
        Some((name, _)) => Ok(name),
        None => Err(ExportError::NoFlow { flow: flow.clone(), known: known() }),
    };
    flows.iter().map(find).collect()
}

fn uses(config: &Config, flows: &BTreeSet<&FlowName>, cluster: &ClusterName) -> bool {
    let flows = flows.iter().filter_map(|flow| config.flows.get(*flow));
    flows.into_iter().any(|flow| flow.source == *cluster || flow.target == *cluster)
}

/// The text with the flows that are asked for, and no others.
fn flows_of(
    source: ExportSource<'_>,
    request: &ExportRequest,
    chosen: &BTreeSet<&FlowName>,
) -> Result<String, ExportError> {
    let mut text = source.text.to_owned();
    for (name, config) in &source.config.flows {
        let written = FlowDraft::of(&text, name)?;
        if !chosen.contains(name) {
            text = if written.is_some() { FlowDraft::remove_from(name, &text)? } else { text };
            continue;
        }
        let is_written = written.is_some();
        let mut draft = written.unwrap_or_else(|| {
            let mut draft = FlowDraft::of_config(name, config);
            // A console lets a flow that is in no file wait for a key.
            draft.set(FlowSetting::Autostart, None);
            draft
        });
        let progress = request.progress.get(name);
        progress.into_iter().flatten().for_each(|(partition, offset)| begin_at(&mut draft, partition, *offset));
        if !is_written || progress.is_some() {
            text = draft.write_to(&text)?;
        }
    }
    Ok(text)
}

fn begin_at(draft: &mut FlowDraft, TopicPartition { topic, partition }: &TopicPartition, offset: i64) {
    let entry = StartOverrideDraft { topic: topic.to_string(), partition: Some(*partition), start: offset.to_string() };
    let is_same = |known: &&mut StartOverrideDraft| known.topic == entry.topic && known.partition == entry.partition;
    match draft.start_overrides.iter_mut().find(is_same) {
        Some(known) => *known = entry,
        None => draft.start_overrides.push(entry),
    }
}

/// The text with the clusters that are used, their secrets referred to.
fn clusters_of(
    source: ExportSource<'_>,
    request: &ExportRequest,
    used: &BTreeSet<&ClusterName>,
    form: SecretForm,
    text: &str,
) -> Result<(String, Needs), ExportError> {
    let mut text = text.to_owned();
    let from = request.folder.as_deref().filter(|folder| *folder != source.folder).map(|_| source.folder);
    let mut drafts = Vec::new();
    for (name, config) in &source.config.clusters {
        if used.contains(name) {
            drafts.push(ClusterDraft::of(&text, name)?.unwrap_or_else(|| made(name, config)));
        } else {
            text = ClusterDraft::remove_from(name, &text)?;
        }
    }
    let mut taken: BTreeSet<String> = drafts.iter().flat_map(variables).collect();
    let mut needs = Needs::default();
    for draft in &mut drafts {
        refer(draft, form, from, &mut taken, &mut needs);
        text = draft.write_to(&text)?;
    }
    Ok((text, needs))
}

/// A cluster that is in no file.
fn made(name: &ClusterName, config: &ClusterConfig) -> ClusterDraft {
    let mut draft = ClusterDraft::of_config(name, config);
    // Put in when a configuration is read.
    draft.properties.retain(|(key, value)| (key.as_str(), value.as_str()) != ("ssl.ca.location", "probe"));
    draft
}
