//! From a draft and the facts to the preview: include, exclude, hard deny, rename, in this order for each topic.

use std::collections::HashMap;

use super::check::{Check, CheckId, CheckPlace, RuleList, RuleRef, Severity};
use super::checks;
use super::facts::{FlowFacts, TopicFact};
use super::fix::{DraftChange, Fix};
use super::matching::Matches;
use super::near::NearRules;
use super::outcome::{FlowPreview, NearMiss, PreviewedTopic, RuleCount, TopicChange};
use super::rules::{Rules, compile};
use super::target::Targets;
use super::totals::totals;
use crate::config::{ConfigProblem, FlowConfig, FlowDraft};
use crate::model::{Conflict, FlowName, PatternList, Plan, SelectionVerdict, TopicName};

/// What a draft is evaluated against, beside the clusters.
#[derive(Clone, Copy, Debug, Default)]
pub struct Company<'a> {
    /// The flow the draft changes, as it is in force.
    pub in_force: Option<(&'a FlowName, &'a FlowConfig)>,
    /// The draft as it would be used, with its neighbours; `None` when something of it is wrong.
    pub config: Option<&'a FlowConfig>,
    /// What is wrong, with keys below `[flows.NAME]`.
    pub problems: &'a [ConfigProblem],
}

/// What a draft would do, or why that cannot be told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluation {
    /// What it would do; `None` when a rule cannot be used.
    pub preview: Option<FlowPreview>,
    /// All findings, the worst first.
    pub checks: Vec<Check>,
}

/// What is known once every topic is judged.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    pub(super) draft: &'a FlowDraft,
    pub(super) company: Company<'a>,
    pub(super) facts: &'a FlowFacts,
    pub(super) rules: &'a Rules,
    pub(super) matches: &'a Matches,
    pub(super) plan: &'a Plan,
}

/// Everything the checks look at.
pub(super) struct Evaluated<'a> {
    pub(super) ground: Ground<'a>,
    /// For each include rule, what it would match beside as a search.
    pub(super) searched: Vec<(usize, Vec<&'a TopicFact>)>,
    pub(super) preview: &'a FlowPreview,
}

/// What `draft` would do with the topics there are.
pub fn evaluate(draft: &FlowDraft, company: Company<'_>, facts: &FlowFacts) -> Evaluation {
    let mut checks = wrong_values(company.problems);
    let rules = match compile(draft, company.config) {
        Ok(rules) => rules,
        Err(wrong) => {
            // What is wrong with a rule is told at its place; the configuration would say it again.
            checks.retain(|check| !is_about_a_rule(&check.place));
            checks.extend(wrong);
            return Evaluation { preview: None, checks: sorted(checks) };
        }
    };
    let topics = facts.source.topics();
    let matches = Matches::of(&rules.selection, topics);
    let judged: Vec<SelectionVerdict> =
        topics.iter().enumerate().map(|(index, topic)| matches.judge(&rules.selection, index, topic)).collect();
    let names = topics.iter().zip(&judged).map(|(topic, verdict)| (topic.name.clone(), verdict.clone()));
    let neighbours = company.config.map(|config| config.neighbours.as_slice()).unwrap_or_default();
    let plan = Plan::of_judged(&rules.selection, &rules.rename, names, facts.is_same_cluster)
        .beside(neighbours, &rules.selection);
    let near = NearRules::of(rules.selection.include());
    let misses = near.as_ref().map(|near| near.misses(topics.iter().zip(&judged))).unwrap_or_default();
    let is_match = |rule, topic| matches.is_match(PatternList::Include, rule, topic);
    let searched = near.as_ref().map(|near| near.searched(topics, is_match)).unwrap_or_default();
    let ground = Ground { draft, company, facts, rules: &rules, matches: &matches, plan: &plan };
    let mut preview = assemble(ground, judged, misses);
    checks.extend(checks::all(&Evaluated { ground, searched, preview: &preview }));
    let checks = sorted(checks);
    preview.checks.clone_from(&checks);
    Evaluation { preview: Some(preview), checks }
}

/// The worst first; of the same, by their place in the draft.
fn sorted(mut checks: Vec<Check>) -> Vec<Check> {
    checks.sort_by(|one, other| (other.severity, &one.place, one.id).cmp(&(one.severity, &other.place, other.id)));
    checks
}

fn wrong_values(problems: &[ConfigProblem]) -> Vec<Check> {
    problems
        .iter()
        .map(|problem| Check {
            place: if problem.key.is_empty() { CheckPlace::Flow } else { place_of(&problem.key) },
            ..Check::new(CheckId::InvalidValue, Severity::Error, problem.message.clone())
        })
        .collect()
}

/// `include[2]` is a rule, `limits.bytes_per_second` a field.
fn place_of(key: &str) -> CheckPlace {
    let rule = [RuleList::Include, RuleList::Exclude, RuleList::Rename].into_iter().find_map(|list| {
        let rest = key.strip_prefix(&list.to_string())?;
        let index = rest.strip_prefix('[')?.split(']').next()?.parse().ok()?;
        Some(RuleRef { list, index })
    });
    rule.map_or_else(|| CheckPlace::Field(key.to_owned()), CheckPlace::Rule)
}

fn is_about_a_rule(place: &CheckPlace) -> bool {
    match place {
        CheckPlace::Rule(_) => true,
        CheckPlace::Field(key) => matches!(key.as_str(), "include" | "exclude" | "rename"),
        CheckPlace::Topic(_) | CheckPlace::Flow => false,
    }
}

