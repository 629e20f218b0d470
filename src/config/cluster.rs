//! One cluster, as used.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::{KafkaVersion, excerpt};

use super::address::BrokerAddress;
use super::document::{Entry, Section};
use super::error::{ConfigProblem, Findings};
use super::properties::{Properties, properties};
use super::secret::Place;

/// A cluster records come from or go to.
#[derive(Clone, Debug)]
pub struct ClusterConfig {
    /// Where to find it; at least one.
    pub bootstrap_servers: Vec<BrokerAddress>,
    /// How careful to be with it.
    pub env: ClusterEnv,
    /// The brokers' version, to be held against what they are; `None` only asks them.
    pub version: Option<KafkaVersion>,
    /// Client properties, security among them.
    pub properties: Properties,
}

impl ClusterConfig {
    /// The addresses as librdkafka takes them.
    pub fn bootstrap(&self) -> String {
        self.bootstrap_servers.iter().map(BrokerAddress::to_string).collect::<Vec<_>>().join(",")
    }
}

/// What a cluster is for; the one to be most careful with is the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClusterEnv {
    /// Others depend on it.
    Prod,
    /// Looks like production.
    Staging,
    /// Nobody minds.
    Dev,
}

impl fmt::Display for ClusterEnv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Prod => "prod",
            Self::Staging => "staging",
            Self::Dev => "dev",
        })
    }
}

pub(super) const CLUSTER_KEYS: &[&str] = &["bootstrap_servers", "env", "version", "properties"];

/// Words of other tools, with what to write here.
const HINTS: &[(&str, &str)] = &[
    ("bootstrap", "the addresses are `bootstrap_servers`"),
    ("brokers", "the addresses are `bootstrap_servers`"),
    ("servers", "the addresses are `bootstrap_servers`"),
    ("url", "the addresses are `bootstrap_servers`"),
    ("password", "write it as `sasl.password` into `properties`"),
    ("username", "write it as `sasl.username` into `properties`"),
    ("security", "write `security.protocol` and its companions into `properties`"),
    ("sasl", "write `sasl.mechanism` and its companions into `properties`"),
    ("ssl", "write `ssl.ca.location` and its companions into `properties`"),
    ("config", "client settings go into `properties`"),
];

const ENVS: [(&str, ClusterEnv); 3] =
    [("prod", ClusterEnv::Prod), ("staging", ClusterEnv::Staging), ("dev", ClusterEnv::Dev)];

/// Reads `[clusters.NAME]`; `None` where something essential is wrong.
pub(super) fn cluster(section: &Section<'_>, place: Place<'_>, findings: &mut Findings) -> Option<ClusterConfig> {
    section.refuse_unknown(CLUSTER_KEYS, HINTS, findings);
    let servers = section
        .require("bootstrap_servers", "bootstrap_servers = \"kafka-1:9092\"")
        .and_then(|entry| addresses(&entry));
    let env = section.get("env").and_then(|entry| findings.keep(entry.one_of(&ENVS)));
    let version = section.get("version").and_then(|entry| {
        let version = version(&entry);
        findings.keep(version)
    });
    let table = section.get("properties").map(|entry| entry.section());
    let properties = match table.and_then(|table| findings.keep(table)) {
        Some(table) => properties(&table, place, findings),
        None => Properties::default(),
    };
    Some(ClusterConfig {
        bootstrap_servers: findings.keep(servers)?,
        env: env.unwrap_or(ClusterEnv::Dev),
        version: version.flatten(),
        properties,
    })
}

/// One text with commas, or a list of texts.
fn addresses(entry: &Entry<'_>) -> Result<Vec<BrokerAddress>, ConfigProblem> {
    let parts: Vec<(Entry<'_>, &str)> = match entry.as_text() {
        Some(text) => text.split(',').map(|part| (entry.clone(), part.trim())).collect(),
        None => entry
            .elements("text such as \"kafka-1:9092,kafka-2:9092\", or a list of such texts")?
            .into_iter()
            .map(|element| element.text().map(|text| (element, text)))
            .collect::<Result<_, _>>()?,
    };
    if parts.is_empty() {
        return Err(entry.problem("is empty; write, for example, [\"kafka-1:9092\"]"));
    }
    if parts.len() > ADDRESSES_MAX {
        return Err(
            entry.problem(format!("has {} addresses; {ADDRESSES_MAX} are plenty to find a cluster", parts.len()))
        );
    }
    let address = |(entry, text): (Entry<'_>, &str)| {
        text.parse::<BrokerAddress>().map_err(|error| entry.problem(error.to_string()))
    };
    parts.into_iter().map(address).collect()
}

fn version(entry: &Entry<'_>) -> Result<Option<KafkaVersion>, ConfigProblem> {
    let expected = "\"auto\", or the version of the brokers, such as \"0.9.0.1\"";
    let text = entry.as_text().ok_or_else(|| entry.mismatch(expected))?;
    if text == "auto" {
        return Ok(None);
    }
    match text.parse::<KafkaVersion>() {
        Ok(version) if version.is_before(&[0, 9]) => {
            Err(entry.problem(format!("`{version}` is too old: 0.9 was the first with consumer groups")))
        }
        Ok(version) => Ok(Some(version)),
        Err(_) => Err(entry.problem(format!("`{}` is not a version; expected {expected}", excerpt(text)))),
    }
}

/// A client asks them one by one until one answers; librdkafka keeps a thread for each.
const ADDRESSES_MAX: usize = 100;
