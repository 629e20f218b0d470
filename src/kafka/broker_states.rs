//! Which brokers a client is connected to.
//!
//! librdkafka tells nobody but its debug log when a broker's connection comes and goes (`debug=broker`): its errors
//! tell of failures only, once in 30 seconds, and nothing of a return. So the log's lines are read here.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::engine::Side;
use crate::engine::ports::{BrokerNews, BrokerState};

/// How long a client may be without a broker it needs before it is missed: longer than a reconnection takes after a
/// broker closed an idle connection, on a line with half a second's delay and TLS.
const PATIENCE: Duration = Duration::from_secs(3);

/// The brokers a client knows. One that was configured as an address is another one than the same with its number: it
/// is given up once the cluster has told its brokers.
#[derive(Debug, Default)]
pub(crate) struct BrokerStates(Mutex<BTreeMap<BrokerName, Broker>>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum BrokerName {
    Address(String),
    Id(i32),
}

#[derive(Debug, Default)]
struct Broker {
    /// Where it is now, `host:port`.
    address: String,
    is_up: bool,
    /// Since when the client tries in vain; `None` while it does not need the broker.
    missed_since: Option<Instant>,
    /// When it stopped to need it.
    idle_since: Option<Instant>,
    /// Whether it was told that the broker is away.
    is_told: bool,
    /// Whether it came up since the last news.
    has_come: bool,
    /// The last failure, in the client's words.
    failure: Option<String>,
}

impl BrokerStates {
    /// Reads a line of the facility `STATE`.
    pub(crate) fn note_state(&self, line: &str, now: Instant) {
        let Some((name, change)) = without_thread(line).split_once(": Broker changed state ") else { return };
        let (Some((address, id)), Some((_, state))) = (address_and_id(name), change.split_once(" -> ")) else { return };
        self.change(address, id, |broker| broker.enter(state.trim(), now));
    }

    /// Reads a line of the facility `FAIL`, which says `words` about a broker.
    pub(crate) fn note_failure(&self, line: &str, words: &str) {
        let Some((address, id)) = broker_named(line) else { return };
        // Who it is, is told beside it.
        let words =
            words.split_once(": ").filter(|(name, _)| address_and_id(name).is_some()).map_or(words, |(_, rest)| rest);
        self.change(address, id, |broker| broker.failure = Some(words.to_owned()));
    }

    fn change(&self, address: &str, id: Option<i32>, change: impl FnOnce(&mut Broker)) {
        let name = id.map_or_else(|| BrokerName::Address(address.to_owned()), BrokerName::Id);
        let mut brokers = lock(&self.0);
        let broker = brokers.entry(name).or_default();
        if broker.address != address {
            address.clone_into(&mut broker.address);
        }
        change(broker);
    }

    /// Whether the client is connected to any broker.
    pub(crate) fn is_any_up(&self) -> bool {
        lock(&self.0).values().any(|broker| broker.is_up)
    }

    /// Who went away or came back since the last call.
    pub(crate) fn news(&self, side: Side, now: Instant) -> Vec<BrokerNews> {
        let mut news = Vec::new();
        for (name, broker) in lock(&self.0).iter_mut() {
            let BrokerName::Id(id) = *name else { continue };
            if let Some(state) = broker.news(now) {
                news.push(BrokerNews { side, broker: id, address: broker.address.clone(), state });
            }
        }
        news
    }
}

impl Broker {
    fn enter(&mut self, state: &str, now: Instant) {
        match state {
            "UP" | "UPDATE" | "REAUTH" => {
                self.has_come |= !self.is_up;
                self.is_up = true;
                (self.missed_since, self.idle_since, self.failure) = (None, None, None);
            }
            // Nobody needs the connection, or not yet again: it passes through here after each failure.
            "INIT" => {
                self.is_up = false;
                self.idle_since = Some(now);
            }
            _ => {
                self.is_up = false;
                let was_idle = self.idle_since.take().is_some_and(|since| now - since > PATIENCE);
                if was_idle || self.missed_since.is_none() {
                    self.missed_since = Some(now);
                }
            }
        }
    }

    fn news(&mut self, now: Instant) -> Option<BrokerState> {
        if std::mem::take(&mut self.has_come) && self.is_up {
            self.is_told = false;
            return Some(BrokerState::Up);
        }
        let is_missed = self.missed_since.is_some_and(|since| now - since >= PATIENCE);
        if self.is_up || self.is_told || self.idle_since.is_some() || !is_missed {
            return None;
        }
        self.is_told = true;
        Some(BrokerState::Down { detail: self.failure.clone().unwrap_or_else(|| "no connection".into()) })
    }
}

/// The broker a line begins with, if it begins with one.
pub(crate) fn broker_named(line: &str) -> Option<(&str, Option<i32>)> {
    address_and_id(without_thread(line).split_once(": ")?.0)
}

fn without_thread(line: &str) -> &str {
    match line.strip_prefix("[thrd:").and_then(|rest| rest.split_once("]: ")) {
        Some((_, rest)) => rest,
        None => line,
    }
}

/// `sasl_ssl://host:9093/2` and `host:9092/bootstrap`. The group's coordinator, which is one of the others under
/// another name, has no address of its own.
fn address_and_id(name: &str) -> Option<(&str, Option<i32>)> {
    let name = name.split_once("://").map_or(name, |(_, rest)| rest);
    let (address, id) = name.rsplit_once('/')?;
    let (host, port) = address.rsplit_once(':')?;
    let is_address = !host.is_empty() && !host.contains(' ') && port.parse::<u16>().is_ok();
    let id = if id == "bootstrap" { None } else { Some(id.parse().ok()?) };
    is_address.then_some((address, id))
}

/// Nothing panics under the lock, and what is under it is whole after each line.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A client's log, with the time in seconds before each line.
    fn news_after(lines: &[(u64, &str)], at_s: u64) -> Vec<(i32, BrokerState)> {
        let (states, begin) = (BrokerStates::default(), Instant::now());
        for (at_s, line) in lines {
            states.note_state(&format!("[thrd:a]: {line}"), begin + Duration::from_secs(*at_s));
        }
        let news = states.news(Side::Source, begin + Duration::from_secs(at_s));
        news.into_iter().map(|news| (news.broker, news.state)).collect()
    }

    fn down() -> BrokerState {
        BrokerState::Down { detail: "no connection".into() }
    }

    #[test]
    fn a_broker_that_does_not_come_back_is_missed() {
        let lines = [
            (0, "a:9092/2: Broker changed state APIVERSION_QUERY -> UP"),
            (10, "a:9092/2: Broker changed state UP -> DOWN"),
            (10, "a:9092/2: Broker changed state DOWN -> INIT"),
            (10, "a:9092/2: Broker changed state INIT -> TRY_CONNECT"),
        ];
        assert_eq!(news_after(&lines[1..], 12), []);
        assert_eq!(news_after(&lines[1..], 13), [(2, down())]);
    }

    #[test]
    fn an_address_that_is_given_up_for_a_numbered_broker_is_not_missed() {
        let lines = [
            (0, "a:9092/bootstrap: Broker changed state APIVERSION_QUERY -> UP"),
            (0, "a:9092/2: Broker changed state APIVERSION_QUERY -> UP"),
            (0, "a:9092/bootstrap: Broker changed state TRY_CONNECT -> DOWN"),
        ];
        assert_eq!(news_after(&lines, 9), [(2, BrokerState::Up)]);
    }

    #[test]
    fn attempts_that_fail_do_not_begin_the_patience_anew() {
        let lines: Vec<(u64, &str)> = (0..4)
            .flat_map(|second| {
                [
                    (second, "ssl://a:9092/2: Broker changed state TRY_CONNECT -> CONNECT"),
                    (second, "ssl://a:9092/2: Broker changed state CONNECT -> DOWN"),
                    (second, "ssl://a:9092/2: Broker changed state DOWN -> INIT"),
                    (second, "ssl://a:9092/2: Broker changed state INIT -> TRY_CONNECT"),
                ]
            })
            .collect();
        assert_eq!(news_after(&lines, 4), [(2, down())]);
    }

    #[test]
    fn a_broker_nobody_needs_is_not_missed() {
        let lines = [
            (0, "a:9092/2: Broker changed state UP -> DOWN"),
            (0, "a:9092/2: Broker changed state DOWN -> INIT"),
            (600, "a:9092/2: Broker changed state INIT -> TRY_CONNECT"),
        ];
        assert_eq!(news_after(&lines[..2], 599), []);
        assert_eq!(news_after(&lines, 601), [], "it is needed again since a second");
        assert_eq!(news_after(&lines, 603), [(2, down())]);
    }

    #[test]
    fn news_are_told_once_with_the_words_of_the_failure() {
        let (states, begin) = (BrokerStates::default(), Instant::now());
        let at = |seconds| begin + Duration::from_secs(seconds);
        states.note_state("a:9092/2: Broker changed state TRY_CONNECT -> CONNECT", at(0));
        let failure = "[thrd:a:9092/2]: a:9092/2: Connect to ipv4#127.0.0.1:9092 failed: Connection refused";
        states.note_failure(failure, "a:9092/2: Connect to ipv4#127.0.0.1:9092 failed: Connection refused");
        let detail = "Connect to ipv4#127.0.0.1:9092 failed: Connection refused".to_owned();
        let told: Vec<BrokerState> = states.news(Side::Target, at(5)).into_iter().map(|news| news.state).collect();
        assert_eq!(told, [BrokerState::Down { detail }]);
        assert_eq!(states.news(Side::Target, at(9)), []);
        assert!(!states.is_any_up());
        states.note_state("a:9092/2: Broker changed state APIVERSION_QUERY -> UP", at(10));
        assert!(states.is_any_up());
        let expected = BrokerNews { side: Side::Target, broker: 2, address: "a:9092".into(), state: BrokerState::Up };
        assert_eq!(states.news(Side::Target, at(10)), [expected]);
        assert_eq!(states.news(Side::Target, at(11)), []);
    }

    #[test]
    fn only_brokers_are_read_from_lines() {
        assert_eq!(broker_named("[thrd:x]: sasl_ssl://b.c:9093/12: down"), Some(("b.c:9093", Some(12))));
        assert_eq!(broker_named("b:9093/bootstrap: down"), Some(("b:9093", None)));
        for line in ["GroupCoordinator: b:9092: down", "GroupCoordinator/2: down", "1/1 brokers are down", "x y:1/2: z"]
        {
            assert_eq!(broker_named(line), None, "{line}");
        }
    }
}
