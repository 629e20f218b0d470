//! The arguments of `kmirror export`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{FileArgs, FlowArgs};

/// The arguments of `kmirror export`.
#[derive(Clone, Debug, Args)]
pub struct ExportArgs {
    /// Which configuration.
    #[command(flatten)]
    pub file: FileArgs,
    /// Which flows, with the clusters they use.
    #[command(flatten)]
    pub flow: FlowArgs,
    /// What to write
    #[arg(long = "as", value_enum, value_name = "FORM", default_value_t = ExportForm::Toml)]
    pub form: ExportForm,
    /// What stands in place of a secret that is written out; references stay what they are
    #[arg(long, value_enum, value_name = "FORM", default_value_t = SecretsForm::Env)]
    pub secrets: SecretsForm,
    /// Write where every partition stands now as where it starts; asks the source. Matters only where the flow's group
    /// has no progress
    #[arg(long)]
    pub with_progress: bool,
    /// Where the configuration will be on the host, for a systemd unit
    #[arg(long, value_name = "FILE", default_value = "/etc/kmirror/kmirror.toml")]
    pub at: PathBuf,
    /// The container image, for Kubernetes
    #[arg(long, value_name = "IMAGE", default_value = concat!("kmirror:", env!("CARGO_PKG_VERSION")))]
    pub image: String,
    /// The file to write; what was there is kept beside it as FILE.bak
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Only show how it would differ from that file; exit code 3 when it does
    #[arg(long, requires = "output")]
    pub diff: bool,
}

/// What an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportForm {
    /// A configuration file for `kmirror run`.
    Toml,
    /// A systemd unit that runs such a file.
    Systemd,
    /// Kubernetes manifests: a Deployment, and the configuration in a ConfigMap.
    Kubernetes,
}

/// What stands in place of secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SecretsForm {
    /// env:CLUSTER_SASL_PASSWORD.
    Env,
    /// file:secrets/CLUSTER_SASL_PASSWORD, beside the file.
    File,
    /// Nothing.
    Omit,
}
