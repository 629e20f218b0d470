//! Requests to brokers that are answered through a queue: topics and their configuration.
//!
//! The safe `AdminClient` is a client of its own that nobody polls: its log lines pile up and OAUTHBEARER cannot log
//! in, and asking it for a topic may create the topic.

use std::collections::BTreeMap;
use std::ffi::CString;
use std::ptr;
use std::time::Duration;

use rdkafka::types::RDKafkaErrorCode;

use super::{Client, Event, Patience, Queue, Refused, c_text, error_at, millis, raw, sys, text_at, values_at};
use crate::engine::ports::{NewTopic, TopicConfig};
use crate::model::TopicName;

/// What a request needs to be told beside its arguments.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Setting {
    /// Nothing.
    None,
    /// That open transactions are not to be seen.
    ReadCommitted,
    /// Which broker to ask. Else it is the controller, which may not be known.
    Broker(i32),
    /// That the rights of who asks are to be told.
    Rights,
    /// That nothing is to be done: only whether it could be.
    DryRun,
}

/// Makes a request and waits for its answer, an event of type `answer`.
pub(super) fn call(
    client: &Client,
    operation: sys::rd_kafka_admin_op_t,
    setting: Setting,
    answer: i32,
    patience: Patience<'_>,
    request: impl FnOnce(*mut sys::rd_kafka_t, *const sys::rd_kafka_AdminOptions_t, *mut sys::rd_kafka_queue_t),
) -> Result<Event, Refused> {
    let options = Options::new(client, operation, setting, patience.left());
    let queue = Queue::new(client);
    request(client.native_ptr(), options.0, queue.0.as_ptr());
    // librdkafka answers by itself when the time is over; the rest is for a client that is stuck.
    let patience = Patience { deadline: patience.deadline + STUCK_AFTER, ..patience };
    loop {
        match queue.poll(patience.left().min(SLICE)) {
            Some(event) if event.is(answer) => {
                return match event.error() {
                    Some(refused) => Err(refused),
                    None => Ok(event),
                };
            }
            Some(_) => {}
            None if patience.is_over() => return Err(Refused::new(RDKafkaErrorCode::OperationTimedOut, "")),
            None => {}
        }
    }
}

/// How long to wait before looking up whether there is a point in waiting.
const SLICE: Duration = Duration::from_millis(250);
const STUCK_AFTER: Duration = Duration::from_secs(1);

/// Options of a request.
struct Options(*mut sys::rd_kafka_AdminOptions_t);

impl Options {
    fn new(client: &Client, operation: sys::rd_kafka_admin_op_t, setting: Setting, timeout: Duration) -> Self {
        use sys::rd_kafka_admin_op_t as Op;
        let timeout_ms = millis(timeout).clamp(1, 3_600_000);
        // SAFETY: the client is alive, and the options are ours. Values are within librdkafka's ranges, and it refuses
        // only options which the operation does not have: so neither is asked for the answer.
        unsafe {
            let options = sys::rd_kafka_AdminOptions_new(client.native_ptr(), operation);
            sys::rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms, ptr::null_mut(), 0);
            if matches!(operation, Op::RD_KAFKA_ADMIN_OP_CREATETOPICS | Op::RD_KAFKA_ADMIN_OP_CREATEPARTITIONS) {
                sys::rd_kafka_AdminOptions_set_operation_timeout(options, timeout_ms, ptr::null_mut(), 0);
            }
            match setting {
                Setting::None => {}
                Setting::ReadCommitted => {
                    let level = sys::rd_kafka_IsolationLevel_t::RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED;
                    let error = sys::rd_kafka_AdminOptions_set_isolation_level(options, level);
                    debug_assert!(error_at(error).is_none());
                    sys::rd_kafka_error_destroy(error);
                }
                Setting::Broker(id) => {
                    sys::rd_kafka_AdminOptions_set_broker(options, id, ptr::null_mut(), 0);
                }
                Setting::Rights => {
                    let error = sys::rd_kafka_AdminOptions_set_include_authorized_operations(options, 1);
                    debug_assert!(error_at(error).is_none());
                    sys::rd_kafka_error_destroy(error);
                }
                Setting::DryRun => {
                    sys::rd_kafka_AdminOptions_set_validate_only(options, 1, ptr::null_mut(), 0);
                }
            }
            Self(options)
        }
    }
}

impl Drop for Options {
    fn drop(&mut self) {
        // SAFETY: ours since `new`; requests copy them.
        unsafe { sys::rd_kafka_AdminOptions_destroy(self.0) }
    }
}