fn assemble(ground: Ground<'_>, judged: Vec<SelectionVerdict>, near_misses: Vec<NearMiss>) -> FlowPreview {
    let Ground { draft, company, facts, rules, matches, plan } = ground;
    let in_force = mirrored_now(company, facts);
    let targets = Targets::of(facts, company.config, &in_force, plan);
    let refused: HashMap<&TopicName, &str> = plan
        .conflicts
        .iter()
        .filter_map(|conflict| match conflict {
            Conflict::Rename { source_topic, detail } => Some((source_topic, detail.as_str())),
            _ => None,
        })
        .collect();
    let topics: Vec<PreviewedTopic> = facts
        .source
        .topics()
        .iter()
        .zip(judged)
        .map(|(topic, verdict)| {
            let is_included = verdict.is_included();
            let target = is_included.then(|| match plan.mirrored.get(&topic.name) {
                Some(target) => Ok(target.clone()),
                None => Err(refused.get(&topic.name).copied().unwrap_or("cannot be renamed").to_owned()),
            });
            let plan = target.as_ref().map(|target| match target {
                Ok(target) => targets.plan(topic, target),
                Err(_) => super::outcome::TargetPlan::Invalid,
            });
            let change = change(company.in_force.is_some(), in_force.get(&topic.name), target.as_ref());
            PreviewedTopic {
                source: topic.name.clone(),
                rename_rule: if is_included { rules.rename.rule_of(&topic.name) } else { None },
                verdict,
                target,
                plan,
                change,
                partitions: topic.partitions,
                records_max: topic.log.map(|log| log.records_max),
                records_per_second: topic.log.and_then(|log| log.records_per_second),
            }
        })
        .collect();
    let (totals, difference) = totals(draft, company, facts, &topics);
    FlowPreview {
        include: counts(rules, matches, facts, PatternList::Include),
        exclude: counts(rules, matches, facts, PatternList::Exclude),
        rename: rename_counts(rules, &topics),
        near_misses,
        totals,
        difference,
        checks: Vec::new(),
        topics,
    }
}

/// What is mirrored by the flow in force, by its rules.
fn mirrored_now(company: Company<'_>, facts: &FlowFacts) -> HashMap<TopicName, TopicName> {
    let Some((_, config)) = company.in_force else { return HashMap::new() };
    let names = facts.source.topics().iter().map(|topic| topic.name.clone());
    let included = names.filter(|topic| config.selection.judge(topic).is_included());
    included.filter_map(|topic| Some((topic.clone(), config.rename.target_topic(&topic).ok()?))).collect()
}

fn change(is_in_force: bool, now: Option<&TopicName>, then: Option<&Result<TopicName, String>>) -> TopicChange {
    match (now, then) {
        _ if !is_in_force => TopicChange::None,
        (None, Some(_)) => TopicChange::New,
        (Some(_), None) => TopicChange::Removed,
        (Some(now), Some(Ok(then))) if now != then => TopicChange::Renamed { from: now.clone() },
        (Some(_), Some(_)) | (None, None) => TopicChange::None,
    }
}

/// What each pattern of a list matches; of exclude patterns, what they take away of what is included.
fn counts(rules: &Rules, matches: &Matches, facts: &FlowFacts, list: PatternList) -> Vec<RuleCount> {
    let (patterns, topics) = match list {
        PatternList::Include => (rules.selection.include(), facts.source.topics()),
        PatternList::Exclude => (rules.selection.exclude(), facts.source.topics()),
    };
    let mut counts: Vec<RuleCount> = patterns
        .iter()
        .map(|pattern| RuleCount { pattern: pattern.as_str().to_owned(), ..RuleCount::default() })
        .collect();
    for (index, topic) in topics.iter().enumerate() {
        if list == PatternList::Exclude && !matches.is_included(index) {
            continue;
        }
        let mut is_first = true;
        for (pattern, count) in counts.iter_mut().enumerate() {
            if matches.is_match(list, pattern, index) {
                count.add(topic, is_first);
                is_first = false;
            }
        }
    }
    counts
}

fn rename_counts(rules: &Rules, topics: &[PreviewedTopic]) -> Vec<RuleCount> {
    let crate::model::RenamePolicy::Rules(rename) = &rules.rename else { return Vec::new() };
    let mut counts: Vec<RuleCount> = rename
        .iter()
        .map(|rule| RuleCount { pattern: rule.pattern.as_str().to_owned(), ..RuleCount::default() })
        .collect();
    for topic in topics.iter().filter(|topic| topic.target.is_some()) {
        for (index, (rule, count)) in rename.iter().zip(&mut counts).enumerate() {
            let is_first = topic.rename_rule == Some(index);
            if is_first || rule.pattern.is_match(topic.source.as_str()) == Ok(true) {
                count.topics += 1;
                count.first += usize::from(is_first);
            }
        }
    }
    counts
}

impl RuleCount {
    fn add(&mut self, topic: &TopicFact, is_first: bool) {
        self.topics += 1;
        self.first += usize::from(is_first);
        if let Some(rate) = topic.log.and_then(|log| log.records_per_second) {
            self.records_per_second = Some(self.records_per_second.unwrap_or(0) + rate);
        }
    }
}

impl Fix {
    /// Excludes names, beside what is excluded already.
    pub(super) fn exclude(draft: &FlowDraft, rules: &Rules, patterns: Vec<String>) -> Self {
        let text = format!("exclude `{}`", patterns.join("`, `"));
        let change = if draft.exclude.is_some() || rules.selection.exclude().is_empty() {
            let add = |pattern| DraftChange::Add { list: RuleList::Exclude, pattern };
            DraftChange::All(patterns.into_iter().map(add).collect())
        } else {
            let kept = rules.selection.exclude().iter().map(|pattern| pattern.as_str().to_owned());
            DraftChange::Exclude { patterns: kept.chain(patterns).collect() }
        };
        Self { text, change }
    }
}
