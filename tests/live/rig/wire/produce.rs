//! Writing.

use anyhow::{Context as _, Result, ensure};
use bytes::{Buf as _, Bytes};
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::{ProduceRequest, TopicName};

use super::batch::Batch;
use super::client::{Client, text};
use super::error::BrokerError;
use super::legacy::{self, Format};

impl Client {
    /// The newest message format the broker takes.
    pub(crate) fn format(&self) -> Result<Format> {
        Ok(match self.broker_max(PRODUCE)? {
            ..=1 => Format::V0,
            2 => Format::V1,
            _ => Format::V2,
        })
    }

    /// Writes one batch with acks=all, in the broker's newest format, and gives the offset of its first record.
    pub(crate) fn produce(&self, topic: &str, partition: i32, batch: &Batch) -> Result<i64> {
        self.produce_as(self.format()?, topic, partition, batch)
    }

    /// Like [`Self::produce`] in a format of choice; 4.x takes v2 only.
    pub(crate) fn produce_as(&self, format: Format, topic: &str, partition: i32, batch: &Batch) -> Result<i64> {
        if format < Format::V2 {
            let set = legacy::encode(batch, format)?;
            return self.retry("a produce request", || self.produce_legacy(format, topic, partition, &set));
        }
        let bytes = batch.encode()?;
        self.retry("a produce request", || {
            let offsets = self.produce_bytes(topic, &[(partition, bytes.clone())], None)?;
            offsets.first().copied().context("produce: empty answer")
        })
    }

    /// Versions 1 and 2 differ in one field after the offset.
    fn produce_legacy(&self, format: Format, topic: &str, partition: i32, set: &[u8]) -> Result<i64> {
        let version = if format == Format::V0 { 1 } else { 2 };
        let body = legacy::produce_body(topic, partition, set, TIMEOUT_MS)?;
        let mut answer = self.call_bytes(PRODUCE, version, &body)?;
        legacy::skip_to_partition(&mut answer, topic)?;
        BrokerError::check(|| format!("write to {topic}/{partition}"), answer.get_i16())?;
        ensure!(answer.len() >= 8, "produce: an answer cut short");
        Ok(answer.get_i64())
    }

    /// Writes one encoded batch to each of several partitions in one request; offsets come in the same order.
    ///
    /// Record batches only (0.11 and later). Refused as a whole if any partition refuses: repeating it may write the
    /// others twice.
    pub(crate) fn produce_bytes(
        &self,
        topic: &str,
        batches: &[(i32, Bytes)],
        transactional_id: Option<&str>,
    ) -> Result<Vec<i64>> {
        let partitions = batches.iter().map(|(partition, bytes)| {
            PartitionProduceData::default().with_index(*partition).with_records(Some(bytes.clone()))
        });
        let data =
            TopicProduceData::default().with_name(TopicName(text(topic))).with_partition_data(partitions.collect());
        let request = ProduceRequest::default()
            .with_transactional_id(transactional_id.map(|id| text(id).into()))
            .with_acks(-1)
            .with_timeout_ms(TIMEOUT_MS)
            .with_topic_data(vec![data]);
        let answer = self.call(&request, CAP)?;
        let results = &answer.responses.first().context("produce: empty answer")?.partition_responses;
        ensure!(results.len() == batches.len(), "produce: {} answers to {}", results.len(), batches.len());
        batches
            .iter()
            .map(|(partition, _)| {
                let result = results.iter().find(|result| result.index == *partition);
                let result = result.with_context(|| format!("produce: no answer for partition {partition}"))?;
                let message = result.error_message.as_deref();
                BrokerError::check_with(|| format!("write to {topic}/{partition}"), result.error_code, message)?;
                Ok(result.base_offset)
            })
            .collect()
    }
}

/// The last before flexible versions; zstd needs 7, and no broker from 0.11 to 4.x lacks all of 3-8.
const CAP: i16 = 8;
const PRODUCE: i16 = 0;
const TIMEOUT_MS: i32 = 20_000;
