//! Questions about topics: which there are, how long their logs are, how they are set, what is in them.

use super::{ConsoleServices, unanswered};
use crate::config::FlowConfig;
use crate::engine::ports::{Cluster, OffsetQuery, TopicConfig, TopicFacts};
use crate::engine::{Fault, FaultKind, Side};
use crate::model::{
    BrowseFrom, BrowseRequest, BrowsedBytes, BrowsedPage, ClusterName, FlowName, InternalRule, TopicName,
    TopicPartition,
};
use crate::run::clusters::explain;
use crate::run::verdict::{pattern, why_not};
use crate::tui::{
    ClusterTopics, FlowVerdict, JobAnswer, JobError, JobResult, ListedPartition, ListedTopic, RecordSample,
    TargetState, TopicDetail, TopicJob, TopicLogs, TopicSettings, TopicsSettings,
};

/// Records whose sizes are looked at.
const SAMPLE_RECORDS: usize = 100;
/// Between two looks at whether the answer is still wanted.
const TOPICS_PER_STEP: usize = 100;

/// A flow that reads the cluster.
type Reader<'a> = (&'a FlowName, &'a FlowConfig);

impl ConsoleServices {
    /// The topics of a cluster, and what the flows that read it do with each.
    pub(super) fn list_topics(
        &self,
        cluster: &ClusterName,
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<ClusterTopics, JobError> {
        let flows = self.configuration.flows();
        let readers: Vec<Reader<'_>> = flows.iter().filter(|(_, flow)| flow.source == *cluster).collect();
        self.ask(cluster, |cluster| list(cluster, &readers, is_wanted))
    }

    /// Answers a question about topics.
    pub(super) fn topic(&self, cluster: &ClusterName, job: &TopicJob, is_wanted: &dyn Fn() -> bool) -> JobAnswer {
        match job {
            TopicJob::Measure { topics, .. } => {
                self.ask(cluster, |cluster| measure(cluster, topics)).map(JobResult::TopicLogs)
            }
            TopicJob::Settings { topics, .. } => {
                self.ask(cluster, |cluster| settings(cluster, topics, is_wanted)).map(JobResult::TopicsSettings)
            }
            TopicJob::Describe { topic, targets } => {
                self.describe(cluster, topic, targets, is_wanted).map(JobResult::TopicDetail)
            }
            TopicJob::Sample { topic, partition } => {
                let request = BrowseRequest {
                    topic: topic.clone(),
                    partition: Some(*partition),
                    from: BrowseFrom::Newest,
                    records_max: SAMPLE_RECORDS,
                };
                self.browse(cluster, &request).map(|page| JobResult::RecordSample(sample(&page)))
            }
            TopicJob::Browse(request) => self.browse(cluster, request).map(JobResult::Records),
        }
    }

    pub(super) fn browse(&self, cluster: &ClusterName, request: &BrowseRequest) -> Result<BrowsedPage, JobError> {
        self.kafka.browse(cluster, Side::Source, request).map_err(|fault| unanswered(cluster, &fault))
    }

    fn describe(
        &self,
        cluster: &ClusterName,
        topic: &TopicName,
        targets: &[(ClusterName, TopicName)],
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<TopicDetail, JobError> {
        let found = self.kafka.partitions(cluster, Side::Source, topic).map_err(|fault| unanswered(cluster, &fault))?;
        let partitions = found
            .into_iter()
            .map(|found| ListedPartition {
                partition: found.id,
                leader: found.leader,
                replicas: found.replicas,
                in_sync_replicas: found.in_sync_replicas,
            })
            .collect();
        let targets = targets.iter().take_while(|_| is_wanted()).map(|(cluster, topic)| {
            let state = match self.kafka.partitions(cluster, Side::Target, topic) {
                Ok(partitions) => TargetState::Exists(partitions.len()),
                Err(fault) if fault.kind == FaultKind::UnknownTopic => TargetState::Missing,
                Err(fault) => TargetState::Unknown(explain(&fault)),
            };
            (cluster.clone(), topic.clone(), state)
        });
        Ok(TopicDetail { partitions, targets: targets.collect() })
    }
}

/// The topics of a cluster, and what the flows that read it do with each.
fn list(cluster: &dyn Cluster, flows: &[Reader<'_>], is_wanted: &dyn Fn() -> bool) -> Result<ClusterTopics, Fault> {
    // The versions are asked first: that fails sooner when nobody is there.
    cluster.facts()?;
    let mut facts = cluster.topics()?;
    facts.sort_by(|a, b| a.name.cmp(&b.name));
    let mut topics = Vec::with_capacity(facts.len());
    for step in facts.chunks(TOPICS_PER_STEP).take_while(|_| is_wanted()) {
        topics.extend(step.iter().map(|topic| listed(topic, flows)));
    }
    Ok(ClusterTopics { topics })
}

fn listed(topic: &TopicFacts, flows: &[Reader<'_>]) -> ListedTopic {
    ListedTopic {
        name: topic.name.clone(),
        partitions: topic.partitions,
        replication_factor: topic.replication_factor,
        in_sync_replicas_min: topic.in_sync_replicas_min,
        leaderless: topic.leaderless,
        is_internal: InternalRule::of(&topic.name).is_some(),
        verdicts: flows.iter().map(|(name, flow)| judge(name, flow, &topic.name)).collect(),
        fault: topic.fault.as_ref().map(|fault| fault.detail.clone()),
    }
}

fn judge(name: &FlowName, flow: &FlowConfig, topic: &TopicName) -> FlowVerdict {
    let verdict = flow.selection.judge(topic);
    let target = verdict.is_included().then(|| flow.rename.target_topic(topic).map_err(|error| error.to_string()));
    FlowVerdict {
        flow: name.clone(),
        target_cluster: flow.target.clone(),
        pattern: pattern(flow, &verdict).to_owned(),
        why_not: why_not(flow, &verdict),
        target,
        verdict,
    }
}

/// Start and end of every partition's log. The ends come last: rates are told from them.
fn measure(cluster: &dyn Cluster, topics: &[(TopicName, i32)]) -> Result<TopicLogs, Fault> {
    let partitions: Vec<TopicPartition> = topics
        .iter()
        .flat_map(|(topic, count)| (0..*count).map(|partition| TopicPartition::new(topic.clone(), partition)))
        .collect();
    let lows = cluster.offsets(&partitions, OffsetQuery::Earliest)?;
    let highs = cluster.offsets(&partitions, OffsetQuery::Latest)?;
    let mut logs: TopicLogs = topics.iter().map(|(topic, _)| (topic.clone(), Vec::new())).collect();
    for partition in &partitions {
        let bounds = match (lows.get(partition), highs.get(partition)) {
            (Some(Ok(low)), Some(Ok(high))) => Some((*low, *high)),
            _ => None,
        };
        logs.entry(partition.topic.clone()).or_default().push(bounds);
    }
    Ok(logs)
}

/// What can be read of the settings. Brokers that do not tell them are no failure: then they are not known.
fn settings(
    cluster: &dyn Cluster,
    topics: &[TopicName],
    is_wanted: &dyn Fn() -> bool,
) -> Result<TopicsSettings, Fault> {
    let mut found = TopicsSettings::new();
    for step in topics.chunks(TOPICS_PER_STEP).take_while(|_| is_wanted()) {
        match cluster.topic_configs(step) {
            Ok(configs) => found.extend(
                configs
                    .into_iter()
                    .map(|(topic, config)| (topic, config.map(|config| kept(&config)).map_err(|fault| fault.detail))),
            ),
            Err(fault) if fault.kind == FaultKind::Unsupported => {
                found.extend(step.iter().map(|topic| (topic.clone(), Err(fault.detail.clone()))));
            }
            Err(fault) => return Err(fault),
        }
    }
    Ok(found)
}

fn kept(config: &TopicConfig) -> TopicSettings {
    fn number<T: std::str::FromStr>(config: &TopicConfig, key: &str) -> Option<T> {
        config.values.get(key)?.parse().ok()
    }
    let value = |key: &String| config.values.get(key).cloned().unwrap_or_default();
    TopicSettings {
        policy: config.values.get("cleanup.policy").cloned(),
        retention_ms: number(config, "retention.ms"),
        retention_bytes: number(config, "retention.bytes"),
        in_sync_min: number(config, "min.insync.replicas"),
        overrides: config.overrides.iter().map(|key| (key.clone(), value(key))).collect(),
    }
}

pub(super) fn sample(page: &BrowsedPage) -> RecordSample {
    let size = |bytes: &Option<BrowsedBytes>| bytes.as_ref().map_or(0, |bytes| bytes.size_bytes);
    let size_bytes = page.records.iter().map(|record| {
        let headers: usize = record.headers.iter().map(|(name, value)| name.len() + size(value)).sum();
        size(&record.key) + size(&record.value) + headers
    });
    let offsets = match (page.records.first(), page.records.last()) {
        (Some(first), Some(last)) => u64::try_from(last.offset - first.offset + 1).unwrap_or(0),
        _ => 0,
    };
    RecordSample { records: page.records.len() as u64, size_bytes: size_bytes.sum::<usize>() as u64, offsets }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::BrowsedRecord;

    fn flow(text: &str) -> FlowConfig {
        let text = format!(
            "[clusters.a]\nbootstrap_servers = \"a:1\"\n[clusters.b]\nbootstrap_servers = \"b:1\"\n\
             [flows.f]\nsource = \"a\"\ntarget = \"b\"\n{text}"
        );
        let config = crate::config::Config::parse(&text, "of a test").unwrap_or_else(|error| panic!("{error}"));
        config.flows.into_values().next().expect("a flow")
    }

    #[test]
    fn a_verdict_names_the_rule_and_the_target() {
        let flow = flow("include = [\"x\", \"orders.*\"]\nexclude = [\".*-dlq\"]\nrename = { prefix = \"a\" }");
        let judged = |topic: &str| judge(&"f".into(), &flow, &topic.into());
        let mirrored = judged("orders.new");
        assert_eq!((mirrored.pattern.as_str(), &mirrored.why_not), ("orders.*", &None));
        assert_eq!(mirrored.target_topic().map(TopicName::as_str), Some("a.orders.new"));
        let excluded = judged("orders-dlq");
        assert_eq!((excluded.pattern.as_str(), excluded.target_topic()), (".*-dlq", None));
        assert_eq!(excluded.why_not.as_deref(), Some("excluded by `.*-dlq`"));
        assert_eq!(judged("y").why_not.as_deref(), Some("no include pattern matches"));
    }

    #[test]
    fn settings_that_are_not_told_are_not_known() {
        let mut config = TopicConfig::default();
        assert_eq!(kept(&config), TopicSettings::default());
        config.values = [("cleanup.policy", "compact"), ("retention.ms", "-1"), ("segment.ms", "7")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into();
        config.overrides = vec!["segment.ms".into()];
        let kept = kept(&config);
        assert_eq!((kept.is_compacted(), kept.retention_ms, kept.in_sync_min), (true, Some(-1), None));
        assert_eq!(kept.overrides, [("segment.ms".to_owned(), "7".to_owned())]);
    }

    #[test]
    fn a_sample_counts_all_bytes_and_sees_holes() {
        let record = |offset| BrowsedRecord {
            partition: 0,
            offset,
            timestamp_ms: None,
            key: Some(BrowsedBytes { shown: Vec::new(), size_bytes: 10 }),
            value: None,
            headers: vec![(b"h".to_vec(), Some(BrowsedBytes::of(b"vv")))],
        };
        let page = BrowsedPage { records: vec![record(3), record(7)], ..BrowsedPage::default() };
        assert_eq!(sample(&page), RecordSample { records: 2, size_bytes: 26, offsets: 5 });
        assert_eq!(sample(&BrowsedPage::default()), RecordSample::default());
    }
}
