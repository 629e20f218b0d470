//! Mock clusters, and plain clients that look into them: nothing of the code under test.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Header, Headers, Message, OwnedHeaders};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use rdkafka::{Offset, TopicPartitionList};

use super::wait::let_mock_settle;

/// A cluster of mock brokers. Keep below 4 MB per partition: it drops the oldest beyond 5 MiB.
pub(crate) struct MockKafka {
    client: ThreadedProducer<DefaultProducerContext>,
    address: String,
}

/// A record as written or read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TestRecord {
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) value: Option<Vec<u8>>,
    pub(crate) headers: Vec<(String, Option<Vec<u8>>)>,
    pub(crate) timestamp_ms: Option<i64>,
}

impl TestRecord {
    /// A record with that value, and nothing else but a time.
    pub(crate) fn text(value: &str) -> Self {
        Self { value: Some(value.as_bytes().to_vec()), timestamp_ms: Some(1_700_000_000_000), ..Self::default() }
    }
}

impl MockKafka {
    /// Starts `brokers` brokers with `topics`, each a name and a number of partitions, led by the brokers in turn.
    pub(crate) fn start(brokers: i32, topics: &[(&str, i32)]) -> Self {
        let mut config = quiet_config();
        config.set("test.mock.num.brokers", brokers.to_string()).set("linger.ms", "5");
        let client: ThreadedProducer<DefaultProducerContext> = config.create().expect("mock brokers start");
        let address = client.client().mock_cluster().expect("brokers were asked for").bootstrap_servers();
        let cluster = Self { client, address };
        for (topic, partitions) in topics {
            cluster.control().create_topic(topic, *partitions, brokers.min(3)).expect("the topic is new");
            for partition in 0..*partitions {
                let leader = 1 + partition % brokers;
                cluster.control().partition_leader(topic, partition, Some(leader)).expect("that broker exists");
            }
        }
        cluster
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// For one order; take it anew for the next.
    pub(crate) fn control(&self) -> MockCluster<'_, DefaultProducerContext> {
        let_mock_settle();
        self.client.client().mock_cluster().expect("brokers were asked for")
    }

    /// Writes `records` into a partition, and waits until they are there.
    pub(crate) fn write(&self, topic: &str, partition: i32, records: &[TestRecord]) {
        for record in records {
            let headers = record.headers.iter().fold(OwnedHeaders::new(), |headers, (key, value)| {
                headers.insert(Header { key, value: value.as_ref() })
            });
            let mut message: BaseRecord<'_, [u8], [u8]> = BaseRecord::to(topic).partition(partition);
            message.key = record.key.as_deref();
            message.payload = record.value.as_deref();
            message.timestamp = record.timestamp_ms;
            message.headers = (!record.headers.is_empty()).then_some(headers);
            self.client.send(message).map_err(|(error, _)| error).expect("the record is taken");
        }
        self.client.flush(ANSWER_MAX).expect("the records arrive");
    }

    /// Everything in a topic, by partition, in order.
    pub(crate) fn records(&self, topic: &str) -> BTreeMap<i32, Vec<TestRecord>> {
        let consumer = plain_consumer(&self.address);
        let counts = record_counts(&consumer, topic);
        let mut from_the_beginning = TopicPartitionList::new();
        for partition in counts.keys() {
            from_the_beginning.add_partition_offset(topic, *partition, Offset::Beginning).expect("a legal offset");
        }
        consumer.assign(&from_the_beginning).expect("the partitions exist");
        let mut records: BTreeMap<i32, Vec<TestRecord>> = counts.keys().map(|partition| (*partition, vec![])).collect();
        let deadline = Instant::now() + ANSWER_MAX;
        let is_complete = |records: &BTreeMap<i32, Vec<TestRecord>>| {
            counts.iter().all(|(partition, count)| records[partition].len() as i64 >= *count)
        };
        while !is_complete(&records) {
            assert!(Instant::now() < deadline, "`{topic}` cannot be read to its end: {counts:?}");
            let Some(message) = consumer.poll(POLL) else { continue };
            let message = message.expect("the mock's records can be read");
            records.get_mut(&message.partition()).expect("only what was assigned").push(test_record(&message));
        }
        records
    }
}

/// A client that belongs to no group and creates no topics.
pub(crate) fn plain_consumer(address: &str) -> BaseConsumer {
    let mut config = quiet_config();
    config
        .set("bootstrap.servers", address)
        .set("group.id", "test-reader")
        .set("enable.auto.commit", "false")
        .set("allow.auto.create.topics", "false")
        .set("reconnect.backoff.max.ms", "200")
        .set("fetch.wait.max.ms", "10");
    config.create().expect("a consumer can be made")
}

/// How many records each partition of a topic holds.
pub(crate) fn record_counts<C>(consumer: &C, topic: &str) -> BTreeMap<i32, i64>
where
    C: Consumer,
{
    let leaders = partition_leaders(consumer, topic);
    let count = |partition: i32| {
        let (low, high) = consumer.fetch_watermarks(topic, partition, ANSWER_MAX).expect("the leader answers");
        (partition, high - low)
    };
    leaders.into_keys().map(count).collect()
}

/// Which broker leads each partition of a topic; none if there is no such topic.
pub(crate) fn partition_leaders<C>(consumer: &C, topic: &str) -> BTreeMap<i32, i32>
where
    C: Consumer,
{
    let metadata = consumer.fetch_metadata(None, ANSWER_MAX).expect("a broker answers");
    let topic = metadata.topics().iter().find(|found| found.name() == topic);
    topic.map_or(&[][..], |topic| topic.partitions()).iter().map(|found| (found.id(), found.leader())).collect()
}

fn quiet_config() -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set_log_level(RDKafkaLogLevel::Emerg);
    config
}

fn test_record(message: &impl Message) -> TestRecord {
    let headers = message.headers().map_or_else(Vec::new, |headers| {
        headers.iter().map(|header| (header.key.to_owned(), header.value.map(<[u8]>::to_vec))).collect()
    });
    TestRecord {
        key: message.key().map(<[u8]>::to_vec),
        value: message.payload().map(<[u8]>::to_vec),
        headers,
        timestamp_ms: message.timestamp().to_millis(),
    }
}

#[test]
fn what_is_written_is_read_again() {
    let cluster = MockKafka::start(2, &[("orders", 3)]);
    let tombstone = TestRecord { key: Some(b"k".to_vec()), value: None, ..TestRecord::text("") };
    let headers = vec![("a".to_owned(), Some(b"1".to_vec())), ("a".to_owned(), None)];
    let written = vec![TestRecord::text("first"), tombstone, TestRecord { headers, ..TestRecord::text("last") }];
    cluster.write("orders", 1, &written);
    assert_eq!(cluster.records("orders"), BTreeMap::from([(0, vec![]), (1, written), (2, vec![])]));
}

/// Long beside anything the mock does, even on a busy machine.
const ANSWER_MAX: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(50);