/// Creates a topic.
///
/// # Errors
/// When the broker refuses, with its words.
pub(crate) fn create_topic(client: &Client, topic: &NewTopic, patience: Patience<'_>) -> Result<(), Refused> {
    let mut request = TopicRequest::new(topic)?;
    let event = call(
        client,
        sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_CREATETOPICS,
        Setting::None,
        sys::RD_KAFKA_EVENT_CREATETOPICS_RESULT,
        patience,
        // SAFETY: all are alive, and the request is copied.
        |client, options, queue| unsafe {
            sys::rd_kafka_CreateTopics(client, &raw mut request.0, 1, options, queue);
        },
    )?;
    let mut count = 0;
    // SAFETY: the event is of this type, and its results live as long as it does.
    unsafe {
        let result = sys::rd_kafka_event_CreateTopics_result(event.0.as_ptr());
        let topics = sys::rd_kafka_CreateTopics_result_topics(result, &raw mut count);
        topic_answer(values_at(topics, count))
    }
}

/// A topic to be created, as librdkafka wants it.
pub(super) struct TopicRequest(pub(super) *mut sys::rd_kafka_NewTopic_t);

impl TopicRequest {
    pub(super) fn new(topic: &NewTopic) -> Result<Self, Refused> {
        let mut words = Words::new();
        let name = c_text(topic.name.as_str())?;
        // SAFETY: the name is copied, and `words` is as large as said.
        let request = unsafe {
            sys::rd_kafka_NewTopic_new(
                name.as_ptr(),
                topic.partitions,
                topic.replication_factor,
                words.first(),
                words.capacity(),
            )
        };
        if request.is_null() {
            return Err(Refused::new(RDKafkaErrorCode::InvalidConfig, words.text()));
        }
        let request = Self(request);
        for (key, value) in &topic.configs {
            let (key, value) = (c_text(key)?, c_text(value)?);
            // SAFETY: the request is ours, and key and value are copied.
            let number = unsafe { raw::rd_kafka_NewTopic_set_config(request.0, key.as_ptr(), value.as_ptr()) };
            if let Some(refused) = Refused::of(number, String::new()) {
                return Err(refused);
            }
        }
        Ok(request)
    }
}

impl Drop for TopicRequest {
    fn drop(&mut self) {
        // SAFETY: ours since `new`.
        unsafe { sys::rd_kafka_NewTopic_destroy(self.0) }
    }
}

/// Grows a topic to `partitions` partitions in all.
///
/// # Errors
/// When the broker refuses, with its words.
pub(crate) fn add_partitions(
    client: &Client,
    topic: &TopicName,
    partitions: i32,
    patience: Patience<'_>,
) -> Result<(), Refused> {
    let mut words = Words::new();
    let name = c_text(topic.as_str())?;
    let total = usize::try_from(partitions).unwrap_or(0);
    // SAFETY: the name is copied, and `words` is as large as said.
    let mut request = unsafe { sys::rd_kafka_NewPartitions_new(name.as_ptr(), total, words.first(), words.capacity()) };
    if request.is_null() {
        return Err(Refused::new(RDKafkaErrorCode::InvalidPartitions, words.text()));
    }
    let answer = call(
        client,
        sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_CREATEPARTITIONS,
        Setting::None,
        sys::RD_KAFKA_EVENT_CREATEPARTITIONS_RESULT,
        patience,
        // SAFETY: all are alive; the request is copied, and not used any more afterwards.
        |client, options, queue| unsafe {
            sys::rd_kafka_CreatePartitions(client, &raw mut request, 1, options, queue);
            sys::rd_kafka_NewPartitions_destroy(request);
        },
    );
    let event = answer?;
    let mut count = 0;
    // SAFETY: the event is of this type, and its results live as long as it does.
    unsafe {
        let result = sys::rd_kafka_event_CreatePartitions_result(event.0.as_ptr());
        let topics = sys::rd_kafka_CreatePartitions_result_topics(result, &raw mut count);
        topic_answer(values_at(topics, count))
    }
}

/// The first error among the results.
///
/// # Safety
/// `results` must be alive.
unsafe fn topic_answer(results: &[*const sys::rd_kafka_topic_result_t]) -> Result<(), Refused> {
    let refused = results.iter().find_map(|result| {
        // SAFETY: the caller's promise; the text is copied.
        unsafe {
            let text = text_at(sys::rd_kafka_topic_result_error_string(*result));
            Refused::of(raw::rd_kafka_topic_result_error(*result), text)
        }
    });
    refused.map_or(Ok(()), Err)
}

