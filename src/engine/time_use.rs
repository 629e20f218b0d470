//! What a flow's shards spend their time with, and so what limits its rate.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::budget::Hold;

/// Shares of the shards' time, each 0 to 1, over the last seconds. What is left of 1 is idle: nothing to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TimeUse {
    /// Records moved, and nothing was waited for.
    pub moving: f64,
    /// As much as may be is in flight: waiting for the target's acknowledgements.
    pub target: f64,
    /// Held back by the flow's own cap.
    pub cap: f64,
    /// There is more on the source, but nothing came: waiting for its brokers.
    pub source: f64,
}

/// What limits a flow's rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bottleneck {
    /// The source's brokers do not send faster.
    SourceReads,
    /// The target's brokers do not acknowledge faster.
    TargetAcknowledgements,
    /// The cap in the flow's limits.
    Cap,
    /// This process: a shard's thread has no time to spare.
    Shard,
}

impl TimeUse {
    /// What limits the rate; `None` when there is no more to do.
    pub fn bottleneck(&self) -> Option<Bottleneck> {
        let busy = [
            (self.target, Bottleneck::TargetAcknowledgements),
            (self.cap, Bottleneck::Cap),
            (self.source, Bottleneck::SourceReads),
            (self.moving, Bottleneck::Shard),
        ];
        if busy.iter().map(|(share, _)| share).sum::<f64>() < 0.5 {
            return None;
        }
        busy.into_iter().max_by(|(one, _), (other, _)| one.total_cmp(other)).map(|(_, what)| what)
    }
}

/// Adds up a shard's time between two samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Stopwatch {
    since: Option<Duration>,
    moving: Duration,
    target: Duration,
    cap: Duration,
    waiting: Duration,
}

impl Stopwatch {
    /// A round of work ends at `now`, a time since any fixed moment: was it held, and did it take any record?
    pub(super) fn note(&mut self, now: Duration, held_by: Option<Hold>, has_taken: bool) {
        let Some(since) = self.since.replace(now) else { return };
        let spent = now.saturating_sub(since);
        match held_by {
            Some(Hold::InFlight) => self.target += spent,
            Some(Hold::Cap) => self.cap += spent,
            None if has_taken => self.moving += spent,
            None => self.waiting += spent,
        }
    }

    /// What was added up, and begins anew. Waiting counts for the source when there `is_more` to read.
    pub(super) fn take(&mut self, is_more: bool) -> TimeUse {
        let Self { since, moving, target, cap, waiting } = std::mem::take(self);
        self.since = since;
        let total = (moving + target + cap + waiting).as_secs_f64();
        if total <= 0.0 {
            return TimeUse::default();
        }
        let share = |spent: Duration| spent.as_secs_f64() / total;
        let source = if is_more { share(waiting) } else { 0.0 };
        TimeUse { moving: share(moving), target: share(target), cap: share(cap), source }
    }
}

impl TimeUse {
    /// Moves this average towards `latest` by `weight`, 0 to 1.
    pub(super) fn blend(&mut self, latest: Self, weight: f64) {
        let blend = |one: &mut f64, other: f64| *one += weight * (other - *one);
        blend(&mut self.moving, latest.moving);
        blend(&mut self.target, latest.target);
        blend(&mut self.cap, latest.cap);
        blend(&mut self.source, latest.source);
    }

    /// The mean over several shards.
    pub(super) fn mean(all: impl Iterator<Item = Self>) -> Self {
        let mut mean = Self::default();
        for (index, one) in all.enumerate() {
            mean.blend(one, 1.0 / (index as f64 + 1.0));
        }
        mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_share_is_the_bottleneck() {
        let mut watch = Stopwatch::default();
        let mut now = Duration::ZERO;
        watch.note(now, None, false);
        for (millis, held_by, has_taken) in
            [(100, None, true), (700, Some(Hold::InFlight), true), (100, Some(Hold::Cap), false), (100, None, false)]
        {
            now += Duration::from_millis(millis);
            watch.note(now, held_by, has_taken);
        }
        let use_ = watch.take(true);
        assert_eq!(use_, TimeUse { moving: 0.1, target: 0.7, cap: 0.1, source: 0.1 });
        assert_eq!(use_.bottleneck(), Some(Bottleneck::TargetAcknowledgements));
        assert_eq!(watch.take(true), TimeUse::default(), "it began anew");
    }

    #[test]
    fn nothing_limits_a_flow_that_has_nothing_to_do() {
        let mut watch = Stopwatch::default();
        watch.note(Duration::ZERO, None, false);
        watch.note(Duration::from_secs(1), None, false);
        assert_eq!(watch.take(false).bottleneck(), None);
    }

    #[test]
    fn shards_count_alike() {
        let one = TimeUse { moving: 1.0, ..TimeUse::default() };
        let mean = TimeUse::mean([one, TimeUse::default(), TimeUse::default(), one].into_iter());
        assert_eq!(mean.moving, 0.5);
    }
}
