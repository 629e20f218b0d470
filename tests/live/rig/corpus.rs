//! Records that are odd but legal, and records that are plain but many.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use bytes::Bytes;

use super::broker::Broker;
use super::cluster::unique;
use super::random::Random;
use super::record::{Header, Record};
use super::version::Version;
use super::wire::{Batch, Client, Codec, Format, Outcome, Transaction};

/// What a mixed corpus holds. The defaults are everything a broker since 2.1 can hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mix {
    /// The same seed writes the same records in the same order.
    pub(crate) seed: u64,
    /// About how many readable records.
    pub(crate) n_records: usize,
    /// Headers (0.11 and later).
    pub(crate) has_headers: bool,
    /// zstd (2.1 and later).
    pub(crate) has_zstd: bool,
    /// Committed and aborted transactions, some open at the same time (0.11 and later).
    pub(crate) has_transactions: bool,
    /// A few values of 900 kB.
    pub(crate) has_large: bool,
    /// Another format than the newest the broker takes.
    pub(crate) format: Option<Format>,
    /// Number of the first record, so that several writes to a topic repeat none.
    pub(crate) first: u64,
}

impl Mix {
    /// Everything.
    pub(crate) fn new(seed: u64, n_records: usize) -> Self {
        Self {
            seed,
            n_records,
            has_headers: true,
            has_zstd: true,
            has_transactions: true,
            has_large: true,
            format: None,
            first: 0,
        }
    }

    /// Everything `version` can hold.
    pub(crate) fn for_version(version: &Version, seed: u64, n_records: usize) -> Self {
        let mut mix = Self::new(seed, n_records);
        mix.has_headers = version.has_transactions;
        mix.has_transactions = version.has_transactions;
        mix.has_zstd = version.has_zstd;
        mix
    }

    /// The same, less what `format` cannot hold.
    pub(crate) fn in_format(mut self, format: Format) -> Self {
        self.format = Some(format);
        self.has_headers &= format == Format::V2;
        self.has_transactions &= format == Format::V2;
        // zstd came to brokers together with a ban on it in older formats.
        self.has_zstd &= format == Format::V2;
        self
    }

    /// Writes the corpus over all partitions of `topic` and gives, by partition, what a committed reader must find.
    pub(crate) fn write(self, broker: &Broker, topic: &str) -> Result<Vec<Vec<Record>>> {
        let client = broker.client();
        let partitions = usize::try_from(client.partitions(topic)?)?;
        let mut writer = Writer::new(self, &client, topic, partitions)?;
        while writer.n_readable() < self.n_records {
            writer.step()?;
        }
        writer.finish()
    }

    /// The records alone, for tests without a broker.
    pub(crate) fn records(self) -> Vec<Record> {
        let mut random = Random::new(self.seed);
        (0..self.n_records as u64).map(|sequence| self.record(&mut random, sequence, 0)).collect()
    }

    fn record(self, random: &mut Random, sequence: u64, base_time: i64) -> Record {
        let tag = Bytes::from(format!("{sequence:016x}"));
        let key = match random.below(8) {
            0 => None,
            1 => Some(Bytes::new()),
            2 => Some(random.bytes(24)),
            _ => Some(Bytes::from(format!("key-{}", sequence % 1000))),
        };
        let value = match random.below(16) {
            0 => None,
            1 => Some(Bytes::new()),
            2 => Some(tag.clone()),
            3 => Some(filled(&tag, random, 16_000)),
            _ => Some(filled(&tag, random, 1_000)),
        };
        let is_tagged = value.as_ref().is_some_and(|value| !value.is_empty());
        let mut headers = if self.has_headers { headers(random) } else { Vec::new() };
        // Whatever has no value carries its number elsewhere, so that no two records are equal by accident.
        if !is_tagged && self.has_headers {
            headers.push((Bytes::from_static(b"n"), Some(tag.clone())));
        }
        let key = if is_tagged || self.has_headers { key } else { Some(tag) };
        let timestamp = match random.below(40) {
            0 => -1,
            1 => 0,
            2 => 1,
            3 => 946_684_800_000,
            _ => base_time + sequence.cast_signed(),
        };
        Record { timestamp, key, value, headers, ..Record::default() }
    }

