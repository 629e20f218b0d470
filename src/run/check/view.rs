//! From what was found to what is shown.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::config::FlowConfig;
use crate::engine::{Action, Begin, BlockedReason, Doubt, LanePreview, Preview, SurveyedTopic};
use crate::model::{Conflict, FlowName, PatternList, SelectionVerdict, TopicName, TopicPartition, explain_pattern};
use crate::report::{
    self, Addresses, BlockedPlace, CheckedCluster, CheckedFlow, CheckedTopic, Fate, FlowProblem, FlowWarning,
    IncludedTopic, PatternRemark, Place, Preparation, ProblemKind, TopicRemedy, Versions,
};
use crate::run::verdict::why_not;

use super::rights;

/// What words and commands need to know of the flow.
pub(super) struct Context<'a> {
    pub(super) flow: &'a FlowName,
    pub(super) config: &'a FlowConfig,
    pub(super) addresses: &'a Addresses,
    pub(super) versions: &'a Versions,
    pub(super) options: &'a str,
}

impl<'a> Context<'a> {
    /// The flow, as the place that commands are about.
    pub(super) fn place(&self) -> Place<'a> {
        static NONE: LazyLock<TopicName> = LazyLock::new(|| "".into());
        Place {
            flow: self.flow,
            topic: &NONE,
            target_topic: None,
            partition: None,
            addresses: self.addresses,
            versions: self.versions,
            options: self.options,
        }
    }
}

/// Fills in what the look ahead has found.
pub(super) fn fill(checked: &mut CheckedFlow, context: &Context<'_>, preview: &Preview) {
    checked.is_first_start = Some(preview.is_first_start);
    let warned =
        |doubt: &Doubt| FlowWarning { doubt: doubt.clone(), remedy: rights::remedy_for(context, preview, doubt) };
    checked.warnings = preview.flow_doubts.iter().map(warned).collect();
    checked.rights_untold.clone_from(&preview.rights.untold);
    checked.problems.extend(rights::problems(context, preview));
    let plan = &preview.survey.plan;
    checked.problems.extend(plan.conflicts.iter().map(|conflict| FlowProblem {
        kind: ProblemKind::Conflict,
        text: conflict.to_string(),
        remedy: None,
    }));
    checked.problems.extend(preview.survey.contradictions().map(|finding| FlowProblem {
        kind: ProblemKind::Conflict,
        text: finding.to_string(),
        remedy: None,
    }));
    let mut topics: BTreeMap<TopicName, Fate> = BTreeMap::new();
    let forbidden = rights::forbidden(preview);
    for (name, topic) in &preview.survey.topics {
        let forbidden = forbidden.get(name).map(Vec::as_slice).unwrap_or_default();
        topics.insert(name.clone(), fate(context, preview, topic, forbidden));
    }
    for (name, verdict) in &plan.others {
        topics.insert(name.clone(), left_alone(context.config, verdict));
    }
    for conflict in &plan.conflicts {
        if let Conflict::Rename { source_topic, .. } = conflict {
            let why = "cannot be renamed: see the conflict".to_owned();
            topics.insert(source_topic.clone(), Fate::LeftAlone { why, is_doubtful: true });
        }
    }
    checked.topics = topics.into_iter().map(|(topic, fate)| CheckedTopic { topic, fate }).collect();
}

/// Warns of target topics that flows write from several sources. From one source it is a conflict, which each flow
/// finds by itself.
pub(super) fn compare_targets(checked: &mut [CheckedFlow]) {
    let targets: Vec<BTreeSet<TopicName>> =
        checked.iter().map(|flow| flow.included().map(|(_, topic)| topic.target.clone()).collect()).collect();
    let mut found = Vec::new();
    for (index, flow) in checked.iter().enumerate() {
        for (other_index, other) in checked.iter().enumerate() {
            let topics = targets[index].intersection(&targets[other_index]).count();
            let is_shared = is_one(&flow.target, &other.target) && !is_one(&flow.source, &other.source);
            if index != other_index && is_shared && topics > 0 {
                found.push((index, Doubt::SharedTarget { flow: other.flow.clone(), topics }));
            }
        }
    }
    for (index, doubt) in found {
        checked[index].warnings.push(doubt.into());
    }
}

/// Whether two entries of the configuration are one cluster.
fn is_one(one: &CheckedCluster, other: &CheckedCluster) -> bool {
    one.cluster == other.cluster
        || one.bootstrap_servers == other.bootstrap_servers
        || (one.cluster_id.is_some() && one.cluster_id == other.cluster_id)
}

/// Remarks on all patterns of a flow.
pub(super) fn pattern_remarks(config: &FlowConfig) -> Vec<PatternRemark> {
    let selection = &config.selection;
    let lists = [(PatternList::Include, selection.include()), (PatternList::Exclude, selection.exclude())];
    let patterns = lists.into_iter().flat_map(|(list, patterns)| patterns.iter().map(move |pattern| (list, pattern)));
    patterns
        .flat_map(|(list, pattern)| {
            let notes = explain_pattern(pattern.as_str()).into_iter();
            let notes = notes.filter(move |note| list == PatternList::Include || note.kind.concerns_exclude());
            notes.map(move |note| PatternRemark {
                list: list.to_string(),
                pattern: pattern.as_str().to_owned(),
                is_likely_mistake: note.kind.is_likely_mistake(),
                text: note.text,
                suggestion: note.suggestion,
            })
        })
        .collect()
}

