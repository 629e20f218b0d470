//! What edits of positions mean now: offsets, with what should be said about them. Only reads.

use std::collections::{BTreeMap, BTreeSet};

use super::offsets::selected;
use super::resolve::{ask, resolve};
use crate::engine::fault::Fault;
use crate::engine::ports::{Cluster, Committed, OffsetQuery};
use crate::engine::spec::FlowSpec;
use crate::model::{
    EditPosition, EditRefusal, EditRemark, EditedOffset, PositionEdit, ResolvedEdit, StartPosition, TopicPartition,
};

type Offsets = BTreeMap<TopicPartition, i64>;

/// What each of `edits` means now, in their order. Times of records are not looked for.
///
/// # Errors
/// When the source cannot be asked.
pub fn resolve_edits(
    spec: &FlowSpec,
    source: &dyn Cluster,
    edits: &[PositionEdit],
    now_ms: i64,
) -> Result<Vec<ResolvedEdit>, Fault> {
    let selected = selected(spec, source)?;
    let asked: BTreeSet<TopicPartition> = edits
        .iter()
        .map(|edit| &edit.partition)
        .filter(|partition| selected.binary_search(partition).is_ok())
        .cloned()
        .collect();
    let asked: Vec<TopicPartition> = asked.into_iter().collect();
    let lows = ask(source, &asked, OffsetQuery::Earliest)?;
    let is_by_time = edits.iter().any(|edit| edit.at.is_by_time());
    let ends_before = if is_by_time { ask(source, &asked, OffsetQuery::Latest)? } else { Offsets::new() };
    let meanings = meanings(spec, source, edits, &asked, now_ms)?;
    // Last: what is read while the log grows never lies behind the end that is asked for after it.
    let highs = ask(source, &asked, OffsetQuery::Latest)?;
    let bounds = Bounds { lows: &lows, highs: &highs, ends_before: &ends_before };
    let resolved = |edit: &PositionEdit| {
        let is_selected = asked.binary_search(&edit.partition).is_ok();
        let result = if is_selected { bounds.judge(edit, &meanings) } else { Err(EditRefusal::NotSelected) };
        ResolvedEdit { edit: edit.clone(), result }
    };
    Ok(edits.iter().map(resolved).collect())
}

/// What each position that was asked for means in each partition.
struct Meanings {
    progress: BTreeMap<TopicPartition, Committed>,
    starts: BTreeMap<StartPosition, Offsets>,
    /// Partitions where a group that was asked for has no position.
    unread: BTreeMap<StartPosition, BTreeSet<TopicPartition>>,
}

/// Each position is looked up once, for all partitions that ask for it.
fn meanings(
    spec: &FlowSpec,
    source: &dyn Cluster,
    edits: &[PositionEdit],
    asked: &[TopicPartition],
    now_ms: i64,
) -> Result<Meanings, Fault> {
    let mut by_start: BTreeMap<&StartPosition, BTreeSet<TopicPartition>> = BTreeMap::new();
    let mut relative = Vec::new();
    for edit in edits.iter().filter(|edit| asked.binary_search(&edit.partition).is_ok()) {
        match &edit.at {
            EditPosition::Progress { .. } => relative.push(edit.partition.clone()),
            EditPosition::At(start) => {
                by_start.entry(start).or_default().insert(edit.partition.clone());
            }
        }
    }
    let progress =
        if relative.is_empty() { BTreeMap::new() } else { source.committed(&spec.config.group, &relative)? };
    let mut meanings = Meanings { progress, starts: BTreeMap::new(), unread: BTreeMap::new() };
    for (start, partitions) in by_start {
        let partitions: Vec<TopicPartition> = partitions.into_iter().collect();
        if let StartPosition::Group(group) = start {
            let committed = source.committed(group, &partitions)?;
            let unread = partitions.iter().filter(|partition| !committed.contains_key(*partition)).cloned();
            meanings.unread.insert(start.clone(), unread.collect());
        }
        meanings.starts.insert(start.clone(), resolve(source, &partitions, start, now_ms)?);
    }
    Ok(meanings)
}

/// The logs the edits lie in.
struct Bounds<'a> {
    lows: &'a Offsets,
    highs: &'a Offsets,
    /// The ends before anything was looked up; of edits by time.
    ends_before: &'a Offsets,
}

