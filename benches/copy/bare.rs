//! The bare loop: what copying costs when librdkafka does all of it and nobody keeps books.
//!
//! Batches are read from a queue that all partitions are forwarded to, every record is handed to the producer without a
//! copy, and destroyed when its delivery report comes. One thread, bounded by bytes in flight, as the engine.
#![allow(unsafe_code, reason = "calls of librdkafka, as plain as they can be")]

use std::collections::BTreeMap;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::process::ExitCode;
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use kmirror::engine::ports::{Features, GroupProtocol, ShardSpec};
use kmirror::kafka::{ClusterSettings, shard_properties};
use kmirror::model::{ClusterName, FlowName, GroupName, Span};
use rdkafka_sys as sys;

/// How this program is told to be the bare loop.
pub(crate) const ARGUMENT: &str = "--bare-loop";

/// `SOURCE TARGET TOPIC TARGET-TOPIC PARTITIONS RECORDS IN-FLIGHT-BYTES`
#[expect(clippy::print_stderr, reason = "read by the bench when the run fails")]
pub(crate) fn main(arguments: &[String]) -> ExitCode {
    match copy(arguments) {
        // Like a process that is killed: nothing is closed, so nothing of that is measured.
        Ok(()) => std::process::exit(0),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What delivery reports change.
#[derive(Default)]
struct Returned {
    records: u64,
    in_flight_bytes: u64,
    failed: Option<c_int>,
}

fn copy(arguments: &[String]) -> Result<()> {
    let [source, target, topic, target_topic, partitions, records, in_flight] = arguments else {
        bail!("{ARGUMENT}: 7 arguments, not {arguments:?}");
    };
    let (partitions, records): (c_int, u64) = (partitions.parse()?, records.parse()?);
    let in_flight_bytes_max: u64 = in_flight.parse()?;
    let [consumer, producer] = properties(source, target, in_flight_bytes_max)?;
    let mut returned = Box::new(Returned::default());
    let (topic, target_topic) = (CString::new(topic.as_str())?, CString::new(target_topic.as_str())?);
    // SAFETY: plain calls in the order librdkafka documents; clients, queue and topic live until the process ends, and
    // so does `returned`, which only this thread touches: reports are delivered by `rd_kafka_poll`.
    unsafe {
        let consumer = client(sys::rd_kafka_type_t::RD_KAFKA_CONSUMER, &consumer, None)?;
        let producer = client(sys::rd_kafka_type_t::RD_KAFKA_PRODUCER, &producer, Some(&raw mut *returned))?;
        let queue = assign(consumer, &topic, partitions)?;
        let target = sys::rd_kafka_topic_new(producer, target_topic.as_ptr(), ptr::null_mut());
        ensure!(!target.is_null(), "open the target topic");
        let returned = &raw mut *returned;
        let mut batch: Vec<*mut sys::rd_kafka_message_t> = Vec::with_capacity(READ_MAX);
        let mut mean_bytes = 1_024;
        while (*returned).records < records {
            sys::rd_kafka_poll(producer, 0);
            if let Some(code) = (*returned).failed {
                bail!("a record was not delivered: error {code}");
            }
            let room = in_flight_bytes_max.saturating_sub((*returned).in_flight_bytes);
            if room == 0 {
                sys::rd_kafka_poll(producer, WAIT_MS);
                continue;
            }
            let count = usize::try_from(room / mean_bytes)?.clamp(READ_MIN, READ_MAX);
            let mut n = sys::rd_kafka_consume_batch_queue(queue, 0, batch.as_mut_ptr(), count);
            if n <= 0 {
                n = sys::rd_kafka_consume_batch_queue(queue, WAIT_MS, batch.as_mut_ptr(), 1);
            }
            batch.set_len(usize::try_from(n)?);
            for message in batch.drain(..) {
                let code = (&raw const (*message).err).cast::<c_int>().read();
                if code == sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR__PARTITION_EOF as c_int {
                    sys::rd_kafka_message_destroy(message);
                    continue;
                }
                ensure!(code == 0, "read: error {code}");
                let bytes = ((*message).len + (*message).key_len) as u64 + Span::RECORD_OVERHEAD_BYTES;
                mean_bytes = ((mean_bytes * 15 + bytes) / 16).max(1);
                (*returned).in_flight_bytes += bytes;
                let code = produce(producer, target, message);
                ensure!(code == 0, "produce: error {code}");
            }
        }
    }
    Ok(())
}

/// # Safety
/// The message is alive and given away.
unsafe fn produce(
    producer: *mut sys::rd_kafka_t,
    target: *mut sys::rd_kafka_topic_t,
    message: *mut sys::rd_kafka_message_t,
) -> c_int {
    use sys::rd_kafka_vtype_t as V;
    const NO_COPY: c_int = 0;
    // SAFETY: the caller's promise; each type tag is followed by the values librdkafka reads for it.
    unsafe {
        let mut headers = ptr::null_mut();
        if rd_kafka_message_detach_headers(message, &raw mut headers) != 0 {
            headers = ptr::null_mut();
        }
        let mut kind = sys::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
        let timestamp = sys::rd_kafka_message_timestamp(message, &raw mut kind);
        rd_kafka_producev(
            producer,
            V::RD_KAFKA_VTYPE_RKT as c_int,
            target,
            V::RD_KAFKA_VTYPE_PARTITION as c_int,
            (*message).partition,
            V::RD_KAFKA_VTYPE_MSGFLAGS as c_int,
            NO_COPY,
            V::RD_KAFKA_VTYPE_VALUE as c_int,
            (*message).payload,
            (*message).len,
            V::RD_KAFKA_VTYPE_KEY as c_int,
            (*message).key,
            (*message).key_len,
            V::RD_KAFKA_VTYPE_TIMESTAMP as c_int,
            timestamp,
            V::RD_KAFKA_VTYPE_OPAQUE as c_int,
            message.cast::<c_void>(),
            V::RD_KAFKA_VTYPE_HEADERS as c_int,
            headers,
            V::RD_KAFKA_VTYPE_END as c_int,
        )
    }
}

/// A delivery report: the record that was read is the opaque of the one that was written.
unsafe extern "C" fn delivered(
    _producer: *mut sys::rd_kafka_t,
    message: *const sys::rd_kafka_message_t,
    returned: *mut c_void,
) {
    // SAFETY: librdkafka's message is alive during the call, its opaque is a consumed message of ours that comes back
    // once, and `returned` is what `client` was given.
    unsafe {
        let returned = returned.cast::<Returned>();
        let code = (&raw const (*message).err).cast::<c_int>().read();
        if code != 0 {
            (*returned).failed = Some(code);
        }
        let record = (*message)._private.cast::<sys::rd_kafka_message_t>();
        (*returned).records += 1;
        (*returned).in_flight_bytes -= ((*record).len + (*record).key_len) as u64 + Span::RECORD_OVERHEAD_BYTES;
        sys::rd_kafka_message_destroy(record);
    }
}

/// # Safety
/// `returned` must live as long as the client.
unsafe fn client(
    kind: sys::rd_kafka_type_t,
    properties: &BTreeMap<String, String>,
    returned: Option<*mut Returned>,
) -> Result<*mut sys::rd_kafka_t> {
    let mut text = [0; 512];
    // SAFETY: texts are C strings, the buffer has the size that is told, and the configuration goes to the client.
    unsafe {
        let config = sys::rd_kafka_conf_new();
        for (key, value) in properties {
            let (name, value) = (CString::new(key.as_str())?, CString::new(value.as_str())?);
            let result = sys::rd_kafka_conf_set(config, name.as_ptr(), value.as_ptr(), text.as_mut_ptr(), text.len());
            let is_set = result == sys::rd_kafka_conf_res_t::RD_KAFKA_CONF_OK;
            ensure!(is_set, "configure {key}: {}", message_of(&text));
        }
        if let Some(returned) = returned {
            sys::rd_kafka_conf_set_opaque(config, returned.cast());
            sys::rd_kafka_conf_set_dr_msg_cb(config, Some(delivered));
        }
        let client = sys::rd_kafka_new(kind, config, text.as_mut_ptr(), text.len());
        ensure!(!client.is_null(), "open a client: {}", message_of(&text));
        Ok(client)
    }
}

/// Assigns every partition from its beginning and gives the queue all of them are forwarded to.
///
/// # Safety
/// The consumer must be alive.
unsafe fn assign(
    consumer: *mut sys::rd_kafka_t,
    topic: &CStr,
    partitions: c_int,
) -> Result<*mut sys::rd_kafka_queue_t> {
    // SAFETY: the caller's promise; what is created here is destroyed here, but for the queue.
    unsafe {
        let queue = sys::rd_kafka_queue_new(consumer);
        let list = sys::rd_kafka_topic_partition_list_new(partitions);
        for partition in 0..partitions {
            let entry = sys::rd_kafka_topic_partition_list_add(list, topic.as_ptr(), partition);
            (*entry).offset = i64::from(sys::RD_KAFKA_OFFSET_BEGINNING);
            let own = sys::rd_kafka_queue_get_partition(consumer, topic.as_ptr(), partition);
            sys::rd_kafka_queue_forward(own, queue);
            sys::rd_kafka_queue_destroy(own);
        }
        let code = rd_kafka_assign(consumer, list);
        sys::rd_kafka_topic_partition_list_destroy(list);
        ensure!(code == 0, "assign: error {code}");
        Ok(queue)
    }
}

/// The engine's own.
fn properties(source: &str, target: &str, in_flight_bytes_max: u64) -> Result<[BTreeMap<String, String>; 2]> {
    let cluster = |name: &str, address: &str| ClusterSettings {
        name: ClusterName::from(name),
        bootstrap_servers: address.to_owned(),
        version: None,
        properties: Arc::new(|| Ok(Vec::new())),
    };
    let spec = ShardSpec {
        flow: FlowName::from("bare"),
        shard: 0,
        source: ClusterName::from("source"),
        target: ClusterName::from("target"),
        group: GroupName::from("bare"),
        protocol: GroupProtocol::Classic,
        session_timeout: None,
        refresh_interval: Duration::from_secs(30),
        in_flight_bytes_max,
        target_features: Features::default(),
    };
    shard_properties(&cluster("source", source), &cluster("target", target), &spec)
        .map_err(|fault| anyhow::anyhow!("{fault:?}"))
        .context("configure the clients")
}

fn message_of(text: &[c_char]) -> String {
    text.iter().take_while(|byte| **byte != 0).map(|byte| char::from(byte.cast_unsigned())).collect()
}

/// As the engine's transport.
const READ_MAX: usize = 10_000;
const READ_MIN: usize = 16;
const WAIT_MS: c_int = 20;

unsafe extern "C" {
    // Error codes as the numbers they are: see `kmirror::kafka`.
    fn rd_kafka_producev(client: *mut sys::rd_kafka_t, ...) -> c_int;
    fn rd_kafka_assign(client: *mut sys::rd_kafka_t, list: *const sys::rd_kafka_topic_partition_list_t) -> c_int;
    fn rd_kafka_message_detach_headers(
        message: *mut sys::rd_kafka_message_t,
        headers: *mut *mut sys::rd_kafka_headers_t,
    ) -> c_int;
}
