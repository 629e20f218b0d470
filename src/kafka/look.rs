//! What is known of a cluster's brokers: found out once, for all clients of the cluster.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::api_table::Capabilities;
use super::probe::probe;
use super::settings::ClusterSettings;
use crate::engine::{Fault, Side, VersionFinding};
use crate::model::VersionRange;

/// A cluster as it was configured, and as it was found to be.
#[derive(Debug)]
pub(super) struct Look {
    configured: ClusterSettings,
    /// Locked while asking, so that those who want to know ask once.
    known: Mutex<Option<Known>>,
}

#[derive(Debug)]
struct Known {
    found: Capabilities,
    /// Somebody else may have come back since.
    is_doubtful: bool,
}

impl Look {
    pub(super) fn new(configured: ClusterSettings) -> Self {
        Self { configured, known: Mutex::default() }
    }

    /// What the brokers can do. Asks them, if that was not done or has become doubtful.
    ///
    /// # Errors
    /// When no broker answers.
    pub(super) fn capabilities(&self, side: Side) -> Result<Capabilities, Fault> {
        let mut known = self.known();
        match &*known {
            Some(Known { found, is_doubtful: false }) => Ok(found.clone()),
            _ => self.ask(&mut known, side),
        }
    }

    /// What clients are to be configured with: not by what was told, but by what was found. Asks only the first time.
    ///
    /// # Errors
    /// When it was not asked before, and no broker answers.
    pub(super) fn settings(&self, side: Side) -> Result<ClusterSettings, Fault> {
        let mut known = self.known();
        let found = match &*known {
            Some(known) => known.found.version.clone(),
            None => self.ask(&mut known, side)?.version,
        };
        Ok(self.configured.as_version(Some(found.lowest().clone())))
    }

    /// What an operator should know of brokers that are `found`.
    pub(super) fn finding(&self, found: &VersionRange) -> Option<VersionFinding> {
        VersionFinding::of(&self.configured.name, self.configured.version.as_ref(), found)
    }

    /// Has the brokers asked again the next time: whoever comes back may be another version.
    pub(super) fn doubt(&self) {
        if let Some(known) = &mut *self.known() {
            known.is_doubtful = true;
        }
    }

    fn ask(&self, known: &mut Option<Known>, side: Side) -> Result<Capabilities, Fault> {
        let found = probe(&self.configured, side)?;
        *known = Some(Known { found: found.clone(), is_doubtful: false });
        Ok(found)
    }

    fn known(&self) -> MutexGuard<'_, Option<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
