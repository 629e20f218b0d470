//! The configuration taken elsewhere: what it would be, and the file written.

use std::fs;
use std::io;
use std::path::Path;

use super::ConsoleServices;
use crate::config::replace;
use crate::export::{ExportRequest, ExportSource, export, shown_diff};
use crate::model::FlowName;
use crate::run::export::folder_of;
use crate::tui::{ExportFound, ExportJob, ExportWish, JobAnswer, JobError, JobResult};

impl ConsoleServices {
    /// Answers what an export would be, or writes it.
    pub(super) fn export(&self, job: &ExportJob) -> JobAnswer {
        match job {
            ExportJob::Read(wish) => self.exported(wish).map(Box::new).map(JobResult::Export),
            ExportJob::Write { path, text, before } => self.write_export(path, text, before.as_deref()),
        }
    }

    fn exported(&self, wish: &ExportWish) -> Result<ExportFound, JobError> {
        if wish.path.as_os_str().is_empty() {
            return Err(failed("export: the file has no name".into()));
        }
        let (config, text, folder) = self.configuration.whole()?;
        let flows: Vec<FlowName> = wish.flow.iter().cloned().collect();
        let mut request = ExportRequest { flows, secrets: wish.secrets, ..ExportRequest::default() };
        if wish.has_progress {
            let wanted = config.flows.keys().filter(|name| request.flows.is_empty() || request.flows.contains(name));
            for name in wanted {
                let offsets = self.look(&self.spec(name)?)?;
                request.progress.insert(name.clone(), offsets.progress().collect());
            }
        }
        request.folder = Some(folder_of(&wish.path));
        let source = ExportSource { config: &config, text: &text, folder: &folder };
        let exported = export(source, &request).map_err(|error| failed(error.to_string()))?;
        let before = current(&wish.path)?;
        let name = wish.path.display().to_string();
        let present = (before.as_deref().unwrap_or(""), name.as_str());
        let diff = shown_diff(present, (&exported.text, &format!("{name} (exported)")));
        let diff = diff.map_err(|error| failed(format!("compare with {name}: {error}")))?;
        Ok(ExportFound {
            text: exported.text,
            variables: exported.variables,
            files: exported.files,
            omitted: exported.omitted,
            before,
            diff,
        })
    }

    fn write_export(&self, path: &Path, text: &str, before: Option<&str>) -> JobAnswer {
        // Flows that are left out, and secrets, would be gone from what this console runs by.
        let own = self.configuration.file().and_then(|file| fs::canonicalize(file).ok());
        if own.is_some() && own == fs::canonicalize(path).ok() {
            return Err(failed(format!("export to {}: this console runs by it", path.display())));
        }
        if current(path)?.as_deref() != before {
            return Err(failed(format!("export to {}: it has changed since it was looked at", path.display())));
        }
        replace(path, text).map_err(|error| failed(error.to_string()))?;
        tracing::info!(path = %path.display(), "the configuration was exported");
        Ok(JobResult::ExportWritten)
    }
}

/// The file as it is.
fn current(path: &Path) -> Result<Option<String>, JobError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(format!("read {}: {error}", path.display()))),
    }
}

fn failed(message: String) -> JobError {
    JobError { message, next: None }
}
