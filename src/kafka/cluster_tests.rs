//! Tests against librdkafka's mock cluster, which has topics, offsets and groups, but nothing to administrate.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};

use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer};

use super::*;
use crate::kafka::browse::browse;
use crate::model::{BrowseFrom, BrowseRequest, BrowsedPage};

type Mock = MockCluster<'static, DefaultProducerContext>;

fn mock(topics: &[(&str, i32)]) -> Mock {
    let mock = MockCluster::new(2).expect("mock cluster");
    for (topic, partitions) in topics {
        mock.create_topic(topic, *partitions, 2).expect("topic");
    }
    mock
}

fn client(bootstrap_servers: &str) -> ClusterClient {
    client_with(bootstrap_servers, &[])
}

fn client_with(bootstrap_servers: &str, properties: &[(&str, &str)]) -> ClusterClient {
    let settings = ClusterSettings::for_tests(bootstrap_servers, properties);
    ClusterClient { timeout: Duration::from_secs(5), ..ClusterClient::new(Arc::new(Look::new(settings)), Side::Source) }
}

fn produce(mock: &Mock, topic: &str, partition: i32, records: usize) {
    let mut config = rdkafka::ClientConfig::new();
    config.set("bootstrap.servers", mock.bootstrap_servers()).set("linger.ms", "0");
    let producer: BaseProducer = config.create().expect("producer");
    for _ in 0..records {
        let record = BaseRecord::<(), [u8]>::to(topic).partition(partition).payload(&b"text"[..]);
        producer.send(record).map_err(|(error, _)| error).expect("sent");
    }
    producer.flush(Duration::from_secs(5)).expect("flushed");
}

fn position(offset: i64) -> Committed {
    Committed { offset, leader_epoch: Some(0), metadata: "kmirror: ünï".into() }
}

#[test]
fn facts_and_topics_come_from_the_metadata() {
    let mock = mock(&[("orders", 3), ("users", 1)]);
    let client = client(&mock.bootstrap_servers());
    let facts = client.facts().expect("facts");
    assert_eq!(facts.brokers.len(), 2);
    assert!(facts.cluster_id.is_some_and(|id| id.starts_with("mockCluster")));
    assert!(facts.features.headers && facts.features.consumer_group_protocol);
    assert!(!facts.features.create_topics && !facts.features.describe_configs);

    let mut topics = client.topics().expect("topics");
    topics.sort_by(|a, b| a.name.cmp(&b.name));
    let shapes: Vec<_> = topics.iter().map(|topic| (topic.name.as_str(), topic.partitions)).collect();
    assert_eq!(shapes, [("orders", 3), ("users", 1)]);
    assert_eq!(topics[0].replication_factor, 2);
    assert!(topics.iter().all(|topic| topic.fault.is_none()));
}

#[test]
fn asking_for_a_missing_topic_does_not_create_it() {
    let mock = mock(&[("orders", 1)]);
    let client = client(&mock.bootstrap_servers());
    let missing = TopicPartition::new("nothing", 0);
    let answer = client.offsets(std::slice::from_ref(&missing), OffsetQuery::Latest).expect("an answer");
    assert_eq!(answer[&missing].as_ref().expect_err("no such topic").kind, FaultKind::UnknownTopic);
    assert_eq!(client.topics().expect("topics").len(), 1);
}

#[test]
fn offsets_are_answered_for_each_partition() {
    let mock = mock(&[("orders", 2)]);
    produce(&mock, "orders", 1, 5);
    let client = client(&mock.bootstrap_servers());
    let partitions =
        [TopicPartition::new("orders", 0), TopicPartition::new("orders", 1), TopicPartition::new("gone", 0)];
    for (query, ends) in
        [(OffsetQuery::Earliest, [0, 0]), (OffsetQuery::Latest, [0, 5]), (OffsetQuery::AtTime(7), [0, 5])]
    {
        let answer = client.offsets(&partitions, query).expect("an answer");
        for (partition, end) in partitions.iter().zip(ends) {
            assert_eq!(answer[partition], Ok(end), "{partition} {query:?}");
        }
        assert_eq!(answer[&partitions[2]].as_ref().expect_err("unknown").kind, FaultKind::UnknownTopic);
    }
    assert!(client.offsets(&[], OffsetQuery::Latest).expect("nothing").is_empty());
}

