//! Secrets of an exported configuration: referred to, never written out.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::config::ClusterDraft;

/// What stands in place of a secret that is written out in the configuration. References stay what they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecretForm {
    /// `env:CLUSTER_SASL_PASSWORD`.
    #[default]
    Env,
    /// `file:secrets/CLUSTER_SASL_PASSWORD`, beside the configuration.
    File,
    /// Nothing: the property is left out.
    Omit,
}

/// What has to be there before an exported configuration can be used, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Needs {
    pub(super) variables: Vec<String>,
    pub(super) files: Vec<PathBuf>,
    /// `CLUSTER: KEY` of what was left out.
    pub(super) omitted: Vec<String>,
}

/// Puts references in place of the secrets of a cluster. Relative paths of references, which are taken from the folder
/// of the file they stand in, are made absolute by `from` where the exported file is not in that folder.
pub(super) fn refer(
    draft: &mut ClusterDraft,
    form: SecretForm,
    from: Option<&Path>,
    taken: &mut BTreeSet<String>,
    needs: &mut Needs,
) {
    // Before new ones are put in: those are beside the exported file already.
    for (_, value) in &mut draft.properties {
        match value.split_once(':') {
            Some(("env", name)) => needs.variables.push(name.to_owned()),
            Some(("file", path)) => {
                let path = from.map_or_else(|| PathBuf::from(path), |folder| folder.join(path));
                *value = format!("file:{}", path.display());
                needs.files.push(path);
            }
            _ => {}
        }
    }
    let cluster = draft.name.clone();
    draft.refer(|key| {
        if form == SecretForm::Omit {
            needs.omitted.push(format!("{cluster}: {key}"));
            return None;
        }
        let name = free_name(&format!("{cluster}_{key}"), taken);
        if form == SecretForm::Env {
            needs.variables.push(name.clone());
            return Some(format!("env:{name}"));
        }
        let path = format!("secrets/{name}");
        needs.files.push(PathBuf::from(&path));
        Some(format!("file:{path}"))
    });
}

/// The environment variables a cluster refers to: no other secret may be put into them.
pub(super) fn variables(draft: &ClusterDraft) -> impl Iterator<Item = String> {
    draft.properties.iter().filter_map(|(_, value)| value.strip_prefix("env:").map(str::to_owned))
}

/// A name shells take for a variable, and that no other secret has.
fn free_name(text: &str, taken: &mut BTreeSet<String>) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    let mut name: String = text.chars().map(plain).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    }
    let mut free = name.clone();
    let mut number = 2;
    while !taken.insert(free.clone()) {
        free = format!("{name}_{number}");
        number += 1;
    }
    free
}
