//! The ZooKeeper beside a broker before KRaft.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::java::{Java, JvmSize};
use super::port;
use super::process::Process;
use super::wait::wait_until_true;

/// One ZooKeeper, alive as long as this value.
#[derive(Debug)]
pub(crate) struct ZooKeeper {
    port: u16,
    process: Process,
}

impl ZooKeeper {
    /// Starts it with the broker's own jars and waits until it accepts connections.
    pub(crate) fn start(java: &Java, dir: &Path) -> Result<Self> {
        let port = port::reserve()?;
        let config = dir.join("zookeeper.properties");
        let text = format!(
            "dataDir={}\nclientPort={port}\nclientPortAddress=127.0.0.1\nmaxClientCnxns=0\nadmin.enableServer=false\n",
            dir.join("zookeeper").display()
        );
        fs::write(&config, text).context("write zookeeper.properties")?;
        let path = config.display().to_string();
        let process = java.start(
            "org.apache.zookeeper.server.quorum.QuorumPeerMain",
            JvmSize::Small { heap_mb: 128 },
            LOG,
            &[&path],
        )?;
        let mut keeper = Self { port, process };
        wait_until_true("ZooKeeper's port", START_TIMEOUT, || keeper.is_open()).with_context(|| java.log_tail(LOG))?;
        Ok(keeper)
    }

    /// Its address.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn is_open(&mut self) -> Result<bool> {
        if let Some(exit) = self.process.try_exit()? {
            bail!("start ZooKeeper: it ended with {}", exit.status);
        }
        Ok(TcpStream::connect(("127.0.0.1", self.port)).is_ok())
    }
}

const LOG: &str = "zookeeper.log";
const START_TIMEOUT: Duration = Duration::from_secs(60);
