//! Tests of the clients' configuration.

use super::*;
use crate::engine::ports::Features;
use crate::model::{FlowName, GroupName};

fn settings(properties: &[(&str, &str)]) -> ClusterSettings {
    ClusterSettings::for_tests("localhost:9092", properties)
}

fn spec(protocol: GroupProtocol) -> ShardSpec {
    ShardSpec {
        flow: FlowName::from("orders"),
        shard: 2,
        source: ClusterName::from("home"),
        target: ClusterName::from("away"),
        group: GroupName::from("kmirror.orders"),
        protocol,
        session_timeout: None,
        refresh_interval: Duration::from_secs(30),
        in_flight_bytes_max: 16 * 1024 * 1024,
        target_features: Features::default(),
    }
}

/// Asserts that librdkafka takes the configuration, and that it holds `wanted`.
fn assert_config(config: &ClientConfig, wanted: &[(&str, Option<&str>)]) {
    let native = config.create_native_config().expect("librdkafka takes every property");
    drop(native);
    for (key, value) in wanted {
        assert_eq!(config.get(key), *value, "{key}");
    }
}

#[test]
fn a_classic_member_keeps_its_session_short_enough_for_old_brokers() {
    let classic = spec(GroupProtocol::Classic);
    assert_config(
        &settings(&[]).source_consumer(&classic).expect("config"),
        &[
            ("client.id", Some("kmirror-orders-2")),
            ("group.id", Some("kmirror.orders")),
            ("group.protocol", Some("classic")),
            ("partition.assignment.strategy", Some("cooperative-sticky")),
            ("session.timeout.ms", Some("30000")),
            ("heartbeat.interval.ms", Some("3000")),
            ("enable.auto.commit", Some("false")),
            ("auto.offset.reset", Some("error")),
            ("isolation.level", Some("read_committed")),
            ("check.crcs", Some("true")),
            ("enable.partition.eof", Some("true")),
            ("queued.max.messages.kbytes", Some("8192")),
            ("fetch.message.max.bytes", Some("524288")),
            ("topic.metadata.refresh.interval.ms", Some("30000")),
        ],
    );
    let long = ShardSpec { session_timeout: Some(Duration::from_secs(60)), ..classic.clone() };
    assert_config(&settings(&[]).source_consumer(&long).expect("config"), &[("session.timeout.ms", Some("60000"))]);
    let early = settings(&[]).as_version("0.10.0".parse().ok());
    assert_config(
        &early.source_consumer(&long).expect("config"),
        &[("session.timeout.ms", Some("30000")), ("api.version.request", None)],
    );
    let old = settings(&[]).as_version("0.9".parse().ok());
    assert_config(
        &old.source_consumer(&long).expect("config"),
        &[
            ("session.timeout.ms", Some("30000")),
            ("api.version.request", Some("false")),
            ("broker.version.fallback", Some("0.9.0.1")),
            ("socket.timeout.ms", Some("15000")),
        ],
    );
    assert_config(&early.source_consumer(&long).expect("config"), &[("socket.timeout.ms", None)]);
    let patient = settings(&[("socket.timeout.ms", "90000")]).as_version("0.9".parse().ok());
    assert_config(&patient.source_consumer(&long).expect("config"), &[("socket.timeout.ms", Some("90000"))]);
    let short = ShardSpec { session_timeout: Some(Duration::from_secs(6)), ..classic };
    assert_config(&settings(&[]).source_consumer(&short).expect("config"), &[("heartbeat.interval.ms", Some("1500"))]);
}

#[test]
fn a_member_by_the_consumer_protocol_sets_none_of_the_classic_keys() {
    let user = settings(&[("session.timeout.ms", "9000"), ("heartbeat.interval.ms", "1000")]);
    let config = user.source_consumer(&spec(GroupProtocol::Consumer)).expect("config");
    assert_config(
        &config,
        &[
            ("group.protocol", Some("consumer")),
            ("session.timeout.ms", None),
            ("heartbeat.interval.ms", None),
            ("partition.assignment.strategy", None),
        ],
    );
}

