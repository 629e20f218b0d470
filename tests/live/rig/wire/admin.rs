//! Topics: what there is, create, grow, configure, delete.

use anyhow::{Context as _, Result};
use kafka_protocol::messages::alter_configs_request::{
    AlterConfigsResource as WholeResource, AlterableConfig as WholeConfig,
};
use kafka_protocol::messages::create_partitions_request::CreatePartitionsTopic;
use kafka_protocol::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use kafka_protocol::messages::delete_records_request::{DeleteRecordsPartition, DeleteRecordsTopic};
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig};
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::{
    AlterConfigsRequest, CreatePartitionsRequest, CreateTopicsRequest, DeleteRecordsRequest, DeleteTopicsRequest,
    DescribeConfigsRequest, FindCoordinatorRequest, IncrementalAlterConfigsRequest, MetadataRequest, TopicName,
};

use super::client::{Client, text};
use super::error::BrokerError;

/// A topic as metadata tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TopicInfo {
    /// Its name.
    pub(crate) name: String,
    /// Its id, all zeros before 2.8.
    pub(crate) id: String,
    /// How many partitions it has.
    pub(crate) partitions: usize,
    /// How many of them have a leader.
    pub(crate) led: usize,
}

impl TopicInfo {
    /// It has `partitions` partitions and each has a leader.
    pub(crate) fn has_leaders(&self, partitions: usize) -> bool {
        self.partitions == partitions && self.led == partitions
    }
}

impl Client {
    /// Metadata lists a broker, and the coordinator of a group is found.
    pub(crate) fn is_ready(&self) -> Result<bool> {
        let metadata = self.call(&MetadataRequest::default().with_topics(Some(Vec::new())), METADATA_CAP)?;
        let request = FindCoordinatorRequest::default().with_key(text("kmirror-rig-ready"));
        let coordinator = self.call(&request, 2)?;
        Ok(!metadata.brokers.is_empty() && coordinator.error_code == 0)
    }

    /// Every topic, internal ones included.
    pub(crate) fn topics(&self) -> Result<Vec<TopicInfo>> {
        self.metadata(None)
    }

    /// One topic, if it exists.
    pub(crate) fn topic(&self, topic: &str) -> Result<Option<TopicInfo>> {
        Ok(self.metadata(Some(topic))?.into_iter().find(|info| info.name == topic))
    }

    /// How many partitions a topic has; it must exist.
    pub(crate) fn partitions(&self, topic: &str) -> Result<i32> {
        let info = self.topic(topic)?.with_context(|| format!("find topic `{topic}`"))?;
        Ok(i32::try_from(info.partitions)?)
    }

    fn metadata(&self, topic: Option<&str>) -> Result<Vec<TopicInfo>> {
        let version = self.broker_max(METADATA)?;
        let topics = match topic {
            Some(topic) => Some(vec![MetadataRequestTopic::default().with_name(Some(TopicName(text(topic))))]),
            // In version 0 all topics are asked for by an empty list.
            None => (version == 0).then(Vec::new),
        };
        let request = MetadataRequest::default()
            .with_topics(topics)
            .with_allow_auto_topic_creation(version < FIRST_WITHOUT_CREATION);
        let answer = self.call(&request, METADATA_CAP)?;
        let known = answer.topics.into_iter().filter(|topic| topic.error_code == 0);
        Ok(known
            .map(|topic| TopicInfo {
                name: topic.name.map(|name| name.0.to_string()).unwrap_or_default(),
                id: topic.topic_id.to_string(),
                partitions: topic.partitions.len(),
                led: topic.partitions.iter().filter(|partition| partition.leader_id.0 >= 0).count(),
            })
            .collect())
    }

    /// Creates a topic and returns when the controller has. Prefer `Broker::create_topic`, which waits for leaders.
    pub(crate) fn create_topic(&self, topic: &str, partitions: i32, configs: &[(&str, &str)]) -> Result<()> {
        let configs = configs
            .iter()
            .map(|(name, value)| CreatableTopicConfig::default().with_name(text(name)).with_value(Some(text(value))));
        let wanted = CreatableTopic::default()
            .with_name(TopicName(text(topic)))
            .with_num_partitions(partitions)
            .with_replication_factor(1)
            .with_configs(configs.collect());
        let request = CreateTopicsRequest::default().with_topics(vec![wanted]).with_timeout_ms(TIMEOUT_MS);
        let answer = self.call(&request, 5)?;
        let result = answer.topics.first().context("create a topic: empty answer")?;
        let message = result.error_message.as_deref();
        Ok(BrokerError::check_with(|| format!("create topic `{topic}`"), result.error_code, message)?)
    }

