//! Which version of Fetch librdkafka speaks: at most the last that is not flexible.
//!
//! From version 12 on (brokers since 2.7) librdkafka misreads message formats v0 and v1, which a log keeps from before
//! an upgrade: records arrive with null key and null value, or nothing arrives at all, and no error says so. Fixed by
//! confluentinc/librdkafka#5550, in no release that rdkafka-sys has. What version 12 and later add is that a topic
//! created anew is noticed by the fetch itself; without them the next refresh notices it, by the topic's id.
//!
//! No setting limits the version, so the linker leads the question through here (`build.rs`).

use std::ffi::{c_int, c_void};

const FETCH: i16 = 1;
const LAST_NOT_FLEXIBLE: i16 = 11;

unsafe extern "C" {
    fn __real_rd_kafka_broker_ApiVersion_supported(
        broker: *mut c_void,
        api_key: i16,
        lowest: i16,
        highest: i16,
        features: *mut c_int,
    ) -> i16;
}

/// The highest version of an API that the broker and librdkafka have in common; -1 for none.
///
/// # Safety
/// As for librdkafka's own: `broker` must be one of its brokers, `features` null or a place for a number.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_rd_kafka_broker_ApiVersion_supported(
    broker: *mut c_void,
    api_key: i16,
    lowest: i16,
    highest: i16,
    features: *mut c_int,
) -> i16 {
    let highest = if api_key == FETCH { highest.min(LAST_NOT_FLEXIBLE) } else { highest };
    // SAFETY: the caller's promise, handed on.
    unsafe { __real_rd_kafka_broker_ApiVersion_supported(broker, api_key, lowest, highest, features) }
}
