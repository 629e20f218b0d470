//! What librdkafka tells a client on the side: log lines, errors of its connections, and news of the group.
//!
//! Callbacks only enqueue and return. They run on the thread that polls the client, so whoever polls finds the news in
//! the inboxes right after.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::TopicPartitionList;
use rdkafka::types::{RDKafkaErrorCode, RDKafkaRespErr};

use super::broker_states::{BrokerStates, broker_named};
use super::connection_problem;
use super::fault_map;
use crate::engine::ports::BrokerNews;
use crate::engine::{Fault, Side};
use crate::model::TopicPartition;

/// The context of every client of ours.
#[derive(Clone, Debug)]
pub(crate) struct MirrorContext {
    side: Side,
    client: Arc<str>,
    faults: Arc<FaultInbox>,
    brokers: Arc<BrokerStates>,
    group: Arc<GroupInbox>,
}

impl MirrorContext {
    /// A context for the client called `client` in the log, which talks to the cluster on `side`.
    pub(crate) fn new(side: Side, client: &str) -> Self {
        Self { side, client: client.into(), faults: Arc::default(), brokers: Arc::default(), group: Arc::default() }
    }

    /// Problems of the client's connections.
    pub(crate) fn faults(&self) -> &Arc<FaultInbox> {
        &self.faults
    }

    /// Which of its brokers went away or came back. Known of clients with `debug=broker` only.
    pub(crate) fn broker_news(&self) -> Vec<BrokerNews> {
        self.brokers.news(self.side, Instant::now())
    }

    /// News of the client's group.
    pub(crate) fn group(&self) -> &Arc<GroupInbox> {
        &self.group
    }

    /// Remembers a problem that librdkafka reports only as a log line: it names causes which the errors do not.
    pub(crate) fn note_failure(&self, line: &str) {
        let fault =
            connection_problem::fault(RDKafkaErrorCode::BrokerTransportFailure, line, self.side, "connect to a broker");
        self.brokers.note_failure(line, &fault.detail);
        self.faults.note_problem(fault);
    }
}

impl ClientContext for MirrorContext {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        match facility {
            // With `debug` each failure is logged a second time.
            "FAIL" if !matches!(level, RDKafkaLogLevel::Debug) => self.note_failure(line),
            "STATE" => self.brokers.note_state(line, Instant::now()),
            _ => {}
        }
        // Says at every start that support for brokers before 0.10 will go; that is why librdkafka's version is pinned.
        if facility == "CONFWARN" && line.contains("deprecated") {
            return;
        }
        let client = &*self.client;
        match level {
            RDKafkaLogLevel::Emerg | RDKafkaLogLevel::Alert | RDKafkaLogLevel::Critical | RDKafkaLogLevel::Error => {
                tracing::error!(target: "librdkafka", client, facility, "{line}");
            }
            RDKafkaLogLevel::Warning => tracing::warn!(target: "librdkafka", client, facility, "{line}"),
            RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info => {
                tracing::info!(target: "librdkafka", client, facility, "{line}");
            }
            RDKafkaLogLevel::Debug => tracing::debug!(target: "librdkafka", client, facility, "{line}"),
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        let code = error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Fail);
        match code {
            // The end of a partition is news of a lane, not an error.
            RDKafkaErrorCode::NoError | RDKafkaErrorCode::PartitionEOF => {}
            RDKafkaErrorCode::AllBrokersDown => {
                let mut fault = fault_map::fault(code, self.side, "reach any broker", reason);
                if let Some(cause) = self.faults.last_problem() {
                    fault.kind = cause.kind;
                    fault.detail = cause.detail;
                }
                self.faults.push(fault);
            }
            code => {
                let fault = connection_problem::fault(code, reason, self.side, "talk to a broker");
                self.faults.note_problem(fault.clone());
                // While the client has others, one broker is news of its own.
                let is_of_one = broker_named(reason).is_some() && self.brokers.is_any_up();
                if !is_of_one {
                    self.faults.push(fault);
                }
            }
        }
    }
}

impl ConsumerContext for MirrorContext {
    // Replaces what would assign at once: the shard answers in its own time.
    fn rebalance(&self, consumer: &BaseConsumer<Self>, err: RDKafkaRespErr, list: &mut TopicPartitionList) {
        let partitions = partitions_of(list);
        self.group.push(match err {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS => GroupEvent::Assign(partitions),
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS => {
                GroupEvent::Revoke { partitions, lost: consumer.assignment_lost() }
            }
            err => GroupEvent::Failed(fault_map::fault(err.into(), self.side, "rebalance the group", "")),
        });
    }
}

