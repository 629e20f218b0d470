//! Consumer groups: their committed offsets and who is in them.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use kafka_protocol::messages::offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use kafka_protocol::messages::offset_delete_request::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic};
use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestTopic;
use kafka_protocol::messages::{
    ConsumerGroupDescribeRequest, DescribeGroupsRequest, GroupId, OffsetCommitRequest, OffsetDeleteRequest,
    OffsetFetchRequest, TopicName,
};

use super::client::{Client, text};
use super::error::BrokerError;

/// A committed offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Committed {
    /// The next offset to read.
    pub(crate) offset: i64,
    /// What the committer wrote beside it.
    pub(crate) metadata: String,
}

/// A group of either protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GroupInfo {
    /// `Empty`, `Stable`, `Dead`, ...
    pub(crate) state: String,
    /// The client ids of its members.
    pub(crate) members: Vec<String>,
}

impl Client {
    /// What `group` has committed for the partitions of `topic`, which must exist; partitions without are left out.
    pub(crate) fn committed(&self, group: &str, topic: &str) -> Result<BTreeMap<i32, Committed>> {
        let partitions = (0..self.partitions(topic)?).collect();
        let wanted =
            OffsetFetchRequestTopic::default().with_name(TopicName(text(topic))).with_partition_indexes(partitions);
        let request = OffsetFetchRequest::default().with_group_id(GroupId(text(group))).with_topics(Some(vec![wanted]));
        self.retry("committed offsets", || {
            let answer = self.call(&request, 5)?;
            BrokerError::check(|| format!("fetch the offsets of group `{group}`"), answer.error_code)?;
            let mut committed = BTreeMap::new();
            for result in answer.topics.iter().flat_map(|topic| &topic.partitions) {
                let index = result.partition_index;
                BrokerError::check(|| format!("fetch offset of `{group}` in {topic}/{index}"), result.error_code)?;
                if result.committed_offset >= 0 {
                    let metadata = result.metadata.as_ref().map(ToString::to_string).unwrap_or_default();
                    committed.insert(index, Committed { offset: result.committed_offset, metadata });
                }
            }
            Ok(committed)
        })
    }

    /// Commits one offset for `group` from outside: it must have no members.
    pub(crate) fn commit(&self, group: &str, topic: &str, partition: i32, offset: i64, metadata: &str) -> Result<()> {
        let wanted = OffsetCommitRequestPartition::default()
            .with_partition_index(partition)
            .with_committed_offset(offset)
            .with_committed_metadata(Some(text(metadata)));
        let topics =
            vec![OffsetCommitRequestTopic::default().with_name(TopicName(text(topic))).with_partitions(vec![wanted])];
        let request = OffsetCommitRequest::default()
            .with_group_id(GroupId(text(group)))
            .with_generation_id_or_member_epoch(-1)
            .with_group_instance_id(None)
            .with_topics(topics);
        self.retry("an offset commit", || {
            let answer = self.call(&request, 6)?;
            let result = answer.topics.first().and_then(|topic| topic.partitions.first());
            let code = result.context("commit an offset: empty answer")?.error_code;
            Ok(BrokerError::check(|| format!("commit {offset} for `{group}` in {topic}/{partition}"), code)?)
        })
    }

    /// Forgets what `group` has committed for a partition (2.4 and later; it must not be subscribed).
    pub(crate) fn delete_committed(&self, group: &str, topic: &str, partition: i32) -> Result<()> {
        let wanted = OffsetDeleteRequestPartition::default().with_partition_index(partition);
        let topics =
            vec![OffsetDeleteRequestTopic::default().with_name(TopicName(text(topic))).with_partitions(vec![wanted])];
        let request = OffsetDeleteRequest::default().with_group_id(GroupId(text(group))).with_topics(topics);
        let answer = self.call(&request, 0)?;
        let operation = || format!("delete the offset of `{group}` in {topic}/{partition}");
        BrokerError::check(operation, answer.error_code)?;
        let result = answer.topics.first().and_then(|topic| topic.partitions.first());
        Ok(BrokerError::check(operation, result.context("delete an offset: empty answer")?.error_code)?)
    }

    /// A group's state and members.
    pub(crate) fn describe_group(&self, group: &str) -> Result<GroupInfo> {
        if self.broker_max(CONSUMER_GROUP_DESCRIBE).is_ok()
            && let Some(info) = self.describe_consumer_group(group)?
        {
            return Ok(info);
        }
        let request = DescribeGroupsRequest::default().with_groups(vec![GroupId(text(group))]);
        self.retry("a description of a group", || {
            let answer = self.call(&request, 4)?;
            let result = answer.groups.first().context("describe a group: empty answer")?;
            BrokerError::check(|| format!("describe group `{group}`"), result.error_code)?;
            Ok(GroupInfo {
                state: result.group_state.to_string(),
                members: result.members.iter().map(|member| member.client_id.to_string()).collect(),
            })
        })
    }

    /// A group of the protocol of KIP-848, if it is one.
    fn describe_consumer_group(&self, group: &str) -> Result<Option<GroupInfo>> {
        let request = ConsumerGroupDescribeRequest::default().with_group_ids(vec![GroupId(text(group))]);
        self.retry("a description of a group", || {
            let answer = self.call(&request, 0)?;
            let result = answer.groups.first().context("describe a group: empty answer")?;
            if NOT_OF_THIS_PROTOCOL.contains(&result.error_code) {
                return Ok(None);
            }
            BrokerError::check(|| format!("describe group `{group}`"), result.error_code)?;
            Ok(Some(GroupInfo {
                state: result.group_state.to_string(),
                members: result.members.iter().map(|member| member.client_id.to_string()).collect(),
            }))
        })
    }
}

const CONSUMER_GROUP_DESCRIBE: i16 = 69;
/// GROUP_ID_NOT_FOUND, or UNSUPPORTED_VERSION where a broker knows the request but has the protocol switched off.
const NOT_OF_THIS_PROTOCOL: [i16; 2] = [69, 35];
