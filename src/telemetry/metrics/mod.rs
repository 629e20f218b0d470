//! Metrics in the OpenMetrics text format, made from the latest snapshot at the moment they are asked for.
//!
//! Nothing is counted here: the snapshot is the only book that is kept.

mod build_info;
mod collector;
mod table;

use std::fmt;
use std::sync::Arc;

use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use tokio::sync::watch;

use self::collector::SnapshotCollector;
use super::DroppedLines;
use crate::engine::Snapshot;

pub use build_info::BuildInfo;
pub use table::{Metric, MetricKind, MetricSpec, TABLE, describe_table};

/// The content type of [`Metrics::encode`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Everything there is to scrape.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    snapshots: watch::Receiver<Arc<Snapshot>>,
}

impl Metrics {
    /// Metrics of the engine that publishes `snapshots`.
    pub fn new(snapshots: watch::Receiver<Arc<Snapshot>>, dropped: DroppedLines, build: BuildInfo) -> Self {
        let mut registry = Registry::default();
        let collector = SnapshotCollector { snapshots: snapshots.clone(), dropped, build };
        registry.register_collector(Box::new(collector));
        Self { registry, snapshots }
    }

    /// The exposition at this moment.
    ///
    /// # Errors
    /// Never, as a `String` takes everything; the encoder's signature has it.
    pub fn encode(&self) -> Result<String, fmt::Error> {
        let mut text = String::with_capacity(64 * 1024);
        encode(&mut text, &self.registry)?;
        Ok(text)
    }

    /// Whether somebody still publishes snapshots.
    pub fn is_engine_alive(&self) -> bool {
        self.snapshots.has_changed().is_ok()
    }
}

#[cfg(test)]
mod tests;
