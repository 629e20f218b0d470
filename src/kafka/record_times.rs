//! When records were written: the timestamp of the first record at or behind an offset, for many partitions at once.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rdkafka::consumer::Consumer;
use rdkafka::types::RDKafkaErrorCode;

use super::browse::open;
use super::cluster::ClusterClient;
use super::fault_map;
use super::ffi::browse::Browser;
use crate::engine::Fault;
use crate::engine::ports::{Cluster, OffsetQuery};
use crate::model::{RecordTimes, TopicName, TopicPartition};

/// How long looking may take in all; what has not come by then stays unknown.
const LOOK_MAX: Duration = Duration::from_secs(5);
/// How long to wait for records before looking at the clock.
const WAIT: Duration = Duration::from_millis(50);

/// The times of the first records at or behind `offsets`. Ends early, with what is known, once it is not wanted any
/// more.
pub(super) fn record_times(
    cluster: &ClusterClient,
    offsets: &[(TopicPartition, i64)],
    is_wanted: &dyn Fn() -> bool,
) -> Result<RecordTimes, Fault> {
    let partitions: Vec<TopicPartition> = offsets.iter().map(|(partition, _)| partition.clone()).collect();
    if partitions.is_empty() {
        return Ok(RecordTimes::new());
    }
    let lows = cluster.offsets(&partitions, OffsetQuery::Earliest)?;
    let highs = cluster.offsets(&partitions, OffsetQuery::Latest)?;
    let mut times = RecordTimes::new();
    let mut by_topic: BTreeMap<TopicName, BTreeMap<i32, Wanted>> = BTreeMap::new();
    for (partition, offset) in offsets {
        let (Some(Ok(low)), Some(Ok(high))) = (lows.get(partition), highs.get(partition)) else { continue };
        if offset >= high {
            times.insert(partition.clone(), (*offset, None));
        } else {
            let wanted = Wanted { asked: *offset, begin: *offset.max(low) };
            by_topic.entry(partition.topic.clone()).or_default().insert(partition.partition, wanted);
        }
    }
    let deadline = Instant::now() + LOOK_MAX;
    for (topic, wanted) in by_topic {
        read(cluster, &topic, wanted, &|| is_wanted() && Instant::now() < deadline, &mut times)?;
    }
    Ok(times)
}

/// A record that is looked for.
struct Wanted {
    asked: i64,
    begin: i64,
}

/// Reads one record of each partition.
fn read(
    cluster: &ClusterClient,
    topic: &TopicName,
    mut wanted: BTreeMap<i32, Wanted>,
    may_go_on: &dyn Fn() -> bool,
    times: &mut RecordTimes,
) -> Result<(), Fault> {
    let refused = |refused: super::ffi::Refused| {
        fault_map::fault(refused.code, cluster.side(), format!("read records of topic `{topic}`"), refused.text)
    };
    if !may_go_on() {
        return Ok(());
    }
    let consumer = open(cluster, topic)?;
    let mut browser = Browser::new(consumer.client(), topic).map_err(refused)?;
    for (partition, wanted) in &wanted {
        browser.begin(*partition, wanted.begin).map_err(refused)?;
    }
    let mut buffer = Vec::new();
    while !wanted.is_empty() && may_go_on() {
        // Serves the client's log and errors.
        drop(consumer.poll(Duration::ZERO));
        browser.read(WAIT, &mut buffer);
        for record in buffer.drain(..) {
            let partition = record.partition();
            let found = match record.code() {
                // Before 0.10 a broker gives the whole compressed batch that holds the offset asked for.
                None if wanted.get(&partition).is_some_and(|wanted| record.offset() < wanted.begin) => continue,
                None => Some(record.timestamp_ms()).filter(|ms| *ms >= 0),
                Some(RDKafkaErrorCode::PartitionEOF) => None,
                // What cannot be read has no time: an answer for the others is worth more than an error.
                Some(_) => None,
            };
            if let Some(wanted) = wanted.remove(&partition) {
                times.insert(TopicPartition::new(topic.clone(), partition), (wanted.asked, found));
            }
        }
    }
    Ok(())
}
