//! The record lane: records read, judged and written one by one by librdkafka, driven by the shard's thread alone.
//!
//! ```text
//!   partition queues --forwarded--> worker queue --read--> judge --send--> producer
//!                                                   |                        |
//!                                            held, stopped          delivery reports
//!                                                                            |
//!                          engine <-- Taken, Settled, Stopped --------------+
//! ```
//!
//! One thread reads, writes and collects, so nothing here is shared and nothing is locked.

mod delivery;
mod group;
mod lane;
mod number_hasher;
mod read;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};

use super::context::MirrorContext;
use super::fault_map;
use super::ffi::assignment::{CommitAnswer, CommitQueue};
use super::ffi::records::{Delivery, PartitionKey, Record, RecordQueue, Writer};
use super::settings::{BATCH_BYTES_MAX, ClusterSettings};
use crate::engine::ports::{Allowance, Attachment, Committed, LaneId, ShardSpec, Transport, TransportEvent};
use crate::engine::{Fault, FaultKind, Side};
use crate::model::{TargetLimits, TopicName, TopicPartition};
use lane::RecordLane;
use number_hasher::NumberMap;

/// How long librdkafka may take to say that it will read from another position.
const SEEK_MAX: Duration = Duration::from_secs(5);
/// How long to wait for a target topic's metadata before the first record is sent to it.
const METADATA_MAX: Duration = Duration::from_secs(5);

/// See the module.
pub(super) struct RecordTransport {
    spec: ShardSpec,
    lanes: NumberMap<LaneId, RecordLane>,
    by_source: NumberMap<PartitionKey, LaneId>,
    /// Lanes whose records may come back, given up ones included.
    by_target: NumberMap<PartitionKey, LaneId>,
    /// Given up with records in flight: their target partitions are not written again before those came back.
    abandoned: NumberMap<LaneId, RecordLane>,
    /// Read, but not sent yet.
    backlog: VecDeque<Record>,
    /// Came back from the producer; kept to be used again.
    returned: Vec<Delivery>,
    /// Commits that could not even be sent.
    refused_commits: Vec<(Vec<(TopicPartition, i64)>, Fault)>,
    /// Answers to commits that came while another one was waited for.
    early_answers: VecDeque<CommitAnswer>,
    /// Faults of ours, to be reported with the next pump.
    faults: Vec<Fault>,
    mean_record_bytes: u64,
    /// The most bytes the producer puts into one batch, uncompressed.
    batch_bytes_max: u64,
    /// Gone once closed: it must be destroyed before the consumer.
    queue: Option<RecordQueue>,
    /// Likewise.
    commits: Option<CommitQueue>,
    writer: Writer,
    /// Gone once closed.
    consumer: Option<BaseConsumer<MirrorContext>>,
}

/// Opens the clients of a shard. Connections are made in the background.
///
/// # Errors
/// When a cluster's properties cannot be used.
pub(super) fn open(
    source: &ClusterSettings,
    target: &ClusterSettings,
    spec: &ShardSpec,
) -> Result<Box<dyn Transport>, Fault> {
    let name = format!("{}-{}", spec.flow, spec.shard);
    let consumer: BaseConsumer<MirrorContext> = source
        .source_consumer(spec)?
        .create_with_context(MirrorContext::new(Side::Source, &name))
        .map_err(|error| fault_map::fault_of(&error, Side::Source, format!("open consumer `{name}`")))?;
    let producer = target.target_producer(spec)?;
    let batch_bytes_max = producer.get("batch.size").and_then(|size| size.parse().ok()).unwrap_or(BATCH_BYTES_MAX);
    let writer = Writer::open(&producer, MirrorContext::new(Side::Target, &name))
        .map_err(|error| fault_map::fault_of(&error, Side::Target, format!("open producer `{name}`")))?;
    Ok(Box::new(RecordTransport {
        spec: spec.clone(),
        lanes: NumberMap::default(),
        by_source: NumberMap::default(),
        by_target: NumberMap::default(),
        abandoned: NumberMap::default(),
        backlog: VecDeque::new(),
        returned: Vec::new(),
        refused_commits: Vec::new(),
        early_answers: VecDeque::new(),
        faults: Vec::new(),
        mean_record_bytes: 1024,
        batch_bytes_max,
        queue: Some(RecordQueue::new(consumer.client())),
        commits: Some(CommitQueue::new(consumer.client())),
        writer,
        consumer: Some(consumer),
    }))
}

