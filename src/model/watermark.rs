//! The contiguous-acknowledged boundary of a lane: the only source of a flow's progress.
//!
//! ```text
//!            settled              in flight, oldest first
//!   ... ################ | [ span ] [ span ] [ span ]
//!                        ^                          ^
//!                 settled_to                     taken_to
//! ```
//!
//! Spans enter at `taken_to` in order and are acknowledged in order, because one partition is written through one
//! ordered connection. An acknowledgement that does not fit the oldest records in flight is refused: it would hide a
//! lost record.

use std::collections::VecDeque;

use thiserror::Error;

use super::Span;

/// What was taken from the source, what the target acknowledged, and the boundary between them.
#[derive(Clone, Debug)]
pub struct Watermark {
    settled_to: i64,
    taken_to: i64,
    in_flight: VecDeque<InFlight>,
    in_flight_records: u64,
    in_flight_bytes: u64,
}

#[derive(Clone, Debug)]
struct InFlight {
    span: Span,
    acked_records: u64,
    /// One past the last acknowledged offset; `span.first` while nothing is.
    acked_to: i64,
}

/// An acknowledgement or a span that cannot be true. It is a bug of ours or of a client, never an operating error.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WatermarkError {
    /// A span that does not begin where the last one ended.
    #[error("take offsets {first}..{next}: expected offset {expected}")]
    Gap {
        /// First offset of the refused span.
        first: i64,
        /// End of the refused span.
        next: i64,
        /// Where it had to begin.
        expected: i64,
    },
    /// An acknowledgement for other records than the oldest in flight.
    #[error(
        "settle {records} records up to offset {next}: not in flight (settled to {settled_to}, taken to {taken_to})"
    )]
    NotInFlight {
        /// Records acknowledged.
        records: u64,
        /// One past the last acknowledged offset.
        next: i64,
        /// The boundary at that time.
        settled_to: i64,
        /// The end of what was in flight.
        taken_to: i64,
    },
}

impl Watermark {
    /// A watermark at `position`, with nothing in flight.
    pub fn at(position: i64) -> Self {
        Self {
            settled_to: position,
            taken_to: position,
            in_flight: VecDeque::new(),
            in_flight_records: 0,
            in_flight_bytes: 0,
        }
    }

    /// The position that may be committed: everything before it is on the target.
    pub fn settled_to(&self) -> i64 {
        self.settled_to
    }

    /// The next offset to take from the source.
    pub fn taken_to(&self) -> i64 {
        self.taken_to
    }

    /// Records taken but not acknowledged.
    pub fn in_flight_records(&self) -> u64 {
        self.in_flight_records
    }

    /// Bytes of the spans that hold a record which is not acknowledged.
    pub fn in_flight_bytes(&self) -> u64 {
        self.in_flight_bytes
    }

    /// Whether everything taken is acknowledged.
    pub fn is_settled(&self) -> bool {
        self.in_flight.is_empty()
    }

    /// Puts `span` in flight.
    ///
    /// # Errors
    /// When the span does not begin exactly at [`taken_to`](Self::taken_to) or runs backwards.
    pub fn take(&mut self, span: Span) -> Result<(), WatermarkError> {
        if span.first != self.taken_to || span.next < span.first {
            return Err(WatermarkError::Gap { first: span.first, next: span.next, expected: self.taken_to });
        }
        self.taken_to = span.next;
        self.in_flight_records += span.records;
        self.in_flight_bytes += span.bytes;
        self.in_flight.push_back(InFlight { span, acked_records: 0, acked_to: span.first });
        self.advance();
        Ok(())
    }

    /// Acknowledges the oldest `records` records in flight, the last of them just before offset `next`.
    ///
    /// # Errors
    /// When the oldest records in flight do not end there. Nothing has changed then.
    pub fn settle(&mut self, records: u64, next: i64) -> Result<(), WatermarkError> {
        if !self.fits(records, next) {
            return Err(WatermarkError::NotInFlight {
                records,
                next,
                settled_to: self.settled_to,
                taken_to: self.taken_to,
            });
        }
        let mut left = records;
        for entry in &mut self.in_flight {
            let acked = left.min(entry.span.records - entry.acked_records);
            entry.acked_records += acked;
            left -= acked;
            if left == 0 {
                entry.acked_to = next;
                break;
            }
        }
        self.in_flight_records -= records;
        self.advance();
        Ok(())
    }

    /// Whether `next` lies in the span where the oldest `records` records in flight end, behind what is settled there.
    fn fits(&self, records: u64, next: i64) -> bool {
        let mut left = records;
        for entry in &self.in_flight {
            let open = entry.span.records - entry.acked_records;
            if left > 0 && left <= open {
                return next > entry.acked_to && next <= entry.span.next;
            }
            left -= open;
        }
        false
    }

