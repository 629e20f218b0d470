//! One run: started, watched from outside, checked.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::{ListOffsetsRequest, TopicName};
use kafka_protocol::protocol::StrBytes;
use serde::Serialize;

use super::contender::Contender;
use super::data::Data;
use super::rig::broker::Broker;
use super::rig::checker::check;
use super::rig::kmirror::peak_rss_bytes;
use super::rig::process::Process;
use super::rig::temp;
use super::rig::verdict::Alterations;
use super::rig::wire::{Client, Isolation};

/// Where runs take place.
pub(crate) struct Bench {
    pub(crate) source: Broker,
    pub(crate) target: Broker,
    pub(crate) partitions: i32,
    /// A command to run ours under.
    pub(crate) under: Option<String>,
}

/// What one run took.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Run {
    /// Until the target had all records.
    pub(crate) wall_seconds: f64,
    /// Until it had one.
    pub(crate) first_seconds: f64,
    /// From the start of the process to its end.
    pub(crate) cpu_seconds: f64,
    /// Of that, what was used between the first and the last record,
    pub(crate) copying_cpu_seconds: f64,
    /// and how many records came in between.
    pub(crate) copying_records: u64,
    pub(crate) peak_rss_bytes: u64,
}

impl Run {
    pub(crate) fn mb_per_second(&self, data: &Data) -> f64 {
        data.bytes() as f64 / 1e6 / self.wall_seconds
    }

    pub(crate) fn mb_per_core(&self, data: &Data) -> f64 {
        data.bytes() as f64 / 1e6 / self.cpu_seconds
    }

    pub(crate) fn mb_per_core_copying(&self, data: &Data) -> f64 {
        let bytes = self.copying_records * data.shape.size_bytes as u64;
        bytes as f64 / 1e6 / self.copying_cpu_seconds.max(0.01)
    }

    /// In one line.
    pub(crate) fn line(&self, data: &Data) -> String {
        format!(
            "{:.0} MB/s, {:.0} MB/s per core ({:.2} CPU s in {:.2} s), {:.0} MB RSS, first record after {:.2} s",
            self.mb_per_second(data),
            self.mb_per_core(data),
            self.cpu_seconds,
            self.wall_seconds,
            self.peak_rss_bytes as f64 / 1e6,
            self.first_seconds,
        )
    }
}

impl Bench {
    /// Lets `contender` copy `data` to a new topic.
    ///
    /// # Errors
    /// When not every record arrived, once.
    pub(crate) fn run(&self, contender: Contender, data: &Data, number: u32) -> Result<Run> {
        let tag = tag(contender, number);
        let topic = contender.target_topic(&tag, &data.topic);
        self.target.create_topic(&topic, self.partitions, &[])?;
        let dir = temp::dir("bench")?;
        let process = contender.start(self, data, &tag, dir.path(), LOG);
        let watch = process.and_then(|process| self.watch(contender, process, data, &topic));
        let checked = watch.and_then(|run| self.check(contender, data, &topic, number).map(|()| run));
        let result = checked.with_context(|| log_tail(dir.path()));
        self.target.client().delete_topic(&topic)?;
        result
    }

