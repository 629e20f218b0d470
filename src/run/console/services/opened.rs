//! Services for tests, with all that hears of what they do.

use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::watch;

use super::{ConsoleServices, FactsCache};
use crate::engine::{Command, Snapshot};
use crate::run::clusters;
use crate::run::console::Stage;
use crate::run::console::configuration::Configuration;
use crate::tui::News;

/// Services over a stage, with nothing running behind them.
pub(super) struct Opened {
    pub(super) services: ConsoleServices,
    /// What the console is told.
    pub(super) told: UnboundedReceiver<News>,
    /// What the engine is told.
    pub(super) commands: UnboundedReceiver<Command>,
    /// What the engine shows.
    pub(super) shown: watch::Sender<Arc<Snapshot>>,
}

pub(super) fn open(stage: &Stage, is_read_only: bool) -> Opened {
    let (command_sender, commands) = unbounded_channel();
    let (news, told) = unbounded_channel();
    let (shown, snapshots) = watch::channel(Arc::new(Snapshot::default()));
    let services = ConsoleServices {
        commands: command_sender,
        kafka: Arc::new(clusters::open(&stage.config)),
        configuration: Configuration::new(stage),
        snapshots,
        facts: FactsCache::default(),
        is_read_only,
        demo: None,
        news,
    };
    Opened { services, told, commands, shown }
}
