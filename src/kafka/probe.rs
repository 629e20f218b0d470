//! What a cluster's brokers are.
//!
//! librdkafka asks each broker for its table of APIs when it connects, but shows it to nobody. It logs it, though: so a
//! short-lived client is opened with just that debug output, which goes nowhere else.
//!
//! Brokers before 0.10 neither answer that question nor hang up. Silence alone proves nothing, for a network may be
//! slow and a broker may pause. So whoever is silent is asked something else, in the words of 0.9; a broker that
//! answers this is awake, and is asked for its table once more. Only one that stays silent even then is before 0.10:
//!
//! ```text
//!   table asked for ──answered──────────────────────────────> what the table tells
//!         │ 1 s                                                        ^
//!         └─> metadata in the words of 0.9 ──answered──> table asked for again
//!                       │                                              │ no answer
//!                       └ no answer: unreachable                       └──> before 0.10
//! ```
//!
//! Being asked for a table does such brokers' other clients harm (see [`age`](super::age)). Those that were told to be
//! that old are therefore only asked when there is reason to doubt it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaErrorCode;

use super::age;
use super::api_table::{ApiTable, Capabilities};
use super::context::MirrorContext;
use super::fault_map;
use super::ffi::Patience;
use super::ffi::metadata::{Topics, metadata};
use super::settings::ClusterSettings;
use crate::engine::{Fault, FaultKind, Side};

/// How long the first broker may take to connect and to answer anything.
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// Brokers answer within milliseconds: one that did not by then is asked in other words.
const SILENT_AFTER: Duration = Duration::from_secs(1);
/// A broker that answered in the words of 0.9 gets so long for its table, and longer if it took longer for the other.
const TABLE_AFTER: Duration = Duration::from_secs(1);
/// So many times as long.
const TABLE_FACTOR: u32 = 3;
/// The words of 0.9 are tried at so many addresses at once.
const ADDRESSES_MAX: usize = 8;
/// Any version whose brokers do not tell it.
const UNTOLD: &[u16] = &[0, 9];
/// How long to wait for a connection before looking whether anything has come.
const CONNECT_FOR: Duration = Duration::from_millis(50);
/// How long to read lines before looking whether they are enough.
const SERVE_FOR: Duration = Duration::from_millis(5);

/// Asks the first broker that answers.
///
/// # Errors
/// When none does.
pub(super) fn probe(settings: &ClusterSettings, side: Side) -> Result<Capabilities, Fault> {
    if settings.is_untold() && age::is_surely_old(settings, side) {
        return Ok(Capabilities::untold());
    }
    let operation = || format!("ask cluster `{}` for its version", settings.name);
    let asking = Asking::open(settings, side, &settings.bootstrap_servers)?;
    let began = Instant::now();
    let mut doubting: Option<Doubting> = None;
    loop {
        asking.serve();
        if let Some(told) = asking.told() {
            return Ok(told);
        }
        let problem = asking.context().problem();
        if let Some(problem) = problem.clone().filter(|problem| problem.kind != FaultKind::Unreachable) {
            return Err(Fault { operation: operation(), ..problem });
        }
        if doubting.is_none() && began.elapsed() >= SILENT_AFTER {
            doubting = Some(Doubting::start(settings, side, began + ANSWER_MAX));
        }
        if let Some(found) = doubting.as_ref().and_then(Doubting::found) {
            return Ok(found);
        }
        if began.elapsed() >= ANSWER_MAX && !doubting.as_ref().is_some_and(Doubting::is_promising) {
            let detail = format!("no answer within {} s", ANSWER_MAX.as_secs());
            let silence = fault_map::fault(RDKafkaErrorCode::OperationTimedOut, side, operation(), detail);
            return Err(problem.map_or(silence, |problem| Fault { operation: operation(), ..problem }));
        }
    }
}

/// A client that asks for a table of APIs.
struct Asking {
    consumer: BaseConsumer<ProbeContext>,
}

impl Asking {
    fn open(settings: &ClusterSettings, side: Side, address: &str) -> Result<Self, Fault> {
        let mut config = settings.as_version(None).admin_client(side)?;
        config.set("bootstrap.servers", address);
        config.set("debug", "feature").set_log_level(RDKafkaLogLevel::Debug);
        // What librdkafka supposes of those that are silent must not be taken for a table.
        config.set("api.version.request.timeout.ms", "300000");
        let context = ProbeContext { problems: MirrorContext::new(side, "probe"), table: Mutex::default() };
        let consumer = config.create_with_context(context).map_err(|error| {
            fault_map::fault_of(&error, side, format!("open a client for cluster `{}`", settings.name))
        })?;
        Ok(Self { consumer })
    }

    fn context(&self) -> &ProbeContext {
        self.consumer.context()
    }

    fn told(&self) -> Option<Capabilities> {
        self.context().table().told()
    }

