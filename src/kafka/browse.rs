//! Looking at a topic: who leads its partitions, and what its records are. Joins no group and commits nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::types::RDKafkaErrorCode;

use super::cluster::ClusterClient;
use super::connection_problem;
use super::context::MirrorContext;
use super::fault_map;
use super::ffi::browse::{Browser, copied};
use crate::engine::ports::{Cluster, OffsetQuery};
use crate::engine::{Fault, FaultKind, Side};
use crate::model::{BrowseFrom, BrowseRequest, BrowsedPage, BrowsedRecord, TopicName, TopicPartition};

/// How long looking may take in all.
const LOOK_MAX: Duration = Duration::from_secs(10);
/// How long to wait for records before looking at the clock.
const WAIT: Duration = Duration::from_millis(100);
/// More partitions are not read at once.
const PARTITIONS_MAX: usize = 64;
/// How much further back the newest records are looked for, when too many offsets hold none.
const REACH_BACK: i64 = 16;

/// One partition read from `next` up to `end`.
struct Stretch {
    begin: i64,
    end: i64,
}

/// The records `request` asks for.
pub(super) fn browse(cluster: &ClusterClient, request: &BrowseRequest) -> Result<BrowsedPage, Fault> {
    let deadline = Instant::now() + LOOK_MAX;
    let (partitions, wanted) = partitions(cluster, request)?;
    let logs = log_bounds(cluster, &wanted)?;
    let mut page = BrowsedPage {
        partitions,
        logs: logs.iter().map(|(partition, (low, high))| (partition.clone(), *low, *high)).collect(),
        ..BrowsedPage::default()
    };
    let records_max = i64::try_from(request.records_max).unwrap_or(i64::MAX);
    let mut reach = records_max;
    loop {
        let stretches = stretches(cluster, request.from, &logs, reach)?;
        let is_all = stretches.iter().all(|(partition, stretch)| stretch.begin <= logs[partition].0);
        let keep = if request.from == BrowseFrom::Newest { Keep::Last } else { Keep::First };
        let (records, is_cut_short) = read(cluster, &request.topic, &stretches, request.records_max, keep, deadline)?;
        (page.records, page.is_cut_short) = (records, is_cut_short);
        let is_enough = page.records.len() >= request.records_max || request.from != BrowseFrom::Newest;
        if is_enough || is_all || is_cut_short {
            break;
        }
        reach = reach.saturating_mul(REACH_BACK);
    }
    Ok(page)
}

/// Which records stay when there are more than wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    First,
    Last,
}

/// How many partitions the topic has, and those to read.
fn partitions(cluster: &ClusterClient, request: &BrowseRequest) -> Result<(usize, Vec<TopicPartition>), Fault> {
    let known = cluster.partitions(&request.topic)?;
    let wanted = known.iter().map(|partition| partition.id);
    let wanted: Vec<i32> = match request.partition {
        Some(one) if known.iter().any(|partition| partition.id == one) => vec![one],
        Some(one) => {
            let operation = format!("read partition {one} of topic `{}`", request.topic);
            let detail = format!("it has partitions 0 to {}", known.len().saturating_sub(1));
            return Err(Fault::new(FaultKind::UnknownTopic, cluster.side(), operation, detail));
        }
        None => wanted.take(PARTITIONS_MAX).collect(),
    };
    let wanted = wanted.into_iter().map(|partition| TopicPartition::new(request.topic.clone(), partition));
    Ok((known.len(), wanted.collect()))
}

type Logs = BTreeMap<TopicPartition, (i64, i64)>;

/// Start and end of the partitions' logs; those without a leader are left out.
fn log_bounds(cluster: &ClusterClient, partitions: &[TopicPartition]) -> Result<Logs, Fault> {
    let lows = cluster.offsets(partitions, OffsetQuery::Earliest)?;
    let mut highs = cluster.offsets(partitions, OffsetQuery::Latest)?;
    let mut logs = Logs::new();
    let mut refused = None;
    for (partition, low) in lows {
        match (low, highs.remove(&partition)) {
            (Ok(low), Some(Ok(high))) => {
                logs.insert(partition, (low, high));
            }
            (Err(fault), _) | (_, Some(Err(fault))) => refused = Some(fault),
            (Ok(_), None) => {}
        }
    }
    match refused {
        Some(fault) if logs.is_empty() => Err(fault),
        _ => Ok(logs),
    }
}

