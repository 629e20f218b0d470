//! Looking at records: a client that reads partitions without a group, and copies what it reads.

use std::ffi::CStr;
use std::ptr;
use std::slice;
use std::time::Duration;

use super::records::{Record, RecordQueue, TopicHandle, raw_records};
use super::{Client, Refused, code_of, raw, sys};
use crate::model::{BrowsedBytes, BrowsedRecord, TopicName};

/// Reads some partitions of one topic.
pub(crate) struct Browser<'a> {
    // Dropped in this order: what was begun is ended first.
    begun: Begun,
    queue: RecordQueue,
    client: &'a Client,
}

/// Partitions that are being read.
struct Begun {
    topic: TopicHandle,
    partitions: Vec<i32>,
}

impl<'a> Browser<'a> {
    /// # Errors
    /// When librdkafka takes the name for no topic's.
    pub(crate) fn new(client: &'a Client, topic: &TopicName) -> Result<Self, Refused> {
        let topic = TopicHandle::new(client, topic).map_err(|code| Refused::new(code, "not a name for a topic"))?;
        Ok(Self { begun: Begun { topic, partitions: Vec::new() }, queue: RecordQueue::new(client), client })
    }

    /// The client it reads with.
    pub(crate) fn client(&self) -> &Client {
        self.client
    }

    /// Reads a partition from `offset` on.
    ///
    /// # Errors
    /// When the client refuses.
    pub(crate) fn begin(&mut self, partition: i32, offset: i64) -> Result<(), Refused> {
        // SAFETY: topic and queue are alive until the partition is stopped.
        let begun = unsafe {
            sys::rd_kafka_consume_start_queue(self.begun.topic.as_ptr(), partition, offset, self.queue.as_ptr())
        };
        if begun != 0 {
            // SAFETY: no preconditions.
            let number = unsafe { raw::rd_kafka_last_error() };
            let code = code_of(number);
            return Err(Refused::of(number, String::new()).unwrap_or_else(|| Refused::new(code, "not begun")));
        }
        self.begun.partitions.push(partition);
        Ok(())
    }

    /// Records and news that are there; when there are none, waits for the first.
    pub(crate) fn read(&mut self, wait: Duration, records: &mut Vec<Record>) {
        self.queue.read(wait, READ_MAX, records);
    }
}

/// Records moved out of the queue at a time.
const READ_MAX: usize = 500;

impl Drop for Begun {
    fn drop(&mut self) {
        for partition in &self.partitions {
            // SAFETY: it was begun, and is stopped once.
            unsafe { sys::rd_kafka_consume_stop(self.topic.as_ptr(), *partition) };
        }
    }
}

/// A copy of the record, for people to look at.
pub(crate) fn copied(record: &Record) -> BrowsedRecord {
    let message = record.as_ptr();
    let timestamp_ms = record.timestamp_ms();
    // SAFETY: the message is alive; pointers and lengths belong together. No reference to the whole of it is made,
    // because of its `err`: see the parent.
    unsafe {
        BrowsedRecord {
            partition: (*message).partition,
            offset: (*message).offset,
            timestamp_ms: (timestamp_ms >= 0).then_some(timestamp_ms),
            key: bytes_at((*message).key.cast(), (*message).key_len),
            value: bytes_at((*message).payload.cast(), (*message).len),
            headers: headers_of(message),
        }
    }
}

/// # Safety
/// `first` must be null or point to `size` bytes.
unsafe fn bytes_at(first: *const u8, size: usize) -> Option<BrowsedBytes> {
    if first.is_null() {
        return None;
    }
    // SAFETY: the caller's promise.
    Some(BrowsedBytes::of(unsafe { slice::from_raw_parts(first, size) }))
}

/// # Safety
/// `message` must be alive.
unsafe fn headers_of(message: *const sys::rd_kafka_message_t) -> Vec<(Vec<u8>, Option<BrowsedBytes>)> {
    let mut headers = ptr::null_mut();
    let mut found = Vec::new();
    // SAFETY: the caller's promise; names end with a NUL, values are as long as told, and all is copied.
    unsafe {
        if raw_records::rd_kafka_message_headers(message, &raw mut headers) != 0 {
            return found;
        }
        let (mut name, mut value, mut size) = (ptr::null(), ptr::null(), 0);
        while raw_records::rd_kafka_header_get_all(headers, found.len(), &raw mut name, &raw mut value, &raw mut size)
            == 0
        {
            found.push((CStr::from_ptr(name).to_bytes().to_vec(), bytes_at(value.cast(), size)));
        }
    }
    found
}
