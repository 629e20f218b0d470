//! The client through which a cluster is asked, and the thread that serves it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};

use super::context::{FaultInbox, MirrorContext};
use super::fault_map;
use super::ffi::Client;
use super::settings::ClusterSettings;
use crate::engine::{Fault, FaultKind, Side};
use crate::model::KafkaVersion;

/// An open client. Dropping it closes it in the background.
pub(super) struct Connection {
    consumer: Arc<BaseConsumer<MirrorContext>>,
    version: Option<KafkaVersion>,
    cluster_id: OnceLock<Option<String>>,
    closing: Arc<AtomicBool>,
}

impl Connection {
    /// Opens a client with the user's properties as they are now. Does not wait for a broker.
    pub(super) fn open(settings: &ClusterSettings, side: Side) -> Result<Self, Fault> {
        let operation = || format!("open a client for cluster `{}`", settings.name);
        let mut config = settings.admin_client(side)?;
        if side == Side::Source {
            // Never joined. Without a group of its own librdkafka follows a null pointer when a broker answers that it
            // does not coordinate the group whose positions it is asked for (rd_kafka_handle_OffsetFetch).
            config.set("group.id", ADMIN_GROUP);
        }
        let context = MirrorContext::new(side, &format!("admin-{}", settings.name));
        let consumer: BaseConsumer<MirrorContext> =
            config.create_with_context(context).map_err(|error| fault_map::fault_of(&error, side, operation()))?;
        let connection = Self {
            consumer: Arc::new(consumer),
            version: settings.version.clone(),
            cluster_id: OnceLock::new(),
            closing: Arc::new(AtomicBool::new(false)),
        };
        connection
            .serve(&format!("admin-{}", settings.name))
            .map_err(|error| Fault::new(FaultKind::Other, side, operation(), error.to_string()))?;
        Ok(connection)
    }

    /// Serves what the client has to say: its log lines, its errors, and its wish for a new token.
    fn serve(&self, name: &str) -> std::io::Result<()> {
        let (consumer, closing) = (Arc::clone(&self.consumer), Arc::clone(&self.closing));
        thread::Builder::new().name(name.to_owned()).spawn(move || {
            while !closing.load(Ordering::Relaxed) {
                // An error it returns was put into the inbox before; there are no records.
                drop(consumer.poll(POLL_INTERVAL));
                drop(consumer.context().faults().drain());
            }
            // The client is closed here, by its last owner: that may take a while, and nobody waits for this thread.
        })?;
        Ok(())
    }

    /// The version the brokers are taken for.
    pub(super) fn version(&self) -> Option<&KafkaVersion> {
        self.version.as_ref()
    }

    pub(super) fn client(&self) -> &Client {
        self.consumer.client()
    }

    pub(super) fn faults(&self) -> &FaultInbox {
        self.consumer.context().faults()
    }

    /// The cluster's id. To be asked after metadata came, which brings it; the client waits for it otherwise.
    pub(super) fn cluster_id(&self) -> Option<String> {
        // Once, because each answer leaks.
        self.cluster_id.get_or_init(|| self.client().fetch_cluster_id(Duration::from_secs(1))).clone()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::Relaxed);
    }
}

/// Within the names that rights are usually granted for; no broker keeps anything of it.
const ADMIN_GROUP: &str = "kmirror.admin";
/// Events wake the thread at once; this only bounds how long a dropped client lives on.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
