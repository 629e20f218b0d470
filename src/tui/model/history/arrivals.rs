//! How fast records come into a flow's source topics: by how far the ends of their logs move on.

use std::collections::HashMap;
use std::time::Duration;

use crate::engine::FlowSnapshot;
use crate::model::{RateMeter, RateSample, TopicName};
use crate::tui::model::summary::{Ends, FlowSummary, TopicSummary};

/// Adds up how far the ends of the logs have moved.
#[derive(Clone, Debug, Default)]
pub(super) struct Arrivals {
    ends: HashMap<TopicName, Ends>,
    arrived: u64,
    since_ms: Option<i64>,
    meter: RateMeter,
}

/// Shorter than this tells too little.
const KNOWN_AFTER_MS: i64 = 2_000;

impl Arrivals {
    /// Takes a snapshot in. Records per second over the last seconds; `None` while too little is known.
    pub(super) fn record(&mut self, flow: &FlowSnapshot, summary: &FlowSummary, at_ms: i64) -> Option<f64> {
        for (topic, TopicSummary { ends, .. }) in flow.topics.iter().zip(&summary.topics) {
            match self.ends.get_mut(&topic.source) {
                // With other partitions than before, or a log that was cut, the difference would tell nothing.
                Some(before) => {
                    if before.partitions == ends.partitions {
                        self.arrived += u64::try_from(ends.sum - before.sum).unwrap_or(0);
                    }
                    *before = *ends;
                }
                None => drop(self.ends.insert(topic.source.clone(), *ends)),
            }
        }
        let since_ms = *self.since_ms.get_or_insert(at_ms);
        let at = Duration::from_millis(u64::try_from(at_ms).unwrap_or(0));
        self.meter.add(RateSample { at, records: self.arrived, bytes: 0 });
        (at_ms - since_ms >= KNOWN_AFTER_MS).then(|| self.meter.rates().records_per_second)
    }

    /// Begins anew: what came while nobody looked did not come at once.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::LaneState;
    use crate::report::fixture as mirror;

    fn record(arrivals: &mut Arrivals, flow: &FlowSnapshot, at_ms: i64) -> Option<f64> {
        arrivals.record(flow, &FlowSummary::new(flow), at_ms)
    }

    /// A flow with a lane for each of these ends.
    fn flow(ends: &[i64]) -> FlowSnapshot {
        let mut flow = mirror::running();
        flow.topics.truncate(1);
        flow.topics[0].lanes = (0..)
            .zip(ends)
            .map(|(partition, end)| {
                let mut lane = mirror::lane(partition, LaneState::Copying);
                lane.high_watermark = Some(*end);
                lane
            })
            .collect();
        flow
    }

    #[test]
    fn what_arrives_is_how_far_the_ends_move() {
        let mut arrivals = Arrivals::default();
        assert_eq!(record(&mut arrivals, &flow(&[100, 200]), 1_000), None, "nothing is known yet");
        assert_eq!(record(&mut arrivals, &flow(&[150, 250]), 2_000), None);
        assert_eq!(record(&mut arrivals, &flow(&[200, 300]), 3_000), Some(100.0));
        // A partition more is not a thousand records more, and a log that was cut gives none back.
        assert_eq!(record(&mut arrivals, &flow(&[250, 350, 1_000]), 4_000), Some(200.0 / 3.0));
        assert_eq!(record(&mut arrivals, &flow(&[0, 0, 0]), 5_000), Some(50.0));
        arrivals.forget();
        assert_eq!(record(&mut arrivals, &flow(&[9_000]), 60_000), None);
    }

    #[test]
    fn lanes_that_do_not_read_do_not_count() {
        let mut arrivals = Arrivals::default();
        let mut paused = flow(&[100, 200]);
        paused.topics[0].lanes[1].state = LaneState::Paused;
        for at_ms in [0, 1_000, 2_000] {
            record(&mut arrivals, &paused, at_ms);
        }
        assert_eq!(record(&mut arrivals, &flow(&[100, 9_000]), 3_000), Some(0.0), "it came while the lane was held");
    }
}
