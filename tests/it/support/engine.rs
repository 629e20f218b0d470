//! From a configuration to a running engine, as `run` does it.

use std::collections::BTreeMap;
use std::sync::Arc;

use kmirror::config::{ClientRole, ClusterConfig, Config};
use kmirror::engine::{Engine, FlowSpec, SystemClock};
use kmirror::kafka::{ClusterSettings, KafkaClusters};
use kmirror::model::ClusterName;

/// An engine with a configuration's flows. To be called within a tokio runtime.
pub(crate) fn start_engine(config: &Config) -> Engine {
    let kafka = Arc::new(KafkaClusters::new(cluster_settings(config)));
    Engine::start(flow_specs(config), &[], kafka, Arc::new(SystemClock::default()))
}

/// The flows of a configuration.
pub(crate) fn flow_specs(config: &Config) -> Vec<FlowSpec> {
    config.flows.iter().map(|(name, config)| FlowSpec { name: name.clone(), config: config.clone() }).collect()
}

/// Its clusters, as `kafka` takes them.
pub(crate) fn cluster_settings(config: &Config) -> Vec<ClusterSettings> {
    config.clusters.iter().map(|(name, cluster)| settings(name, cluster)).collect()
}

fn settings(name: &ClusterName, cluster: &ClusterConfig) -> ClusterSettings {
    let properties = cluster.properties.clone();
    ClusterSettings {
        name: name.clone(),
        bootstrap_servers: cluster.bootstrap(),
        version: cluster.version.clone(),
        // Of both roles: `kafka` knows which client takes which.
        properties: Arc::new(move || {
            let mut all = BTreeMap::new();
            for role in [ClientRole::Consumer, ClientRole::Producer] {
                for (key, text) in properties.resolve(role).map_err(|error| error.to_string())? {
                    all.insert(key, text.expose().to_owned());
                }
            }
            Ok(all.into_iter().collect())
        }),
    }
}
