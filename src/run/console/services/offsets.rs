//! Positions of flows: by the same functions as the command line's.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{ConsoleServices, unanswered};
use crate::engine::{Command, FlowSpec, Side, look_at_offsets};
use crate::model::{FlowName, FlowOffsets, SavedOffsets};
use crate::run::offsets::{all_saved, newest_saved, now_ms, read_saved, resolve, save};
use crate::tui::{JobAnswer, JobError, JobResult, OffsetsJob, SavedFile, Services};

impl ConsoleServices {
    /// Answers a question about the positions of a flow, or changes them.
    pub(super) fn offsets(&self, flow: &FlowName, job: &OffsetsJob, is_wanted: &dyn Fn() -> bool) -> JobAnswer {
        let spec = self.spec(flow)?;
        match job {
            OffsetsJob::Read => self.look(&spec).map(JobResult::FlowOffsets),
            OffsetsJob::Resolve { edits } => resolve(&self.kafka, &spec, edits, is_wanted)
                .map(JobResult::ResolvedOffsets)
                .map_err(|fault| unanswered(&spec.config.source, &fault)),
            OffsetsJob::RecordTimes { offsets } => self
                .kafka
                .record_times(&spec.config.source, Side::Source, offsets, is_wanted)
                .map(JobResult::RecordTimes)
                .map_err(|fault| unanswered(&spec.config.source, &fault)),
            OffsetsJob::Save { path } => self.save_offsets(&spec, path.as_deref()).map(JobResult::OffsetsSaved),
            OffsetsJob::ReadSaved { path } => {
                let path = path.clone().or_else(|| newest_saved(flow));
                let path = path.ok_or_else(|| failed(format!("find saved positions of `{flow}`: there are none")))?;
                let saved = read_saved(&path).map_err(failed)?;
                Ok(JobResult::SavedOffsets(path, saved))
            }
            OffsetsJob::ListSaved => {
                let file = |(path, saved): (_, SavedOffsets)| SavedFile {
                    path,
                    saved_at_ms: saved.saved_at.as_millisecond(),
                    positions: saved.positions.len(),
                };
                Ok(JobResult::SavedFiles(all_saved(flow).into_iter().map(file).collect()))
            }
            OffsetsJob::Set { .. } if self.is_read_only => {
                Err(failed("set positions: this console may only look, it was started with --read-only".into()))
            }
            OffsetsJob::Set { positions } => {
                // Not set unless it can be undone.
                let saved = self.save_offsets(&spec, None)?;
                self.send(Command::SetPositions { flow: flow.clone(), positions: positions.clone() });
                Ok(JobResult::OffsetsSaved(saved))
            }
        }
    }

    pub(super) fn spec(&self, flow: &FlowName) -> Result<FlowSpec, JobError> {
        match self.configuration.flows().get(flow) {
            Some(config) => Ok(FlowSpec { name: flow.clone(), config: config.clone() }),
            None => Err(failed(format!("find flow `{flow}`: there is none of this name"))),
        }
    }

    fn save_offsets(&self, spec: &FlowSpec, path: Option<&Path>) -> Result<PathBuf, JobError> {
        save(&self.look(spec)?, &spec.config.source, path, Timestamp::now()).map_err(failed)
    }

    pub(super) fn look(&self, spec: &FlowSpec) -> Result<FlowOffsets, JobError> {
        self.ask(&spec.config.source, |source| look_at_offsets(spec, source, now_ms()))
    }
}

fn failed(message: String) -> JobError {
    JobError { message, next: None }
}
