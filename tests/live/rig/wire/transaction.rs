//! Transactions, as protocol v1 does them (every broker from 0.11 on still takes it).

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use kafka_protocol::messages::add_partitions_to_txn_request::AddPartitionsToTxnTopic;
use kafka_protocol::messages::{
    AddPartitionsToTxnRequest, EndTxnRequest, FindCoordinatorRequest, InitProducerIdRequest, TopicName,
};

use super::batch::{Batch, Producer};
use super::client::{Client, text};
use super::error::BrokerError;

/// How a transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Its records become readable.
    Commit,
    /// Its records never do.
    Abort,
}

/// A transactional producer. It writes in a transaction that begins with the first write and lasts until [`Self::end`].
#[derive(Debug)]
pub(crate) struct Transaction<'a> {
    client: &'a Client,
    id: String,
    producer_id: i64,
    epoch: i16,
    sequences: BTreeMap<(String, i32), i32>,
    added: BTreeSet<(String, i32)>,
}

impl Client {
    /// A transactional producer of its own name; an earlier one of that name is fenced.
    pub(crate) fn transaction(&self, id: &str) -> Result<Transaction<'_>> {
        let request = InitProducerIdRequest::default()
            .with_transactional_id(Some(text(id).into()))
            .with_transaction_timeout_ms(TRANSACTION_TIMEOUT_MS);
        let coordinator = FindCoordinatorRequest::default().with_key(text(id)).with_key_type(TRANSACTION_KEY);
        let answer = self.retry("a producer id", || {
            // Looking for the coordinator is what creates the transactions' own topic.
            let found = self.call(&coordinator, 2)?;
            BrokerError::check(|| format!("find the coordinator of `{id}`"), found.error_code)?;
            let answer = self.call(&request, 4)?;
            BrokerError::check(|| format!("begin transactions of `{id}`"), answer.error_code)?;
            Ok(answer)
        })?;
        Ok(Transaction {
            client: self,
            id: id.to_owned(),
            producer_id: answer.producer_id.0,
            epoch: answer.producer_epoch,
            sequences: BTreeMap::new(),
            added: BTreeSet::new(),
        })
    }
}

impl Transaction<'_> {
    /// Writes a batch inside the transaction.
    pub(crate) fn produce(&mut self, topic: &str, partition: i32, batch: &Batch) -> Result<i64> {
        let place = (topic.to_owned(), partition);
        if !self.added.contains(&place) {
            self.add(topic, partition)?;
            self.added.insert(place.clone());
        }
        let sequence = *self.sequences.get(&place).unwrap_or(&0);
        let producer = Producer { id: self.producer_id, epoch: self.epoch, sequence, is_transactional: true };
        let batch = Batch { producer: Some(producer), ..batch.clone() };
        let bytes = batch.encode()?;
        let offset = self.client.retry("a transactional produce request", || {
            let offsets = self.client.produce_bytes(topic, &[(partition, bytes.clone())], Some(&self.id))?;
            offsets.first().copied().context("produce: empty answer")
        })?;
        self.sequences.insert(place, sequence + i32::try_from(batch.records.len())?);
        Ok(offset)
    }

    /// Ends the transaction. Readers see it a moment later: the markers are written after the answer.
    pub(crate) fn end(&mut self, outcome: Outcome) -> Result<()> {
        let request = EndTxnRequest::default()
            .with_transactional_id(text(&self.id).into())
            .with_producer_id(self.producer_id.into())
            .with_producer_epoch(self.epoch)
            .with_committed(outcome == Outcome::Commit);
        self.client.retry("the end of a transaction", || {
            let answer = self.client.call(&request, 3)?;
            Ok(BrokerError::check(|| format!("{outcome:?} transaction `{}`", self.id), answer.error_code)?)
        })?;
        self.added.clear();
        Ok(())
    }

    fn add(&self, topic: &str, partition: i32) -> Result<()> {
        let topics =
            vec![AddPartitionsToTxnTopic::default().with_name(TopicName(text(topic))).with_partitions(vec![partition])];
        let request = AddPartitionsToTxnRequest::default()
            .with_v3_and_below_transactional_id(text(&self.id).into())
            .with_v3_and_below_producer_id(self.producer_id.into())
            .with_v3_and_below_producer_epoch(self.epoch)
            .with_v3_and_below_topics(topics);
        self.client.retry("a partition in a transaction", || {
            let answer = self.client.call(&request, 3)?;
            let result = answer.results_by_topic_v3_and_below.first();
            let result = result.and_then(|topic| topic.results_by_partition.first());
            let code = result.context("add a partition: empty answer")?.partition_error_code;
            Ok(BrokerError::check(|| format!("add {topic}/{partition} to transaction `{}`", self.id), code)?)
        })
    }
}

const TRANSACTION_KEY: i8 = 1;
/// Longer than any test keeps one open on purpose.
const TRANSACTION_TIMEOUT_MS: i32 = 120_000;
