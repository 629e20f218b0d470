//! Positions of flows: where they stand, what edits mean, and files that keep them. For the commands and the console.

mod command;
mod review;
mod saved;

use jiff::Timestamp;

use crate::engine::ports::Kafka;
use crate::engine::{Fault, FlowSpec, Side, resolve_edits};
use crate::kafka::KafkaClusters;
use crate::model::{PositionEdit, ResolvedEdit, TopicPartition};

pub(super) use command::run;
pub(super) use saved::{all_saved, newest_saved, read_saved, save};

/// Of more edits at once the times of their records are not looked for.
const TIMES_MAX: usize = 1_000;

/// What edits of a flow's positions mean now, with the times of the records they begin at.
pub(super) fn resolve(
    kafka: &KafkaClusters,
    spec: &FlowSpec,
    edits: &[PositionEdit],
    is_wanted: &dyn Fn() -> bool,
) -> Result<Vec<ResolvedEdit>, Fault> {
    let cluster = &spec.config.source;
    let source = kafka.cluster(cluster, Side::Source)?;
    let mut resolved = resolve_edits(spec, source.as_ref(), edits, now_ms())?;
    let offset_of = |edit: &ResolvedEdit| Some((edit.edit.partition.clone(), edit.result.as_ref().ok()?.offset));
    let offsets: Vec<(TopicPartition, i64)> = resolved.iter().take(TIMES_MAX).filter_map(offset_of).collect();
    if !is_wanted() {
        return Ok(resolved);
    }
    // Offsets without times are still an answer.
    let times = kafka.record_times(cluster, Side::Source, &offsets, is_wanted).unwrap_or_default();
    for edit in &mut resolved {
        if let (Ok(found), Some((asked, time))) = (&mut edit.result, times.get(&edit.edit.partition))
            && found.offset == *asked
        {
            found.record_ms = *time;
        }
    }
    Ok(resolved)
}

/// The wall clock, ms since 1970.
pub(super) fn now_ms() -> i64 {
    Timestamp::now().as_millisecond()
}
