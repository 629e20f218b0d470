//! Which rights a flow will miss, asked for before it does.
//!
//! Only what is surely missing is told. Brokers that do not tell (before 2.3), and questions that fail, are no
//! findings: the flow finds out when it runs.

use std::collections::{BTreeMap, BTreeSet};

use super::survey::{Action, Survey, SurveyedTopic};
use crate::engine::fault::{Fault, Side};
use crate::engine::ports::{AskedRights, Cluster, Rights};
use crate::engine::spec::FlowSpec;
use crate::model::{NamePattern, Operation, Resource, TopicName};

/// A right that kmirror's user does not have and the flow needs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MissingRight {
    /// On which cluster.
    pub side: Side,
    /// To do what.
    pub operation: Operation,
    /// With what.
    pub resource: Resource,
}

/// What was found about rights.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundRights {
    /// What is missing, in order.
    pub missing: BTreeSet<MissingRight>,
    /// The sides that do not tell.
    pub untold: BTreeSet<Side>,
    /// What the flow needs with the target's cluster, which tells of topics only.
    pub unknown: Vec<Operation>,
}

impl FoundRights {
    /// What is missing with topics, by side and topic, for those who go through the topics.
    pub fn by_topic(&self) -> BTreeMap<(Side, &TopicName), Vec<Operation>> {
        let mut found: BTreeMap<_, Vec<Operation>> = BTreeMap::new();
        for missing in &self.missing {
            if let Resource::Topic(topic) = &missing.resource {
                found.entry((missing.side, topic)).or_default().push(missing.operation);
            }
        }
        found
    }

    /// Topics of a cluster for which this is missing.
    pub fn topics(&self, side: Side, operation: Operation) -> impl Iterator<Item = &TopicName> {
        self.missing.iter().filter_map(move |missing| match &missing.resource {
            Resource::Topic(topic) if missing.side == side && missing.operation == operation => Some(topic),
            Resource::Topic(_) | Resource::Group(_) | Resource::Cluster => None,
        })
    }
}

/// Asks both clusters about all that the flow will do.
pub(super) fn look(spec: &FlowSpec, survey: &Survey, source: &dyn Cluster, target: &dyn Cluster) -> FoundRights {
    let unseen = unseen(spec, survey);
    let seen = survey.topics.values().filter(|topic| topic.source.fault.is_none()).map(|topic| &topic.source.name);
    let asked = AskedRights {
        topics: seen.chain(&unseen).cloned().collect(),
        group: Some(spec.config.group.clone()),
        ..AskedRights::default()
    };
    let mut found = FoundRights::default();
    if let Some(rights) = told(source.rights(&asked), Side::Source, &mut found) {
        for topic in survey.topics.values() {
            let needs = [Operation::Read, Operation::DescribeConfigs];
            found.lacks(Side::Source, rights.topics.get(&topic.source.name), &needs, || {
                Resource::Topic(topic.source.name.clone())
            });
        }
        for topic in &unseen {
            found.lacks(Side::Source, rights.topics.get(topic), &[Operation::Describe], || {
                Resource::Topic(topic.clone())
            });
        }
        let group = || Resource::Group(spec.config.group.clone());
        found.lacks(Side::Source, Some(&rights.group), &[Operation::Read], group);
    }
    let asked = AskedRights {
        topics: survey.topics.values().filter(|topic| !is_reported(topic)).map(|topic| topic.target.clone()).collect(),
        created: survey.topics.values().filter(|topic| is_created(topic)).map(|topic| topic.target.clone()).collect(),
        cluster: true,
        ..AskedRights::default()
    };
    if let Some(rights) = told(target.rights(&asked), Side::Target, &mut found) {
        for topic in survey.topics.values() {
            found.lacks(Side::Target, rights.topics.get(&topic.target), target_needs(topic), || {
                Resource::Topic(topic.target.clone())
            });
        }
        let needs = cluster_needs(survey);
        found.lacks(Side::Target, rights.cluster.as_ref(), needs, || Resource::Cluster);
        found.unknown = if rights.cluster.is_none() { needs.to_vec() } else { Vec::new() };
    }
    found
}

impl FoundRights {
    /// Notes what of `needs` is denied.
    fn lacks(
        &mut self,
        side: Side,
        denied: Option<&BTreeSet<Operation>>,
        needs: &[Operation],
        resource: impl Fn() -> Resource,
    ) {
        let missing = needs.iter().filter(|need| denied.is_some_and(|denied| denied.contains(need)));
        self.missing.extend(missing.map(|operation| MissingRight {
            side,
            operation: *operation,
            resource: resource(),
        }));
    }
}

/// What a cluster tells; one that does not is noted.
fn told(answer: Result<Rights, Fault>, side: Side, found: &mut FoundRights) -> Option<Rights> {
    match answer {
        Ok(rights) if rights.is_told => return Some(rights),
        Ok(_) => {}
        Err(fault) => tracing::debug!(%fault, "rights stay unknown"),
    }
    found.untold.insert(side);
    None
}

/// Topics the flow names one by one, and the source does not show: there are none, or they may not be seen.
fn unseen(spec: &FlowSpec, survey: &Survey) -> Vec<TopicName> {
    let named = spec.config.selection.include().iter().filter_map(NamePattern::literal).map(TopicName::from);
    let plan = &survey.plan;
    let is_known = |topic: &TopicName| plan.mirrored.contains_key(topic) || plan.others.contains_key(topic);
    named.filter(|topic| !is_known(topic)).collect()
}

/// Whether the survey tells already that the target topic may not even be looked at.
fn is_reported(topic: &SurveyedTopic) -> bool {
    topic.target_facts.as_ref().is_some_and(|facts| facts.fault.is_some())
}

fn is_created(topic: &SurveyedTopic) -> bool {
    matches!(topic.action, Ok(Action::Create(_)))
}

fn target_needs(topic: &SurveyedTopic) -> &'static [Operation] {
    match &topic.action {
        Ok(Action::Grow(_)) => &[Operation::Write, Operation::Alter, Operation::DescribeConfigs],
        Ok(Action::Create(_)) => &[Operation::Create, Operation::Write],
        _ if topic.target_facts.is_some() => &[Operation::Write, Operation::DescribeConfigs],
        _ => &[Operation::Write],
    }
}

/// From 2.8 on, who may write a topic may write it with sequence numbers.
fn cluster_needs(survey: &Survey) -> &'static [Operation] {
    let is_old = survey.target.version.as_ref().is_some_and(|version| version.lowest().is_before(&[2, 8]));
    if is_old && survey.target.features.idempotent_writes { &[Operation::IdempotentWrite] } else { &[] }
}
