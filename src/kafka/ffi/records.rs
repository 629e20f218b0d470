//! The records' way: out of a consumer, into a producer, without a copy of the payload.
//!
//! A consumed message is handed to the producer as it is: its payload pointer is produced, and the message itself
//! travels as the opaque of the produced one. It is destroyed when the delivery report brings the opaque back. Until
//! then it pins the response it was fetched in, and the consumer must not be destroyed.

use std::ffi::{c_int, c_void};
use std::ptr::{self, NonNull};
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::types::{RDKafkaErrorCode, RDKafkaType};

use super::{Client, Event, Queue, c_text, code_of, millis, raw, sys, text_at};
use crate::kafka::context::MirrorContext;
use crate::model::{TopicName, TopicPartition};

/// Records of one consumer's partitions, in the order they were fetched.
pub(crate) struct RecordQueue {
    queue: Queue,
    buffer: Vec<*mut sys::rd_kafka_message_t>,
}

// SAFETY: the queue may be used from any thread, and the buffer is empty between calls.
unsafe impl Send for RecordQueue {}

impl RecordQueue {
    pub(crate) fn new(consumer: &Client) -> Self {
        Self { queue: Queue::new(consumer), buffer: Vec::new() }
    }

    /// Lets the records of a partition come here. Must be called before each assignment of the partition.
    pub(crate) fn adopt(&self, consumer: &Client, partition: &TopicPartition) {
        let Ok(topic) = c_text(partition.topic.as_str()) else { return };
        // SAFETY: client and queue are alive; the partition's queue is ours until it is destroyed here.
        unsafe {
            let own = sys::rd_kafka_queue_get_partition(consumer.native_ptr(), topic.as_ptr(), partition.partition);
            if !own.is_null() {
                sys::rd_kafka_queue_forward(own, self.queue.0.as_ptr());
                sys::rd_kafka_queue_destroy(own);
            }
        }
    }

    pub(super) fn as_ptr(&self) -> *mut sys::rd_kafka_queue_t {
        self.queue.0.as_ptr()
    }

    /// Moves at most `count` records that are there to `records`; when there are none, waits for the first.
    pub(crate) fn read(&mut self, wait: Duration, count: usize, records: &mut impl Extend<Record>) {
        // A batch call returns when it is full or the time is over, so only a call for one record may wait.
        if self.take(0, count, records) == 0 && !wait.is_zero() && self.take(millis(wait), 1, records) > 0 {
            self.take(0, count.saturating_sub(1), records);
        }
    }

    fn take(&mut self, timeout_ms: i32, count: usize, records: &mut impl Extend<Record>) -> usize {
        if count == 0 {
            return 0;
        }
        self.buffer.clear();
        self.buffer.reserve(count);
        // SAFETY: the buffer has room for `count` pointers, and the call tells how many it wrote.
        unsafe {
            let taken =
                sys::rd_kafka_consume_batch_queue(self.queue.0.as_ptr(), timeout_ms, self.buffer.as_mut_ptr(), count);
            self.buffer.set_len(usize::try_from(taken).unwrap_or(0));
        }
        let taken = self.buffer.len();
        records.extend(self.buffer.drain(..).filter_map(NonNull::new).map(Record));
        taken
    }
}

/// A record, or news of a partition, as the consumer got it.
pub(crate) struct Record(NonNull<sys::rd_kafka_message_t>);

// SAFETY: a message may be read and destroyed on any thread.
unsafe impl Send for Record {}

/// What a record carries beside key and value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct HeaderFacts {
    pub(crate) count: usize,
    /// Bytes of all names and values.
    pub(crate) bytes: u64,
}

impl Record {
    pub(super) fn as_ptr(&self) -> *const sys::rd_kafka_message_t {
        self.0.as_ptr()
    }

    /// `None` for a record; otherwise what the partition has to tell.
    pub(crate) fn code(&self) -> Option<RDKafkaErrorCode> {
        // SAFETY: the message is alive.
        match code_of(unsafe { raw::code_at(&raw const (*self.0.as_ptr()).err) }) {
            RDKafkaErrorCode::NoError => None,
            code => Some(code),
        }
    }

    /// The words that come with [`code`](Self::code).
    pub(crate) fn text(&self) -> String {
        // SAFETY: the message is alive, and the text is copied.
        unsafe { text_at(sys::rd_kafka_message_errstr(self.0.as_ptr())) }
    }

    /// Which partition it belongs to.
    pub(crate) fn key(&self) -> PartitionKey {
        let message = self.0.as_ptr();
        // SAFETY: the message is alive. No reference to the whole of it is made, because of its `err`: see the parent.
        unsafe { PartitionKey { topic: (*message).rkt as usize, partition: (*message).partition } }
    }

