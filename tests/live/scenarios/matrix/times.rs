//! Times that are not the producer's: none at all, and the broker's own.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::rig::cluster::{shared, unique};
use crate::rig::corpus::Bulk;
use crate::rig::record::Record;
use crate::rig::verdict::Verdict;
use crate::rig::version::{V0_9, V0_10, V2_4, V4_3};
use crate::rig::wait::wait_until_true;
use crate::rig::wire::{Batch, Codec, Isolation, Position};
use crate::scenarios::pair::Pair;

pub(super) const AGE: &str = "matrix/records_without_a_time_age_by_their_arrival";
pub(super) const STAMPED: &str = "matrix/records_stamped_by_the_source_keep_that_time";

/// A target that deletes what is older than an hour keeps records of a 0.9: they have no time, not one of 1970.
pub(super) fn age_by_arrival() -> Result<String> {
    let (source, target, topic) = (shared(&V0_9)?, shared(&V4_3)?, unique("ageless"));
    let (client, control) = (target.client(), format!("{topic}-control"));
    source.create_topic(&topic, 1, &[])?;
    Bulk::new(500, 100).write(source, &topic)?;
    for name in [&topic, &control] {
        target.create_topic(name, 1, &[("retention.ms", "3600000")])?;
    }
    let pair = Pair::new(source, target, &topic, "")?;
    pair.catch_up()?;
    // Written last, so that whoever deletes this has looked at the copy, too.
    client.produce(&control, 0, &Batch::new(Codec::None, vec![Record::new(1, "key", "of 1970")]))?;
    wait_until_true("what is of 1970 to be deleted", DELETED, || {
        Ok(client.offset(&control, 0, Position::Earliest, Isolation::ReadUncommitted)? > 0)
    })?;
    ensure!(client.offset(&topic, 0, Position::Earliest, Isolation::ReadUncommitted)? == 0, "the copy was deleted");
    let verdict = pair.compare(&topic)?;
    verdict.require_exact()?;
    Ok(verdict.to_string())
}

/// In a topic of LogAppendTime the broker stamps a compressed batch as a whole and leaves the records as they came.
pub(super) fn stamped() -> Result<String> {
    let target = shared(&V4_3)?;
    let mut total = Verdict::default();
    for version in [&V0_10, &V2_4] {
        let (source, topic) = (shared(version)?, unique("stamped"));
        source.create_topic(&topic, 1, &[("message.timestamp.type", "LogAppendTime")])?;
        for codec in [Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4] {
            let records = (0..20).map(|n| Record::new(1_000 + n, format!("{codec:?} {n}"), "value"));
            source.client().produce(&topic, 0, &Batch::new(codec, records.collect()))?;
        }
        let read = source.client().read(&topic, 0, Isolation::ReadCommitted)?;
        ensure!(read.iter().all(|record| record.timestamp > 1_000_000), "not stamped: {read:?}");
        // Its settings would make the target stamp them again.
        let pair = Pair::new(source, target, &topic, "[flows.f.topics]\ncopy_configs = false\n")?;
        pair.catch_up()?;
        let verdict = pair.compare(&topic)?;
        verdict.require_exact().with_context(|| format!("from {}", version.name))?;
        total += verdict;
    }
    Ok(total.to_string())
}

/// A broker looks for the first time half a minute after its start.
const DELETED: Duration = Duration::from_secs(90);
