//! Rates, from totals sampled over the last seconds.

use std::collections::VecDeque;
use std::time::Duration;

/// One sample of a flow's totals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateSample {
    /// Time since any fixed moment.
    pub at: Duration,
    /// Records moved so far.
    pub records: u64,
    /// Bytes moved so far.
    pub bytes: u64,
}

/// Remembers the samples of the last [`RateMeter::WINDOW`].
#[derive(Clone, Debug, Default)]
pub struct RateMeter {
    samples: VecDeque<RateSample>,
}

/// What the samples tell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rates {
    /// Records per second.
    pub records_per_second: f64,
    /// Bytes per second.
    pub bytes_per_second: f64,
}

impl RateMeter {
    /// Long enough to smooth batches, short enough to follow a change while one watches.
    pub const WINDOW: Duration = Duration::from_secs(10);

    /// Adds a sample. Totals that went back (a flow started again) begin a new window.
    pub fn add(&mut self, sample: RateSample) {
        if self.samples.back().is_some_and(|last| sample.records < last.records || sample.at < last.at) {
            self.samples.clear();
        }
        self.samples.push_back(sample);
        // Keeps one sample older than the window, so that the rate always spans at least the window once it is filled.
        while self.samples.len() > 2 && sample.at.saturating_sub(self.samples[1].at) >= Self::WINDOW {
            self.samples.pop_front();
        }
    }

    /// The rates over the window.
    pub fn rates(&self) -> Rates {
        let (Some(first), Some(last)) = (self.samples.front(), self.samples.back()) else { return Rates::default() };
        let seconds = last.at.saturating_sub(first.at).as_secs_f64();
        if seconds <= 0.0 {
            return Rates::default();
        }
        Rates {
            records_per_second: (last.records - first.records) as f64 / seconds,
            bytes_per_second: last.bytes.saturating_sub(first.bytes) as f64 / seconds,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(at: u64, records: u64) -> RateSample {
        RateSample { at: Duration::from_secs(at), records, bytes: records * 100 }
    }

    #[test]
    fn rates_are_those_of_the_last_seconds() {
        let mut meter = RateMeter::default();
        for second in 0..=60 {
            let records = if second <= 40 { second * 1_000 } else { 40_000 + (second - 40) * 10 };
            meter.add(sample(second, records));
        }
        let rates = meter.rates();
        assert_eq!(rates.records_per_second, 10.0);
        assert_eq!(rates.bytes_per_second, 1_000.0);
    }

    #[test]
    fn a_restart_begins_a_new_window() {
        let mut meter = RateMeter::default();
        meter.add(sample(0, 5_000));
        meter.add(sample(1, 10));
        meter.add(sample(2, 30));
        assert_eq!(meter.rates().records_per_second, 20.0);
    }
}
