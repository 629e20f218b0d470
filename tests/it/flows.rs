//! Two flows in one engine, on mock clusters: what happens to one is nothing to the other.

use std::collections::BTreeMap;
use std::time::Duration;

use kmirror::config::Config;
use kmirror::engine::{Command, Engine, Event, EventKind, FlowState};
use kmirror::model::FlowName;

use crate::support::{MockKafka, TestRecord, start_engine, wait_until};

/// A flow is stopped and started by command, beside one that goes on; twice.
#[test]
fn one_flow_stopped_and_started_beside_another_that_goes_on() {
    let topics = [("stopped", 2), ("going", 2)];
    let (source, target) = (MockKafka::start(1, &topics), MockKafka::start(1, &topics));
    let config = config(source.address(), target.address());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let _entered = runtime.enter();
    let mut engine = start_engine(&config);
    let mut written = 0;
    let mut write = |topics: &[&str]| {
        written += 50;
        for topic in topics {
            for partition in 0..2 {
                let value = |n: i32| TestRecord::text(&format!("{topic} {partition} {}", n + written));
                source.write(topic, partition, &(0..50).map(value).collect::<Vec<_>>());
            }
        }
    };
    let arrives = |topic: &str| {
        wait_until(&format!("all records of `{topic}`"), PATIENCE, || {
            (target.records(topic) == source.records(topic)).then_some(())
        });
    };
    write(&["stopped", "going"]);
    arrives("stopped");
    arrives("going");
    let mut events = drain(&mut engine, &runtime);
    assert!(events.iter().any(|event| is_change(event, "going")), "it was assigned its partitions");
    events.clear();
    for _ in 0..2 {
        engine.send(Command::Stop { flow: "stopped".into(), drain_timeout: PATIENCE });
        wait_for_state(&engine, "stopped", |state| *state == FlowState::Stopped);
        let before = target.records("stopped");
        write(&["stopped", "going"]);
        arrives("going");
        assert_eq!(target.records("stopped"), before, "a stopped flow copies nothing");
        engine.send(Command::Start { flow: "stopped".into() });
        write(&["going"]);
        arrives("stopped");
        arrives("going");
        events.extend(drain(&mut engine, &runtime));
    }
    assert!(events.iter().any(|event| is_change(event, "stopped")), "{events:?}");
    let disturbances: Vec<&Event> = events.iter().filter(|event| is_change(event, "going")).collect();
    assert!(disturbances.is_empty(), "the flow beside was disturbed: {disturbances:?}");
    engine.send(Command::Shutdown { drain_timeout: PATIENCE });
    runtime.block_on(engine.ended());
}

/// A flow is added to a running engine, takes wider and narrower rules under way, and is forgotten.
#[test]
fn a_flow_is_added_changed_and_removed_by_command() {
    let topics = [("first", 2), ("second", 1)];
    let (source, target) = (MockKafka::start(1, &topics), MockKafka::start(1, &topics));
    let text = config_text(source.address(), target.address(), &["first"]);
    let parse = |text: &str| Config::parse(text, "kmirror.toml").expect("a valid configuration");
    let flow = |text: &str| Box::new(parse(text).flows[&FlowName::from("first")].clone());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let _entered = runtime.enter();
    let engine = start_engine(&Config { flows: BTreeMap::new(), ..parse(&text) });
    let configure = |text: &str| {
        engine.send(Command::Configure { flow: "first".into(), config: flow(text), may_restart: false });
    };
    let write = |topic: &str, partition| {
        let records: Vec<TestRecord> = (0..50).map(|n| TestRecord::text(&format!("{topic} {n}"))).collect();
        source.write(topic, partition, &records);
    };
    let arrives = |topic: &str| {
        wait_until(&format!("all records of `{topic}`"), PATIENCE, || {
            (target.records(topic) == source.records(topic)).then_some(())
        });
    };
    let topics = || {
        let snapshot = engine.snapshots().borrow().clone();
        let flow = snapshot.flow(&"first".into()).cloned();
        flow.map(|flow| flow.topics.iter().map(|topic| topic.source.to_string()).collect::<Vec<_>>())
    };
    (0..2).for_each(|partition| write("first", partition));
    configure(&text);
    wait_for_state(&engine, "first", |state| *state == FlowState::Stopped);
    engine.send(Command::Remove { flow: "first".into() });
    wait_until("the flow is forgotten", PATIENCE, || topics().is_none().then_some(()));
    configure(&text);
    wait_for_state(&engine, "first", |state| *state == FlowState::Stopped);
    engine.send(Command::Start { flow: "first".into() });
    arrives("first");
    write("second", 0);
    configure(&text.replace("include = [\"first\"]", "include = [\"first\", \"second\"]"));
    arrives("second");
    configure(&text.replace("include = [\"first\"]", "include = [\"second\"]"));
    wait_until("one topic is left", PATIENCE, || (topics() == Some(vec!["second".to_owned()])).then_some(()));
    write("second", 0);
    arrives("second");
    engine.send(Command::Shutdown { drain_timeout: PATIENCE });
    runtime.block_on(engine.ended());
}

/// Whether partitions came or went, records were sent again, or something stood in the way.
fn is_change(event: &Event, flow: &str) -> bool {
    let is_change = match &event.kind {
        EventKind::Assigned { .. }
        | EventKind::Revoked { .. }
        | EventKind::Rewound { .. }
        | EventKind::Repositioned { .. }
        | EventKind::LaneState { .. }
        | EventKind::CommitFailed { .. }
        | EventKind::Trouble { .. } => true,
        EventKind::FlowState { state } => !matches!(state, FlowState::Running | FlowState::CaughtUp),
        _ => false,
    };
    is_change && event.flow.as_str() == flow
}

/// What has happened so far.
fn drain(engine: &mut Engine, runtime: &tokio::runtime::Runtime) -> Vec<Event> {
    let mut events = Vec::new();
    let next = |engine: &mut Engine| {
        runtime.block_on(async { tokio::time::timeout(SILENCE, engine.next_event()).await.ok().flatten() })
    };
    while let Some(event) = next(engine) {
        events.push(event);
    }
    events
}

fn wait_for_state(engine: &Engine, flow: &str, is_wanted: impl Fn(&FlowState) -> bool) {
    let snapshots = engine.snapshots();
    wait_until(&format!("a state of `{flow}`"), PATIENCE, || {
        let snapshot = snapshots.borrow().clone();
        snapshot.flow(&flow.into()).is_some_and(|found| is_wanted(&found.state)).then_some(())
    });
}

fn config(source: &str, target: &str) -> Config {
    let text = config_text(source, target, &["stopped", "going"]);
    Config::parse(&text, "kmirror.toml").expect("a valid configuration")
}

fn config_text(source: &str, target: &str, flows: &[&str]) -> String {
    let clusters =
        format!("[clusters.a]\nbootstrap_servers = \"{source}\"\n[clusters.b]\nbootstrap_servers = \"{target}\"\n");
    let flow = |name: &str| {
        format!("[flows.{name}]\nsource = \"a\"\ntarget = \"b\"\ninclude = [\"{name}\"]\nrefresh_interval = \"1s\"\n")
    };
    flows.iter().fold(clusters, |text, name| text + &flow(name))
}

/// Long beside anything the mock does, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// What is told at all was told by then.
const SILENCE: Duration = Duration::from_millis(300);