    /// Lets the client connect, for a moment, and takes what it says.
    fn serve(&self) {
        // Asking for anything makes the client connect.
        let patience = Patience { deadline: Instant::now() + CONNECT_FOR, give_up: &|| true };
        drop(metadata(self.consumer.client(), Topics::None, patience));
        // Handles what comes until the time is over: with no time at all it would handle a single line.
        drop(self.consumer.poll(SERVE_FOR));
    }
}

/// Threads that find out whether the silent ones are awake. They end by themselves soon after nobody listens any more.
struct Doubting {
    answers: Receiver<Answer>,
    is_promising: Arc<AtomicBool>,
    is_over: Arc<AtomicBool>,
}

/// What came of one address.
type Answer = Capabilities;

impl Doubting {
    fn start(settings: &ClusterSettings, side: Side, deadline: Instant) -> Self {
        let (sender, answers) = channel();
        let doubting = Self { answers, is_promising: Arc::default(), is_over: Arc::default() };
        let addresses = settings.bootstrap_servers.split(',').map(str::trim).filter(|address| !address.is_empty());
        for address in addresses.take(ADDRESSES_MAX) {
            let doubter = Doubter {
                settings: ClusterSettings { bootstrap_servers: address.to_owned(), ..settings.clone() },
                side,
                deadline,
                is_promising: Arc::clone(&doubting.is_promising),
                is_over: Arc::clone(&doubting.is_over),
            };
            let sender = sender.clone();
            let spawned = thread::Builder::new().name("probe".to_owned()).spawn(move || doubter.run(&sender));
            if let Err(error) = spawned {
                tracing::warn!("cannot ask {address} in other words: {error}");
            }
        }
        doubting
    }

    fn found(&self) -> Option<Answer> {
        self.answers.try_recv().ok()
    }

    /// Whether a broker has answered, so that it is worth to wait for its table.
    fn is_promising(&self) -> bool {
        self.is_promising.load(Ordering::Relaxed)
    }
}

impl Drop for Doubting {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

/// Asks at one address, so that both questions go to the same broker.
struct Doubter {
    settings: ClusterSettings,
    side: Side,
    deadline: Instant,
    is_promising: Arc<AtomicBool>,
    is_over: Arc<AtomicBool>,
}

impl Doubter {
    fn run(&self, answers: &Sender<Answer>) {
        match self.ask() {
            // Nobody listens any more when another address was faster.
            Ok(Some(found)) => drop(answers.send(found)),
            Ok(None) => {}
            // The other client tells of the same problem.
            Err(fault) => tracing::debug!(%fault, "no answer in the words of 0.9"),
        }
    }

    fn ask(&self) -> Result<Option<Answer>, Fault> {
        let Some(took) = self.time_to_answer()? else { return Ok(None) };
        self.is_promising.store(true, Ordering::Relaxed);
        let patience = TABLE_AFTER.max(took * TABLE_FACTOR);
        let asking = Asking::open(&self.settings, self.side, &self.settings.bootstrap_servers)?;
        let began = Instant::now();
        while began.elapsed() < patience && !self.is_over.load(Ordering::Relaxed) {
            asking.serve();
            if let Some(told) = asking.told() {
                return Ok(Some(told));
            }
        }
        Ok(Some(Capabilities::untold()))
    }

    /// How long it takes to connect and to be answered in the words of 0.9.
    fn time_to_answer(&self) -> Result<Option<Duration>, Fault> {
        let began = Instant::now();
        let config = self.settings.as_version(Some(UNTOLD.into())).admin_client(self.side)?;
        let context = MirrorContext::new(self.side, "probe");
        let operation = || format!("open a client for cluster `{}`", self.settings.name);
        let consumer: BaseConsumer<MirrorContext> =
            config.create_with_context(context).map_err(|error| fault_map::fault_of(&error, self.side, operation()))?;
        let is_over = || self.is_over.load(Ordering::Relaxed);
        let patience = Patience { deadline: self.deadline, give_up: &is_over };
        let answer = metadata(consumer.client(), Topics::None, patience);
        Ok(answer.is_ok().then(|| began.elapsed()))
    }
}

/// Reads the table, drops all other lines, and remembers problems.
struct ProbeContext {
    problems: MirrorContext,
    table: Mutex<ApiTable>,
}

impl ProbeContext {
    fn problem(&self) -> Option<Fault> {
        self.problems.faults().last_problem()
    }

    fn table(&self) -> std::sync::MutexGuard<'_, ApiTable> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ClientContext for ProbeContext {
    fn log(&self, _level: RDKafkaLogLevel, facility: &str, line: &str) {
        match facility {
            "APIVERSION" => self.table().read(line),
            "FAIL" => self.problems.note_failure(line),
            _ => {}
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.problems.error(error, reason);
    }
}

impl ConsumerContext for ProbeContext {}