fn left_alone(config: &FlowConfig, verdict: &SelectionVerdict) -> Fate {
    Fate::LeftAlone {
        why: why_not(config, verdict).unwrap_or_default(),
        is_doubtful: matches!(verdict, SelectionVerdict::Undecided { .. }),
    }
}

fn fate(context: &Context<'_>, preview: &Preview, topic: &SurveyedTopic, forbidden: &[BlockedReason]) -> Fate {
    let name = &topic.source.name;
    if preview.ignored.contains(name) {
        let why = "new since the flow began, and new_topics = \"ignore\"".to_owned();
        return Fate::LeftAlone { why, is_doubtful: false };
    }
    let lanes: Vec<(&TopicPartition, &LanePreview)> = preview
        .lanes
        .range(TopicPartition::new(name.clone(), 0)..)
        .take_while(|(lane, _)| lane.topic == *name)
        .collect();
    let mut reasons: Vec<(Option<i32>, &BlockedReason)> = forbidden.iter().map(|reason| (None, reason)).collect();
    match &topic.action {
        _ if preview.held_back.contains(name) => reasons.push((None, &BlockedReason::NewTopic)),
        Err(reason) => reasons.push((None, reason)),
        Ok(_) => reasons.extend(
            lanes.iter().filter_map(|(partition, lane)| Some((Some(partition.partition), lane.blocked.as_ref()?))),
        ),
    }
    let records = if lanes.is_empty() { None } else { lanes.iter().map(|(_, lane)| lane.records()).sum() };
    Fate::Included(Box::new(IncludedTopic {
        target: topic.target.clone(),
        preparation: if preview.held_back.contains(name) { Preparation::None } else { preparation(topic) },
        partitions: topic.source.partitions,
        begin: begin_text(lanes.iter().map(|(_, lane)| &lane.begin)),
        positions: lanes.iter().map(|(_, lane)| lane.position).collect(),
        records,
        remedies: remedies(context, name, &topic.target, &reasons),
        blocked: reasons
            .into_iter()
            .map(|(partition, reason)| BlockedPlace {
                topic: name.clone(),
                partition,
                reason: reason.label(),
                text: reason.to_string(),
            })
            .collect(),
        warnings: preview.doubts.get(name).cloned().unwrap_or_default(),
    }))
}

fn preparation(topic: &SurveyedTopic) -> Preparation {
    match &topic.action {
        Ok(Action::Create(new)) => Preparation::Create {
            replication_factor: new.replication_factor,
            configs: new.configs.iter().map(|(name, value)| format!("{name}={value}")).collect(),
        },
        Ok(Action::Grow(partitions)) => Preparation::Grow { partitions: *partitions },
        Ok(Action::Nothing) | Err(_) => Preparation::None,
    }
}

fn begin_text<'a>(begins: impl Iterator<Item = &'a Begin>) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for begin in begins {
        let text = match begin {
            Begin::Progress => "goes on with its progress".to_owned(),
            Begin::Start(start) => format!("begins at {start}"),
            Begin::Beginning => "begins at earliest, for it is newer than the flow".to_owned(),
        };
        *counts.entry(text).or_default() += 1;
    }
    if counts.len() <= 1 {
        return counts.into_keys().next().unwrap_or_default();
    }
    let parts: Vec<String> = counts.into_iter().map(|(text, n)| format!("{n}: {text}")).collect();
    format!("by partitions {}", parts.join(", "))
}

/// A remedy for each kind of reason. Where it is the same for all partitions it is told for all of them at once.
fn remedies(
    context: &Context<'_>,
    topic: &TopicName,
    target: &TopicName,
    reasons: &[(Option<i32>, &BlockedReason)],
) -> Vec<TopicRemedy> {
    let mut remedies: Vec<TopicRemedy> = Vec::new();
    for (index, (partition, reason)) in reasons.iter().enumerate() {
        // Of rights each is another, with a command of its own.
        let is_alike = |known: &BlockedReason| match known {
            BlockedReason::TopicAuthorization { .. } => known == *reason,
            _ => known.label() == reason.label(),
        };
        if reasons[..index].iter().any(|(_, known)| is_alike(known)) {
            continue;
        }
        let n_alike = reasons.iter().filter(|(_, other)| other.label() == reason.label()).count();
        // The ways of the others name an offset, which is another for each partition.
        let is_for_all = matches!(
            reason,
            BlockedReason::ProgressMissing { .. }
                | BlockedReason::WrittenByOtherFlow { .. }
                | BlockedReason::NewTopic
                | BlockedReason::RetentionOvertook { .. }
                | BlockedReason::TopicRecreated { .. }
        );
        let partition = partition.filter(|_| n_alike == 1 || !is_for_all);
        let place = Place { topic, target_topic: Some(target), partition, ..context.place() };
        remedies.push(TopicRemedy { reason: reason.label(), remedy: report::remedy(reason, &place) });
    }
    remedies
}
