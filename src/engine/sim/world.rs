//! The scheduler: instances, clusters, and what happens to them next.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::cluster::{Shared, lock};
use super::group::OtherGroup;
use super::instance::{Instance, spec};
use super::kafka::Kafka;
use super::log::Record;
use super::random::Random;
use super::transport::is_dead;
use crate::engine::flow::FlowInput;
use crate::engine::job::Decision;
use crate::engine::ports::{Committed, LaneId};
use crate::engine::progress::ProgressNote;
use crate::engine::reason::BlockedReason;
use crate::engine::spec::FlowSpec;
use crate::engine::state::LaneState;
use crate::model::{TopicName, TopicPartition};

/// Steps a healed world may take until it is at rest: some minutes of its own time.
const REST_STEPS_MAX: usize = 30_000;

pub(super) struct World {
    pub(super) kafka: Shared,
    pub(super) random: Random,
    pub(super) spec: FlowSpec,
    pub(super) instances: Vec<Instance>,
    pub(super) trace: Option<Vec<String>>,
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let kafka = Arc::new(Mutex::new(Kafka::new(seed.wrapping_add(1 << 40))));
        Self { kafka, random: Random::new(seed), spec: spec(), instances: Vec::new(), trace: None }
    }

    pub(super) fn note(&mut self, text: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(text());
        }
    }

    /// What the instances have said.
    pub(super) fn note_events(&mut self) {
        for (index, instance) in self.instances.iter_mut().enumerate() {
            let events = std::mem::take(&mut instance.events);
            if let Some(trace) = &mut self.trace {
                trace.extend(events.iter().map(|event| format!("{index}: {event:?}")));
            }
        }
    }

    pub(super) fn create_source(&mut self, name: &str, partitions: i32) {
        let name = TopicName::from(name);
        let mut kafka = lock(&self.kafka);
        kafka.source.create(&name, partitions);
        let id = kafka.source.id(&name).unwrap_or(0);
        for partition in 0..partitions {
            let partition = TopicPartition::new(name.clone(), partition);
            let account = kafka.ledger.account(&partition);
            account.replace_source(id);
        }
    }

    pub(super) fn grow_source(&mut self, name: &str, partitions: i32) {
        let mut kafka = lock(&self.kafka);
        let id = kafka.source.id(&name.into()).unwrap_or(0);
        let Some(topic) = kafka.source.topics.get_mut(name) else { return };
        let before = topic.partitions.len() as i32;
        topic.partitions.resize(partitions.max(before) as usize, super::log::Log::default());
        for partition in before..partitions {
            kafka.ledger.account(&TopicPartition::new(name, partition)).source_id = id;
        }
    }

    pub(super) fn delete_source(&mut self, name: &str) {
        let mut kafka = lock(&self.kafka);
        kafka.source.topics.remove(name);
        kafka.ledger.partitions.retain(|partition, _| partition.topic.as_str() != name);
        kafka.group.committed.retain(|partition, _| partition.topic.as_str() != name);
    }

    pub(super) fn delete_target(&mut self, name: &str) {
        let mut kafka = lock(&self.kafka);
        if kafka.target.topics.remove(name).is_none() {
            return;
        }
        let kafka = &mut *kafka;
        let is_told = |(of, committed): (&TopicPartition, &Committed)| {
            of.topic.as_str() == name && !ProgressNote::parse(&committed.metadata).is_without_target
        };
        let was_written = kafka.group.committed.iter().any(is_told);
        for (_, account) in kafka.ledger.partitions.iter_mut().filter(|(of, _)| of.topic.as_str() == name) {
            if was_written { account.lose_target() } else { account.lose_unwritten_target() }
        }
    }

    /// What an operator does about target topics that were not made by the flow, or that it cannot tell from such.
    pub(super) fn grow_blocked_targets(&mut self) {
        let mut kafka = lock(&self.kafka);
        for instance in &self.instances {
            for (topic, _) in instance.view().blocked_topics() {
                let wanted = kafka.source.topics.get(&topic.source).map_or(0, |topic| topic.partitions.len());
                if let Some(found) = kafka.target.topics.get_mut(&topic.target).filter(|t| t.partitions.len() < wanted)
                {
                    found.partitions.resize(wanted, super::log::Log::default());
                }
            }
        }
    }

    pub(super) fn write(&mut self, partition: &TopicPartition, record: Record, holes: i64) -> i64 {
        let mut kafka = lock(&self.kafka);
        let Some(log) = kafka.source.log_mut(partition) else { return 0 };
        let offset = log.append(record, holes);
        kafka.ledger.account(partition).write(offset);
        offset
    }

    pub(super) fn write_many(&mut self, topic: &str, partition: i32, count: usize) {
        for _ in 0..count {
            self.write(&TopicPartition::new(topic, partition), Record::PLAIN, 0);
        }
    }

    /// Starts an instance. Returns its place.
    pub(super) fn start(&mut self) -> usize {
        self.start_with(Vec::new())
    }

    pub(super) fn start_with(&mut self, decisions: Vec<Decision>) -> usize {
        self.instances.push(Instance::start(&self.kafka, &self.spec, decisions));
        self.instances.len() - 1
    }

    /// Adds an instance whose flow is not started. Returns its place.
    pub(super) fn idle(&mut self) -> usize {
        self.instances.push(Instance::idle(&self.kafka, &self.spec, Vec::new()));
        self.instances.len() - 1
    }

    /// The flow gets another name: its group becomes that of another flow, `kmirror.old`, and it has no progress.
    pub(super) fn rename_flow(&mut self) {
        let mut kafka = lock(&self.kafka);
        let left = std::mem::take(&mut kafka.group);
        let other = OtherGroup { committed: left.committed, members: Vec::new() };
        kafka.others.insert("kmirror.old".into(), other);
    }

    /// The operator lets every lane that is blocked go on somewhere.
    /// The rules of the flow from now on; of those that run, once they are told so.
    pub(super) fn include(&mut self, include: &[&str]) {
        let include: Vec<String> = include.iter().map(ToString::to_string).collect();
        self.spec.config.selection = crate::model::Selection::new(&include, &[]).expect("valid patterns");
    }

    /// Tells every instance what the flow is now.
    pub(super) fn configure(&mut self, may_restart: bool) {
        let config = Box::new(self.spec.config.clone());
        for instance in &mut self.instances {
            instance.tell(FlowInput::Configure { config: config.clone(), may_restart });
        }
    }

    pub(super) fn allow_jumps(&mut self) {
        for account in lock(&self.kafka).ledger.partitions.values_mut() {
            account.may_jump = true;
        }
    }

    /// One step of everything, in a fixed order: for scenarios and for the way to rest.
    pub(super) fn step_all(&mut self) -> Result<(), String> {
        self.pass(Duration::from_millis(20));
        for index in 0..self.instances.len() {
            self.instances[index].tick();
            let shards: Vec<u32> = self.instances[index].shards.keys().copied().collect();
            for shard in shards {
                self.instances[index].step_shard(shard, usize::MAX);
                self.instances[index].deliver();
            }
            self.instances[index].step_job();
        }
        self.land_all();
        self.expel_dead();
        if self.trace.is_some() {
            self.note_events();
        }
        self.check()
    }

    pub(super) fn pass(&mut self, time: Duration) {
        lock(&self.kafka).now += time;
    }

    /// Lands the next record of every lane.
    pub(super) fn land_all(&mut self) {
        let mut kafka = lock(&self.kafka);
        for (writer, lane) in lanes(&kafka) {
            for _ in 0..3 {
                kafka.land(writer, lane);
            }
        }
        kafka.land_zombie();
    }

    /// Lands some records of some lane.
    pub(super) fn land_some(&mut self) {
        let mut kafka = lock(&self.kafka);
        let lanes = lanes(&kafka);
        let count = 1 + self.random.below(5);
        if let Some((writer, lane)) = self.random.pick(&lanes) {
            for _ in 0..count {
                kafka.land(*writer, *lane);
            }
        }
        if self.random.chance(30) {
            kafka.land_zombie();
        }
    }

    /// The group notices members whose process is gone.
    pub(super) fn expel_dead(&mut self) {
        let mut kafka = lock(&self.kafka);
        let dead: Vec<u32> = kafka.group.members.keys().copied().filter(|member| is_dead(&kafka, *member)).collect();
        for member in dead {
            kafka.group.leave(member);
        }
    }

    /// Every invariant that can be looked at from outside; the others report by themselves.
    pub(super) fn check(&self) -> Result<(), String> {
        let kafka = lock(&self.kafka);
        match kafka.violations.first() {
            Some(violation) => Err(violation.clone()),
            None => Ok(()),
        }
    }

    /// Steps until `is_so`, or fails.
    pub(super) fn run_until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) -> Result<(), String> {
        for _ in 0..REST_STEPS_MAX {
            self.step_all()?;
            if is_so(self) {
                return Ok(());
            }
        }
        Err(format!("liveness: {what}: {}", self.describe()))
    }

    pub(super) fn run_for(&mut self, steps: usize) -> Result<(), String> {
        (0..steps).try_for_each(|_| self.step_all())
    }

    /// Runs until all there is has been mirrored and committed.
    pub(super) fn rest(&mut self) -> Result<(), String> {
        self.run_until("at rest", Self::is_at_rest)?;
        lock(&self.kafka).ledger.check_nothing_is_lost()
    }

    pub(super) fn is_at_rest(&self) -> bool {
        let kafka = lock(&self.kafka);
        let partitions = kafka.source.partitions();
        let ends: Vec<Option<i64>> = partitions.iter().map(|p| kafka.source.log(p).map(|log| log.end)).collect();
        let is_quiet = kafka.zombies.is_empty();
        drop(kafka);
        if !is_quiet {
            return false;
        }
        let snapshots: Vec<_> = self.instances.iter().map(Instance::snapshot).collect();
        let lane_of = |wanted: &TopicPartition| {
            snapshots
                .iter()
                .flat_map(|flow| &flow.topics)
                .filter(|topic| topic.source == wanted.topic)
                .flat_map(|topic| &topic.lanes)
                .find(|lane| lane.partition == wanted.partition && lane.state == LaneState::CaughtUp)
        };
        partitions.iter().zip(ends).all(|(partition, end)| {
            lane_of(partition).is_some_and(|lane| Some(lane.position) == end && lane.committed == end)
        })
    }

    /// The reason the lane of a partition is blocked for, wherever it is.
    pub(super) fn blocked(&self, topic: &str, partition: i32) -> Option<BlockedReason> {
        self.instances.iter().find_map(|instance| {
            let snapshot = instance.snapshot();
            let found = snapshot
                .blocked_lanes()
                .find(|(of, lane, _)| of.source.as_str() == topic && lane.partition == partition);
            found.map(|(_, _, why)| why.clone())
        })
    }

    pub(super) fn landed(&self, topic: &str, partition: i32) -> usize {
        lock(&self.kafka).ledger.account(&TopicPartition::new(topic, partition)).landed.len()
    }

    pub(super) fn duplicates(&self) -> u64 {
        lock(&self.kafka).ledger.partitions.values().map(|account| account.duplicates).sum()
    }

    pub(super) fn committed(&self, topic: &str, partition: i32) -> Option<i64> {
        lock(&self.kafka).group.committed.get(&TopicPartition::new(topic, partition)).map(|committed| committed.offset)
    }

    pub(super) fn describe(&self) -> String {
        let of_lane = |lane: &crate::engine::state::LaneSnapshot| {
            format!(
                "{} {:?} at {} (committed {:?}) of {:?}",
                lane.partition, lane.state, lane.position, lane.committed, lane.high_watermark
            )
        };
        let mut text = String::new();
        for instance in &self.instances {
            let flow = instance.snapshot();
            text += &format!("\n  flow {:?}, job {:?}", flow.state, instance.job);
            for topic in &flow.topics {
                text += &format!(
                    "\n    {} {:?} {:?}",
                    topic.source,
                    topic.state,
                    topic.lanes.iter().map(of_lane).collect::<Vec<_>>()
                );
            }
        }
        let kafka = lock(&self.kafka);
        format!("{text}\n  members {:?}\n  zombies {}", kafka.group.members, kafka.zombies.len())
    }
}

fn lanes(kafka: &Kafka) -> Vec<(u32, LaneId)> {
    kafka.writers.iter().flat_map(|(id, writer)| writer.lanes.keys().map(|lane| (*id, *lane))).collect()
}