/// From where to where each partition is read; those with nothing to read are left out.
fn stretches(
    cluster: &ClusterClient,
    from: BrowseFrom,
    logs: &Logs,
    reach: i64,
) -> Result<BTreeMap<TopicPartition, Stretch>, Fault> {
    let partitions: Vec<TopicPartition> = logs.keys().cloned().collect();
    let at_time = match from {
        BrowseFrom::Time(timestamp_ms) => cluster.offsets(&partitions, OffsetQuery::AtTime(timestamp_ms))?,
        BrowseFrom::Newest | BrowseFrom::Oldest | BrowseFrom::Offset(_) => BTreeMap::new(),
    };
    let mut stretches = BTreeMap::new();
    for (partition, (low, high)) in logs {
        let begin = match from {
            BrowseFrom::Oldest => *low,
            BrowseFrom::Newest => high.saturating_sub(reach).max(*low),
            BrowseFrom::Offset(offset) => offset.max(*low),
            BrowseFrom::Time(_) => match at_time.get(partition) {
                Some(Ok(offset)) => *offset,
                Some(Err(fault)) => return Err(fault.clone()),
                None => continue,
            },
        };
        if begin < *high {
            stretches.insert(partition.clone(), Stretch { begin, end: *high });
        }
    }
    Ok(stretches)
}

/// Reads the stretches; also tells whether the time was over before all had come.
fn read(
    cluster: &ClusterClient,
    topic: &TopicName,
    stretches: &BTreeMap<TopicPartition, Stretch>,
    records_max: usize,
    keep: Keep,
    deadline: Instant,
) -> Result<(Vec<BrowsedRecord>, bool), Fault> {
    if stretches.is_empty() {
        return Ok((Vec::new(), false));
    }
    let side = cluster.side();
    let operation = || format!("read records of topic `{topic}`");
    let consumer = open(cluster, topic)?;
    let mut browser = Browser::new(consumer.client(), topic)
        .map_err(|refused| fault_map::fault(refused.code, side, operation(), refused.text))?;
    for (partition, stretch) in stretches {
        browser
            .begin(partition.partition, stretch.begin)
            .map_err(|refused| fault_map::fault(refused.code, side, operation(), refused.text))?;
    }
    let mut taken = Taken::new(stretches, records_max, keep);
    let mut buffer = Vec::new();
    while !taken.open.is_empty() && Instant::now() < deadline {
        // Serves the client's log and errors.
        drop(consumer.poll(Duration::ZERO));
        browser.read(WAIT, &mut buffer);
        for record in buffer.drain(..) {
            match record.code() {
                None => taken.add(copied(&record)),
                Some(RDKafkaErrorCode::PartitionEOF) => taken.close(record.partition()),
                Some(code) => return Err(connection_problem::fault(code, &record.text(), side, &operation())),
            }
        }
    }
    let is_cut_short = !taken.open.is_empty();
    let is_dead = is_cut_short && taken.kept.values().all(Vec::is_empty);
    match browser.client().context().faults().last_problem() {
        Some(problem) if is_dead => Err(Fault { operation: operation(), ..problem }),
        _ => Ok((taken.finish(), is_cut_short)),
    }
}

/// What was read so far.
struct Taken<'a> {
    stretches: BTreeMap<i32, &'a Stretch>,
    records_max: usize,
    keep: Keep,
    open: BTreeSet<i32>,
    kept: BTreeMap<i32, Vec<BrowsedRecord>>,
}

impl<'a> Taken<'a> {
    fn new(stretches: &'a BTreeMap<TopicPartition, Stretch>, records_max: usize, keep: Keep) -> Self {
        let stretches: BTreeMap<i32, &Stretch> =
            stretches.iter().map(|(partition, stretch)| (partition.partition, stretch)).collect();
        let open = stretches.keys().copied().collect();
        Self { stretches, records_max, keep, open, kept: BTreeMap::new() }
    }

