//! One blocking connection to one broker.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use bytes::{Buf as _, Bytes, BytesMut};
use kafka_protocol::messages::{
    ApiVersionsRequest, RequestHeader, ResponseHeader, SaslAuthenticateRequest, SaslHandshakeRequest,
};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Request, StrBytes, VersionRange};

use super::error::BrokerError;

/// How a conversation with a broker begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Greeting {
    /// Not at all: before 0.10 ApiVersions is not answered.
    Silent,
    /// With ApiVersions.
    Versions,
    /// With ApiVersions and SASL/PLAIN: user and password.
    Login((&'static str, &'static str)),
}

/// A connection that knows which versions its broker speaks.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    correlation_id: i32,
    versions: BTreeMap<i16, VersionRange>,
}

impl Connection {
    /// Connects, and greets.
    pub(crate) fn open(address: &str, greeting: Greeting) -> Result<Self> {
        let socket: SocketAddr = address.parse().with_context(|| format!("parse {address}"))?;
        let stream = TcpStream::connect_timeout(&socket, TIMEOUT).with_context(|| format!("connect to {address}"))?;
        stream.set_read_timeout(Some(TIMEOUT)).context("set the read timeout")?;
        stream.set_write_timeout(Some(TIMEOUT)).context("set the write timeout")?;
        stream.set_nodelay(true).context("set nodelay")?;
        let mut connection = Self { stream, correlation_id: 0, versions: BTreeMap::new() };
        if greeting == Greeting::Silent {
            connection.versions = BEFORE_API_VERSIONS.into_iter().collect();
            return Ok(connection);
        }
        // Version 0 is answered by every broker that answers at all.
        let answer = connection.call_version(&ApiVersionsRequest::default(), 0)?;
        let versions = answer.api_keys.iter();
        connection.versions =
            versions.map(|api| (api.api_key, VersionRange { min: api.min_version, max: api.max_version })).collect();
        if let Greeting::Login((user, password)) = greeting {
            connection.log_in(user, password)?;
        }
        Ok(connection)
    }

    fn log_in(&mut self, user: &str, password: &str) -> Result<()> {
        let handshake = SaslHandshakeRequest::default().with_mechanism(StrBytes::from_static_str("PLAIN"));
        let code = self.call_version(&handshake, 1)?.error_code;
        BrokerError::check(|| "choose SASL/PLAIN".to_owned(), code)?;
        let token = format!("\0{user}\0{password}");
        let answer = self.call_version(&SaslAuthenticateRequest::default().with_auth_bytes(token.into()), 0)?;
        Ok(BrokerError::check(|| format!("log in as {user}"), answer.error_code)?)
    }

    /// The broker has closed it, as one that was restarted has. Between calls nothing else can have arrived.
    pub(crate) fn is_stale(&self) -> bool {
        let mut byte = [0];
        let is_quiet = self.stream.set_nonblocking(true).is_ok()
            && self.stream.peek(&mut byte).is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
        let is_restored = self.stream.set_nonblocking(false).is_ok();
        !(is_quiet && is_restored)
    }

    /// The highest version of `R` both sides speak, not above `cap`.
    pub(crate) fn version_of<R: Request>(&self, cap: i16) -> Result<i16> {
        let ours = VersionRange { min: R::VERSIONS.min, max: R::VERSIONS.max.min(cap) };
        let theirs = self.versions.get(&R::KEY).with_context(|| format!("the broker does not know api {}", R::KEY))?;
        let both = ours.intersect(theirs);
        ensure!(!both.is_empty(), "api {}: we speak {ours}, the broker {theirs}", R::KEY);
        Ok(both.max)
    }

    /// The highest version of an api the broker speaks, for requests written by hand.
    pub(crate) fn broker_max(&self, api_key: i16) -> Option<i16> {
        self.versions.get(&api_key).map(|range| range.max)
    }

    /// Sends a request in one version and waits for its answer.
    pub(crate) fn call_version<R: Request>(&mut self, request: &R, version: i16) -> Result<R::Response> {
        let mut body = BytesMut::new();
        request.encode(&mut body, version).context("encode the request")?;
        let header_version = R::header_version(version);
        let mut answer = self.exchange(R::KEY, version, header_version, &body)?;
        ResponseHeader::decode(&mut answer, R::Response::header_version(version)).context("decode the header")?;
        R::Response::decode(&mut answer, version).context("decode the answer")
    }

    /// Sends a body written by hand (header version 1) and gives the body of the answer (header version 0).
    pub(crate) fn call_bytes(&mut self, api_key: i16, version: i16, body: &[u8]) -> Result<Bytes> {
        let mut answer = self.exchange(api_key, version, 1, body)?;
        ensure!(answer.len() >= 4, "the answer to api {api_key} has {} bytes", answer.len());
        answer.advance(4);
        Ok(answer)
    }

    /// One frame out, one frame in. The answer begins with its header.
    fn exchange(&mut self, api_key: i16, version: i16, header_version: i16, body: &[u8]) -> Result<Bytes> {
        self.correlation_id += 1;
        let header = RequestHeader::default()
            .with_request_api_key(api_key)
            .with_request_api_version(version)
            .with_correlation_id(self.correlation_id)
            .with_client_id(Some(StrBytes::from_static_str("kmirror-rig")));
        let mut frame = BytesMut::zeroed(4);
        header.encode(&mut frame, header_version).context("encode the header")?;
        frame.extend_from_slice(body);
        let size = u32::try_from(frame.len() - 4).context("the request is too large")?;
        frame[..4].copy_from_slice(&size.to_be_bytes());
        self.stream.write_all(&frame).context("send the request")?;
        let answer = self.read_frame().with_context(|| format!("await the answer to api {api_key} v{version}"))?;
        ensure!(answer.len() >= 4, "the answer to api {api_key} has {} bytes", answer.len());
        let id = answer.slice(..4).get_i32();
        ensure!(id == self.correlation_id, "answer {id} instead of {}", self.correlation_id);
        Ok(answer)
    }

    fn read_frame(&mut self) -> Result<Bytes> {
        let mut size = [0; 4];
        self.stream.read_exact(&mut size)?;
        let size = usize::try_from(i32::from_be_bytes(size)).context("negative frame size")?;
        if size > FRAME_BYTES_MAX {
            bail!("a frame of {size} bytes");
        }
        let mut frame = vec![0; size];
        self.stream.read_exact(&mut frame)?;
        Ok(frame.into())
    }
}

/// A paused broker must fail a call, not hang the test.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Twice what a fetch asks for, and any record the tests write.
const FRAME_BYTES_MAX: usize = 256 << 20;

/// What 0.9 speaks: Produce, Fetch, ListOffsets, Metadata, OffsetCommit, OffsetFetch, FindCoordinator, DescribeGroups.
const BEFORE_API_VERSIONS: [(i16, VersionRange); 8] = [
    (0, VersionRange { min: 0, max: 1 }),
    (1, VersionRange { min: 0, max: 1 }),
    (2, VersionRange { min: 0, max: 0 }),
    (3, VersionRange { min: 0, max: 0 }),
    (8, VersionRange { min: 0, max: 2 }),
    (9, VersionRange { min: 0, max: 1 }),
    (10, VersionRange { min: 0, max: 0 }),
    (15, VersionRange { min: 0, max: 0 }),
];
