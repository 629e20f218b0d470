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

pub use configuration::{ExportError, ExportRequest, ExportSource, Exported, Progress, export};
pub use deployment::Deployment;
pub use kubernetes::kubernetes_manifests;
pub use secrets::SecretForm;
pub use systemd::systemd_unit;

/// How `after` differs from `before`, which is the file `name`, as a unified diff; empty when it does not.
pub fn unified_diff(before: &str, after: &str, name: &str) -> String {
    let diff = similar::TextDiff::from_lines(before, after);
    let after = format!("{name} (exported)");
    diff.unified_diff().context_radius(3).header(name, &after).to_string()
}
