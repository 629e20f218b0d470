//! Topics that belong to a tool, not to its users.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::TopicName;

/// Whose topic it is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InternalRule {
    /// `__*`: the brokers' own and other tools' that follow their custom (`__consumer_offsets`).
    Kafka,
    /// MirrorMaker 2's offset syncs, checkpoints, heartbeats and settings.
    MirrorMaker,
    /// Kafka Connect's settings, offsets and statuses.
    Connect,
    /// kmirror's own, `kmirror-*.internal`.
    Kmirror,
}

impl InternalRule {
    /// The rule that makes `topic` internal, if one does.
    pub fn of(topic: &TopicName) -> Option<Self> {
        let name = topic.as_str();
        if name.starts_with("__") {
            Some(Self::Kafka)
        } else if is_mirror_maker(name) {
            Some(Self::MirrorMaker)
        } else if is_connect(name) {
            Some(Self::Connect)
        } else if name.starts_with("kmirror-") && name.ends_with(".internal") {
            Some(Self::Kmirror)
        } else {
            None
        }
    }
}

impl fmt::Display for InternalRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kafka => "internal: its name starts with `__`",
            Self::MirrorMaker => "internal to MirrorMaker 2",
            Self::Connect => "internal to Kafka Connect",
            Self::Kmirror => "internal to kmirror",
        })
    }
}

/// Not by `-internal` or `heartbeats` at the end, as MirrorMaker once did: `app-heartbeats` is a user's topic.
fn is_mirror_maker(name: &str) -> bool {
    name == "heartbeats"
        || name.starts_with("mm2-offset-syncs.")
        || (name.starts_with("mm2") && name.ends_with(".internal"))
        || name.ends_with(".checkpoints.internal")
}

/// The names in Connect's sample files and in Strimzi's (`connect-cluster-configs`).
fn is_connect(name: &str) -> bool {
    const KINDS: [&str; 3] = ["configs", "offsets", "status"];
    let Some(rest) = name.strip_prefix("connect-") else { return false };
    KINDS.contains(&rest)
        || rest.strip_prefix("cluster-").is_some_and(|rest| {
            KINDS.iter().any(|kind| rest.strip_suffix(kind).is_some_and(|id| id.is_empty() || id.ends_with('-')))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_topics_are_told_from_users() {
        let names = [
            ("__consumer_offsets", Some(InternalRule::Kafka)),
            ("__transaction_state", Some(InternalRule::Kafka)),
            ("_schemas", None),
            ("mm2-configs.eu.internal", Some(InternalRule::MirrorMaker)),
            ("mm2-offset-syncs.eu.internal", Some(InternalRule::MirrorMaker)),
            ("mm2-offset-syncs.eu", Some(InternalRule::MirrorMaker)),
            ("eu.checkpoints.internal", Some(InternalRule::MirrorMaker)),
            ("heartbeats", Some(InternalRule::MirrorMaker)),
            ("app-heartbeats", None),
            ("orders.internal", None),
            ("orders-internal", None),
            ("connect-configs", Some(InternalRule::Connect)),
            ("connect-offsets", Some(InternalRule::Connect)),
            ("connect-status", Some(InternalRule::Connect)),
            ("connect-cluster-offsets", Some(InternalRule::Connect)),
            ("connect-cluster-eu-status", Some(InternalRule::Connect)),
            ("connect-cluster-orders", None),
            ("connect-orders", None),
            ("kmirror-progress.internal", Some(InternalRule::Kmirror)),
            ("kmirror-orders", None),
        ];
        for (name, rule) in names {
            assert_eq!(InternalRule::of(&name.into()), rule, "{name}");
        }
    }
}
