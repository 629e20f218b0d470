//! The shard's place in the flow's group: joining, taking and giving up partitions, committing, leaving.

use std::collections::{BTreeSet, HashSet};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;

use super::lane::RecordLane;
use super::{METADATA_MAX, RecordTransport, SEEK_MAX, left};
use crate::engine::ports::{Attachment, Committed, LaneId, TransportEvent};
use crate::engine::{Fault, FaultKind, Side};
use crate::kafka::context::{GroupEvent, MirrorContext};
use crate::kafka::fault_map;
use crate::kafka::ffi::Refused;
use crate::kafka::ffi::assignment::{self, Begin};
use crate::kafka::ffi::records::TopicHandle;
use crate::model::{TopicName, TopicPartition};

/// The operation, as faults name it.
const COMMIT: &str = "commit progress";
/// Events served per pump. More wait for the next one: records come first.
const EVENTS_PER_PUMP: usize = 4;
/// How long records in flight may take to come back once they were given up.
const PURGE_MAX: Duration = Duration::from_secs(2);
/// How long to wait for a group event at a time, while nothing else is to be done.
const SLICE: Duration = Duration::from_millis(50);
/// How long a consumer that does not close in time is served in the background before it is left alone.
const ABANDON_AFTER: Duration = Duration::from_secs(60);

impl RecordTransport {
    /// Serves the consumer: group, commits, log lines, errors.
    pub(super) fn serve_group(&mut self, events: &mut Vec<TransportEvent>) {
        if self.consumer.is_none() {
            return;
        }
        self.poll_consumer();
        self.hear_group(events);
        for (positions, fault) in self.refused_commits.drain(..) {
            events.push(TransportEvent::Committed { positions, result: Err(fault) });
        }
        let Some(commits) = &self.commits else { return };
        while let Some(answer) = self.early_answers.pop_front().or_else(|| commits.poll(Duration::ZERO)) {
            for (positions, result) in answer.by_result() {
                let result = result.map_err(|refused| group_fault(COMMIT, refused));
                events.push(TransportEvent::Committed { positions, result });
            }
        }
    }

    fn poll_consumer(&mut self) {
        let Some(consumer) = &self.consumer else { return };
        for _ in 0..EVENTS_PER_PUMP {
            match consumer.poll(Duration::ZERO) {
                None => {}
                // Records come through the worker queue; one that comes here would be lost, so nothing may go on.
                Some(Ok(_)) => self.faults.push(Fault::new(
                    FaultKind::Invariant,
                    Side::Source,
                    "read records",
                    "a record came outside of its lane",
                )),
                // The context has all others already, with their words.
                Some(Err(KafkaError::MessageConsumptionFatal(code))) => self.faults.push(Fault::new(
                    FaultKind::ClientFatal,
                    Side::Source,
                    "read from the source",
                    fault_map::describe(code),
                )),
                Some(Err(_)) => {}
            }
        }
    }

    fn hear_group(&mut self, events: &mut Vec<TransportEvent>) {
        while let Some(event) = self.consumer.as_ref().and_then(|consumer| consumer.client().context().group().pop()) {
            match event {
                GroupEvent::Assign(partitions) => {
                    if partitions.is_empty()
                        && let Err(fault) = self.answer_nothing_assigned()
                    {
                        self.faults.push(fault);
                    }
                    events.push(TransportEvent::Assigned(partitions));
                }
                GroupEvent::Revoke { partitions, lost } => events.push(TransportEvent::Revoked { partitions, lost }),
                GroupEvent::Failed(fault) => self.faults.push(fault),
            }
        }
    }

    fn answer_nothing_assigned(&self) -> Result<(), Fault> {
        self.keep_positions()?;
        assignment::assign(self.consumer()?.client(), std::iter::empty())
            .map_err(|refused| group_fault("answer the assignment", refused))
    }

