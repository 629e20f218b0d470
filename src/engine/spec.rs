//! A flow to be run: its name and its configuration.

use crate::config::FlowConfig;
use crate::model::FlowName;

/// A flow to be run.
#[derive(Clone, Debug)]
pub struct FlowSpec {
    /// Its name.
    pub name: FlowName,
    /// What it is to do.
    pub config: FlowConfig,
}
