//! Commands to be pasted into a shell.

use std::borrow::Cow;

use crate::engine::Side;
use crate::model::{FlowName, TopicName};

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
    /// The options kmirror was started with, as typed: `-c kmirror.toml`.
    pub options: &'a str,
}

impl Place<'_> {
    /// `kmirror run` with the options it was started with, and more.
    pub(super) fn run(&self, more: &str) -> String {
        ["kmirror run", self.options, more].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// `kmirror check` for the flow.
    pub(super) fn check(&self) -> String {
        let parts = ["kmirror check", self.options];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// Goes on at `position` in the start grammar.
    pub(super) fn resume(&self, position: &str) -> String {
        self.run(&format!("--resume-at {}", quote(&format!("{}={position}", self.scope()))))
    }

    /// Leaves out the record at `offset`.
    pub(super) fn skip(&self, offset: i64) -> String {
        self.run(&format!("--skip-record {} --yes", quote(&format!("{}@{offset}", self.scope()))))
    }

    /// Sets a config entry of the target topic.
    pub(super) fn set_config(&self, entry: &str) -> String {
        let topic = self.target_topic.map_or("TARGET_TOPIC", TopicName::as_str);
        let arguments = ["--alter", "--entity-type", "topics", "--entity-name", topic, "--add-config", entry];
        kafka("kafka-configs.sh", &self.addresses.target, &arguments)
    }

    /// `kafka-topics.sh` for one topic.
    pub(super) fn topics(&self, side: Side, action: &str, topic: &TopicName, partitions: Option<i32>) -> String {
        let partitions = partitions.map(|n| n.to_string());
        let mut arguments = vec![action, "--topic", topic.as_str()];
        arguments.extend(partitions.iter().flat_map(|n| ["--partitions", n.as_str()]));
        kafka("kafka-topics.sh", self.address(side), &arguments)
    }

    pub(super) fn address(&self, side: Side) -> &str {
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

/// One of Kafka's own tools, with its arguments quoted.
pub(super) fn kafka(tool: &str, address: &str, arguments: &[&str]) -> String {
    let mut command = format!("{tool} --bootstrap-server {}", quote(address));
    for argument in arguments {
        command.push(' ');
        command.push_str(&quote(argument));
    }
    command
}

/// `word` as a POSIX shell takes it for one word. Names come from brokers, and commands are pasted.
pub(super) fn quote(word: &str) -> Cow<'_, str> {
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