fn partitions_of(list: &TopicPartitionList) -> Vec<TopicPartition> {
    list.elements().iter().map(|element| TopicPartition::new(element.topic(), element.partition())).collect()
}

/// What happened in the client's group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GroupEvent {
    /// These partitions were given to the client, which has to call (incremental) assign. May be empty.
    Assign(Vec<TopicPartition>),
    /// These partitions are wanted back, by calling (incremental) unassign.
    Revoke {
        /// Which partitions.
        partitions: Vec<TopicPartition>,
        /// Whether they belong to others already.
        lost: bool,
    },
    /// The rebalance failed.
    Failed(Fault),
}

/// News of the group, oldest first. Not bounded by number: librdkafka waits for the answer to each rebalance.
#[derive(Debug, Default)]
pub(crate) struct GroupInbox(Mutex<VecDeque<GroupEvent>>);

impl GroupInbox {
    fn push(&self, event: GroupEvent) {
        lock(&self.0).push_back(event);
    }

    /// Takes the oldest event.
    pub(crate) fn pop(&self) -> Option<GroupEvent> {
        lock(&self.0).pop_front()
    }
}

/// Problems of a client's connections, oldest first.
#[derive(Debug, Default)]
pub(crate) struct FaultInbox(Mutex<Faults>);

#[derive(Debug, Default)]
struct Faults {
    queue: VecDeque<Fault>,
    last_problem: Option<Fault>,
}

impl FaultInbox {
    /// More are not worth reading: the oldest gives way.
    const FAULTS_MAX: usize = 256;

    fn push(&self, fault: Fault) {
        let mut faults = lock(&self.0);
        if faults.queue.back() == Some(&fault) {
            return;
        }
        if faults.queue.len() == Self::FAULTS_MAX {
            faults.queue.pop_front();
        }
        faults.queue.push_back(fault);
    }

    /// Takes all faults.
    pub(crate) fn drain(&self) -> Vec<Fault> {
        lock(&self.0).queue.drain(..).collect()
    }

    fn note_problem(&self, fault: Fault) {
        lock(&self.0).last_problem = Some(fault);
    }

    /// The last problem with a connection, taken or not: librdkafka does not repeat itself for 30 seconds, so this is
    /// what explains why nothing answers.
    pub(crate) fn last_problem(&self) -> Option<Fault> {
        lock(&self.0).last_problem.clone()
    }

    /// Forgets the last problem, because a broker answered.
    pub(crate) fn forget_problem(&self) {
        lock(&self.0).last_problem = None;
    }
}

/// Nothing that runs under these locks panics, and a queue is whole after any step of it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::FaultKind;

    fn context() -> MirrorContext {
        MirrorContext::new(Side::Source, "test")
    }

    #[test]
    fn when_all_brokers_are_down_the_fault_names_the_cause() {
        let context = context();
        context.log(
            RDKafkaLogLevel::Info,
            "FAIL",
            "[thrd:localhost:9093/bootstrap]: localhost:9093/bootstrap: Disconnected: requesting ApiVersion: might be \
             caused by incorrect security.protocol configuration (connecting to a SSL listener?) or broker version is \
             < 0.10 (see api.version.request) (after 3ms in state APIVERSION_QUERY)",
        );
        context.error(KafkaError::Global(RDKafkaErrorCode::AllBrokersDown), "1/1 brokers are down");
        let faults = context.faults().drain();
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].kind, FaultKind::Unreachable);
        assert!(faults[0].detail.contains("localhost:9093/bootstrap: Disconnected"), "{}", faults[0]);
        assert!(faults[0].detail.contains("may require TLS"), "{}", faults[0]);
        assert!(context.faults().drain().is_empty());
        assert!(context.faults().last_problem().is_some(), "draining does not forget");
        context.faults().forget_problem();
        assert!(context.faults().last_problem().is_none());
    }

    #[test]
    fn the_end_of_a_partition_is_no_fault_and_a_repeated_fault_is_one() {
        let context = context();
        context.error(KafkaError::Global(RDKafkaErrorCode::PartitionEOF), "no more");
        for _ in 0..3 {
            context
                .error(KafkaError::Global(RDKafkaErrorCode::Resolve), "a:9092/bootstrap: Failed to resolve 'a:9092'");
        }
        assert_eq!(context.faults().drain().len(), 1);
    }

    #[test]
    fn the_inbox_is_bounded() {
        let context = context();
        for number in 0..300 {
            context.error(KafkaError::Global(RDKafkaErrorCode::Resolve), &format!("number {number}"));
        }
        let faults = context.faults().drain();
        assert_eq!(faults.len(), 256);
        assert!(faults[0].detail.contains("number 44"), "the oldest gave way: {}", faults[0]);
    }
}