    /// Tells librdkafka where the lanes that stay go on; before every answer to a rebalance.
    ///
    /// librdkafka pauses all partitions when a rebalance begins and fetches them again when it is answered, from where
    /// it believes the application to be. A batch read counts the end of a partition as a record there
    /// (rdkafka_queue.c, `rd_kafka_q_serve_rkmessages`; single reads do not), so a lane that had read to its end would
    /// go on one offset too far: the next record would never be read, and no error would tell.
    fn keep_positions(&self) -> Result<(), Fault> {
        let reading: Vec<_> =
            self.lanes.values().filter(|lane| lane.is_reading).map(|lane| (&lane.source, lane.expected())).collect();
        if reading.is_empty() {
            return Ok(());
        }
        assignment::seek(self.consumer()?.client(), reading.into_iter(), SEEK_MAX).map_err(|refused| {
            // Positions are committed, so a new consumer begins at the right ones.
            Fault { kind: FaultKind::ClientFatal, ..group_fault("keep positions in a rebalance", refused) }
        })
    }

    pub(super) fn attach_lanes(&mut self, attachments: &[Attachment]) -> Result<(), Fault> {
        self.await_target_topics(attachments);
        let mut lanes = Vec::with_capacity(attachments.len());
        for attachment in attachments {
            let consumer = self.consumer()?.client();
            let source = TopicHandle::new(consumer, &attachment.source.topic);
            let target = TopicHandle::new(self.writer.client(), &attachment.target.topic);
            let (Ok(source), Ok(target)) = (source, target) else {
                let operation = format!("mirror `{}`", attachment.source);
                return Err(Fault::new(FaultKind::Invariant, Side::Target, operation, "librdkafka refuses the name"));
            };
            let mut lane = RecordLane::new(attachment, source, target);
            if self.by_target.contains_key(&lane.target_key()) {
                // Its predecessor has records under way to the same target partition: they come first.
                lane.is_reading = false;
                lane.seek_to = Some(attachment.position);
            }
            lanes.push((lane, attachment.leader_epoch));
        }
        self.keep_positions()?;
        let consumer = self.consumer()?.client();
        if let Some(queue) = &self.queue {
            for (lane, _) in &lanes {
                queue.adopt(consumer, &lane.source);
            }
        }
        // After the adoption, which makes sure that the client knows the partitions.
        assignment::forget_pauses(consumer, lanes.iter().map(|(lane, _)| &lane.source))
            .map_err(|refused| group_fault("take the assigned partitions", refused))?;
        let begins = lanes.iter().map(|(lane, epoch)| {
            // Lanes that do not read yet have an offset all the same: looking one up could overtake their first seek.
            (&lane.source, Begin { offset: lane.next, leader_epoch: *epoch })
        });
        assignment::assign(consumer, begins).map_err(|refused| group_fault("take the assigned partitions", refused))?;
        for (lane, _) in lanes.iter().filter(|(lane, _)| !lane.is_reading) {
            assignment::pause(consumer, &lane.source).map_err(|refused| group_fault("pause a partition", refused))?;
        }
        for (lane, _) in lanes {
            self.by_source.insert(lane.source_key(), lane.id);
            self.by_target.entry(lane.target_key()).or_insert(lane.id);
            self.lanes.insert(lane.id, lane);
        }
        Ok(())
    }

    /// Lets the producer learn the target topics' partitions, so that it does not refuse a new one as unknown. A target
    /// that does not answer is found out by the first record.
    fn await_target_topics(&self, attachments: &[Attachment]) {
        let deadline = Instant::now() + METADATA_MAX;
        let known: HashSet<&TopicName> = self.lanes.values().map(|lane| &lane.target.topic).collect();
        let wanted: BTreeSet<&TopicName> = attachments.iter().map(|lane| &lane.target.topic).collect();
        for topic in wanted.into_iter().filter(|topic| !known.contains(*topic)) {
            if self.writer.client().fetch_metadata(Some(topic.as_str()), left(deadline)).is_err() {
                return;
            }
        }
    }

