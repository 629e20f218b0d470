//! Whether brokers are as old as they are said to be, found out without doing them harm.
//!
//! A network thread of a 0.9 broker that is asked for its table of APIs (ApiVersions) fails in the middle of its round.
//! What it had read from other clients in that round is never answered, and those it had answered are never read
//! again: they stand still until they give up, after 30 s or more, replicas included. Every newer client does that to
//! such a broker; this one does not have to when it was told what the broker is.
//!
//! 0.9 does not look at the version of a Fetch. Version 3 (0.10.1) has one number more, so it reads the same bytes
//! differently:
//!
//! ```text
//!   replica  wait  bytes_min | 0          1         "kmirror.version" partition 0
//!   version 3:               | bytes_max  1 topic   ...          answer: 1 topic, which there is not
//!   0.9:                     | 0 topics   (not read)             answer: 0 topics
//! ```
//!
//! Brokers from 4.0 on do not have version 3 any more and hang up.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use super::server::{self, Server};
use super::settings::ClusterSettings;
use crate::engine::Side;

/// How long an answer may take.
const ANSWER_MAX: Duration = Duration::from_secs(2);
/// So many servers are tried.
const SERVERS_MAX: usize = 8;
/// No answer to the question is longer.
const ANSWER_BYTES_MAX: usize = 1024;
const FETCH: i16 = 1;
/// The one with a limit in front of the topics.
const VERSION: i16 = 3;
const CORRELATION_ID: i32 = 9;
const CLIENT_ID: &str = "kmirror-admin";
/// Nobody has it, and it would not be read.
const TOPIC: &str = "kmirror.version";

/// Whether the first server that can be reached is surely before 0.10.1. Not so when it does not answer, or only with
/// encryption or a login.
pub(super) fn is_surely_old(settings: &ClusterSettings, side: Side) -> bool {
    if !is_plain(settings, side) {
        return false;
    }
    let servers = Server::all_of(&settings.bootstrap_servers);
    let reached = servers.iter().take(SERVERS_MAX).find_map(|server| {
        let addresses = server.look_up().ok()?;
        server::connect(&addresses).ok()
    });
    reached.is_some_and(|stream| match ask(stream) {
        Ok(n_topics) => n_topics == 0,
        Err(error) => {
            tracing::debug!("cluster `{}` is not as old as it is said to be: {error}", settings.name);
            false
        }
    })
}

fn is_plain(settings: &ClusterSettings, side: Side) -> bool {
    let Ok(config) = settings.admin_client(side) else { return false };
    let protocol = config.get("security.protocol").unwrap_or("plaintext");
    protocol.eq_ignore_ascii_case("plaintext") && !settings.bootstrap_servers.contains("://")
}

/// How many topics a server answers for.
fn ask(mut stream: TcpStream) -> io::Result<i32> {
    stream.set_read_timeout(Some(ANSWER_MAX))?;
    stream.set_write_timeout(Some(ANSWER_MAX))?;
    stream.write_all(&question())?;
    let mut size = [0; 4];
    stream.read_exact(&mut size)?;
    let size = usize::try_from(i32::from_be_bytes(size)).ok().filter(|size| *size <= ANSWER_BYTES_MAX);
    let mut answer = vec![0; size.ok_or_else(not_kafka)?];
    stream.read_exact(&mut answer)?;
    read(&answer).ok_or_else(not_kafka)
}

fn not_kafka() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "no answer of a Kafka broker")
}

