//! Brokers, topics and partitions as a cluster's metadata tells.
//!
//! The safe API's reader panics on names that are not UTF-8, and offers no way out while it waits.

use std::ptr;
use std::time::Duration;

use rdkafka::ClientContext;
use rdkafka::types::RDKafkaErrorCode;

use super::{Client, Patience, Refused, c_text, millis, raw, sys, text_at, values_at};
use crate::engine::ports::BrokerFacts;
use crate::model::TopicName;

/// What a cluster is made of.
pub(crate) struct Metadata {
    /// Which broker told; `None` when it was only known by its address.
    pub(crate) answered_by: Option<i32>,
    /// Its brokers.
    pub(crate) brokers: Vec<BrokerFacts>,
    /// The topics asked for.
    pub(crate) topics: Vec<Topic>,
}

/// One topic.
pub(crate) struct Topic {
    /// Its name.
    pub(crate) name: TopicName,
    /// Why it cannot be described, when it cannot.
    pub(crate) refused: Option<Refused>,
    /// Its partitions.
    pub(crate) partitions: Vec<Partition>,
}

/// One partition.
pub(crate) struct Partition {
    /// Its number.
    pub(crate) id: i32,
    /// The leading broker's id, -1 when there is none.
    pub(crate) leader: i32,
    /// Number of replicas.
    pub(crate) replicas: i32,
    /// How many of them are in sync.
    pub(crate) in_sync_replicas: i32,
}

/// Which topics to ask for.
#[derive(Clone, Copy)]
pub(crate) enum Topics<'a> {
    /// None but those the client deals with: cheap.
    None,
    /// All.
    All,
    /// This one.
    One(&'a TopicName),
}

/// Asks any broker.
///
/// # Errors
/// When none answers in time.
pub(crate) fn metadata<C: ClientContext>(
    client: &Client<C>,
    topics: Topics<'_>,
    patience: Patience<'_>,
) -> Result<Metadata, Refused> {
    let topic = match topics {
        Topics::One(name) => Some(LocalTopic::new(client, name)?),
        Topics::None | Topics::All => None,
    };
    let mut slice = SLICE;
    loop {
        let mut metadata = ptr::null();
        // SAFETY: client and topic are alive, and `metadata` receives a pointer that is destroyed below.
        let number = unsafe {
            raw::rd_kafka_metadata(
                client.native_ptr(),
                matches!(topics, Topics::All).into(),
                topic.as_ref().map_or(ptr::null_mut(), |topic| topic.0),
                &raw mut metadata,
                millis(slice.min(patience.left())).max(1),
            )
        };
        let Some(refused) = Refused::of(number, String::new()) else {
            // SAFETY: on success the pointer is to metadata of ours.
            return Ok(unsafe { taken(metadata) });
        };
        match refused.code {
            // No broker is connected: come back soon, to see whether there is a point in waiting.
            RDKafkaErrorCode::BrokerTransportFailure => {}
            // A request was under way, and will be again: the next one gets more time.
            RDKafkaErrorCode::OperationTimedOut => slice *= 2,
            _ => return Err(refused),
        }
        if patience.is_over() {
            return Err(refused);
        }
    }
}

/// How long to wait before looking up: short enough to tell refused credentials at once.
const SLICE: Duration = Duration::from_secs(1);

/// A topic as the client knows it, before any broker was asked.
struct LocalTopic(*mut sys::rd_kafka_topic_t);

impl LocalTopic {
    fn new<C: ClientContext>(client: &Client<C>, name: &TopicName) -> Result<Self, Refused> {
        let name = c_text(name.as_str())?;
        // SAFETY: the client is alive, the name is copied.
        let topic = unsafe { sys::rd_kafka_topic_new(client.native_ptr(), name.as_ptr(), ptr::null_mut()) };
        if topic.is_null() {
            return Err(Refused::new(RDKafkaErrorCode::InvalidTopic, "not a name for a topic"));
        }
        Ok(Self(topic))
    }
}

impl Drop for LocalTopic {
    fn drop(&mut self) {
        // SAFETY: ours since `new`.
        unsafe { sys::rd_kafka_topic_destroy(self.0) }
    }
}

/// Copies and destroys.
///
/// # Safety
/// `metadata` must come from `rd_kafka_metadata`, and is not used any more afterwards.
unsafe fn taken(metadata: *const sys::rd_kafka_metadata) -> Metadata {
    // SAFETY: counts and pointers belong together, and everything is copied before it is destroyed.
    unsafe {
        let brokers = values_at((*metadata).brokers, count((*metadata).broker_cnt))
            .iter()
            .map(|broker| BrokerFacts { id: broker.id, address: address(&text_at(broker.host), broker.port) });
        let topics = (0..count((*metadata).topic_cnt)).map(|index| topic_at((*metadata).topics.add(index)));
        let told = (*metadata).orig_broker_id;
        let copied =
            Metadata { answered_by: (told >= 0).then_some(told), brokers: brokers.collect(), topics: topics.collect() };
        sys::rd_kafka_metadata_destroy(metadata);
        copied
    }
}

/// # Safety
/// `topic` must point to a topic in metadata.
unsafe fn topic_at(topic: *const sys::rd_kafka_metadata_topic) -> Topic {
    // SAFETY: the caller's promise. Fields that hold error codes are not read as enums, which is why no reference to
    // the whole struct is made.
    unsafe {
        let partitions = (0..count((*topic).partition_cnt)).map(|index| {
            let partition = (*topic).partitions.add(index);
            Partition {
                id: (*partition).id,
                leader: (*partition).leader,
                replicas: (*partition).replica_cnt,
                in_sync_replicas: (*partition).isr_cnt,
            }
        });
        Topic {
            name: TopicName::from(text_at((*topic).topic)),
            refused: Refused::of(raw::code_at(&raw const (*topic).err), String::new()),
            partitions: partitions.collect(),
        }
    }
}

fn count(count: i32) -> usize {
    usize::try_from(count).unwrap_or(0)
}

/// `host:port`, with brackets around an IPv6 address.
fn address(host: &str, port: i32) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}
