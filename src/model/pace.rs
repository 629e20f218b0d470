//! How fast one lane moves and its lag shrinks, smoothed, in a few bytes: there may be hundreds of thousands of lanes.

use std::time::Duration;

/// Exponential averages over about [`Pace::MEMORY`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pace {
    last: Option<PaceSample>,
    /// Whether the averages rest on anything yet.
    is_known: bool,
    /// When something moved last.
    moved_at: Duration,
    records_per_second: f64,
    shrinking_per_second: f64,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaceSample {
    /// Time since any fixed moment.
    pub at: Duration,
    /// Records moved so far.
    pub records: u64,
    /// Records behind.
    pub lag_records: u64,
}

impl Pace {
    /// How far back the averages reach, about.
    pub const MEMORY: Duration = Duration::from_secs(6);

    /// Who has not moved for so long has stopped.
    const STILL: Duration = Duration::from_secs(3);

    /// Adds a sample. Totals that went back (a lane begun again) begin anew.
    pub fn add(&mut self, sample: PaceSample) {
        let Some(last) = self.last.replace(sample) else { return };
        let seconds = sample.at.saturating_sub(last.at).as_secs_f64();
        if sample.records < last.records {
            *self = Self { last: Some(sample), ..Self::default() };
            return;
        }
        if seconds <= 0.0 {
            self.last = Some(last);
            return;
        }
        let moved = (sample.records - last.records) as f64 / seconds;
        let shrunk = (last.lag_records as f64 - sample.lag_records as f64) / seconds;
        if sample.records > last.records || !self.is_known {
            self.moved_at = sample.at;
        }
        // A burst that is over is not shown as a rate for long; batches that come by the second are no bursts.
        let is_over = sample.at.saturating_sub(self.moved_at) > Self::STILL;
        let memory = if is_over { Self::MEMORY / 6 } else { Self::MEMORY };
        let weight = if self.is_known { 1.0 - (-seconds / memory.as_secs_f64()).exp() } else { 1.0 };
        self.is_known = true;
        self.records_per_second += weight * (moved - self.records_per_second);
        self.shrinking_per_second += weight * (shrunk - self.shrinking_per_second);
    }

    /// A lag of no more than is copied in this time is what is on its way, not behind: it need not shrink.
    const ON_ITS_WAY: Duration = Duration::from_secs(2);

    /// Records per second.
    pub fn records_per_second(&self) -> f64 {
        // An average never quite reaches nothing.
        if self.records_per_second < 0.05 { 0.0 } else { self.records_per_second }
    }

    /// Seconds until the lag is gone if it goes on shrinking as it does, so net of what arrives; 0 for a lag that is
    /// only what is on its way. `None` while it does not shrink.
    pub fn eta_seconds(&self) -> Option<u64> {
        match self.last?.lag_records {
            0 => Some(0),
            lag if lag as f64 <= self.records_per_second * Self::ON_ITS_WAY.as_secs_f64() => Some(0),
            lag if self.shrinking_per_second > 0.0 => Some((lag as f64 / self.shrinking_per_second).ceil() as u64),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(second: u64, records: u64, lag_records: u64) -> PaceSample {
        PaceSample { at: Duration::from_secs(second), records, lag_records }
    }

    #[test]
    fn follows_a_change_within_seconds() {
        let mut pace = Pace::default();
        assert_eq!(pace.eta_seconds(), None, "nothing is known yet");
        for second in 0..=20 {
            pace.add(sample(second, second * 1_000, 100_000 - second * 500));
        }
        assert!((pace.records_per_second() - 1_000.0).abs() < 1.0);
        assert_eq!(pace.eta_seconds(), Some(180), "1,000 copied, but only 500 nearer");
        for second in 21..=80 {
            pace.add(sample(second, 20_000, 90_000));
        }
        assert_eq!(pace.records_per_second(), 0.0);
    }

    #[test]
    fn a_burst_that_is_over_fades_soon_and_one_batch_a_second_does_not() {
        let at =
            |quarter: u64, records| PaceSample { at: Duration::from_millis(quarter * 250), records, lag_records: 0 };
        let mut pace = Pace::default();
        (0..=80).for_each(|quarter| pace.add(at(quarter, quarter / 4 * 1_000)));
        assert!((pace.records_per_second() - 1_000.0).abs() < 100.0, "{}", pace.records_per_second());
        (81..=120).for_each(|quarter| pace.add(at(quarter, 20_000)));
        assert!(pace.records_per_second() < 5.0, "10 s later: {}", pace.records_per_second());
    }

    #[test]
    fn a_lag_that_grows_has_no_end() {
        let mut pace = Pace::default();
        pace.add(sample(0, 0, 10));
        pace.add(sample(1, 5, 40));
        assert_eq!(pace.eta_seconds(), None);
        pace.add(sample(2, 45, 0));
        assert_eq!(pace.eta_seconds(), Some(0));
    }

    #[test]
    fn a_lag_of_a_second_or_two_is_on_its_way() {
        let mut pace = Pace::default();
        for second in 0..=20 {
            // What arrives is copied within a second: the lag stays, and nothing is ever caught up with.
            pace.add(sample(second, second * 1_000, 1_000 + second % 2));
            assert!(second == 0 || pace.eta_seconds() == Some(0));
        }
        pace.add(sample(21, 21_000, 5_000));
        assert_eq!(pace.eta_seconds(), None);
    }

    #[test]
    fn a_lane_begun_again_is_measured_anew() {
        let mut pace = Pace::default();
        pace.add(sample(0, 5_000, 0));
        pace.add(sample(1, 10, 0));
        pace.add(sample(2, 30, 0));
        assert_eq!(pace.records_per_second(), 20.0);
    }
}
