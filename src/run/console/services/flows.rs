//! Flows that are edited: what they would do, and the change itself.

use super::ConsoleServices;
use crate::tui::{FlowAnswer, FlowJob, JobError};

impl ConsoleServices {
    /// Answers a question about flows, or makes a change to one.
    pub(super) fn flow(&self, job: &FlowJob) -> Result<FlowAnswer, JobError> {
        match job {
            FlowJob::Read { flow } => self.configuration.flow_draft(flow).map(FlowAnswer::Draft),
            // These follow with the evaluation.
            FlowJob::Facts { .. }
            | FlowJob::Measure { .. }
            | FlowJob::Evaluate { .. }
            | FlowJob::Review { .. }
            | FlowJob::ReviewDelete { .. }
            | FlowJob::Save { .. }
            | FlowJob::Delete { .. }
            | FlowJob::Propose { .. } => {
                Err(JobError { message: format!("{}: this console cannot yet", job.describe()), next: None })
            }
        }
    }
}