    pub(crate) fn partition(&self) -> i32 {
        // SAFETY: the message is alive.
        unsafe { (*self.0.as_ptr()).partition }
    }

    pub(crate) fn offset(&self) -> i64 {
        // SAFETY: the message is alive.
        unsafe { (*self.0.as_ptr()).offset }
    }

    pub(crate) fn has_key(&self) -> bool {
        // SAFETY: the message is alive.
        unsafe { !(*self.0.as_ptr()).key.is_null() }
    }

    /// Bytes of key and value.
    pub(crate) fn body_bytes(&self) -> u64 {
        // SAFETY: the message is alive.
        unsafe { ((*self.0.as_ptr()).key_len + (*self.0.as_ptr()).len) as u64 }
    }

    /// Ms since 1970; -1 when the record has none.
    pub(crate) fn timestamp_ms(&self) -> i64 {
        // The enum's values as numbers: what librdkafka writes there is not trusted to be one of them.
        let mut kind: c_int = 0;
        // SAFETY: the message is alive, and the enum is an int.
        let timestamp_ms = unsafe { sys::rd_kafka_message_timestamp(self.0.as_ptr(), (&raw mut kind).cast()) };
        // Format v0 has no timestamps, and librdkafka gives 0 of no kind for each: as if all were of 1970, and the
        // target would delete them by their age. It cannot tell them from a 0 that is written in format v1.
        if kind == 0 { -1 } else { timestamp_ms }
    }

    pub(crate) fn leader_epoch(&self) -> Option<i32> {
        // SAFETY: the message is alive.
        let epoch = unsafe { sys::rd_kafka_message_leader_epoch(self.0.as_ptr()) };
        (epoch >= 0).then_some(epoch)
    }

    /// What headers the record has. Not to be asked needlessly: librdkafka looks into the fetched batch each time,
    /// unless there are headers and it has decoded them before.
    ///
    /// # Errors
    /// When they cannot be decoded. The safe API takes that for "none".
    pub(crate) fn headers(&self) -> Result<HeaderFacts, RDKafkaErrorCode> {
        let mut headers = ptr::null_mut();
        // SAFETY: the message is alive; the headers stay its own.
        let number = unsafe { raw_records::rd_kafka_message_headers(self.0.as_ptr(), &raw mut headers) };
        match code_of(number) {
            RDKafkaErrorCode::NoEnt => Ok(HeaderFacts::default()),
            // SAFETY: just handed out, and alive as long as the message.
            RDKafkaErrorCode::NoError => Ok(unsafe { header_facts(headers) }),
            code => Err(code),
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        // SAFETY: ours since it was read, and not handed over.
        unsafe { sys::rd_kafka_message_destroy(self.0.as_ptr()) }
    }
}

/// # Safety
/// `headers` must be alive.
unsafe fn header_facts(headers: *const sys::rd_kafka_headers_t) -> HeaderFacts {
    let mut facts = HeaderFacts::default();
    let (mut name, mut value, mut size) = (ptr::null(), ptr::null(), 0);
    loop {
        // SAFETY: the caller's promise; name and value are only measured.
        let number = unsafe {
            raw_records::rd_kafka_header_get_all(headers, facts.count, &raw mut name, &raw mut value, &raw mut size)
        };
        if number != 0 {
            return facts;
        }
        facts.count += 1;
        // SAFETY: librdkafka ends the name with a NUL. A name that holds one itself counts only up to it.
        let name_bytes = unsafe { std::ffi::CStr::from_ptr(name) }.count_bytes();
        facts.bytes += (name_bytes + size) as u64;
    }
}

/// A partition as librdkafka knows it, for look-ups: the address of the topic object, and the number. Valid while a
/// [`TopicHandle`] keeps the topic alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PartitionKey {
    topic: usize,
    partition: i32,
}

/// A topic object of a client, kept alive.
pub(crate) struct TopicHandle(NonNull<sys::rd_kafka_topic_t>);

// SAFETY: topic objects may be used from any thread.
unsafe impl Send for TopicHandle {}

impl TopicHandle {
    /// # Errors
    /// When librdkafka takes the name for no topic's.
    pub(crate) fn new(client: &Client, topic: &TopicName) -> Result<Self, RDKafkaErrorCode> {
        let name = c_text(topic.as_str()).map_err(|refused| refused.code)?;
        // SAFETY: the client is alive; the name is copied.
        let topic = unsafe { sys::rd_kafka_topic_new(client.native_ptr(), name.as_ptr(), ptr::null_mut()) };
        NonNull::new(topic).map(Self).ok_or(RDKafkaErrorCode::InvalidTopic)
    }

