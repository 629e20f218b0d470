//! What to do about a reason for being blocked: the sentence that explains, and the commands to type.

mod right;
mod waiting;

pub use right::right_remedy;
pub use waiting::waiting_remedy;

use right::{ALLOW, grant};

use super::shell::{Place, Tool, ZOOKEEPER, quote};
use crate::engine::{BlockedReason, Fault, OtherFlow, Side};
use crate::model::{GroupName, Operation, Refusal, Resource, TopicName, quoted};

/// What an operator can do.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Remedy {
    /// What it means and what there is to decide.
    pub text: String,
    /// The ways on, the safest first.
    pub ways: Vec<Way>,
}

/// One way on.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Way {
    /// What it does.
    pub effect: String,
    /// What to type.
    pub command: String,
}

impl Remedy {
    fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ways: Vec::new() }
    }

    fn way(mut self, effect: impl Into<String>, command: String) -> Self {
        let mut effect = effect.into();
        if command.contains(ZOOKEEPER) {
            effect += "; put the host of their ZooKeeper for ZOOKEEPER";
        }
        self.ways.push(Way { effect, command });
        self
    }
}

/// What can be done about `reason` at `place`.
pub fn remedy(reason: &BlockedReason, place: &Place<'_>) -> Remedy {
    match reason {
        BlockedReason::RecordTooLarge { offset, size_bytes, limit_bytes } => {
            record_too_large(place, *offset, (*size_bytes).max(*limit_bytes))
        }
        BlockedReason::RecordRefused { offset, refusal } => record_refused(place, *offset, refusal),
        BlockedReason::Rejected { offset, .. } => {
            Remedy::new("the target refuses this one record; once the cause is removed, start again")
                .way("try again", place.run(""))
                .way("leave the record out", place.skip(*offset))
        }
        BlockedReason::TopicAuthorization { side, topic, operation } => {
            topic_authorization(place, *side, topic, operation)
        }
        BlockedReason::GroupAuthorization { group } => group_authorization(place, group),
        BlockedReason::PartitionCount { target_topic, source_partitions, .. } => Remedy::new(
            "records go to the partition of the same number, so the target needs as many; goes on by itself then",
        )
        .way(
            "add partitions to the target topic",
            place.topics(Side::Target, "--alter", target_topic, Some(*source_partitions)),
        ),
        BlockedReason::TargetTopicMissing { target_topic, partitions, replication_factor, .. } => {
            Remedy::new("goes on by itself as soon as the topic exists")
                .way("create the target topic", place.create(target_topic, *partitions, *replication_factor))
                .way("have it made anew if it was deleted, and copy all again", place.resume("earliest"))
        }
        BlockedReason::NewTopic => new_topic(place),
        BlockedReason::ProgressMissing { target_end } => progress_missing(place, *target_end),
        BlockedReason::WrittenByOtherFlow { by, .. } => written_by_other_flow(place, by),
        BlockedReason::RetentionOvertook { lost_from, lost_to } => Remedy::new(format!(
            "these records are gone from the source and will be missing on the target: go on behind the gap \
             ({lost_from}..{lost_to}), and give the source a longer retention if it is to happen less"
        ))
        .way("go on with the oldest record there is", place.resume("earliest")),
        BlockedReason::TopicRecreated { .. } => {
            Remedy::new("the target still holds the old topic's records; the new one's would follow them")
                .way("copy the new topic from its beginning", place.resume("earliest"))
                .way("copy only what is new from now on", place.resume("latest"))
        }
        BlockedReason::TargetTopicRecreated { position, .. } => {
            Remedy::new("records that were copied before are not in the new target topic")
                .way("copy again all that the source still holds", place.resume("earliest"))
                .way("go on at the same position", place.resume(&position.to_string()))
        }
        BlockedReason::SourceTopicGone { topic } => Remedy::new(
            "nothing more can come; take it out of the flow's `include`, or create it again and start again",
        )
        .way("see whether it exists", place.topics(Side::Source, "--describe", topic, None)),
        BlockedReason::OffsetOutOfRange { low, high, .. } => {
            Remedy::new("the log on the source is shorter than what was copied from it: it was cut, or is another one")
                .way("copy all of it, from offset ".to_owned() + &low.to_string(), place.resume("earliest"))
                .way(
                    "copy only what comes after offset ".to_owned() + &high.to_string(),
                    place.resume(&high.to_string()),
                )
        }
        BlockedReason::LogTruncated { position, .. } => {
            Remedy::new("the target may hold records which the source lost; they stay there whatever is chosen")
                .way("go on at the same position", place.resume(&position.to_string()))
                .way("copy all again, which writes records twice", place.resume("earliest"))
        }
        BlockedReason::CorruptBatch { offset, .. } => corrupt_batch(place, *offset),
        BlockedReason::Unsupported { side, .. } => {
            Remedy::new(format!("needs a newer {side} broker or another setting; goes on by itself then"))
                .way("see what its brokers support", place.tool(*side, Tool::Versions, &[]))
        }
        BlockedReason::Fault { fault } => other_fault(place, fault),
    }
}

fn record_too_large(place: &Place<'_>, offset: i64, needed_bytes: u64) -> Remedy {
    Remedy::new("nothing after this record is written until it is; goes on by itself when the limit is raised")
        .way("raise the target topic's limit", place.set_config(&format!("max.message.bytes={needed_bytes}")))
        .way("leave the record out", place.skip(offset))
}

