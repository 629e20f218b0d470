//! What every pair of the matrix copies: written once per source, and looked at before anything is copied.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::rig::broker::Broker;
use crate::rig::cluster::{second, shared, unique};
use crate::rig::corpus::{Mix, now_ms};
use crate::rig::random::Random;
use crate::rig::record::Record;
use crate::rig::version::{PerVersion, V0_9, V0_10, V2_4, V3_2, V3_9, V4_3, Version};
use crate::rig::wait::wait_until_true;
use crate::rig::wire::{Batch, Codec, Format, Isolation, Outcome, Position};

/// The topics of one source.
pub(super) struct Data {
    pub(super) broker: &'static Broker,
    /// All formats the source keeps, one after the other in every partition.
    pub(super) mixed: String,
    /// Cleaned by the broker: few of its offsets hold a record.
    pub(super) compacted: String,
    /// Kinds of entries in both, for the verdict line.
    pub(super) n_kinds: usize,
}

/// The data on the source of `version`, written when first asked for.
pub(super) fn of(version: &'static Version) -> Result<&'static Data> {
    DATA.get(version, || write(version).with_context(|| format!("write the data of source {}", version.name)))
}

fn write(version: &'static Version) -> Result<Data> {
    // Versions that are targets, too, are another broker as sources: a pair of equals is a pair.
    let is_target = [&V3_2, &V3_9, &V4_3].iter().any(|target| target.name == version.name);
    let broker = if is_target { second(version)? } else { shared(version)? };
    let stem = unique(&format!("matrix-{}", version.name));
    let (mixed, compacted) = (format!("{stem}-mixed"), format!("{stem}-compacted"));
    let mut kinds = write_mixed(broker, &mixed).context("mixed formats")?;
    kinds.extend(write_compacted(broker, &compacted).context("a compacted topic")?);
    Ok(Data { broker, mixed, compacted, n_kinds: kinds.len() })
}

/// The formats a source keeps, with what `message.format.version` calls them.
fn formats(version: &Version) -> &'static [(Format, &'static str)] {
    const KEPT: [(Format, &str); 3] = [(Format::V0, "0.9.0"), (Format::V1, "0.10.2"), (Format::V2, "1.0")];
    match version.name {
        name if name == V0_9.name => &KEPT[..1],
        name if name == V0_10.name => &KEPT[..2],
        // KRaft keeps v2 only.
        name if name == V3_9.name || name == V4_3.name => &KEPT[2..],
        _ => &KEPT,
    }
}

fn write_mixed(broker: &Broker, topic: &str) -> Result<BTreeSet<String>> {
    let (client, formats) = (broker.client(), formats(broker.version()));
    broker.create_topic(topic, PARTITIONS, &[])?;
    for (round, (format, setting)) in (0_u64..).zip(formats.iter().copied()) {
        if formats.len() > 1 {
            broker.set_format(topic, setting)?;
            for partition in 0..PARTITIONS {
                wait_for_format(broker, topic, partition, format)?;
            }
        }
        let n_records = RECORDS / formats.len();
        let mix = Mix { first: round * 100_000, ..Mix::for_version(broker.version(), round + 1, n_records) };
        mix.in_format(format).write(broker, topic)?;
        // Larger than the first fetch: before 0.10.1 it comes cut short, and is asked for again with more room.
        let large = vec![Record::new(now_ms(), format!("large {format:?}"), Random::new(round).bytes(900_000))];
        client.produce_as(format, topic, 0, &Batch::new(Codec::None, large))?;
    }
    if broker.version().has_transactions {
        abort_some(broker, topic)?;
    }
    let kinds = census(broker, topic)?;
    let wanted = formats.iter().flat_map(|(format, _)| expected(broker.version(), *format));
    require_kinds(&kinds, wanted)?;
    Ok(kinds)
}

/// Records nobody may see, in the middle of those everybody must.
fn abort_some(broker: &Broker, topic: &str) -> Result<()> {
    let client = broker.client();
    let mut transaction = client.transaction(&unique("matrix-aborted"))?;
    for partition in 0..PARTITIONS {
        let records = (0..50).map(|n| Record::new(now_ms(), format!("aborted {n}"), "never to be seen")).collect();
        transaction.produce(topic, partition, &Batch::new(Codec::Gzip, records))?;
        let seen = vec![Record::new(now_ms(), "committed", "between aborted records and their marker")];
        client.produce(topic, partition, &Batch::new(Codec::Lz4, seen))?;
    }
    transaction.end(Outcome::Abort)?;
    client.wait_stable(topic)
}

/// Until the log itself has heard of its new format the broker converts to the old one.
fn wait_for_format(broker: &Broker, topic: &str, partition: i32, format: Format) -> Result<()> {
    let client = broker.client();
    wait_until_true(&format!("{topic}/{partition} to be kept in {format:?}"), SETTLE, || {
        let probe = Record::new(-1, "probe", format!("of {format:?} in {partition}"));
        client.produce_as(format, topic, partition, &Batch::new(Codec::None, vec![probe]))?;
        Ok(client.formats(topic, partition)?.contains(&(format as u8)))
    })
}

