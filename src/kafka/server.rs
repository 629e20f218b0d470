//! A server as it is named, its addresses, and the way there: without librdkafka, which does not tell the steps apart.

use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long a name may take to be looked up, and a connection to be made.
const STEP_MAX: Duration = Duration::from_secs(5);

/// A bootstrap server as configured.
pub(super) struct Server {
    host: String,
    port: u16,
}

impl Server {
    /// Those of a list with commas.
    pub(super) fn all_of(bootstrap_servers: &str) -> Vec<Self> {
        bootstrap_servers.split(',').map(|text| Self::of(text.trim())).collect()
    }

    /// The configuration has checked the form: `host:port`, an IPv6 host in brackets.
    pub(super) fn of(text: &str) -> Self {
        let text = text.rsplit("://").next().unwrap_or(text);
        let (host, port) = text.rsplit_once(':').unwrap_or((text, "9092"));
        Self { host: host.trim_matches(['[', ']']).to_owned(), port: port.parse().unwrap_or(9092) }
    }

    pub(super) fn name(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// Its addresses, asked on a thread of its own: a resolver may take as long as it likes.
    pub(super) fn look_up(&self) -> Result<Vec<SocketAddr>, String> {
        let (sender, receiver) = mpsc::channel();
        let (host, port) = (self.host.clone(), self.port);
        thread::spawn(move || {
            let found = (host.as_str(), port).to_socket_addrs().map(Iterator::collect::<Vec<_>>);
            drop(sender.send(found));
        });
        match receiver.recv_timeout(STEP_MAX) {
            Ok(Ok(addresses)) if addresses.is_empty() => Err(format!("{}: the name has no address", self.host)),
            Ok(Ok(addresses)) => Ok(addresses),
            Ok(Err(error)) => Err(format!("{}: {error}", self.host)),
            Err(_) => Err(format!("{}: no answer within {} s", self.host, STEP_MAX.as_secs())),
        }
    }
}

/// Connects to the first address that can be reached.
///
/// # Errors
/// The last refusal, when there is none.
pub(super) fn connect(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut refused = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses {
        match TcpStream::connect_timeout(address, STEP_MAX) {
            Ok(stream) => return Ok(stream),
            Err(error) => refused = error,
        }
    }
    Err(refused)
}
