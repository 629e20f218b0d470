//! Missing rights: what they block, and the command that grants them.

use std::collections::BTreeMap;

use super::view::Context;
use crate::engine::{BlockedReason, Doubt, MissingRight, Preview, Side};
use crate::model::{Operation, Resource, TopicName};
use crate::report::{self, FlowProblem, ProblemKind, Remedy};

/// Topics one command names; of more it is said how many there are.
const TOPICS_IN_COMMAND: usize = 10;

/// What each source topic is blocked by for want of a right.
pub(super) fn forbidden(preview: &Preview) -> BTreeMap<TopicName, Vec<BlockedReason>> {
    let by_topic = preview.rights.by_topic();
    let mut found: BTreeMap<TopicName, Vec<BlockedReason>> = BTreeMap::new();
    for topic in preview.survey.topics.values() {
        for (side, name) in [(Side::Source, &topic.source.name), (Side::Target, &topic.target)] {
            let missing = by_topic.get(&(side, name)).into_iter().flatten();
            let blocking = missing.filter(|operation| is_blocking(**operation));
            let reasons = blocking.map(|operation| BlockedReason::TopicAuthorization {
                side,
                topic: name.clone(),
                operation: operation.to_string().to_lowercase(),
            });
            found.entry(topic.source.name.clone()).or_default().extend(reasons);
        }
    }
    found
}

/// Whether the flow cannot do without it.
fn is_blocking(operation: Operation) -> bool {
    match operation {
        Operation::Read | Operation::Write | Operation::Create | Operation::Alter | Operation::IdempotentWrite => true,
        Operation::Describe | Operation::DescribeConfigs => false,
    }
}

/// What stops the flow as a whole.
pub(super) fn problems(context: &Context<'_>, preview: &Preview) -> Vec<FlowProblem> {
    let problem = |missing: &MissingRight| {
        let (text, remedy) = match &missing.resource {
            Resource::Topic(_) => return None,
            Resource::Group(group) => {
                let reason = BlockedReason::GroupAuthorization { group: group.clone() };
                (reason.to_string(), report::remedy(&reason, &context.place()))
            }
            Resource::Cluster => {
                let (side, operation) = (missing.side, missing.operation);
                let text =
                    format!("not authorized on the {side} ({operation}): brokers before 2.8 ask for it to write");
                (text, report::right_remedy(side, &[operation], &[&missing.resource], &context.place()))
            }
        };
        Some(FlowProblem { kind: ProblemKind::Blocked, text, remedy: Some(remedy) })
    };
    preview.rights.missing.iter().filter_map(problem).collect()
}

/// The command that grants what a warning is about.
pub(super) fn remedy_for(context: &Context<'_>, preview: &Preview, doubt: &Doubt) -> Option<Remedy> {
    if let Doubt::RightUnknown { side, operation } = doubt {
        // Both, so that it is known from then on.
        let wanted = [*operation, Operation::Describe];
        return Some(report::right_remedy(*side, &wanted, &[&Resource::Cluster], &context.place()));
    }
    let Doubt::RightMissing { side, operation, .. } = doubt else { return None };
    let topics = preview.rights.topics(*side, *operation).take(TOPICS_IN_COMMAND);
    let resources: Vec<Resource> = topics.cloned().map(Resource::Topic).collect();
    // Who may read a topic sees it.
    let granted = if *operation == Operation::Describe { Operation::Read } else { *operation };
    let mut remedy = report::right_remedy(*side, &[granted], &resources.iter().collect::<Vec<_>>(), &context.place());
    let more = preview.rights.topics(*side, *operation).count().saturating_sub(TOPICS_IN_COMMAND);
    if more > 0 {
        remedy.text += &format!("; the command is for the first {TOPICS_IN_COMMAND} topics, {more} more need it, too");
    }
    Some(remedy)
}
