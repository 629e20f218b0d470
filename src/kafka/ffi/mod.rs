//! The only `unsafe` of the crate: calls of librdkafka that the safe API lacks or gets wrong, behind safe functions.
//!
//! Nothing here decides anything. Text and results are copied into owned values before the librdkafka object that holds
//! them is dropped; whatever librdkafka hands out is owned by a type that destroys it.
//!
//! rdkafka-sys declares error codes as Rust enums. A broker newer than librdkafka sends numbers those lack, and a Rust
//! enum with such a value is undefined behaviour: so codes are read as numbers here, see [`code_of`] and [`raw`].
#![expect(unsafe_code, reason = "calls into C; kept in this one module")]

pub(crate) mod admin;
pub(crate) mod assignment;
pub(crate) mod browse;
#[cfg(target_os = "linux")]
mod fetch_version;
pub(crate) mod groups;
pub(crate) mod metadata;
pub(crate) mod offsets;
pub(crate) mod records;
pub(crate) mod rights;

use std::ffi::{CStr, CString, c_char};
use std::ptr::NonNull;
use std::slice;
use std::time::{Duration, Instant};

use rdkafka::types::{RDKafkaErrorCode, RDKafkaRespErr};
use rdkafka_sys as sys;

use super::context::MirrorContext;
use super::fault_map;
use crate::model::TopicPartition;

/// The client a call is made with.
pub(crate) type Client<C = MirrorContext> = rdkafka::client::Client<C>;

/// A request that failed: librdkafka's or the broker's code, and words that may say more.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    /// The code.
    pub(crate) code: RDKafkaErrorCode,
    /// The words, or empty.
    pub(crate) text: String,
}

impl Refused {
    fn new(code: RDKafkaErrorCode, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }

    /// `None` when `number` means success.
    fn of(number: i32, text: String) -> Option<Self> {
        match code_of(number) {
            RDKafkaErrorCode::NoError => None,
            RDKafkaErrorCode::Unknown if number != -1 => {
                Some(Self::new(RDKafkaErrorCode::Unknown, format!("error {number}: {text}")))
            }
            code if text.is_empty() => Some(Self::new(code, fault_map::describe(code))),
            code => Some(Self::new(code, text)),
        }
    }
}

/// How long to wait for an answer.
#[derive(Clone, Copy)]
pub(crate) struct Patience<'a> {
    /// Until then.
    pub(crate) deadline: Instant,
    /// Asked while waiting: whether to give up before, because no answer will come.
    pub(crate) give_up: &'a dyn Fn() -> bool,
}

impl Patience<'_> {
    /// What is left.
    pub(crate) fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Whether to wait no more.
    pub(crate) fn is_over(&self) -> bool {
        self.left().is_zero() || (self.give_up)()
    }
}

/// The error code `number` stands for; [`RDKafkaErrorCode::Unknown`] for one that librdkafka does not know.
#[inline]
pub(crate) fn code_of(number: i32) -> RDKafkaErrorCode {
    // Asked several times for each record, and nearly always this.
    if number == 0 {
        return RDKafkaErrorCode::NoError;
    }
    RDKafkaRespErr::try_from(number).map_or(RDKafkaErrorCode::Unknown, RDKafkaErrorCode::from)
}

/// Functions and fields of librdkafka that hold an error code, read as the number it is.
mod raw {
    use std::ffi::{c_char, c_int};

    use super::sys;

    unsafe extern "C" {
        pub(super) fn rd_kafka_event_error(event: *mut sys::rd_kafka_event_t) -> c_int;
        pub(super) fn rd_kafka_error_code(error: *const sys::rd_kafka_error_t) -> c_int;
        pub(super) fn rd_kafka_topic_result_error(result: *const sys::rd_kafka_topic_result_t) -> c_int;
        pub(super) fn rd_kafka_ConfigResource_error(resource: *const sys::rd_kafka_ConfigResource_t) -> c_int;
        pub(super) fn rd_kafka_ConfigEntry_source(entry: *const sys::rd_kafka_ConfigEntry_t) -> c_int;
        pub(super) fn rd_kafka_NewTopic_set_config(
            topic: *mut sys::rd_kafka_NewTopic_t,
            name: *const c_char,
            value: *const c_char,
        ) -> c_int;
        pub(super) fn rd_kafka_last_error() -> c_int;
        pub(super) fn rd_kafka_metadata(
            client: *mut sys::rd_kafka_t,
            all_topics: c_int,
            only_topic: *mut sys::rd_kafka_topic_t,
            metadata: *mut *const sys::rd_kafka_metadata,
            timeout_ms: c_int,
        ) -> c_int;
    }

    /// The number in a struct's field of the enum type.
    ///
    /// # Safety
    /// `field` must point to a readable error code.
    pub(super) unsafe fn code_at(field: *const sys::rd_kafka_resp_err_t) -> i32 {
        // SAFETY: the caller's promise; the enum is `repr(i32)`.
        unsafe { field.cast::<i32>().read() }
    }
}

