//! On mock brokers: what `kmirror demo` starts, and what comes of trouble there.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use kmirror::config::{Config, Endpoints};
use kmirror::demo::{self, DemoClusters, DemoFault, DemoTopicShape, FLOW, TARGET_PREFIX};
use kmirror::engine::{Command, Completion, LaneSnapshot, LaneState, Side, WaitingReason};
use rdkafka::consumer::Consumer;

use crate::support::{
    MockKafka, TestRecord, cluster_settings, flow_specs, partition_leaders, plain_consumer, record_counts,
    start_engine, wait_until,
};

#[test]
fn demo_topics_are_on_both_clusters_and_records_flow_into_the_source() {
    let demo = DemoClusters::start().expect("the demo starts");
    let source = plain_consumer(demo.source_address());
    let target = plain_consumer(demo.target_address());
    for shape in demo::topic_shapes() {
        let partitions: Vec<i32> = (0..shape.partitions).collect();
        let on_source: Vec<i32> = partition_leaders(&source, shape.name).into_keys().collect();
        assert_eq!(on_source, partitions, "{}", shape.name);
        let renamed = format!("{TARGET_PREFIX}{}", shape.name);
        assert_eq!(partition_leaders(&target, &renamed).into_keys().collect::<Vec<_>>(), partitions, "{renamed}");
        assert_eq!(record_counts(&target, &renamed).values().sum::<i64>(), 0, "{renamed}");
    }
    for shape in demo::topic_shapes() {
        let at_least = backlog_records(&shape);
        wait_until(&format!("{at_least} records in {}", shape.name), PATIENCE, || {
            (record_counts(&source, shape.name).values().sum::<i64>() >= at_least).then_some(())
        });
    }
    let before = record_counts(&source, "orders.created").values().sum::<i64>();
    wait_until("another order", PATIENCE, || {
        (record_counts(&source, "orders.created").values().sum::<i64>() > before).then_some(())
    });
}