/// A topic, and what was asked about it or why that may not be read.
pub(crate) type DescribedTopic<T> = (TopicName, Result<T, Refused>);

/// The configuration of each topic; secret values are left out.
///
/// # Errors
/// When the request as a whole failed.
pub(crate) fn describe_configs(
    client: &Client,
    topics: &[TopicName],
    patience: Patience<'_>,
) -> Result<Vec<DescribedTopic<TopicConfig>>, Refused> {
    let kind = sys::rd_kafka_ResourceType_t::RD_KAFKA_RESOURCE_TOPIC;
    let names = topics.iter().map(|topic| c_text(topic.as_str())).collect::<Result<_, _>>()?;
    let described = describe(client, Resources::new(kind, names)?, patience)?;
    Ok(described.into_iter().map(|(name, result)| (TopicName::from(name), result)).collect())
}

/// The configuration of a broker.
///
/// # Errors
/// When the broker refuses.
pub(crate) fn broker_config(
    client: &Client,
    broker: i32,
    patience: Patience<'_>,
) -> Result<BTreeMap<String, String>, Refused> {
    let kind = sys::rd_kafka_ResourceType_t::RD_KAFKA_RESOURCE_BROKER;
    let described = describe(client, Resources::new(kind, vec![c_text(&broker.to_string())?])?, patience)?;
    match described.into_iter().next() {
        Some((_, result)) => result.map(|config| config.values),
        None => Err(Refused::new(RDKafkaErrorCode::Unknown, "an empty answer")),
    }
}

type Described = Vec<(String, Result<TopicConfig, Refused>)>;

fn describe(client: &Client, mut resources: Resources, patience: Patience<'_>) -> Result<Described, Refused> {
    let event = call(
        client,
        sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS,
        Setting::None,
        sys::RD_KAFKA_EVENT_DESCRIBECONFIGS_RESULT,
        patience,
        // SAFETY: all are alive, and the resources are copied.
        |client, options, queue| unsafe {
            sys::rd_kafka_DescribeConfigs(client, resources.0.as_mut_ptr(), resources.0.len(), options, queue);
        },
    )?;
    let mut count = 0;
    // SAFETY: the event is of this type; all it holds lives as long as it does, and is copied.
    unsafe {
        let result = sys::rd_kafka_event_DescribeConfigs_result(event.0.as_ptr());
        let described = sys::rd_kafka_DescribeConfigs_result_resources(result, &raw mut count);
        let answer = values_at(described, count).iter().map(|resource| {
            let name = text_at(sys::rd_kafka_ConfigResource_name(*resource));
            let text = text_at(sys::rd_kafka_ConfigResource_error_string(*resource));
            let refused = Refused::of(raw::rd_kafka_ConfigResource_error(*resource), text);
            (name, refused.map_or_else(|| Ok(config_at(*resource)), Err))
        });
        Ok(answer.collect())
    }
}

/// What configurations are asked of.
struct Resources(Vec<*mut sys::rd_kafka_ConfigResource_t>);

impl Resources {
    fn new(kind: sys::rd_kafka_ResourceType_t, names: Vec<CString>) -> Result<Self, Refused> {
        let mut resources = Self(Vec::with_capacity(names.len()));
        for name in names {
            // SAFETY: the name is copied.
            let resource = unsafe { sys::rd_kafka_ConfigResource_new(kind, name.as_ptr()) };
            if resource.is_null() {
                return Err(Refused::new(RDKafkaErrorCode::InvalidTopic, "not a name"));
            }
            resources.0.push(resource);
        }
        Ok(resources)
    }
}

impl Drop for Resources {
    fn drop(&mut self) {
        for resource in &self.0 {
            // SAFETY: ours since `new`.
            unsafe { sys::rd_kafka_ConfigResource_destroy(*resource) }
        }
    }
}

/// # Safety
/// `resource` must point to the described configuration of a topic.
unsafe fn config_at(resource: *const sys::rd_kafka_ConfigResource_t) -> TopicConfig {
    let (mut config, mut count) = (TopicConfig::default(), 0);
    // SAFETY: the caller's promise; names and values are copied.
    unsafe {
        let entries = sys::rd_kafka_ConfigResource_configs(resource, &raw mut count);
        for entry in values_at(entries, count) {
            let value = sys::rd_kafka_ConfigEntry_value(*entry);
            if sys::rd_kafka_ConfigEntry_is_sensitive(*entry) > 0 || value.is_null() {
                continue;
            }
            let name = text_at(sys::rd_kafka_ConfigEntry_name(*entry));
            if is_override(*entry) {
                config.overrides.push(name.clone());
            }
            config.values.insert(name, text_at(value));
        }
    }
    config.overrides.sort_unstable();
    config
}