/// The request with its size in front.
fn question() -> Vec<u8> {
    let mut request = Vec::new();
    request.extend(FETCH.to_be_bytes());
    request.extend(VERSION.to_be_bytes());
    request.extend(CORRELATION_ID.to_be_bytes());
    put_text(&mut request, CLIENT_ID);
    let (no_replica, wait_ms, bytes_min, bytes_max): (i32, i32, i32, i32) = (-1, 0, 0, 0);
    let (n_topics, n_partitions, partition, partition_bytes_max): (i32, i32, i32, i32) = (1, 1, 0, 1);
    for number in [no_replica, wait_ms, bytes_min, bytes_max, n_topics] {
        request.extend(number.to_be_bytes());
    }
    put_text(&mut request, TOPIC);
    request.extend(n_partitions.to_be_bytes());
    request.extend(partition.to_be_bytes());
    request.extend(0_i64.to_be_bytes());
    request.extend(partition_bytes_max.to_be_bytes());
    let mut framed = i32::try_from(request.len()).unwrap_or(i32::MAX).to_be_bytes().to_vec();
    framed.extend(request);
    framed
}

fn put_text(request: &mut Vec<u8>, text: &str) {
    request.extend(i16::try_from(text.len()).unwrap_or(i16::MAX).to_be_bytes());
    request.extend(text.as_bytes());
}

/// The number of topics in an answer: behind what it answers to, and how long it was throttled.
fn read(answer: &[u8]) -> Option<i32> {
    let number = |at: usize| Some(i32::from_be_bytes(answer.get(at..at + 4)?.try_into().ok()?));
    (number(0)? == CORRELATION_ID).then(|| number(8)).flatten()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use rdkafka::mocking::MockCluster;

    use super::*;

    fn settings(bootstrap_servers: &str, properties: &[(&str, &str)]) -> ClusterSettings {
        ClusterSettings::for_tests(bootstrap_servers, properties).as_version("0.9.0.1".parse().ok())
    }

    /// A server that answers one question with these bytes, if it is asked as expected, and hangs up.
    fn server(answer: &'static [u8]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address").to_string();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a client");
            let mut asked = vec![0; question().len()];
            stream.read_exact(&mut asked).expect("a question");
            assert_eq!(asked, question());
            stream.write_all(answer).expect("answered");
        });
        address
    }

    /// As 0.9.0.1 and 0.10.0.1 answered.
    const OLD: &[u8] = &[0, 0, 0, 12, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0];
    /// The beginning of what 0.10.2.2 to 3.9.2 answered.
    const NEWER: &[u8] = &[0, 0, 0, 12, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1];

    #[test]
    fn only_an_answer_without_topics_is_a_proof() {
        let told = |answer| is_surely_old(&settings(&server(answer), &[]), Side::Source);
        assert!(told(OLD));
        assert!(!told(NEWER));
        for (answer, what) in [
            (&[][..], "4.x hangs up"),
            (&OLD[..9], "an answer that ends too soon"),
            (&[0, 0, 0, 12, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0], "an answer to something else"),
            (b"HTTP/1.1 400 Bad Request\r\n\r\n", "no broker"),
        ] {
            assert!(!told(answer), "{what}");
        }
    }

    #[test]
    fn the_first_that_can_be_reached_decides() {
        let servers = format!("127.0.0.1:1, {}", server(OLD));
        assert!(is_surely_old(&settings(&servers, &[]), Side::Source));
        assert!(!is_surely_old(&settings("127.0.0.1:1", &[]), Side::Source));
    }

    #[test]
    fn a_port_with_encryption_or_login_is_not_asked_in_the_clear() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("non-blocking");
        let address = listener.local_addr().expect("its address").to_string();
        for protocol in ["SSL", "sasl_ssl", "SASL_PLAINTEXT"] {
            assert!(!is_surely_old(&settings(&address, &[("security.protocol", protocol)]), Side::Source));
        }
        assert!(!is_surely_old(&settings(&format!("SSL://{address}"), &[]), Side::Source));
        assert!(listener.accept().is_err(), "it was connected to");
    }

    #[test]
    fn brokers_of_today_are_not_old() {
        let mock = MockCluster::new(1).expect("mock cluster");
        assert!(!is_surely_old(&settings(&mock.bootstrap_servers(), &[]), Side::Source));
    }
}