#[test]
fn demo_traffic_stops_in_time_and_leaves_the_clusters() {
    let mut demo = DemoClusters::start().expect("the demo starts");
    let started = Instant::now();
    demo.stop_traffic();
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    assert!(!partition_leaders(&plain_consumer(demo.source_address()), "clickstream").is_empty());
    let started = Instant::now();
    drop(demo);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[test]
fn a_demo_broker_that_is_down_answers_for_none_of_its_partitions() {
    let demo = DemoClusters::start().expect("the demo starts");
    for (side, address, topic) in [
        (Side::Source, demo.source_address(), "orders.created".to_owned()),
        (Side::Target, demo.target_address(), format!("{TARGET_PREFIX}orders.created")),
    ] {
        let consumer = plain_consumer(address);
        let leaders = partition_leaders(&consumer, &topic);
        assert_eq!(leaders.values().filter(|leader| **leader == 1).count() * 3, leaders.len(), "a third is its own");
        let answers = |partition: i32| consumer.fetch_watermarks(&topic, partition, SHORT).is_ok();
        let answering = || leaders.keys().map(|id| (*id, answers(*id))).collect::<BTreeMap<_, _>>();
        assert!(answering().values().all(|answers| *answers), "{side}");

        demo.inject(DemoFault::BrokerDown, side).expect("it goes down");
        let expected: BTreeMap<i32, bool> = leaders.iter().map(|(id, leader)| (*id, *leader != 1)).collect();
        assert_eq!(answering(), expected, "{side}");

        demo.inject(DemoFault::BrokerUp, side).expect("it comes up");
        wait_until("answers of all brokers", PATIENCE, || answering().values().all(|answers| *answers).then_some(()));
    }
}

#[test]
fn a_slow_link_to_the_demo_is_felt_by_a_client() {
    let demo = DemoClusters::start().expect("the demo starts");
    let consumer = plain_consumer(demo.target_address());
    let topic = format!("{TARGET_PREFIX}clickstream");
    let ask = || {
        let started = Instant::now();
        consumer.fetch_watermarks(&topic, 0, PATIENCE).expect("the leader answers");
        started.elapsed()
    };
    ask();
    let rtt = Duration::from_millis(300);
    demo.inject(DemoFault::SlowLink { rtt }, Side::Target).expect("it slows down");
    assert!(ask() >= rtt);
    demo.inject(DemoFault::FastLink, Side::Target).expect("it speeds up");
    wait_until("an answer at once", PATIENCE, || (ask() < rtt).then_some(()));
}

#[test]
fn the_demo_runs_from_an_ordinary_configuration() {
    let demo = DemoClusters::start().expect("the demo starts");
    let config = demo::flow_config(&demo).expect("a valid configuration");
    let flows = flow_specs(&config);
    assert_eq!(flows.iter().map(|flow| flow.name.as_str()).collect::<Vec<_>>(), [FLOW]);
    let settings = cluster_settings(&config);
    assert_eq!(settings[0].bootstrap_servers, demo.source_address());
    assert_eq!(settings[1].bootstrap_servers, demo.target_address());
    let properties = (settings[0].properties)().expect("no secrets to read");
    assert!(properties.contains(&("fetch.wait.max.ms".to_owned(), "20".to_owned())), "{properties:?}");
}

#[test]
fn an_error_ordered_from_a_mock_reaches_a_client() {
    let cluster = MockKafka::start(1, &[("orders", 1)]);
    cluster.write("orders", 0, &[TestRecord::text("one")]);
    cluster.control().broker_down(1).expect("it goes down");
    let consumer = plain_consumer(cluster.address());
    assert!(consumer.fetch_watermarks("orders", 0, SHORT).is_err());
    cluster.control().broker_up(1).expect("it comes up");
    wait_until("the broker", PATIENCE, || consumer.fetch_watermarks("orders", 0, SHORT).ok());
}

#[test]
fn the_engine_mirrors_between_mocks_exactly() {
    let source = MockKafka::start(3, &[("orders", 4)]);
    let target = MockKafka::start(3, &[("east.orders", 4)]);
    let tombstone = TestRecord { key: Some(b"k".to_vec()), value: None, ..TestRecord::text("") };
    let headers = vec![("a".to_owned(), Some(b"1".to_vec())), ("a".to_owned(), None), (String::new(), Some(vec![]))];
    for partition in 0..3 {
        let mut records: Vec<TestRecord> = (0..500).map(|n| TestRecord::text(&format!("{partition}-{n}"))).collect();
        records.extend([tombstone.clone(), TestRecord { headers: headers.clone(), ..TestRecord::text("last") }]);
        source.write("orders", partition, &records);
    }
    mirror_until_caught_up(&Endpoints {
        source: source.address().to_owned(),
        target: target.address().to_owned(),
        include: vec!["orders".to_owned()],
        rename_prefix: Some("east.".to_owned()),
        ..Endpoints::default()
    });
    assert_eq!(target.records("east.orders"), source.records("orders"));
}

#[test]
fn the_demo_is_mirrored_and_survives_a_broker_that_is_down() {
    let demo = DemoClusters::start().expect("the demo starts");
    let config = demo::flow_config(&demo).expect("a valid configuration");
    let source = plain_consumer(demo.source_address());
    let target = plain_consumer(demo.target_address());
    let orders = || record_counts(&source, "orders.created").values().sum::<i64>();
    let mirrored = || record_counts(&target, &format!("{TARGET_PREFIX}orders.created")).values().sum::<i64>();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let _entered = runtime.enter();
    let engine = start_engine(&config);
    wait_until("a mirrored backlog", PATIENCE, || (mirrored() >= 1_800).then_some(()));

    demo.inject(DemoFault::BrokerDown, Side::Target).expect("it goes down");
    wait_until("lanes that wait", PATIENCE, || {
        let flows = &engine.snapshots().borrow().flows.clone();
        let lags = flows
            .iter()
            .flat_map(|flow| &flow.topics)
            .flat_map(|topic| &topic.lanes)
            .filter_map(|lane| lane.lag_records);
        (lags.filter(|lag| *lag > 0).count() > 8).then_some(())
    });
    demo.inject(DemoFault::BrokerUp, Side::Target).expect("it comes up");
    let written = orders();
    wait_until("all orders on the target", PATIENCE, || (mirrored() >= written).then_some(()));

    engine.send(Command::Shutdown { drain_timeout: PATIENCE });
    runtime.block_on(engine.ended());
}

#[test]
fn partitions_of_a_broker_that_is_down_alone_say_so_on_either_side() {
    let demo = DemoClusters::start().expect("the demo starts");
    let config = demo::flow_config(&demo).expect("a valid configuration");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let _entered = runtime.enter();
    let engine = start_engine(&config);
    let snapshots = engine.snapshots();
    // In the demo broker 1 leads every third partition of each topic, and is the one that goes down.
    let lanes_are = |is_so: &dyn Fn(&LaneSnapshot, bool) -> bool| {
        let flows = &snapshots.borrow().flows;
        let lanes: Vec<&LaneSnapshot> =
            flows.iter().flat_map(|flow| &flow.topics).flat_map(|topic| &topic.lanes).collect();
        let are_so = lanes.iter().all(|lane| is_so(lane, lane.partition % 3 == 0));
        (!lanes.is_empty() && are_so).then_some(())
    };
    let goes_on = |lane: &LaneSnapshot| matches!(lane.state, LaneState::Copying | LaneState::CaughtUp);
    for side in [Side::Source, Side::Target] {
        wait_until("lanes", PATIENCE, || lanes_are(&|lane, _| goes_on(lane)));
        demo.inject(DemoFault::BrokerDown, side).expect("it goes down");
        let misses = |lane: &LaneSnapshot| {
            let LaneState::Waiting { why } = &lane.state else { return false };
            matches!(why, WaitingReason::LeaderUnreachable { broker: 1, .. }) && why.side() == side
        };
        wait_until("lanes that miss their leader, and no others", PATIENCE, || {
            lanes_are(&|lane, is_led_by_1| if is_led_by_1 { misses(lane) } else { goes_on(lane) })
        });
        demo.inject(DemoFault::BrokerUp, side).expect("it comes up");
        wait_until("lanes that go on", PATIENCE, || lanes_are(&|lane, _| goes_on(lane)));
    }
    engine.send(Command::Shutdown { drain_timeout: PATIENCE });
    runtime.block_on(engine.ended());
}

fn mirror_until_caught_up(endpoints: &Endpoints) {
    let config = Config::from_endpoints(endpoints).expect("a valid configuration");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let _entered = runtime.enter();
    let engine = start_engine(&config);
    let snapshots = engine.snapshots();
    wait_until("all records on the target", PATIENCE, || {
        let flows = &snapshots.borrow().flows;
        let are_done = flows.iter().all(|flow| flow.completion() == Completion::Complete);
        (!flows.is_empty() && are_done).then_some(())
    });
    engine.send(Command::Shutdown { drain_timeout: PATIENCE });
    runtime.block_on(engine.ended());
}

/// What two minutes brought before anybody looked.
fn backlog_records(shape: &DemoTopicShape) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a few hundred thousand")]
    let records = (shape.records_per_second * 120.0).round() as i64;
    records
}

/// Long beside anything the mock does, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// What an answer that does not come is waited for. Others take a few ms.
const SHORT: Duration = Duration::from_millis(500);
