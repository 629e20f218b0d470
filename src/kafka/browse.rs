//! Looking at a topic: who leads its partitions, and what its records are. Joins no group and commits nothing.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
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
    let is_backward = matches!(request.from, BrowseFrom::Newest | BrowseFrom::Before(_));
    let keep = if is_backward { Keep::Last } else { Keep::First };
    let records_max = i64::try_from(request.records_max).unwrap_or(i64::MAX);
    let mut reach = records_max;
    loop {
        let stretches = stretches(cluster, &request.from, &logs, reach)?;
        let is_all = stretches.iter().all(|(partition, stretch)| stretch.begin <= logs[partition].0);
        read(cluster, request, &stretches, keep, deadline, &mut page)?;
        let is_enough = page.records.len() >= request.records_max || !is_backward;
        if is_enough || is_all || page.is_cut_short {
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

/// From where to where each partition is read.
fn stretches(
    cluster: &ClusterClient,
    from: &BrowseFrom,
    logs: &Logs,
    reach: i64,
) -> Result<BTreeMap<TopicPartition, Stretch>, Fault> {
    let partitions: Vec<TopicPartition> = logs.keys().cloned().collect();
    let at_time = match from {
        BrowseFrom::Time(timestamp_ms) => cluster.offsets(&partitions, OffsetQuery::AtTime(*timestamp_ms))?,
        _ => BTreeMap::new(),
    };
    let mut stretches = BTreeMap::new();
    for (partition, (low, high)) in logs {
        let number = partition.partition;
        let end = match from {
            BrowseFrom::Before(ends) => *ends.get(&number).unwrap_or(low),
            _ => *high,
        };
        let end = end.clamp(*low, *high);
        let begin = match from {
            BrowseFrom::Oldest => *low,
            BrowseFrom::Newest | BrowseFrom::Before(_) => end.saturating_sub(reach),
            BrowseFrom::Offset(offset) => *offset,
            BrowseFrom::Onward(begins) => *begins.get(&number).unwrap_or(high),
            BrowseFrom::Time(_) => match at_time.get(partition) {
                Some(Ok(offset)) => *offset,
                Some(Err(fault)) => return Err(fault.clone()),
                None => continue,
            },
        };
        stretches.insert(partition.clone(), Stretch { begin: begin.clamp(*low, end), end });
    }
    Ok(stretches)
}

/// Reads the stretches onto the page, and tells there whether the time was over before all had come.
fn read(
    cluster: &ClusterClient,
    request: &BrowseRequest,
    stretches: &BTreeMap<TopicPartition, Stretch>,
    keep: Keep,
    deadline: Instant,
    page: &mut BrowsedPage,
) -> Result<(), Fault> {
    let (topic, side) = (&request.topic, cluster.side());
    let mut taken = Taken::new(stretches, request.records_max, keep);
    if taken.open.is_empty() {
        taken.finish(page);
        return Ok(());
    }
    let operation = || format!("read records of topic `{topic}`");
    let consumer = open(cluster, topic)?;
    let mut browser = Browser::new(consumer.client(), topic)
        .map_err(|refused| fault_map::fault(refused.code, side, operation(), refused.text))?;
    for partition in &taken.open {
        browser
            .begin(*partition, taken.stretches[partition].begin)
            .map_err(|refused| fault_map::fault(refused.code, side, operation(), refused.text))?;
    }
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
    page.is_cut_short = !taken.open.is_empty();
    let is_dead = page.is_cut_short && taken.kept.values().all(VecDeque::is_empty);
    match browser.client().context().faults().last_problem() {
        Some(problem) if is_dead => Err(Fault { operation: operation(), ..problem }),
        _ => {
            taken.finish(page);
            Ok(())
        }
    }
}

/// What was read so far.
struct Taken<'a> {
    stretches: BTreeMap<i32, &'a Stretch>,
    records_max: usize,
    keep: Keep,
    open: BTreeSet<i32>,
    kept: BTreeMap<i32, VecDeque<BrowsedRecord>>,
    /// Partitions of which the beginning was read and not kept.
    overflowed: BTreeSet<i32>,
}

impl<'a> Taken<'a> {
    fn new(stretches: &'a BTreeMap<TopicPartition, Stretch>, records_max: usize, keep: Keep) -> Self {
        let stretches: BTreeMap<i32, &Stretch> =
            stretches.iter().map(|(partition, stretch)| (partition.partition, stretch)).collect();
        let has_room = |stretch: &Stretch| stretch.begin < stretch.end && records_max > 0;
        let open = stretches.iter().filter(|(_, stretch)| has_room(stretch)).map(|(partition, _)| *partition).collect();
        let kept = stretches.keys().map(|partition| (*partition, VecDeque::new())).collect();
        Self { stretches, records_max, keep, open, kept, overflowed: BTreeSet::new() }
    }

    fn add(&mut self, record: BrowsedRecord) {
        let partition = record.partition;
        let Some(stretch) = self.stretches.get(&partition) else { return };
        // Before 0.10 a broker gives the whole compressed batch that holds the offset asked for.
        if record.offset < stretch.begin || !self.open.contains(&partition) {
            return;
        }
        if record.offset >= stretch.end {
            self.close(partition);
            return;
        }
        let is_last = record.offset + 1 >= stretch.end;
        let kept = self.kept.entry(partition).or_default();
        kept.push_back(record);
        if self.keep == Keep::Last && kept.len() > self.records_max {
            kept.pop_front();
            self.overflowed.insert(partition);
        }
        if is_last || (self.keep == Keep::First && kept.len() >= self.records_max) {
            self.open.remove(&partition);
        }
    }

    fn close(&mut self, partition: i32) {
        self.open.remove(&partition);
    }

    /// The records in order, no more than wanted: of each partition a stretch without a hole, so that the next page
    /// begins where this one ends.
    fn finish(mut self, page: &mut BrowsedPage) {
        page.records.clear();
        page.ranges.clear();
        let read: BTreeMap<i32, usize> =
            self.kept.iter().map(|(partition, records)| (*partition, records.len())).collect();
        let mut counts: BTreeMap<i32, usize> = BTreeMap::new();
        while page.records.len() < self.records_max {
            let Some(record) = self.next() else { break };
            *counts.entry(record.partition).or_default() += 1;
            page.records.push(record);
        }
        if self.keep == Keep::Last {
            page.records.reverse();
        }
        for (partition, stretch) in &self.stretches {
            let of_partition = || page.records.iter().filter(|record| record.partition == *partition);
            let count = counts.get(partition).copied().unwrap_or(0);
            let is_whole = count == read[partition] && !self.overflowed.contains(partition);
            let is_read_up = !self.open.contains(partition);
            let first = of_partition().next().map(|record| record.offset);
            let next = of_partition().next_back().map(|record| record.offset + 1);
            let range = match self.keep {
                Keep::First => {
                    // Who was read until enough had come has more behind.
                    let is_done = is_whole && is_read_up && count < self.records_max;
                    (stretch.begin, if is_done { stretch.end } else { next.unwrap_or(stretch.begin) })
                }
                Keep::Last => {
                    let end = if is_read_up { stretch.end } else { next.unwrap_or(stretch.begin) };
                    (if is_whole { stretch.begin } else { first.unwrap_or(end) }, end)
                }
            };
            page.ranges.insert(*partition, range);
        }
    }

    /// The record that comes next: the oldest of the first ones, or the newest of the last ones.
    fn next(&mut self) -> Option<BrowsedRecord> {
        let key = |record: &BrowsedRecord| (record.timestamp_ms, record.partition);
        let heads = self.kept.values_mut().filter(|records| !records.is_empty());
        match self.keep {
            Keep::First => heads.min_by_key(|records| records.front().map(key)).and_then(VecDeque::pop_front),
            Keep::Last => heads.max_by_key(|records| records.back().map(key)).and_then(VecDeque::pop_back),
        }
    }
}

/// A client that reads records of a topic.
pub(super) fn open(cluster: &ClusterClient, topic: &TopicName) -> Result<BaseConsumer<MirrorContext>, Fault> {
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

    /// What is on the page of `records` (partition, offset, time), the ranges of partitions 0 and 1, and whether all
    /// was read.
    #[expect(clippy::type_complexity, reason = "short for three lines of a test")]
    fn taken(keep: Keep, records: &[(i32, i64, i64)]) -> (Vec<(i32, i64)>, [(i64, i64); 2], bool) {
        let stretches = [(0, 10), (1, 5)]
            .map(|(partition, end)| (TopicPartition::new("t", partition), Stretch { begin: 2, end }))
            .into();
        let mut taken = Taken::new(&stretches, 3, keep);
        records.iter().for_each(|(partition, offset, at)| taken.add(record(*partition, *offset, *at)));
        let is_done = taken.open.is_empty();
        let mut page = BrowsedPage::default();
        taken.finish(&mut page);
        let shown = page.records.iter().map(|record| (record.partition, record.offset)).collect();
        (shown, [page.ranges[&0], page.ranges[&1]], is_done)
    }

    #[test]
    fn the_last_records_of_all_partitions_are_kept() {
        let all = [(0, 2, 1), (0, 7, 20), (0, 8, 30), (0, 9, 40), (1, 2, 5), (1, 4, 35)];
        assert_eq!(taken(Keep::Last, &all), (vec![(0, 8), (1, 4), (0, 9)], [(8, 10), (4, 5)], true));
    }

    #[test]
    fn the_first_records_are_enough() {
        let all = [(0, 1, 0), (0, 2, 1), (0, 3, 2), (0, 4, 3), (0, 5, 4), (1, 4, 0)];
        assert_eq!(taken(Keep::First, &all), (vec![(1, 4), (0, 2), (0, 3)], [(2, 4), (2, 5)], true));
    }

    #[test]
    fn a_page_has_no_hole_whatever_the_timestamps() {
        let all = [(0, 2, 50), (0, 3, 1), (0, 4, 2), (1, 2, 3), (1, 4, 4)];
        assert_eq!(taken(Keep::First, &all), (vec![(1, 2), (1, 4), (0, 2)], [(2, 3), (2, 5)], true));
    }

    #[test]
    fn records_from_behind_the_end_close_a_partition() {
        let (shown, ranges, is_done) = taken(Keep::Last, &[(0, 3, 1), (0, 12, 2), (1, 7, 3)]);
        assert_eq!((shown, ranges, is_done), (vec![(0, 3)], [(2, 10), (2, 5)], true));
    }

    #[test]
    fn a_log_that_ends_in_holes_is_not_done_by_its_records() {
        let (shown, ranges, is_done) = taken(Keep::Last, &[(0, 8, 1), (1, 4, 1)]);
        assert_eq!((shown, ranges, is_done), (vec![(0, 8), (1, 4)], [(2, 9), (2, 5)], false));
    }

    #[test]
    fn pages_forward_then_back_show_every_record_once() {
        let log: Vec<(i32, i64, i64)> = (2..10).map(|offset| (0, offset, 20 - offset)).collect();
        let mut seen = Vec::new();
        let mut begin = 2;
        while begin < 10 {
            let stretches = [(TopicPartition::new("t", 0), Stretch { begin, end: 10 })].into();
            let mut taken = Taken::new(&stretches, 3, Keep::First);
            log.iter().for_each(|(partition, offset, at)| taken.add(record(*partition, *offset, *at)));
            let mut page = BrowsedPage::default();
            taken.finish(&mut page);
            seen.extend(page.records.iter().map(|record| record.offset));
            assert_eq!(page.ranges[&0].0, begin);
            begin = page.ranges[&0].1;
        }
        assert_eq!(seen, (2..10).collect::<Vec<_>>());
    }
}
