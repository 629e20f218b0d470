//! Jobs about clusters: who they are, how far one gets towards them, their settings.

use std::path::Path;

use super::ConsoleServices;
use crate::config::{ClusterDraft, Config};
use crate::engine::Side;
use crate::engine::ports::{Cluster, ClusterFacts};
use crate::kafka::KafkaClusters;
use crate::model::{ClusterName, ReachResult, ReachStep};
use crate::tui::{ClusterLook, JobAnswer, JobError, JobResult, News, Saved};

impl ConsoleServices {
    /// Who a cluster is. One that does not answer is an answer, too.
    pub(super) fn look_at(&self, cluster: &ClusterName) -> JobResult {
        let answer = self.ask(cluster, |cluster: &dyn Cluster| cluster.facts());
        JobResult::Looked(answer.map(look).map_err(|error| error.message))
    }

    /// Takes every step towards a cluster. Ends early when nobody waits any more.
    pub(super) fn test(
        &self,
        cluster: &ClusterName,
        draft: Option<&ClusterDraft>,
        is_wanted: &dyn Fn() -> bool,
    ) -> JobAnswer {
        let tell = |step, result| {
            if is_wanted() {
                self.tell(News::Reached { cluster: cluster.clone(), step, result });
            }
        };
        let settings = match draft {
            Some(draft) => self.configuration.settings_of(draft).map_err(|problems| {
                let problems: Vec<String> =
                    problems.into_iter().map(|problem| format!("{}: {}", problem.key, problem.message)).collect();
                problems.join("; ")
            }),
            None => self.configuration.settings(cluster).ok_or_else(|| "it is not configured".to_owned()),
        };
        match settings {
            Ok(settings) => {
                KafkaClusters::examine(&settings, Side::Source, &mut |step, result| tell(step, result));
                Ok(JobResult::Tested)
            }
            Err(cause) => {
                let fix = "correct it, then test again".to_owned();
                tell(ReachStep::Lookup, ReachResult::Failed { cause, fix });
                ReachStep::ALL.into_iter().skip(1).for_each(|step| tell(step, ReachResult::NotTried));
                Ok(JobResult::Tested)
            }
        }
    }

    /// Checks and saves a cluster; the console and the engine's clients know it from then on.
    pub(super) fn save(&self, draft: &ClusterDraft, is_new: bool) -> JobAnswer {
        if self.is_read_only {
            let message =
                format!("save cluster {}: this console may only look: it was started with --read-only", draft.name);
            return Err(JobError { message, next: None });
        }
        let (saved, learnt) = self.configuration.save(draft, is_new)?;
        learnt.into_iter().for_each(|settings| self.kafka.learn(settings));
        if matches!(saved, Saved::Done { .. }) {
            self.tell(News::Inventory(self.configuration.inventory()));
        }
        Ok(JobResult::Saved(saved))
    }
}

/// Whether a file can be opened by a console.
pub(super) fn check_file(path: &Path) -> JobAnswer {
    match Config::load(path) {
        Ok(_) => Ok(JobResult::FileChecked),
        Err(error) => Err(JobError { message: format!("use {error}"), next: None }),
    }
}

fn look(facts: ClusterFacts) -> ClusterLook {
    ClusterLook {
        version: facts.version.map(|version| version.to_string()),
        finding: facts.finding.map(|finding| finding.to_string()),
        brokers: facts.brokers.into_iter().map(|broker| (broker.id, broker.address)).collect(),
        cluster_id: facts.cluster_id,
    }
}

#[cfg(test)]
mod tests;
