//! The groups of a cluster that cannot list them all: brokers before 0.10.1 forget a group when its last member leaves.
//! What it has committed stays, as records of a topic whose keys name the group.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::types::RDKafkaErrorCode;

use super::context::MirrorContext;
use super::fault_map;
use super::settings::ClusterSettings;
use crate::engine::{Fault, Side};
use crate::model::{GroupName, TopicPartition};

/// The topic's name.
pub(super) const OFFSETS_TOPIC: &str = "__consumer_offsets";
/// Read from each of its partitions at most, its newest. These brokers forget positions after a day, so older records
/// hardly name a group that counts.
const RECORDS_MAX: i64 = 50_000;
/// How long that may take.
const READING_MAX: Duration = Duration::from_secs(15);
/// How long to wait for records at a time.
const SLICE: Duration = Duration::from_millis(250);

/// The groups that have committed something lately. `ranges` gives the first and the last offset of each partition.
///
/// # Errors
/// When no client can be made, or the topic may not be read.
pub(super) fn groups(
    settings: &ClusterSettings,
    side: Side,
    ranges: Vec<(TopicPartition, i64, i64)>,
) -> Result<BTreeSet<GroupName>, Fault> {
    let operation = "read the groups' positions";
    let fault = |error: &KafkaError| fault_map::fault_of(error, side, operation);
    let mut list = TopicPartitionList::new();
    let mut n_left = 0_usize;
    for (partition, low, end) in ranges.into_iter().filter(|(_, low, end)| low < end) {
        n_left += 1;
        let from = low.max(end - RECORDS_MAX);
        list.add_partition_offset(partition.topic.as_str(), partition.partition, Offset::Offset(from))
            .map_err(|error| fault(&error))?;
    }
    let config = settings.offsets_consumer(side)?;
    let consumer: BaseConsumer<MirrorContext> = config
        .create_with_context(MirrorContext::new(side, &format!("groups-{}", settings.name)))
        .map_err(|error| fault(&error))?;
    consumer.assign(&list).map_err(|error| fault(&error))?;
    let deadline = Instant::now() + READING_MAX;
    let mut groups = BTreeSet::new();
    let mut refused = None;
    while n_left > 0 && refused.is_none() && Instant::now() < deadline {
        match consumer.poll(SLICE) {
            Some(Ok(record)) => groups.extend(record.key().and_then(group_of)),
            Some(Err(KafkaError::PartitionEOF(_))) => n_left -= 1,
            Some(Err(error)) if error.rdkafka_error_code() == Some(RDKafkaErrorCode::TopicAuthorizationFailed) => {
                refused = Some(fault(&error));
            }
            // What passes by itself is waited for, within the deadline.
            Some(Err(error)) => tracing::debug!(%error, "{operation}"),
            None => {}
        }
    }
    if n_left > 0 && refused.is_none() {
        tracing::info!(groups = groups.len(), partitions = n_left, "there may be more groups than were found in time");
    }
    // Given up first: a consumer that closes would wait for somebody to answer the revocation. Closing may take a
    // while, and nobody waits for it.
    let _ = consumer.unassign();
    thread::spawn(move || drop(consumer));
    refused.map_or(Ok(groups), Err)
}

/// The group in a key: a version of two bytes, then the group's name with its length before it. So begin the keys of
/// positions (0 and 1) and those of the groups themselves (2).
fn group_of(key: &[u8]) -> Option<GroupName> {
    let (version, rest) = key.split_first_chunk::<2>()?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let length = usize::try_from(i16::from_be_bytes(*length)).ok()?;
    let name = str::from_utf8(rest.get(..length)?).ok()?;
    (i16::from_be_bytes(*version) <= 2 && !name.is_empty()).then(|| GroupName::from(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_name_their_group() {
        let position = b"\x00\x01\x00\x0bkmirror.old\x00\x06orders\x00\x00\x00\x03";
        assert_eq!(group_of(position), Some("kmirror.old".into()));
        assert_eq!(group_of(b"\x00\x02\x00\x03abc"), Some("abc".into()));
        for other in
            [&b""[..], b"\x00", b"\x00\x01\x00", b"\x00\x01\x00\x05abc", b"\x00\x01\xff\xff", b"\x00\x03\x00\x01a"]
        {
            assert_eq!(group_of(other), None, "{other:?}");
        }
    }
}
