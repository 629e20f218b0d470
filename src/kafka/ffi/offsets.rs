//! Offsets of partitions, and what groups have committed.

use std::ffi::c_void;
use std::ptr;

use super::admin::{Setting, call};
use super::{Client, Event, PartitionList, Patience, Refused, c_text, error_at, partition_at, sys, values_at};
use crate::engine::ports::{Committed, OffsetQuery};
use crate::model::{GroupName, TopicPartition};

/// What came back for each partition.
pub(crate) type PerPartition<T> = Vec<(TopicPartition, Result<T, Refused>)>;

/// The offset that `query` means for each partition, as a read_committed reader sees it; -1 for "after the last
/// record".
///
/// # Errors
/// When the request as a whole failed.
pub(crate) fn list_offsets(
    client: &Client,
    partitions: &[TopicPartition],
    query: OffsetQuery,
    patience: Patience<'_>,
) -> Result<PerPartition<i64>, Refused> {
    let spec = match query {
        OffsetQuery::Earliest => sys::rd_kafka_OffsetSpec_t::RD_KAFKA_OFFSET_SPEC_EARLIEST as i64,
        OffsetQuery::Latest => sys::rd_kafka_OffsetSpec_t::RD_KAFKA_OFFSET_SPEC_LATEST as i64,
        // Negative numbers mean something else; no record is older than 1970.
        OffsetQuery::AtTime(timestamp_ms) => timestamp_ms.max(0),
    };
    let mut list = PartitionList::new(partitions.len());
    for partition in partitions {
        list.add(partition)?.offset = spec;
    }
    let event = call(
        client,
        sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_LISTOFFSETS,
        Setting::ReadCommitted,
        sys::RD_KAFKA_EVENT_LISTOFFSETS_RESULT,
        patience,
        // SAFETY: all are alive, and the list is copied.
        |client, options, queue| unsafe { sys::rd_kafka_ListOffsets(client, list.0.as_ptr(), options, queue) },
    )?;
    let mut count = 0;
    // SAFETY: the event is of this type; all it holds lives as long as it does, and is copied.
    unsafe {
        let result = sys::rd_kafka_event_ListOffsets_result(event.0.as_ptr());
        let infos = sys::rd_kafka_ListOffsets_result_infos(result, &raw mut count);
        let answer = values_at(infos, count).iter().map(|info| {
            let entry = sys::rd_kafka_ListOffsetsResultInfo_topic_partition(*info);
            let (partition, refused) = partition_at(entry);
            (partition, refused.map_or(Ok((*entry).offset), Err))
        });
        Ok(answer.collect())
    }
}

/// What `group` has committed; -1 or less as offset where it has not.
///
/// # Errors
/// When the request as a whole failed.
pub(crate) fn committed(
    client: &Client,
    group: &GroupName,
    partitions: &[TopicPartition],
    patience: Patience<'_>,
) -> Result<PerPartition<Committed>, Refused> {
    let mut list = PartitionList::new(partitions.len());
    for partition in partitions {
        list.add(partition)?;
    }
    let name = c_text(group.as_str())?;
    let event = call(
        client,
        sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS,
        Setting::None,
        sys::RD_KAFKA_EVENT_LISTCONSUMERGROUPOFFSETS_RESULT,
        patience,
        // SAFETY: all are alive; name and list are copied into the request, the request by the call.
        |client, options, queue| unsafe {
            let mut request = sys::rd_kafka_ListConsumerGroupOffsets_new(name.as_ptr(), list.0.as_ptr());
            sys::rd_kafka_ListConsumerGroupOffsets(client, &raw mut request, 1, options, queue);
            sys::rd_kafka_ListConsumerGroupOffsets_destroy(request);
        },
    )?;
    let mut count = 0;
    // SAFETY: the event is of this type; its groups live as long as it does.
    unsafe {
        let result = sys::rd_kafka_event_ListConsumerGroupOffsets_result(event.0.as_ptr());
        let groups = sys::rd_kafka_ListConsumerGroupOffsets_result_groups(result, &raw mut count);
        group_answer(&event, values_at(groups, count), committed_at)
    }
}

