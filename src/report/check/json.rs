//! A check as JSON: an object for the flow, then one for each topic.

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde::Serialize;

use super::text::doubt_text;
use super::{CheckedCluster, CheckedFlow, Fate, FlowProblem, IncludedTopic, PatternRemark, Preparation, TopicRemedy};
use crate::engine::{Doubt, Side};
use crate::model::{FlowName, GroupName, TopicName};
use crate::report::Remedy;
use crate::report::json::write_line;
use crate::report::summary::BlockedPlace;

#[derive(Serialize)]
#[serde(rename_all = "snake_case", tag = "type")]
enum Record<'a> {
    Flow(FlowLine<'a>),
    Topic(TopicLine<'a>),
}

#[derive(Serialize)]
struct FlowLine<'a> {
    flow: &'a FlowName,
    source: &'a CheckedCluster,
    target: &'a CheckedCluster,
    group: &'a GroupName,
    start: &'a str,
    is_first_start: Option<bool>,
    n_topics: usize,
    n_included: usize,
    n_blocked: usize,
    problem: Option<&'a str>,
    problems: &'a [FlowProblem],
    warnings: Vec<Warning<'a>>,
    rights_untold: &'a BTreeSet<Side>,
    pattern_notes: &'a [PatternRemark],
}

/// A topic's line. What is only told of included topics is `null` or empty for the others.
#[derive(Serialize)]
struct TopicLine<'a> {
    flow: &'a FlowName,
    topic: &'a TopicName,
    verdict: &'static str,
    why: Option<&'a str>,
    target: Option<&'a TopicName>,
    preparation: Option<&'a Preparation>,
    partitions: Option<i32>,
    begin: Option<&'a str>,
    positions: &'a [Option<i64>],
    records: Option<u64>,
    problem: Option<&'a str>,
    blocked: &'a [BlockedPlace],
    remedies: &'a [TopicRemedy],
    warnings: Vec<Warning<'a>>,
}

#[derive(Serialize)]
struct Warning<'a> {
    #[serde(flatten)]
    doubt: &'a Doubt,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<&'a Remedy>,
}

pub(super) fn write(out: &mut dyn Write, flow: &CheckedFlow) -> io::Result<()> {
    write_line(out, &Record::Flow(flow_line(flow)))?;
    for topic in &flow.topics {
        let line = match &topic.fate {
            Fate::Included(included) => included_line(&flow.flow, &topic.topic, included),
            Fate::LeftAlone { why, is_doubtful } => left_alone_line(&flow.flow, &topic.topic, why, *is_doubtful),
        };
        write_line(out, &Record::Topic(line))?;
    }
    Ok(())
}

fn flow_line(flow: &CheckedFlow) -> FlowLine<'_> {
    FlowLine {
        flow: &flow.flow,
        source: &flow.source,
        target: &flow.target,
        group: &flow.group,
        start: &flow.start,
        is_first_start: flow.is_first_start,
        n_topics: flow.topics.len(),
        n_included: flow.included().count(),
        n_blocked: flow.included().filter(|(_, topic)| !topic.blocked.is_empty()).count(),
        problem: flow.problems.first().map(|problem| problem.text.as_str()),
        problems: &flow.problems,
        warnings: flow.warnings.iter().map(|found| warning(&found.doubt, found.remedy.as_ref())).collect(),
        rights_untold: &flow.rights_untold,
        pattern_notes: &flow.notes,
    }
}

fn included_line<'a>(flow: &'a FlowName, topic: &'a TopicName, included: &'a IncludedTopic) -> TopicLine<'a> {
    let problem = included.blocked.first().map(|place| place.text.as_str());
    TopicLine {
        flow,
        topic,
        verdict: if problem.is_some() { "blocked" } else { "mirrored" },
        why: None,
        target: Some(&included.target),
        preparation: Some(&included.preparation),
        partitions: Some(included.partitions),
        begin: Some(&included.begin),
        positions: &included.positions,
        records: included.records,
        problem,
        blocked: &included.blocked,
        remedies: &included.remedies,
        warnings: included.warnings.iter().map(|doubt| warning(doubt, None)).collect(),
    }
}

fn left_alone_line<'a>(flow: &'a FlowName, topic: &'a TopicName, why: &'a str, is_doubtful: bool) -> TopicLine<'a> {
    TopicLine {
        flow,
        topic,
        verdict: "not_mirrored",
        why: Some(why),
        target: None,
        preparation: None,
        partitions: None,
        begin: None,
        positions: &[],
        records: None,
        problem: is_doubtful.then_some(why),
        blocked: &[],
        remedies: &[],
        warnings: Vec::new(),
    }
}

fn warning<'a>(doubt: &'a Doubt, remedy: Option<&'a Remedy>) -> Warning<'a> {
    Warning { doubt, text: doubt_text(doubt), remedy }
}
