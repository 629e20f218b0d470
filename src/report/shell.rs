//! Commands to be pasted into a shell.

mod command;

use std::borrow::Cow;

use crate::engine::Side;
use crate::model::{FlowName, TopicName, VersionRange};

pub use command::{Access, ShellCommand, option};

/// How the commands of a flow begin, and where its clusters are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The source's bootstrap servers.
    pub source: String,
    /// The target's bootstrap servers.
    pub target: String,
}

impl Default for Addresses {
    /// Words in their place, for a reader to replace.
    fn default() -> Self {
        Self { source: "SOURCE".into(), target: "TARGET".into() }
    }
}

/// What a flow's clusters are, as far as it can be told: decides how Kafka's own tools are called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Versions {
    /// The source's brokers.
    pub source: Option<VersionRange>,
    /// The target's brokers.
    pub target: Option<VersionRange>,
}

/// Where something is blocked.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The flow.
    pub flow: &'a FlowName,
    /// The source topic.
    pub topic: &'a TopicName,
    /// The topic on the target, where known.
    pub target_topic: Option<&'a TopicName>,
    /// The partition; `None` when all of the topic is blocked.
    pub partition: Option<i32>,
    /// The flow's clusters.
    pub addresses: &'a Addresses,
    /// What they are.
    pub versions: &'a Versions,
    /// The options kmirror was started with, as typed: `-c kmirror.toml`.
    pub options: &'a str,
}

impl Place<'_> {
    /// `kmirror run` with the options it was started with, and more.
    pub fn run(&self, more: &str) -> String {
        ["kmirror run", self.options, more].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// `kmirror check` for the flow.
    pub(super) fn check(&self) -> String {
        let parts = ["kmirror check", self.options];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// Goes on at `position` in the start grammar.
    pub fn resume(&self, position: &str) -> String {
        self.run(&self.resume_option(position))
    }

    /// The option that does it, for several places in one command.
    pub fn resume_option(&self, position: &str) -> String {
        option("--resume-at", &format!("{}={position}", self.scope()))
    }

    /// Mirrors the topic, although it is new since the flow began.
    pub fn mirror_new(&self) -> String {
        self.run(&option("--mirror-new", &format!("{}:{}", self.flow, self.topic)))
    }

    /// Leaves out the record at `offset`.
    pub fn skip(&self, offset: i64) -> String {
        self.run(&format!("--skip-record {} --yes", quote(&format!("{}@{offset}", self.scope()))))
    }

    /// Sets a config entry of the target topic.
    pub(super) fn set_config(&self, entry: &str) -> String {
        let topic = self.target_topic.map_or("TARGET_TOPIC", TopicName::as_str);
        let arguments = ["--alter", "--entity-type", "topics", "--entity-name", topic, "--add-config", entry];
        self.tool(Side::Target, Tool::Configs, &arguments)
    }

    /// `kafka-topics.sh` for one topic.
    pub(super) fn topics(&self, side: Side, action: &str, topic: &TopicName, partitions: Option<i32>) -> String {
        let partitions = partitions.map(|n| n.to_string());
        let mut arguments = vec![action, "--topic", topic.as_str()];
        arguments.extend(partitions.iter().flat_map(|n| ["--partitions", n.as_str()]));
        self.tool(side, Tool::Topics, &arguments)
    }

    /// `kafka-topics.sh --create` on the target. Tools before 2.4 insist on a number of replicas.
    pub(super) fn create(&self, topic: &TopicName, partitions: i32, replicas: Option<i32>) -> String {
        let command = self.topics(Side::Target, "--create", topic, Some(partitions));
        if !self.is_before(Side::Target, &[2, 4]) {
            return command;
        }
        let replicas = replicas.map_or_else(|| "REPLICAS".to_owned(), |n| n.to_string());
        format!("{command} --replication-factor {replicas}")
    }

    /// One of Kafka's own tools as it comes with the brokers' version, with its arguments quoted. Tried on 0.9.0.1,
    /// 1.0.2 and 2.4.1.
    pub(super) fn tool(&self, side: Side, tool: Tool, arguments: &[&str]) -> String {
        let (address, before) = (quote(self.address(side)), |limit| self.is_before(side, limit));
        let mut command = match tool {
            Tool::Topics if before(&[2, 2]) => format!("kafka-topics.sh --zookeeper {ZOOKEEPER}"),
            Tool::Topics => format!("kafka-topics.sh --bootstrap-server {address}"),
            // Takes brokers' addresses before, but for the brokers' own settings only.
            Tool::Configs if before(&[2, 5]) => format!("kafka-configs.sh --zookeeper {ZOOKEEPER}"),
            Tool::Configs => format!("kafka-configs.sh --bootstrap-server {address}"),
            Tool::Acls if before(&[2, 1]) => {
                format!("kafka-acls.sh --authorizer-properties zookeeper.connect={ZOOKEEPER}")
            }
            Tool::Acls => format!("kafka-acls.sh --bootstrap-server {address}"),
            // The other one cannot begin at an offset yet.
            Tool::Reader if before(&[0, 10, 1]) => format!("kafka-simple-consumer-shell.sh --broker-list {address}"),
            Tool::Reader => format!("kafka-console-consumer.sh --bootstrap-server {address}"),
            Tool::Versions => format!("kafka-broker-api-versions.sh --bootstrap-server {address}"),
        };
        append(&mut command, arguments);
        command
    }

    /// Whether the brokers are known to be, or may be, older than `limit`.
    pub(super) fn is_before(&self, side: Side, limit: &[u16]) -> bool {
        let version = match side {
            Side::Source => &self.versions.source,
            Side::Target => &self.versions.target,
        };
        version.as_ref().is_some_and(|version| version.lowest().is_before(limit))
    }

    fn address(&self, side: Side) -> &str {
        match side {
            Side::Source => &self.addresses.source,
            Side::Target => &self.addresses.target,
        }
    }

    pub(super) fn partition_text(&self) -> String {
        self.partition.map_or_else(|| "PARTITION".into(), |partition| partition.to_string())
    }

    /// `FLOW:TOPIC:PARTITION`, the way options name a lane.
    fn scope(&self) -> String {
        let scope = format!("{}:{}", self.flow, self.topic);
        self.partition.map_or_else(|| scope.clone(), |partition| format!("{scope}:{partition}"))
    }
}

/// One of Kafka's own tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tool {
    /// Topics: their creation and their partitions.
    Topics,
    /// Settings of topics.
    Configs,
    /// Rights.
    Acls,
    /// Reads records of one partition.
    Reader,
    /// What the brokers support.
    Versions,
}

