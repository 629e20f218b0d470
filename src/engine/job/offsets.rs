//! Where a flow stands in every partition of its source, whether it runs or not. Only reads.

use std::collections::BTreeMap;

use super::resolve::resolve;
use super::survey::partitions_of;
use crate::engine::fault::Fault;
use crate::engine::ports::{Cluster, Committed, OffsetQuery, TopicFacts};
use crate::engine::progress::{ProgressNote, take_marks_out};
use crate::engine::spec::FlowSpec;
use crate::model::{
    FlowName, FlowOffsets, GroupMember, PartitionOffsets, Plan, Progress, ProgressAuthor, StartPosition, StartRule,
    TopicPartition,
};

type Offsets = BTreeMap<TopicPartition, Result<i64, Fault>>;

/// Looks where `spec`'s flow stands on its source.
///
/// # Errors
/// When the source cannot be asked.
pub fn look_at_offsets(spec: &FlowSpec, source: &dyn Cluster, now_ms: i64) -> Result<FlowOffsets, Fault> {
    // The versions are asked first: that fails sooner when nobody is there.
    source.facts()?;
    let partitions = selected(spec, source)?;
    let group = &spec.config.group;
    let mut committed = source.committed(group, &partitions)?;
    let has_begun = !committed.is_empty();
    take_marks_out(&mut committed);
    // Of use, but no condition: brokers that do not tell them are not left without an answer.
    let (members, members_fault) = match source.members(group) {
        Ok(members) => (members, None),
        Err(fault) => (Vec::new(), Some(fault.detail)),
    };
    let starts = starts(spec, source, &partitions, (has_begun, &committed), now_ms)?;
    let lows = ask_each(source, &partitions, OffsetQuery::Earliest)?;
    // Last: a position that was read before never lies behind it.
    let highs = ask_each(source, &partitions, OffsetQuery::Latest)?;
    let look = Look { flow: &spec.name, committed: &committed, lows: &lows, highs: &highs };
    Ok(FlowOffsets {
        flow: spec.name.clone(),
        group: group.clone(),
        asked_at_ms: now_ms,
        has_progress: has_begun,
        members: members.into_iter().map(|name| member(&spec.name, name)).collect(),
        members_fault,
        partitions: starts.into_iter().map(|(partition, start)| look.partition(partition, start)).collect(),
    })
}

/// All partitions of the topics the flow mirrors, in order.
pub(super) fn selected(spec: &FlowSpec, source: &dyn Cluster) -> Result<Vec<TopicPartition>, Fault> {
    let topics: Vec<TopicFacts> = source.topics()?.into_iter().filter(|topic| topic.fault.is_none()).collect();
    let names = topics.iter().map(|topic| topic.name.clone());
    let is_same_cluster = spec.config.source == spec.config.target;
    let plan = Plan::new(&spec.config.selection, &spec.config.rename, names, is_same_cluster)
        .beside(&spec.config.neighbours, &spec.config.selection);
    let mut partitions = partitions_of(topics.iter().filter(|topic| plan.mirrored.contains_key(&topic.name)));
    partitions.sort();
    Ok(partitions)
}

/// A member as the broker names it. An instance's client id is `kmirror-`, the flow's name and a number.
fn member(flow: &FlowName, name: String) -> GroupMember {
    let client_id = name.rsplit_once(" on ").map_or(name.as_str(), |(client_id, _)| client_id);
    let shard = client_id.strip_prefix("kmirror-").and_then(|rest| rest.strip_prefix(flow.as_str())?.strip_prefix('-'));
    let is_of_flow = shard.is_some_and(|shard| !shard.is_empty() && shard.bytes().all(|byte| byte.is_ascii_digit()));
    GroupMember { name, is_of_flow }
}

/// By which rule each partition begins that has no progress, and what that means now.
fn starts(
    spec: &FlowSpec,
    source: &dyn Cluster,
    partitions: &[TopicPartition],
    (has_begun, committed): (bool, &BTreeMap<TopicPartition, Committed>),
    now_ms: i64,
) -> Result<BTreeMap<TopicPartition, Option<StartRule>>, Fault> {
    let mut by_start: BTreeMap<&StartPosition, Vec<TopicPartition>> = BTreeMap::new();
    for partition in partitions.iter().filter(|partition| !committed.contains_key(*partition)) {
        // The flow has begun before: what is new now is copied from its beginning.
        let rule = if has_begun { &StartPosition::Earliest } else { spec.config.start_of(partition) };
        by_start.entry(rule).or_default().push(partition.clone());
    }
    let mut starts: BTreeMap<_, _> = partitions.iter().map(|partition| (partition.clone(), None)).collect();
    for (at, partitions) in by_start {
        let offsets = resolve(source, &partitions, at, now_ms)?;
        for partition in partitions {
            let offset = offsets.get(&partition).copied();
            starts.insert(partition, Some(StartRule { at: at.clone(), offset }));
        }
    }
    Ok(starts)
}

fn ask_each(source: &dyn Cluster, partitions: &[TopicPartition], query: OffsetQuery) -> Result<Offsets, Fault> {
    if partitions.is_empty() { Ok(Offsets::new()) } else { source.offsets(partitions, query) }
}

/// What the source told.
struct Look<'a> {
    flow: &'a FlowName,
    committed: &'a BTreeMap<TopicPartition, Committed>,
    lows: &'a Offsets,
    highs: &'a Offsets,
}

impl Look<'_> {
    fn partition(&self, partition: TopicPartition, start: Option<StartRule>) -> PartitionOffsets {
        let (low, high) = (self.lows.get(&partition), self.highs.get(&partition));
        let known = |answer: Option<&Result<i64, Fault>>| answer.and_then(|answer| answer.as_ref().ok().copied());
        let fault = [low, high].into_iter().flatten().find_map(|answer| answer.as_ref().err());
        PartitionOffsets {
            low: known(low),
            high: known(high),
            progress: self.committed.get(&partition).map(|committed| progress(self.flow, committed)),
            fault: fault.map(|fault| fault.detail.clone()),
            start,
            partition,
        }
    }
}

fn progress(flow: &FlowName, committed: &Committed) -> Progress {
    let note = ProgressNote::parse(&committed.metadata);
    let author = match &note.flow {
        _ if !note.is_ours() => ProgressAuthor::Hand,
        Some(author) if author != flow => ProgressAuthor::OtherFlow,
        _ => ProgressAuthor::Flow,
    };
    Progress { offset: committed.offset, author }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_is_known_by_its_client_id() {
        let is_of_flow = |name: &str| member(&"orders".into(), name.into()).is_of_flow;
        assert!(is_of_flow("kmirror-orders-0 on 10.0.0.7"));
        assert!(!is_of_flow("kmirror-orders-x on 10.0.0.7"), "another flow's, with this one's name in front");
        assert!(!is_of_flow("kmirror-orders- on 10.0.0.7"));
        assert!(!is_of_flow("kafka-console-consumer on 10.0.0.7"));
        assert!(!is_of_flow("kmirror-orders-eu-0 on 10.0.0.7"));
    }
}
