//! A configuration taken elsewhere: what a console holds, as a file that `kmirror run` goes on with.
//!
//! Pure functions of the configuration. Nothing here reads or writes a file, asks a cluster or looks up a secret, and
//! no secret is in what comes out.

mod configuration;
mod deployment;
#[cfg(test)]
mod deployment_tests;
mod kubernetes;
mod round_trip;
mod secrets;
mod systemd;
#[cfg(test)]
mod tests;
mod tree;

use crate::config::{ClusterDraft, EditError};

pub use configuration::{ExportError, ExportRequest, ExportSource, Exported, Progress, export};
pub use deployment::Deployment;
pub use kubernetes::kubernetes_manifests;
pub use secrets::SecretForm;
pub use systemd::systemd_unit;

/// How one configuration text differs from another, each with its name, as a unified diff to be shown: without secrets.
/// Empty when they are the same.
///
/// # Errors
/// When one of them is not TOML.
pub fn shown_diff((before, before_name): (&str, &str), (after, after_name): (&str, &str)) -> Result<String, EditError> {
    let (before, after) = (ClusterDraft::mask_secrets(before)?, ClusterDraft::mask_secrets(after)?);
    Ok(unified_diff((&before, before_name), (&after, after_name)))
}

/// The same for other texts, as they are.
pub fn unified_diff((before, before_name): (&str, &str), (after, after_name): (&str, &str)) -> String {
    let diff = similar::TextDiff::from_lines(before, after);
    diff.unified_diff().context_radius(3).header(before_name, after_name).to_string()
}