fn expected(version: &Version, format: Format) -> Vec<&'static str> {
    match format {
        Format::V0 => {
            vec!["v0 none", "v0 gzip absolute", "v0 snappy xerial absolute", "v0 lz4 kafka-checksum absolute"]
        }
        Format::V1 => vec![
            "v1 none",
            "v1 gzip relative",
            "v1 snappy xerial relative",
            "v1 snappy bare relative",
            "v1 lz4 frame-checksum relative",
        ],
        Format::V2 => {
            let mut kinds = vec!["v2 none", "v2 gzip", "v2 snappy xerial", "v2 snappy bare", "v2 lz4 frame-checksum"];
            kinds.extend(["v2 gzip transactional", "v2 none transactional control"]);
            kinds.extend(version.has_zstd.then_some("v2 zstd"));
            kinds
        }
    }
}

/// Every key is written several times, with tombstones among the last; the broker's cleaner leaves each once.
fn write_compacted(broker: &Broker, topic: &str) -> Result<BTreeSet<String>> {
    let mut configs =
        vec![("cleanup.policy", "compact"), ("min.cleanable.dirty.ratio", "0.01"), ("segment.ms", "60000")];
    if broker.version().name == V0_9.name {
        // Its records have no times to roll segments by.
        configs.push(("segment.bytes", "65536"));
    }
    if [&V2_4, &V3_2, &V3_9].iter().any(|version| version.name == broker.version().name) {
        // A setting that 4.x does not know and that its topics are created without.
        configs.push(("message.downconversion.enable", "false"));
    }
    broker.create_topic(topic, COMPACTED_PARTITIONS, &configs)?;
    for partition in 0..COMPACTED_PARTITIONS {
        write_rounds(broker, topic, partition)?;
    }
    for partition in 0..COMPACTED_PARTITIONS {
        wait_until_true(&format!("{topic}/{partition} to be cleaned"), CLEANED, || is_clean(broker, topic, partition))
            .with_context(|| broker.log_tail())?;
    }
    let kinds = census(broker, topic)?;
    let format = broker.client().format()? as u8;
    let wanted = ["gzip", "snappy xerial", "lz4"].map(|codec| format!("v{format} {codec}"));
    for kind in &wanted {
        let has_holes = kinds.iter().any(|found| found.starts_with(kind) && found.ends_with("holes"));
        ensure!(has_holes, "no batch of `{kind}` with holes among {kinds:?}");
    }
    Ok(kinds)
}

fn write_rounds(broker: &Broker, topic: &str, partition: i32) -> Result<()> {
    let (client, mut random) = (broker.client(), Random::new(partition.unsigned_abs().into()));
    // The first rounds repeat ever fewer keys, so that every batch loses some of its records and keeps others; the
    // last ones only fill segments, for the one being written is never cleaned.
    let rounds = [1_u64, 2, 3, 5, 7];
    let codecs = [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::None, Codec::Gzip];
    for (round, (step, codec)) in (0_i64..).zip(rounds.into_iter().zip(codecs)) {
        let records = (0..KEYS).step_by(usize::try_from(step)?).map(|key| {
            let mut record = Record::new(hour(round), format!("key {key}"), random.bytes(500));
            record.value = record.value.filter(|_| step < 5 || key % 2 == 0);
            record
        });
        client.produce(topic, partition, &Batch::new(codec, records.collect()))?;
    }
    for round in 0..6 {
        let records = (0..KEYS).map(|key| Record::new(hour(10 + round), format!("{round} {key}"), random.bytes(500)));
        client.produce(topic, partition, &Batch::new(Codec::None, records.collect()))?;
    }
    Ok(())
}

/// An hour each: no two rounds are in one segment where records have times.
fn hour(round: i64) -> i64 {
    now_ms() - 24 * 3_600_000 + round * 3_600_000
}

/// Every key is there once: nothing is left to clean, on the source and in a copy.
fn is_clean(broker: &Broker, topic: &str, partition: i32) -> Result<bool> {
    let client = broker.client();
    let records = client.read(topic, partition, Isolation::ReadUncommitted)?;
    let keys: HashSet<_> = records.iter().map(|record| &record.key).collect();
    let end = client.offset(topic, partition, Position::Latest, Isolation::ReadUncommitted)?;
    let has_tombstones = records.iter().any(|record| record.value.is_none());
    Ok(keys.len() == records.len() && i64::try_from(records.len())? < end && has_tombstones)
}

fn census(broker: &Broker, topic: &str) -> Result<BTreeSet<String>> {
    let (client, mut kinds) = (broker.client(), BTreeSet::new());
    for partition in 0..client.partitions(topic)? {
        kinds.extend(client.census(topic, partition)?);
    }
    Ok(kinds)
}

fn require_kinds(found: &BTreeSet<String>, wanted: impl Iterator<Item = &'static str>) -> Result<()> {
    let missing: Vec<&str> = wanted.filter(|kind| !found.contains(*kind)).collect();
    ensure!(missing.is_empty(), "the log lacks {missing:?}; it has {found:?}");
    Ok(())
}

static DATA: PerVersion<Data> = PerVersion::new();
const PARTITIONS: i32 = 3;
const COMPACTED_PARTITIONS: i32 = 2;
/// In the mixed topic, about.
const RECORDS: usize = 1_500;
const KEYS: u64 = 40;
const SETTLE: Duration = Duration::from_secs(20);
const CLEANED: Duration = Duration::from_secs(60);