#[test]
fn what_was_committed_is_read_back() {
    let mock = mock(&[("orders", 2)]);
    let client = client(&mock.bootstrap_servers());
    let group = GroupName::from("kmirror.orders");
    let [zero, one] = [TopicPartition::new("orders", 0), TopicPartition::new("orders", 1)];
    assert!(client.committed(&group, &[zero.clone(), one.clone()]).expect("nothing yet").is_empty());
    client.commit(&group, &BTreeMap::from([(one.clone(), position(42))])).expect("committed");
    let found = client.committed(&group, &[zero, one.clone()]).expect("read");
    assert_eq!(found.len(), 1);
    assert_eq!((found[&one].offset, found[&one].metadata.as_str()), (42, "kmirror: ünï"));
}

#[test]
fn what_the_brokers_lack_is_refused_at_once() {
    let mock = mock(&[("orders", 2)]);
    let client = client(&mock.bootstrap_servers());
    client.facts().expect("facts");
    let began = Instant::now();
    let new = NewTopic { name: "users".into(), partitions: 1, replication_factor: 1, configs: BTreeMap::new() };
    let fault = client.create_topic(&new).expect_err("no such API");
    assert_eq!(fault.kind, FaultKind::Unsupported);
    assert!(fault.to_string().starts_with("create topic `users` on source: brokers"), "{fault}");
    let topic = TopicName::from("orders");
    assert_eq!(client.add_partitions(&topic, 4).expect_err("no such API").kind, FaultKind::Unsupported);
    assert_eq!(client.topic_configs(&[topic]).expect_err("no such API").kind, FaultKind::Unsupported);
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}

#[test]
fn an_unreachable_cluster_is_explained() {
    let client = ClusterClient { timeout: Duration::from_secs(1), ..client("127.0.0.1:1") };
    for fault in [
        client.topics().expect_err("nobody there"),
        client.offsets(&[TopicPartition::new("orders", 0)], OffsetQuery::Latest).expect_err("nobody there"),
        client.committed(&GroupName::from("g"), &[TopicPartition::new("orders", 0)]).expect_err("nobody there"),
    ] {
        assert_eq!(fault.kind, FaultKind::Unreachable);
        assert!(fault.detail.contains("Connection refused"), "{fault}");
    }
}

#[test]
fn properties_that_cannot_be_used_are_faults_of_their_own() {
    let client = client_with("127.0.0.1:1", &[("sasl.pasword", "hunter2")]);
    let fault = client.topics().expect_err("no such property");
    assert!(fault.detail.contains("sasl.pasword") && !fault.detail.contains("hunter2"), "{fault}");
    let no_file = [("security.protocol", "ssl"), ("ssl.ca.location", "/nowhere")];
    assert_eq!(client_with("127.0.0.1:1", &no_file).topics().expect_err("no such file").kind, FaultKind::Tls);
}

#[test]
fn partitions_and_records_can_be_looked_at() {
    let mock = mock(&[("orders", 2)]);
    let client = client(&mock.bootstrap_servers());
    produce(&mock, "orders", 0, 30);
    produce(&mock, "orders", 1, 5);
    let partitions = client.partitions(&"orders".into()).expect("described");
    assert_eq!(partitions.iter().map(|partition| partition.id).collect::<Vec<_>>(), [0, 1]);
    assert!(partitions.iter().all(|partition| partition.leader.is_some() && partition.replicas == 2));

    let look = |partition, from| {
        let request = BrowseRequest { topic: "orders".into(), partition, from, records_max: 10 };
        browse(&client, &request).expect("read")
    };
    let offsets = |page: &BrowsedPage| page.records.iter().map(|record| record.offset).collect::<Vec<_>>();
    let newest = look(Some(0), BrowseFrom::Newest);
    assert_eq!(offsets(&newest), (20..30).collect::<Vec<_>>());
    assert_eq!(newest.records[0].value.as_ref().map(|value| value.shown.as_slice()), Some(&b"text"[..]));
    assert_eq!((newest.partitions, newest.is_cut_short), (2, false));
    assert_eq!(offsets(&look(Some(0), BrowseFrom::Oldest)), (0..10).collect::<Vec<_>>());
    assert_eq!(offsets(&look(Some(0), BrowseFrom::Offset(25))), (25..30).collect::<Vec<_>>());
    assert_eq!(offsets(&look(Some(1), BrowseFrom::Newest)), (0..5).collect::<Vec<_>>());
    assert_eq!(look(None, BrowseFrom::Newest).records.len(), 10);
    assert_eq!(newest.ranges, [(0, (20, 30))].into());
    let before = look(Some(0), BrowseFrom::Before([(0, 20)].into()));
    assert_eq!((offsets(&before), &before.ranges), ((10..20).collect::<Vec<_>>(), &[(0, (10, 20))].into()));
    let again = look(Some(0), BrowseFrom::Onward([(0, 20)].into()));
    assert_eq!((again.records, again.ranges), (newest.records, newest.ranges));
    // Page by page, every record of both partitions once.
    let mut seen = Vec::new();
    let mut from = BrowseFrom::Oldest;
    loop {
        let page = look(None, from);
        if page.records.is_empty() {
            break;
        }
        seen.extend(page.records.iter().map(|record| (record.partition, record.offset)));
        from = BrowseFrom::Onward(page.ranges.iter().map(|(partition, range)| (*partition, range.1)).collect());
    }
    seen.sort_unstable();
    let all = (0..30).map(|offset| (0, offset)).chain((0..5).map(|offset| (1, offset)));
    assert_eq!(seen, all.collect::<Vec<_>>());

    let nothing = client.partitions(&"nothing".into()).expect_err("no such topic");
    assert_eq!(nothing.kind, FaultKind::UnknownTopic);
}