    /// Moves the boundary over completed spans and into the acknowledged part of the first open one.
    fn advance(&mut self) {
        while let Some(front) = self.in_flight.front() {
            if front.acked_records < front.span.records {
                self.settled_to = front.acked_to;
                return;
            }
            self.in_flight_bytes -= front.span.bytes;
            self.settled_to = front.span.next;
            self.in_flight.pop_front();
        }
        debug_assert_eq!(self.settled_to, self.taken_to, "nothing in flight, so all is settled");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn span(first: i64, next: i64, records: u64) -> Span {
        Span { first, next, records, bytes: records * 10 }
    }

    #[test]
    fn moves_only_over_contiguous_acknowledgements() {
        let mut watermark = Watermark::at(100);
        watermark.take(span(100, 110, 10)).expect("first span");
        watermark.take(span(110, 120, 10)).expect("second span");
        assert!(watermark.settle(10, 120).is_err(), "the second span before the first");
        assert_eq!(watermark.settled_to(), 100);
        watermark.settle(4, 104).expect("part of the first");
        assert_eq!(watermark.settled_to(), 104);
        watermark.settle(6, 110).expect("the rest of it");
        assert_eq!(watermark.settled_to(), 110);
        watermark.settle(10, 120).expect("the second span");
        assert_eq!(watermark.settled_to(), 120);
        assert!(watermark.is_settled());
        assert_eq!(watermark.in_flight_bytes(), 0);
    }

    #[test]
    fn one_acknowledgement_may_complete_several_spans() {
        let mut watermark = Watermark::at(0);
        watermark.take(span(0, 5, 5)).expect("span");
        watermark.take(Span::empty(5, 7)).expect("hole");
        watermark.take(span(7, 10, 3)).expect("span");
        watermark.settle(7, 9).expect("the first span and two records of the last");
        assert_eq!(watermark.settled_to(), 9);
        watermark.settle(1, 10).expect("the last record");
        assert_eq!(watermark.settled_to(), 10);
    }

    #[test]
    fn holes_settle_with_the_span_that_steps_over_them() {
        let mut watermark = Watermark::at(0);
        // Compaction left offsets 3, 7 and 8 of 0..10.
        watermark.take(span(0, 10, 3)).expect("span");
        watermark.settle(1, 4).expect("offset 3");
        assert_eq!(watermark.settled_to(), 4);
        watermark.settle(2, 9).expect("offsets 7 and 8");
        assert_eq!(watermark.settled_to(), 10);
    }

    #[test]
    fn an_empty_span_waits_for_those_before_it() {
        let mut watermark = Watermark::at(0);
        watermark.take(span(0, 1, 1)).expect("span");
        watermark.take(Span::empty(1, 5)).expect("hole");
        assert_eq!(watermark.settled_to(), 0);
        watermark.settle(1, 1).expect("ack");
        assert_eq!(watermark.settled_to(), 5);
    }

    #[test]
    fn refuses_what_cannot_be_true() {
        let mut watermark = Watermark::at(10);
        assert!(watermark.take(span(11, 12, 1)).is_err(), "a gap");
        assert!(watermark.settle(1, 11).is_err(), "nothing is in flight");
        watermark.take(span(10, 12, 2)).expect("span");
        assert!(watermark.settle(3, 12).is_err(), "more than is in flight");
        assert!(watermark.settle(1, 13).is_err(), "beyond what is in flight");
        watermark.settle(1, 11).expect("ack");
        assert!(watermark.settle(1, 11).is_err(), "acknowledged twice");
        assert_eq!(watermark.settled_to(), 11);
    }

    proptest! {
        /// However the acknowledgements are cut, the boundary lies behind the last acknowledged record, or at the end
        /// of its span when that is complete.
        #[test]
        fn follows_the_acknowledged_prefix(
            sizes in prop::collection::vec(0u64..6, 1..12),
            cuts in prop::collection::vec(1u64..9, 60),
        ) {
            let mut watermark = Watermark::at(0);
            // Records lie on even offsets, so every span has holes.
            let mut records = Vec::new();
            let mut at = 0;
            for size in &sizes {
                let next = at + 2 * *size as i64 + 1;
                watermark.take(span(at, next, *size)).expect("in order");
                records.extend((0..*size as i64).map(|index| (at + 2 * index + 1, next, index + 1 == *size as i64)));
                at = next;
            }
            let mut acked = 0;
            for cut in cuts {
                let upto = (acked + cut as usize).min(records.len());
                if upto == acked { break; }
                let (last_next, span_next, completes) = records[upto - 1];
                watermark.settle((upto - acked) as u64, last_next).expect("in flight");
                acked = upto;
                let reached = if completes { span_next } else { last_next };
                prop_assert!(watermark.settled_to() >= reached);
                if let Some((_, following_next, _)) = records.get(acked) {
                    prop_assert!(watermark.settled_to() < *following_next);
                }
            }
            if acked == records.len() {
                prop_assert!(watermark.is_settled());
                prop_assert_eq!(watermark.settled_to(), at);
            }
        }
    }
}
