//! What a consumer fetches: assigning, pausing, seeking and committing partitions.
//!
//! The safe API has most of it, but no leader epochs and no notes, and its lists cost an allocation per call and side.

use std::ptr;
use std::time::Duration;

use super::offsets::set_note;
use super::{Client, PartitionList, Queue, Refused, error_at, millis, partition_at, sys, values_at};
use crate::engine::ports;
use crate::model::TopicPartition;

/// Where a partition begins.
pub(crate) struct Begin {
    /// The first offset to fetch.
    pub(crate) offset: i64,
    /// Leader epoch of the record before it: lets the broker notice a rewritten log.
    pub(crate) leader_epoch: Option<i32>,
}

/// Adds partitions to what the consumer fetches. Answers an assignment of the group.
pub(crate) fn assign<'a>(
    client: &Client,
    partitions: impl ExactSizeIterator<Item = (&'a TopicPartition, Begin)>,
) -> Result<(), Refused> {
    let mut list = PartitionList::new(partitions.len());
    for (partition, begin) in partitions {
        let entry = list.add(partition)?;
        entry.offset = begin.offset;
        // SAFETY: the entry is alive.
        unsafe { sys::rd_kafka_topic_partition_set_leader_epoch(entry, begin.leader_epoch.unwrap_or(-1)) };
    }
    // SAFETY: client and list are alive; the list is copied.
    unsafe { take_error(sys::rd_kafka_incremental_assign(client.native_ptr(), list.0.as_ptr())) }
}

/// Takes partitions from what the consumer fetches. Answers a revocation of the group.
pub(crate) fn unassign<'a>(
    client: &Client,
    partitions: impl ExactSizeIterator<Item = &'a TopicPartition>,
) -> Result<(), Refused> {
    let list = list_of(partitions)?;
    // SAFETY: client and list are alive; the list is copied.
    unsafe { take_error(sys::rd_kafka_incremental_unassign(client.native_ptr(), list.0.as_ptr())) }
}

/// Stops fetching a partition.
pub(crate) fn pause(client: &Client, partition: &TopicPartition) -> Result<(), Refused> {
    let list = list_of([partition].into_iter())?;
    // SAFETY: client and list are alive.
    let number = unsafe { raw_assignment::rd_kafka_pause_partitions(client.native_ptr(), list.0.as_ptr()) };
    Refused::of(number, String::new()).map_or(Ok(()), Err)
}

/// Takes back what [`pause`] said of partitions before they were given up. Must be called before each assignment:
/// librdkafka remembers a pause beyond the assignment it was made in, and would never fetch them again.
pub(crate) fn forget_pauses<'a>(
    client: &Client,
    partitions: impl ExactSizeIterator<Item = &'a TopicPartition>,
) -> Result<(), Refused> {
    let list = list_of(partitions)?;
    // SAFETY: client and list are alive.
    let number = unsafe { raw_assignment::rd_kafka_resume_partitions(client.native_ptr(), list.0.as_ptr()) };
    Refused::of(number, String::new()).map_or(Ok(()), Err)
}

/// Fetches a paused partition again, from `offset` on.
///
/// Always seeks: where librdkafka would go on by itself depends on what was taken from its queue, and on a bug that
/// counts the end of a partition as a record.
pub(crate) fn resume_at(
    client: &Client,
    partition: &TopicPartition,
    offset: i64,
    timeout: Duration,
) -> Result<(), Refused> {
    let list = seek_list(client, [(partition, offset)].into_iter(), timeout)?;
    // SAFETY: client and list are alive.
    let number = unsafe { raw_assignment::rd_kafka_resume_partitions(client.native_ptr(), list.0.as_ptr()) };
    Refused::of(number, String::new()).map_or(Ok(()), Err)
}

/// Sets the offsets that partitions are fetched from next.
pub(crate) fn seek<'a>(
    client: &Client,
    positions: impl ExactSizeIterator<Item = (&'a TopicPartition, i64)>,
    timeout: Duration,
) -> Result<(), Refused> {
    seek_list(client, positions, timeout).map(drop)
}

fn seek_list<'a>(
    client: &Client,
    positions: impl ExactSizeIterator<Item = (&'a TopicPartition, i64)>,
    timeout: Duration,
) -> Result<PartitionList, Refused> {
    let mut list = PartitionList::new(positions.len());
    for (partition, offset) in positions {
        list.add(partition)?.offset = offset;
    }
    // SAFETY: client and list are alive; results are written into the list's entries, which are read before it is
    // dropped.
    unsafe { take_error(sys::rd_kafka_seek_partitions(client.native_ptr(), list.0.as_ptr(), millis(timeout)))? };
    first_error(&list)?;
    Ok(list)
}

/// Where the answers to a consumer's commits come.
///
/// Its own queue, because the safe API's commit callback is never called: librdkafka calls back only who set a
/// callback, and the safe API waits for an event instead.
pub(crate) struct CommitQueue(Queue);

/// The answer to a commit.
pub(crate) struct CommitAnswer {
    /// What was to be committed.
    pub(crate) positions: Vec<(TopicPartition, i64)>,
    /// Partitions of which the group did not take it: it answers for each.
    refused: Vec<(TopicPartition, Refused)>,
    /// What kept the group from answering at all.
    failure: Option<Refused>,
}

/// Positions of a commit that met the same answer.
pub(crate) type Committed = (Vec<(TopicPartition, i64)>, Result<(), Refused>);

impl CommitAnswer {
    /// Whether the group took all of it.
    pub(crate) fn result(&self) -> Result<(), Refused> {
        let refused = self.refused.first().map(|(_, refused)| refused.clone());
        self.failure.clone().or(refused).map_or(Ok(()), Err)
    }

