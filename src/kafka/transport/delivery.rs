//! What comes back from the producer: acknowledgements, rejections, and lanes that may go on because nothing is in
//! flight.

use std::time::Duration;

use super::RecordTransport;
use super::lane::record_facts;
use crate::engine::Side;
use crate::engine::ports::{LaneId, StopCause, TransportEvent};
use crate::kafka::connection_problem;
use crate::kafka::ffi::records::{Delivery, PartitionKey};

impl RecordTransport {
    /// Collects delivery reports, waiting at most `wait` for the first.
    pub(super) fn collect(&mut self, wait: Duration, events: &mut Vec<TransportEvent>) {
        let mut returned = std::mem::take(&mut self.returned);
        self.writer.collect(wait, |delivery| returned.push(delivery));
        let mut current: Option<(PartitionKey, LaneId)> = None;
        for delivery in returned.drain(..) {
            let id = match current {
                Some((known, id)) if known == delivery.target => id,
                _ => {
                    if let Some((_, id)) = current.take() {
                        self.finish(id, events);
                    }
                    let Some(id) = self.by_target.get(&delivery.target).copied() else { continue };
                    current = Some((delivery.target, id));
                    id
                }
            };
            self.settle(id, delivery, events);
        }
        if let Some((_, id)) = current {
            self.finish(id, events);
        }
        self.returned = returned;
    }

    fn settle(&mut self, id: LaneId, delivery: Delivery, events: &mut Vec<TransportEvent>) {
        if let Some(abandoned) = self.abandoned.get_mut(&id) {
            abandoned.in_flight -= 1;
            return;
        }
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        lane.note_returned();
        if lane.is_broken {
            return;
        }
        let offset = delivery.record.offset();
        match delivery.result {
            Ok(target_offset) => lane.note_acked(offset, target_offset),
            Err((code, text)) => {
                let operation = format!("write to `{}`", lane.target);
                let fault = connection_problem::fault(code, &text, Side::Target, &operation);
                let headers = delivery.record.headers().unwrap_or_default();
                let bytes = delivery.record.body_bytes() + headers.bytes;
                let record = record_facts(&delivery.record, bytes, headers.count);
                // What is acknowledged before it counts; what is in flight behind it does not.
                events.extend(lane.take_acked());
                lane.break_off();
                events.push(TransportEvent::Stopped {
                    lane: id,
                    at: offset,
                    cause: StopCause::Rejected { fault, record },
                });
                self.stop_reading(id);
            }
        }
    }

    /// Reports what a run of deliveries brought to a lane.
    fn finish(&mut self, id: LaneId, events: &mut Vec<TransportEvent>) {
        if self.abandoned.get(&id).is_some_and(|lane| lane.in_flight == 0) {
            self.forget_abandoned(id);
            return;
        }
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        events.extend(lane.take_acked());
        if lane.in_flight == 0 && lane.seek_to.is_some() {
            self.start_reading(id);
        }
    }

    /// The last record of a lane that was given up came back: its target partition is free for the lane that waits for
    /// it.
    fn forget_abandoned(&mut self, id: LaneId) {
        let Some(gone) = self.abandoned.remove(&id) else { return };
        let key = gone.target_key();
        self.by_target.remove(&key);
        let successor = self.lanes.values().find(|lane| lane.target_key() == key).map(|lane| lane.id);
        if let Some(successor) = successor {
            self.by_target.insert(key, successor);
            self.start_reading(successor);
        }
    }

    /// Reports lanes that stop, now that nothing of them is in flight.
    pub(super) fn report_stops(&mut self, events: &mut Vec<TransportEvent>) {
        for lane in self.lanes.values_mut() {
            if lane.in_flight == 0
                && !lane.is_broken
                && let Some((at, cause)) = lane.stop.take()
            {
                // Until the engine says how to go on, the lane is as one that broke.
                lane.is_broken = true;
                events.push(TransportEvent::Stopped { lane: lane.id, at, cause });
            }
        }
    }
}