fn record_refused(place: &Place<'_>, offset: i64, refusal: &Refusal) -> Remedy {
    // The largest value, which is the brokers' default before 4.0: any timestamp is accepted.
    const ANY: i64 = i64::MAX;
    let (effect, entry) = match refusal {
        Refusal::TimestampTooOld { .. } => {
            ("accept old timestamps on the target topic", format!("message.timestamp.before.max.ms={ANY}"))
        }
        Refusal::TimestampTooNew { .. } => {
            ("accept future timestamps on the target topic", format!("message.timestamp.after.max.ms={ANY}"))
        }
        Refusal::KeyMissing => (
            "keep records by age, not by key, on the target topic (old ones are deleted then)",
            "cleanup.policy=delete".to_owned(),
        ),
    };
    Remedy::new("nothing after this record is written until it is; goes on by itself when the setting is changed")
        .way(effect, place.set_config(&entry))
        .way("leave the record out", place.skip(offset))
}

fn topic_authorization(place: &Place<'_>, side: Side, topic: &TopicName, operation: &str) -> Remedy {
    let operation = acl_operation(side, operation);
    Remedy::new(format!("kmirror's user on the {side} needs the right to {operation}; goes on by itself then"))
        .way(ALLOW, grant(side, &[operation], &[&Resource::Topic(topic.clone())], place))
}

/// The name Kafka has for the right that was missing.
fn acl_operation(side: Side, operation: &str) -> Operation {
    let operation = operation.to_ascii_lowercase();
    let words = [
        ("describe config", Operation::DescribeConfigs),
        ("describeconfigs", Operation::DescribeConfigs),
        ("write", Operation::Write),
        ("produce", Operation::Write),
        ("read", Operation::Read),
        ("fetch", Operation::Read),
        ("consume", Operation::Read),
        ("create", Operation::Create),
        ("alter", Operation::Alter),
        ("add partitions", Operation::Alter),
        ("describe", Operation::Describe),
    ];
    let named = words.iter().find(|(word, _)| operation.contains(word)).map(|(_, named)| *named);
    named.unwrap_or(match side {
        Side::Source => Operation::Read,
        Side::Target => Operation::Write,
    })
}

fn group_authorization(place: &Place<'_>, group: &GroupName) -> Remedy {
    let resource = Resource::Group(group.clone());
    Remedy::new("progress is kept in this group on the source; goes on by itself when allowed, or set another `group`")
        .way(ALLOW, grant(Side::Source, &[Operation::Read], &[&resource], place))
}

/// To be left out for good, it has to be in the configuration: what is ignored here is asked about at the next start.
fn new_topic(place: &Place<'_>) -> Remedy {
    let (flow, topic) = (place.flow, place.topic.as_str());
    Remedy::new("nothing of it is copied or created before you decide; the flow's other topics go on")
        .way("mirror it, from its beginning", place.mirror_new())
        .way(
            format!("leave it out for good: add it to the exclude rules in [flows.{flow}] of the configuration"),
            format!("exclude = ['{}']", quoted(topic)),
        )
        .way(
            format!("leave all new topics alone from now on, in [flows.{flow}] of the configuration"),
            "new_topics = \"ignore\"".to_owned(),
        )
}

fn progress_missing(place: &Place<'_>, target_end: i64) -> Remedy {
    Remedy::new(format!(
        "the target has records up to offset {target_end}, and nothing says how far the source was copied: say where to go on"
    ))
    .way("copy all again: what is there already is written twice", place.resume("earliest"))
    .way("copy only what is new from now on: what came since the loss is left out", place.resume("latest"))
    .way("go on at a source offset that you know", place.resume("OFFSET"))
    .way("go on where another group stands", place.resume("group:GROUP"))
}

/// The flow was renamed, or two of them have one target: the operator knows.
fn written_by_other_flow(place: &Place<'_>, by: &OtherFlow) -> Remedy {
    let (flow, group) = (place.flow, &by.group);
    let doubt =
        if by.is_certain { "" } else { "; the target has no id to prove it, only brokers at the same addresses" };
    let adopt = if by.is_active {
        "stop that flow, then go on where it has stopped, in all partitions"
    } else {
        "it was renamed: go on where it has stopped, in all partitions"
    };
    Remedy::new(format!(
        "nothing is copied before you decide, for what is there already would be there twice{doubt}; group {group} is \
         left as it is"
    ))
    .way(adopt, place.run(&format!("--adopt {}", quote(&format!("{flow}={group}")))))
    .way(
        format!("both are wanted: give the topics other names on the target, in [flows.{flow}] of the configuration"),
        format!("rename = {{ prefix = \"{flow}\", separator = \".\" }}"),
    )
    .way("copy all again, knowing that what is there already is written twice", place.resume("earliest"))
    .way(
        format!("the same for all of its topics, in [flows.{flow}] of the configuration"),
        "target_not_empty = \"append\"".to_owned(),
    )
}

fn corrupt_batch(place: &Place<'_>, offset: i64) -> Remedy {
    let (topic, partition, offset) = (place.topic.as_str(), place.partition_text(), offset.to_string());
    let look = ["--topic", topic, "--partition", &partition, "--offset", &offset, "--max-messages", "1"];
    Remedy::new(
        "the batch cannot be read by anyone; a replica may still hold it whole: move the leader and start again",
    )
    .way("see whether another client can read it", place.tool(Side::Source, Tool::Reader, &look))
    .way("go on behind it (put the offset after the batch for OFFSET)", place.resume("OFFSET"))
}

fn other_fault(place: &Place<'_>, fault: &Fault) -> Remedy {
    Remedy::new(format!("is tried again at every refresh; the {} broker's log tells more", fault.side))
        .way("look at both clusters from here", place.check())
}

#[cfg(test)]
mod tests;