    pub(super) fn release_lanes(&mut self, ids: &[LaneId]) -> Result<(), Fault> {
        let mut partitions = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(mut lane) = self.lanes.remove(id) else { continue };
            lane.drop_held();
            self.by_source.remove(&lane.source_key());
            partitions.push(lane.source.clone());
            if lane.in_flight > 0 {
                self.abandoned.insert(*id, lane);
            } else if self.by_target.get(&lane.target_key()) == Some(id) {
                self.by_target.remove(&lane.target_key());
            }
        }
        self.keep_positions()?;
        let consumer = self.consumer()?.client();
        assignment::unassign(consumer, partitions.iter())
            .map_err(|refused| group_fault("give up the revoked partitions", refused))
    }

    pub(super) fn commit_positions(&self, positions: &[(TopicPartition, Committed)]) -> Result<(), Fault> {
        let Some(commits) = &self.commits else { return Ok(()) };
        let list = positions.iter().map(|(partition, committed)| (partition, committed));
        commits.commit(self.consumer()?.client(), list).map_err(|refused| group_fault(COMMIT, refused))
    }

    /// Commits and waits for the answer, no longer than it may take: librdkafka's own waiting has no limit.
    pub(super) fn commit_within(
        &mut self,
        positions: &[(TopicPartition, Committed)],
        timeout: Duration,
    ) -> Result<(), Fault> {
        let deadline = Instant::now() + timeout;
        self.commit_positions(positions)?;
        while Instant::now() < deadline {
            let Some(commits) = &self.commits else { break };
            match commits.poll(SLICE.min(left(deadline))) {
                Some(answer) if is_answer(positions, &answer.positions) => {
                    return answer.result().map_err(|refused| group_fault(COMMIT, refused));
                }
                Some(other) => self.early_answers.push_back(other),
                None => {}
            }
        }
        Err(Fault::new(FaultKind::Unreachable, Side::Source, COMMIT, "the group did not answer in time"))
    }

    /// Leaves the group and closes both clients, giving up what is in flight.
    pub(super) fn close_within(&mut self, timeout: Duration) {
        let Some(consumer) = self.consumer.take() else { return };
        let deadline = Instant::now() + timeout;
        self.backlog.clear();
        for lane in self.lanes.values_mut().chain(self.abandoned.values_mut()) {
            lane.drop_held();
        }
        self.purge();
        // Everything that refers to the consumer goes before it.
        self.lanes.clear();
        self.abandoned.clear();
        self.queue = None;
        self.commits = None;
        close_consumer(consumer, deadline);
    }

    /// Takes back what is in flight: each record pins the consumer's memory, and the consumer waits for it.
    fn purge(&mut self) {
        let in_flight = |transport: &Self| {
            transport.lanes.values().chain(transport.abandoned.values()).any(|lane| lane.in_flight > 0)
        };
        if !in_flight(self) {
            return;
        }
        self.writer.purge();
        let deadline = Instant::now() + PURGE_MAX;
        let mut ignored = Vec::new();
        while in_flight(self) && Instant::now() < deadline {
            self.collect(SLICE, &mut ignored);
        }
    }
}

/// Whether a commit's answer is the one to these positions.
fn is_answer(positions: &[(TopicPartition, Committed)], answered: &[(TopicPartition, i64)]) -> bool {
    positions.len() == answered.len()
        && positions.iter().all(|(partition, committed)| {
            answered.iter().any(|(answer, offset)| answer == partition && *offset == committed.offset)
        })
}

/// Closes a consumer until `deadline`; one that takes longer is served in the background, for the group's sake.
fn close_consumer(consumer: BaseConsumer<MirrorContext>, deadline: Instant) {
    if consumer.close_queue().is_err() {
        return;
    }
    if serve_closing(&consumer, deadline) {
        return;
    }
    let background = std::thread::Builder::new().name("close-consumer".into());
    let spawned = background.spawn(move || {
        if !serve_closing(&consumer, Instant::now() + ABANDON_AFTER) {
            // Dropping it would wait without limit.
            std::mem::forget(consumer);
        }
    });
    if let Err(error) = spawned {
        tracing::warn!("close a consumer in the background: {error}");
    }
}

/// Answers what a closing consumer asks. Returns whether it closed in time.
fn serve_closing(consumer: &BaseConsumer<MirrorContext>, deadline: Instant) -> bool {
    while !consumer.closed() {
        if Instant::now() >= deadline {
            return false;
        }
        let _ = consumer.poll(SLICE);
        while let Some(event) = consumer.client().context().group().pop() {
            if let GroupEvent::Assign(partitions) | GroupEvent::Revoke { partitions, .. } = event
                && let Err(refused) = assignment::unassign(consumer.client(), partitions.iter())
            {
                tracing::debug!("give up partitions while closing: {}", refused.text);
            }
        }
    }
    true
}

fn group_fault(operation: &str, refused: Refused) -> Fault {
    fault_map::fault(refused.code, Side::Source, operation, refused.text)
}