/// A broker of 0.9 that can tell who the brokers are, and forgets connections.
struct Forgetful {
    address: String,
    n_connections: Arc<AtomicUsize>,
    n_forgotten: Arc<AtomicUsize>,
}

impl Forgetful {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address").to_string();
        let broker = Self { address, n_connections: Arc::default(), n_forgotten: Arc::default() };
        let (n_connections, n_forgotten) = (Arc::clone(&broker.n_connections), Arc::clone(&broker.n_forgotten));
        thread::spawn(move || {
            while let Ok((stream, address)) =
                listener.accept().and_then(|(it, _)| Ok((it.try_clone()?, it.local_addr()?)))
            {
                let (number, n_forgotten) = (n_connections.fetch_add(1, Ordering::SeqCst), Arc::clone(&n_forgotten));
                thread::spawn(move || {
                    serve(stream, address.port(), || number < n_forgotten.load(Ordering::SeqCst));
                });
            }
        });
        broker
    }

    /// No connection of those there are is answered any more; none is closed.
    fn forget_connections(&self) {
        self.n_forgotten.store(self.n_connections.load(Ordering::SeqCst), Ordering::SeqCst);
    }
}

/// Answers requests for metadata and for its age, until the client hangs up.
fn serve(mut stream: TcpStream, port: u16, is_forgotten: impl Fn() -> bool) {
    let mut size = [0; 4];
    while stream.read_exact(&mut size).is_ok() {
        let mut request = vec![0; usize::try_from(u32::from_be_bytes(size)).expect("a size")];
        stream.read_exact(&mut request).expect("a request");
        let mut answer = request[4..8].to_vec();
        match i16::from_be_bytes([request[0], request[1]]) {
            // Fetch: no topics.
            1 => answer.extend([0; 8]),
            // Metadata: one broker, no topics.
            3 => {
                answer.extend([0, 0, 0, 1, 0, 0, 0, 7, 0, 9]);
                answer.extend(b"127.0.0.1");
                answer.extend(u32::from(port).to_be_bytes());
                answer.extend([0; 4]);
            }
            _ => continue,
        }
        if !is_forgotten() {
            let size = u32::try_from(answer.len()).expect("a size").to_be_bytes();
            stream.write_all(&[&size[..], &answer].concat()).expect("answered");
        }
    }
}

#[test]
fn a_connection_that_an_old_broker_has_forgotten_is_replaced() {
    let broker = Forgetful::start();
    let settings = ClusterSettings::for_tests(&broker.address, &[]).as_version("0.9.0.1".parse().ok());
    let client = ClusterClient {
        timeout: Duration::from_secs(4),
        ..ClusterClient::new(Arc::new(Look::new(settings)), Side::Source)
    };
    // The one for the age, the one to the named server, and the one to the broker it turned out to be.
    let deadline = Instant::now() + Duration::from_secs(20);
    while broker.n_connections.load(Ordering::SeqCst) < 3 {
        assert_eq!(client.facts().expect("facts").brokers.len(), 1);
        assert!(Instant::now() < deadline, "the client opens no connection to the broker");
    }
    broker.forget_connections();
    assert_eq!(client.facts().expect("facts, over another connection").brokers.len(), 1);
}