    /// The positions by what became of them: those the group took, and those it did not, by reason.
    pub(crate) fn by_result(self) -> Vec<Committed> {
        if self.refused.is_empty() {
            return vec![(self.positions, self.failure.map_or(Ok(()), Err))];
        }
        let mut groups: Vec<Committed> = Vec::new();
        for position in self.positions {
            let refused =
                self.refused.iter().find(|(partition, _)| *partition == position.0).map(|(_, refused)| refused);
            let is_same =
                |group: &&mut Committed| group.1.as_ref().err().map(|of| of.code) == refused.map(|of| of.code);
            match groups.iter_mut().find(is_same) {
                Some((positions, _)) => positions.push(position),
                None => groups.push((vec![position], refused.cloned().map_or(Ok(()), Err))),
            }
        }
        groups
    }
}

impl CommitQueue {
    pub(crate) fn new(client: &Client) -> Self {
        Self(Queue::new(client))
    }

    /// Commits positions to the consumer's group.
    pub(crate) fn commit<'a>(
        &self,
        client: &Client,
        positions: impl ExactSizeIterator<Item = (&'a TopicPartition, &'a ports::Committed)>,
    ) -> Result<(), Refused> {
        let mut list = PartitionList::new(positions.len());
        for (partition, position) in positions {
            let entry = list.add(partition)?;
            entry.offset = position.offset;
            // SAFETY: the entry is alive.
            unsafe { sys::rd_kafka_topic_partition_set_leader_epoch(entry, position.leader_epoch.unwrap_or(-1)) };
            set_note(entry, position.metadata.as_bytes());
        }
        // SAFETY: client, list and queue are alive; the list is copied. Without a callback the answer becomes an event.
        let number = unsafe {
            raw_assignment::rd_kafka_commit_queue(
                client.native_ptr(),
                list.0.as_ptr(),
                self.0.0.as_ptr(),
                ptr::null_mut(),
                ptr::null_mut(),
            )
        };
        Refused::of(number, String::new()).map_or(Ok(()), Err)
    }

    /// The next answer, if it comes within `wait`.
    pub(crate) fn poll(&self, wait: Duration) -> Option<CommitAnswer> {
        let event = self.0.poll(wait)?;
        let mut answer = CommitAnswer { positions: Vec::new(), refused: Vec::new(), failure: event.error() };
        // SAFETY: the event is alive, and so are its list and entries, which are copied.
        unsafe {
            let list = sys::rd_kafka_event_topic_partition_list(event.0.as_ptr());
            if !list.is_null() {
                for entry in values_at((*list).elems, usize::try_from((*list).cnt).unwrap_or(0)) {
                    let (partition, refused) = partition_at(entry);
                    answer.refused.extend(refused.map(|refused| (partition.clone(), refused)));
                    answer.positions.push((partition, entry.offset));
                }
            }
        }
        Some(answer)
    }
}

/// Start and end of a partition's log as the last answer told. Either is negative before the first one.
pub(crate) fn log_bounds(client: &Client, partition: &TopicPartition) -> Option<(i64, i64)> {
    let topic = super::c_text(partition.topic.as_str()).ok()?;
    let (mut low, mut high) = (-1, -1);
    // SAFETY: the client is alive; both offsets are written before the call returns.
    let number = unsafe {
        raw_assignment::rd_kafka_get_watermark_offsets(
            client.native_ptr(),
            topic.as_ptr(),
            partition.partition,
            &raw mut low,
            &raw mut high,
        )
    };
    (number == 0).then_some((low, high))
}

fn list_of<'a>(partitions: impl ExactSizeIterator<Item = &'a TopicPartition>) -> Result<PartitionList, Refused> {
    let mut list = PartitionList::new(partitions.len());
    for partition in partitions {
        list.add(partition)?;
    }
    Ok(list)
}

fn first_error(list: &PartitionList) -> Result<(), Refused> {
    // SAFETY: the list is alive, and so are its entries.
    let refused = unsafe {
        let list = list.0.as_ref();
        let count = usize::try_from(list.cnt).unwrap_or(0);
        values_at(list.elems, count).iter().find_map(|entry| partition_at(entry).1)
    };
    refused.map_or(Ok(()), Err)
}

/// # Safety
/// `error` must be null or an error that is ours.
unsafe fn take_error(error: *mut sys::rd_kafka_error_t) -> Result<(), Refused> {
    // SAFETY: the caller's promise; nothing refers to the error afterwards.
    unsafe {
        let refused = error_at(error);
        if !error.is_null() {
            sys::rd_kafka_error_destroy(error);
        }
        refused.map_or(Ok(()), Err)
    }
}

/// As `raw`: error codes as the numbers they are.
mod raw_assignment {
    use std::ffi::{c_char, c_int, c_void};

    use super::sys;

    unsafe extern "C" {
        pub(super) fn rd_kafka_pause_partitions(
            client: *mut sys::rd_kafka_t,
            list: *mut sys::rd_kafka_topic_partition_list_t,
        ) -> c_int;
        pub(super) fn rd_kafka_resume_partitions(
            client: *mut sys::rd_kafka_t,
            list: *mut sys::rd_kafka_topic_partition_list_t,
        ) -> c_int;
        pub(super) fn rd_kafka_commit_queue(
            client: *mut sys::rd_kafka_t,
            list: *const sys::rd_kafka_topic_partition_list_t,
            queue: *mut sys::rd_kafka_queue_t,
            callback: *mut c_void,
            opaque: *mut c_void,
        ) -> c_int;
        pub(super) fn rd_kafka_get_watermark_offsets(
            client: *mut sys::rd_kafka_t,
            topic: *const c_char,
            partition: i32,
            low: *mut i64,
            high: *mut i64,
        ) -> c_int;
    }
}