/// `kafka-consumer-groups.sh` on the cluster at `address`, with its arguments quoted.
pub(super) fn groups_tool(address: &str, arguments: &[&str]) -> String {
    let mut command = format!("kafka-consumer-groups.sh --bootstrap-server {}", quote(address));
    append(&mut command, arguments);
    command
}

fn append(command: &mut String, arguments: &[&str]) {
    for argument in arguments {
        command.push(' ');
        command.push_str(&quote(argument));
    }
}

/// A word for the reader to replace: kmirror talks to brokers only, and does not know where their ZooKeeper is.
pub(super) const ZOOKEEPER: &str = "ZOOKEEPER:2181";

/// `word` as a POSIX shell takes it for one word. Names come from brokers, and commands are pasted.
pub fn quote(word: &str) -> Cow<'_, str> {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || "._-:,/@=+%".contains(c);
    if !word.is_empty() && word.chars().all(is_safe) {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_read_is_quoted() {
        let words = [
            ("orders-v1.eu_2", "orders-v1.eu_2"),
            ("host:9092,other:9092", "host:9092,other:9092"),
            ("", "''"),
            ("a b", "'a b'"),
            ("$(rm -rf ~)", "'$(rm -rf ~)'"),
            ("it's", r"'it'\''s'"),
            ("a;b", "'a;b'"),
            ("ü", "'ü'"),
        ];
        for (word, expected) in words {
            assert_eq!(quote(word), expected);
        }
    }
}
