//! `kmirror export`: the configuration for another place.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::{RunError, warn};
use super::mirror::{CLOSE_MAX, DRAIN_TIMEOUT};
use super::offsets::now_ms;
use super::{clusters, config_path, load_config, logging, manual};
use crate::cli::{ExportArgs, ExportForm, GlobalArgs, SecretsForm};
use crate::config::{Config, replace};
use crate::engine::ports::Kafka;
use crate::engine::{FlowSpec, Side, look_at_offsets};
use crate::export::{
    Deployment, ExportError, ExportRequest, ExportSource, Exported, Progress, SecretForm, export, kubernetes_manifests,
    shown_diff, systemd_unit, unified_diff,
};
use crate::model::FlowName;
use crate::report::{Access, ExitCode, ShellCommand, option};

/// Writes the configuration that is meant, or some flows of it, without any secret.
pub(super) fn run(args: &ExportArgs, global: &GlobalArgs) -> Result<ExitCode, RunError> {
    let path = config_path(&args.file)?;
    let text = fs::read_to_string(&path)
        .map_err(|error| RunError::usage(format!("read configuration {}: {error}", path.display())))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let folder = folder_of(&path);
    // Secrets are needed where it runs, not here.
    let config = Config::parse_elsewhere(text, &path.display().to_string(), &folder)
        .map_err(|error| RunError::usage(format!("use {error}")))?;
    let request = ExportRequest {
        flows: args.flow.flows.clone(),
        secrets: match args.secrets {
            SecretsForm::Env => SecretForm::Env,
            SecretsForm::File => SecretForm::File,
            SecretsForm::Omit => SecretForm::Omit,
        },
        progress: if args.with_progress { progress(args, global)? } else { BTreeMap::new() },
        folder: args.output.as_deref().map(folder_of),
    };
    let exported =
        export(ExportSource { config: &config, text, folder: &folder }, &request).map_err(|error| match error {
            ExportError::NoFlow { .. } => RunError::usage(error.to_string()),
            error => RunError::failed(format!("export {}: {error}", path.display())),
        })?;
    let written = written(args, &exported)?;
    match &args.output {
        None => {
            needs(&exported);
            manual::print(&written)
        }
        Some(output) if args.diff => show_difference(args.form, output, &written),
        Some(output) => write(args.form, output, &written, &exported),
    }
}

/// The export in the form that is wanted.
fn written(args: &ExportArgs, exported: &Exported) -> Result<String, RunError> {
    // A unit has no folder to take a relative path from.
    let file = std::path::absolute(&args.at).unwrap_or_else(|_| args.at.clone());
    let deployment = Deployment {
        text: &exported.text,
        file: &file,
        flows: &args.flow.flows,
        variables: &exported.variables,
        files: &exported.files,
        stop_seconds: (DRAIN_TIMEOUT + CLOSE_MAX).as_secs(),
        // The others pass by themselves, or are worth another try.
        final_codes: &[ExitCode::Usage as u8],
    };
    match args.form {
        ExportForm::Toml => Ok(exported.text.clone()),
        ExportForm::Systemd => Ok(systemd_unit(&deployment)),
        ExportForm::Kubernetes => kubernetes_manifests(&deployment, &args.image)
            .map_err(|error| RunError::failed(format!("write Kubernetes manifests: {error}"))),
    }
}

/// Where the flows stand in their groups.
fn progress(args: &ExportArgs, global: &GlobalArgs) -> Result<BTreeMap<FlowName, Progress>, RunError> {
    let config = load_config(&args.file)?;
    let _log = logging::start(global)?;
    let kafka = clusters::open(&config);
    let mut progress = BTreeMap::new();
    for (name, flow) in super::chosen_flows(&config, &args.flow)? {
        let cluster = flow.source.clone();
        let spec = FlowSpec { name: name.clone(), config: flow };
        let source = kafka.cluster(&cluster, Side::Source);
        let offsets = source.and_then(|source| look_at_offsets(&spec, source.as_ref(), now_ms()));
        let offsets = offsets.map_err(|fault| clusters::failed(&config, &cluster, &fault))?;
        progress.insert(name, offsets.progress().collect());
    }
    Ok(progress)
}

fn show_difference(form: ExportForm, output: &Path, written: &str) -> Result<ExitCode, RunError> {
    let before = match fs::read_to_string(output) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(RunError::failed(format!("read {}: {error}", output.display()))),
    };
    let name = output.display().to_string();
    let exported = format!("{name} (exported)");
    let (before, after) = ((before.as_str(), name.as_str()), (written, exported.as_str()));
    let diff = match form {
        ExportForm::Toml => shown_diff(before, after),
        ExportForm::Systemd | ExportForm::Kubernetes => Ok(unified_diff(before, after)),
    };
    let diff = diff.map_err(|error| RunError::failed(format!("compare with {name}: {error}")))?;
    manual::print(&diff)?;
    Ok(if diff.is_empty() { ExitCode::Done } else { ExitCode::Unfinished })
}

fn write(form: ExportForm, output: &Path, written: &str, exported: &Exported) -> Result<ExitCode, RunError> {
    replace(output, written).map_err(|error| RunError::failed(error.to_string()))?;
    needs(exported);
    if form != ExportForm::Toml {
        return manual::print(&format!("written: {}\n", output.display()));
    }
    let options = option("-c", &output.display().to_string());
    let command = |command: ShellCommand| command.written(&Access::File, &options).unwrap_or_default();
    let (run, check) = (command(ShellCommand::Run(None)), command(ShellCommand::Check(None)));
    manual::print(&format!("written: {}\ncheck:   {check}\nrun:     {run}\n", output.display()))
}

/// Says on stderr what must be there before it can be used.
fn needs(exported: &Exported) {
    for variable in &exported.variables {
        warn(&format!("set the environment variable {variable} where it is to run"));
    }
    for file in &exported.files {
        warn(&format!("put the secret into the file {} where it is to run", file.display()));
    }
    for property in &exported.omitted {
        warn(&format!("a secret was left out, put it back before it is to run: {property}"));
    }
}

/// The folder a file is or will be in, as it is really called.
pub(super) fn folder_of(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::canonicalize(folder).or_else(|_| std::path::absolute(folder)).unwrap_or_else(|_| folder.to_owned())
}