/// Commits for a group without members.
///
/// # Errors
/// When the request as a whole failed.
pub(crate) fn commit<'a>(
    client: &Client,
    group: &GroupName,
    positions: impl ExactSizeIterator<Item = (&'a TopicPartition, &'a Committed)>,
    patience: Patience<'_>,
) -> Result<PerPartition<()>, Refused> {
    let mut list = PartitionList::new(positions.len());
    for (partition, position) in positions {
        let entry = list.add(partition)?;
        entry.offset = position.offset;
        // SAFETY: the entry is alive.
        unsafe { sys::rd_kafka_topic_partition_set_leader_epoch(entry, position.leader_epoch.unwrap_or(-1)) };
        set_note(entry, position.metadata.as_bytes());
    }
    let name = c_text(group.as_str())?;
    let event = call(
        client,
        sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS,
        Setting::None,
        sys::RD_KAFKA_EVENT_ALTERCONSUMERGROUPOFFSETS_RESULT,
        patience,
        // SAFETY: all are alive; name and list are copied into the request, the request by the call.
        |client, options, queue| unsafe {
            let mut request = sys::rd_kafka_AlterConsumerGroupOffsets_new(name.as_ptr(), list.0.as_ptr());
            sys::rd_kafka_AlterConsumerGroupOffsets(client, &raw mut request, 1, options, queue);
            sys::rd_kafka_AlterConsumerGroupOffsets_destroy(request);
        },
    )?;
    let mut count = 0;
    // SAFETY: the event is of this type; its groups live as long as it does.
    unsafe {
        let result = sys::rd_kafka_event_AlterConsumerGroupOffsets_result(event.0.as_ptr());
        let groups = sys::rd_kafka_AlterConsumerGroupOffsets_result_groups(result, &raw mut count);
        group_answer(&event, values_at(groups, count), |_| ())
    }
}

/// What a request about one group brought for each partition.
///
/// # Safety
/// `groups` must belong to `event`.
unsafe fn group_answer<T>(
    _event: &Event,
    groups: &[*const sys::rd_kafka_group_result_t],
    read: impl Fn(&sys::rd_kafka_topic_partition_t) -> T,
) -> Result<PerPartition<T>, Refused> {
    let mut answer = Vec::new();
    for group in groups {
        // SAFETY: the caller's promise; entries are copied, and their codes read as numbers before a reference is made.
        unsafe {
            if let Some(refused) = error_at(sys::rd_kafka_group_result_error(*group)) {
                return Err(refused);
            }
            let list = sys::rd_kafka_group_result_partitions(*group);
            if list.is_null() {
                continue;
            }
            for index in 0..usize::try_from((*list).cnt).unwrap_or(0) {
                let entry = (*list).elems.add(index);
                let (partition, refused) = partition_at(entry);
                answer.push((partition, refused.map_or_else(|| Ok(read(&*entry)), Err)));
            }
        }
    }
    Ok(answer)
}

fn committed_at(entry: &sys::rd_kafka_topic_partition_t) -> Committed {
    // SAFETY: note and size belong together, and the note is copied.
    let note = unsafe { values_at(entry.metadata.cast::<u8>(), entry.metadata_size) };
    // SAFETY: the entry is alive.
    let epoch = unsafe { sys::rd_kafka_topic_partition_get_leader_epoch(entry) };
    Committed {
        offset: entry.offset,
        leader_epoch: (epoch >= 0).then_some(epoch),
        metadata: String::from_utf8_lossy(note).into_owned(),
    }
}

/// Puts a copy of `note` into `entry`, whose list frees it.
pub(super) fn set_note(entry: &mut sys::rd_kafka_topic_partition_t, note: &[u8]) {
    if note.is_empty() {
        return;
    }
    // SAFETY: the memory is as large as what is copied into it, and comes from where librdkafka's `free` expects it.
    unsafe {
        let copy = libc::malloc(note.len());
        assert!(!copy.is_null(), "out of memory");
        ptr::copy_nonoverlapping(note.as_ptr().cast::<c_void>(), copy, note.len());
        entry.metadata = copy;
        entry.metadata_size = note.len();
    }
}