    fn large(random: &mut Random, sequence: u64, base_time: i64) -> Record {
        let mut value = Vec::from(format!("{sequence:016x}"));
        value.extend(random.bytes(900_000));
        Record::new(base_time + sequence.cast_signed(), "large", value)
    }
}

/// Many plain records: `n_records` of `size_bytes`, lz4, about 100 to a batch, round robin over the partitions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bulk {
    /// How many.
    pub(crate) n_records: usize,
    /// Size of each value; its first 16 bytes are a sequence number.
    pub(crate) size_bytes: usize,
    /// The number of the first record, so that several writes do not repeat numbers.
    pub(crate) first: u64,
}

impl Bulk {
    /// `n_records` records of `size_bytes`.
    pub(crate) fn new(n_records: usize, size_bytes: usize) -> Self {
        Self { n_records, size_bytes, first: 0 }
    }

    /// Writes them to `topic`, a batch to every partition per request.
    pub(crate) fn write(self, broker: &Broker, topic: &str) -> Result<()> {
        let client = broker.client();
        let partitions = client.partitions(topic)?;
        let is_batched = client.format()? == Format::V2;
        let mut random = Random::new(self.first ^ 0xb01c);
        // Slices of one large pool: as fast as copying, and too far apart for lz4 to find them again.
        let pool = random.bytes((4 << 20) + self.size_bytes);
        let (mut sequence, end) = (self.first, self.first + self.n_records as u64);
        let base_time = now_ms() - end.cast_signed();
        while sequence < end {
            let mut request = Vec::new();
            for partition in 0..partitions {
                let count = (end - sequence).min(BULK_BATCH);
                if count > 0 {
                    let records = (sequence..sequence + count).map(|number| {
                        let start = usize::try_from(random.below(4 << 20)).unwrap_or(0);
                        self.record(number, base_time, &pool[start..start + self.size_bytes])
                    });
                    let batch = Batch::new(Codec::Lz4, records.collect());
                    if is_batched {
                        request.push((partition, batch.encode()?));
                    } else {
                        client.produce(topic, partition, &batch)?;
                    }
                    sequence += count;
                }
            }
            if !request.is_empty() {
                client.produce_bytes(topic, &request, None).context("write the bulk")?;
            }
        }
        Ok(())
    }

    fn record(self, number: u64, base_time: i64, filler: &[u8]) -> Record {
        let mut value = Vec::with_capacity(self.size_bytes.max(16));
        value.extend(format!("{number:016x}").bytes());
        value.extend_from_slice(filler);
        value.truncate(self.size_bytes.max(16));
        Record::new(base_time + number.cast_signed(), format!("key-{}", number % 10_000), value)
    }
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Writes a mixed corpus batch by batch: plain ones, and those of two transactional producers taking turns.
struct Writer<'a> {
    mix: Mix,
    client: &'a Client,
    topic: &'a str,
    random: Random,
    sequence: u64,
    base_time: i64,
    n_batches: usize,
    /// What can be read, with offsets, by partition.
    readable: Vec<Vec<Record>>,
    open: Vec<Open<'a>>,
}

/// A transactional producer and what it wrote since its last end.
struct Open<'a> {
    transaction: Transaction<'a>,
    pending: Vec<(usize, Record)>,
}

impl<'a> Writer<'a> {
    fn new(mix: Mix, client: &'a Client, topic: &'a str, partitions: usize) -> Result<Self> {
        let producers = if mix.has_transactions { 2 } else { 0 };
        let open = (0..producers).map(|_| {
            let transaction = client.transaction(&unique(&format!("corpus-{topic}")))?;
            Ok(Open { transaction, pending: Vec::new() })
        });
        Ok(Self {
            mix,
            client,
            topic,
            random: Random::new(mix.seed),
            sequence: mix.first,
            base_time: now_ms() - 3_600_000,
            n_batches: 0,
            readable: vec![Vec::new(); partitions],
            open: open.collect::<Result<_>>()?,
        })
    }

    fn n_readable(&self) -> usize {
        self.readable.iter().map(Vec::len).sum()
    }

