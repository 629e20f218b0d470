//! Reading.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use bytes::{Buf as _, Bytes};
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::fetch_response::{AbortedTransaction, PartitionData};
use kafka_protocol::messages::{FetchRequest, TopicName};

use super::batch::{self, Marker, ReadBatch};
use super::client::{Client, text};
use super::error::BrokerError;
use super::legacy;
use super::offsets::Position;
use crate::rig::record::Record;

/// Whether records of open and aborted transactions are read; the discriminant is Kafka's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// Everything but control batches.
    ReadUncommitted = 0,
    /// Up to the last stable offset, without aborted records.
    ReadCommitted = 1,
}

impl Client {
    /// Every record of a partition as it is now.
    pub(crate) fn read(&self, topic: &str, partition: i32, isolation: Isolation) -> Result<Vec<Record>> {
        let mut records = Vec::new();
        let start = self.offset(topic, partition, Position::Earliest, isolation)?;
        let end = self.offset(topic, partition, Position::Latest, isolation)?;
        self.read_each(topic, partition, start..end, isolation, |record| records.push(record))?;
        Ok(records)
    }

    /// Every record of every partition of a topic, by partition.
    pub(crate) fn read_topic(&self, topic: &str, isolation: Isolation) -> Result<Vec<Vec<Record>>> {
        (0..self.partitions(topic)?).map(|partition| self.read(topic, partition, isolation)).collect()
    }

    /// Calls `each` for the records of a range of offsets, in order, and gives the offset after it.
    pub(crate) fn read_each(
        &self,
        topic: &str,
        partition: i32,
        range: std::ops::Range<i64>,
        isolation: Isolation,
        mut each: impl FnMut(Record),
    ) -> Result<i64> {
        let mut position = range.start;
        let mut progressed = Instant::now();
        while position < range.end {
            let data = self.retry("a fetch", || self.fetch(topic, partition, position, isolation))?;
            let mut filter = AbortedFilter::new(data.aborted_transactions.unwrap_or_default());
            let mut set = data.records.unwrap_or_default();
            while let Some(batch) = take(&mut set)? {
                let is_readable = isolation == Isolation::ReadUncommitted || filter.admits(&batch);
                let records = batch.records.into_iter().filter(|_| is_readable);
                records.filter(|record| (position..range.end).contains(&record.offset)).for_each(&mut each);
                position = position.max(batch.next_offset);
                progressed = Instant::now();
            }
            if progressed.elapsed() > STALL_TIMEOUT {
                bail!("read {topic}/{partition}: no progress at offset {position}, wanted up to {}", range.end);
            }
        }
        Ok(position)
    }

    pub(super) fn fetch(
        &self,
        topic: &str,
        partition: i32,
        offset: i64,
        isolation: Isolation,
    ) -> Result<PartitionData> {
        let wanted = FetchPartition::default()
            .with_partition(partition)
            .with_fetch_offset(offset)
            .with_partition_max_bytes(FETCH_BYTES);
        let topics = vec![FetchTopic::default().with_topic(TopicName(text(topic))).with_partitions(vec![wanted])];
        let request = FetchRequest::default()
            .with_max_wait_ms(200)
            .with_min_bytes(1)
            .with_max_bytes(FETCH_BYTES)
            .with_isolation_level(isolation as i8)
            .with_topics(topics);
        if self.broker_max(FETCH)? < FIRST_WITH_BATCHES {
            return self.fetch_legacy(topic, partition, offset);
        }
        let answer = self.call(&request, CAP)?;
        BrokerError::check(|| format!("fetch {topic}"), answer.error_code)?;
        let data = answer.responses.into_iter().next().and_then(|topic| topic.partitions.into_iter().next());
        let data = data.context("fetch: empty answer")?;
        BrokerError::check(|| format!("fetch {topic}/{partition} from {offset}"), data.error_code)?;
        Ok(data)
    }

    /// Version 1 (0.9) and 2 (0.10): error, high watermark, then the set.
    fn fetch_legacy(&self, topic: &str, partition: i32, offset: i64) -> Result<PartitionData> {
        let version = self.broker_max(FETCH)?.min(2);
        let body = legacy::fetch_body(topic, partition, offset, FETCH_BYTES)?;
        let mut answer = self.call_bytes(FETCH, version, &body)?;
        ensure!(answer.len() >= 4, "fetch: an answer cut short");
        answer.advance(4);
        legacy::skip_to_partition(&mut answer, topic)?;
        BrokerError::check(|| format!("fetch {topic}/{partition} from {offset}"), answer.get_i16())?;
        ensure!(answer.len() >= 12, "fetch: an answer cut short");
        let high_watermark = answer.get_i64();
        let size = usize::try_from(answer.get_i32()).unwrap_or(0);
        ensure!(size <= answer.len(), "fetch: an answer cut short");
        let records = answer.split_to(size);
        Ok(PartitionData::default().with_high_watermark(high_watermark).with_records(Some(records)))
    }
}

/// Formats may be mixed within one answer: a log keeps what was written before an upgrade.
pub(super) fn take(set: &mut Bytes) -> Result<Option<ReadBatch>> {
    match batch::magic(set) {
        None => Ok(None),
        Some(0 | 1) => legacy::take(set),
        Some(_) => batch::take(set),
    }
}

/// Which batches of a fetch answer belong to aborted transactions, as the Java consumer decides it: a producer listed
/// as aborted from `first_offset` on is aborted until its abort marker.
struct AbortedFilter {
    /// By first offset, last first.
    upcoming: Vec<AbortedTransaction>,
    aborted: BTreeSet<i64>,
}

impl AbortedFilter {
    fn new(mut list: Vec<AbortedTransaction>) -> Self {
        list.sort_by_key(|aborted| std::cmp::Reverse(aborted.first_offset));
        Self { upcoming: list, aborted: BTreeSet::new() }
    }

    fn admits(&mut self, batch: &ReadBatch) -> bool {
        while let Some(next) = self.upcoming.pop_if(|next| next.first_offset < batch.next_offset) {
            self.aborted.insert(next.producer_id.0);
        }
        if batch.control == Some(Marker::Abort) {
            self.aborted.remove(&batch.producer_id);
        }
        !(batch.is_transactional && self.aborted.contains(&batch.producer_id))
    }
}

/// The last version that names topics instead of ids.
const CAP: i16 = 11;
const FETCH: i16 = 1;
/// 0.11, and the first version the crate speaks.
const FIRST_WITH_BATCHES: i16 = 4;
const FETCH_BYTES: i32 = 16 << 20;
/// An open transaction holds the last stable offset back: reading past it must fail, not hang.
const STALL_TIMEOUT: Duration = Duration::from_secs(20);