    fn watch(&self, contender: Contender, mut process: Process, data: &Data, topic: &str) -> Result<Run> {
        let began = Instant::now();
        let (client, pid) = (self.target.client(), process.pid());
        let deadline = if self.under.is_some() { 20 * RUN_MAX } else { RUN_MAX };
        let mut first: Option<(Duration, u64, Duration)> = None;
        let mut peak_rss = 0;
        let (wall, cpu_at_end) = loop {
            // Asked before counting: what it wrote right before its end is still counted.
            let exit = process.try_exit()?;
            peak_rss = peak_rss_bytes(pid).unwrap_or(0).max(peak_rss);
            let cpu = exit.map(|exit| exit.cpu).or_else(|| cpu_so_far(pid));
            let records = self.records(&client, topic)?;
            let elapsed = began.elapsed();
            if records > 0 && first.is_none() {
                first = Some((elapsed, records, cpu.unwrap_or_default()));
            }
            if records >= data.shape.records {
                break (elapsed, cpu);
            }
            match exit {
                Some(exit) => bail!("it ended with {} after {records} records", exit.status),
                None if elapsed > deadline => bail!("only {records} records after {elapsed:.1?}"),
                None => thread::sleep(LOOK),
            }
        };
        peak_rss = peak_rss_bytes(pid).unwrap_or(0).max(peak_rss);
        let exit = if contender.ends_by_itself() { process.wait(END_MAX)? } else { process.kill()? };
        ensure!(!contender.ends_by_itself() || exit.status.success(), "it ended with {}", exit.status);
        let (first_at, first_records, first_cpu) = first.context("no record")?;
        let copying_cpu = cpu_at_end.unwrap_or(exit.cpu).saturating_sub(first_cpu);
        Ok(Run {
            wall_seconds: wall.as_secs_f64(),
            first_seconds: first_at.as_secs_f64(),
            cpu_seconds: exit.cpu.as_secs_f64(),
            copying_cpu_seconds: copying_cpu.as_secs_f64(),
            copying_records: data.shape.records.saturating_sub(first_records),
            peak_rss_bytes: peak_rss,
        })
    }

    /// Exactly as many records; and for kmirror, one partition compared byte by byte.
    fn check(&self, contender: Contender, data: &Data, topic: &str, number: u32) -> Result<()> {
        let records = self.records(&self.target.client(), topic)?;
        ensure!(records == data.shape.records, "{records} records on the target instead of {}", data.shape.records);
        if matches!(contender, Contender::Kmirror { .. }) {
            let partition = i32::try_from(number)? % self.partitions;
            let source = self.source.client().read(&data.topic, partition, Isolation::ReadCommitted)?;
            let target = self.target.client().read(topic, partition, Isolation::ReadUncommitted)?;
            let verdict = check(&source, &target, Alterations::RECORD_LANE);
            verdict.require_exact().with_context(|| format!("compare partition {partition}"))?;
        }
        Ok(())
    }

    /// How many records `topic` has: nothing is ever deleted from it, so its ends tell. In one request.
    fn records(&self, client: &Client, topic: &str) -> Result<u64> {
        const LATEST: i64 = -1;
        let partitions = (0..self.partitions)
            .map(|partition| ListOffsetsPartition::default().with_partition_index(partition).with_timestamp(LATEST));
        let name = TopicName(StrBytes::from_string(topic.to_owned()));
        let request = ListOffsetsRequest::default()
            .with_replica_id((-1).into())
            .with_topics(vec![ListOffsetsTopic::default().with_name(name).with_partitions(partitions.collect())]);
        let answer = client.call(&request, 5)?;
        let ends = &answer.topics.first().context("list offsets: empty answer")?.partitions;
        ensure!(ends.iter().all(|end| end.error_code == 0), "list offsets of `{topic}`: {ends:?}");
        Ok(ends.iter().map(|end| end.offset.unsigned_abs()).sum())
    }
}

fn tag(contender: Contender, number: u32) -> String {
    let name: String = contender.to_string().chars().filter(char::is_ascii_alphanumeric).collect();
    format!("{name}-{number}")
}

/// User plus system time of a running process, in ticks of 10 ms.
fn cpu_so_far(pid: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold blanks; what follows is numbers, of which utime is the 12th.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    Some(Duration::from_millis((ticks()? + ticks()?) * 10))
}

fn log_tail(dir: &std::path::Path) -> String {
    let text = fs::read(dir.join(LOG)).unwrap_or_default();
    let tail = text.len().saturating_sub(4_000);
    format!("its output ends with:\n{}\n", String::from_utf8_lossy(&text[tail..]))
}

const LOG: &str = "output.log";
/// Often enough to see the first record, rarely enough not to be seen.
const LOOK: Duration = Duration::from_millis(25);
const RUN_MAX: Duration = Duration::from_secs(600);
/// A last commit, and leaving the group.
const END_MAX: Duration = Duration::from_secs(120);