/// # Safety
/// `entry` must point to an entry of a described configuration.
unsafe fn is_override(entry: *const sys::rd_kafka_ConfigEntry_t) -> bool {
    const TOPIC: i32 = sys::rd_kafka_ConfigSource_t::RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG as i32;
    const UNKNOWN: i32 = sys::rd_kafka_ConfigSource_t::RD_KAFKA_CONFIG_SOURCE_UNKNOWN_CONFIG as i32;
    // SAFETY: the caller's promise.
    unsafe {
        match raw::rd_kafka_ConfigEntry_source(entry) {
            TOPIC => true,
            // Brokers before 1.1 only tell whether an entry is a default.
            UNKNOWN => sys::rd_kafka_ConfigEntry_is_default(entry) == 0,
            _ => false,
        }
    }
}

/// The id of each topic that has one, as `broker` knows it.
///
/// # Errors
/// When the request as a whole failed.
pub(crate) fn topic_ids(
    client: &Client,
    topics: &[TopicName],
    broker: Option<i32>,
    patience: Patience<'_>,
) -> Result<Vec<(TopicName, String)>, Refused> {
    let setting = broker.map_or(Setting::None, Setting::Broker);
    // SAFETY: the description lives as long as it is looked at, and what it holds is copied.
    let id = |topic| unsafe { text_at(sys::rd_kafka_Uuid_base64str(sys::rd_kafka_TopicDescription_topic_id(topic))) };
    let described = describe_topics(client, topics, setting, patience, id)?;
    let ids = described.into_iter().filter_map(|(topic, id)| {
        // As Kafka's own tools write it.
        let id = id.ok()?.replace('+', "-").replace('/', "_");
        (id != NO_ID && !id.is_empty()).then_some((topic, id))
    });
    Ok(ids.collect())
}

/// What `read` finds in the description of each of `topics`, or why there is none. One without an answer is absent.
///
/// # Errors
/// When the request as a whole failed.
pub(super) fn describe_topics<T>(
    client: &Client,
    topics: &[TopicName],
    setting: Setting,
    patience: Patience<'_>,
    read: impl Fn(*const sys::rd_kafka_TopicDescription_t) -> T,
) -> Result<Vec<DescribedTopic<T>>, Refused> {
    let names: Vec<CString> = topics.iter().map(|topic| c_text(topic.as_str())).collect::<Result<_, _>>()?;
    let mut pointers: Vec<_> = names.iter().map(|name| name.as_ptr()).collect();
    let event = call(
        client,
        sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBETOPICS,
        setting,
        sys::RD_KAFKA_EVENT_DESCRIBETOPICS_RESULT,
        patience,
        // SAFETY: all are alive; the names are copied into the collection, and that by the call.
        |client, options, queue| unsafe {
            let collection = sys::rd_kafka_TopicCollection_of_topic_names(pointers.as_mut_ptr(), pointers.len());
            sys::rd_kafka_DescribeTopics(client, collection, options, queue);
            sys::rd_kafka_TopicCollection_destroy(collection);
        },
    )?;
    let mut count = 0;
    // SAFETY: the event is of this type; all it holds lives as long as it does, and is copied.
    unsafe {
        let result = sys::rd_kafka_event_DescribeTopics_result(event.0.as_ptr());
        let described = sys::rd_kafka_DescribeTopics_result_topics(result, &raw mut count);
        let answer = values_at(described, count).iter().filter(|topic| !topic.is_null()).map(|topic| {
            let name = TopicName::from(text_at(sys::rd_kafka_TopicDescription_name(*topic)));
            let refused = error_at(sys::rd_kafka_TopicDescription_error(*topic));
            (name, refused.map_or_else(|| Ok(read(*topic)), Err))
        });
        Ok(answer.collect())
    }
}

/// All zeros: what a broker without topic ids answers.
const NO_ID: &str = "AAAAAAAAAAAAAAAAAAAAAA";

/// Room for librdkafka's words about a request it does not even send.
struct Words([u8; 256]);

impl Words {
    fn new() -> Self {
        Self([0; 256])
    }

    fn first(&mut self) -> *mut std::ffi::c_char {
        self.0.as_mut_ptr().cast()
    }

    fn capacity(&self) -> usize {
        self.0.len()
    }

    fn text(&self) -> String {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(self.0.len());
        String::from_utf8_lossy(&self.0[..end]).into_owned()
    }
}
