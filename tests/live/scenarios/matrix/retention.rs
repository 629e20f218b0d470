//! How long records live on the target whose source could not say when they were written.

use std::time::Duration;

use anyhow::{Result, ensure};

use crate::rig::cluster::{shared, unique};
use crate::rig::corpus::Bulk;
use crate::rig::record::Record;
use crate::rig::version::{V0_9, V4_3};
use crate::rig::wait::wait_until_true;
use crate::rig::wire::{Batch, Codec, Isolation, Position};
use crate::scenarios::pair::Pair;

pub(super) const NAME: &str = "matrix/records_without_a_time_age_by_their_arrival";

/// A target that deletes what is older than an hour keeps records of a 0.9: they have no time, not one of 1970.
pub(super) fn ages_by_arrival() -> Result<String> {
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
    wait_until_true("what is of 1970 to be deleted", Duration::from_secs(30), || {
        Ok(client.offset(&control, 0, Position::Earliest, Isolation::ReadUncommitted)? > 0)
    })?;
    ensure!(client.offset(&topic, 0, Position::Earliest, Isolation::ReadUncommitted)? == 0, "the copy was deleted");
    let verdict = pair.compare(&topic)?;
    verdict.require_exact()?;
    Ok(verdict.to_string())
}