    /// One batch, and now and then the end of a transaction.
    fn step(&mut self) -> Result<()> {
        let partition = usize::try_from(self.random.below(self.readable.len() as u64))?;
        let mut batch = self.batch();
        let index = i32::try_from(partition)?;
        let producer = usize::try_from(self.random.below(10))?;
        if let Some(open) = self.open.get_mut(producer) {
            let base = open.transaction.produce(self.topic, index, &batch)?;
            number(&mut batch.records, base);
            open.pending.extend(batch.records.into_iter().map(|record| (partition, record)));
            if self.random.one_in(3) {
                let outcome = if self.random.one_in(2) { Outcome::Commit } else { Outcome::Abort };
                self.end(producer, outcome)?;
            }
        } else {
            let format = self.mix.format.map_or_else(|| self.client.format(), Ok)?;
            let base = self.client.produce_as(format, self.topic, index, &batch)?;
            number(&mut batch.records, base);
            self.readable[partition].extend(batch.records);
        }
        Ok(())
    }

    fn batch(&mut self) -> Batch {
        let codecs = if self.mix.has_zstd { 5 } else { 4 };
        let codec = Codec::ALL[self.n_batches % codecs];
        self.n_batches += 1;
        let (mix, base_time) = (self.mix, self.base_time);
        // Alone in its batch, or the batch would be larger than a broker takes by default.
        if mix.has_large && self.random.one_in(200) {
            self.sequence += 1;
            return Batch::new(codec, vec![Mix::large(&mut self.random, self.sequence, base_time)]);
        }
        let count = 1 + self.random.below(80);
        let numbers = self.sequence + 1..=self.sequence + count;
        self.sequence += count;
        let records = numbers.map(|number| mix.record(&mut self.random, number, base_time)).collect();
        if codec == Codec::Snappy && self.random.one_in(2) {
            Batch::bare_snappy(records)
        } else {
            Batch::new(codec, records)
        }
    }

    fn end(&mut self, producer: usize, outcome: Outcome) -> Result<()> {
        let open = &mut self.open[producer];
        if open.pending.is_empty() {
            return Ok(());
        }
        open.transaction.end(outcome)?;
        for (partition, record) in open.pending.drain(..).filter(|_| outcome == Outcome::Commit) {
            self.readable[partition].push(record);
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<Vec<Record>>> {
        for producer in 0..self.open.len() {
            let outcome = if producer == 0 { Outcome::Commit } else { Outcome::Abort };
            self.end(producer, outcome)?;
        }
        self.client.wait_stable(self.topic)?;
        for records in &mut self.readable {
            records.sort_by_key(|record| record.offset);
        }
        Ok(self.readable)
    }
}

fn number(records: &mut [Record], base: i64) {
    for (offset, record) in (base..).zip(records) {
        record.offset = offset;
    }
}

fn filled(tag: &Bytes, random: &mut Random, limit: u64) -> Bytes {
    let length = usize::try_from(random.below(limit)).unwrap_or(0);
    let mut value = tag.to_vec();
    if random.one_in(2) {
        value.extend(random.bytes(length));
    } else {
        value.extend(std::iter::repeat_n(b"kmirror ", length / 8).flatten());
    }
    value.into()
}

/// Half of the records have none; the others one of every odd case, or several.
fn headers(random: &mut Random) -> Vec<Header> {
    let header =
        |name: &'static [u8], value: Option<&'static [u8]>| (Bytes::from_static(name), value.map(Bytes::from_static));
    match random.below(16) {
        0 => vec![header(b"trace", Some(b"1")), header(b"trace", Some(b"2")), header(b"trace", Some(b"1"))],
        1 => vec![header(b"null", None)],
        2 => vec![header(b"empty", Some(b""))],
        3 => vec![header(b"", Some(b"no name"))],
        4 => vec![header(b"\xff\xfe\x80", Some(b"not UTF-8"))],
        5 => vec![header(b"binary", Some(b"\0\x01\xff"))],
        6 => vec![header(b"b", None), header(b"a", Some(b"")), header(b"b", Some(b"order"))],
        7 => vec![header(b"before\0after", Some(b"NUL inside"))],
        8 => (0..20).map(|n| (Bytes::from(format!("h{n}")), Some(random.bytes(n)))).collect(),
        _ => Vec::new(),
    }
}

const BULK_BATCH: u64 = 100;