    /// Grows a topic to `count` partitions.
    pub(crate) fn create_partitions(&self, topic: &str, count: i32) -> Result<()> {
        let wanted =
            CreatePartitionsTopic::default().with_name(TopicName(text(topic))).with_count(count).with_assignments(None);
        let request = CreatePartitionsRequest::default().with_topics(vec![wanted]).with_timeout_ms(TIMEOUT_MS);
        let answer = self.call(&request, 3)?;
        let result = answer.results.first().context("create partitions: empty answer")?;
        let message = result.error_message.as_deref();
        let operation = || format!("grow topic `{topic}` to {count} partitions");
        Ok(BrokerError::check_with(operation, result.error_code, message)?)
    }

    /// Deletes a topic.
    pub(crate) fn delete_topic(&self, topic: &str) -> Result<()> {
        let request =
            DeleteTopicsRequest::default().with_topic_names(vec![TopicName(text(topic))]).with_timeout_ms(TIMEOUT_MS);
        let answer = self.call(&request, 5)?;
        let result = answer.responses.first().context("delete a topic: empty answer")?;
        Ok(BrokerError::check(|| format!("delete topic `{topic}`"), result.error_code)?)
    }

    /// Deletes the records of a partition before `offset` and gives the new log start.
    pub(crate) fn delete_records(&self, topic: &str, partition: i32, offset: i64) -> Result<i64> {
        let partitions = vec![DeleteRecordsPartition::default().with_partition_index(partition).with_offset(offset)];
        let topics = vec![DeleteRecordsTopic::default().with_name(TopicName(text(topic))).with_partitions(partitions)];
        let request = DeleteRecordsRequest::default().with_topics(topics).with_timeout_ms(TIMEOUT_MS);
        let answer = self.call(&request, 2)?;
        let result = answer.topics.first().and_then(|topic| topic.partitions.first());
        let result = result.context("delete records: empty answer")?;
        BrokerError::check(|| format!("delete records of {topic}/{partition} before {offset}"), result.error_code)?;
        Ok(result.low_watermark)
    }

    /// Sets one config of a topic, or with `None` takes it back to the default (2.3 and later).
    pub(crate) fn alter_topic_config(&self, topic: &str, name: &str, value: Option<&str>) -> Result<()> {
        let config = AlterableConfig::default()
            .with_name(text(name))
            .with_config_operation(if value.is_some() { 0 } else { 1 })
            .with_value(value.map(text));
        let resource = AlterConfigsResource::default()
            .with_resource_type(TOPIC_RESOURCE)
            .with_resource_name(text(topic))
            .with_configs(vec![config]);
        let answer = self.call(&IncrementalAlterConfigsRequest::default().with_resources(vec![resource]), 1)?;
        let result = answer.responses.first().context("alter a config: empty answer")?;
        let message = result.error_message.as_deref();
        Ok(BrokerError::check_with(|| format!("set {name} of topic `{topic}`"), result.error_code, message)?)
    }

    /// Sets one config of a topic and takes all others back to their defaults (0.11 and later).
    pub(crate) fn replace_topic_config(&self, topic: &str, name: &str, value: &str) -> Result<()> {
        let config = WholeConfig::default().with_name(text(name)).with_value(Some(text(value)));
        let resource = WholeResource::default()
            .with_resource_type(TOPIC_RESOURCE)
            .with_resource_name(text(topic))
            .with_configs(vec![config]);
        let answer = self.call(&AlterConfigsRequest::default().with_resources(vec![resource]), 1)?;
        let result = answer.responses.first().context("alter a config: empty answer")?;
        let message = result.error_message.as_deref();
        Ok(BrokerError::check_with(|| format!("set {name} of topic `{topic}`"), result.error_code, message)?)
    }

    /// One config of a topic as it is in force.
    pub(crate) fn topic_config(&self, topic: &str, name: &str) -> Result<Option<String>> {
        let resource = DescribeConfigsResource::default()
            .with_resource_type(TOPIC_RESOURCE)
            .with_resource_name(text(topic))
            .with_configuration_keys(Some(vec![text(name)]));
        let answer = self.call(&DescribeConfigsRequest::default().with_resources(vec![resource]), 4)?;
        let result = answer.results.first().context("describe configs: empty answer")?;
        let message = result.error_message.as_deref();
        BrokerError::check_with(|| format!("describe topic `{topic}`"), result.error_code, message)?;
        let config = result.configs.iter().find(|config| &*config.name == name);
        Ok(config.and_then(|config| config.value.as_ref()).map(ToString::to_string))
    }
}

const METADATA: i16 = 3;
/// The first version in which asking for a topic need not create it.
const FIRST_WITHOUT_CREATION: i16 = 4;
/// Above it topics are asked for by id.
const METADATA_CAP: i16 = 10;
const TIMEOUT_MS: i32 = 20_000;
const TOPIC_RESOURCE: i8 = 2;