#[test]
fn a_producer_writes_in_order_and_forever() {
    let user = settings(&[
        ("acks", "1"),
        ("request.required.acks", "0"),
        ("enable.idempotence", "false"),
        ("delivery.timeout.ms", "1000"),
        ("compression.codec", "zstd"),
        ("fetch.min.bytes", "100"),
    ]);
    let wanted = spec(GroupProtocol::Classic);
    assert_config(
        &user.target_producer(&wanted).expect("config"),
        &[
            ("acks", Some("all")),
            ("request.required.acks", None),
            ("enable.idempotence", Some("true")),
            ("max.in.flight", Some("5")),
            ("message.timeout.ms", Some("0")),
            ("delivery.timeout.ms", None),
            ("compression.type", Some("zstd")),
            ("compression.codec", None),
            ("fetch.min.bytes", None),
            ("allow.auto.create.topics", Some("false")),
            ("message.max.bytes", Some("1000000000")),
            ("enable.metrics.push", Some("false")),
        ],
    );
    let features = Features { idempotent_writes: false, zstd: false, ..Features::default() };
    assert_config(
        &user.target_producer(&ShardSpec { target_features: features, ..wanted }).expect("config"),
        &[("enable.idempotence", Some("false")), ("max.in.flight", Some("1")), ("compression.type", Some("lz4"))],
    );
}

/// What `create_native_config` cannot see: librdkafka checks combinations when a client is opened.
#[test]
fn librdkafka_opens_a_client_for_each_role() {
    use rdkafka::consumer::{BaseConsumer, DefaultConsumerContext};
    use rdkafka::producer::{BaseProducer, DefaultProducerContext};

    let plain = settings(&[]);
    let tiny = ShardSpec { in_flight_bytes_max: 1, ..spec(GroupProtocol::Classic) };
    let huge = ShardSpec { in_flight_bytes_max: u64::MAX, ..spec(GroupProtocol::Consumer) };
    let long = ShardSpec { session_timeout: Some(Duration::MAX), refresh_interval: Duration::MAX, ..tiny.clone() };
    for spec in [tiny, huge, long] {
        let consumer = plain.source_consumer(&spec).expect("config");
        let _: BaseConsumer = consumer.create_with_context(DefaultConsumerContext).expect("consumer");
        let producer = plain.target_producer(&spec).expect("config");
        let _: BaseProducer = producer.create_with_context(DefaultProducerContext).expect("producer");
    }
    let admin = plain.admin_client(Side::Source).expect("config");
    let _: BaseConsumer = admin.create_with_context(DefaultConsumerContext).expect("admin client");
}

#[test]
fn authorities_are_probed_only_for_an_encrypted_connection_without_its_own() {
    let admin = |properties: &[(&str, &str)]| settings(properties).admin_client(Side::Source).expect("config");
    assert_config(&admin(&[]), &[("ssl.ca.location", None), ("group.id", None)]);
    assert_config(&admin(&[("security.protocol", "SASL_SSL")]), &[("ssl.ca.location", Some("probe"))]);
    assert_config(
        &admin(&[("security.protocol", "ssl"), ("ssl.ca.location", "/etc/ca.pem")]),
        &[("ssl.ca.location", Some("/etc/ca.pem"))],
    );
}

#[test]
fn secrets_are_read_for_every_client_and_never_shown() {
    let failing = ClusterSettings { properties: Arc::new(|| Err("file `/run/pw` is gone".into())), ..settings(&[]) };
    let fault = failing.admin_client(Side::Target).expect_err("no secret, no client");
    assert_eq!(fault.to_string(), "read the client properties of cluster `home` on target: file `/run/pw` is gone");
    let shown = format!("{:?}", settings(&[("sasl.password", "hunter2")]));
    assert!(!shown.contains("hunter2"), "{shown}");
}
