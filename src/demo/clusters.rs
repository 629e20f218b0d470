//! Both clusters, their topics and their traffic.

use std::sync::Arc;

use super::error::DemoError;
use super::fault::DemoFault;
use super::flow::{group, target_topic};
use super::mock::Mock;
use super::topic::TOPICS;
use super::traffic::Traffic;
use crate::engine::Side;

/// Two running clusters. Stop the engine before dropping them: its clients would look for brokers that are gone.
pub struct DemoClusters {
    // Dropped in this order: first those who write, then what they write to.
    traffic: Traffic,
    source: Arc<Mock>,
    target: Mock,
}

impl DemoClusters {
    /// Starts both, with the topics on both, and the producers, which begin with the last two minutes' records.
    ///
    /// # Errors
    /// When no socket can be opened on 127.0.0.1, or no thread started.
    pub fn start() -> Result<Self, DemoError> {
        let source = Arc::new(Mock::start(Side::Source)?);
        let target = Mock::start(Side::Target)?;
        for topic in TOPICS {
            source.create_topic(topic.name, topic.partitions)?;
            target.create_topic(&target_topic(topic.name), topic.partitions)?;
            // The mock makes none when it is asked to: for a flow that is made in the console and keeps names.
            target.create_topic(topic.name, topic.partitions)?;
        }
        source.coordinate(&group())?;
        let traffic = Traffic::start(Arc::clone(&source))?;
        Ok(Self { traffic, source, target })
    }

    /// Where any client finds the source's brokers.
    pub fn source_address(&self) -> &str {
        self.source.address()
    }

    /// Where any client finds the target's brokers.
    pub fn target_address(&self) -> &str {
        self.target.address()
    }

    /// Makes something happen to one of the clusters.
    ///
    /// # Errors
    /// When librdkafka refuses, which it has no reason to.
    pub fn inject(&self, fault: DemoFault, side: Side) -> Result<(), DemoError> {
        match side {
            Side::Source => self.source.inject(fault),
            Side::Target => self.target.inject(fault),
        }
    }

    /// Ends the producers, within two seconds; the clusters stay, so that the flow can catch up with what was written.
    pub fn stop_traffic(&mut self) {
        self.traffic.stop();
    }
}