    pub(super) fn as_ptr(&self) -> *mut sys::rd_kafka_topic_t {
        self.0.as_ptr()
    }

    pub(crate) fn key(&self, partition: i32) -> PartitionKey {
        PartitionKey { topic: self.0.as_ptr() as usize, partition }
    }
}

impl Drop for TopicHandle {
    fn drop(&mut self) {
        // SAFETY: ours since `new`.
        unsafe { sys::rd_kafka_topic_destroy(self.0.as_ptr()) }
    }
}

/// A producer that takes records from a consumer.
pub(crate) struct Writer {
    queue: Queue,
    client: Client,
}

/// What became of a record that was sent.
pub(crate) struct Delivery {
    /// The target partition it was sent to.
    pub(crate) target: PartitionKey,
    /// The record as it was read.
    pub(crate) record: Record,
    /// Its offset on the target, -1 when the broker did not tell; or why the broker does not have it.
    pub(crate) result: Result<i64, (RDKafkaErrorCode, String)>,
}

impl Writer {
    pub(crate) fn open(config: &ClientConfig, context: MirrorContext) -> KafkaResult<Self> {
        let native = config.create_native_config()?;
        // SAFETY: the configuration is ours until the client takes it.
        unsafe {
            sys::rd_kafka_conf_set_events(native.ptr(), sys::RD_KAFKA_EVENT_DR | sys::RD_KAFKA_EVENT_ERROR);
        }
        let client = Client::new(config, native, RDKafkaType::RD_KAFKA_PRODUCER, context)?;
        // SAFETY: the client is alive.
        let queue = unsafe { sys::rd_kafka_queue_get_main(client.native_ptr()) };
        let queue = Queue(NonNull::new(queue).expect("every client has a main queue"));
        Ok(Self { queue, client })
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Hands a record over. `timestamp_ms` must not be 0, which librdkafka takes for "now". Without `has_headers`,
    /// headers are not looked for.
    ///
    /// # Errors
    /// When it was not taken; the record comes back whole.
    pub(crate) fn send(
        &self,
        topic: &TopicHandle,
        partition: i32,
        timestamp_ms: i64,
        has_headers: bool,
        record: Record,
    ) -> Result<(), (RDKafkaErrorCode, Record)> {
        debug_assert_ne!(timestamp_ms, 0);
        let pointer = record.0.as_ptr();
        let mut headers: *mut sys::rd_kafka_headers_t = ptr::null_mut();
        // SAFETY: message and topic are alive. The payload is not copied: it lives until the message is destroyed,
        // which happens when the delivery report brings the opaque back. Detached headers belong to the produced
        // message if it was taken, else they go back to where they came from.
        let number = unsafe {
            if has_headers && raw_records::rd_kafka_message_detach_headers(pointer, &raw mut headers) != 0 {
                headers = ptr::null_mut();
            }
            let number = produce(self.client.native_ptr(), topic, partition, timestamp_ms, pointer, headers);
            if number != 0 && !headers.is_null() {
                sys::rd_kafka_message_set_headers(pointer, headers);
            }
            number
        };
        match code_of(number) {
            RDKafkaErrorCode::NoError => {
                // The producer has it now.
                std::mem::forget(record);
                Ok(())
            }
            code => Err((code, record)),
        }
    }

    /// Collects delivery reports, waiting at most `wait` for the first. Log lines and errors go to the client's
    /// context.
    pub(crate) fn collect(&self, wait: Duration, mut each: impl FnMut(Delivery)) {
        let mut wait = wait;
        while let Some(event) = self.queue.poll(wait) {
            wait = Duration::ZERO;
            if event.is(sys::RD_KAFKA_EVENT_DR) {
                // SAFETY: the event is alive while its messages are read; each opaque is the record that was handed
                // over, and comes back exactly once.
                unsafe {
                    loop {
                        let message = sys::rd_kafka_event_message_next(event.0.as_ptr());
                        if message.is_null() {
                            break;
                        }
                        if let Some(delivery) = delivery_at(message) {
                            each(delivery);
                        }
                    }
                }
            } else {
                self.serve(&event);
            }
        }
    }

    /// Gives up everything that is not delivered; it comes back through [`collect`](Self::collect) as failed.
    pub(crate) fn purge(&self) {
        // SAFETY: the client is alive.
        unsafe {
            sys::rd_kafka_purge(self.client.native_ptr(), sys::RD_KAFKA_PURGE_F_QUEUE | sys::RD_KAFKA_PURGE_F_INFLIGHT);
        }
    }

    /// Why the client can produce no more, if it cannot.
    pub(crate) fn fatal(&self) -> Option<(RDKafkaErrorCode, String)> {
        self.client.fatal_error()
    }

    fn serve(&self, event: &Event) {
        let context = self.client.context();
        if event.is(sys::RD_KAFKA_EVENT_LOG) {
            let (mut facility, mut text, mut level) = (ptr::null(), ptr::null(), 0);
            // SAFETY: the event is alive, and so are its texts, which are copied.
            let (facility, text) = unsafe {
                sys::rd_kafka_event_log(event.0.as_ptr(), &raw mut facility, &raw mut text, &raw mut level);
                (text_at(facility), text_at(text))
            };
            context.log(log_level(level), &facility, &text);
        } else if let Some(refused) = event.error() {
            context.error(KafkaError::Global(refused.code), &refused.text);
        }
    }
}

/// # Safety
/// `message` must be a message of a delivery report.
unsafe fn delivery_at(message: *const sys::rd_kafka_message_t) -> Option<Delivery> {
    // SAFETY: the caller's promise. The opaque is the consumed message, given to librdkafka by `send`.
    unsafe {
        let record = NonNull::new((*message)._private.cast::<sys::rd_kafka_message_t>()).map(Record)?;
        let target = PartitionKey { topic: (*message).rkt as usize, partition: (*message).partition };
        let result = match code_of(raw::code_at(&raw const (*message).err)) {
            RDKafkaErrorCode::NoError => Ok((*message).offset),
            code => Err((code, text_at(sys::rd_kafka_message_produce_errstr(message)))),
        };
        Some(Delivery { target, record, result })
    }
}

/// # Safety
/// `client`, `topic`, `record` and `headers` must be alive, and the record must live until the delivery report.
unsafe fn produce(
    client: *mut sys::rd_kafka_t,
    topic: &TopicHandle,
    partition: i32,
    timestamp_ms: i64,
    record: *mut sys::rd_kafka_message_t,
    headers: *mut sys::rd_kafka_headers_t,
) -> c_int {
    use sys::rd_kafka_vtype_t as V;
    const NO_COPY: c_int = 0;
    // SAFETY: the caller's promise; each type tag is followed by the values librdkafka reads for it.
    unsafe {
        raw_records::rd_kafka_producev(
            client,
            V::RD_KAFKA_VTYPE_RKT as c_int,
            topic.0.as_ptr(),
            V::RD_KAFKA_VTYPE_PARTITION as c_int,
            partition,
            V::RD_KAFKA_VTYPE_MSGFLAGS as c_int,
            NO_COPY,
            V::RD_KAFKA_VTYPE_VALUE as c_int,
            (*record).payload,
            (*record).len,
            V::RD_KAFKA_VTYPE_KEY as c_int,
            (*record).key,
            (*record).key_len,
            V::RD_KAFKA_VTYPE_TIMESTAMP as c_int,
            timestamp_ms,
            V::RD_KAFKA_VTYPE_OPAQUE as c_int,
            record.cast::<c_void>(),
            V::RD_KAFKA_VTYPE_HEADERS as c_int,
            headers,
            V::RD_KAFKA_VTYPE_END as c_int,
        )
    }
}

fn log_level(level: c_int) -> RDKafkaLogLevel {
    match level {
        0 => RDKafkaLogLevel::Emerg,
        1 => RDKafkaLogLevel::Alert,
        2 => RDKafkaLogLevel::Critical,
        3 => RDKafkaLogLevel::Error,
        4 => RDKafkaLogLevel::Warning,
        5 => RDKafkaLogLevel::Notice,
        6 => RDKafkaLogLevel::Info,
        _ => RDKafkaLogLevel::Debug,
    }
}

/// As [`raw`]: error codes as the numbers they are.
pub(super) mod raw_records {
    use std::ffi::{c_char, c_int, c_void};

    use super::sys;

    unsafe extern "C" {
        pub(super) fn rd_kafka_producev(client: *mut sys::rd_kafka_t, ...) -> c_int;
        pub(in super::super) fn rd_kafka_message_headers(
            message: *const sys::rd_kafka_message_t,
            headers: *mut *mut sys::rd_kafka_headers_t,
        ) -> c_int;
        pub(super) fn rd_kafka_message_detach_headers(
            message: *mut sys::rd_kafka_message_t,
            headers: *mut *mut sys::rd_kafka_headers_t,
        ) -> c_int;
        pub(in super::super) fn rd_kafka_header_get_all(
            headers: *const sys::rd_kafka_headers_t,
            index: usize,
            name: *mut *const c_char,
            value: *mut *const c_void,
            size: *mut usize,
        ) -> c_int;
    }
}
