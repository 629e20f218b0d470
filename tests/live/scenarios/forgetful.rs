//! 0.9 stumbles over the question for its version and forgets what it was doing for other clients: see `kafka/age.rs`.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use super::pair::{END_MAX, Pair, SOON, require_code, tail};
use super::versions::{checked, told, warnings};
use crate::rig::broker::Broker;
use crate::rig::cluster::{shared, unique};
use crate::rig::corpus::Bulk;
use crate::rig::scenario::Scenario;
use crate::rig::version::{V0_9, V3_9};
use crate::rig::wait::wait_until_true;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::live("forgetful/told_0_9_is_asked_nothing_it_stumbles_over", told_right),
    Scenario::live("forgetful/connections_that_0_9_forgets_are_replaced", forgotten),
];

/// Until a connection is replaced that the broker has forgotten.
const FORGOTTEN_MAX: Duration = Duration::from_secs(45);

/// As told: no warning, and nothing is asked that the broker stumbles over, at the expense of its other clients.
fn told_right() -> Result<String> {
    let (source, target, topic) = (&Broker::start(&V0_9)?, shared(&V3_9)?, unique("told"));
    source.create_topic(&topic, 1, &[])?;
    Bulk::new(100, 100).write(source, &topic)?;
    let pair = Pair::told(source, target, ["0.9.0.1", "3.9.2"], &topic, "")?;
    let (flow, took) = checked(&pair, 0)?;
    ensure!(!warnings(&flow).contains(&"version"), "{flow}");
    let done = pair.catch_up()?;
    ensure!(!told(&done, "notice", "version")?, "{}", tail(&done));
    pair.compare(&topic)?.require_exact()?;
    ensure!(source.n_stumbles()? == 0, "it was asked for its version");
    // Which would have been seen.
    let mut newer = Newer::connect(source)?;
    newer.ask_for_version()?;
    wait_until_true("the broker to stumble", SOON, || Ok(source.n_stumbles()? > 0))?;
    Ok(format!("check={:.1}s", took.as_secs_f64()))
}

/// A client newer than its broker.
struct Newer {
    stream: TcpStream,
}

impl Newer {
    /// Connects, and waits until it was answered: from then on a network thread of the broker has it.
    fn connect(broker: &Broker) -> Result<Self> {
        let mut newer = Self { stream: TcpStream::connect(broker.address()).context("connect")? };
        newer.stream.set_read_timeout(Some(SOON)).context("set the read timeout")?;
        newer.send(LIST_GROUPS)?;
        let mut size = [0; 4];
        newer.stream.read_exact(&mut size).context("list the groups")?;
        Ok(newer)
    }

    /// Asks for the table of APIs.
    fn ask_for_version(&mut self) -> Result<()> {
        self.send(API_VERSIONS)
    }

    /// The header alone: key, version 0, a number to answer to, and who asks.
    fn send(&mut self, key: u8) -> Result<()> {
        self.stream.write_all(&[0, 0, 0, 11, 0, key, 0, 0, 0, 0, 0, 1, 0, 1, b'x']).context("ask")
    }
}

const LIST_GROUPS: u8 = 16;
const API_VERSIONS: u8 = 18;

/// Other clients make the broker forget connections. The flow's own are replaced, and it goes on.
fn forgotten() -> Result<String> {
    const ROUNDS: usize = 3;
    let source = &Broker::start_with(&V0_9, &[("num.network.threads", "1")])?;
    let (target, topic) = (shared(&V3_9)?, unique("forgotten"));
    source.create_topic(&topic, 2, &[])?;
    Bulk::new(500, 100).write(source, &topic)?;
    let pair = Pair::new(source, target, &topic, "")?;
    let mut run = pair.start(&[])?;
    Pair::wait_caught_up(&mut run)?;
    let mut took = Vec::new();
    for round in 1..=ROUNDS {
        let mut others = (0..10).map(|_| Newer::connect(source)).collect::<Result<Vec<_>>>()?;
        let before = source.n_stumbles()?;
        // What comes while the broker stands still is all read in one round of its only network thread.
        source.pause()?;
        let waiting = wait_until_true("a request of the flow to wait", SOON, || Ok(n_unread_bytes(source)? > 0));
        let asked: Result<Vec<()>> = others.iter_mut().map(Newer::ask_for_version).collect();
        source.resume()?;
        waiting.and(asked)?;
        wait_until_true("the broker to stumble", SOON, || Ok(source.n_stumbles()? > before))?;
        Bulk::new(500, 100).write(source, &topic)?;
        let began = Instant::now();
        pair.wait_on_target(&mut run, &topic, 500 * (i64::try_from(round)? + 1))?;
        took.push(began.elapsed().as_secs());
        // librdkafka by itself takes a minute to see that.
        ensure!(began.elapsed() < FORGOTTEN_MAX, "it went on after {took:?} s\n{}", run.tail());
    }
    let done = run.terminate(END_MAX)?;
    require_code(&done, 0)?;
    let verdict = pair.compare(&topic)?;
    verdict.require_exact()?;
    Ok(format!("{verdict} resumed_seconds={took:?}"))
}

/// What clients have sent to a broker of this machine and it has not read.
fn n_unread_bytes(broker: &Broker) -> Result<u64> {
    let port: u16 = broker.address().rsplit(':').next().context("a port")?.parse()?;
    let local = format!("0100007F:{port:04X}");
    let table = std::fs::read_to_string("/proc/net/tcp")?;
    let unread = table.lines().filter_map(|line| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [_, at, _, "01", queues, ..] = columns[..] else { return None };
        let (_, received) = queues.split_once(':')?;
        (at == local).then(|| u64::from_str_radix(received, 16).ok()).flatten()
    });
    Ok(unread.sum())
}