    fn add(&mut self, record: BrowsedRecord) {
        let partition = record.partition;
        let Some(stretch) = self.stretches.get(&partition) else { return };
        // Before 0.10 a broker gives the whole compressed batch that holds the offset asked for.
        if record.offset < stretch.begin || record.offset >= stretch.end || !self.open.contains(&partition) {
            return;
        }
        let is_last = record.offset + 1 >= stretch.end;
        let kept = self.kept.entry(partition).or_default();
        kept.push(record);
        if self.keep == Keep::Last && kept.len() > self.records_max {
            kept.remove(0);
        }
        if is_last || (self.keep == Keep::First && kept.len() >= self.records_max) {
            self.open.remove(&partition);
        }
    }

    fn close(&mut self, partition: i32) {
        self.open.remove(&partition);
    }

    /// The records in order, no more than wanted.
    fn finish(self) -> Vec<BrowsedRecord> {
        let is_one = self.stretches.len() == 1;
        let mut records: Vec<BrowsedRecord> = self.kept.into_values().flatten().collect();
        if !is_one {
            records.sort_by_key(|record| (record.timestamp_ms, record.partition, record.offset));
        }
        let surplus = records.len().saturating_sub(self.records_max);
        match self.keep {
            Keep::First => records.truncate(self.records_max),
            Keep::Last => drop(records.drain(..surplus)),
        }
        records
    }
}

fn open(cluster: &ClusterClient, topic: &TopicName) -> Result<BaseConsumer<MirrorContext>, Fault> {
    let side: Side = cluster.side();
    let settings = cluster.settings()?;
    let mut config = settings.admin_client(side)?;
    config
        .set("client.id", "kmirror-browse")
        .set("enable.partition.eof", "true")
        .set("check.crcs", "true")
        .set("fetch.wait.max.ms", "100")
        .set("fetch.message.max.bytes", "262144")
        .set("queued.max.messages.kbytes", "4096");
    let context = MirrorContext::new(side, &format!("browse-{}", settings.name));
    config
        .create_with_context(context)
        .map_err(|error| fault_map::fault_of(&error, side, format!("open a client to read topic `{topic}`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(partition: i32, offset: i64, timestamp_ms: i64) -> BrowsedRecord {
        BrowsedRecord {
            partition,
            offset,
            timestamp_ms: Some(timestamp_ms),
            key: None,
            value: None,
            headers: Vec::new(),
        }
    }

    fn taken(keep: Keep, records: &[(i32, i64, i64)]) -> (Vec<(i32, i64)>, bool) {
        let stretches = [(0, 10), (1, 5)]
            .map(|(partition, end)| (TopicPartition::new("t", partition), Stretch { begin: 2, end }))
            .into();
        let mut taken = Taken::new(&stretches, 3, keep);
        records.iter().for_each(|(partition, offset, at)| taken.add(record(*partition, *offset, *at)));
        let is_done = taken.open.is_empty();
        (taken.finish().into_iter().map(|record| (record.partition, record.offset)).collect(), is_done)
    }

    #[test]
    fn the_last_records_of_all_partitions_are_kept() {
        let all = [(0, 2, 1), (0, 7, 20), (0, 8, 30), (0, 9, 40), (1, 2, 5), (1, 4, 35)];
        assert_eq!(taken(Keep::Last, &all), (vec![(0, 8), (1, 4), (0, 9)], true));
    }

    #[test]
    fn the_first_records_are_enough() {
        let all = [(0, 1, 0), (0, 2, 1), (0, 3, 2), (0, 4, 3), (0, 5, 4), (1, 4, 0)];
        assert_eq!(taken(Keep::First, &all), (vec![(1, 4), (0, 2), (0, 3)], true));
    }

    #[test]
    fn a_log_that_ends_in_holes_is_not_done_by_its_records() {
        assert!(!taken(Keep::Last, &[(0, 8, 1), (1, 4, 1)]).1);
    }
}