/// Text of librdkafka's, which may be no text at all and no UTF-8.
///
/// # Safety
/// `text` must be null or point to a C string.
unsafe fn text_at(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

/// `count` values at `first`.
///
/// # Safety
/// `first` must be null or point to `count` values that live for `'a`.
unsafe fn values_at<'a, T>(first: *const T, count: usize) -> &'a [T] {
    if first.is_null() || count == 0 {
        return &[];
    }
    // SAFETY: the caller's promise.
    unsafe { slice::from_raw_parts(first, count) }
}

fn c_text(text: &str) -> Result<CString, Refused> {
    CString::new(text).map_err(|_| Refused::new(RDKafkaErrorCode::InvalidArgument, "a name holds a NUL byte"))
}

fn millis(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}

/// The error of an object that has one, as a result.
///
/// # Safety
/// `error` must be null or point to an error.
unsafe fn error_at(error: *const sys::rd_kafka_error_t) -> Option<Refused> {
    if error.is_null() {
        return None;
    }
    // SAFETY: the caller's promise; the string lives as long as the error.
    unsafe { Refused::of(raw::rd_kafka_error_code(error), text_at(sys::rd_kafka_error_string(error))) }
}

/// A queue of a client's.
struct Queue(NonNull<sys::rd_kafka_queue_t>);

// SAFETY: librdkafka's queues may be used from any thread.
unsafe impl Send for Queue {}

impl Queue {
    fn new(client: &Client) -> Self {
        // SAFETY: the client is alive, and so takes new queues.
        let queue = unsafe { sys::rd_kafka_queue_new(client.native_ptr()) };
        Self(NonNull::new(queue).expect("librdkafka aborts when it is out of memory"))
    }

    fn poll(&self, timeout: Duration) -> Option<Event> {
        // SAFETY: the queue is alive.
        NonNull::new(unsafe { sys::rd_kafka_queue_poll(self.0.as_ptr(), millis(timeout)) }).map(Event)
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        // SAFETY: ours since `new`. An answer under way is dropped by librdkafka when it comes.
        unsafe { sys::rd_kafka_queue_destroy(self.0.as_ptr()) }
    }
}

/// Something that came out of a queue.
struct Event(NonNull<sys::rd_kafka_event_t>);

impl Event {
    fn is(&self, kind: i32) -> bool {
        // SAFETY: the event is alive.
        unsafe { sys::rd_kafka_event_type(self.0.as_ptr()) == kind }
    }

    fn error(&self) -> Option<Refused> {
        let event = self.0.as_ptr();
        // SAFETY: the event is alive, and so is its text.
        unsafe { Refused::of(raw::rd_kafka_event_error(event), text_at(sys::rd_kafka_event_error_string(event))) }
    }
}

impl Drop for Event {
    fn drop(&mut self) {
        // SAFETY: ours since it was polled; everything read from it was copied.
        unsafe { sys::rd_kafka_event_destroy(self.0.as_ptr()) }
    }
}

/// A list of partitions with offsets.
struct PartitionList(NonNull<sys::rd_kafka_topic_partition_list_t>);

impl PartitionList {
    fn new(capacity: usize) -> Self {
        // SAFETY: no preconditions.
        let list = unsafe { sys::rd_kafka_topic_partition_list_new(i32::try_from(capacity).unwrap_or(i32::MAX)) };
        Self(NonNull::new(list).expect("librdkafka aborts when it is out of memory"))
    }

    /// Adds a partition; the entry may be changed until the next is added.
    fn add(&mut self, partition: &TopicPartition) -> Result<&mut sys::rd_kafka_topic_partition_t, Refused> {
        let topic = c_text(partition.topic.as_str())?;
        // SAFETY: the list is ours, and the topic's name is copied into it.
        let entry =
            unsafe { sys::rd_kafka_topic_partition_list_add(self.0.as_ptr(), topic.as_ptr(), partition.partition) };
        // SAFETY: the entry belongs to the list and is moved by nothing but the next `add`, which borrows it mutably.
        Ok(unsafe { &mut *entry })
    }
}

impl Drop for PartitionList {
    fn drop(&mut self) {
        // SAFETY: ours since `new`.
        unsafe { sys::rd_kafka_topic_partition_list_destroy(self.0.as_ptr()) }
    }
}

/// Which partition an entry of librdkafka's is about, and its error.
///
/// # Safety
/// `entry` must point to an entry of a list.
unsafe fn partition_at(entry: *const sys::rd_kafka_topic_partition_t) -> (TopicPartition, Option<Refused>) {
    // SAFETY: the caller's promise; the error's field is not read as an enum.
    unsafe {
        let partition = TopicPartition::new(text_at((*entry).topic), (*entry).partition);
        (partition, Refused::of(raw::code_at(&raw const (*entry).err), String::new()))
    }
}
