//! Where partitions begin and end.

use std::time::Duration;

use anyhow::{Context as _, Result};
use bytes::{Buf as _, BufMut as _};
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::{ListOffsetsRequest, TopicName};

use super::client::{Client, text};
use super::error::BrokerError;
use super::fetch::Isolation;
use crate::rig::wait::wait_until_true;

/// A place in a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    /// The first record there still is.
    Earliest,
    /// After the last record.
    Latest,
    /// The first record at or after a time in milliseconds.
    Time(i64),
}

impl Client {
    /// The offset of a position; with read_committed, `Latest` is the last stable offset.
    pub(crate) fn offset(&self, topic: &str, partition: i32, at: Position, isolation: Isolation) -> Result<i64> {
        let timestamp = match at {
            Position::Earliest => -2,
            Position::Latest => -1,
            Position::Time(milliseconds) => milliseconds,
        };
        self.retry("an offset", || {
            if self.broker_max(LIST_OFFSETS)? == 0 {
                return self.offset_before_0_10_1(topic, partition, timestamp);
            }
            let partitions =
                vec![ListOffsetsPartition::default().with_partition_index(partition).with_timestamp(timestamp)];
            let topics =
                vec![ListOffsetsTopic::default().with_name(TopicName(text(topic))).with_partitions(partitions)];
            let request = ListOffsetsRequest::default()
                .with_replica_id((-1).into())
                .with_isolation_level(isolation as i8)
                .with_topics(topics);
            // Before 0.11 there is no isolation, and nothing to isolate from.
            let request = if self.broker_max(LIST_OFFSETS)? < 2 { request.with_isolation_level(0) } else { request };
            let answer = self.call(&request, 5)?;
            let result = answer.topics.first().and_then(|topic| topic.partitions.first());
            let result = result.context("list offsets: empty answer")?;
            BrokerError::check(|| format!("find offset {at:?} of {topic}/{partition}"), result.error_code)?;
            Ok(result.offset)
        })
    }

    /// Waits until no transaction in `topic` is open or ending: the markers are written after EndTxn is answered.
    pub(crate) fn wait_stable(&self, topic: &str) -> Result<()> {
        for partition in 0..self.partitions(topic)? {
            wait_until_true(&format!("open transactions in {topic}/{partition} to end"), STABLE_TIMEOUT, || {
                let stable = self.offset(topic, partition, Position::Latest, Isolation::ReadCommitted)?;
                Ok(stable == self.offset(topic, partition, Position::Latest, Isolation::ReadUncommitted)?)
            })?;
        }
        Ok(())
    }

    /// Version 0: replica, topics[partitions[partition, time, max_offsets]] -> partitions[partition, error, offsets].
    fn offset_before_0_10_1(&self, topic: &str, partition: i32, timestamp: i64) -> Result<i64> {
        let mut body = Vec::new();
        body.put_i32(-1);
        body.put_i32(1);
        body.put_i16(i16::try_from(topic.len())?);
        body.put_slice(topic.as_bytes());
        body.put_i32(1);
        body.put_i32(partition);
        body.put_i64(timestamp);
        body.put_i32(1);
        let mut answer = self.call_bytes(LIST_OFFSETS, 0, &body)?;
        // One topic, its name, one partition with its number.
        let skip = 4 + 2 + topic.len() + 4 + 4;
        anyhow::ensure!(answer.len() >= skip + 6, "list offsets: {} bytes", answer.len());
        answer.advance(skip);
        BrokerError::check(|| format!("find an offset of {topic}/{partition}"), answer.get_i16())?;
        let count = answer.get_i32();
        anyhow::ensure!(count > 0 && answer.len() >= 8, "list offsets of {topic}/{partition}: none");
        Ok(answer.get_i64())
    }
}

const LIST_OFFSETS: i16 = 2;
const STABLE_TIMEOUT: Duration = Duration::from_secs(20);
