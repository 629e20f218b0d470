//! `/metrics` and `/healthz` for a scraper.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use thiserror::Error;
use tokio::net::TcpListener;

use super::metrics::{CONTENT_TYPE, Metrics};

/// The address cannot be listened at.
#[derive(Debug, Error)]
#[error("serve metrics at {address}: {cause}")]
pub struct BindError {
    address: SocketAddr,
    #[source]
    cause: io::Error,
}

/// A socket that listens but does not answer yet: bound before the flows start, so that a wrong address is told then.
#[derive(Debug)]
pub struct MetricsServer {
    listener: TcpListener,
    address: SocketAddr,
}

impl MetricsServer {
    /// Listens at `address`; port 0 takes a free one.
    ///
    /// # Errors
    /// When the address is taken, not ours or not allowed.
    pub async fn bind(address: SocketAddr) -> Result<Self, BindError> {
        let fail = |cause| BindError { address, cause };
        let listener = TcpListener::bind(address).await.map_err(fail)?;
        let address = listener.local_addr().map_err(fail)?;
        Ok(Self { listener, address })
    }

    /// Where it listens, with the port it got.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `shutdown` comes true.
    ///
    /// # Errors
    /// When the socket breaks.
    pub async fn serve(self, metrics: Metrics, shutdown: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let router =
            Router::new().route("/metrics", get(scrape)).route("/healthz", get(health)).with_state(Arc::new(metrics));
        axum::serve(self.listener, router).with_graceful_shutdown(shutdown).await
    }
}

async fn scrape(State(metrics): State<Arc<Metrics>>) -> Response {
    match metrics.encode() {
        Ok(text) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
        Err(err) => (StatusCode::INTERNAL_SERVER_ERROR, format!("encode metrics: {err}\n")).into_response(),
    }
}

/// Says whether the engine lives, not whether it is content: a blocked flow is no reason to restart the process.
async fn health(State(metrics): State<Arc<Metrics>>) -> (StatusCode, &'static str) {
    if metrics.is_engine_alive() {
        (StatusCode::OK, "ok\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the engine has ended\n")
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{Ipv4Addr, TcpStream};

    use tokio::sync::{oneshot, watch};

    use super::*;
    use crate::engine::Snapshot;
    use crate::telemetry::{BuildInfo, DroppedLines};

    fn any_port() -> SocketAddr {
        (Ipv4Addr::LOCALHOST, 0).into()
    }

    async fn ask(address: SocketAddr, request: &'static str) -> String {
        tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(address).expect("connect");
            write!(stream, "{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("ask");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).expect("answer");
            answer
        })
        .await
        .expect("asked")
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn a_scraper_gets_metrics_and_health() {
        let (sender, receiver) = watch::channel(Arc::new(Snapshot::default()));
        let metrics = Metrics::new(receiver, DroppedLines::default(), BuildInfo::default());
        let server = MetricsServer::bind(any_port()).await.expect("bind");
        let address = server.address();
        assert_ne!(address.port(), 0);
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(server.serve(metrics, async {
            let _dropped = stopped.await;
        }));

        let answer = ask(address, "GET /metrics").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("content-type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"));
        assert!(answer.contains("\nkmirror_build_info{") && answer.ends_with("# EOF\n"), "{answer}");
        assert!(ask(address, "POST /metrics").await.starts_with("HTTP/1.1 405 "));
        assert!(ask(address, "GET /").await.starts_with("HTTP/1.1 404 "));
        assert!(ask(address, "GET /healthz").await.starts_with("HTTP/1.1 200 OK\r\n"));
        drop(sender);
        assert!(ask(address, "GET /healthz").await.starts_with("HTTP/1.1 503 "));

        stop.send(()).expect("still serving");
        serving.await.expect("no panic").expect("served");
    }

    #[tokio::test]
    async fn a_taken_address_is_told_with_the_address() {
        let taken = MetricsServer::bind(any_port()).await.expect("bind");
        let err = MetricsServer::bind(taken.address()).await.expect_err("taken");
        assert!(err.to_string().starts_with(&format!("serve metrics at {}: ", taken.address())), "{err}");
    }
}