impl Bounds<'_> {
    fn judge(&self, edit: &PositionEdit, meanings: &Meanings) -> Result<EditedOffset, EditRefusal> {
        let partition = &edit.partition;
        let (Some(low), Some(high)) = (self.lows.get(partition).copied(), self.highs.get(partition).copied()) else {
            return Err(EditRefusal::Unknown("the leader of the partition does not answer".into()));
        };
        let (offset, remark) = match &edit.at {
            EditPosition::Progress { by } => {
                let progress = meanings.progress.get(partition).ok_or(EditRefusal::NoProgress)?;
                (progress.offset.saturating_add(*by), None)
            }
            EditPosition::At(start) => {
                let offset = meanings.starts.get(start).and_then(|offsets| offsets.get(partition)).copied();
                let offset =
                    offset.ok_or_else(|| EditRefusal::Unknown("the leader of the partition does not answer".into()))?;
                (offset, self.remark(start, partition, offset, meanings))
            }
        };
        check_bounds(offset, low, high)?;
        Ok(EditedOffset { offset, record_ms: None, remark })
    }

    fn remark(
        &self,
        start: &StartPosition,
        partition: &TopicPartition,
        offset: i64,
        meanings: &Meanings,
    ) -> Option<EditRemark> {
        let low = self.lows.get(partition).copied()?;
        match start {
            StartPosition::Timestamp { .. } | StartPosition::Ago { .. } => {
                // The end as it was before: records may have come since.
                if self.ends_before.get(partition).is_some_and(|end| offset >= *end) {
                    Some(EditRemark::AfterLastRecord)
                } else {
                    // A log that begins at 0 has lost nothing.
                    (offset == low && low > 0).then_some(EditRemark::BeforeFirstRecord)
                }
            }
            StartPosition::Last(count) => {
                let high = self.highs.get(partition).copied()?;
                let held = u64::try_from(high - low).unwrap_or(0);
                (held < *count).then_some(EditRemark::FewerRecords)
            }
            StartPosition::Group(group) => {
                let is_unread = meanings.unread.get(start).is_some_and(|unread| unread.contains(partition));
                is_unread.then(|| EditRemark::GroupHasNone(group.clone()))
            }
            StartPosition::Earliest | StartPosition::Latest | StartPosition::Offset(_) => None,
        }
    }
}

/// Whether a position can be set in a log: nothing is there beyond its end, and what is older is gone.
pub(super) fn check_bounds(offset: i64, low: i64, high: i64) -> Result<(), EditRefusal> {
    if offset > high {
        return Err(EditRefusal::BeyondHigh { offset, high });
    }
    if offset < low {
        return Err(EditRefusal::BelowLow { offset, low, high });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partition() -> TopicPartition {
        TopicPartition::new("orders", 0)
    }

    fn one(offset: i64) -> Offsets {
        [(partition(), offset)].into()
    }

    /// What `at` means in a log from 100 to 200 whose progress is at `progress`, when it was looked up as `found`.
    fn judged(at: &str, found: Option<i64>, progress: Option<i64>) -> Result<EditedOffset, EditRefusal> {
        let at: EditPosition = at.parse().expect("a position");
        let mut meanings = Meanings { progress: BTreeMap::new(), starts: BTreeMap::new(), unread: BTreeMap::new() };
        if let Some(offset) = progress {
            let committed = Committed { offset, leader_epoch: None, metadata: String::new() };
            meanings.progress.insert(partition(), committed);
        }
        if let EditPosition::At(start) = &at {
            meanings.starts.insert(start.clone(), found.map(one).unwrap_or_default());
            meanings.unread.insert(start.clone(), [partition()].into());
        }
        let (lows, highs, before) = (one(100), one(200), one(190));
        let bounds = Bounds { lows: &lows, highs: &highs, ends_before: &before };
        bounds.judge(&PositionEdit { partition: partition(), at }, &meanings)
    }

    fn fine(offset: i64, remark: Option<EditRemark>) -> Result<EditedOffset, EditRefusal> {
        Ok(EditedOffset { offset, record_ms: None, remark })
    }

    #[test]
    fn an_edit_is_an_offset_a_remark_or_a_refusal() {
        assert_eq!(judged("checkpoint", None, Some(150)), fine(150, None));
        assert_eq!(judged("+20", None, Some(150)), fine(170, None));
        assert_eq!(judged("-20", None, Some(150)), fine(130, None));
        assert_eq!(judged("+20", None, None), Err(EditRefusal::NoProgress));
        assert_eq!(judged("+51", None, Some(150)), Err(EditRefusal::BeyondHigh { offset: 201, high: 200 }));
        assert_eq!(judged("99", Some(99), None), Err(EditRefusal::BelowLow { offset: 99, low: 100, high: 200 }));
        assert_eq!(judged("200", Some(200), None), fine(200, None));
        assert_eq!(judged("201", Some(201), None), Err(EditRefusal::BeyondHigh { offset: 201, high: 200 }));
        assert_eq!(judged("-2h", Some(150), None), fine(150, None));
        assert_eq!(judged("-2h", Some(190), None), fine(190, Some(EditRemark::AfterLastRecord)));
        assert_eq!(judged("-2h", Some(195), None), fine(195, Some(EditRemark::AfterLastRecord)));
        assert_eq!(judged("-2h", Some(100), None), fine(100, Some(EditRemark::BeforeFirstRecord)));
        assert_eq!(judged("last 100", Some(100), None), fine(100, None));
        assert_eq!(judged("last 101", Some(100), None), fine(100, Some(EditRemark::FewerRecords)));
        assert_eq!(judged("group:g", Some(100), None), fine(100, Some(EditRemark::GroupHasNone("g".into()))));
        assert!(matches!(judged("earliest", None, None), Err(EditRefusal::Unknown(_))));
    }
}
