//! Trouble in the demo.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::demo::{DemoClusters, DemoError, DemoFault};
use crate::engine::Side;
use crate::tui::{Disturbance, JobAnswer, JobError, JobResult};

/// What a slow link adds to every answer: enough to be seen, and no time-out.
const SLOW_RTT: Duration = Duration::from_millis(400);

/// The demo's clusters, and what was done to them.
pub(in crate::run) struct Demo {
    clusters: Mutex<(DemoClusters, Disturbance)>,
}

impl Demo {
    /// Clusters that nothing was done to.
    pub(in crate::run) fn new(clusters: DemoClusters) -> Arc<Self> {
        Arc::new(Self { clusters: Mutex::new((clusters, Disturbance::default())) })
    }

    /// Makes so of the clusters what is different now.
    pub(super) fn disturb(&self, wanted: Disturbance) -> JobAnswer {
        let mut guard = self.clusters.lock().unwrap_or_else(PoisonError::into_inner);
        let (clusters, now) = &mut *guard;
        let injected = inject(clusters, *now, wanted);
        injected.map_err(|error| JobError { message: error.to_string(), next: None })?;
        *now = wanted;
        let words = wanted.words();
        let words = if words.is_empty() { "everything is back to normal".to_owned() } else { words.join(", ") };
        tracing::info!("made in the demo: {words}");
        Ok(JobResult::Disturbed)
    }
}

fn inject(clusters: &DemoClusters, now: Disturbance, wanted: Disturbance) -> Result<(), DemoError> {
    let broker = |is_down| if is_down { DemoFault::BrokerDown } else { DemoFault::BrokerUp };
    let link = |is_slow| if is_slow { DemoFault::SlowLink { rtt: SLOW_RTT } } else { DemoFault::FastLink };
    let changes = [
        (Side::Source, now.source_broker_is_down != wanted.source_broker_is_down, broker(wanted.source_broker_is_down)),
        (Side::Target, now.target_broker_is_down != wanted.target_broker_is_down, broker(wanted.target_broker_is_down)),
        (Side::Source, now.source_is_slow != wanted.source_is_slow, link(wanted.source_is_slow)),
        (Side::Target, now.target_is_slow != wanted.target_is_slow, link(wanted.target_is_slow)),
    ];
    changes.into_iter().filter(|(_, is_new, _)| *is_new).try_for_each(|(side, _, fault)| clusters.inject(fault, side))
}
