//! What is copied.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use bytes::Bytes;

use super::options::Shape;
use super::rig::broker::Broker;
use super::rig::corpus::now_ms;
use super::rig::random::Random;
use super::rig::record::Record;
use super::rig::wire::{Batch, Codec};

/// A topic full of records, written once and read by every contender.
#[derive(Debug)]
pub(crate) struct Data {
    pub(crate) topic: String,
    pub(crate) partitions: i32,
    pub(crate) shape: Shape,
    pub(crate) write_time: Duration,
}

impl Data {
    /// Writes `shape` to a new topic, a batch to every partition per request.
    pub(crate) fn write(broker: &Broker, topic: &str, partitions: i32, shape: Shape) -> Result<Self> {
        let began = Instant::now();
        broker.create_topic(topic, partitions, &[])?;
        let client = broker.client();
        let mut random = Random::new(shape.size_bytes as u64);
        let pool = letters(&mut random, POOL_BYTES + shape.size_bytes);
        let per_batch = (BATCH_BYTES / shape.size_bytes.max(1)).clamp(1, 10_000) as u64;
        let base_time = now_ms() - shape.records.cast_signed();
        let mut sequence = 0;
        while sequence < shape.records {
            let mut request = Vec::new();
            for partition in 0..partitions {
                let count = (shape.records - sequence).min(per_batch);
                if count > 0 {
                    let records = (sequence..sequence + count).map(|number| {
                        let start = usize::try_from(random.below(POOL_BYTES as u64)).unwrap_or(0);
                        record(number, base_time, &pool[start..start + shape.size_bytes])
                    });
                    request.push((partition, Batch::new(Codec::Lz4, records.collect()).encode()?));
                    sequence += count;
                }
            }
            client.produce_bytes(topic, &request, None).context("write the data")?;
        }
        Ok(Self { topic: topic.to_owned(), partitions, shape, write_time: began.elapsed() })
    }

    /// Bytes of all values.
    pub(crate) fn bytes(&self) -> u64 {
        self.shape.records * self.shape.size_bytes as u64
    }
}

impl fmt::Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (records, size) = (self.shape.records, self.shape.size_bytes);
        let megabytes = self.bytes() / 1_000_000;
        write!(f, "{records} records of {size} bytes ({megabytes} MB) in {} partitions", self.partitions)
    }
}

fn record(number: u64, base_time: i64, filler: &[u8]) -> Record {
    let mut value = filler.to_vec();
    // As far as it fits, a number: no two records are equal.
    let tag = format!("{number:016x}");
    let length = tag.len().min(value.len());
    value[..length].copy_from_slice(&tag.as_bytes()[..length]);
    let timestamp = base_time + number.cast_signed();
    Record { timestamp, value: Some(value.into()), ..Record::default() }
}

/// As `kafka-producer-perf-test.sh` makes them up.
fn letters(random: &mut Random, length: usize) -> Bytes {
    random.bytes(length).iter().map(|byte| b'A' + byte % 26).collect::<Vec<u8>>().into()
}

/// Values are slices of a pool: too far apart for lz4 to find them again.
const POOL_BYTES: usize = 4 << 20;
const BATCH_BYTES: usize = 120_000;
