//! Rules by what they do: nothing, what another does already, or more than they should.

use super::{Check, CheckId, Severity, some};
use crate::config::{FlowSetting, NewTopics};
use crate::model::{InternalRule, SelectionVerdict, TopicName};
use crate::preview::check::{CheckPlace, RuleList, RuleRef};
use crate::preview::evaluate::Evaluated;
use crate::preview::fix::{DraftChange, Fix};
use crate::preview::outcome::RuleCount;
use crate::preview::syntax::is_open_ended;

pub(super) fn effects(evaluated: &Evaluated<'_>) -> Vec<Check> {
    let preview = evaluated.preview;
    let mut checks = Vec::new();
    if !preview.topics.is_empty() {
        let lists = [
            (RuleList::Include, &preview.include),
            (RuleList::Exclude, &preview.exclude),
            (RuleList::Rename, &preview.rename),
        ];
        for (list, counts) in lists {
            let idle =
                counts.iter().enumerate().filter_map(|(index, count)| idle(evaluated, RuleRef { list, index }, count));
            checks.extend(idle);
        }
    }
    checks.extend(undecided(evaluated));
    checks.extend(internal(evaluated));
    checks.extend(tools(evaluated));
    checks.extend(open_ended(evaluated));
    checks
}

/// A rule without which nothing would be different.
fn idle(evaluated: &Evaluated<'_>, rule: RuleRef, count: &RuleCount) -> Option<Check> {
    if count.first > 0 {
        return None;
    }
    let pattern = &count.pattern;
    let (id, text) = match (rule.list, count.topics) {
        (RuleList::Include | RuleList::Rename, 0) => {
            (CheckId::MatchesNothing, format!("{rule} `{pattern}` matches no topic"))
        }
        (RuleList::Exclude, 0) => {
            (CheckId::ExcludesNothing, format!("{rule} `{pattern}` excludes nothing: no included topic has it"))
        }
        (_, n) => {
            let all = if n == 1 { "the one topic".to_owned() } else { format!("all {n} topics") };
            (CheckId::Shadowed, format!("{all} of {rule} `{pattern}` are an earlier rule's already"))
        }
    };
    let is_own = rule.list != RuleList::Exclude || evaluated.ground.draft.exclude.is_some();
    let fix = Fix { text: "remove the rule".to_owned(), change: DraftChange::Remove { rule } };
    let check = Check::new(id, Severity::Warning, text);
    Some(Check { place: CheckPlace::Rule(rule), fix: is_own.then_some(fix), ..check })
}

fn undecided(evaluated: &Evaluated<'_>) -> Option<Check> {
    let topics = evaluated.preview.topics.iter();
    let topics = topics.filter(|topic| matches!(topic.verdict, SelectionVerdict::Undecided { .. }));
    let topics: Vec<&TopicName> = topics.map(|topic| &topic.source).collect();
    some(CheckId::Undecided, Severity::Warning, &topics, |named| {
        format!("a pattern gave up on {named}: not mirrored; write a simpler one")
    })
}

/// The topics no pattern can include, where one tries.
fn internal(evaluated: &Evaluated<'_>) -> Option<Check> {
    let topics = evaluated.preview.topics.iter();
    let topics = topics.filter(|topic| matches!(topic.verdict, SelectionVerdict::Internal { .. }));
    let topics: Vec<&TopicName> = topics.map(|topic| &topic.source).collect();
    some(CheckId::InternalTopics, Severity::Info, &topics, |named| {
        format!("{named}: internal to Kafka or a tool, mirrored only when an include rule names it in full")
    })
}

/// Topics that a tool keeps on each cluster for itself, and that are not internal by their names.
fn tools(evaluated: &Evaluated<'_>) -> Vec<Check> {
    let mirrored = || evaluated.preview.topics.iter().filter(|topic| topic.verdict.is_included());
    /// Whose they are, a pattern that excludes them, and whether a name is one.
    type Tool = (&'static str, &'static str, fn(&str) -> bool);
    let tools: [Tool; 5] = [
        ("Schema Registry's", r"_schemas", |name| name == "_schemas"),
        ("a tool's own", r"_confluent.*", |name| name.starts_with("_confluent")),
        ("state of Kafka Streams", r".*-changelog", |name| name.ends_with("-changelog")),
        ("in-between steps of Kafka Streams", r".*-repartition", |name| name.ends_with("-repartition")),
        ("internal by its name", r".*[.-]internal", |name| name.ends_with(".internal") || name.ends_with("-internal")),
    ];
    let found = tools.iter().filter_map(|(whose, pattern, is_theirs)| {
        let is_meant = |topic: &TopicName| is_theirs(topic.as_str()) && InternalRule::of(topic).is_none();
        // Named in full it is meant.
        let is_literal = |verdict: &SelectionVerdict| match verdict {
            SelectionVerdict::Included { pattern } => {
                evaluated.ground.rules.selection.include().get(*pattern).is_some_and(|rule| rule.literal().is_some())
            }
            _ => false,
        };
        let topics: Vec<&TopicName> = mirrored()
            .filter(|topic| is_meant(&topic.source) && !is_literal(&topic.verdict))
            .map(|topic| &topic.source)
            .collect();
        let check = some(CheckId::ToolTopics, Severity::Warning, &topics, |named| {
            format!("{named} would be mirrored, {whose}: hardly of use on another cluster")
        })?;
        let fix = Fix::exclude(evaluated.ground.draft, evaluated.ground.rules, vec![(*pattern).to_owned()]);
        Some(Check { fix: Some(fix), ..check })
    });
    found.collect()
}

/// Include rules that topics to come may match, with what happens to those.
fn open_ended(evaluated: &Evaluated<'_>) -> Vec<Check> {
    let becomes = match evaluated.ground.company.config.map_or(NewTopics::Mirror, |config| config.new_topics) {
        NewTopics::Mirror => "they are mirrored as they appear (new_topics = mirror; or ask, ignore)",
        NewTopics::Ask => "they are held back until you decide (new_topics = ask; or mirror, ignore)",
        NewTopics::Ignore => "they are left alone (new_topics = ignore; or mirror, ask)",
    };
    let is_mirrored = evaluated.ground.company.config.is_none_or(|config| config.new_topics == NewTopics::Mirror);
    let fix = || {
        let change = DraftChange::Set { setting: FlowSetting::NewTopics, value: Some("ask".to_owned()) };
        is_mirrored.then(|| Fix { text: "ask before new topics are mirrored".to_owned(), change })
    };
    let include = evaluated.ground.rules.selection.include().iter().enumerate();
    include
        .filter(|(_, pattern)| is_open_ended(pattern.as_str()))
        .map(|(index, pattern)| {
            let rule = RuleRef { list: RuleList::Include, index };
            let text = format!("{rule} `{pattern}` matches topics to come, too: {becomes}");
            let severity = if is_mirrored { Severity::Warning } else { Severity::Info };
            Check { place: CheckPlace::Rule(rule), fix: fix(), ..Check::new(CheckId::OpenEnded, severity, text) }
        })
        .collect()
}