impl Transport for RecordTransport {
    fn subscribe(&mut self, topics: &[TopicName]) -> Result<(), Fault> {
        let names: Vec<&str> = topics.iter().map(TopicName::as_str).collect();
        let consumer = self.consumer()?;
        let result = if names.is_empty() {
            consumer.unsubscribe();
            Ok(())
        } else {
            consumer.subscribe(&names)
        };
        result.map_err(|error| fault_map::fault_of(&error, Side::Source, "subscribe to the flow's topics"))
    }

    fn attach(&mut self, lanes: &[Attachment]) -> Result<(), Fault> {
        self.attach_lanes(lanes)
    }

    fn release(&mut self, lanes: &[LaneId]) -> Result<(), Fault> {
        self.release_lanes(lanes)
    }

    fn pause(&mut self, lane: LaneId) {
        if let Some(lane) = self.lanes.get_mut(&lane) {
            lane.is_wanted = false;
        }
        self.stop_reading(lane);
    }

    fn resume(&mut self, lane: LaneId) {
        if let Some(lane) = self.lanes.get_mut(&lane) {
            lane.is_wanted = true;
        }
        self.start_reading(lane);
    }

    fn seek(&mut self, id: LaneId, offset: i64, alone_before: i64) {
        self.stop_reading(id);
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        lane.is_wanted = true;
        lane.seek_to = Some(offset);
        lane.alone_before = alone_before;
        lane.stop = None;
        // What is in flight now does not count any more, whatever becomes of it.
        lane.is_broken = lane.in_flight > 0;
        lane.take_acked();
        lane.close_span();
        self.start_reading(id);
    }

    fn set_limits(&mut self, lane: LaneId, limits: &TargetLimits) {
        if let Some(lane) = self.lanes.get_mut(&lane) {
            lane.limits = limits.clone();
        }
    }

    fn commit(&mut self, positions: &[(TopicPartition, Committed)]) {
        if let Err(fault) = self.commit_positions(positions) {
            let positions = positions.iter().map(|(partition, at)| (partition.clone(), at.offset)).collect();
            self.refused_commits.push((positions, fault));
        }
    }

    fn commit_and_wait(&mut self, positions: &[(TopicPartition, Committed)], timeout: Duration) -> Result<(), Fault> {
        self.commit_within(positions, timeout)
    }

    fn pump(&mut self, allowance: Allowance, events: &mut Vec<TransportEvent>) {
        self.serve_group(events);
        self.move_records(allowance, events);
        self.report_stops(events);
        self.report_faults(events);
    }

    fn log_bounds(&self, lane: LaneId) -> Option<(i64, i64)> {
        let lane = self.lanes.get(&lane)?;
        let (low, high) = super::ffi::assignment::log_bounds(self.consumer.as_ref()?.client(), &lane.source)?;
        (high >= 0).then_some((low.max(0), high))
    }

    fn close(&mut self, timeout: Duration) {
        self.close_within(timeout);
    }
}

impl RecordTransport {
    fn consumer(&self) -> Result<&BaseConsumer<MirrorContext>, Fault> {
        self.consumer.as_ref().ok_or_else(|| {
            Fault::new(FaultKind::Invariant, Side::Source, "use the consumer", "the transport is closed")
        })
    }

    /// Faults of both clients that concern no single lane.
    fn report_faults(&mut self, events: &mut Vec<TransportEvent>) {
        if let Some((code, text)) = self.writer.fatal() {
            let operation = format!("write to the target ({code})");
            events.push(TransportEvent::Trouble(Fault::new(FaultKind::ClientFatal, Side::Target, operation, text)));
        }
        events.extend(self.faults.drain(..).map(TransportEvent::Trouble));
        let faults = self.consumer.iter().flat_map(|consumer| consumer.client().context().faults().drain());
        events.extend(faults.map(TransportEvent::Trouble));
        events.extend(self.writer.client().context().faults().drain().into_iter().map(TransportEvent::Trouble));
        let news = self.consumer.iter().flat_map(|consumer| consumer.client().context().broker_news());
        events.extend(news.chain(self.writer.client().context().broker_news()).map(TransportEvent::Broker));
    }
}

impl Drop for RecordTransport {
    fn drop(&mut self) {
        self.close_within(Duration::from_secs(1));
    }
}

/// The time left until `deadline`.
fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}
