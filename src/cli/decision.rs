//! Decisions about blocked lanes, as typed.

use std::str::FromStr;

use crate::model::{FlowName, StartPosition, TopicName, excerpt, legal_topic_name};

/// `FLOW:TOPIC[:PARTITION]=POSITION`: where a blocked topic or partition goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResumeAt {
    /// The flow.
    pub flow: FlowName,
    /// The source topic.
    pub topic: TopicName,
    /// Its partition; `None` means every blocked one.
    pub partition: Option<i32>,
    /// Where to go on.
    pub position: StartPosition,
}

impl FromStr for ResumeAt {
    type Err = ParseDecisionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = |problem| {
            wrong_decision(text, problem, "FLOW:TOPIC[:PARTITION]=POSITION, such as orders:eu.orders:3=earliest")
        };
        // At the first: a position may hold more of them.
        let (lane, position) = text.split_once('=').ok_or_else(|| wrong("has no `=`".to_owned()))?;
        let (flow, topic, partition) = parse_lane(lane).map_err(wrong)?;
        let position = position.parse().map_err(|error| wrong(format!("has no position: {error}")))?;
        Ok(Self { flow, topic, partition, position })
    }
}

/// `FLOW:TOPIC`: a topic to be mirrored although it is new since the flow began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MirrorNew {
    /// The flow.
    pub flow: FlowName,
    /// The source topic.
    pub topic: TopicName,
}

impl FromStr for MirrorNew {
    type Err = ParseDecisionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = |problem| wrong_decision(text, problem, "FLOW:TOPIC, such as orders:eu.orders");
        match parse_lane(text).map_err(wrong)? {
            (flow, topic, None) => Ok(Self { flow, topic }),
            (_, _, Some(_)) => Err(wrong("names a partition, and a topic is mirrored whole".to_owned())),
        }
    }
}

/// `FLOW:TOPIC:PARTITION@OFFSET`: one record to leave out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkipRecord {
    /// The flow.
    pub flow: FlowName,
    /// The source topic.
    pub topic: TopicName,
    /// Its partition.
    pub partition: i32,
    /// The record's offset.
    pub offset: i64,
}

impl FromStr for SkipRecord {
    type Err = ParseDecisionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong =
            |problem| wrong_decision(text, problem, "FLOW:TOPIC:PARTITION@OFFSET, such as orders:eu.orders:3@12345");
        let (lane, offset) = text.split_once('@').ok_or_else(|| wrong("has no `@`".to_owned()))?;
        let (flow, topic, partition) = parse_lane(lane).map_err(wrong)?;
        let partition = partition.ok_or_else(|| wrong("names no partition".to_owned()))?;
        let offset = parse_number(offset).ok_or_else(|| wrong("has no offset".to_owned()))?;
        Ok(Self { flow, topic, partition, offset })
    }
}

/// `FLOW=OTHER`: whose progress a flow goes on with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adopt {
    /// The flow.
    pub flow: FlowName,
    /// The other flow: its group, or its name.
    pub from: String,
}

impl FromStr for Adopt {
    type Err = ParseDecisionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong =
            |problem: &str| wrong_decision(text, problem.to_owned(), "FLOW=GROUP, such as orders=kmirror.carts");
        // At the first: a group's name may hold more of them.
        let (flow, from) = text.split_once('=').ok_or_else(|| wrong("has no `=`"))?;
        match (flow, from) {
            ("", _) => Err(wrong("names no flow")),
            (_, "") => Err(wrong("names no group")),
            (flow, from) => Ok(Self { flow: flow.into(), from: from.to_owned() }),
        }
    }
}

/// A decision that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` {problem}; expected {expected}")]
pub struct ParseDecisionError {
    text: String,
    problem: String,
    expected: &'static str,
}

fn wrong_decision(text: &str, problem: String, expected: &'static str) -> ParseDecisionError {
    ParseDecisionError { text: excerpt(text), problem, expected }
}

/// `FLOW:TOPIC[:PARTITION]`. Neither a flow's name nor a topic's can hold a colon.
fn parse_lane(text: &str) -> Result<(FlowName, TopicName, Option<i32>), String> {
    let parts: Vec<&str> = text.split(':').collect();
    let (flow, topic, partition) = match parts.as_slice() {
        [flow, topic] => (flow, topic, None),
        [flow, topic, partition] => (flow, topic, Some(*partition)),
        _ => return Err("does not name a flow and a topic".to_owned()),
    };
    if flow.is_empty() {
        return Err("names no flow".to_owned());
    }
    legal_topic_name(topic).map_err(|problem| format!("names no topic: its name {problem}"))?;
    let partition = match partition {
        Some(text) => Some(parse_number(text).ok_or("has no partition from 0 to 2147483647")?),
        None => None,
    };
    Ok(((*flow).into(), (*topic).into(), partition))
}

/// A number without a sign.
fn parse_number<T: FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_decisions_say_why() {
        let resume = |text: &str| text.parse::<ResumeAt>().expect_err(text).problem;
        assert_eq!(resume("f:x"), "has no `=`");
        assert_eq!(resume("f=earliest"), "does not name a flow and a topic");
        assert_eq!(resume(":x=earliest"), "names no flow");
        assert_eq!(resume("f:x y=earliest"), "names no topic: its name holds ` `, and Kafka allows a-z A-Z 0-9 . _ -");
        assert_eq!(resume("f:x:-1=earliest"), "has no partition from 0 to 2147483647");
        assert!(resume("f:x=soon").starts_with("has no position: start position `soon` is not understood"));
        let skip = |text: &str| text.parse::<SkipRecord>().expect_err(text).problem;
        assert_eq!(skip("f:x:0"), "has no `@`");
        assert_eq!(skip("f:x@5"), "names no partition");
        assert_eq!(skip("f:x:0@-5"), "has no offset");
        assert_eq!(skip("f:x:0@"), "has no offset");
        let mirror = |text: &str| text.parse::<MirrorNew>().expect_err(text).problem;
        assert_eq!(mirror("f"), "does not name a flow and a topic");
        assert_eq!(mirror("f:x:0"), "names a partition, and a topic is mirrored whole");
        assert_eq!("f:x".parse(), Ok(MirrorNew { flow: "f".into(), topic: "x".into() }));
        let adopt = |text: &str| text.parse::<Adopt>().expect_err(text).problem;
        assert_eq!(
            (adopt("f"), adopt("=g"), adopt("f=")),
            ("has no `=`".into(), "names no flow".into(), "names no group".into())
        );
    }
}
