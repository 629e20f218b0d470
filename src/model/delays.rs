//! How old records are when they arrive on the target, as a distribution that forgets.

/// Counts of delays by their magnitude: 4 buckets for each doubling, from 1 ms to some years.
#[derive(Clone, Debug, PartialEq)]
pub struct Delays {
    counts: Vec<f64>,
    total: f64,
}

const PER_DOUBLING: f64 = 4.0;
const BUCKETS: usize = 160;

impl Default for Delays {
    fn default() -> Self {
        Self { counts: vec![0.0; BUCKETS], total: 0.0 }
    }
}

impl Delays {
    /// Counts `records` that were `delay_ms` old.
    pub fn observe(&mut self, delay_ms: u64, records: u64) {
        let bucket = ((delay_ms.max(1) as f64).log2() * PER_DOUBLING) as usize;
        self.counts[bucket.min(BUCKETS - 1)] += records as f64;
        self.total += records as f64;
    }

    /// Adds what another has counted.
    pub fn merge(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.total += other.total;
    }

    /// Keeps only this share, 0 to 1, of what was counted: what comes next weighs more.
    pub fn fade(&mut self, share: f64) {
        for count in &mut self.counts {
            *count *= share;
        }
        self.total *= share;
        // Long after the last record nothing is left that would be worth a number.
        if self.total < 0.01 {
            *self = Self::default();
        }
    }

    /// The delay that the share `quantile`, 0 to 1, of the records did not exceed, in ms, within a fifth of its value;
    /// `None` without records.
    pub fn quantile(&self, quantile: f64) -> Option<u64> {
        if self.total <= 0.0 {
            return None;
        }
        let wanted = self.total * quantile;
        let mut seen = 0.0;
        let bucket = self.counts.iter().position(|count| {
            seen += count;
            *count > 0.0 && seen >= wanted - 1e-9
        });
        // The middle of the bucket.
        let bucket = bucket.or_else(|| self.counts.iter().rposition(|count| *count > 0.0))?;
        Some(((bucket as f64 + 0.5) / PER_DOUBLING).exp2().round() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_records() {
        let mut delays = Delays::default();
        assert_eq!(delays.quantile(0.5), None);
        delays.observe(100, 98);
        delays.observe(60_000, 2);
        let near = |value: Option<u64>, wanted: f64| value.is_some_and(|ms| (ms as f64 / wanted - 1.0).abs() < 0.2);
        assert!(near(delays.quantile(0.5), 100.0), "{:?}", delays.quantile(0.5));
        assert!(near(delays.quantile(0.99), 60_000.0), "{:?}", delays.quantile(0.99));
    }

    #[test]
    fn what_is_old_fades() {
        let mut delays = Delays::default();
        delays.observe(3_600_000, 1_000);
        (0..100).for_each(|_| delays.fade(0.9));
        let mut now = Delays::default();
        now.observe(0, 50);
        now.observe(u64::MAX, 0);
        delays.merge(&now);
        assert_eq!(delays.quantile(0.99), Some(1));
        (0..200).for_each(|_| delays.fade(0.9));
        assert_eq!(delays.quantile(0.99), None);
    }
}
