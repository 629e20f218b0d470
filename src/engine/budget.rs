//! How much a shard may take from the source: bytes in flight, and the flow's caps on its rate.

use std::time::Duration;

/// The share of a flow's limits that one shard has.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    in_flight_bytes_max: u64,
    records: Option<Bucket>,
    bytes: Option<Bucket>,
}

/// What may be taken now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grant {
    /// Records that may be taken.
    pub(super) records: u64,
    /// Bytes that may be taken.
    pub(super) bytes: u64,
    /// What allows no more than this, when it is not the client's own pace.
    pub(super) held_by: Option<Hold>,
}

/// What keeps a shard from taking more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// The target has yet to acknowledge what is in flight.
    InFlight,
    /// The flow's cap.
    Cap,
}

/// A token bucket: holds what accrues in [`Bucket::BURST`], so that a cap is smooth at that scale and exact beyond it.
#[derive(Clone, Debug)]
struct Bucket {
    per_second: u64,
    tokens: f64,
    filled_at: Duration,
}

/// Less room than this part of what may be in flight counts as none: each acknowledgement frees a little of it.
const NEARLY_FULL: u64 = 8;

impl Bucket {
    const BURST: Duration = Duration::from_millis(250);

    fn new(per_second: u64) -> Self {
        Self { per_second, tokens: 0.0, filled_at: Duration::ZERO }
    }

    /// Tokens at `now`. A negative balance is a debt: the last batch was larger than what was left.
    fn available(&mut self, now: Duration) -> u64 {
        let elapsed = now.saturating_sub(self.filled_at);
        self.filled_at = now;
        let burst = self.per_second as f64 * Self::BURST.as_secs_f64();
        self.tokens = (self.tokens + elapsed.as_secs_f64() * self.per_second as f64).min(burst.max(1.0));
        self.tokens.max(0.0) as u64
    }

    fn spend(&mut self, tokens: u64) {
        self.tokens -= tokens as f64;
    }
}

impl Budget {
    pub(super) fn new(
        in_flight_bytes_max: u64,
        records_per_second_max: Option<u64>,
        bytes_per_second_max: Option<u64>,
    ) -> Self {
        Self {
            in_flight_bytes_max,
            records: records_per_second_max.map(Bucket::new),
            bytes: bytes_per_second_max.map(Bucket::new),
        }
    }

    /// What may be taken at `now` (since any fixed moment), with so much in flight.
    pub(super) fn grant(&mut self, now: Duration, in_flight_bytes: u64) -> Grant {
        let room = self.in_flight_bytes_max.saturating_sub(in_flight_bytes);
        let records = self.records.as_mut().map_or(u64::MAX, |bucket| bucket.available(now));
        let bytes = self.bytes.as_mut().map_or(u64::MAX, |bucket| bucket.available(now)).min(room);
        let held_by = if room < self.in_flight_bytes_max / NEARLY_FULL {
            Some(Hold::InFlight)
        } else if records == 0 || bytes == 0 {
            Some(Hold::Cap)
        } else {
            None
        };
        if records == 0 || bytes == 0 {
            Grant { records: 0, bytes: 0, held_by }
        } else {
            Grant { records, bytes, held_by }
        }
    }

    /// Accounts for what was taken.
    pub(super) fn spend(&mut self, records: u64, bytes: u64) {
        if let Some(bucket) = &mut self.records {
            bucket.spend(records);
        }
        if let Some(bucket) = &mut self.bytes {
            bucket.spend(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_in_flight_bound_what_may_be_taken() {
        let mut budget = Budget::new(1_000, None, None);
        assert_eq!(budget.grant(Duration::ZERO, 400).bytes, 600);
        let full = Grant { records: 0, bytes: 0, held_by: Some(Hold::InFlight) };
        assert_eq!(budget.grant(Duration::ZERO, 1_200), full);
        assert_eq!(budget.grant(Duration::ZERO, 400).held_by, None);
    }

    #[test]
    fn a_cap_holds_over_time_whatever_the_size_of_the_batches() {
        let mut budget = Budget::new(u64::MAX, Some(1_000), None);
        let mut taken = 0;
        for millisecond in 0..10_000 {
            let grant = budget.grant(Duration::from_millis(millisecond), 0);
            if grant.records > 0 {
                // Batches overshoot the grant; the debt is paid by waiting.
                let batch = grant.records + 300;
                budget.spend(batch, 0);
                taken += batch;
            }
        }
        assert!((9_000..=10_600).contains(&taken), "{taken}");
    }
}
